"""Answers of the query resources: records in pages, with the urls of what follows.

Source: REST API Developer Guide, "Query", "Query Options Header" (children count towards the size of a page); recorded
answers of orgs. A child relationship without rows is null, and the last page has no `nextRecordsUrl`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.soql_engine import locators
from salesforce_mcp.demo.soql_engine.locators import Locator
from salesforce_mcp.demo.soql_engine.plans import AggregatePlan, Below, CountPlan, Plan, RecordPlan
from salesforce_mcp.demo.soql_engine.shapes import Record, SqlRow

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store

MOST_GROUPS = 2_000
_PARENTS_AT_ONCE = 200
"""Rows whose children are fetched together; a page may be full before all its rows are looked at."""


@dataclass(frozen=True)
class Paging:
    """Where answers keep what doesn't fit: for whom, and how the urls of the rest start."""

    store: Store
    user_id: str
    data_root: str
    locator: Locator


def answer(plan: Plan, paging: Paging, *, first_only: bool = False) -> dict[str, Any]:
    """The first page of a query; `first_only` where nothing may follow it."""
    connection = paging.store.connection()
    if isinstance(plan, CountPlan):
        return {"totalSize": plan.count(connection), "done": True, "records": []}
    if isinstance(plan, AggregatePlan):
        return _aggregates(plan, connection)
    size = paging.locator.batch_size
    with _snapshot(connection):
        rows = plan.rows(connection, size if first_only else size + 1)
        records = _page(plan, connection, rows[:size], size)
        ids = [row[0] for row in rows] if first_only or len(rows) <= size else plan.ids(connection)
    finished = _finish_all(plan, records, paging, ())
    if first_only or len(finished) == len(ids):
        return {"totalSize": len(finished), "done": True, "records": finished}
    key = locators.create(paging.store, paging.user_id, replace(paging.locator, total=len(ids)), ids)
    return _part(len(ids), finished, locators.url(paging.data_root, key, len(finished)))


def further(plan: RecordPlan, paging: Paging, key: str, offset: int) -> dict[str, Any]:
    """The page of a locator that starts at `offset`."""
    connection = paging.store.connection()
    locator = paging.locator
    ids = locators.ids(paging.store, paging.user_id, key, offset, locator.batch_size)
    with _snapshot(connection):
        rows = plan.picked_rows(connection, ids)
        records = _page(plan, connection, rows, locator.batch_size)
    finished = _finish_all(plan, records, paging, locator.children)
    # Rows may be gone since; the next page starts behind the last one shown.
    place = ids.index(rows[len(records)][0]) if len(records) < len(rows) else len(ids)
    after = offset + place
    url = locators.url(paging.data_root, key, after) if after < locator.total else None
    return _part(locator.total, finished, url)


def child_plan(plan: RecordPlan, children: Sequence[str]) -> RecordPlan:
    """The subquery that a locator's path leads to."""
    for key in children:
        plan = plan.children[key].plan
    return plan


def _aggregates(plan: AggregatePlan, connection: sqlite3.Connection) -> dict[str, Any]:
    records = plan.rows(connection)
    if len(records) > MOST_GROUPS:
        message = "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch"
        raise ApiError(400, "EXCEEDED_ID_LIMIT", message)
    return {"totalSize": len(records), "done": True, "records": records}


def _page(plan: RecordPlan, connection: sqlite3.Connection, rows: list[SqlRow], size: int) -> list[Record]:
    """As many of the rows as make a page with their children: one at least."""
    if not plan.children:
        return plan.records(connection, rows, size)
    page: list[Record] = []
    count = 0
    for start in range(0, len(rows), _PARENTS_AT_ONCE):
        for record in plan.records(connection, rows[start : start + _PARENTS_AT_ONCE], size):
            count += _records_in(plan, record)
            if page and count > size:
                return page
            page.append(record)
    return page


def _records_in(plan: RecordPlan, record: Record) -> int:
    """A record and its children, at all levels."""
    count = 1
    for key, child in plan.children.items():
        if record[key] is not None:
            count += sum(_records_in(child.plan, each) for each in record[key].records)
    return count


def _finish_all(plan: RecordPlan, records: list[Record], paging: Paging, path: tuple[str, ...]) -> list[Record]:
    """Put query results in the place of what subqueries found."""
    for key, child in plan.children.items():
        for record in records:
            if record[key] is not None:
                record[key] = _below(child.plan, record[key], paging, (*path, key))
    return records


def _below(plan: RecordPlan, below: Below, paging: Paging, path: tuple[str, ...]) -> dict[str, Any]:
    """The result of a subquery for one record, with a locator for what is too much."""
    records = _finish_all(plan, below.records, paging, path)
    total = len(below.ids)
    if len(records) == total:
        return _part(total, records, None)
    key = locators.create(paging.store, paging.user_id, replace(paging.locator, total=total, children=path), below.ids)
    return _part(total, records, locators.url(paging.data_root, key, len(records)))


def _part(total: int, records: list[Record], next_url: str | None) -> dict[str, Any]:
    if next_url is None:
        return {"totalSize": total, "done": True, "records": records}
    return {"totalSize": total, "done": False, "nextRecordsUrl": next_url, "records": records}


@contextmanager
def _snapshot(connection: sqlite3.Connection) -> Iterator[None]:
    """See one state of the data in several statements."""
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("COMMIT")
