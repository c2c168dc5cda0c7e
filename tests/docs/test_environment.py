"""The page on environment variables knows every one of them."""

from __future__ import annotations

import re

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

from salesforce_mcp.folders import APP
from tests.docs.blocks import DOCS, ROOT

NOT_FOR_PEOPLE = {"SFMCP_COMPLETE"}
"""What the shell's completion sets."""


def test_every_variable_is_explained_and_none_is_made_up() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "salesforce_mcp").rglob("*.py"))
    page = (DOCS / "environment.md").read_text(encoding="utf-8")
    named = r"SFMCP_[A-Z]+(?:_[A-Z]+)*"
    assert set(re.findall(named, page)) == set(re.findall(named, source)) - NOT_FOR_PEOPLE


def test_the_folders_are_those_of_each_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of macOS and Linux: Windows' are known on Windows alone."""
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/me")
    page = (DOCS / "environment.md").read_text(encoding="utf-8")
    mac, linux = MacOS(APP, appauthor=False), Unix(APP, appauthor=False)
    for row, kind, below in (
        ("configuration", "user_config_dir", ""),
        ("state", "user_state_dir", ""),
        ("exports", "user_downloads_dir", "/sfmcp-exports"),
    ):
        cells = re.findall(rf"^\| {row} \| `([^`]+)` \| `[^`]+` \| `([^`]+)` \|$", page, re.MULTILINE)
        folders = [getattr(system, kind).replace("/home/me", "~") + below for system in (mac, linux)]
        assert cells == [tuple(folders)]
