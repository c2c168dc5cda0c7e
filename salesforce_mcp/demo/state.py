"""Small values that the org's processes share through its store: tokens, apps, settings, counters.

A row is a kind, a key and JSON, with the moment after which it no longer counts. What is secret goes in as a key made
by `digest`, so that the file holds no token.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store


def digest(secret: str) -> str:
    """What stands for a secret in the store."""
    return hashlib.sha256(secret.encode("utf-8")).hexdigest()


def get(store: Store, kind: str, key: str) -> dict[str, Any] | None:
    """The value, unless it isn't there or its time is over."""
    row = (
        store.connection()
        .execute("SELECT value, expires FROM server_state WHERE kind = ? AND key = ?", (kind, key))
        .fetchone()
    )
    if row is None or (row[1] is not None and row[1] <= time.time()):
        return None
    value: dict[str, Any] = orjson.loads(row[0])
    return value


def put(store: Store, kind: str, key: str, value: dict[str, Any], *, lifetime: float | None = None) -> None:
    """Set a value; `lifetime` in seconds, None for good."""
    expires = None if lifetime is None else time.time() + lifetime
    with store.transaction():
        store.connection().execute(
            "INSERT OR REPLACE INTO server_state (kind, key, value, expires) VALUES (?, ?, ?, ?)",
            (kind, key, orjson.dumps(value), expires),
        )


def change(store: Store, kind: str, key: str, value: dict[str, Any]) -> None:
    """Replace a value that is there; its time stays as it was."""
    with store.transaction():
        store.connection().execute(
            "UPDATE server_state SET value = ? WHERE kind = ? AND key = ?", (orjson.dumps(value), kind, key)
        )


def remove(store: Store, kind: str, key: str) -> bool:
    """Remove a value; whether it was there."""
    with store.transaction():
        cursor = store.connection().execute("DELETE FROM server_state WHERE kind = ? AND key = ?", (kind, key))
    return cursor.rowcount > 0


def items(store: Store, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """All values of a kind whose time isn't over."""
    rows = store.connection().execute(
        "SELECT key, value FROM server_state WHERE kind = ? AND (expires IS NULL OR expires > ?)", (kind, time.time())
    )
    for key, value in rows.fetchall():
        yield key, orjson.loads(value)


def clear(store: Store, kind: str) -> None:
    """Remove all values of a kind."""
    with store.transaction():
        store.connection().execute("DELETE FROM server_state WHERE kind = ?", (kind,))


def purge(store: Store) -> None:
    """Remove what is over."""
    with store.transaction():
        store.connection().execute("DELETE FROM server_state WHERE expires <= ?", (time.time(),))
