"""Compiled queries: the SQL of each way to run them, and their records.

A RecordPlan can fetch a page of its rows, only their Ids (what a locator keeps), the rows of given Ids, and the rows
below given parents. Subqueries and TYPEOF are further plans, run once for all rows of a page.
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from salesforce_mcp.demo.soql_engine.rows import Join, needed
from salesforce_mcp.demo.soql_engine.shapes import Record, RecordShape, SqlRow
from salesforce_mcp.demo.soql_engine.statement import Statement, all_of, quoted

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import SObject


def source(
    sobject: SObject, alias: str, joins: Sequence[Join], conditions: Sequence[str | None], used: str = ""
) -> str:
    """FROM and WHERE of a statement that also has the SQL `used`."""
    where = all_of(conditions)
    clause = f" WHERE {where}" if where else ""
    return f"FROM {quoted(sobject.name)} AS {alias} {needed(joins, used + clause)}{clause}"


@dataclass
class RecordPlan:
    """A query that gives records."""

    statement: Statement
    sobject: SObject
    alias: str
    shape: RecordShape
    joins: list[Join] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    visible: str | None = None
    """The condition under which the user may see a row; it is among `conditions` too."""
    order: list[str] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    children: dict[str, ChildPlan] = field(default_factory=dict)
    """Subqueries by the key of their results."""
    switches: list[TypeOfPlan] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    def finish(self) -> None:
        """Lay out the columns, when nothing more is added to the shape."""
        self.shape.place(self.columns)

    # --- SQL ---

    def page_sql(self, limit: int) -> str:
        """All rows in order; `limit` comes on top of the query's own."""
        return self._select(self.columns, limit)

    def ids_sql(self, limit: int | None = None) -> str:
        """The Ids of the rows, in the same order."""
        return self._select([self.shape.id_sql], limit)

    def count_sql(self) -> str:
        """How many rows there are."""
        if self.limit is None and not self.offset:
            return f"SELECT count(*) {self._source()}"
        return f"SELECT count(*) FROM (SELECT 1 {self._source()}{self._range(self.limit)})"

    def picked_sql(self) -> str:
        """The rows of the Ids in the JSON array `:ids`, in that order, whatever they are by now."""
        table = f"{quoted(self.sobject.name)} AS {self.alias} ON {self.shape.id_sql} = picked.value"
        where = f"WHERE {self.visible} " if self.visible else ""
        return (
            f"SELECT {', '.join(self.columns)} FROM json_each(:ids) AS picked CROSS JOIN {table}"
            f" {needed(self.joins, ' '.join(self.columns) + where)} {where}ORDER BY picked.key"
        )

    def below_sql(self, reference: str) -> str:
        """The rows below the parents in the JSON array `:parents`; the parent's Id comes last."""
        parent = f"{self.alias}.{quoted(reference)}"
        below = f"{parent} IN (SELECT value FROM json_each(:parents))"
        order = ", ".join(self.order)
        if self.limit is None and not self.offset:
            columns = ", ".join([*self.columns, parent])
            return f"SELECT {columns} {self._source(columns + order, below)} ORDER BY {order}"
        named = [f"{sql} AS c{number}" for number, sql in enumerate([*self.columns, parent])]
        columns = ", ".join([*named, f"row_number() OVER (PARTITION BY {parent} ORDER BY {order}) AS place"])
        outer = ", ".join(f"c{number}" for number in range(len(named)))
        last = "" if self.limit is None else f" AND place <= {self.limit + self.offset}"
        inner = f"SELECT {columns} {self._source(columns, below)}"
        return f"SELECT {outer} FROM ({inner}) WHERE place > {self.offset}{last} ORDER BY place"

    def _select(self, columns: list[str], limit: int | None) -> str:
        limits = [each for each in (limit, self.limit) if each is not None]
        selected, order = ", ".join(columns), ", ".join(self.order)
        source = self._source(selected + order)
        return f"SELECT {selected} {source} ORDER BY {order}{self._range(min(limits, default=None))}"

    def _source(self, used: str = "", condition: str | None = None) -> str:
        """FROM and WHERE of a statement that also has the SQL `used`."""
        return source(self.sobject, self.alias, self.joins, [condition, *self.conditions], used)

    def _range(self, limit: int | None) -> str:
        if limit is None and not self.offset:
            return ""
        return f" LIMIT {-1 if limit is None else limit} OFFSET {self.offset}"

    # --- Rows to records ---

    def rows(self, connection: sqlite3.Connection, limit: int) -> list[SqlRow]:
        """The first rows."""
        if len(self.order) > 1 and (self.joins or any("(" in column for column in self.columns)):
            # SQLite works out all columns before it sorts: sort Ids alone, then look at the rows that are wanted.
            return self.picked_rows(connection, self.ids(connection, limit))
        return connection.execute(self.page_sql(limit), self.statement.values).fetchall()

    def ids(self, connection: sqlite3.Connection, limit: int | None = None) -> list[str]:
        """The Ids of all rows, or of the first."""
        return [record_id for (record_id,) in connection.execute(self.ids_sql(limit), self.statement.values)]

    def picked_rows(self, connection: sqlite3.Connection, ids: Sequence[str]) -> list[SqlRow]:
        """The rows of these Ids, without those that are gone."""
        values = {**self.statement.values, "ids": orjson.dumps(ids).decode()}
        return connection.execute(self.picked_sql(), values).fetchall()

    def records(self, connection: sqlite3.Connection, rows: Sequence[SqlRow], most_children: int) -> list[Record]:
        """The records of these rows. What a subquery found stands in them as `Below`, with so many records at most."""
        record_of = self.shape.record
        records = [record_of(row) for row in rows]
        if records:
            for switch in self.switches:
                switch.fill(connection, records)
            ids = [row[0] for row in rows] if self.children else []
            for key, child in self.children.items():
                found = child.below(connection, ids, most_children)
                for record_id, record in zip(ids, records, strict=True):
                    record[key] = found.get(record_id)
        return records


