from __future__ import annotations

import sys
from pathlib import Path

import pytest

from salesforce_mcp import extras


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment with Parquet and without charts."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    monkeypatch.setattr(extras, "source", lambda: None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "command"),
    [("pipx_metadata.json", "pipx install --force"), ("uv-receipt.toml", "uv tool install --force")],
)
def test_a_tool_is_installed_as_it_was_with_what_it_has(
    home: Path, monkeypatch: pytest.MonkeyPatch, file: str, command: str
) -> None:
    (home / file).touch()
    assert extras.missing("charts") == f"{command} 'sfmcp[charts,parquet]'"
    monkeypatch.setattr(extras, "source", lambda: "file:///src/sfmcp")
    assert extras.missing("charts") == f"{command} 'sfmcp[charts,parquet] @ file:///src/sfmcp'"


def test_what_uvx_runs(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", str(home / "archive-v0" / "H_5rw76"))
    assert extras.missing("charts") == "uvx --from 'sfmcp[charts,parquet]' sfmcp"


def test_any_other_environment(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pip", None)
    assert extras.missing("charts") == f"uv pip install --python {home} 'sfmcp[charts]'"
    monkeypatch.setitem(sys.modules, "pip", sys)
    assert extras.missing("charts") == "pip install 'sfmcp[charts]'"
    assert extras.missing("parquet") is None
