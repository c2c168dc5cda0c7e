"""How a row of SQLite becomes a record of the REST API.

A shape takes a slice of the row: the record's Id first, then one column per key in the order asked for. Keys whose
value is itself made of several columns (a parent, an address) hold a placeholder in the slice and have a shape of their
own further to the right. So a record costs one `dict(zip(...))` and what its nested parts cost.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from salesforce_mcp.demo.schema import NUMBER_TYPES, Field, SObjects, compound_value

Record = dict[str, Any]
SqlRow = tuple[Any, ...]
Convert = Callable[[Any], Any]


class Part(Protocol):
    """A value made of several columns."""

    def place(self, columns: list[str]) -> None:
        """Add the columns that it needs to those of the statement."""

    def value(self, row: SqlRow) -> Any:
        """The value in this row."""


@dataclass
class RecordShape:
    """A record with its attributes; null where the row has no such record."""

    type_name: str
    """What `attributes.type` says."""
    url: Callable[[str], str]
    """`attributes.url` of a record Id."""
    id_sql: str
    columns: dict[str, str] = field(default_factory=dict)
    converters: dict[str, Convert] = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    _start: int = 0
    _keys: tuple[str, ...] = ()
    _converters: tuple[tuple[str, Convert], ...] = ()
    _parts: tuple[tuple[str, Part], ...] = ()

    def add(self, key: str, sql: str, convert: Convert | None) -> None:
        """A key with one column."""
        self.columns[key] = sql
        if convert is not None:
            self.converters[key] = convert

    def add_part(self, key: str, part: Part) -> None:
        """A key made of several columns."""
        self.columns[key] = "NULL"
        self.parts[key] = part

    def place(self, columns: list[str]) -> None:
        self._start = len(columns)
        columns += [self.id_sql, *self.columns.values()]
        self._keys = ("attributes", *self.columns)
        self._converters, self._parts = tuple(self.converters.items()), tuple(self.parts.items())
        for part in self.parts.values():
            part.place(columns)

    def value(self, row: SqlRow) -> Record | None:
        return None if row[self._start] is None else self.record(row)

    def record(self, row: SqlRow) -> Record:
        """The record of a row that has one."""
        # zip() stops at the last key, so the columns behind need no cutting off; this runs for every row of a page.
        record: Record = dict(zip(self._keys, row[self._start :] if self._start else row, strict=False))
        record["attributes"] = {"type": self.type_name, "url": self.url(row[self._start])}
        for key, convert in self._converters:
            found = record[key]
            if found is not None:
                record[key] = convert(found)
        for key, part in self._parts:
            record[key] = part.value(row)
        return record


@dataclass
class AggregateShape:
    """A row of an aggregate query."""

    columns: dict[str, str] = field(default_factory=dict)
    converters: dict[str, Convert] = field(default_factory=dict)

    def value(self, row: SqlRow) -> Record:
        """The record; `row` may hold more columns, which only order it."""
        record: Record = {"attributes": {"type": "AggregateResult"}, **dict(zip(self.columns, row, strict=False))}
        for key, convert in self.converters.items():
            if record[key] is not None:
                record[key] = convert(record[key])
        return record


@dataclass
class CompoundPart:
    """An address or location, put together from the columns of its components."""

    compound: Field
    sql_of: Callable[[str], str]
    _start: int = 0

    def place(self, columns: list[str]) -> None:
        self._start = len(columns)
        columns += [self.sql_of(name) for name in self.compound.components]

    def value(self, row: SqlRow) -> Any:
        values = dict(zip(self.compound.components, row[self._start :], strict=False))
        if self.compound.type == "location" and None in values.values():
            return None  # half a location counts as none
        return compound_value(self.compound, values.__getitem__)


@dataclass
class BlobPart:
    """A base64 field: the url to fetch it from, null without content."""

    id_sql: str
    sql: str
    field_name: str
    url: Callable[[str], str]
    _start: int = 0

    def place(self, columns: list[str]) -> None:
        self._start = len(columns)
        columns += [self.id_sql, f"{self.sql} IS NOT NULL"]

    def value(self, row: SqlRow) -> str | None:
        record_id, present = row[self._start : self._start + 2]
        return f"{self.url(record_id)}/{self.field_name}" if present else None


def record_url(data_root: str, type_name: str) -> Callable[[str], str]:
    """Urls of one object's records."""
    start = f"{data_root}/sobjects/{type_name}/"
    return start.__add__


def name_url(data_root: str, objects: SObjects) -> Callable[[str], str]:
    """Urls of records whose object only their Id tells."""

    def url(record_id: str) -> str:
        found = objects.by_id(record_id)
        return f"{data_root}/sobjects/{found.name if found else 'Name'}/{record_id}"

    return url


def converter(source: Field | None, kind: str) -> Convert | None:
    """How SQLite's value becomes JSON's; None where it is the same."""
    if kind == "boolean":
        return bool
    if kind == "complexvalue":
        return _json
    if kind in NUMBER_TYPES and kind != "int" and source is not None and source.expression is not None:
        return float  # a formula may give a whole number, which a double prints with its point
    return None


def _json(text: str) -> Any:
    import orjson

    return orjson.loads(text)
