"""Access tokens, refresh tokens and the grants behind them, kept in the store so that all processes agree.

A grant is one login of one user through one app. It ends when its refresh token is revoked, or when a refresh token
that was rotated away is used again (RFC 9700, section 4.14): all its sessions end with it.
"""

from __future__ import annotations

import secrets
import string
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesforce_mcp.demo import settings, state
from salesforce_mcp.demo.oauth import jwt
from salesforce_mcp.demo.oauth.errors import expired_token

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

SESSION, REFRESH, GRANT = "session", "refresh", "grant"
_ALPHABET = string.ascii_letters + string.digits + "._"


@dataclass(frozen=True, slots=True)
class Session:
    """What an access token stands for. `client_id` is None for a SOAP login."""

    user_id: str
    client_id: str | None
    scopes: tuple[str, ...]
    issued: float
    expires: float
    grant: str | None = None

    @property
    def reaches_api(self) -> bool:
        return self.client_id is None or not {"api", "full"}.isdisjoint(self.scopes)


def start_grant(store: Store, user: User, client_id: str, scopes: Sequence[str]) -> tuple[str, str]:
    """A new grant and its refresh token."""
    grant = secrets.token_hex(16)
    return grant, _new_refresh_token(store, grant, user.id, client_id, scopes)


def issue(
    store: Store,
    user: User,
    client_id: str | None,
    scopes: Sequence[str],
    *,
    grant: str | None = None,
    lifetime: float | None = None,
) -> str:
    """A new access token; `lifetime` in seconds, by default as the org's settings say."""
    rules = settings.load(store)
    lasts = rules.access_token_lifetime if lifetime is None else lifetime
    now = time.time()
    if rules.jwt_access_tokens and client_id is not None:
        token = jwt.sign(store, _claims(user, client_id, scopes, now, lasts), kind="sfdc-core-token")
    else:
        token = f"{user.organization_id[:15]}!AQ{_random(94)}"
    value = {
        "user_id": user.id,
        "client_id": client_id,
        "scopes": list(scopes),
        "issued": now,
        "expires": now + lasts,
        "grant": grant,
    }
    with store.transaction():
        state.purge(store)
        state.put(store, SESSION, state.digest(token), value, lifetime=lasts)
    return token


def find(store: Store, token: str) -> Session | None:
    """The session of an access token; None if it is unknown, expired, revoked, or its grant has ended."""
    value = state.get(store, SESSION, state.digest(token))
    if value is None or (value["grant"] and state.get(store, GRANT, value["grant"]) is None):
        return None
    return Session(**{**value, "scopes": tuple(value["scopes"])})


def refresh(store: Store, token: str, client_id: str) -> tuple[str, str, list[str], str | None]:
    """Use a refresh token: the user's Id, the grant, its scopes, and a new refresh token where they rotate.

    Raises OAuthError for a token that is unknown, revoked or another app's.
    """
    rotated: str | None = None
    with store.transaction():
        # One write up front takes the lock: two requests with one token must not both see it as current.
        state.purge(store)
        saved = state.get(store, REFRESH, state.digest(token))
        value = saved and state.get(store, GRANT, saved["grant"])
        if not saved or not value or value["client_id"] != client_id:
            raise expired_token()
        grant = saved["grant"]
        reused = value["refresh"] != state.digest(token)
        if reused:
            state.remove(store, GRANT, grant)
        elif settings.load(store).refresh_token_rotation:
            rotated = _new_refresh_token(store, grant, value["user_id"], client_id, value["scopes"])
    if reused:
        raise expired_token()
    return value["user_id"], grant, value["scopes"], rotated


def owner(store: Store, refresh_token: str) -> tuple[str, str, list[str]] | None:
    """User Id, client id and scopes of a refresh token that is still good."""
    saved = state.get(store, REFRESH, state.digest(refresh_token))
    value = saved and state.get(store, GRANT, saved["grant"])
    if not value or value["refresh"] != state.digest(refresh_token):
        return None
    return value["user_id"], value["client_id"], value["scopes"]


def revoke(store: Store, token: str) -> bool:
    """End an access token's session, or a refresh token's grant with all its sessions; False for an unknown token."""
    key = state.digest(token)
    with store.transaction():
        if state.remove(store, SESSION, key):
            return True
        saved = state.get(store, REFRESH, key)
        return bool(saved and state.remove(store, GRANT, saved["grant"]))


def _new_refresh_token(store: Store, grant: str, user_id: str, client_id: str, scopes: Sequence[str]) -> str:
    lifetime = settings.load(store).refresh_token_lifetime
    token = f"5Aep861{_random(80)}"
    value = {"user_id": user_id, "client_id": client_id, "scopes": list(scopes), "refresh": state.digest(token)}
    with store.transaction():
        state.put(store, REFRESH, state.digest(token), {"grant": grant}, lifetime=lifetime)
        state.put(store, GRANT, grant, value, lifetime=lifetime)
    return token


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _claims(user: User, client_id: str, scopes: Sequence[str], now: float, lifetime: float) -> dict[str, object]:
    """The claims of Salesforce's JWT access tokens, which are long for their list of features."""
    return {
        "scp": " ".join(scopes),
        "sub": f"uid:{user.id}",
        "roles": [],
        "iss": "https://demo.example",
        "client_id": client_id,
        "aud": ["https://demo.example", "https://api.salesforce.com"],
        "nbf": int(now),
        "iat": int(now),
        "exp": int(now + lifetime),
        "sfi": _random(64),
        "sfap_features": [_random(40) for _ in range(32)],
    }
