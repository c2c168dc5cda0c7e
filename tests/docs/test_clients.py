"""Where the page says that clients keep their configuration is where `sfmcp install` writes it."""

from __future__ import annotations

from pathlib import Path, PureWindowsPath

import pytest

from salesforce_mcp.cli.clients import CLIENTS
from tests.docs.blocks import DOCS, check

SYSTEMS = {"macOS": "darwin", "Windows": "win32", "Linux": "linux"}


def test_the_files_are_those_of_install(monkeypatch: pytest.MonkeyPatch, update_snapshots: bool) -> None:
    lines = [f"| client | {' | '.join(SYSTEMS)} | in a project |", "| --- | --- | --- | --- | --- |"]
    for client in CLIENTS.values():
        cells = []
        for system in SYSTEMS.values():
            monkeypatch.setattr("sys.platform", system)
            variables = {"APPDATA": "%APPDATA%", "LOCALAPPDATA": "%LOCALAPPDATA%"} if system == "win32" else {}
            file = client.file(Path("%USERPROFILE%" if system == "win32" else "~"), variables)
            cells.append(f"`{PureWindowsPath(file) if system == 'win32' else file.as_posix()}`")
        monkeypatch.undo()
        project = f"`{client.project_file}`" if client.project_file else ""
        lines.append(f"| {client.title} | {' | '.join(cells)} | {project} |")
    check(DOCS / "clients.md", "files", "\n".join(lines) + "\n", update=update_snapshots)


def test_every_client_has_a_section() -> None:
    page = (DOCS / "clients.md").read_text(encoding="utf-8")
    for client in CLIENTS.values():
        section = page.split(f"\n## {client.title}\n")[1].split("\n## ")[0]
        assert f"$ sfmcp install {client.name} " in section
