"""Report definitions: where they are kept, who may see them, and the `reportMetadata` that describes them.

The Report row holds name, folder and format; the rest of the metadata lies in `server_state` under the kind `report`,
keyed by the Id, as the Analytics API writes it, without what is as usual. Source: Reports and Dashboards REST API
Developer Guide, "Describe", "Report".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from salesforce_mcp.demo import bodies, state
from salesforce_mcp.demo.analytics import buckets, durations
from salesforce_mcp.demo.analytics.figures import ROW_COUNT
from salesforce_mcp.demo.analytics.refusals import bad_request, unavailable
from salesforce_mcp.demo.analytics.types import ReportType, all_types
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.query import make_calendar, run_query
from salesforce_mcp.soql.binding import quote

KIND = "report"
_LISTS = ("detailColumns", "groupingsDown", "groupingsAcross", "aggregates", "sortBy", "buckets")
_CHANGEABLE = frozenset(
    {
        *_LISTS, "reportFilters", "reportBooleanFilter", "standardDateFilter", "standardFilters", "scope", "topRows",
        "chart", "showGrandTotal", "showSubtotals", "hasDetailRows", "hasRecordCount", "reportFormat",
    }
)  # fmt: skip
"""What a request may change of a report's definition."""
_GROUPINGS = [dict.fromkeys(("name", "dateGranularity", "sortAggregate", "sortOrder"), str)]
_SHAPE: dict[str, bodies.Shape] = {
    **dict.fromkeys(_LISTS, list),
    "aggregates": [str],
    "description": str,
    "detailColumns": [str],
    "developerName": str,
    "folderId": str,
    "groupingsAcross": _GROUPINGS,
    "groupingsDown": _GROUPINGS,
    "name": str,
    "reportBooleanFilter": str,
    "reportFilters": [dict.fromkeys(("column", "filterType", "operator"), str)],
    "reportFormat": str,
    "scope": str,
    "sortBy": [dict.fromkeys(("sortColumn", "sortOrder"), str)],
    "standardDateFilter": dict.fromkeys(("column", "durationValue", "endDate", "startDate"), str),
    "standardFilters": [dict.fromkeys(("name", "value"), str)],
    "topRows": dict,
}
"""What a request may say of a report at all."""


@dataclass(frozen=True)
class Report:
    """A report; `definition` is the part of its metadata that isn't in its row. One that isn't saved has no Id."""

    id: str | None
    name: str
    developer_name: str | None
    description: str | None
    folder_id: str | None
    kind: ReportType
    definition: Mapping[str, Any]

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", buckets.added_to(self.kind, self.definition.get("buckets") or ()))

    def changed(self, given: Mapping[str, Any]) -> Report:
        """The report as a request wants it: what `given` names takes the place of the report's own."""
        if "reportFilters" in given and given["reportFilters"] is None:
            raise bad_request(
                "The request is invalid because there are no filters. Specify filters or set filters as an empty array"
                " to omit them."
            )
        if given.get("historicalSnapshotDates"):
            raise bad_request(
                "The request is invalid because reports that are not historical trending reports cannot have historical"
                " snapshot dates."
            )
        changes = {name: value for name, value in given.items() if name in _CHANGEABLE}
        if not bodies.fits(given, _SHAPE) or None in [changes.get(name, []) for name in _LISTS]:
            raise bad_request("The request body is either invalid or incomplete.")
        return replace(self, definition={**self.definition, **changes})

    def narrowed(self, conditions: list[dict[str, Any]]) -> Report:
        """The report with filters that hold beside its own."""
        if not conditions:
            return self
        own = self.definition.get("reportFilters") or []
        logic = self.definition.get("reportBooleanFilter")
        if logic:
            logic = " AND ".join([f"({logic})", *(str(len(own) + place) for place in range(1, len(conditions) + 1))])
        return self.changed({"reportFilters": [*own, *conditions], "reportBooleanFilter": logic})


def find(context: RequestContext, report_id: str) -> Report:
    """The report of this Id; refused where there is none that the user may see."""
    whole = full_id(report_id)
    if whole is None:
        raise unavailable()
    soql = f"SELECT Id, Name, DeveloperName, Description, OwnerId FROM Report WHERE Id = {quote(whole)}"  # noqa: S608
    rows = run_query(context.store, context.user, soql, version=context.version)["records"]
    kept = state.get(context.store, KIND, whole)
    if not rows or kept is None:
        raise unavailable()
    row = rows[0]
    kind = find_type(context, kept["reportType"])
    return Report(whole, row["Name"], row["DeveloperName"], row["Description"], row["OwnerId"], kind, kept)


