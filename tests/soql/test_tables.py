"""The parser's tables, kept for the next process: never a reason to fail."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PARSE = "from salesforce_mcp.soql.parser import parse; print(parse('SELECT Id FROM Account').source.text)"


def parse_elsewhere(state: Path) -> str:
    environment = {**os.environ, "SFMCP_STATE_DIR": str(state)}
    done = subprocess.run([sys.executable, "-c", PARSE], capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == ""
    return done.stdout.strip()


def test_tables_are_kept_and_broken_ones_are_made_again(tmp_path: Path) -> None:
    assert parse_elsewhere(tmp_path) == "Account"
    tables = tmp_path / "soql.tables"
    whole = tables.stat().st_size
    tables.write_bytes(tables.read_bytes()[: whole // 2])
    assert parse_elsewhere(tmp_path) == "Account"
    assert tables.stat().st_size > whole // 2


def test_without_a_folder_to_write_to_there_are_no_tables(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder", encoding="utf-8")
    assert parse_elsewhere(blocked / "state") == "Account"
