"""How other programs start this installation of sfmcp."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any


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


def client_block(arguments: Sequence[str]) -> dict[str, Any]:
    """The `mcpServers` block that Claude Desktop, Cursor and others take, for `sfmcp ARGUMENTS`."""
    command, *before = program()
    return {"mcpServers": {"salesforce": {"command": command, "args": [*before, *arguments]}}}
