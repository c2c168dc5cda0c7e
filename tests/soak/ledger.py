"""What was said of each write, held against the org's own tables."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

UNKNOWN_WORDS = ("not known", "may have been done", "accepted the request (HTTP 200)")
"""What an error says when a write may have been done or not; 200 is how calls for several records are answered."""
HELP = ("quer", "external Id", "doing it again does no harm", "same import goes on", "look")
"""One of these tells how to find out."""
DONE_WORDS = ("accepted the request (HTTP 201)",)
"""What an error says when the write was done and only its answer could not be read."""


class Said(Enum):
    """What was reported of a write."""

    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, text: str, *, failed: bool) -> Said:
        if not failed or any(words in text for words in DONE_WORDS):
            return cls.DONE
        return cls.UNKNOWN if any(words in text for words in UNKNOWN_WORDS) else cls.FAILED


@dataclass(frozen=True)
class Write:
    """A write, and where to look for it: the rows of `table` in which `column` is `key`.

    `done` and `undone` are the values that such a row has after and without it; None: there is no row. `id` is the
    record that was reported. `text` is the answer.
    """

    table: str
    column: str
    key: str
    said: Said
    done: Mapping[str, Any] | None
    undone: Mapping[str, Any] | None
    text: str = ""
    id: str | None = None


@dataclass
class Ledger:
    """Counts what was right, and keeps what was not."""

    path: Path
    said: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    misreported: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Everything that was not right."""
        return [*self.lost, *self.doubled, *self.misreported]

    def check(self, write: Write) -> str | None:
        """Hold a write against the table; the Id of its record, None where there is none."""
        self.said[write.said.value] += 1
        names = list(dict.fromkeys(["Id", *(write.done or {}), *(write.undone or {})]))
        statement = f'SELECT {", ".join(names)} FROM "{write.table}" WHERE "{write.column}" = ? AND IsDeleted = 0'
        rows = [dict(zip(names, row, strict=True)) for row in self.read(statement, [write.key])]
        what = f"{write.table} {write.column}={write.key}, said to be {write.said.value}: {rows} ({write.text[:600]})"
        if len(rows) > 1:
            self.doubled.append(what)
            return None
        found = rows[0] if rows else None
        is_done, is_undone = _matches(found, write.done), _matches(found, write.undone)
        if write.said is Said.DONE and not is_done:
            self.lost.append(what)
        elif not {
            Said.DONE: found is None or write.id in (None, found["Id"]),
            Said.FAILED: is_undone,
            Said.UNKNOWN: (is_done or is_undone) and any(words in write.text for words in HELP),
        }[write.said]:
            self.misreported.append(what)
        return found["Id"] if found else None

    def wrong(self, what: str) -> None:
        """Note an answer that is not true, whatever it was about."""
        self.misreported.append(what)

    def read(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of the org's tables."""
        with closing(sqlite3.connect(self.path, timeout=60)) as connection:
            return connection.execute(statement, values).fetchall()

    def count(self, table: str) -> int:
        """How many records an object has."""
        return int(self.read(f'SELECT COUNT(*) FROM "{table}" WHERE IsDeleted = 0')[0][0])


def _matches(row: Mapping[str, Any] | None, wanted: Mapping[str, Any] | None) -> bool:
    if row is None or wanted is None:
        return row is wanted
    return all(row[name] == value for name, value in wanted.items())
