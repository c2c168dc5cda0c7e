"""User name and password by OAuth (RFC 6749, section 4.3). Salesforce ends this flow in 2027."""

from __future__ import annotations

from salesforce_mcp.auth import tokens
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import UsageError

ENDS = "Salesforce ends logins by user name and password in 2027; plan for `sfmcp login`, JWT or client credentials."
"""A warning to show with every login of this kind, SOAP included."""


def obtain(org: Org, secrets: Secrets) -> Grant:
    """Log in. Raises UsageError for a missing setting; SessionError when refused; NetworkError."""
    if not org.client_id:
        raise UsageError(
            "The password flow needs an app's client id.", hint="Set SFMCP_CLIENT_ID, or use --flow soap, without app."
        )
    form = {
        "grant_type": "password",
        "client_id": org.client_id,
        "username": required_username(org),
        "password": full_password(secrets),
    }
    if secrets.client_secret:
        form["client_secret"] = secrets.client_secret
    return tokens.request(org, form)


def required_username(org: Org) -> str:
    """The user name; raises UsageError without one."""
    if not org.username:
        raise UsageError("A password login needs a user name.", hint="Use --username or SFMCP_USERNAME.")
    return org.username


def full_password(secrets: Secrets) -> str:
    """The password with the security token behind it, as Salesforce wants it; raises UsageError without one."""
    if not secrets.password:
        raise UsageError("A password login needs the password.", hint="Set SFMCP_PASSWORD, or enter it when asked.")
    return secrets.password + (secrets.security_token or "")
