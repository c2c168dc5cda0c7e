"""A session from the Salesforce CLI (`sf`), for whoever is logged in there.

`sf org display` tells user, org and address. Since May 2026 it hides the token, which `sf org auth show-access-token`
shows (both renew it first); an older CLI lacks the second command and still shows the token in the first. Each takes a
second or more, so the token is kept in the keyring until the org rejects it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from typing import Any

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import SessionError, UsageError

TIMEOUT = 120
"""Seconds for one command of the CLI, which can take long behind a company network."""
_ALIAS = re.compile(r"[\w@][\w.@+'-]*")
"""An alias or a user name. On Windows `sf` is a batch file: what a shell would understand must not get there."""


def obtain(org: Org, secrets: Secrets) -> Grant:
    """Ask the CLI for a session. Raises UsageError without the CLI, SessionError when it has none."""
    alias = org.sf_alias or ""
    if not _ALIAS.fullmatch(alias):
        raise UsageError(f"{alias!r} is no alias of the Salesforce CLI.", hint="`sf org list` names them.")
    shown = _run(alias, "org", "display")
    token = _run(alias, "org", "auth", "show-access-token", optional=True).get("accessToken") or shown.get(
        "accessToken"
    )
    address = shown.get("instanceUrl")
    if not isinstance(token, str) or not isinstance(address, str) or token.startswith("["):
        raise SessionError(
            f"The Salesforce CLI shows no access token for {alias!r}.",
            hint=f"Update it (`sf update`) or log in there again: `sf org login web --alias {alias}`.",
        )
    return Grant(
        instance_url=hosts.origin(address, allowed=org.allowed_hosts),
        access_token=token,
        username=shown.get("username"),
        org_id=shown.get("id"),
    )


def _run(alias: str, *command: str, optional: bool = False) -> dict[str, Any]:
    """The result of a command of the CLI; empty where an optional one fails."""
    program = shutil.which("sf")
    if not program:
        raise UsageError(
            "The Salesforce CLI (sf) is not on the PATH.", hint="Install it, or log in without it: `sfmcp login`."
        )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SFMCP_")}
    environment = {**inherited, "NO_COLOR": "1", "FORCE_COLOR": "0", "SF_DISABLE_TELEMETRY": "true"}
    try:
        done = subprocess.run(  # noqa: S603 - the alias is checked
            [program, *command, "--target-org", alias, "--json"],
            capture_output=True,
            check=False,
            encoding="utf-8",
            env=environment,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
        )
        answer = json.loads(done.stdout)
        result = answer.get("result")
    except (OSError, subprocess.TimeoutExpired, ValueError, AttributeError) as error:
        if optional:
            return {}
        raise SessionError(
            f"`sf {' '.join(command)}` gave no answer that can be used ({type(error).__name__}).",
            hint=f"Try it yourself: sf {' '.join(command)} --target-org {alias}",
        ) from None
    if done.returncode == 0 and isinstance(result, dict):
        return result
    if optional:
        return {}
    raise SessionError(
        f"The Salesforce CLI has no usable login named {alias!r}: {str(answer.get('message', ''))[:200]}",
        hint=f"Log in there again: `sf org login web --alias {alias}`, or here: `sfmcp login`.",
    )
