"""What `sfmcp doctor` finds in the configuration of AI clients: whether what they start is there, and answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from salesforce_mcp.auth import orgs
from salesforce_mcp.auth.checks import Finding
from salesforce_mcp.cli.clients import CLIENTS, Configuration, Entry, configurations, entries
from salesforce_mcp.cli.program import lasting_program
from salesforce_mcp.errors import ExitCode, SfmcpError

CHECK = "clients"
PATIENCE = 60.0
"""Seconds for a server to answer: a runner such as uvx may have to install it first."""

_DESKTOP_PATH = os.pathsep.join(("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"))
_DESKTOP_VARIABLES = ("HOME", "LOGNAME", "SHELL", "USER")
"""What a program started from a desktop knows beside its PATH, and hands on to servers. (On Windows it knows all.)"""

_HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-11-25",
        "capabilities": {},
        "clientInfo": {"name": "sfmcp doctor", "version": "1"},
    },
}


def check_clients(home: Path | None = None, project: Path | None = None) -> Iterator[Finding]:
    """A finding for each entry that starts sfmcp and for each file that can't be read; one when there is none."""
    home, project = home or Path.home(), project or Path.cwd()
    seen = False
    present = []
    for configuration in configurations(home, project):
        if configuration.path.exists() or (configuration.path.parent.is_dir() and configuration.path.parent != home):
            present.append(configuration.of.name)
        try:
            found = entries(configuration, project)
        except (OSError, ValueError) as error:
            seen = True
            yield _unreadable(configuration, error)
            continue
        for entry in found:
            seen = True
            yield check_entry(entry)
    if not seen:
        titles = ", ".join(client.title for client in CLIENTS.values())
        detail = f"nothing starts sfmcp in the configuration of {titles}"
        commands = " or ".join(f"`sfmcp install {name}`" for name in dict.fromkeys(present or ["claude-desktop"]))
        yield Finding(check=CHECK, state="skipped", detail=detail, remedy=f"Add it with {commands}.")


def check_entry(entry: Entry) -> Finding:
    """Start what the entry says, as the client would, and greet it."""
    where = f"{entry.client}: {entry.name!r} in {entry.path}"
    environment = _environment(entry)
    found = shutil.which(entry.command, path=environment.get("PATH"))
    if found is None:
        return _failed(f"{where}: there is no command {entry.command}", f"Set `command` to {lasting_program()[0]}.")
    problem = _greet(entry, found, environment)
    if problem:
        return _failed(f"{where}: {problem}", "Run the command in a shell to see why, and mend `command` and `args`.")
    if not entry.has_shell and not Path(entry.command).is_absolute():
        remedy = f"Programs started from a desktop may not find {entry.command}: set `command` to {found}."
        return Finding(check=CHECK, state="warning", detail=f"{where}: it starts from this shell", remedy=remedy)
    org = _org(entry)
    if org and not _is_known(org, entry):
        detail = f"{where}: it starts, but there is no login {org}"
        return Finding(check=CHECK, state="warning", detail=detail, remedy=f"Log in with `sfmcp login --org {org}`.")
    return Finding(check=CHECK, state="ok", detail=f"{where}: it starts")


def _org(entry: Entry) -> str | None:
    """The alias that the entry names; None where the default login is served, or what the environment says."""
    for word, following in zip(entry.arguments, (*entry.arguments[1:], ""), strict=True):
        if word == "--org" or word.startswith("--org="):
            return word.partition("=")[2] or following
    return entry.variables.get("SFMCP_ORG")


def _is_known(org: str, entry: Entry) -> bool:
    """Whether there is such a login; true where that can't be told: of other folders, or of a file with a mistake."""
    folder = entry.variables.get("SFMCP_CONFIG_DIR")
    if org == orgs.RESERVED or folder not in (None, os.environ.get("SFMCP_CONFIG_DIR")):
        return True
    try:
        return org in orgs.load().by_alias
    except SfmcpError:
        return True


def _environment(entry: Entry) -> dict[str, str]:
    """The variables that the server gets from its client: a desktop's are few, and none of this shell's.

    Some clients on a desktop ask the login shell for its PATH; so a bare name may be found, which is a warning.
    """
    if entry.has_shell or os.name == "nt" or not Path(entry.command).is_absolute():
        return {**os.environ, **entry.variables}
    known = {name: os.environ[name] for name in _DESKTOP_VARIABLES if name in os.environ}
    return {"PATH": _DESKTOP_PATH, **known, **entry.variables}


def _greet(entry: Entry, command: str, environment: dict[str, str]) -> str | None:
    """Why the server doesn't answer `initialize`; None when it does. It logs in nowhere for that."""
    try:
        done = subprocess.run(  # noqa: S603 - the command that the user's own clients start
            [command, *entry.arguments],
            input=json.dumps(_HELLO) + "\n",
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not answer within {PATIENCE:.0f} s"
    except OSError as error:
        return f"it cannot be started: {error.strerror}"
    if any(_is_welcome(line) for line in done.stdout.splitlines()):
        return None
    # Its own words may hold what the entry's variables do: they stay out.
    return f"it ended with code {done.returncode} and no answer"


def _is_welcome(line: str) -> bool:
    try:
        answer = json.loads(line)
    except ValueError:
        return False
    return isinstance(answer, dict) and answer.get("id") == 1 and "result" in answer


def _unreadable(configuration: Configuration, error: OSError | ValueError) -> Finding:
    why = error.strerror if isinstance(error, OSError) else str(error)
    return _failed(f"{configuration.client}: {configuration.path} cannot be read: {why}", "Mend the file.")


def _failed(detail: str, remedy: str) -> Finding:
    return Finding(check=CHECK, state="failed", detail=detail, remedy=remedy, exit_code=ExitCode.REFUSED)