def find_type(context: RequestContext, name: Any) -> ReportType:
    """The report type of this name, if the user may see its object."""
    found = all_types(context.store.objects).get(name) if isinstance(name, str) else None
    if found is None or not context.user.can_read(found.sobject.name):
        raise bad_request(f"The report type {name} is invalid.")
    return found


def metadata(context: RequestContext, report: Report) -> dict[str, Any]:
    """`reportMetadata`, without the columns that the user may not see."""
    kind, own = report.kind, report.definition

    def seen(name: str) -> bool:
        return name not in kind.columns or kind.columns[name].shown_to(context.user)

    down = [_grouping(each) for each in own.get("groupingsDown", ()) if seen(each.get("name", ""))]
    across = [_grouping(each) for each in own.get("groupingsAcross", ()) if seen(each.get("name", ""))]
    aggregates = [each for each in own.get("aggregates", ()) if seen(str(each).partition("!")[2])]
    shown: dict[str, Any] = {
        "aggregates": aggregates or [ROW_COUNT],
        "buckets": [buckets.described(each) for each in kind.columns.values() if each.bucket and seen(each.name)],
        "chart": own.get("chart"),
        "crossFilters": [],
        "currency": None,
        "dashboardSetting": None,
        "description": report.description,
        "detailColumns": [each for each in own.get("detailColumns", ()) if seen(each)],
        "developerName": report.developer_name,
        "division": None,
        "folderId": report.folder_id,
        "groupingsAcross": across,
        "groupingsDown": down,
        "hasDetailRows": own.get("hasDetailRows", True),
        "hasRecordCount": own.get("hasRecordCount", True),
        "historicalSnapshotDates": [],
        "id": report.id,
        "name": report.name,
        "presentationOptions": {"hasStackedSummaries": True},
        "reportBooleanFilter": own.get("reportBooleanFilter"),
        "reportFilters": [
            {"filterType": "fieldValue", "isRunPageEditable": True, **each} for each in own.get("reportFilters", ())
        ],
        "reportFormat": _format(own.get("reportFormat"), down, across),
        "reportType": {"label": kind.label, "type": kind.name},
        "saveRoleHierarchy": False,
        "scope": own.get("scope") or kind.scopes.default,
        "showGrandTotal": own.get("showGrandTotal", True),
        "showSubtotals": own.get("showSubtotals", True),
        "sortBy": own.get("sortBy", []),
        "standardDateFilter": _date_filter(context, report),
        "standardFilters": _standard_filters(report),
        "supportsRoleHierarchy": False,
        "userOrHierarchyFilterId": None,
    }
    if own.get("topRows"):
        shown["topRows"] = own["topRows"]
    return shown


def _format(given: str | None, down: list[Any], across: list[Any]) -> str:
    """The format, which has to suit the groupings."""
    needed = "MATRIX" if across else "SUMMARY" if down else "TABULAR"
    if given == "TABULAR" and needed != given:
        raise bad_request("Groupings are not supported on a tabular report.")
    return given if given == "SUMMARY" and needed == "TABULAR" else needed


def _grouping(given: Mapping[str, Any]) -> dict[str, Any]:
    return {"dateGranularity": "None", "sortAggregate": None, "sortOrder": "Asc", **given}


def _date_filter(context: RequestContext, report: Report) -> dict[str, Any]:
    """The standard date filter, with the days that its name stands for at present."""
    given = {"column": report.kind.date_column, "durationValue": durations.CUSTOM, "endDate": None, "startDate": None}
    given |= report.definition.get("standardDateFilter") or {}
    if given["durationValue"] not in (None, durations.CUSTOM):
        span = durations.days(str(given["durationValue"]), make_calendar(context.store, context.user))
        if span:
            given["startDate"], given["endDate"] = span[0].isoformat(), span[1].isoformat()
    return given


def _standard_filters(report: Report) -> list[dict[str, str]] | None:
    """The standard filters of the type: those that the report sets, the others as they are by default."""
    given = report.definition.get("standardFilters") or []
    chosen = {each.get("name"): each for each in given}
    usual = [
        {"name": name, "value": choices.default} for name, choices in report.kind.filters.items() if name not in chosen
    ]
    return [*given, *usual] or None
