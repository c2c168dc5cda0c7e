"""Run SOSL in the demo org: what `/search` and `/parameterizedSearch` call.

Source: SOQL and SOSL Reference, "SOSL Syntax" and the chapters on its clauses, "SOSL Limits on Search Results"; REST
API Developer Guide, "Search" and "Parameterized Search".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.metadata import synonyms
from salesforce_mcp.demo.query import make_request
from salesforce_mcp.demo.schema import SObject
from salesforce_mcp.demo.soql_engine import find, refusals, snippets, usage
from salesforce_mcp.demo.soql_engine.compile import compile_records
from salesforce_mcp.demo.soql_engine.plans import RecordPlan
from salesforce_mcp.demo.soql_engine.shapes import Record, SqlRow
from salesforce_mcp.demo.soql_engine.statement import Request
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.search_syntax import AnyOf, Find, Returned, Search
from salesforce_mcp.soql.sosl import check_search, parse_sosl
from salesforce_mcp.soql.syntax import DataCategories, FieldPath, Number, Query, SelectItem, Source, String, WithSetting

if TYPE_CHECKING:
    import sqlite3

    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

MOST_RESULTS = 2_000
_MOST_OF_ONE = 250
"""Results of one object, unless it is the only one and has a WHERE or ORDER BY."""
_AND = re.compile(r"^[^}]*\bAND\b", re.IGNORECASE)
"""AND between the words, which the tree doesn't tell from nothing between them."""
_OBJECT_RESULTS_SINCE = 37.0
"""Since this version the answer is an object; before it was an array."""


@dataclass(frozen=True)
class _Found:
    """The results of one object."""

    sobject: SObject
    keys: tuple[str, ...]
    records: list[Record]


def run_search(store: Store, user: User, sosl: str, *, version: str = "66.0", tooling: bool = False) -> Any:
    """The answer of a search, ready for JSON: `{"searchRecords": [...]}`, or the bare array before version 37.

    Raises ApiError as Salesforce refuses.
    """
    request = make_request(store, user, sosl, version=version, tooling=tooling)
    try:
        search = _parsed(sosl)
        check_search(search, sosl)
    except SoqlError as error:
        raise ApiError(400, error.code, error.message) from None
    found = _run(store, request, search)
    records = [record for each in found for record in each.records]
    for each in found if search.update else ():
        usage.note(RequestContext(store, user, version), each.sobject, search, each.records)
    if request.version < _OBJECT_RESULTS_SINCE:
        return records
    answer: dict[str, Any] = {"searchRecords": records}
    if _setting(search, "METADATA") is not None:
        answer["metadata"] = _metadata(found)
    return answer


@lru_cache(maxsize=256)
def _parsed(sosl: str) -> Search:
    return parse_sosl(sosl)


def _run(store: Store, request: Request, search: Search) -> list[_Found]:
    if search.find is None:
        return []
    for term in find.terms(search.find):
        if len(term.text) < 2:
            raise ApiError(400, "INVALID_SEARCH", f"search term must be longer than one character: {term.text}")
    returning = search.returning or _everything(request)
    limit = min(search.limit.value if isinstance(search.limit, Number) else MOST_RESULTS, MOST_RESULTS)
    found = []
    groups = _synonyms(store, request.user)
    with store.acting_as(request.user.id):
        for returned in returning:
            sobject = _searchable(request, returned)
            wanted = _wanted(request, search.find, sobject, groups)
            plan, by_name = _plan(request, search, wanted, returned, sobject)
            most = min(_most(returned, len(returning)), int(limit))
            rows = _rows(store.connection(), plan, by_name, most)
            records = plan.records(store.connection(), rows, most)
            snippets.add(store, request, search, wanted, sobject, records)
            found.append(_Found(sobject, tuple(plan.shape.columns), records))
    return _shared_out(found, int(limit))


def _synonyms(store: Store, user: User) -> list[list[str]]:
    """The groups of terms that mean the same in the user's language."""
    dictionaries = synonyms.load(store).values()
    return [group.terms for each in dictionaries for group in each.groups if user.language in group.languages]


def _wanted(request: Request, asked: Find, sobject: SObject, groups: list[list[str]]) -> Find:
    """What is looked for in one object: synonyms too in some, and any of several words in articles."""
    if sobject.name not in find.WITH_SYNONYMS:
        return asked
    wanted = find.expanded(asked, groups)
    if sobject.name in find.ARTICLES and not _AND.search(request.source):
        return AnyOf((find.expanded(find.loosened(asked), groups), wanted))
    return wanted


def _everything(request: Request) -> tuple[Returned, ...]:
    """What is searched without RETURNING: all that this user may search, but what has to be asked for."""
    user, objects = request.user, request.objects
    return tuple(
        Returned(each.name)
        for each in sorted(objects, key=lambda each: each.custom)
        if each.can("searchable") and each.name not in find.ONLY_ON_REQUEST and user.can_read(each.name)
    )


