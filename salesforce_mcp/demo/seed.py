"""Fill an org's file with the data of a believable company.

The same on every machine but for its dates, which are relative to the day of seeding (UTC), so that queries such as
`CreatedDate = LAST_N_DAYS:7` find rows in a fresh org. Records "of today" lie before the moment of seeding.
"""

from __future__ import annotations

import sqlite3
import zlib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from salesforce_mcp.demo import tables
from salesforce_mcp.demo.objects import DEFINITIONS
from salesforce_mcp.demo.schema import SObjects
from salesforce_mcp.demo.seeding.writer import Writer

_SEEDING = Path(__file__).with_name("seeding")


@cache
def version() -> int:
    """What tells files of another version: a checksum of the definitions and of all that seeds."""
    checksum = 0
    for path in sorted([*DEFINITIONS.glob("*.txt"), *_SEEDING.rglob("*.py"), *_SEEDING.rglob("*.json")]):
        checksum = zlib.crc32(path.read_bytes(), checksum)
    return checksum >> 1  # user_version is a signed 32-bit number


def seed(connection: sqlite3.Connection, objects: SObjects, scale: int = 1, *, now: datetime | None = None) -> None:
    """Make the tables of an empty database and fill them; `scale` is about how many rows the largest ones get.

    `now` stands in for the present moment. The connection must be in autocommit mode; it is left with the write-ahead
    log switched on.
    """
    from salesforce_mcp.demo.seeding import (
        activities,
        analytics,
        chatter,
        custom,
        customers,
        deals,
        knowledge,
        organization,
        service,
        viewed,
    )

    for pragma in (
        "journal_mode = OFF",
        "synchronous = OFF",
        "cache_size = -200000",
        "temp_store = MEMORY",
        "threads = 4",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    tables.create_tables(connection, objects)
    writer = Writer(connection, objects, now or datetime.now(UTC))
    organization.seed(writer)
    world = customers.seed(writer, scale)
    deals.seed(writer, world, scale)
    service.seed(writer, world, scale)
    activities.seed(writer, world, scale)
    knowledge.seed(writer, world)
    custom.seed(writer, world)
    analytics.seed(writer)
    chatter.seed(writer, world)
    viewed.seed(writer, world)
    writer.finish()
    facts = [("scale", str(scale)), ("seeded", writer.today.isoformat())]
    connection.executemany("INSERT INTO facts VALUES (?, ?)", facts)
    tables.create_indexes(connection, objects)
    connection.execute(f"PRAGMA user_version = {version()}")
    connection.execute("COMMIT")
    connection.execute("PRAGMA analysis_limit = 1000")
    connection.execute("ANALYZE")
    connection.execute("PRAGMA journal_mode = WAL")
