"""Where the others are. What isn't installed is left out and named.

SFMCP_BENCH_NODE: folders with `node_modules`, separated as in PATH, in which peers from npm were installed. Those of
Salesforce need Node 22.19 or newer: the npm package `node` in the same folder runs them, else the one in PATH.
SFMCP_BENCH_PYTHON: the Python of an environment with mcp-salesforce-connector, which needs an older SDK than sfmcp.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

TSMZTECH = "@tsmztech/mcp-server-salesforce"
OFFICIAL = "@salesforce/mcp"
SF = "@salesforce/cli"
CONNECTOR = "mcp-salesforce-connector"


def node(package: str, script: str) -> list[str] | None:
    """The command that runs a script of an npm package; None where it isn't installed."""
    for folder in os.environ.get("SFMCP_BENCH_NODE", "").split(os.pathsep):
        modules = Path(folder, "node_modules")
        program = shutil.which("node", path=modules / ".bin") or shutil.which("node")
        if program and folder and (modules / package / script).is_file():
            return [program, str(modules / package / script)]
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


def sf_login(sf: Sequence[str], url: str, token: str, environment: Mapping[str, str]) -> dict[str, str]:
    """Log sf and @salesforce/mcp in to an org, as its default; what they need in their environment from then on."""
    login = {"SF_ACCESS_TOKEN": token, "SF_USE_GENERIC_UNIX_KEYCHAIN": "true"}
    login |= {f"SF_{name}": "true" for name in ("DISABLE_TELEMETRY", "AUTOUPDATE_DISABLE", "DISABLE_DNS_CHECK")}
    command = [*sf, "org", "login", "access-token", "--instance-url", url, "--no-prompt", "--alias", "demo"]
    subprocess.run(
        [*command, "--set-default"],
        env={**environment, **login},
        check=True,
        capture_output=True,
        cwd=environment["HOME"],
        timeout=60,
    )
    return login
