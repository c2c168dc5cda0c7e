"""A demo org with users and settings but no records, and short ways to fill and ask it."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo import seed, tables, users
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.objects import standard_objects
from salesforce_mcp.demo.query import run_query
from salesforce_mcp.demo.schema import record_id
from salesforce_mcp.demo.search import run_search
from salesforce_mcp.demo.seeding import organization
from salesforce_mcp.demo.seeding.writer import Writer
from salesforce_mcp.demo.store import Store
from salesforce_mcp.demo.users import User

NOW = datetime(2024, 5, 15, 19, 0, tzinfo=UTC)
"""The present moment of these tests: a Wednesday, noon in California."""
_AUDIT = ("CreatedDate", "LastModifiedDate", "SystemModstamp")


@dataclass
class Org:
    """Fills tables directly, so that what a test finds depends on the query engine alone."""

    store: Store
    ada: User
    """A System Administrator in California."""
    stan: User
    """A Standard User in New York."""
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, sobject: str, **values: Any) -> str:
        """Insert a record as it is; answers its Id."""
        definition = self.store.objects[sobject]
        self.counts[sobject] = self.counts.get(sobject, 0) + 1
        row = {"Id": record_id(definition.id_prefix, 5_000 + self.counts[sobject]), "IsDeleted": 0}
        row |= dict.fromkeys(_AUDIT, "2024-01-01T00:00:00.000+0000")
        row |= {"OwnerId": self.ada.id, "CreatedById": self.ada.id, "LastModifiedById": self.ada.id}
        stored = {each.name for each in definition.stored_fields}
        row = {name: value for name, value in row.items() if name in stored} | values
        columns = ", ".join(f'"{name}"' for name in row)
        places = ", ".join("?" * len(row))
        self.store.connection().execute(f'INSERT INTO "{sobject}" ({columns}) VALUES ({places})', list(row.values()))
        return str(row["Id"])

    def change(self, sobject: str, where: str, **values: Any) -> None:
        """Update rows as they are."""
        changes = ", ".join(f'"{name}" = ?' for name in values)
        self.store.connection().execute(f'UPDATE "{sobject}" SET {changes} WHERE {where}', list(values.values()))

    def answer(self, soql: str, user: User | None = None, **options: Any) -> dict[str, Any]:
        """The whole answer to a query."""
        return run_query(self.store, user or self.ada, soql, now=NOW, **options)

    def records(self, soql: str, user: User | None = None, **options: Any) -> list[dict[str, Any]]:
        """The records, without their attributes."""
        return [plain(each) for each in self.answer(soql, user, **options)["records"]]

    def rows(self, soql: str, user: User | None = None, **options: Any) -> list[tuple[Any, ...]]:
        """The values of each record, in the order asked for."""
        return [tuple(each.values()) for each in self.records(soql, user, **options)]

    def column(self, soql: str, user: User | None = None, **options: Any) -> list[Any]:
        """The values of a query for one field."""
        return [value for (value,) in self.rows(soql, user, **options)]

    def refusal(self, soql: str, user: User | None = None, **options: Any) -> tuple[str, str]:
        """Code and last line of the refusal of a query."""
        with pytest.raises(ApiError) as caught:
            self.answer(soql, user, **options)
        assert caught.value.status == 400
        return caught.value.code, caught.value.message.rpartition("\n")[2]

    def search(self, sosl: str, user: User | None = None, **options: Any) -> Any:
        """The whole answer to a search."""
        return run_search(self.store, user or self.ada, sosl, **options)

    def found(self, sosl: str, user: User | None = None) -> list[Any]:
        """The first value of each record found."""
        return [next(iter(plain(each).values())) for each in self.search(sosl, user)["searchRecords"]]


def plain(record: dict[str, Any]) -> dict[str, Any]:
    """A record without its attributes."""
    return {key: value for key, value in record.items() if key != "attributes"}


@pytest.fixture(scope="session")
def empty_org_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty-org") / "org.db"
    objects = standard_objects()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        tables.create_tables(connection, objects)
        writer = Writer(connection, objects, NOW)
        organization.seed(writer)
        writer.finish()
        tables.create_indexes(connection, objects)
        connection.execute("INSERT INTO facts VALUES ('scale', '1')")
        connection.execute(f"PRAGMA user_version = {seed.version()}")
    return path


@pytest.fixture
def org(empty_org_file: Path, tmp_path: Path) -> Any:
    path = tmp_path / "org.db"
    shutil.copyfile(empty_org_file, path)
    store = Store(path)
    ada, stan = (users.by_username(store, name) for name in (users.ADMIN_USERNAME, users.STANDARD_USERNAME))
    assert ada is not None and stan is not None
    yield Org(store, ada, stan)
    store.close()
