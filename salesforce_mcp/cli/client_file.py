"""Changing an AI client's configuration: what changes is shown, what was is kept, and a file is whole at any time."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from salesforce_mcp.cli import jsonc
from salesforce_mcp.cli.clients import Configuration
from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.errors import UsageError

CODE = "CLIENT_CONFIG"
_PRINT_INSTEAD = "`sfmcp install CLIENT --print` shows what to put there by hand."
_SECRETS = re.compile(r'("(?:env|headers)"\s*:\s*\{)[^}]+\}')
_LONG = 300


def read(configuration: Configuration) -> str:
    """The text of the file, empty where there is none. Raises UsageError for one that its client could not read."""
    path = configuration.path
    try:
        text = path.read_bytes().decode("utf-8")
        content = jsonc.loads(text, comments=not configuration.of.strict)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}.", code=CODE) from error
    except ValueError as error:
        why = str(error) if isinstance(error, jsonc.JsoncError) else "it is no UTF-8"
        raise _broken(configuration, why) from error
    servers = content.get(configuration.of.key, {}) if isinstance(content, dict) else content
    if not isinstance(servers, dict) and content is not None:
        raise _broken(configuration, f"`{configuration.of.key}` should be an object in an object")
    return text


def servers(configuration: Configuration, text: str) -> dict[str, object]:
    """The client's servers by name, from what `read` gave."""
    content = jsonc.loads(text) or {}
    return dict(content.get(configuration.of.key, {}))


def write(configuration: Configuration, old: str, new: str) -> Path | None:
    """Put `new` in the place of `old`; the path of the backup, None where there was no file.

    Raises UsageError where that can't be done, or the file is no longer `old`; it is as it was then.
    """
    path = configuration.path.resolve()  # a link, as those who keep their settings elsewhere have, stays one
    backup = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(new.encode("utf-8"))
            if path.exists():
                shutil.copymode(path, temporary)
                backup = path.with_name(f"{path.name}.{datetime.now().strftime('%Y%m%d-%H%M%S-%f')}.bak")
                shutil.copy2(path, backup)
            if read(configuration) != old:
                raise UsageError(
                    f"{path} was changed by another program just now; nothing was written.",
                    code=CODE,
                    hint=f"Close {configuration.client} and try again.",
                )
            Path(temporary).replace(path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror or error}. It is as it was.", code=CODE, hint=_PRINT_INSTEAD
        ) from error
    return backup


def show(here: Environment, path: Path, old: str, new: str) -> None:
    """Show the change on stderr as a diff, of changed lines alone: those around may hold other servers' secrets."""
    colours = {"+": "32", "-": "31", "@": "36"} if here.colour(here.stderr) else {}
    for line in _diff(path, old, new):
        colour = colours.get(line[:1])
        here.say(f"\x1b[{colour}m{line}\x1b[0m" if colour else line, as_it_is=True)


def _diff(path: Path, old: str, new: str) -> Iterator[str]:
    before, after = old.splitlines(), new.splitlines()
    for line in difflib.unified_diff(before, after, str(path), str(path), n=0, lineterm=""):
        line = _SECRETS.sub(r"\1…}", line)
        yield line if len(line) <= _LONG else f"{line[0]}(a line of {len(line) - 1} characters)"


def _broken(configuration: Configuration, why: str) -> UsageError:
    return UsageError(
        f"{configuration.path} is not what {configuration.client} reads: {why}. Nothing was changed.",
        code=CODE,
        hint=f"Mend that place and try again. {_PRINT_INSTEAD}",
    )
