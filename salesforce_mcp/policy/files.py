"""Where policy.toml is read from: the machine's first, then the user's, then the one that SFMCP_POLICY names.

A later file can only make things tighter (see `rules`). A mistake in any of them names the file, the line and the key,
and nothing starts. Where there is no file, no model of one is imported: a query from the shell doesn't pay for it.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp import folders
from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    from salesforce_mcp.policy.model import Policy

FILE = "policy.toml"
APPROVALS = "approvals.json"
VARIABLE = "SFMCP_POLICY"

_HEADER = re.compile(r"\s*(\[\[?)\s*([\w.\"'-]+)\s*\]\]?")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*(?:=|\.)")


@dataclass(frozen=True)
class Layer:
    """One file that was read. `machine`: it holds for everybody on this machine."""

    path: Path
    policy: Policy
    machine: bool


def load() -> list[Layer]:
    """The files that there are, the machine's first. Raises UsageError POLICY_FILE for a mistake."""
    places = [(folders.machine_dir() / FILE, True), (folders.config_dir() / FILE, False)]
    named = os.environ.get(VARIABLE)
    if named:
        path = Path(named).expanduser()
        if not path.is_file():
            raise UsageError(f"{VARIABLE} names {path}, which is no file.", code="POLICY_FILE")
        places.append((path, False))
    return [layer for path, machine in places if (layer := _read(path, machine=machine))]


def approvals() -> list[tuple[Path, bool]]:
    """Where reviews of tools are kept (see `approval`), and whether for everybody on this machine."""
    return [(folders.machine_dir() / APPROVALS, True), (folders.config_dir() / APPROVALS, False)]


def _read(path: Path, *, machine: bool) -> Layer | None:
    """One file; None when there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # as some Windows editors write it
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _mistake(path, None, str(error)) from error
    import tomllib

    from salesforce_mcp.policy.model import Mistake, parse

    try:
        policy = parse(tomllib.loads(text))
    except Mistake as error:
        key = ".".join(map(str, error.where))
        raise _mistake(path, line_of(text, error.where), f"{key}: {error}" if key else str(error)) from None
    except (ValueError, RecursionError) as error:  # no TOML, or what tomllib itself trips over: depth, huge numbers
        raise _mistake(path, None, str(error)) from error
    _check_tools(path, text, policy)
    return Layer(path, policy, machine)


def line_of(text: str, where: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the key at this place of the document; of the nearest that can be found."""
    names = [str(part) for part in where if isinstance(part, str)]
    numbers = [part for part in where if isinstance(part, int)]
    table: list[str] = []
    seen = -1
    found: int | None = None
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        header = _HEADER.match(line)
        if header:
            table = header[2].split(".")
            if header[1] == "[[" and names[:1] == table:
                seen += 1
        key = _KEY.match(line) if not header else None
        here = [*table, *([key[1]] if key else [])]
        if names[:1] == ["profiles"] and table[:1] == ["profiles"] and seen != (numbers[0] if numbers else 0):
            continue
        if here == names[: len(here)] and len(here) > depth:
            found, depth = number, len(here)
    return found


def _check_tools(path: Path, text: str, policy: Policy) -> None:
    """Raise for a tool that doesn't exist: a misspelt one would be allowed, or denied, without anybody noticing."""
    from salesforce_mcp.policy.model import tables

    named = [
        ((*where, key), name)
        for where, settings in tables(policy)
        for key in ("allow_tools", "deny_tools", "unchecked_tools")
        for name in getattr(settings, key) or ()
    ]
    if not named:
        return
    from salesforce_mcp.soql.suggest import nearest
    from salesforce_mcp.tools import registry

    known = registry.load()
    for where, name in named:
        if not fnmatch.filter(known, name):
            near = nearest(name, known)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            key = ".".join(map(str, where))
            raise _mistake(path, line_of(text, where), f"{key}: there is no tool {name!r}{hint}")


def _mistake(path: Path, line: int | None, words: str) -> UsageError:
    at = f", line {line}" if line else ""
    return UsageError(f"{path}{at}: {words}", code="POLICY_FILE", hint="Mend the policy; until then nothing starts.")
