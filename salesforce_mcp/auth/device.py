"""Device flow: the user enters a code in a browser anywhere, and this machine asks until that is done.

Salesforce's form of RFC 8628: both requests go to the token endpoint, `response_type=device_code` and
`grant_type=device`, and the code is good for ten minutes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from salesforce_mcp.auth import hosts, tokens, web
from salesforce_mcp.auth.grant import Grant
from salesforce_mcp.auth.oauth_errors import explain
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.errors import NetworkError, SessionError, UsageError

LIFETIME = 600
"""Seconds in which the user must enter the code."""

SLOWEST = 60
"""Seconds between questions that an answer may ask for; what asks for more is no such answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """Where the user goes and what they enter there. `interval` is the seconds between questions."""

    url: str
    user_code: str
    device_code: str = field(repr=False)
    interval: float


def invite(org: Org) -> Invitation:
    """Begin. Raises SessionError when the app does not allow the flow, NetworkError, UsageError without a client id."""
    if not org.client_id:
        raise UsageError("The device flow needs an app's client id.", hint="Use --client-id or SFMCP_CLIENT_ID.")
    form = {"response_type": "device_code", "client_id": org.client_id, "scope": " ".join(org.scopes)}
    answer = web.post(tokens.token_url(org), form)
    url, user_code, device_code = (answer.get(key) for key in ("verification_uri", "user_code", "device_code"))
    if answer.status != 200 or not (url and user_code and device_code):
        if error := answer.get("error"):
            raise explain(error, answer.get("error_description") or "", org, skew=answer.skew)
        raise tokens.unusable(org.login_url, answer)
    hosts.origin(url, allowed=org.allowed_hosts, what="address to enter the code at")
    interval = answer.body.get("interval")
    return Invitation(
        url=url,
        user_code=user_code,
        device_code=device_code,
        interval=interval if isinstance(interval, int | float) and 0 < interval <= SLOWEST else 5.0,
    )


def wait(org: Org, invitation: Invitation, *, pause: Callable[[float], None] = time.sleep) -> Grant:
    """The grant, once the user has entered the code and allowed access. Raises SessionError when denied or too late."""
    form = {"grant_type": "device", "client_id": org.client_id or "", "code": invitation.device_code}
    interval = invitation.interval
    end = time.monotonic() + LIFETIME
    while time.monotonic() < end:
        pause(interval)
        try:
            return tokens.request(org, form)
        except SessionError as refusal:
            if refusal.code == "slow_down":
                interval += 5
            elif refusal.code != "authorization_pending":
                raise
        except NetworkError as failure:
            if not failure.retryable:
                raise
    raise explain("expired_token", "", org)
