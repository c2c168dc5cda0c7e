"""Query locators: the Ids of a result that didn't fit into one answer, kept in the org's file.

A page is read anew from the records of its Ids, so rows are neither skipped nor repeated whatever is written meanwhile,
any process of the org can go on, and a million rows cost eighteen megabytes on disk. Source: Developer Limits Quick
Reference, "API Query Cursor Limits": results are available for two days.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import orjson

from salesforce_mcp.demo import state
from salesforce_mcp.demo.schema import record_id
from salesforce_mcp.demo.soql_engine import refusals

if TYPE_CHECKING:
    import sqlite3

    from salesforce_mcp.demo.store import Store

LIFETIME = 2 * 86_400.0
MOST_PER_USER = 100
"""The oldest go when a user has more, so that the file doesn't grow for ever."""
_KIND, _IDS = "locator", "locator-ids"
_CHUNK = 2_000
_LENGTH = 18
_FORM = re.compile(r"(01g\w{15})-(\d+)")


@dataclass(frozen=True, slots=True)
class Locator:
    """What is needed to go on with a query.

    `children` leads to the subquery whose rows these are, by the keys of the results; empty for the query itself.
    """

    soql: str
    include_deleted: bool
    batch_size: int
    total: int
    tooling: bool = False
    children: tuple[str, ...] = ()


def create(store: Store, user_id: str, locator: Locator, ids: Sequence[str]) -> str:
    """Keep a result for a user; returns the locator's Id."""
    expires = time.time() + LIFETIME
    with store.transaction() as connection:
        _forget(connection, user_id)
        key = record_id("01g", store.next_number("QueryLocator"))
        rows = [(_KIND, f"{user_id}/{key}", orjson.dumps(asdict(locator)), expires)]
        for at in range(0, len(ids), _CHUNK):
            chunk = "".join(ids[at : at + _CHUNK]).encode("ascii")
            rows.append((_IDS, _chunk_key(user_id, key, at), chunk, expires))
        connection.executemany("INSERT INTO server_state (kind, key, value, expires) VALUES (?, ?, ?, ?)", rows)
    return key


def url(data_root: str, key: str, offset: int) -> str:
    """`nextRecordsUrl` of the row at `offset`."""
    return f"{data_root}/query/{key}-{offset}"


def find(store: Store, user_id: str, text: str) -> tuple[str, Locator, int]:
    """The locator that a url ends with, and the offset in it; refuses another user's, and one that is over."""
    match = _FORM.fullmatch(text)
    stored = state.get(store, _KIND, f"{user_id}/{match[1]}") if match else None
    if match is None or stored is None or int(match[2]) >= stored["total"]:
        raise refusals.invalid_locator()
    return match[1], Locator(**{**stored, "children": tuple(stored["children"])}), int(match[2])


def ids(store: Store, user_id: str, key: str, offset: int, count: int) -> list[str]:
    """The Ids from `offset` on."""
    rows = store.connection().execute(
        "SELECT value FROM server_state WHERE kind = ? AND key BETWEEN ? AND ? ORDER BY key",
        (_IDS, _chunk_key(user_id, key, offset), _chunk_key(user_id, key, offset + count - 1)),
    )
    text = b"".join(value for (value,) in rows).decode("ascii")
    start = offset % _CHUNK * _LENGTH
    end = min(start + count * _LENGTH, len(text))
    return [text[at : at + _LENGTH] for at in range(start, end, _LENGTH)]


def _chunk_key(user_id: str, key: str, offset: int) -> str:
    return f"{user_id}/{key}/{offset // _CHUNK:06d}"


def _forget(connection: sqlite3.Connection, user_id: str) -> None:
    """Drop what is over, and the oldest of what is more than a user may keep."""
    connection.execute("DELETE FROM server_state WHERE kind IN (?, ?) AND expires <= ?", (_KIND, _IDS, time.time()))
    mine = connection.execute(
        "SELECT key FROM server_state WHERE kind = ? AND key BETWEEN ? AND ? ORDER BY key DESC",
        (_KIND, f"{user_id}/", f"{user_id}0"),
    ).fetchall()
    for (key,) in mine[MOST_PER_USER - 1 :]:
        connection.execute("DELETE FROM server_state WHERE kind = ? AND key = ?", (_KIND, key))
        connection.execute(
            "DELETE FROM server_state WHERE kind = ? AND key BETWEEN ? AND ?", (_IDS, f"{key}/", f"{key}0")
        )
