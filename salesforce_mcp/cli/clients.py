"""Where AI clients keep their MCP servers, and which of those entries start sfmcp.

Sources: the clients' own documentation: modelcontextprotocol.io (Claude Desktop), docs.cursor.com,
code.visualstudio.com (MCP configuration reference), docs.claude.com (Claude Code, MCP installation scopes),
docs.windsurf.com (Cascade, MCP), zed.dev/docs (Model Context Protocol, Configuring Zed).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

from salesforce_mcp.cli import jsonc

_MODULE = "salesforce_mcp"


@dataclass(frozen=True, slots=True)
class Client:
    """An AI client: where it keeps its MCP servers, and how.

    `file` gives the user's own file, from the home folder and the environment; `project_file` is the one below a
    project. `key` names the object that holds the servers. `strict`: it reads JSON alone, without comments. `typed`: an
    entry says that it is of type stdio. `has_shell`: it finds commands as the shell does that started it.
    """

    name: str
    title: str
    file: Callable[[Path, Mapping[str, str]], Path]
    key: str = "mcpServers"
    project_file: str | None = None
    strict: bool = False
    typed: bool = False
    has_shell: bool = False


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file in which a client looks for MCP servers, whether it exists or not."""

    of: Client
    path: Path

    @property
    def client(self) -> str:
        return self.of.title


@dataclass(frozen=True, slots=True)
class Entry:
    """How a client starts a server. `has_shell`: the client finds commands as the shell does that started it."""

    client: str
    path: Path
    name: str
    command: str
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    has_shell: bool = False


def configurations(home: Path, project: Path, environ: Mapping[str, str] = os.environ) -> list[Configuration]:
    """The files of all clients: the user's own, then the project's (in the home folder, some are the same)."""
    own = [Configuration(client, client.file(home, environ)) for client in CLIENTS.values()]
    paths = {configuration.path for configuration in own}
    of_project = [
        Configuration(client, project / client.project_file) for client in CLIENTS.values() if client.project_file
    ]
    return own + [configuration for configuration in of_project if configuration.path not in paths]


def entries(configuration: Configuration, project: Path) -> list[Entry]:
    """The entries that start sfmcp. None for a file that isn't there.

    Raises OSError when the file can't be read, ValueError when it isn't what the client reads.
    """
    try:
        text = configuration.path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    content = jsonc.loads(text, comments=not configuration.of.strict)
    return [
        entry
        for name, server in _servers(content, configuration.of.key, project)
        if is_ours(server) and (entry := _entry(configuration, name, server))
    ]


def _settings_folder(home: Path, environ: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _claude_desktop(home: Path, environ: Mapping[str, str]) -> Path:
    """On Windows, what the Store and the newer installer put there (a package) sees a settings folder of its own."""
    settings = _settings_folder(home, environ)
    if sys.platform == "win32":
        packages = Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "Packages"
        settings = next(packages.glob("Claude_*/LocalCache/Roaming"), settings)
    return settings / "Claude" / "claude_desktop_config.json"


def _claude_code(home: Path, environ: Mapping[str, str]) -> Path:
    return Path(environ.get("CLAUDE_CONFIG_DIR") or home) / ".claude.json"


def _zed(home: Path, environ: Mapping[str, str]) -> Path:
    if sys.platform == "win32":
        return _settings_folder(home, environ) / "Zed" / "settings.json"
    base = environ.get("XDG_CONFIG_HOME") if sys.platform == "linux" else None
    return Path(base or home / ".config") / "zed" / "settings.json"


CLIENTS = {
    client.name: client
    for client in (
        Client("claude-desktop", "Claude Desktop", _claude_desktop, strict=True),
        Client("cursor", "Cursor", lambda home, _: home / ".cursor" / "mcp.json", project_file=".cursor/mcp.json"),
        Client(
            "vscode",
            "VS Code",
            lambda home, environ: _settings_folder(home, environ) / "Code" / "User" / "mcp.json",
            key="servers",
            project_file=".vscode/mcp.json",
            typed=True,
        ),
        Client(
            "claude-code",
            "Claude Code",
            _claude_code,
            project_file=".mcp.json",
            strict=True,
            typed=True,
            has_shell=True,
        ),
        Client("windsurf", "Windsurf", lambda home, _: home / ".codeium" / "windsurf" / "mcp_config.json"),
        Client("zed", "Zed", _zed, key="context_servers", project_file=".zed/settings.json"),
    )
}
"""The clients by the name that `sfmcp install` takes."""


def _servers(content: Any, key: str, project: Path) -> Iterator[tuple[str, Any]]:
    """Servers by name; in Claude Code those of the project too, which are deeper in the user's file."""
    if not isinstance(content, dict):
        return
    projects = content.get("projects")
    of_project = projects.get(str(project)) if isinstance(projects, dict) else None
    for place in (content, of_project):
        found = place.get(key) if isinstance(place, dict) else None
        if isinstance(found, dict):
            yield from found.items()


def _entry(configuration: Configuration, name: str, server: Any) -> Entry | None:
    """An entry that starts a command; None for a server that is reached by its address."""
    if not isinstance(server, dict) or not isinstance(server.get("command"), str):
        return None
    arguments, variables = server.get("args"), server.get("env")
    return Entry(
        configuration.client,
        configuration.path,
        name,
        server["command"],
        tuple(map(str, arguments)) if isinstance(arguments, list) else (),
        {key: str(value) for key, value in variables.items()} if isinstance(variables, dict) else {},
        has_shell=configuration.of.has_shell,
    )


def is_ours(server: Any) -> bool:
    """Whether an entry starts sfmcp: by its name, by a runner (`uvx sfmcp`), or as a module of Python."""
    if not isinstance(server, dict):
        return False
    arguments = server.get("args")
    words = [server.get("command"), *(arguments if isinstance(arguments, list) else [])]
    return any(
        isinstance(word, str) and PurePath(word.replace("\\", "/")).name.lower() in ("sfmcp", "sfmcp.exe", _MODULE)
        for word in words
    )
