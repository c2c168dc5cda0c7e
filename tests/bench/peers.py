"""Where the others are. What isn't installed is left out and named.

SFMCP_BENCH_NODE: folders with `node_modules`, separated as in PATH, in which peers from npm were installed. The `node`
that is found first in PATH runs them; those of Salesforce need 22.19 or newer.
SFMCP_BENCH_PYTHON: the Python of an environment with mcp-salesforce-connector, which needs an older SDK than sfmcp.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

TSMZTECH = "@tsmztech/mcp-server-salesforce"
OFFICIAL = "@salesforce/mcp"
SF = "@salesforce/cli"
CONNECTOR = "mcp-salesforce-connector"


def node(package: str, script: str) -> list[str] | None:
    """The command that runs a script of an npm package; None where it isn't installed."""
    program = shutil.which("node")
    for folder in os.environ.get("SFMCP_BENCH_NODE", "").split(os.pathsep):
        path = Path(folder, "node_modules", package, script)
        if program and folder and path.is_file():
            return [program, str(path)]
    return None


def connector() -> list[str] | None:
    """The command of mcp-salesforce-connector; None where it isn't installed."""
    python = os.environ.get("SFMCP_BENCH_PYTHON")
    program = Path(python).parent / "salesforce" if python else None
    return [str(program)] if program and program.is_file() else None


def tsmztech() -> list[str] | None:
    return node(TSMZTECH, "dist/index.js")


def official() -> list[str] | None:
    found = node(OFFICIAL, "bin/run.js")
    return found and [*found, "--no-telemetry", "--orgs", "DEFAULT_TARGET_ORG", "--toolsets", "data"]


def sf() -> list[str] | None:
    return node(SF, "bin/run.js")
