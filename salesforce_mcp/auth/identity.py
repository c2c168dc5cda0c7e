"""Who a token belongs to, and what kind of org it is.

Sources: `/services/oauth2/userinfo` (OpenID Connect's UserInfo), and one query of Organization, which also shows
whether the user may use the API at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from salesforce_mcp.auth import hosts, tokens, web
from salesforce_mcp.auth.session import Environment, Session
from salesforce_mcp.errors import SessionError

API_VERSION = "60.0"
"""Old enough for every org, new enough for every field asked for."""

USERINFO = "/services/oauth2/userinfo"
ORGANIZATION = ("Id", "Name", "IsSandbox", "OrganizationType")
"""Fields of the org's record."""
_REJECTED = (401, 403)
"""The REST API answers a dead token with 401, userinfo with 403 and the text Bad_OAuth_Token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A user and their org; Ids have 18 characters."""

    username: str
    user_id: str | None
    name: str | None
    email: str | None
    org_id: str
    org_name: str | None
    edition: str | None
    environment: Environment


def of_session(session: Session) -> Identity:
    """The identity of a session, renewed once if the org rejects its token. Raises SessionError, NetworkError."""
    token = session.access_token()
    try:
        return of_token(session.instance_url, token)
    except SessionError as refusal:
        if refusal.code != "INVALID_SESSION_ID":
            raise
    return of_token(session.instance_url, session.renew(token))


def of_token(instance_url: str, token: str) -> Identity:
    """The identity behind a token.

    Raises SessionError INVALID_SESSION_ID when the token is rejected, with Salesforce's code when the user may not use
    the API; NetworkError.
    """
    user = web.get(f"{instance_url}{USERINFO}", token=token)
    if user.status in _REJECTED:
        raise SessionError(
            "The org does not accept this session.", code="INVALID_SESSION_ID", hint="Log in again with `sfmcp login`."
        )
    if user.status != 200 or not user.get("preferred_username") or not user.get("organization_id"):
        raise tokens.unusable(instance_url, user)
    return Identity(**told(instance_url, user.body, _organization(instance_url, token)))


def told(instance_url: str, user: object, org: dict[str, Any]) -> dict[str, Any]:
    """The fields of an Identity, out of the answers of userinfo and of `ORGANIZATION`; None for what isn't told."""
    person, company = web.texts(user), web.texts(org)
    return {
        "username": person.get("preferred_username"),
        "user_id": person.get("user_id"),
        "name": person.get("name"),
        "email": person.get("email"),
        "org_id": company.get("Id") or person.get("organization_id"),
        "org_name": company.get("Name"),
        "edition": company.get("OrganizationType"),
        "environment": _environment(instance_url, org),
    }


def _organization(instance_url: str, token: str) -> dict[str, Any]:
    """The org's record; empty where the user can't see it. Raises SessionError when the user may not use the API."""
    query = {"q": f"SELECT {', '.join(ORGANIZATION)} FROM Organization"}  # noqa: S608 - names of ours
    answer = web.get(f"{instance_url}/services/data/v{API_VERSION}/query", token=token, params=query)
    if answer.status == 200 and isinstance(answer.body, dict):
        return _first(answer.body.get("records"))
    problem = _first(answer.body)
    if answer.status in _REJECTED:
        words = web.texts(problem)
        raise SessionError(
            f"The user may not use the API. {words.get('message', '')[:1000]}".strip(),
            code=words.get("errorCode") or "INVALID_SESSION_ID",
            hint="An administrator gives the user the permission API Enabled.",
        )
    return {}


def _first(items: object) -> dict[str, Any]:
    """The first object of a list; an empty one where there is none."""
    return items[0] if isinstance(items, list) and items and isinstance(items[0], dict) else {}


def _environment(instance_url: str, org: dict[str, Any]) -> Environment:
    if hosts.is_loopback(urlsplit(instance_url).hostname or "") and _is_demo(org):
        return "demo"
    if org.get("IsSandbox"):
        return "sandbox"
    if org.get("OrganizationType") == "Developer Edition":
        return "developer"
    return "production" if "IsSandbox" in org else hosts.environment_of(instance_url)


def _is_demo(org: dict[str, Any]) -> bool:
    """Something else on loopback may be the way to a real org."""
    from salesforce_mcp.demo.schema import record_id

    return org.get("Id") == record_id("00D", 1)
