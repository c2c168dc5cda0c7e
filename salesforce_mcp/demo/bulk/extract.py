"""Query jobs: what Bulk API 2.0 refuses, and results as CSV.

Source: Bulk API 2.0 Developer Guide, "Create a Query Job"; wording of refusals as clients have reported it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.bulk import dialect, jobs
from salesforce_mcp.demo.bulk.jobs import Job
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.query import prepare
from salesforce_mcp.demo.soql_engine.compile import compile_query
from salesforce_mcp.demo.soql_engine.plans import RecordPlan
from salesforce_mcp.demo.soql_engine.shapes import CompoundPart, RecordShape
from salesforce_mcp.soql.syntax import ChildQuery, FieldPath, FunctionCall, Query, SelectItem, TypeOf, walk

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

ROWS_PER_PART = 1_000
PAGE = 50_000
"""Rows of one set of results, unless `maxRecords` asks for fewer."""
AGGREGATES = frozenset({"count", "count_distinct", "sum", "avg", "min", "max"})

Path = tuple[str, ...]


def compile_job(store: Store, user: User, soql: str, operation: str, version: str) -> tuple[RecordPlan, list[Path]]:
    """The plan of a job's query and its columns; ApiError for what isn't SOQL and for what Bulk API doesn't take."""
    request, query = prepare(store, user, soql, include_deleted=operation == "queryAll", version=version)
    _refuse(query)
    with store.acting_as(user.id):
        plan = compile_query(request, query)
    if not isinstance(plan, RecordPlan):
        raise _unsupported("Aggregate functions are not supported in Bulk Query")
    return plan, _columns(plan, query)


def run(store: Store, user: User, job: Job, go_on: Callable[[Job, int], bool]) -> None:
    """Write the results of a job; `go_on` is told how many rows are ready, and says whether more are wanted."""
    plan, columns = compile_job(store, user, job.query or "", job.operation, job.version)
    jobs.clear(store, job.id, "rows")
    with store.acting_as(user.id):
        connection = store.connection()
        ids = plan.ids(connection)
        ready, waiting = 0, list[str]()
        for at in range(0, len(ids), ROWS_PER_PART):
            rows = plan.picked_rows(connection, ids[at : at + ROWS_PER_PART])
            for record in plan.records(connection, rows, 0):
                cells = (_value(record, column) for column in columns)
                waiting.append(dialect.line(cells, job.delimiter, job.line_ending))
            while len(waiting) >= ROWS_PER_PART or (waiting and at + ROWS_PER_PART >= len(ids)):
                part, waiting = waiting[:ROWS_PER_PART], waiting[ROWS_PER_PART:]
                jobs.put_lines(store, job.id, "rows", ready // ROWS_PER_PART, part)
                ready += len(part)
            if not go_on(job, ready):
                return


def results(store: Store, user: User, job: Job, first: int, count: int) -> Iterator[bytes]:
    """The header, then rows from `first` on."""
    _, columns = compile_job(store, user, job.query or "", job.operation, job.version)
    yield dialect.line([".".join(column) for column in columns], job.delimiter, job.line_ending).encode()
    number, skip = divmod(first, ROWS_PER_PART)
    for part in jobs.lines(store, job.id, "rows", number):
        wanted = part[skip : skip + count]
        yield "".join(wanted).encode()
        count -= len(wanted)
        skip = 0
        if count <= 0:
            return


def locator(offset: int) -> str:
    """What stands for the rows from `offset` on: `MTAwMDA` for 10000."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def offset_of(text: str) -> int:
    """The offset that a locator stands for."""
    try:
        return int(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator") from None


def _refuse(query: Query) -> None:
    if any(isinstance(each, ChildQuery) for each in query.fields):
        message = "Aggregate Relationships not supported in Bulk V2 Query with CSV content type"
        raise ApiError(400, "FEATURENOTENABLED", message)
    if query.group_by is not None:
        raise _unsupported("GROUP BY is not supported in Bulk Query")
    if query.offset is not None:
        raise _unsupported("OFFSET is not supported in Bulk Query")
    if any(isinstance(each, TypeOf) for each in query.fields):
        raise _unsupported("TYPEOF is not supported in Bulk Query")
    for node in chain.from_iterable(walk(each) for each in query.fields):
        if isinstance(node, FunctionCall) and node.name.lower() in AGGREGATES:
            raise _unsupported("Aggregate functions are not supported in Bulk Query")


def _unsupported(message: str) -> ApiError:
    return ApiError(400, "FUNCTIONALITY_NOT_ENABLED", message)


def _columns(plan: RecordPlan, query: Query) -> list[Path]:
    """The columns in the order of the SELECT list; those of FIELDS() where it stands."""
    asked = [_name(each, query) if isinstance(each, SelectItem) else "" for each in query.fields]
    places = {name: place for place, name in reversed(list(enumerate(asked)))}
    group = places.get("", len(asked))
    return sorted(_leaves(plan.shape), key=lambda column: places.get(".".join(column).lower(), group))


def _name(item: SelectItem, query: Query) -> str:
    """A column's name in lower case, without the name of the object that it may begin with."""
    if item.alias:
        return item.alias.lower()
    if not isinstance(item.expression, FieldPath):
        return ""
    names = [name.lower() for name in item.expression.names]
    own = {query.source.text.lower(), (query.source.alias or "").lower()}
    return ".".join(names[1:] if len(names) > 1 and names[0] in own else names)


def _leaves(shape: RecordShape) -> Iterator[Path]:
    for key in shape.columns:
        part = shape.parts.get(key)
        if isinstance(part, CompoundPart):
            raise _unsupported("Selecting compound data not supported in Bulk Query")
        if isinstance(part, RecordShape):
            yield from ((key, *rest) for rest in _leaves(part))
        else:
            yield (key,)


def _value(record: Any, column: Path) -> Any:
    for name in column:
        if record is None:
            return None
        record = record[name]
    return record
