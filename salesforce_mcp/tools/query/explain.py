"""What a query would cost (resource `query` with `explain`)."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table

_COLUMNS = {
    "leadingOperationType": "operation",
    "fields": "fields",
    "relativeCost": "cost",
    "cardinality": "records",
    "sobjectCardinality": "of",
    "sobjectType": "object",
}


@tool(title="Explain query")
def explain_query(context: Context, soql: str) -> Table:
    """How Salesforce would run a query, without running it: plans with the cheapest, which it takes, first. For slow
    queries and QUERY_TIMEOUT.
    """
    plans = _plans(context.client.get("query", params={"explain": soql}))
    rows = [[_value(plan.get(key)) for key in _COLUMNS] for plan in plans]
    notes = [_selectivity(plans[0])] if plans else []
    for plan in plans:
        notes += [
            f"{note.get('description')}: {_value(note.get('fields'))} of {note.get('tableEnumOrId')}."
            for note in _objects(plan.get("notes"))
        ]
    return Table(list(_COLUMNS.values()), rows, total=len(rows), notes=list(dict.fromkeys(notes)))


def _plans(answer: Any) -> list[dict[str, Any]]:
    if not isinstance(answer, dict):
        raise NetworkError("The org's answer has no query plans.", code="UNEXPECTED_ANSWER")
    return _objects(answer.get("plans"))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _value(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _selectivity(plan: dict[str, Any]) -> str:
    """A relative cost above 1 is above the threshold under which Salesforce takes a filter for selective."""
    cost = plan.get("relativeCost")
    if not isinstance(cost, int | float):
        return "Salesforce gave no cost."
    if cost <= 1 and plan.get("leadingOperationType") != "TableScan":
        return "Selective: an index finds the records."
    if cost <= 1:
        return "All records are read, which is cheap while there are few."
    return (
        "Not selective: slow on large tables. Filter by an indexed field (Id, a lookup, an external Id, CreatedDate)."
    )
