"""How much of an org's API calls of 24 hours is used, as its latest answer said (Sforce-Limit-Info).

The figures of the latest call stand in a file per org, so that the first request of the next process knows them too.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

FRESH = 24 * 3600.0
"""Seconds after which calls don't count any more, and figures say nothing."""

EVERY = 5.0
"""Seconds between two notes of one client: others do with figures of a moment ago, and each costs a file."""

_noted: WeakKeyDictionary[Client, float] = WeakKeyDictionary()

log = logging.getLogger(__name__)


def percent(client: Client) -> float | None:
    """What is used, as this process has heard; None where no answer has told yet."""
    return _percent(client.transport.api_usage)


def percent_heard(client: Client) -> float | None:
    """As `percent`; where this process has heard nothing yet, what the latest one has."""
    own = percent(client)
    return _percent(_recall(client)) if own is None else own


def remember(client: Client) -> None:
    """Keep the figures for other processes. Where that can't be, they learn them from their own first answer."""
    usage = client.transport.api_usage
    now = time.monotonic()
    if usage is None or client.session.environment == "demo" or now - _noted.get(client, -EVERY) < EVERY:
        return
    _noted[client] = now
    try:
        path = _path(client)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        folders.write_private(path, json.dumps([*usage, time.time()]).encode())
    except (OSError, SfmcpError) as error:
        log.debug("the org's use of API calls can't be kept: %s", error)


def _recall(client: Client) -> tuple[int, int] | None:
    try:
        used, allowed, moment = json.loads(_path(client).read_text(encoding="utf-8"))
        return (int(used), int(allowed)) if 0 <= time.time() - moment < FRESH else None
    except (OSError, SfmcpError, ValueError, TypeError):
        return None


def _percent(usage: tuple[int, int] | None) -> float | None:
    return 100 * usage[0] / usage[1] if usage and usage[1] else None


def _path(client: Client) -> Path:
    name = hashlib.sha256(client.session.instance_url.encode()).hexdigest()[:24]
    return folders.state_dir() / "rates" / f"{name}.usage"
