"""Client credentials flow (RFC 6749, section 4.4): the app itself logs in, as the user that it runs as."""

from __future__ import annotations

from urllib.parse import urlsplit

from salesforce_mcp.auth import hosts, tokens
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import UsageError


def obtain(org: Org, secrets: Secrets) -> Grant:
    """Log in. Raises UsageError for a missing setting or a shared login host; SessionError, NetworkError."""
    host = urlsplit(org.login_url).hostname
    if host in hosts.SHARED_LOGIN_HOSTS:
        raise UsageError(
            f"Client credentials need the org's My Domain address; {host} does not accept them.",
            hint="Use --domain NAME, or SFMCP_LOGIN_URL=https://NAME.my.salesforce.com.",
        )
    if not org.client_id or not secrets.client_secret:
        raise UsageError(
            "Client credentials need a client id and a client secret.",
            hint="Set SFMCP_CLIENT_ID and SFMCP_CLIENT_SECRET.",
        )
    form = {
        "grant_type": "client_credentials",
        "client_id": org.client_id,
        "client_secret": secrets.client_secret,
    }
    return tokens.request(org, form)
