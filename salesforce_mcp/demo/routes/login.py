"""The paths of OAuth, of its pages, and of the SOAP login. None needs a session: each checks what it was given."""

from __future__ import annotations

from salesforce_mcp.demo.http import Call, Reply, Route
from salesforce_mcp.demo.oauth import browser, grants, identity, pages, soap


def welcome(call: Call) -> Reply:
    """GET /: somebody opened the org in a browser."""
    return pages.message(
        "The Demo Org", "This is sfmcp's demo org. It is running, and has an API but no pages of its own."
    )


def _open(method: str, path: str, handler: object) -> Route:
    return Route(method, path, handler, session=False)  # type: ignore[arg-type]


routes = [
    _open("GET", "/", welcome),
    _open("GET", "/services/oauth2/authorize", browser.authorize),
    _open("POST", "/services/oauth2/authorize", browser.authorize),
    _open("POST", browser.LOGIN_PATH, browser.log_in),
    _open("GET", browser.CONSENT_PATH, browser.consent_page),
    _open("POST", browser.CONSENT_PATH, browser.consent),
    _open("GET", browser.DEVICE_PATH, browser.device_page),
    _open("POST", browser.DEVICE_PATH, browser.device_connect),
    _open("POST", "/services/oauth2/token", grants.token),
    _open("GET", "/services/oauth2/revoke", identity.revoke),
    _open("POST", "/services/oauth2/revoke", identity.revoke),
    _open("POST", "/services/oauth2/introspect", identity.introspect),
    _open("GET", "/services/oauth2/userinfo", identity.userinfo),
    _open("POST", "/services/oauth2/userinfo", identity.userinfo),
    _open("GET", "/id/keys", identity.keys),
    _open("GET", "/id/{org}/{user}", identity.identity),
    _open("GET", "/.well-known/openid-configuration", identity.configuration),
    _open("POST", "/services/Soap/u/{number}", soap.handle),
    _open("POST", "/services/Soap/u/{number}/{org}", soap.handle),
    _open("POST", "/services/Soap/c/{number}", soap.handle),
    _open("POST", "/services/Soap/c/{number}/{org}", soap.handle),
]
