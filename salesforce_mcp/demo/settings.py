"""How strict the demo org is: what an administrator would set up, switched by tests through the control resource."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.errors import ApiError

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store


@dataclass(frozen=True, slots=True)
class Settings:
    """The defaults are those of a Salesforce org with one External Client App. Times are in seconds."""

    access_token_lifetime: int = 7200
    refresh_token_lifetime: int = 365 * 86_400
    refresh_token_rotation: bool = False
    """Each refresh answers with a new refresh token and ends the old one; using the old one again ends the login."""
    jwt_access_tokens: bool = False
    """Access tokens are JWTs of more than 2,000 characters."""
    require_pkce: bool = True
    soap_login: bool = True
    """'Enable SOAP API login()'."""
    password_flow: bool = True
    """'Allow OAuth Username-Password Flows'."""
    security_token_required: bool = False
    """A password must be followed by the security token, as from an untrusted network."""
    login_host: bool = False
    """Behave as login.salesforce.com does, which is nobody's My Domain."""
    device_interval: int = 5
    app_installed: bool = True
    admin_approved_only: bool = False
    """'Admin approved users are pre-authorized', and no user is."""
    jwt_preauthorized: bool = True
    """Off: JWT bearer works only for users who consented in the browser before."""
    ip_restricted: bool = False
    login_rate_exceeded: bool = False
    org_active: bool = True
    inactive_users: tuple[str, ...] = ()
    api_disabled_users: tuple[str, ...] = ()
    """User names without the permission 'API Enabled'."""

    def changed(self, changes: dict[str, Any]) -> Settings:
        """A copy with changes from JSON; refuses unknown names and wrong types."""
        known = {item.name: getattr(self, item.name) for item in fields(self)}
        values: dict[str, Any] = {}
        for name, value in changes.items():
            if name not in known:
                raise ApiError(400, "INVALID_SETTING", f"Unknown setting: {name}. Known: {', '.join(known)}")
            if isinstance(known[name], tuple) and isinstance(value, list):
                value = tuple(str(item) for item in value)
            if type(value) is not type(known[name]):
                raise ApiError(400, "INVALID_SETTING", f"{name} takes a {type(known[name]).__name__}")
            values[name] = value
        return replace(self, **values)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_KIND, _KEY = "settings", "oauth"


def load(store: Store) -> Settings:
    saved = state.get(store, _KIND, _KEY)
    return Settings().changed(saved) if saved else Settings()


def save(store: Store, settings: Settings) -> None:
    state.put(store, _KIND, _KEY, settings.as_dict())
