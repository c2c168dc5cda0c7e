"""Who makes a request: the access token of its Authorization header, checked against the org's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesforce_mcp.demo import settings, users
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, invalid_session
from salesforce_mcp.demo.oauth import tokens

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User


def authenticate(call: Call) -> User:
    """Fill in the call's user and token; refuses with 401, or 403 for a user who may not use the API."""
    token = bearer(call)
    if token is None:
        raise invalid_session()
    session = tokens.find(call.store, token)
    user = active_user(call.store, session.user_id) if session else None
    if session is None or user is None:
        raise invalid_session()
    if not session.reaches_api:
        raise ApiError(401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API")
    rules = settings.load(call.store)
    if rules.ip_restricted:
        raise invalid_session()
    if user.username in rules.api_disabled_users:
        message = "The REST API is not enabled for this Organization or Partner"
        raise ApiError(403, "API_DISABLED_FOR_ORG", message)
    call.session_user = user
    call.token = token
    return user


def bearer(call: Call) -> str | None:
    """The token of an Authorization header; Salesforce takes the older scheme OAuth as well as Bearer."""
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() in ("bearer", "oauth") and token.strip() else None


def active_user(store: Store, user_id: str) -> User | None:
    """The user, unless deactivated or gone."""
    user = users.by_id(store, user_id)
    return user if user and is_active(store, user) else None


def is_active(store: Store, user: User) -> bool:
    return user.is_active and user.username not in settings.load(store).inactive_users
