"""What `sfmcp doctor` says about the configuration of AI clients."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.checks import Finding
from salesforce_mcp.cli import clients
from salesforce_mcp.cli.client_check import check_clients
from salesforce_mcp.cli.clients import configurations

GOOD = {"command": sys.executable, "args": ["-m", "salesforce_mcp", "serve", "--org", "demo"]}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.delenv("APPDATA", raising=False)
    return tmp_path / "home"


def configure(home: Path, client: str, text: str, number: int = 0) -> Path:
    """Write a client's file: the user's own (0) or the project's (1)."""
    found = [each.path for each in configurations(home, home / "project") if each.client == client]
    found[number].parent.mkdir(parents=True, exist_ok=True)
    found[number].write_text(text, encoding="utf-8")
    return found[number]


def check(home: Path) -> list[Finding]:
    return list(check_clients(home, home / "project"))


def servers(**entries: Any) -> str:
    return json.dumps({"mcpServers": entries})


def test_nothing_is_configured(home: Path) -> None:
    other = {"command": "npx", "args": ["-y", "@salesforce/mcp"]}
    configure(home, "Cursor", servers(other=other, remote={"url": "https://example.com/mcp"}))
    configure(home, "Claude Desktop", "")
    (finding,) = check(home)
    assert finding.state == "skipped"
    assert finding.remedy == "Add it with `sfmcp install claude-desktop` or `sfmcp install cursor`."


def test_no_client_is_there(home: Path) -> None:
    (finding,) = check(home)
    assert finding.remedy == "Add it with `sfmcp install claude-desktop`."


@pytest.mark.skipif(sys.platform == "win32", reason="Windows hands all variables on")
def test_it_is_started_with_what_its_client_hands_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A desktop doesn't have the shell's PATH, which a script may count on without knowing."""
    folder = home / "bin"
    folder.mkdir(parents=True)
    for name, text in (("of-the-shell", f'exec {sys.executable} "$@"'), ("sfmcp", 'exec of-the-shell "$@"')):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    script = {**GOOD, "command": str(folder / "sfmcp")}
    configure(home, "Cursor", servers(salesforce=script, mended={**script, "env": {"PATH": str(folder)}}))
    configure(home, "Claude Code", servers(salesforce=script))
    assert [finding.state for finding in check(home)] == ["failed", "ok", "ok"]


def test_each_client_starts_it(home: Path) -> None:
    for client in ("Claude Desktop", "Cursor", "Claude Code"):
        configure(home, client, servers(salesforce=GOOD))
    servers_of_code = json.dumps({"salesforce": {"type": "stdio", **GOOD}})
    configure(home, "VS Code", f'{{\n  // "servers": {{}},\n  "servers": {servers_of_code}, /* as it says */\n}}')
    found = check(home)
    assert [finding.state for finding in found] == ["ok"] * 4
    assert [finding.detail.split(":")[0] for finding in found] == ["Claude Desktop", "Cursor", "VS Code", "Claude Code"]


def test_the_login_that_it_serves_is_looked_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_CONFIG_DIR", str(home / "config"))
    with orgs.changing() as book:
        book.put(orgs.Org(alias="here", login_url="https://login.salesforce.com"))
    serve = GOOD["args"][:-2]
    given = {
        "here": {**GOOD, "args": [*serve, "--org", "here"]},
        "gone": {**GOOD, "args": [*serve, "--org=gone"]},
        "variable": {**GOOD, "args": serve, "env": {"SFMCP_ORG": "left"}},
        "elsewhere": {**GOOD, "args": [*serve, "--org", "there"], "env": {"SFMCP_CONFIG_DIR": str(home / "other")}},
    }
    configure(home, "Cursor", servers(**given))
    here, gone, variable, elsewhere = check(home)
    assert [here.state, elsewhere.state] == ["ok", "ok"]
    assert gone.remedy == "Log in with `sfmcp login --org gone`."
    assert "there is no login left" in variable.detail


def test_files_of_the_project_count_too(home: Path) -> None:
    configure(home, "Claude Code", servers(salesforce=GOOD), 1)
    path = configure(
        home, "Claude Code", json.dumps({"projects": {str(home / "project"): {"mcpServers": {"mine": GOOD}}}})
    )
    assert [(finding.state, str(path) in finding.detail) for finding in check(home)] == [("ok", True), ("ok", False)]


def test_in_the_home_folder_a_file_is_looked_at_once(home: Path) -> None:
    configure(home, "Cursor", servers(salesforce=GOOD))
    assert len(list(check_clients(home, home))) == 1


def test_a_command_that_is_gone(home: Path) -> None:
    configure(home, "Cursor", servers(salesforce={"command": str(home / "old" / "sfmcp"), "args": ["serve"]}))
    (finding,) = check(home)
    assert finding.state == "failed"
    assert "there is no command" in finding.detail
    assert "Set `command` to " in (finding.remedy or "")
    assert finding.exit_code == 1


def test_a_command_that_ends_at_once(home: Path) -> None:
    secret = {"SFMCP_ACCESS_TOKEN": "00D!planted"}
    configure(home, "Cursor", servers(salesforce={**GOOD, "args": ["-m", "salesforce_mcp", "serve", "--nonsense"]}))
    configure(
        home, "Claude Desktop", servers(salesforce={**GOOD, "args": ["-m", "salesforce_mcp", "sreve"], "env": secret})
    )
    found = check(home)
    assert [finding.state for finding in found] == ["failed"] * 2
    assert all("ended with code 2" in finding.detail for finding in found)
    assert "planted" not in str(found)


def test_a_bare_name_is_found_from_a_shell_only(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    name = Path(sys.executable).name
    configure(home, "Claude Desktop", servers(salesforce={**GOOD, "command": name}))
    configure(home, "Claude Code", servers(salesforce={**GOOD, "command": name}))
    assert [finding.state for finding in check(home)] == ["warning", "ok"]


def test_a_file_that_is_no_json(home: Path) -> None:
    configure(home, "Cursor", '{"mcpServers": {')
    (finding,) = check(home)
    assert finding.state == "failed"
    assert "cannot be read" in finding.detail


@pytest.mark.parametrize(
    ("platform", "desktop"),
    [
        ("darwin", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("win32", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("linux", ".config/Claude/claude_desktop_config.json"),
    ],
)
def test_where_each_system_keeps_it(home: Path, monkeypatch: pytest.MonkeyPatch, platform: str, desktop: str) -> None:
    monkeypatch.setattr(clients.sys, "platform", platform)
    assert configurations(home, home)[0].path == home / desktop
