"""The token endpoint: one function a grant type.

Source: Salesforce Help, "OAuth Authorization Flows"; RFC 6749, RFC 7523, RFC 7636.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import settings, state, users
from salesforce_mcp.demo.http import Call, Reply
from salesforce_mcp.demo.oauth import apps, device, identity, jwt, passwords, sessions, tokens
from salesforce_mcp.demo.oauth.errors import (
    OAuthError,
    answers_oauth_errors,
    authentication_failure,
    expired_token,
    missing_parameter,
    unknown_client,
)

if TYPE_CHECKING:
    from salesforce_mcp.demo.oauth.apps import App
    from salesforce_mcp.demo.users import User

CODE = "code"
CODE_LIFETIME = 900
JWT_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
_RENEWAL = ("refresh_token", "offline_access")


@answers_oauth_errors
def token(call: Call) -> Reply:
    """POST /services/oauth2/token."""
    form = call.form()
    rules = settings.load(call.store)
    if rules.login_rate_exceeded:
        raise OAuthError("rate_limit_exceeded", "login rate exceeded")
    if not rules.org_active:
        raise OAuthError("inactive_org", "organization inactive")
    if form.get("response_type") == "device_code":
        return device.start(call, form)
    if "grant_type" not in form:
        raise missing_parameter("grant_type")
    grant = GRANTS.get(form["grant_type"])
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    return Reply(body=grant(call, form))


def authorization_code(call: Call, form: dict[str, str]) -> dict[str, Any]:
    app = apps.identify(call, form)
    given = form.get("code")
    if not given:
        raise missing_parameter("code")
    with call.store.transaction():
        # Salesforce tells a code that was used from one that never was: it is marked, and kept until its time is over.
        key = state.digest(given)
        code = state.get(call.store, CODE, key)
        if code is None or code["client_id"] != app.client_id:
            raise OAuthError("invalid_grant", "invalid authorization code")
        if code["used"]:
            raise OAuthError("invalid_grant", "expired authorization code")
        if form.get("redirect_uri") != code["redirect_uri"]:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        _check_verifier(code, form.get("code_verifier"))
        state.change(call.store, CODE, key, {**code, "used": True})
    user = _usable_user(call, app, users.by_id(call.store, code["user_id"]))
    return _with_grant(call, app, user, code["scopes"], nonce=code.get("nonce"))


def device_code(call: Call, form: dict[str, str]) -> dict[str, Any]:
    app = apps.identify(call, form, secret_needed=False)
    user_id, scopes = device.poll(call, form, app)
    user = _usable_user(call, app, users.by_id(call.store, user_id))
    return _with_grant(call, app, user, scopes)


def refresh_token(call: Call, form: dict[str, str]) -> dict[str, Any]:
    app = apps.identify(call, form)
    given = form.get("refresh_token")
    if not given:
        raise missing_parameter("refresh_token")
    owner = tokens.owner(call.store, given)
    if owner and owner[1] == app.client_id:
        # Checked before the token is used up: a user who is let in again later goes on with the same login.
        user = users.by_id(call.store, owner[0])
        if user is None or not sessions.is_active(call.store, user):
            raise OAuthError("invalid_grant", "inactive user")
        _check_policies(call, app, user)
    user_id, grant, scopes, rotated = tokens.refresh(call.store, given, app.client_id)
    user = users.by_id(call.store, user_id)
    if user is None:
        raise expired_token()
    access = tokens.issue(call.store, user, app.client_id, scopes, grant=grant)
    answer = _answer(call, app, user, access, scopes)
    if rotated:
        answer["refresh_token"] = rotated
    return answer


def password(call: Call, form: dict[str, str]) -> dict[str, Any]:
    app = apps.identify(call, form)
    if not settings.load(call.store).password_flow:
        raise authentication_failure()
    user = passwords.check(call.store, form.get("username", ""), form.get("password", ""))
    if user is None:
        raise authentication_failure()
    _usable_user(call, app, user)
    scopes = [scope for scope in app.grant_scopes(None) if scope not in (*_RENEWAL, "openid")]
    answer = _answer(call, app, user, tokens.issue(call.store, user, app.client_id, scopes), scopes)
    del answer["scope"]
    return answer


def client_credentials(call: Call, form: dict[str, str]) -> dict[str, Any]:
    if settings.load(call.store).login_host:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    app = apps.identify(call, form)
    if app.secret is None:
        raise OAuthError("unauthorized_client", "client credentials flow not enabled")
    user = users.by_username(call.store, app.run_as) if app.run_as else None
    if user is None:
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    _usable_user(call, app, user)
    scopes = [
        scope for scope in app.grant_scopes(form.get("scope")) if scope not in ("refresh_token", "offline_access")
    ]
    if not scopes:
        raise OAuthError("invalid_grant", "no valid scopes defined")
    return _answer(call, app, user, tokens.issue(call.store, user, app.client_id, scopes), scopes)


def jwt_bearer(call: Call, form: dict[str, str]) -> dict[str, Any]:
    assertion = form.get("assertion")
    if not assertion:
        raise missing_parameter("assertion")
    invalid = OAuthError("invalid_grant", "invalid assertion")
    try:
        claims = jwt.read(assertion)
        app = apps.find(call.store, str(claims.get("iss", "")))
        if app is None:
            raise unknown_client()
        if app.certificate is None:
            raise invalid
        jwt.verify(assertion, app.certificate)
        expires = float(claims["exp"])
    except (ValueError, KeyError, TypeError):
        raise invalid from None
    if str(claims.get("aud", "")).rstrip("/") not in (*JWT_AUDIENCES, call.base_url):
        raise OAuthError("invalid_grant", "audience is invalid")
    # Salesforce asks for at most three minutes, but takes more: the `sf` CLI gives the time in milliseconds.
    if expires <= time.time():
        raise OAuthError("invalid_grant", "expired authorization code")
    user = users.by_username(call.store, str(claims.get("sub") or claims.get("prn", "")))
    if user is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    _usable_user(call, app, user)
    if not settings.load(call.store).jwt_preauthorized and not is_approved(call, app, user):
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    scopes = [
        scope for scope in app.grant_scopes(form.get("scope")) if scope not in ("refresh_token", "offline_access")
    ]
    answer = _answer(call, app, user, tokens.issue(call.store, user, app.client_id, scopes), scopes)
    del answer["issued_at"], answer["signature"]
    return answer


GRANTS: dict[str, Callable[[Call, dict[str, str]], dict[str, Any]]] = {
    "authorization_code": authorization_code,
    "refresh_token": refresh_token,
    "password": password,
    "client_credentials": client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": jwt_bearer,
    "device": device_code,
}


def approve(call: Call, app: App, user: User) -> None:
    """Remember that the user consented."""
    state.put(call.store, "approval", f"{app.client_id} {user.id}", {})


def is_approved(call: Call, app: App, user: User) -> bool:
    return app.approved or state.get(call.store, "approval", f"{app.client_id} {user.id}") is not None


def policy_error(call: Call, app: App, user: User) -> OAuthError | None:
    """What the administrator's policies have against this user and this app."""
    rules = settings.load(call.store)
    if not rules.app_installed:
        return OAuthError("OAUTH_EC_APP_NOT_FOUND", "External client app is not installed in this org")
    if rules.admin_approved_only and not app.approved:
        return OAuthError("invalid_app_access", "user is not admin approved to access this app")
    if rules.ip_restricted:
        return OAuthError("invalid_grant", "ip restricted")
    if user.username in rules.api_disabled_users:
        return OAuthError("invalid_grant", "api access disabled")
    return None


