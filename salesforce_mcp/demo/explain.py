"""`?explain=`: how a query would be run, the best plan first.

An index counts when a condition that every row must meet uses it; the cost compares the rows it would find with the
threshold below which Salesforce calls a filter selective. Source: REST API Developer Guide, "Get Feedback on Query
Performance"; Apex Developer Guide, "Working with Very Large SOQL Queries".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.query import prepare
from salesforce_mcp.demo.schema import Field, SObject
from salesforce_mcp.demo.soql_engine.compile import compile_count, compile_query, find_object
from salesforce_mcp.demo.soql_engine.statement import Request
from salesforce_mcp.soql.syntax import And, Comparison, Condition, FieldPath, Query, String

if TYPE_CHECKING:
    import sqlite3

    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

_INDEXED = frozenset({"CreatedDate", "SystemModstamp"})
_MILLION = 1_000_000
_SELECTIVE_SHARE, _SELECTIVE_MOST = 0.1, 333_333
_SCAN_COST = 0.65
"""The cost of looking at all of a few rows, as in the guide's example; a million rows add one."""


def explain(store: Store, user: User, soql: str, *, version: str = "66.0") -> dict[str, Any]:
    """The plans for a statement, which is refused as if it were run, but isn't."""
    request, query = prepare(store, user, soql, version=version)
    compile_query(request, query)
    sobject = find_object(request, query.source)
    connection = store.connection()
    everything = Query((), query.source, related=query.related)
    total = _count(connection, request, everything)
    found = _count(connection, request, replace(everything, where=query.where))
    plans = [_plan(sobject, found, total, [], "TableScan", _SCAN_COST + total / _MILLION)]
    for name, condition in _index_conditions(sobject, query.where):
        matched = _count(connection, request, replace(everything, where=condition))
        plans.append(_plan(sobject, matched, total, [name], "Index", matched / _threshold(total)))
    return {"plans": sorted(plans, key=lambda plan: plan["relativeCost"])}


def _plan(sobject: SObject, found: int, total: int, fields: list[str], operation: str, cost: float) -> dict[str, Any]:
    unindexed = {
        "description": "Not considering filter for optimization because unindexed",
        "fields": ["IsDeleted"],
        "tableEnumOrId": sobject.name,
    }
    return {
        "cardinality": found,
        "fields": fields,
        "leadingOperationType": operation,
        "notes": [unindexed] if sobject.field("IsDeleted") else [],
        "relativeCost": round(cost, 3),
        "sobjectCardinality": total,
        "sobjectType": sobject.name,
    }


def _index_conditions(sobject: SObject, where: Condition | None) -> Iterator[tuple[str, Condition]]:
    """The conditions that every row must meet and that an index can answer, with their fields."""
    conditions = where.conditions if isinstance(where, And) else (where,)
    for each in conditions:
        if isinstance(each, Comparison) and isinstance(each.left, FieldPath) and _uses_index(each):
            field = sobject.field(each.left.names[-1]) if len(each.left.names) == 1 else None
            if field is not None and _is_indexed(field):
                yield field.name, each


def _uses_index(condition: Comparison) -> bool:
    if condition.operator == "LIKE":
        return isinstance(condition.right, String) and not condition.right.value.startswith(("%", "_"))
    return condition.operator in ("=", "IN", "<", "<=", ">", ">=")


def _is_indexed(field: Field) -> bool:
    standard = field.name in _INDEXED or field.name_field or field.type in ("id", "reference")
    return standard or field.external_id or field.unique


def _threshold(total: int) -> float:
    """Rows that a filter may find and still be selective."""
    return max(min(_SELECTIVE_SHARE * total, _SELECTIVE_MOST), 1.0)


def _count(connection: sqlite3.Connection, request: Request, query: Query) -> int:
    return compile_count(request, query).count(connection)
