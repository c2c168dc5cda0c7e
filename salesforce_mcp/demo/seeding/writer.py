"""How seeders fill tables: Ids in sequence, moments relative to the day of seeding, rows in bulk.

Moments are whole minutes before (negative) or after midnight, UTC, of the day of seeding. All else is drawn from one
random generator with a fixed start, so that two orgs seeded on the same day hold the same.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from salesforce_mcp.demo.schema import SObjects, record_ids

DAY = 1440
_AUDIT = " CreatedDate CreatedById LastModifiedDate LastModifiedById SystemModstamp"
_RANDOM_START = 20_240_229


class Writer:
    """Fills one database. `users` maps the seed's short names of users (`ada`) to their Ids."""

    def __init__(self, connection: sqlite3.Connection, objects: SObjects, now: datetime) -> None:
        self.connection = connection
        self.objects = objects
        self.random = random.Random(_RANDOM_START)  # noqa: S311 - believable data, not secrets
        self.today: date = now.date()
        self.now = now.hour * 60 + now.minute - 1
        self.users: dict[str, str] = {}
        self.counts: dict[str, int] = {}
        self._days: dict[int, str] = {}
        self._times = [f"T{each // 60:02d}:{each % 60:02d}:{each * 37 % 60:02d}.000+0000" for each in range(DAY)]

    def ids(self, sobject: str, count: int) -> list[str]:
        """The next Ids of an object."""
        first = self.counts.get(sobject, 0) + 1
        self.counts[sobject] = first + count - 1
        return list(record_ids(self.objects[sobject].id_prefix, first, count))

    def insert(self, sobject: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Insert rows of these columns (names parted by spaces)."""
        names = columns.split()
        listed = ", ".join(f'"{name}"' for name in names)
        places = ", ".join("?" for _ in names)
        statement = f'INSERT INTO "{sobject}" ({listed}) VALUES ({places})'  # noqa: S608 - names of the schema
        self.connection.executemany(statement, rows)

    def insert_audited(self, sobject: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
        """Likewise; each row ends with created, creator, modified, modifier."""
        self.insert(sobject, columns + _AUDIT, ((*row, row[-2]) for row in rows))

    def day(self, minute: int) -> str:
        """The date of a moment, as it is stored."""
        number = minute // DAY
        text = self._days.get(number)
        if text is None:
            text = self._days[number] = (self.today + timedelta(days=number)).isoformat()
        return text

    def stamp(self, minute: int) -> str:
        """A moment as it is stored. The seconds follow from the minute, so that they aren't all zero."""
        return self.day(minute) + self._times[minute % DAY]

    def past(self, days: float, *, recent: float = 1.0) -> int:
        """A moment within the last `days`, mostly at working hours; `recent` above 1 favours the latest."""
        ago = int(days * (1 - self.random.random() ** (1 / recent)))
        minute = int(self.random.triangular(13 * 60, 24 * 60, 17 * 60))
        share = self.random.random()  # drawn in any case, so that what follows doesn't depend on the time of day
        moment = minute - DAY * ago
        return moment if moment < self.now else int(self.now * share) - 1

    def later(self, moment: int) -> int:
        """A moment between this one and now, nearer to this one."""
        return moment + int((self.now - moment) * self.random.random() ** 3)

    def insert_labels(self, sobject: str, values: list[tuple[str, dict[str, Any]]]) -> None:
        """Rows of an object that lists the values of a status field, with what else each says; the first is default."""
        stamp, ada = self.stamp(-900 * DAY), self.users["ada"]
        self.insert_audited(
            sobject,
            f"Id MasterLabel ApiName SortOrder {' '.join(values[0][1])}",
            [
                (record, value, value, number, *more.values(), stamp, ada, stamp, ada)
                for number, (record, (value, more)) in enumerate(
                    zip(self.ids(sobject, len(values)), values, strict=True), 1
                )
            ],
        )

    def finish(self) -> None:
        """Let new records go on where the seed stops."""
        self.connection.executemany("INSERT OR REPLACE INTO sequences VALUES (?, ?)", self.counts.items())


def load(name: str) -> Any:
    """One of the seed's JSON files."""
    return json.loads(Path(__file__).with_name("data").joinpath(f"{name}.json").read_text(encoding="utf-8"))
