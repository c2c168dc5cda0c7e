"""What is told of a report's columns, its type and its filters.

Source: Reports and Dashboards REST API Developer Guide, "Describe", "Report Type" (reportExtendedMetadata,
reportTypeMetadata) and their examples.
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.analytics import durations, figures, operators
from salesforce_mcp.demo.analytics.groups import GRANULARITIES
from salesforce_mcp.demo.analytics.types import Choices, Column, ReportType
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.query import make_calendar


def extended_metadata(context: RequestContext, kind: ReportType, metadata: dict[str, Any]) -> dict[str, Any]:
    """`reportExtendedMetadata`: labels and types of the columns that a report uses."""
    aggregates = [figures.parse(name, kind, context.user) for name in metadata["aggregates"]]
    levels = [
        (grouping["name"], level)
        for side in (metadata["groupingsDown"], metadata["groupingsAcross"])
        for level, grouping in enumerate(side)
    ]
    return {
        "aggregateColumnInfo": {
            each.name: {
                "acrossGroupingContext": None,
                "dataType": each.data_type,
                "downGroupingContext": None,
                "label": each.label,
            }
            for each in aggregates
        },
        "availableDashboardSettings": None,
        "detailColumnInfo": {
            name: _info(kind.columns[name]) for name in metadata["detailColumns"] if name in kind.columns
        },
        "groupingColumnInfo": {
            name: {**_info(kind.columns[name]), "groupingLevel": level}
            for name, level in levels
            if name in kind.columns
        },
    }


def type_metadata(context: RequestContext, kind: ReportType) -> dict[str, Any]:
    """`reportTypeMetadata`: all that a report of the type can show and be filtered by."""
    user = context.user
    return {
        "categories": [
            {
                "columns": {
                    name: _described(kind.columns[name]) for name in names if kind.columns[name].shown_to(user)
                },
                "label": label,
            }
            for label, names in kind.sections.items()
        ],
        "dataTypeFilterOperatorMap": operators.by_type(),
        "dateGranularityInfos": [{"label": label, "value": value} for value, label in GRANULARITIES.items()],
        "divisionInfo": None,
        "hasOuterJoin": False,
        "isExternalObjectReport": False,
        "isHistorical": False,
        "objectRelationships": [],
        "objects": [{"apiName": each.name, "label": each.label} for each in kind.objects(context.store.objects)],
        "scopeInfo": {
            "defaultValue": kind.scopes.default,
            "values": [
                {"allowsDivision": each.value != "user", "label": each.label, "value": each.value}
                for each in kind.scopes.values
            ],
        },
        "standardDateFilterDurationGroups": durations.groups(make_calendar(context.store, user)),
        "standardFilterInfos": {name: _choices(choices) for name, choices in kind.filters.items()} or None,
        "supportsJoinedFormat": False,
    }


def _info(column: Column) -> dict[str, Any]:
    values = [
        {"apiName": each.value, "label": each.label, "name": each.value}
        for each in column.field.picklist_values
        if each.active
    ]
    if column.data_type == "boolean":
        values = [{"apiName": text, "label": text, "name": text} for text in ("True", "False")]
    if column.bucket is not None:
        values = [{"apiName": label, "label": label, "name": label} for label in column.bucket.labels]
    return {
        "dataType": column.data_type,
        "entityColumnName": column.entity_column_name,
        "filterValues": values,
        "filterable": column.filterable,
        "inactiveFilterValues": [],
        "isLookup": bool(column.id_path) and column.id_path != "Id",
        "label": column.label,
        "uniqueCountable": column.unique_countable,
    }


def _described(column: Column) -> dict[str, Any]:
    found = column.field
    return {
        **_info(column),
        "allowedInCustomDetailFormula": column.filterable,
        "bucketable": column.filterable,
        "isCustom": found.custom,
        "maxLength": found.length or None,
    }


def _choices(choices: Choices) -> dict[str, Any]:
    return {
        "filterValues": [{"label": each.label, "name": each.value} for each in choices.values],
        "label": choices.label,
        "type": "PICKLIST",
    }
