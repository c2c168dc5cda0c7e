"""Where AI clients keep their MCP servers, and which of those entries start sfmcp.

Sources: the clients' own documentation: modelcontextprotocol.io (Claude Desktop), docs.cursor.com,
code.visualstudio.com (MCP configuration reference), docs.claude.com (Claude Code, MCP installation scopes).
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any

_COMMENT_OR_STRING = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA_OR_STRING = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_MODULE = "salesforce_mcp"


@dataclass(frozen=True, slots=True)
class Configuration:
    """A file in which a client looks for MCP servers, whether it exists or not."""

    client: str
    path: Path


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
    """The files of Claude Desktop, Cursor, VS Code and Claude Code: the user's own, then the project's."""
    settings = _settings_folder(home, environ)
    return [
        Configuration("Claude Desktop", settings / "Claude" / "claude_desktop_config.json"),
        Configuration("Cursor", home / ".cursor" / "mcp.json"),
        Configuration("VS Code", settings / "Code" / "User" / "mcp.json"),
        Configuration("Claude Code", home / ".claude.json"),
        Configuration("Cursor", project / ".cursor" / "mcp.json"),
        Configuration("VS Code", project / ".vscode" / "mcp.json"),
        Configuration("Claude Code", project / ".mcp.json"),
    ]


def entries(configuration: Configuration, project: Path) -> list[Entry]:
    """The entries that start sfmcp. None for a file that isn't there.

    Raises OSError when the file can't be read, ValueError when it is no JSON (comments are allowed, as VS Code does).
    """
    try:
        text = configuration.path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    content = json.loads(_plain(text)) if text.strip() else {}
    return [
        entry
        for name, server in _servers(content, project)
        if (entry := _entry(configuration, name, server)) and _is_ours(entry)
    ]


def _settings_folder(home: Path, environ: Mapping[str, str]) -> Path:
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(environ.get("APPDATA") or home / "AppData" / "Roaming")
    return Path(environ.get("XDG_CONFIG_HOME") or home / ".config")


def _plain(text: str) -> str:
    """JSON without the comments and last commas that VS Code and Cursor allow."""
    for pattern in (_COMMENT_OR_STRING, _LAST_COMMA_OR_STRING):
        text = pattern.sub(lambda match: match[1] or "", text)
    return text


def _servers(content: Any, project: Path) -> Iterator[tuple[str, Any]]:
    """Servers by name: `mcpServers`, in VS Code `servers`, in Claude Code those of the project too."""
    if not isinstance(content, dict):
        return
    projects = content.get("projects")
    of_project = projects.get(str(project)) if isinstance(projects, dict) else None
    for place in (content, of_project):
        for key in ("mcpServers", "servers"):
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
        has_shell=configuration.client == "Claude Code",
    )


def _is_ours(entry: Entry) -> bool:
    """Whether it is sfmcp: by its name, by a runner (`uvx sfmcp`), or as a module of Python."""
    words = (entry.command, *entry.arguments)
    return any(PurePath(word.replace("\\", "/")).name.lower() in ("sfmcp", "sfmcp.exe", _MODULE) for word in words)