def _searchable(request: Request, returned: Returned) -> SObject:
    sobject = request.objects.get(returned.object)
    if sobject is None or not request.user.can_read(sobject.name):
        raise refusals.unknown_object(request, returned.at, returned.object)
    if not sobject.can("searchable"):
        message = f"entity type {sobject.name} does not support search"
        raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", message)
    return sobject


def _plan(
    request: Request, search: Search, wanted: Find, returned: Returned, sobject: SObject
) -> tuple[RecordPlan, str | None]:
    """The query for one object's results, and the condition that a name matches, unless another order is asked for."""
    fields = returned.fields or (SelectItem(FieldPath(("Id",))),)
    query = Query(
        fields=fields,
        source=Source((returned.object,), at=returned.at),
        where=returned.where,
        order_by=returned.order_by,
        limit=returned.limit,
        offset=returned.offset,
        with_=tuple(
            each for each in search.with_ if isinstance(each, DataCategories) and sobject.name in find.ARTICLES
        ),
    )
    plan = compile_records(request, query, sobject)
    statement, alias = plan.statement, plan.alias
    searched = find.searched_fields(statement, sobject, search.group)
    plan.conditions.append(find.condition(statement, alias, searched, wanted))
    names = [each for each in searched if each.name_field]
    by_name = find.condition(statement, alias, names, wanted) if names and not returned.order_by else None
    if returned.list_view is not None:
        plan.conditions.append(_list_view(plan, returned.list_view))
    pricebook = _setting(search, "PricebookId")
    if pricebook is not None and sobject.name == "Product2":
        entries = f"SELECT Product2Id FROM PricebookEntry WHERE Pricebook2Id = {statement.bind(pricebook)}"  # noqa: S608
        plan.conditions.append(f"{plan.shape.id_sql} IN ({entries} AND IsDeleted = 0)")
    return plan, by_name


def _rows(connection: sqlite3.Connection, plan: RecordPlan, by_name: str | None, most: int) -> list[SqlRow]:
    """The rows, those whose name matches first: two queries that stop early are faster than one that sorts."""
    if by_name is None:
        return plan.rows(connection, most)
    wanted = plan.offset + (most if plan.limit is None else min(plan.limit, most))
    first, second = (
        replace(plan, conditions=[*plan.conditions, condition], limit=None, offset=0)
        for condition in (by_name, f"({by_name}) IS NOT TRUE")
    )
    rows = first.rows(connection, wanted)
    if len(rows) < wanted:
        rows += second.rows(connection, wanted - len(rows))
    return rows[plan.offset :]


def _list_view(plan: RecordPlan, name: str) -> str:
    """USING ListView: `Recent` is what the user looked at; the org's other list views show all records."""
    if name.lower() != "recent":
        return "1"
    user_id = plan.statement.bind(plan.statement.request.user.id)
    return f"{plan.shape.id_sql} IN (SELECT RecordId FROM recently_viewed WHERE UserId = {user_id})"  # noqa: S608


def _most(returned: Returned, objects: int) -> int:
    """How many results of one object there are at most."""
    if objects > 1:
        return min(MOST_RESULTS // objects, _MOST_OF_ONE)
    return MOST_RESULTS if returned.where or returned.order_by else _MOST_OF_ONE


def _shared_out(found: list[_Found], limit: int) -> list[_Found]:
    """Cut to the limit of the whole search, shared evenly by the objects that have results."""
    shares = {id(each): 0 for each in found}
    waiting = [each for each in found if each.records]
    left = limit
    while left and waiting:
        share = max(left // len(waiting), 1)
        for each in waiting:
            more = min(share, left, len(each.records) - shares[id(each)])
            shares[id(each)] += more
            left -= more
        waiting = [each for each in waiting if shares[id(each)] < len(each.records)]
    return [_Found(each.sobject, each.keys, each.records[: shares[id(each)]]) for each in found]


def _setting(search: Search, name: str) -> str | None:
    """The value of `WITH NAME = 'value'`, an empty text for a mere `WITH NAME`, None without it."""
    for each in search.with_:
        if isinstance(each, WithSetting) and each.name.lower() == name.lower():
            values = [value.value for _, value in each.settings if isinstance(value, String)]
            return values[0] if values else ""
    return None


def _metadata(found: list[_Found]) -> dict[str, Any]:
    """Labels of the fields in the results. The key's spelling is Salesforce's."""
    described = []
    for each in found:
        if each.records:
            fields = [each.sobject.field(key) for key in each.keys]
            labels = [{"name": field.name, "label": field.label} for field in fields if field is not None]
            described.append({"entityName": each.sobject.name, "fieldMetadata": labels})
    return {"entityetadata": described}
