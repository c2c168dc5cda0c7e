"""Who a token stands for: the identity URL, userinfo (OpenID Connect), introspection and the claims of id tokens.

Source: Salesforce Help, "Identity URLs" and "User Info Endpoint Response"; shapes as recorded from real orgs.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from salesforce_mcp.demo.errors import not_found
from salesforce_mcp.demo.http import Call, Reply
from salesforce_mcp.demo.oauth import apps, jwt, sessions, tokens
from salesforce_mcp.demo.oauth.errors import OAuthError, answers_oauth_errors, missing_parameter

if TYPE_CHECKING:
    from salesforce_mcp.demo.users import User

_PLAIN = {"Content-Type": "text/html; charset=UTF-8"}
_COLUMNS = (
    "CommunityNickname", "Street", "City", "State", "Country", "PostalCode", "MobilePhone", "UserType",
    "LastModifiedDate",
)  # fmt: skip


def url(call: Call, user: User) -> str:
    """The identity URL of a user."""
    return f"{call.base_url}/id/{user.organization_id}/{user.id}"


def userinfo(call: Call) -> Reply:
    """GET or POST /services/oauth2/userinfo."""
    user = _token_user(call)
    if isinstance(user, Reply):
        return user
    row = _row(call, user)
    changed = datetime.strptime(row["LastModifiedDate"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return Reply(
        body={
            "sub": url(call, user),
            "user_id": user.id,
            "organization_id": user.organization_id,
            "preferred_username": user.username,
            "nickname": row["CommunityNickname"],
            "name": user.name,
            "email": user.email,
            "email_verified": True,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "zoneinfo": user.time_zone,
            "photos": _photos(call),
            "profile": f"{call.base_url}/{user.id}",
            "picture": _photos(call)["picture"],
            "address": _address(row),
            "is_salesforce_integration_user": False,
            "urls": _urls(call, user),
            "active": user.is_active,
            "user_type": row["UserType"].upper(),
            "language": user.language,
            "locale": user.locale,
            "utcOffset": _utc_offset(user),
            "updated_at": changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
    )


def identity(call: Call) -> Reply:
    """GET /id/{org}/{user}: the same in the older words."""
    user = _token_user(call)
    if isinstance(user, Reply):
        return user
    if call.params["org"][:15] != user.organization_id[:15] or call.params["user"][:15] != user.id[:15]:
        raise not_found()
    row = _row(call, user)
    changed = datetime.strptime(row["LastModifiedDate"], "%Y-%m-%dT%H:%M:%S.%f%z")
    return Reply(
        body={
            "id": url(call, user),
            "asserted_user": True,
            "user_id": user.id,
            "organization_id": user.organization_id,
            "username": user.username,
            "nick_name": row["CommunityNickname"],
            "display_name": user.name,
            "email": user.email,
            "email_verified": True,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "timezone": user.time_zone,
            "photos": _photos(call),
            "addr_street": row["Street"],
            "addr_city": row["City"],
            "addr_state": row["State"],
            "addr_country": row["Country"],
            "addr_zip": row["PostalCode"],
            "mobile_phone": row["MobilePhone"],
            "mobile_phone_verified": False,
            "is_lightning_login_user": False,
            "status": {"created_date": None, "body": None},
            "urls": _urls(call, user),
            "active": user.is_active,
            "user_type": row["UserType"].upper(),
            "language": user.language,
            "locale": user.locale,
            "utcOffset": _utc_offset(user),
            "last_modified_date": changed.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "is_app_installed": True,
        }
    )


@answers_oauth_errors
def introspect(call: Call) -> Reply:
    """POST /services/oauth2/introspect (RFC 7662)."""
    form = call.form()
    app = apps.identify(call, form)
    token = form.get("token")
    if not token:
        raise missing_parameter("token")
    session = tokens.find(call.store, token)
    if session and session.client_id == app.client_id:
        user = sessions.active_user(call.store, session.user_id)
        if user:
            return Reply(
                body={
                    "active": True,
                    "scope": " ".join(session.scopes),
                    "client_id": app.client_id,
                    "username": user.username,
                    "sub": url(call, user),
                    "token_type": "access_token",
                    "exp": int(session.expires),
                    "iat": int(session.issued),
                    "nbf": int(session.issued),
                }
            )
    owner = tokens.owner(call.store, token)
    if owner and owner[1] == app.client_id:
        user = sessions.active_user(call.store, owner[0])
        if user:
            scope = " ".join(owner[2])
            names = {"client_id": app.client_id, "username": user.username, "sub": url(call, user)}
            return Reply(body={"active": True, "scope": scope, **names, "token_type": "refresh_token"})
    return Reply(body={"active": False})


@answers_oauth_errors
def revoke(call: Call) -> Reply:
    """POST or GET /services/oauth2/revoke (RFC 7009): an access token ends alone, a refresh token with its sessions."""
    token = (call.form() if call.method == "POST" else call.query).get("token")
    if not token:
        raise missing_parameter("token")
    if not tokens.revoke(call.store, token):
        raise OAuthError("invalid_token", "invalid token")
    return Reply(200)


def claims(call: Call, user: User, client_id: str, nonce: str | None) -> dict[str, Any]:
    """What an id token says (OpenID Connect Core, section 2)."""
    now = int(time.time())
    said = {
        "iss": call.base_url,
        "sub": url(call, user),
        "aud": client_id,
        "iat": now,
        "exp": now + 120,
        "user_id": user.id,
        "organization_id": user.organization_id,
        "preferred_username": user.username,
        "name": user.name,
        "email": user.email,
    }
    return {**said, "nonce": nonce} if nonce else said


def configuration(call: Call) -> Reply:
    """GET /.well-known/openid-configuration (OpenID Connect Discovery)."""
    base = call.base_url
    return Reply(
        body={
            "issuer": base,
            "authorization_endpoint": f"{base}/services/oauth2/authorize",
            "token_endpoint": f"{base}/services/oauth2/token",
            "revocation_endpoint": f"{base}/services/oauth2/revoke",
            "userinfo_endpoint": f"{base}/services/oauth2/userinfo",
            "introspection_endpoint": f"{base}/services/oauth2/introspect",
            "jwks_uri": f"{base}/id/keys",
            "scopes_supported": list(apps.SCOPES),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
    )


def keys(call: Call) -> Reply:
    """GET /id/keys: what id tokens are checked with."""
    return Reply(body=jwt.public_keys(call.store))


def _token_user(call: Call) -> User | Reply:
    """The user of the token; Salesforce's identity services refuse in one word and with 403."""
    token = sessions.bearer(call) or call.query.get("oauth_token") or call.form().get("access_token")
    if not token:
        return Reply(403, b"Missing_OAuth_Token", dict(_PLAIN))
    session = tokens.find(call.store, token)
    user = sessions.active_user(call.store, session.user_id) if session else None
    return user or Reply(403, b"Bad_OAuth_Token", dict(_PLAIN))


