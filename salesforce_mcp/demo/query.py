"""Run SOQL in the demo org: what `/query`, `/queryAll`, composite requests and other resources call.

Source: SOQL and SOSL Reference; REST API Developer Guide, "Query" and "Query More Results".
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.soql_engine import answers, locators, sql_functions, usage
from salesforce_mcp.demo.soql_engine.answers import Paging
from salesforce_mcp.demo.soql_engine.compile import compile_query, find_object
from salesforce_mcp.demo.soql_engine.dates import Calendar
from salesforce_mcp.demo.soql_engine.locators import Locator
from salesforce_mcp.demo.soql_engine.plans import CountPlan, Plan, RecordPlan
from salesforce_mcp.demo.soql_engine.statement import Request
from salesforce_mcp.soql.checks import check
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.parser import parse

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User
    from salesforce_mcp.soql.syntax import Query

_WHOLE = frozenset({"FullName", "Metadata"})
BATCH_SIZE = 2_000
"""Rows of a page, unless `Sforce-Query-Options` asks for fewer (200 at least)."""


def run_query(
    store: Store,
    user: User,
    soql: str,
    *,
    include_deleted: bool = False,
    batch_size: int = BATCH_SIZE,
    version: str = "66.0",
    tooling: bool = False,
    now: datetime | None = None,
) -> dict[str, Any]:
    """The answer of a query resource, ready for JSON: `totalSize`, `done`, `records`, perhaps `nextRecordsUrl`.

    Raises ApiError as Salesforce refuses. `now` stands in for the present moment in date literals.
    """
    request, query = prepare(
        store, user, soql, include_deleted=include_deleted, version=version, tooling=tooling, now=now
    )
    with store.acting_as(user.id):
        plan = compile_query(request, query)
        locator = Locator(soql, include_deleted, batch_size, 0, tooling)
        paging = Paging(store, user.id, request.data_root, locator)
        answer = answers.answer(plan, paging, first_only=query.offset is not None)
        if isinstance(plan, RecordPlan):
            usage.note(RequestContext(store, user, version), plan.sobject, query, answer["records"])
    _check_whole(plan, answer)
    return _tooling(plan, answer) if tooling else answer


def next_page(store: Store, user: User, locator: str, *, version: str = "66.0") -> dict[str, Any]:
    """The answer for `01g...-2000`, the end of a `nextRecordsUrl`."""
    key, found, offset = locators.find(store, user.id, locator)
    request, query = prepare(
        store, user, found.soql, include_deleted=found.include_deleted, version=version, tooling=found.tooling
    )
    with store.acting_as(user.id):
        plan = compile_query(request, query)
        if not isinstance(plan, RecordPlan):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        paging = Paging(store, user.id, request.data_root, found)
        answer = answers.further(answers.child_plan(plan, found.children), paging, key, offset)
    return _tooling(plan, answer) if found.tooling else answer


def make_request(
    store: Store,
    user: User,
    source: str,
    *,
    include_deleted: bool = False,
    version: str = "66.0",
    tooling: bool = False,
    now: datetime | None = None,
) -> Request:
    """What a statement is compiled with, for this user."""
    sql_functions.prepare(store.connection())
    data_root = f"/services/data/v{version}" + ("/tooling" if tooling else "")
    calendar = make_calendar(store, user, now)
    objects = store.tooling(user).objects if tooling else store.objects
    return Request(objects, user, calendar, source, data_root, include_deleted, float(version), store.provide)


def make_calendar(store: Store, user: User, now: datetime | None = None) -> Calendar:
    """How days and fiscal periods are counted for this user."""
    columns = "FiscalYearStartMonth, UsesStartDateAsFiscalYearName"
    row = store.connection().execute(f"SELECT {columns} FROM Organization").fetchone() or (1, 0)  # noqa: S608 - constant
    return Calendar(_zone(user.time_zone), user.locale, now or datetime.now(UTC), row[0] or 1, not row[1])


def prepare(
    store: Store,
    user: User,
    soql: str,
    *,
    include_deleted: bool = False,
    version: str = "66.0",
    tooling: bool = False,
    now: datetime | None = None,
) -> tuple[Request, Query]:
    """What to compile a statement with, and its tree, after all that can be refused before its names are looked up."""
    request = make_request(
        store, user, soql, include_deleted=include_deleted, version=version, tooling=tooling, now=now
    )
    try:
        query = _parsed(soql)
        find_object(request, query.source)  # an unknown object is refused before anything else
        check(query, soql)
    except SoqlError as error:
        raise ApiError(400, error.code, error.message) from None
    return request, query


@lru_cache(maxsize=256)
def _parsed(soql: str) -> Query:
    return parse(soql)


@lru_cache
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except ZoneInfoNotFoundError:
        return ZoneInfo("UTC")


def _check_whole(plan: Plan, answer: dict[str, Any]) -> None:
    """The definition of a component is told one at a time."""
    size = answer["totalSize"]
    if isinstance(plan, RecordPlan) and plan.sobject.derived and size > 1 and _WHOLE & plan.shape.columns.keys():
        message = (
            "When retrieving results with Metadata or FullName fields, the query qualifications must specify no more"
            f" than one row for retrieval. Result size: {size}"
        )
        raise ApiError(400, "MALFORMED_QUERY", message)


def _tooling(plan: Plan, answer: dict[str, Any]) -> dict[str, Any]:
    """The Tooling API says more about a result."""
    record_plan = plan.plan if isinstance(plan, CountPlan) else plan
    name = record_plan.sobject.name if isinstance(record_plan, RecordPlan) else "AggregateResult"
    url = answer.get("nextRecordsUrl")
    return {
        "size": len(answer["records"]),
        "totalSize": answer["totalSize"],
        "done": answer["done"],
        "queryLocator": None if url is None else url.rpartition("/")[2],
        "entityTypeName": name,
        **({} if url is None else {"nextRecordsUrl": url}),
        "records": answer["records"],
    }
