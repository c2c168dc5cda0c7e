"""The token endpoint, `{login_url}/services/oauth2/token`, and what comes from it (RFC 6749, section 5)."""

from __future__ import annotations

from collections.abc import Mapping

from salesforce_mcp.auth import hosts, oauth_errors, web
from salesforce_mcp.auth.grant import Grant
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import NetworkError


def token_url(org: Org) -> str:
    """The token endpoint. Raises UsageError for a login URL that isn't Salesforce's and isn't allowed."""
    return f"{login_origin(org)}/services/oauth2/token"


def login_origin(org: Org) -> str:
    """The login URL, checked again: orgs.toml may have been edited. Raises UsageError."""
    return hosts.origin(org.login_url, allowed=org.allowed_hosts, what="login URL")


def request(org: Org, form: Mapping[str, str]) -> Grant:
    """Ask for a token. Raises SessionError when refused, NetworkError, UsageError for an untrusted instance URL."""
    return read(org, web.post(token_url(org), form))


def read(org: Org, answer: web.Answer) -> Grant:
    """The grant in an answer of the token endpoint. Raises as `request` does."""
    token, instance_url = answer.get("access_token"), answer.get("instance_url")
    if answer.status == 200 and token and instance_url:
        return Grant(
            instance_url=hosts.origin(instance_url, allowed=org.allowed_hosts),
            access_token=token,
            refresh_token=answer.get("refresh_token"),
            org_id=_org_id(answer.get("id")),
        )
    error = answer.get("error")
    if error:
        raise oauth_errors.explain(error, answer.get("error_description") or "", org, skew=answer.skew)
    raise unusable(org.login_url, answer)


def unusable(url: str, answer: web.Answer) -> NetworkError:
    """For an answer that is none: an HTML page of an edge server, an org under maintenance, another web site."""
    return NetworkError(
        f"{url.partition('://')[2]} answered with HTTP {answer.status} and nothing that a login can use.",
        code="UNEXPECTED_ANSWER",
        hint="Check that this is the login address of an org. It may be under maintenance: try again later.",
        retryable=answer.status >= 500,
    )


def _org_id(identity_url: str | None) -> str | None:
    """The org id in `https://login.salesforce.com/id/<org id>/<user id>`."""
    parts = (identity_url or "").rstrip("/").split("/")
    return parts[-2] if len(parts) >= 5 and parts[-2].startswith("00D") else None
