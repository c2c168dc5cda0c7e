"""Filters for one run of a report, put together with those that the report has."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.soql.suggest import nearest

MAX_FILTERS = 20
"""Filters that Salesforce takes for one run."""


def with_filters(describe: dict[str, Any], wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """The `reportMetadata` of a run: the report's own filters and `wanted`, all of which must hold.

    A wanted filter on a column that the report filters once takes that filter's place in its logic; the others are
    added. `describe` is the body of `analytics/reports/{id}/describe`. Raises ArgumentError for a column or operator
    that the report doesn't have.
    """
    columns = _columns(describe)
    metadata = describe["reportMetadata"]
    filters = [dict(each) for each in metadata.get("reportFilters") or ()]
    own = [each["column"] for each in filters]
    added = []
    for place, given in enumerate(wanted):
        made = _filter(describe, columns, given, place)
        if own.count(made["column"]) == 1:
            filters[own.index(made["column"])].update(made)
        else:
            filters.append(made)
            added.append(len(filters))
    if len(filters) > MAX_FILTERS:
        raise ArgumentError(f"A report takes {MAX_FILTERS} filters, and these are {len(filters)}.", fields=("filters",))
    logic = metadata.get("reportBooleanFilter")
    if logic and added:
        logic = f"({logic}) AND {' AND '.join(map(str, added))}"
    changed = {"reportFilters": filters, "reportBooleanFilter": logic}
    # An org refuses a run of a report with bucket fields whose changes don't define them again.
    return {**metadata, **changed} if metadata.get("buckets") else changed


def buckets(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    """The bucket fields of a report, each with its API name as `name`: the key has been spelt in two ways."""
    found = metadata.get("buckets") or ()
    return [{**each, "name": each.get("developerName") or each.get("devloperName") or ""} for each in found]


def _columns(describe: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """All columns that the report's type has, by API name: what `dataType` and `label` say of each."""
    found: dict[str, dict[str, Any]] = {}
    for category in (describe.get("reportTypeMetadata") or {}).get("categories") or ():
        found.update(category["columns"])
    for bucket in buckets(describe["reportMetadata"]):
        found[bucket["name"]] = {"label": bucket.get("label"), "dataType": "string"}
    extended = describe["reportExtendedMetadata"]
    return {**found, **(extended.get("detailColumnInfo") or {}), **(extended.get("groupingColumnInfo") or {})}


def _filter(
    describe: dict[str, Any], columns: dict[str, dict[str, Any]], given: dict[str, Any], place: int
) -> dict[str, Any]:
    unknown = given.keys() - {"column", "operator", "value"}
    if unknown or "column" not in given or "value" not in given:
        raise ArgumentError(
            f"filters.{place} must have column, operator and value.",
            fields=("filters",),
            hint='As in {"column": "STAGE_NAME", "operator": "equals", "value": "Closed Won"}.',
        )
    column = _column(columns, str(given["column"]))
    operator = str(given.get("operator", "equals"))
    known = _operators(describe, columns[column].get("dataType"))
    if known and operator not in known:
        raise ArgumentError(
            f"{column} cannot be filtered with {operator!r}.",
            fields=("filters",),
            hint=f"Operators: {', '.join(known)}.",
        )
    return {"column": column, "operator": operator, "value": _value(given["value"])}


def _column(columns: dict[str, dict[str, Any]], name: str) -> str:
    """The API name of a column that was named by it or by its label."""
    for column, info in columns.items():
        if name.lower() in (column.lower(), str(info.get("label")).lower()):
            return column
    labels = {str(info.get("label")): column for column, info in columns.items()}
    near = nearest(name, columns) or [labels[label] for label in nearest(name, labels)]
    raise ArgumentError(
        f"The report has no column {name!r} to filter by.",
        fields=("filters",),
        hint=f"Did you mean {' or '.join(near)}?" if near else "get_report lists the report's columns.",
    )


def _operators(describe: dict[str, Any], kind: str | None) -> list[str]:
    types = (describe.get("reportTypeMetadata") or {}).get("dataTypeFilterOperatorMap") or {}
    return [operator["name"] for operator in types.get(kind) or ()]


def _value(value: Any) -> str:
    """A filter's value as text; several are separated by commas, and any of them may match."""
    if isinstance(value, list):
        return ",".join(_value(each) for each in value)
    if isinstance(value, bool):
        return "True" if value else "False"
    text = "" if value is None else str(value)
    return f'"{text}"' if "," in text and not text.startswith('"') else text
