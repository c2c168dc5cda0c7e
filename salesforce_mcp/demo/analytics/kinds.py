"""What report types there are, and what a report of one could show.

Source: Reports and Dashboards REST API Developer Guide, "Report Type List", "Report Type".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.analytics import definitions, describing
from salesforce_mcp.demo.analytics.definitions import Report
from salesforce_mcp.demo.analytics.refusals import unavailable
from salesforce_mcp.demo.analytics.types import visible_types
from salesforce_mcp.demo.context import RequestContext


def listed(context: RequestContext) -> list[dict[str, Any]]:
    """The report types by category."""
    categories: dict[str, list[dict[str, Any]]] = {}
    for kind in visible_types(context.store.objects, context.user):
        categories.setdefault(kind.category, []).append(
            {
                "describeUrl": f"{context.data_root}/analytics/reportTypes/{kind.name}",
                "isHidden": False,
                "label": kind.label,
                "supportsJoinedFormat": False,
                "type": kind.name,
            }
        )
    return [{"label": label, "reportTypes": kinds} for label, kinds in categories.items()]


def describe(context: RequestContext, name: str) -> dict[str, Any]:
    """The metadata of a new report of a type, and of the type."""
    kind = next((each for each in visible_types(context.store.objects, context.user) if each.name == name), None)
    if kind is None:
        raise unavailable()
    report = Report(None, "", None, None, None, kind, {"detailColumns": kind.shown})
    metadata = definitions.metadata(context, report)
    return {
        "reportExtendedMetadata": describing.extended_metadata(context, kind, metadata),
        "reportMetadata": metadata,
        "reportTypeMetadata": describing.type_metadata(context, kind),
    }
