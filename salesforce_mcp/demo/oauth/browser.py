"""The flows in which a person takes part: authorization code with its login and consent pages, and device codes.

A request that passed its checks is kept as `pending` and named in the forms; the login cookie says who the person is.
Nothing is sent to a callback that isn't registered: such errors are shown instead.
Source: Salesforce Help, "OAuth 2.0 Web Server Flow"; RFC 6749, RFC 7636.
"""

from __future__ import annotations

import secrets
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from salesforce_mcp.demo import settings, state, users
from salesforce_mcp.demo.http import Call, Reply
from salesforce_mcp.demo.oauth import apps, device, grants, pages, sessions
from salesforce_mcp.demo.oauth.errors import OAuthError

if TYPE_CHECKING:
    from salesforce_mcp.demo.oauth.apps import App
    from salesforce_mcp.demo.users import User

PENDING, LOGIN = "pending", "login"
PENDING_LIFETIME, LOGIN_LIFETIME = 900, 7200
LOGIN_PATH = "/login"
CONSENT_PATH = "/setup/secur/RemoteAccessAuthorizationPage.apexp"
DEVICE_PATH = "/setup/connect"
COOKIE = "sid"
WRONG_PASSWORD = (
    "Please check your username and password. If you still can't log in, contact your Salesforce administrator."  # noqa: S105
)


