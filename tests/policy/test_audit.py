from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp.policy.audit import KEPT, Trail
from salesforce_mcp.tools import registry

TOOL = registry.load(["query"])["query"]
WORKER = """
import sys
from pathlib import Path
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.tools import registry
tool = registry.load(["query"])["query"]
for number in range(100):
    Trail(Path(sys.argv[1]), rotate_at=20_000).write(tool, None, outcome=sys.argv[2], seconds=0.001, requests=number)
"""


def write(trail: Trail, outcome: str = "ok") -> None:
    trail.write(TOOL, None, outcome=outcome, seconds=0.001, requests=1)


def test_processes_write_beside_each_other_and_lose_no_line(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    running = [subprocess.Popen([sys.executable, "-c", WORKER, str(path), f"P{n}"]) for n in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    lines = list(Trail(path).read())
    assert sorted((line["outcome"], line["api_calls"]) for line in lines) == [
        (f"P{n}", number) for n in range(4) for number in range(100)
    ]
    assert (tmp_path / "audit.1.jsonl").exists()
    assert all(each.stat().st_size <= 20_000 for each in tmp_path.glob("audit*.jsonl"))


def test_the_oldest_file_is_dropped(tmp_path: Path) -> None:
    trail = Trail(tmp_path / "audit.jsonl", rotate_at=200)
    for number in range(KEPT + 5):
        write(trail, f"N{number}")
    assert len(list(tmp_path.glob("audit*.jsonl"))) == KEPT + 1
    assert [line["outcome"] for line in trail.read()] == [f"N{number}" for number in range(4, KEPT + 5)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_said_and_fails_nothing(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").symlink_to("/dev/full")
    write(Trail(tmp_path / "audit.jsonl"))
    assert "cannot be written" in caplog.text


def test_a_line_that_was_cut_off_does_not_spoil_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    write(trail)
    whole = os.write
    monkeypatch.setattr(os, "write", lambda handle, data: whole(handle, data[:20]))
    write(trail)
    monkeypatch.undo()
    write(trail)
    assert "full" in caplog.text
    assert len([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]) == 2


def test_a_line_that_a_crash_cut_off_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    write(trail)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"time": "2026')
    assert len(list(trail.read())) == 1
