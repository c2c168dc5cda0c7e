"""Which org a command means, and a session for it.

Importing this costs next to nothing: each way in is imported when it is taken, so that a ready token from the
environment touches neither the keyring nor a network library.
"""

from __future__ import annotations

import os

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.session import GivenSession, Session
from salesforce_mcp.errors import SessionError, UsageError

DEMO = "demo"


def open_session(org: str | None = None) -> Session:
    """A session for `org`; else for SFMCP_ORG, for what SFMCP_* configures, or for the default org.

    Nothing is sent yet where it can wait. Raises SessionError NO_SESSION when nothing is configured, UsageError for a
    wrong or half-filled environment.
    """
    named = org or os.environ.get("SFMCP_ORG")
    if named == DEMO:
        return _demo()
    if not named and (given := _given()):
        return given
    raise SessionError(
        "There is no session: nobody is logged in.",
        hint="Log in with `sfmcp login`, or try the built-in demo org with `--org demo`.",
    )


def allowed_hosts() -> list[str]:
    """Hosts that the user trusts through SFMCP_ALLOW_HOST, separated by commas."""
    return [host.strip() for host in os.environ.get("SFMCP_ALLOW_HOST", "").split(",") if host.strip()]


def _demo() -> Session:
    from salesforce_mcp.demo.local import open_demo

    instance_url, token = open_demo()
    return GivenSession(
        instance_url, token, environment="demo", alias=DEMO, remedy="Start afresh with `sfmcp demo reset`."
    )


def _given() -> Session | None:
    """The session of SFMCP_INSTANCE_URL and SFMCP_ACCESS_TOKEN."""
    token = os.environ.get("SFMCP_ACCESS_TOKEN")
    if not token:
        return None
    url = os.environ.get("SFMCP_INSTANCE_URL")
    if not url:
        raise UsageError(
            "SFMCP_ACCESS_TOKEN is set without SFMCP_INSTANCE_URL.",
            hint="Set SFMCP_INSTANCE_URL to the org's address, such as https://mycompany.my.salesforce.com.",
        )
    instance_url = hosts.origin(url, allowed=allowed_hosts(), what="address in SFMCP_INSTANCE_URL")
    return GivenSession(
        instance_url,
        token,
        environment=hosts.environment_of(instance_url),
        remedy="Put a fresh token into SFMCP_ACCESS_TOKEN, or log in with `sfmcp login`.",
    )
