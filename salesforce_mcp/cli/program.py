"""How other programs start this installation of sfmcp."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from salesforce_mcp import extras


def program() -> list[str]:
    """The command that starts this very `sfmcp`, with full paths.

    Programs started from a desktop don't have the shell's PATH, so a bare name would not be found.
    """
    beside = shutil.which("sfmcp", path=str(Path(sys.executable).parent))
    if beside:
        return [str(Path(beside).absolute())]
    started_as = Path(sys.argv[0])
    if started_as.stem == "sfmcp" and started_as.exists():
        return [str(started_as.absolute())]
    return [sys.executable, "-m", "salesforce_mcp"]


def lasting_program() -> list[str]:
    """The command that starts this `sfmcp` in a week too. What uvx runs is gone when uv cleans its cache."""
    uvx = shutil.which("uvx", path=str(Path(os.environ.get("UV", "uvx")).parent))
    if uvx is None or not extras.is_passing():
        return program()
    source = extras.source()
    return [str(Path(uvx).absolute()), *(["--from", source] if source else []), "sfmcp"]


def as_typed() -> str:
    """What to type for this `sfmcp` in the shell it was started from: its name where the shell finds it, else its path.

    `uv run` puts the environment on the PATH of its child alone, and says so with UV.
    """
    path, *rest = lasting_program()
    if rest[-1:] == ["sfmcp"]:
        return shlex.join(["uvx", *rest])
    if shutil.which("sfmcp") == path and "UV" not in os.environ:
        return "sfmcp"
    if Path(path).is_relative_to(Path.cwd()):
        path = str(Path(path).relative_to(Path.cwd()))
    return shlex.join([path, *rest])


def client_block(arguments: Sequence[str]) -> str:
    """The `mcpServers` block that Claude Desktop, Cursor and others take, for `sfmcp ARGUMENTS`."""
    command, *before = lasting_program()
    return f"""\
{{
  "mcpServers": {{
    "salesforce": {{
      "command": {json.dumps(command)},
      "args": {json.dumps([*before, *arguments])}
    }}
  }}
}}"""