def _row(call: Call, user: User) -> dict[str, Any]:
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    statement = f'SELECT {names} FROM "User" WHERE Id = ?'  # noqa: S608 - names of the schema
    row = call.store.connection().execute(statement, (user.id,)).fetchone()
    return dict(zip(_COLUMNS, row, strict=True))


def _photos(call: Call) -> dict[str, str]:
    base = f"{call.base_url}/profilephoto/005"
    return {"picture": f"{base}/F", "thumbnail": f"{base}/T"}


def _address(row: dict[str, Any]) -> dict[str, str]:
    parts = {
        "street_address": row["Street"],
        "locality": row["City"],
        "region": row["State"],
        "postal_code": row["PostalCode"],
        "country": row["Country"],
    }
    return {name: value for name, value in parts.items() if value}


def _urls(call: Call, user: User) -> dict[str, str]:
    base, org = call.base_url, user.organization_id[:15]
    rest = f"{base}/services/data/v{{version}}"
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{org}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{org}",
        "partner": f"{base}/services/Soap/u/{{version}}/{org}",
        "rest": f"{rest}/",
        "sobjects": f"{rest}/sobjects/",
        "search": f"{rest}/search/",
        "query": f"{rest}/query/",
        "recent": f"{rest}/recent/",
        "tooling_soap": f"{base}/services/Soap/T/{{version}}/{org}",
        "tooling_rest": f"{rest}/tooling/",
        "profile": f"{base}/{user.id}",
        "feeds": f"{rest}/chatter/feeds",
        "groups": f"{rest}/chatter/groups",
        "users": f"{rest}/chatter/users",
        "feed_items": f"{rest}/chatter/feed-items",
        "feed_elements": f"{rest}/chatter/feed-elements",
        "custom_domain": base,
    }


def _utc_offset(user: User) -> int:
    """Standard time's distance from UTC, in milliseconds."""
    zone = ZoneInfo(user.time_zone)
    winter = datetime(datetime.now(UTC).year, 1, 1, tzinfo=zone)
    offset = winter.utcoffset()
    return int(offset.total_seconds() * 1000) if offset else 0
