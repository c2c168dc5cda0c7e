"""Dashboards: their components, each a report's totals, as of the last refresh.

Source: Reports and Dashboards REST API Developer Guide, "Dashboards". A dashboard shows what its running user may see.
What a refresh found lies in `server_state` under the kind `dashboard_data`; a dashboard that was never refreshed is
when it is first opened.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from salesforce_mcp.demo import recent, state, users
from salesforce_mcp.demo.analytics import definitions, reports
from salesforce_mcp.demo.analytics.refusals import bad_request, unavailable
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.query import run_query
from salesforce_mcp.soql.binding import quote

KIND = "dashboard"
_DATA = "dashboard_data"
_FIELDS = (
    "Id, Title, DeveloperName, Description, FolderId, Type, RunningUserId, RunningUser.Name, ColorPalette, ChartTheme"
)
_REFRESHES = 0.3
"""Seconds for which a refresh goes on."""
MOST = 200
"""Dashboards that are listed."""
_COLUMNS = 3
_FILTERS = ("filter1", "filter2", "filter3")
_NO_VALUES = {"alias": None, "value": None, "startValue": None, "endValue": None}


@dataclass(frozen=True)
class Dashboard:
    """A dashboard. `components` are the Ids of its components in order, with the report of each and its title; of each
    of its `filters`, `chosen` is the place of the option that it is asked with.
    """

    id: str
    row: dict[str, Any]
    components: tuple[tuple[str, str | None, str], ...]
    filters: tuple[dict[str, Any], ...]
    chosen: tuple[int | None, ...]

    @property
    def dynamic(self) -> bool:
        """True if everyone sees their own data."""
        return bool(self.row["Type"] != "SpecifiedUser")

    @property
    def conditions(self) -> list[dict[str, Any]]:
        """What the chosen options want of the reports, as `reportFilters`."""
        found = []
        for each, place in zip(self.filters, self.chosen, strict=True):
            if place is not None:
                option = each["options"][place]
                bounds = (("greaterOrEqual", "startValue"), ("lessOrEqual", "endValue"))
                between = option["operation"] == "between"
                for operator, value in bounds if between else ((option["operation"], "value"),):
                    found.append({"column": each["column"], "operator": operator, "value": option[value]})
        return found


def recently_viewed(context: RequestContext) -> list[dict[str, Any]]:
    """The dashboards that the user looked at last, the latest first."""
    soql = f"SELECT Id, Title FROM Dashboard WHERE LastViewedDate != null ORDER BY LastViewedDate DESC LIMIT {MOST}"  # noqa: S608
    records = run_query(context.store, context.user, soql, version=context.version)["records"]
    return [
        {
            "id": each["Id"],
            "name": each["Title"],
            "statusUrl": f"{_url(context, each['Id'])}/status",
            "url": _url(context, each["Id"]),
        }
        for each in records
    ]


def find(context: RequestContext, dashboard_id: str, query: Mapping[str, str] | None = None) -> Dashboard:
    """The dashboard of this Id, if the user may see it, and may see it as `query` asks."""
    whole = full_id(dashboard_id)
    if whole is None:
        raise unavailable()
    soql = f"SELECT {_FIELDS} FROM Dashboard WHERE Id = {quote(whole)}"  # noqa: S608 - SOQL
    rows = run_query(context.store, context.user, soql, version=context.version)["records"]
    if not rows:
        raise unavailable()
    statement = "SELECT Id, CustomReportId, Name FROM DashboardComponent WHERE DashboardId = ?"
    found = {row[0]: row for row in context.store.connection().execute(statement, (whole,)).fetchall()}
    kept = state.get(context.store, KIND, whole) or {}
    filters = tuple(kept.get("filters") or ())
    components = tuple(found[each] for each in kept.get("components", list(found)) if each in found)
    dashboard = Dashboard(whole, rows[0], components, filters, _chosen(filters, query or {}))
    _check_user(context, dashboard, query or {})
    return dashboard


def results(context: RequestContext, dashboard: Dashboard, components: Sequence[str] | None = None) -> dict[str, Any]:
    """Metadata and data of a dashboard, or of some of its components."""
    if components is not None:
        wanted = {full_id(str(each)) for each in components}
        dashboard = replace(dashboard, components=tuple(each for each in dashboard.components if each[0] in wanted))
    kept = _kept(context, dashboard) or _refresh(context, dashboard, started=None)
    with context.store.transaction():
        recent.mark(context, context.store.objects["Dashboard"], dashboard.id)
    data = [_component_data(each[0], kept) for each in dashboard.components]
    return {"componentData": data, "dashboardMetadata": describe(context, dashboard)}


def refresh(context: RequestContext, dashboard: Dashboard) -> dict[str, str]:
    """Work out the components anew; the answer says where to ask how far that is."""
    kept = _kept(context, dashboard)
    if kept and _is_running(kept):
        raise bad_request("You can't refresh this dashboard. A refresh is already in progress.")
    _refresh(context, dashboard, started=time.time())
    return {"statusUrl": f"{_url(context, dashboard.id)}/status"}


def status(context: RequestContext, dashboard: Dashboard) -> dict[str, Any]:
    """Whether the components are being refreshed, and when they were."""
    kept = _kept(context, dashboard) or {}
    return {
        "componentStatus": [
            {
                "componentId": component,
                "refreshDate": kept.get("refreshed"),
                "refreshStatus": "RUNNING" if _is_running(kept) else "IDLE",
            }
            for component, _, _ in dashboard.components
        ]
    }


def describe(context: RequestContext, dashboard: Dashboard) -> dict[str, Any]:
    """`dashboardMetadata`: components, layout, folder and running user."""
    row = dashboard.row
    running = context.user if dashboard.dynamic else None
    places = range(len(dashboard.components))
    return {
        "attributes": {
            "dashboardId": dashboard.id,
            "dashboardName": row["Title"],
            "describeUrl": f"{_url(context, dashboard.id)}/describe",
            "statusUrl": f"{_url(context, dashboard.id)}/status",
            "type": "Dashboard",
        },
        "canChangeRunningUser": dashboard.dynamic and context.user.is_admin,
        "canUseStickyFilter": False,
        "chartTheme": row["ChartTheme"],
        "colorPalette": row["ColorPalette"],
        "components": [_component(context, place, *dashboard.components[place]) for place in places],
        "dashboardType": row["Type"],
        "description": row["Description"],
        "developerName": row["DeveloperName"],
        "filters": [
            {
                "errorMessage": None,
                "name": each["name"],
                "options": [{**_NO_VALUES, **option} for option in each["options"]],
                "selectedOption": place,
            }
            for each, place in zip(dashboard.filters, dashboard.chosen, strict=True)
        ],
        "folderId": row["FolderId"],
        "id": dashboard.id,
        "layout": {
            "columns": [{"components": list(places)[column::_COLUMNS]} for column in range(_COLUMNS)],
            "gridLayout": False,
        },
        "maxFilterOptions": 50,
        "name": row["Title"],
        "runningUser": {
            "displayName": running.name if running else row["RunningUser"] and row["RunningUser"]["Name"],
            "id": running.id if running else row["RunningUserId"],
        },
    }


def drop_data(context: RequestContext, dashboard_id: str) -> None:
    """Forget what refreshes found, for a dashboard that changed or went."""
    for key, _ in list(state.items(context.store, _DATA)):
        if key.startswith(dashboard_id):
            state.remove(context.store, _DATA, key)


def _chosen(filters: Sequence[dict[str, Any]], query: Mapping[str, str]) -> tuple[int | None, ...]:
    """The places of the options that `filter1` and its like name."""
    found: list[int | None] = [None] * len(filters)
    for place, name in enumerate(_FILTERS):
        if query.get(name):
            options = [each["id"] for each in filters[place]["options"]] if place < len(filters) else []
            if full_id(query[name]) not in options:
                raise bad_request("The selected filter item isn't valid.")
            found[place] = options.index(full_id(query[name]))
    return tuple(found)


def _check_user(context: RequestContext, dashboard: Dashboard, query: Mapping[str, str]) -> None:
    user = query.get("runningUser")
    own = context.user.id if dashboard.dynamic else dashboard.row["RunningUserId"]
    if user and full_id(user) != own:
        raise bad_request("You don't have permission to view data as this user.")


def _component(
    context: RequestContext, place: int, component: str, report_id: str | None, title: str
) -> dict[str, Any]:
    kept = state.get(context.store, definitions.KIND, report_id or "") or {}
    groupings = [*kept.get("groupingsDown", ()), *kept.get("groupingsAcross", ())]
    aggregates = kept.get("aggregates") or ["RowCount"]
    return {
        "componentData": place,
        "footer": None,
        "header": title,
        "id": component,
        "properties": {
            "aggregates": [{"name": name} for name in aggregates],
            "autoSelectColumns": True,
            "groupings": [{"name": each["name"]} for each in groupings] or None,
            "maxRows": None,
            "reportFormat": "MATRIX" if kept.get("groupingsAcross") else "SUMMARY" if groupings else "TABULAR",
            "sort": {"column": groupings[0]["name"], "sortOrder": "asc"} if groupings else None,
            "useReportChart": False,
            "visualizationProperties": {"breakPoints": [], "metricLabel": None},
            "visualizationType": "Bar" if groupings else "Metric",
        },
        "reportId": report_id,
        "title": None,
        "type": "Report",
    }


def _refresh(context: RequestContext, dashboard: Dashboard, *, started: float | None) -> dict[str, Any]:
    running = context.user if dashboard.dynamic else users.by_id(context.store, dashboard.row["RunningUserId"])
    if running is None or not running.is_active:
        raise bad_request(
            "The running user for this dashboard is inactive. Your system administrator should select an active user"
            " for this dashboard."
        )
    theirs = replace(context, user=running)
    components = find(context, dashboard.id).components
    found = {component: _run(theirs, report_id, dashboard.conditions) for component, report_id, _ in components}
    moment = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    kept = {"started": started, "refreshed": moment, "components": found}
    state.put(context.store, _DATA, _key(context, dashboard), kept)
    return kept


def _run(context: RequestContext, report_id: str | None, conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """A component's results, or why there are none."""
    try:
        report = definitions.find(context, report_id or "").narrowed(conditions)
        found = reports.run(context, report, details=False)
    except ApiError as error:
        missing = error.code == "NOT_FOUND"
        sentence = (
            "The source report isn't available; it's been deleted or isn't in a folder accessible to the dashboard's"
            " running user."
            if missing
            else "Unable to run source report because its definition is invalid."
        )
        return {"code": "202" if missing else "208", "message": sentence}
    found["attributes"] = None
    if not found["reportMetadata"]["groupingsAcross"]:
        found["groupingsAcross"] = None
    return {"result": found}


