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

    Nothing is sent, and no keyring opened, until a token is asked for. Raises SessionError NO_SESSION when nothing is
    configured, UsageError for a wrong or half-filled environment.
    """
    named = org or os.environ.get("SFMCP_ORG")
    if named == DEMO:
        return _demo()
    if not named and (session := _given() or _unattended()):
        return session
    return _stored(named)


def allowed_hosts() -> list[str]:
    """Hosts that the user trusts through SFMCP_ALLOW_HOST, separated by commas."""
    return [host.strip() for host in os.environ.get("SFMCP_ALLOW_HOST", "").split(",") if host.strip()]


def _demo() -> Session:
    from salesforce_mcp.auth.demo_session import DemoSession

    return DemoSession()


def _stored(alias: str | None) -> Session:
    from salesforce_mcp.auth import orgs
    from salesforce_mcp.auth.stored import StoredSession

    book = orgs.load()
    alias = alias or book.default
    if alias:
        return StoredSession(book.find(alias))
    if book.by_alias:
        raise SessionError(
            "No org is the default.", hint=f"Name one with --org: {', '.join(book.by_alias)}; or `sfmcp orgs default`."
        )
    hint = "Log in with `sfmcp login`, or try the built-in demo org with `--org demo`."
    raise SessionError("There is no session: nobody is logged in.", hint=f"{_half_set()}{hint}")


def _half_set() -> str:
    """What variables lack that were meant to be a session."""
    if os.environ.get("SFMCP_CLIENT_SECRET") and os.environ.get("SFMCP_CLIENT_ID"):
        return (
            "SFMCP_CLIENT_ID and SFMCP_CLIENT_SECRET need SFMCP_LOGIN_URL (your My Domain) beside them, or "
            "SFMCP_USERNAME and SFMCP_PASSWORD. "
        )
    if os.environ.get("SFMCP_INSTANCE_URL"):
        return "SFMCP_INSTANCE_URL needs SFMCP_ACCESS_TOKEN beside it. "
    return ""


def _unattended() -> Session | None:
    """The session of a flow that environment variables configure whole."""
    if not any(os.environ.get(name) for name in ("SFMCP_JWT_KEY_FILE", "SFMCP_CLIENT_SECRET", "SFMCP_PASSWORD")):
        return None
    from salesforce_mcp.auth.unattended import from_environment

    return from_environment(allowed_hosts())


def _given() -> Session | None:
    """The session of SFMCP_INSTANCE_URL and SFMCP_ACCESS_TOKEN."""
    token = os.environ.get("SFMCP_ACCESS_TOKEN", "").strip()
    if not token:
        return None
    if not (token.isascii() and token.isprintable() and " " not in token):
        # The HTTP library would refuse it later, and name it in its error.
        raise UsageError(
            "SFMCP_ACCESS_TOKEN holds a space or another character that no access token has.",
            hint="Set it to the token alone.",
        )
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