def _check_policies(call: Call, app: App, user: User) -> None:
    error = policy_error(call, app, user)
    if error:
        raise error


def _usable_user(call: Call, app: App, user: User | None) -> User:
    if user is None or not sessions.is_active(call.store, user):
        raise OAuthError("inactive_user", "user is inactive")
    _check_policies(call, app, user)
    return user


def _check_verifier(code: dict[str, Any], verifier: str | None) -> None:
    challenge = code.get("code_challenge")
    if not challenge:
        return
    if not verifier:
        raise OAuthError("invalid_grant", "missing required code verifier")
    made = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("utf-8")).digest()).rstrip(b"=").decode("ascii")
    if not hmac.compare_digest(made.encode(), challenge.encode()):
        raise OAuthError("invalid_grant", "invalid code verifier")


def _with_grant(call: Call, app: App, user: User, scopes: Sequence[str], *, nonce: str | None = None) -> dict[str, Any]:
    """The answer of a flow in which a person took part: with a refresh token if its scope was granted."""
    grant: str | None = None
    refresh: str | None = None
    if not set(_RENEWAL).isdisjoint(scopes):
        grant, refresh = tokens.start_grant(call.store, user, app.client_id, scopes)
    access = tokens.issue(call.store, user, app.client_id, scopes, grant=grant)
    answer = _answer(call, app, user, access, scopes, nonce=nonce)
    if refresh:
        answer["refresh_token"] = refresh
    return answer


def _answer(
    call: Call, app: App, user: User, access: str, scopes: Sequence[str], *, nonce: str | None = None
) -> dict[str, Any]:
    issued = str(int(time.time() * 1000))
    identity_url = identity.url(call, user)
    key = (app.secret or app.client_id).encode("utf-8")
    signature = hmac.new(key, f"{identity_url}{issued}".encode(), hashlib.sha256).digest()
    answer: dict[str, Any] = {
        "access_token": access,
        "signature": base64.b64encode(signature).decode("ascii"),
        "scope": " ".join(scopes),
        "instance_url": call.base_url,
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued,
    }
    if "openid" in scopes:
        answer["id_token"] = jwt.sign(call.store, identity.claims(call, user, app.client_id, nonce))
    return answer
