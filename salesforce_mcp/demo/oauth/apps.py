"""The External Client Apps that are registered in the org, with what each may do."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import asdict, dataclass
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.oauth.errors import missing_parameter, unknown_client, wrong_secret
from salesforce_mcp.demo.users import ADMIN_USERNAME

if TYPE_CHECKING:
    from salesforce_mcp.demo.http import Call
    from salesforce_mcp.demo.store import Store

CALLBACK = "http://localhost:1717/OauthRedirect"
DEMO_CLIENT_ID = "3MVG9demoOrgConfidentialClientApp"
PUBLIC_CLIENT_ID = "3MVG9demoOrgPublicClientApp"
PLATFORM_CLIENT_ID = "PlatformCLI"
"""The app that the `sf` CLI names when none is given; every org has it."""
SCOPES = ("api", "refresh_token", "offline_access", "full", "web", "id", "openid", "profile", "email", "sfap_api")
_KIND = "app"


@dataclass(frozen=True, slots=True)
class App:
    """One app. `secret` is None for a public app; `certificate` is the PEM (certificate or public key) for JWT bearer;
    `run_as` the user name of the client credentials flow, None while that flow has no user."""

    client_id: str
    name: str
    secret: str | None = None
    callbacks: tuple[str, ...] = (CALLBACK,)
    scopes: tuple[str, ...] = SCOPES
    certificate: str | None = None
    run_as: str | None = None
    approved: bool = False
    """Users are pre-authorized: no consent page."""

    def grant_scopes(self, asked: str | None) -> list[str]:
        """The scopes to grant: those asked for that the app has, or all of the app's."""
        wanted = (asked or "").replace(",", " ").split() or list(self.scopes)
        return [scope for scope in dict.fromkeys(wanted) if scope in self.scopes]

    def unknown_scopes(self, asked: str | None) -> list[str]:
        return [scope for scope in (asked or "").split() if scope not in self.scopes]


DEMO_SECRET = hashlib.sha256(b"the demo org's confidential app").hexdigest().upper()
"""The same in every demo org, as the passwords are: it guards nothing, and outlives a reset of the data."""
_BUILT_IN = {
    app.client_id: app
    for app in (
        App(DEMO_CLIENT_ID, "Demo Client App", secret=DEMO_SECRET, run_as=ADMIN_USERNAME),
        App(PUBLIC_CLIENT_ID, "Demo Public Client App"),
        App(PLATFORM_CLIENT_ID, "Salesforce CLI"),
    )
}


def find(store: Store, client_id: str) -> App | None:
    """The app of this consumer key: one of those that every org has, as they may have been changed, or a new one."""
    saved = state.get(store, _KIND, client_id)
    return _from_json(saved) if saved else _BUILT_IN.get(client_id)


def save(store: Store, app: App) -> None:
    state.put(store, _KIND, app.client_id, asdict(app))


def register(store: Store, data: dict[str, Any]) -> App:
    """Make or change an app from JSON: keys left out stay as they are."""
    client_id = str(data.get("client_id", ""))
    unknown = set(data) - set(App.__dataclass_fields__)
    if not client_id or unknown:
        raise ApiError(400, "INVALID_APP", f"client_id is required; unknown keys: {sorted(unknown)}")
    with store.transaction():
        app = find(store, client_id) or App(client_id, client_id)
        app = _from_json({**asdict(app), **data})
        save(store, app)
    return app


def _from_json(saved: dict[str, Any]) -> App:
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()}
    return App(**values)


def identify(call: Call, form: dict[str, str], *, secret_needed: bool = True) -> App:
    """The app that makes a request, by Basic authentication or by client_id and client_secret in the form.

    A confidential app must show its secret; one that shows a wrong secret is refused in any case.
    """
    client_id, secret = form.get("client_id"), form.get("client_secret")
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
        except ValueError:
            raise wrong_secret() from None
    if not client_id:
        raise missing_parameter("client_id")
    app = find(call.store, client_id)
    if app is None:
        raise unknown_client()
    if secret and (app.secret is None or not compare_digest(secret.encode(), app.secret.encode())):
        raise wrong_secret()
    if secret_needed and app.secret is not None and not secret:
        raise wrong_secret()
    return app
