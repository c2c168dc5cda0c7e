"""The device flow: a program without a browser shows a code, its user enters it elsewhere (/setup/connect).

Source: Salesforce Help, "OAuth 2.0 Device Flow for IoT Integration"; RFC 8628.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import settings, state
from salesforce_mcp.demo.http import Call, Reply
from salesforce_mcp.demo.oauth import apps
from salesforce_mcp.demo.oauth.errors import OAuthError, missing_parameter

if TYPE_CHECKING:
    from salesforce_mcp.demo.oauth.apps import App

DEVICE, USER_CODE = "device", "user_code"
LIFETIME = 600
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"


def start(call: Call, form: dict[str, str]) -> Reply:
    """Answer a request for a code (`response_type=device_code`)."""
    app = apps.identify(call, form, secret_needed=False)
    device_code = secrets.token_urlsafe(64)
    user_code = "".join(secrets.choice(_LETTERS) for _ in range(8))
    key = state.digest(device_code)
    waiting = {
        "client_id": app.client_id,
        "scopes": app.grant_scopes(form.get("scope")),
        "status": "pending",
        "user_id": None,
        "polled": 0.0,
    }
    with call.store.transaction():
        state.put(call.store, DEVICE, key, waiting, lifetime=LIFETIME)
        state.put(call.store, USER_CODE, user_code, {"device": key}, lifetime=LIFETIME)
    return Reply(
        body={
            "device_code": device_code,
            "user_code": user_code,
            "verification_uri": f"{call.base_url}/setup/connect",
            "interval": settings.load(call.store).device_interval,
        }
    )


def find(call: Call, user_code: str) -> dict[str, Any] | None:
    """What waits for a user code, with its key under `device`; letters may be small and grouped."""
    code = user_code.upper().replace("-", "").replace(" ", "")
    entry = state.get(call.store, USER_CODE, code)
    waiting = entry and state.get(call.store, DEVICE, entry["device"])
    if not entry or not waiting or waiting["status"] != "pending":
        return None
    return {**waiting, "device": entry["device"]}


def decide(call: Call, device: str, *, user_id: str | None) -> None:
    """Let the waiting program in as this user, or refuse it (None)."""
    with call.store.transaction():
        waiting = state.get(call.store, DEVICE, device)
        if waiting:
            decided = {**waiting, "user_id": user_id, "status": "approved" if user_id else "denied"}
            state.change(call.store, DEVICE, device, decided)


def poll(call: Call, form: dict[str, str], app: App) -> tuple[str, list[str]]:
    """The user and scopes once the user has decided; until then, authorization_pending or slow_down."""
    given = form.get("code")
    if not given:
        raise missing_parameter("code")
    key = state.digest(given)
    interval = settings.load(call.store).device_interval
    with call.store.transaction():
        waiting = state.get(call.store, DEVICE, key)
        if waiting is None or waiting["client_id"] != app.client_id:
            raise OAuthError("invalid_grant", "invalid device code")
        too_soon = time.time() - waiting["polled"] < interval
        if waiting["status"] == "pending":
            state.change(call.store, DEVICE, key, {**waiting, "polled": time.time()})
        else:
            state.remove(call.store, DEVICE, key)
    if waiting["status"] == "denied":
        raise OAuthError("access_denied", "end-user denied authorization")
    if waiting["status"] == "pending" and too_soon:
        raise OAuthError("slow_down", "polling too quickly")
    if waiting["status"] == "pending":
        raise OAuthError("authorization_pending", "waiting for user authorization")
    return waiting["user_id"], waiting["scopes"]
