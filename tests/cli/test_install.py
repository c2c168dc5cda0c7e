"""`sfmcp install` and `uninstall`: the client finds sfmcp, and everything else in its file as it was."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.cli import client_file, jsonc, program
from salesforce_mcp.cli.client_check import check_clients
from salesforce_mcp.cli.clients import CLIENTS, Configuration, is_ours
from salesforce_mcp.errors import UsageError
from tests.cli.conftest import Shell

ZED = """\
// Zed settings
//
{
    "theme": "Größe 🎨", // the best one
    /* servers */
    "context_servers": {
        "other": {"command": "npx", "args": ["-y", "other"], "env": {"KEY": "planted"}}, // keep me
    },
    "vim_mode": true,
}
"""

VS_CODE = """\
{
\t// {"servers": "a comment, not a member"}
\t"inputs": [],
\t"servers": {
\t\t"git\\u00fc": {
\t\t\t"type": "stdio",
\t\t\t"command": "git-mcp" // no args
\t\t}
\t}
}
"""

CLAUDE = '{"globalShortcut":"Ctrl+Space","mcpServers":{"ü":{"command":"x","args":[]}},"n":1.0e2}'


@pytest.fixture
def home(sfmcp: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "CLAUDE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    return home


def path_of(client: str, home: Path) -> Path:
    return CLIENTS[client].file(home, {})


def write(client: str, home: Path, text: str) -> Path:
    path = path_of(client, home)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def server(path: Path, key: str = "mcpServers", name: str = "salesforce") -> dict[str, Any]:
    found: dict[str, Any] = jsonc.loads(path.read_bytes().decode())[key][name]
    return found


def test_each_client_without_settings_starts_it_afterwards(sfmcp: Shell, home: Path) -> None:
    for client in CLIENTS:
        done = sfmcp("install", client, "--org", "demo")
        assert (done.returncode, done.stdout) == (0, "")
        assert str(path_of(client, home)) in done.stderr
        assert '+      "args": ["serve", "--org", "demo"]' in done.stderr.replace('"-m", "salesforce_mcp", ', "")
    states = {finding.detail.split(":")[0]: finding.state for finding in check_clients(home, home)}
    assert states == {client.title: "ok" for client in CLIENTS.values()}


def test_what_the_client_is_told(sfmcp: Shell, home: Path, private_folders: Path) -> None:
    sfmcp("install", "vscode", "--org", "prod", "--toolsets", "cases,query", "--read-only")
    entry = server(path_of("vscode", home), "servers")
    assert entry["type"] == "stdio"
    assert Path(entry["command"]).is_absolute()
    assert entry["args"][-6:] == ["serve", "--org", "prod", "--toolsets", "cases,query", "--read-only"]
    # The folders of this shell, which a program started from a desktop would not know.
    assert entry["env"]["SFMCP_CONFIG_DIR"] == str(private_folders / "config")


@pytest.mark.parametrize(("client", "text"), [("zed", ZED), ("vscode", VS_CODE), ("claude-desktop", CLAUDE)])
def test_everything_else_stays_as_it_is(sfmcp: Shell, home: Path, client: str, text: str) -> None:
    path = write(client, home, text)
    assert sfmcp("install", client, "--org", "demo").returncode == 0
    installed = path.read_bytes().decode()
    assert server(path, CLIENTS[client].key)["args"][-1] == "demo"
    kept = text.replace('"git-mcp" // no args\n\t\t}', '"git-mcp" // no args\n\t\t},')
    assert all(line in installed.splitlines() for line in kept.splitlines()) or client == "claude-desktop"
    (backup,) = path.parent.glob("*.bak")
    assert backup.read_bytes().decode() == text
    assert sfmcp("uninstall", client).returncode == 0
    assert path.read_bytes().decode() == text


def test_secrets_of_other_servers_are_not_shown(sfmcp: Shell, home: Path) -> None:
    secret = '"other": {"command": "npx", "env": {"KEY": "planted"}, "headers": {"Authorization": "planted"}}'
    write("cursor", home, '{\n  "mcpServers": {\n    ' + secret + "\n  }\n}\n")
    done = sfmcp("install", "cursor", "--org", "demo")
    assert '+    "salesforce": {' in done.stderr
    assert "planted" not in done.stderr


def test_again_changes_nothing_and_more_changes_only_that(sfmcp: Shell, home: Path) -> None:
    path = path_of("cursor", home)
    sfmcp("install", "cursor", "--org", "demo")
    entry = server(path)
    path.write_text(json.dumps({"mcpServers": {"salesforce": {**entry, "disabled": True}}}), encoding="utf-8")
    before = path.read_bytes()
    done = sfmcp("install", "cursor", "--org", "demo")
    assert "as it should be already" in done.stderr
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.bak"))
    sfmcp("install", "cursor", "--org", "demo", "--read-only")
    assert server(path) == {**entry, "disabled": True, "args": [*entry["args"], "--read-only"]}
    assert path.with_name(path.name).exists() and len(list(path.parent.glob("*.bak"))) == 1


def test_uninstall_where_it_is_not(sfmcp: Shell, home: Path) -> None:
    done = sfmcp("uninstall", "windsurf")
    assert done.returncode == 0
    assert "has no server named 'salesforce'" in done.stderr
    assert not path_of("windsurf", home).exists()


def test_print_writes_nothing(sfmcp: Shell, home: Path) -> None:
    done = sfmcp("install", "zed", "--print")
    assert list(json.loads(done.stdout)["context_servers"]) == ["salesforce"]
    assert str(path_of("zed", home)) in done.stderr
    assert not path_of("zed", home).exists()


@pytest.mark.parametrize(
    ("client", "text", "says"),
    [
        ("cursor", '{\n  "mcpServers": {\n    "a": {]\n', "line 3, column 11"),
        ("claude-desktop", '{"mcpServers": {},}', "a comma stands before the end"),
        ("claude-desktop", "// mine\n{}", "line 1, column 1"),
        ("vscode", '{"servers": []}', "`servers` should be an object"),
        ("windsurf", "[]", "`mcpServers` should be an object"),
    ],
)
def test_a_file_that_its_client_cannot_read_is_left_alone(
    sfmcp: Shell, home: Path, client: str, text: str, says: str
) -> None:
    path = write(client, home, text)
    for command in ("install", "uninstall"):
        done = sfmcp(command, client)
        assert done.returncode == 2
        assert says in done.stderr and str(path) in done.stderr and "--print" in done.stderr
    assert path.read_bytes().decode() == text
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_no_utf_8(sfmcp: Shell, home: Path) -> None:
    path = write("cursor", home, "{}")
    path.write_bytes(b'{"a": "\xff"}')
    done = sfmcp("install", "cursor")
    assert done.returncode == 2
    assert "no UTF-8" in done.stderr


def test_a_server_of_another_program_keeps_its_name(sfmcp: Shell, home: Path) -> None:
    text = '{"mcpServers": {"salesforce": {"command": "npx", "args": ["-y", "@salesforce/mcp"]}}}'
    path = write("cursor", home, text)
    for command in ("install", "uninstall"):
        done = sfmcp(command, "cursor")
        assert done.returncode == 2
        assert "--name" in done.stderr
        assert path.read_text(encoding="utf-8") == text
    assert sfmcp("install", "cursor", "--name", "sfmcp").returncode == 0
    assert set(jsonc.loads(path.read_text(encoding="utf-8"))["mcpServers"]) == {"salesforce", "sfmcp"}


def test_wrong_words(sfmcp: Shell, home: Path) -> None:
    assert sfmcp("install", "emacs").returncode == 2
    assert "Did you mean claude-desktop" in sfmcp("install", "claude-destkop").stderr
    assert "Clients: claude-desktop, cursor, vscode" in sfmcp("install").stderr
    done = sfmcp("install", "cursor", "--toolsets", "nonsense")
    assert done.returncode == 2
    assert "There is no toolset 'nonsense'" in done.stderr
    assert not path_of("cursor", home).exists()


@pytest.mark.parametrize(
    ("origin", "source"),
    [
        (None, []),
        ('{"url": "file:///src/sfmcp", "dir_info": {}}', ["--from", "file:///src/sfmcp"]),
        (
            '{"url": "https://example.com/sfmcp", "vcs_info": {"vcs": "git", "commit_id": "1"}}',
            ["--from", "git+https://example.com/sfmcp"],
        ),
    ],
)
def test_what_uvx_runs_is_started_by_uvx(
    origin: str | None, source: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own folder is a part of uv's cache, which is cleaned now and then."""
    uvx = tmp_path / ("uvx.exe" if sys.platform == "win32" else "uvx")
    uvx.touch(0o755)
    monkeypatch.setenv("UV", str(tmp_path / "uv"))
    monkeypatch.setattr(program.sys, "prefix", str(tmp_path / "uv" / "archive-v0" / "H_5rw76"))
    installed = tmp_path / "sfmcp-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: sfmcp\nVersion: 1.0\n", encoding="utf-8")
    if origin:
        (installed / "direct_url.json").write_text(origin, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    assert program.lasting_program() == [str(uvx), *source, "sfmcp"]
    assert is_ours({"command": str(uvx), "args": [*source, "sfmcp", "serve"]})


def test_a_missing_login_is_mentioned(sfmcp: Shell, home: Path) -> None:
    assert "sfmcp login --org prod" in sfmcp("install", "cursor", "--org", "prod").stderr
    assert "sfmcp login" not in sfmcp("install", "cursor", "--org", "demo").stderr


def test_a_folder_that_cannot_be_made(sfmcp: Shell, home: Path) -> None:
    (home / ".cursor").write_text("a file", encoding="utf-8")
    done = sfmcp("install", "cursor", "--org", "demo")
    assert done.returncode == 2
    assert "It is as it was" in done.stderr or "cannot be read" in done.stderr


def test_a_folder_that_takes_no_file(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write("cursor", home, "{}")

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(client_file.tempfile, "mkstemp", refuse)
    with pytest.raises(UsageError, match=r"cannot be written: Permission denied\. It is as it was") as caught:
        client_file.write(Configuration(CLIENTS["cursor"], path), "{}", '{"a": 1}')
    assert "--print" in (caught.value.hint or "")
    assert path.read_text(encoding="utf-8") == "{}"


def test_a_file_that_changed_in_between(home: Path) -> None:
    path = write("claude-code", home, '{"numStartups": 2}')
    with pytest.raises(UsageError, match="changed by another program"):
        client_file.write(Configuration(CLIENTS["claude-code"], path), '{"numStartups": 1}', "{}")
    assert path.read_text(encoding="utf-8") == '{"numStartups": 2}'


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither modes nor links for everybody")
def test_mode_and_link_stay(sfmcp: Shell, home: Path) -> None:
    real = home / "dotfiles.json"
    real.write_text("{}\n", encoding="utf-8")
    real.chmod(0o600)
    link = path_of("claude-code", home)
    link.symlink_to(real)
    sfmcp("install", "claude-code", "--org", "demo")
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert server(real)["type"] == "stdio"


@pytest.mark.parametrize(
    ("platform", "client", "path"),
    [
        ("linux", "claude-desktop", ".config/Claude/claude_desktop_config.json"),
        ("darwin", "claude-desktop", "Library/Application Support/Claude/claude_desktop_config.json"),
        ("win32", "claude-desktop", "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("linux", "vscode", ".config/Code/User/mcp.json"),
        ("darwin", "vscode", "Library/Application Support/Code/User/mcp.json"),
        ("win32", "vscode", "AppData/Roaming/Code/User/mcp.json"),
        ("linux", "zed", ".config/zed/settings.json"),
        ("darwin", "zed", ".config/zed/settings.json"),
        ("win32", "zed", "AppData/Roaming/Zed/settings.json"),
        ("win32", "cursor", ".cursor/mcp.json"),
        ("darwin", "windsurf", ".codeium/windsurf/mcp_config.json"),
        ("linux", "claude-code", ".claude.json"),
    ],
)
def test_where_the_files_are(
    monkeypatch: pytest.MonkeyPatch, home: Path, platform: str, client: str, path: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert path_of(client, home) == home / path


def test_where_variables_and_packages_put_them(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert CLIENTS["zed"].file(home, {"XDG_CONFIG_HOME": "/x"}) == Path("/x/zed/settings.json")
    assert CLIENTS["claude-code"].file(home, {"CLAUDE_CONFIG_DIR": "/c"}) == Path("/c/.claude.json")
    monkeypatch.setattr(sys, "platform", "win32")
    packaged = home / "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming"
    packaged.mkdir(parents=True)
    assert path_of("claude-desktop", home) == packaged / "Claude" / "claude_desktop_config.json"
