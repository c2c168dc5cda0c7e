"""Refresh token flow (RFC 6749, section 6). With rotation on, the answer's refresh token replaces the one just used."""

from __future__ import annotations

from salesforce_mcp.auth import tokens
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import SessionError


def obtain(org: Org, secrets: Secrets) -> Grant:
    """A new access token. Raises SessionError when there is no refresh token or it is refused; NetworkError."""
    if not secrets.refresh_token:
        raise SessionError(
            "The session has ended, and the app gave no refresh token to renew it with.",
            code="INVALID_SESSION_ID",
            hint=f"Log in again with `{org.login_command}`. To stay logged in, select the scope refresh_token in the "
            "app's OAuth settings.",
        )
    form = {
        "grant_type": "refresh_token",
        "refresh_token": secrets.refresh_token,
        "client_id": org.client_id or "",
    }
    if secrets.client_secret:
        form["client_secret"] = secrets.client_secret
    return tokens.request(org, form)