def authorize(call: Call) -> Reply:
    """GET or POST /services/oauth2/authorize."""
    asked = {**call.query, **(call.form() if call.method == "POST" else {})}
    app = apps.find(call.store, asked.get("client_id", ""))
    if app is None:
        return _shown(OAuthError("invalid_client_id", "client identifier invalid"))
    if asked.get("redirect_uri") not in app.callbacks:
        return _shown(OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration"))
    challenge = asked.get("code_challenge", "")
    if not challenge and settings.load(call.store).require_pkce:
        return _shown(OAuthError("invalid_request", "missing required code challenge"))
    if challenge and asked.get("code_challenge_method", "S256") != "S256":
        return _shown(OAuthError("invalid_request", "invalid code challenge method"))
    wish = {
        "purpose": "code",
        "client_id": app.client_id,
        "redirect_uri": asked["redirect_uri"],
        "state": asked.get("state"),
        "scopes": app.grant_scopes(asked.get("scope")),
        "code_challenge": challenge,
        "nonce": asked.get("nonce"),
        "prompt": asked.get("prompt", ""),
    }
    if asked.get("response_type") != "code":
        return _to_callback(wish, OAuthError("unsupported_response_type", "response type is not supported"))
    if app.unknown_scopes(asked.get("scope")):
        return _to_callback(wish, OAuthError("invalid_scope", "the requested scope is not allowed"))
    return _go_on(call, _keep(call, wish), wish, username=asked.get("login_hint", ""))


def log_in(call: Call) -> Reply:
    """POST /login: who is it?"""
    form = call.form()
    name, wish = _pending(call, form)
    if wish is None:
        return _over()
    given = form.get("username", "")
    user = users.authenticate(call.store, given, form.get("pw", ""))
    if user is None or not sessions.is_active(call.store, user):
        return _login_page(call, name, username=given, error=WRONG_PASSWORD)
    cookie = secrets.token_urlsafe(48)
    state.put(call.store, LOGIN, state.digest(cookie), {"user_id": user.id}, lifetime=LOGIN_LIFETIME)
    # The password was given just now: `prompt=login` has been done justice.
    wish = {**wish, "prompt": wish["prompt"].replace("login", "")}
    state.change(call.store, PENDING, name, wish)
    answer = _proceed(call, name, wish, user)
    secure = "; Secure" if call.base_url.startswith("https:") else ""
    answer.headers["Set-Cookie"] = f"{COOKIE}={cookie}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return answer


def consent_page(call: Call) -> Reply:
    """GET: may the app act for this person?"""
    name, wish = _pending(call, call.query)
    user = _logged_in(call)
    if wish is None or user is None:
        return _over()
    return pages.consent(
        name, app=_app(call, wish).name, user=user.username, scopes=wish["scopes"], action=CONSENT_PATH
    )


def consent(call: Call) -> Reply:
    """POST: Allow or Deny was pressed."""
    form = call.form()
    name, wish = _pending(call, form)
    user = _logged_in(call)
    if wish is None or user is None:
        return _over()
    if form.get("decision") != "allow":
        return _finish(call, name, wish, None)
    grants.approve(call, _app(call, wish), user)
    return _finish(call, name, wish, user)


def device_page(call: Call) -> Reply:
    """GET /setup/connect: where the user of a device flow types its code."""
    return pages.device_code(call.query.get("user_code", ""), action=DEVICE_PATH)


def device_connect(call: Call) -> Reply:
    """POST /setup/connect."""
    user_code = call.form().get("user_code", "")
    waiting = device.find(call, user_code)
    if waiting is None:
        return pages.device_code(user_code, action=DEVICE_PATH, error="The code you entered is invalid or expired.")
    wish = {
        "purpose": "device",
        "client_id": waiting["client_id"],
        "scopes": waiting["scopes"],
        "device": waiting["device"],
        # Unlike a callback, a device can't be told from another one: people are asked each time.
        "prompt": "consent",
    }
    return _go_on(call, _keep(call, wish), wish)


def _go_on(call: Call, name: str, wish: dict[str, Any], *, username: str = "") -> Reply:
    """On to the login page, or past it for someone who is logged in."""
    user = _logged_in(call)
    if user is not None and "login" not in wish["prompt"].split():
        return _proceed(call, name, wish, user)
    if "none" in wish["prompt"].split():
        return _to_callback(wish, OAuthError("login_required", "user is not logged in"))
    return _login_page(call, name, username=username)


def _proceed(call: Call, name: str, wish: dict[str, Any], user: User) -> Reply:
    """On to the consent page, or past it where that isn't asked for and was given before."""
    app = _app(call, wish)
    error = grants.policy_error(call, app, user)
    if error:
        code = "OAUTH_APP_ACCESS_DENIED" if error.error == "invalid_app_access" else error.error
        return _finish(call, name, wish, None, OAuthError(code, error.description))
    prompts = wish["prompt"].split()
    if grants.is_approved(call, app, user) and "consent" not in prompts:
        return _finish(call, name, wish, user)
    if "none" in prompts:
        return _finish(call, name, wish, None, OAuthError("consent_required", "user has not approved this consumer"))
    return _redirect(f"{CONSENT_PATH}?pending={quote(name)}")


def _finish(call: Call, name: str, wish: dict[str, Any], user: User | None, error: OAuthError | None = None) -> Reply:
    """The end of it: with a user they may come in, without one they may not."""
    state.remove(call.store, PENDING, name)
    if wish["purpose"] == "device":
        device.decide(call, wish["device"], user_id=user.id if user else None)
        if user:
            return pages.message("You've Successfully Connected Your Device", "You can close this page.")
        return pages.message("Access Denied", error.description if error else "The device gets no access.")
    if user is None:
        return _to_callback(wish, error or OAuthError("access_denied", "end-user denied authorization"))
    code = f"aPrx{secrets.token_urlsafe(60)}"
    kept = {key: wish[key] for key in ("client_id", "redirect_uri", "scopes", "code_challenge", "nonce")}
    value = {**kept, "user_id": user.id, "used": False}
    state.put(call.store, grants.CODE, state.digest(code), value, lifetime=grants.CODE_LIFETIME)
    return _callback(wish, {"code": code})


def _to_callback(wish: dict[str, Any], error: OAuthError) -> Reply:
    return _callback(wish, {"error": error.error, "error_description": error.description})


def _callback(wish: dict[str, Any], values: dict[str, str]) -> Reply:
    if wish["state"] is not None:
        values["state"] = wish["state"]
    separator = "&" if "?" in wish["redirect_uri"] else "?"
    return _redirect(f"{wish['redirect_uri']}{separator}{urlencode(values)}")


def _redirect(url: str) -> Reply:
    return Reply(302, None, {"Location": url, "Referrer-Policy": "no-referrer"})


def _shown(error: OAuthError) -> Reply:
    """An error that must not reach a callback: Salesforce shows it as bare text."""
    text = f"error={error.error}&error_description={quote(error.description)}"
    return Reply(400, text.encode("ascii"), {"Content-Type": "text/plain"})


def _over() -> Reply:
    text = "This page has been used already, or took too long. Go back to the app and log in again."
    return pages.message("Start Again", text, status=400)


def _login_page(call: Call, name: str, *, username: str = "", error: str = "") -> Reply:
    return pages.login(name, username=username, error=error, users=users.PASSWORDS, action=LOGIN_PATH)


def _keep(call: Call, wish: dict[str, Any]) -> str:
    name = secrets.token_urlsafe(24)
    state.put(call.store, PENDING, name, wish, lifetime=PENDING_LIFETIME)
    return name


def _pending(call: Call, form: Any) -> tuple[str, dict[str, Any] | None]:
    name = form.get("pending", "")
    return name, state.get(call.store, PENDING, name)


def _app(call: Call, wish: dict[str, Any]) -> App:
    app = apps.find(call.store, wish["client_id"])
    if app is None:
        raise LookupError("the app was removed while its user logged in")
    return app


def _logged_in(call: Call) -> User | None:
    """The person behind the login cookie."""
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(call.headers.get("cookie", ""))
    except CookieError:
        return None
    cookie = jar.get(COOKIE)
    saved = state.get(call.store, LOGIN, state.digest(cookie.value)) if cookie else None
    return sessions.active_user(call.store, saved["user_id"]) if saved else None