@dataclass
class Below:
    """What a subquery found for one parent: `ids` of all rows, `records` of the first."""

    ids: list[str] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)


@dataclass
class ChildPlan:
    """A subquery in a SELECT list: records of `plan` whose `reference` is the parent."""

    plan: RecordPlan
    reference: str

    def below(self, connection: sqlite3.Connection, parents: list[str], most: int) -> dict[str, Below]:
        """What there is for each parent that has any."""
        values = {**self.plan.statement.values, "parents": orjson.dumps(parents).decode()}
        found: dict[str, Below] = {}
        kept = []
        for row in connection.execute(self.plan.below_sql(self.reference), values):
            below = found.setdefault(row[-1], Below())
            if len(below.ids) < most:
                kept.append(row)
            below.ids.append(row[0])
        for row, record in zip(kept, self.plan.records(connection, kept, most), strict=True):
            found[row[-1]].records.append(record)
        return found


@dataclass
class TypeOfPlan:
    """TYPEOF: what to fetch of the record behind a polymorphic reference depends on its object.

    The main query leaves the reference's Id at `path` in each record; `fill` puts the record in its place.
    """

    path: tuple[str, ...]
    plans: dict[str, RecordPlan]
    """What to fetch, by the name of the object."""

    def fill(self, connection: sqlite3.Connection, records: list[Record]) -> None:
        """Replace the Ids by records, or null where no WHEN applies and there is no ELSE."""
        holders = [holder for record in records if (holder := self._holder(record)) is not None]
        key = self.path[-1]
        wanted: dict[str, list[str]] = {}
        for holder in holders:
            if holder[key] is not None:
                wanted.setdefault(self._object_of(holder[key]), []).append(holder[key])
        found: dict[str, Record] = {}
        for name, ids in wanted.items():
            if name in self.plans:
                plan = self.plans[name]
                rows = plan.picked_rows(connection, list(dict.fromkeys(ids)))
                found.update((row[0], plan.shape.record(row)) for row in rows)
        for holder in holders:
            holder[key] = found.get(holder[key])

    def _holder(self, record: Record) -> Record | None:
        """The parent that has the reference: the record itself, or none where a parent is missing."""
        holder: Record | None = record
        for name in self.path[:-1]:
            holder = holder and holder[name]
        return holder

    def _object_of(self, record_id: str) -> str:
        found = next(iter(self.plans.values())).statement.request.objects.by_id(record_id)
        return found.name if found else ""


@dataclass
class AggregatePlan:
    """A query that gives AggregateResults."""

    statement: Statement
    sql: str
    shape: Any
    limit: int | None

    def rows(self, connection: sqlite3.Connection) -> list[Record]:
        """All results."""
        return [self.shape.value(row) for row in connection.execute(self.sql, self.statement.values).fetchall()]


@dataclass
class CountPlan:
    """SELECT COUNT(): nothing but the number of rows."""

    plan: RecordPlan

    def count(self, connection: sqlite3.Connection) -> int:
        return int(connection.execute(self.plan.count_sql(), self.plan.statement.values).fetchone()[0])


Plan = RecordPlan | AggregatePlan | CountPlan
