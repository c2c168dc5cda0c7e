"""The control resource: what tests do to the org from outside. It is for loopback alone, as the whole org is.

POST, GET, DELETE /demo/faults      add a rule (see demo/faults.py), list them, remove them all
GET, DELETE /demo/requests          what was asked (`?method=&path=&grant_type=` with globs), forget it
POST, GET, DELETE /demo/settings    change some (see demo/settings.py), show them, back to the defaults
POST /demo/apps                     register or change an External Client App (see demo/oauth/apps.py)
DELETE /demo/sessions               every access token expires now
DELETE /demo/grants                 every refresh token is revoked now, with its sessions
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps

from salesforce_mcp.demo import settings, state
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.faults import Fault, Faults
from salesforce_mcp.demo.http import Call, Handler, Reply, Route
from salesforce_mcp.demo.journal import Journal
from salesforce_mcp.demo.oauth import apps, tokens


def routes(faults: Faults, journal: Journal) -> list[Route]:
    """The routes for one running org."""

    def add_fault(call: Call) -> Reply:
        fault = Fault.parse(call.json_object())
        faults.add(fault)
        return Reply(201, fault.describe())

    def list_faults(call: Call) -> Reply:
        return Reply(body=faults.describe())

    def clear_faults(call: Call) -> Reply:
        faults.clear()
        return Reply(204)

    def list_requests(call: Call) -> Reply:
        query = call.query
        return Reply(body=journal.describe(query.get("method", "*"), query.get("path", "*"), query.get("grant_type")))

    def clear_requests(call: Call) -> Reply:
        journal.clear()
        return Reply(204)

    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "faults", add_fault),
        ("GET", "faults", list_faults),
        ("DELETE", "faults", clear_faults),
        ("GET", "requests", list_requests),
        ("DELETE", "requests", clear_requests),
        ("GET", "settings", _show_settings),
        ("POST", "settings", _change_settings),
        ("DELETE", "settings", _reset_settings),
        ("POST", "apps", _register_app),
        ("DELETE", "sessions", _expire_sessions),
        ("DELETE", "grants", _revoke_grants),
    ]
    return [
        Route(method, f"/demo/{name}", _not_for_pages(handler), session=False) for method, name, handler in handlers
    ]


def _not_for_pages(handler: Handler) -> Callable[[Call], Reply]:
    """Refuse requests that a web page makes: a browser names its origin, programs don't."""

    @wraps(handler)
    def guarded(call: Call) -> Reply:
        if "origin" in call.headers or call.headers.get("sec-fetch-site", "none") != "none":
            raise ApiError(403, "FORBIDDEN", "The control resource is not for web pages.")
        return handler(call)

    return guarded


def _show_settings(call: Call) -> Reply:
    return Reply(body=settings.load(call.store).as_dict())


def _change_settings(call: Call) -> Reply:
    with call.store.transaction():
        changed = settings.load(call.store).changed(call.json_object())
        settings.save(call.store, changed)
    return Reply(body=changed.as_dict())


def _reset_settings(call: Call) -> Reply:
    settings.save(call.store, settings.Settings())
    return Reply(204)


def _register_app(call: Call) -> Reply:
    app = apps.register(call.store, call.json_object())
    return Reply(201, {**asdict(app), "secret": None})


def _expire_sessions(call: Call) -> Reply:
    state.clear(call.store, tokens.SESSION)
    return Reply(204)


def _revoke_grants(call: Call) -> Reply:
    state.clear(call.store, tokens.GRANT)
    return Reply(204)