def _component_data(component: str, kept: dict[str, Any]) -> dict[str, Any]:
    found = kept["components"].get(component, {})
    result = found.get("result")
    return {
        "componentId": component,
        "reportResult": result,
        "status": {
            "dataStatus": "DATA" if result else "ERROR",
            "errorCode": found.get("code"),
            "errorMessage": found.get("message"),
            "errorSeverity": None if result else "Error",
            "refreshDate": kept["refreshed"],
            "refreshStatus": "RUNNING" if _is_running(kept) else "IDLE",
        },
    }


def _kept(context: RequestContext, dashboard: Dashboard) -> dict[str, Any] | None:
    """What the last refresh found."""
    return state.get(context.store, _DATA, _key(context, dashboard))


def _key(context: RequestContext, dashboard: Dashboard) -> str:
    key = f"{dashboard.id}/{context.user.id}" if dashboard.dynamic else dashboard.id
    chosen = "/".join("-" if place is None else str(place) for place in dashboard.chosen)
    return f"{key}/{chosen}" if any(place is not None for place in dashboard.chosen) else key


def _is_running(kept: dict[str, Any]) -> bool:
    started = kept.get("started")
    return started is not None and time.time() < started + _REFRESHES


def _url(context: RequestContext, dashboard_id: str) -> str:
    return f"{context.data_root}/analytics/dashboards/{dashboard_id}"
