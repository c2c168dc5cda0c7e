"""Rows that were fetched and not yet shown, and the cursors that go on with them.

A cursor is `SOURCE-OFFSET`: the next row's place, counted from 0, in either a query locator of the org
(`query/01g...-2000`, which any process with the same org can go on with) or in rows kept by this process
(`kept/...-50`). What a list without locators goes on with (`next/...-0`, see `nextpage`) is a page of its own. Reading
with a cursor changes nothing, so the same cursor read twice gives the same rows.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

from salesforce_mcp.errors import ArgumentError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce.pages import locator
from salesforce_mcp.tools.results import Table

KEPT = "kept/"
NEXT = "next/"
MAX_ROWS = 50_000
"""Rows kept in all; the sources that were read longest ago give way."""

_CURSOR = re.compile(
    r"(kept/[0-9a-f]{16}|next/[a-z2-7]{4,2000}|(?:tooling/)?query(?:All)?/[0-9A-Za-z]{10,40})-(\d{1,9})"
)
_LOCATOR_GONE = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_QUERY_CURSOR", "NOT_FOUND"})

Load = Callable[[str, list[str] | None], Table]
"""Fetches the page of a locator. Takes the path below `/services/data/vNN.0/` (`query/01g...-2000`) and the columns of
the pages before it where they are known. The table's `cursor` is `locator_cursor(nextRecordsUrl)`."""


class CursorExpired(SfmcpError):
    """What the cursor pointed to is gone."""

    default_code = "CURSOR_EXPIRED"

    def __init__(self) -> None:
        super().__init__("The rows that this cursor pointed to are no longer kept.", hint="Run the query again.")


@dataclass(slots=True)
class _Source:
    """Consecutive rows of one answer. `start`: place of the first. `limit`: rows that the caller wants at a time."""

    table: Table
    start: int
    limit: int | None

    @property
    def end(self) -> int:
        return self.start + len(self.table.rows)


def locator_cursor(next_records_url: str | None) -> str | None:
    """The cursor for a `nextRecordsUrl` (`/services/data/vNN.0/query/01g...-2000`); None for None."""
    return locator(next_records_url) if next_records_url else None


def check_cursor(cursor: str) -> str:
    """Return the cursor; raise ArgumentError when it was never one of ours."""
    _split(cursor)
    return cursor


class PageStore:
    """What one process keeps between calls. Safe for threads."""

    def __init__(self, max_rows: int = MAX_ROWS) -> None:
        self._max_rows = max_rows
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._lock = threading.Lock()

    def first(self, table: Table, limit: int | None = None) -> Table:
        """Begin to page through a fresh answer: its first `limit` rows, with a cursor when more follow.

        `table` holds all rows that were fetched; its own cursor, if any, goes on after the last of them. Later pages
        have `limit` rows too. The rows beyond the limit are kept.
        """
        if limit is None or len(table.rows) <= limit:
            if table.cursor:
                self._keep(table, limit)  # the pages that follow have its columns and limit
            return table
        return self._shorten(table, limit, limit)

    def cut(self, table: Table, shown: int) -> Table:
        """The first `shown` rows of a table, with a cursor that goes on with the row after them."""
        return self._shorten(table, shown, None)

    def read(self, cursor: str, load: Load | None = None) -> Table:
        """The rows that follow.

        `load` fetches from the org what isn't kept here; without it only kept rows can be read. Raises ArgumentError
        for what is no cursor, CursorExpired when the rows or the locator are gone.
        """
        name, offset = _split(cursor)
        source = self._find(name)
        if source is None or not source.start <= offset < source.end:
            if load is None or name.startswith(KEPT):
                raise CursorExpired
            source = self._load(load, name, offset, source)
        table = replace(source.table, rows=source.table.rows[offset - source.start :], at=cursor, notes=[], plot=None)
        if source.limit is not None and len(table.rows) > source.limit:
            return self.cut(table, source.limit)
        return table

    def _shorten(self, table: Table, shown: int, limit: int | None) -> Table:
        at = table.at or self._keep(table, limit)
        name, offset = _split(at)
        return replace(table, rows=table.rows[:shown], at=at, cursor=f"{name}-{offset + shown}")

    def _keep(self, table: Table, limit: int | None) -> str:
        """Keep the rows of a table that stands alone; return the cursor of its first row."""
        name, start = f"{KEPT}{secrets.token_hex(8)}", 0
        if table.cursor:
            following, end = _split(table.cursor)
            if not following.startswith((KEPT, NEXT)):
                name, start = following, end - len(table.rows)
        self._put(name, _Source(table, start, limit))
        return f"{name}-{start}"

    def _load(self, load: Load, name: str, offset: int, before: _Source | None) -> _Source:
        try:
            table = load(f"{name}-{offset}", before.table.columns if before else None)
        except SalesforceError as error:
            if error.code in _LOCATOR_GONE:
                raise CursorExpired from error
            raise
        # An org that rounds an offset to its own batches would make us skip or repeat rows: better to say so.
        end = _split(table.cursor)[1] if table.cursor else table.total
        if end is not None and end - len(table.rows) != offset:
            raise CursorExpired
        source = _Source(table, offset, before.limit if before else None)
        self._put(name, source)
        return source

    def _find(self, name: str) -> _Source | None:
        with self._lock:
            source = self._sources.get(name)
            if source:
                self._sources.move_to_end(name)
            return source

    def _put(self, name: str, source: _Source) -> None:
        with self._lock:
            self._sources[name] = source
            self._sources.move_to_end(name)
            kept = sum(len(each.table.rows) for each in self._sources.values())
            while kept > self._max_rows and len(self._sources) > 1:
                _, dropped = self._sources.popitem(last=False)
                kept -= len(dropped.table.rows)


def _split(cursor: str) -> tuple[str, int]:
    match = _CURSOR.fullmatch(cursor)
    if not match:
        raise ArgumentError(
            "This is not a cursor of an earlier answer.",
            fields=("cursor",),
            hint="Pass the cursor exactly as the earlier answer gave it, or run the query again.",
        )
    return match[1], int(match[2])
