"""Copy, change and delete dashboards.

Source: Reports and Dashboards REST API Developer Guide, "Clone a Dashboard", "Save a Dashboard", "Delete a Dashboard",
"Dashboard Filter Options Analysis".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo import bodies, deletion, recent, state
from salesforce_mcp.demo.analytics import dashboards, definitions, folders, operators
from salesforce_mcp.demo.analytics.dashboards import Dashboard
from salesforce_mcp.demo.analytics.refusals import bad_request, forbidden
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.saving import Saver

_OBJECT = "Dashboard"
_CHANGES: dict[str, bodies.Shape] = {"description": str, "folderId": str, "name": str}
_FILTER_OPTIONS: dict[str, bodies.Shape] = {"filterColumns": [dict], "options": [{"operation": str}]}
_COPIED = (
    "Title, Description, LeftSize, MiddleSize, RightSize, RunningUserId, TitleColor, TitleSize, TextColor,"
    " BackgroundStart, BackgroundEnd, BackgroundDirection, Type, ColorPalette, ChartTheme"
)


def clone(context: RequestContext, dashboard_id: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Save a copy of a dashboard in a folder."""
    bodies.check(given, _CHANGES)
    source = dashboards.find(context, dashboard_id)
    folder, _ = folders.checked(context, given.get("folderId"), _OBJECT, doing="create")
    connection = context.store.connection()
    statement = f"SELECT {_COPIED} FROM Dashboard WHERE Id = ?"  # noqa: S608 - constant
    values = connection.execute(statement, (source.id,)).fetchone()
    row = dict(zip(_COPIED.split(", "), values, strict=True))
    with context.store.transaction():
        saver = Saver(context)
        row |= {"Title": given.get("name") or row["Title"], "FolderId": folder}
        copy = saver.insert(_OBJECT, {**row, "DeveloperName": _developer_name(context, source)})
        parts = [
            saver.insert("DashboardComponent", {"Name": name, "DashboardId": copy, "CustomReportId": report})
            for _, report, name in source.components
        ]
        state.put(context.store, dashboards.KIND, copy, {"components": parts, "filters": source.filters})
    return dashboards.describe(context, dashboards.find(context, copy))


def save(context: RequestContext, dashboard_id: str, given: Mapping[str, Any]) -> Dashboard:
    """Change a dashboard's name, description or folder."""
    dashboard = dashboards.find(context, dashboard_id)
    metadata = given.get("dashboardMetadata", given)
    if not isinstance(metadata, dict):
        raise bad_request("The request body is either invalid or incomplete.")
    bodies.check(metadata, _CHANGES)
    folders.checked(context, dashboard.row["FolderId"], _OBJECT, doing="edit")
    folder, _ = folders.checked(context, metadata.get("folderId", dashboard.row["FolderId"]), _OBJECT, doing="edit")
    title = metadata.get("name", dashboard.row["Title"])
    if not title:
        raise bad_request("The dashboard name can't be null.")
    with context.store.transaction():
        description = metadata.get("description", dashboard.row["Description"])
        Saver(context).modify(_OBJECT, dashboard.id, {"Title": title, "FolderId": folder, "Description": description})
        recent.rename(context, context.store.objects[_OBJECT], dashboard.id)
    return dashboards.find(context, dashboard.id)


def delete(context: RequestContext, dashboard_id: str) -> None:
    """Put a dashboard into the recycle bin."""
    dashboard = dashboards.find(context, dashboard_id)
    if dashboard.row["FolderId"] != context.user.id and not context.user.rights.allows(_OBJECT, "delete"):
        raise forbidden()
    with context.store.transaction():
        dashboards.drop_data(context, dashboard.id)
        deletion.delete(context, context.store.objects[_OBJECT], {"Id": dashboard.id})


def check_filter_options(context: RequestContext, dashboard_id: str, given: Mapping[str, Any]) -> None:
    """Refuse filter options that don't suit the columns of the dashboard's reports that they would filter."""
    dashboards.find(context, dashboard_id)
    bodies.check(given, _FILTER_OPTIONS)
    options = given.get("options") or []
    for column in given.get("filterColumns") or []:
        report = definitions.find(context, str(column.get("reportId")))
        found = report.kind.column(str(column.get("name")), context.user)
        if found is None or not found.filterable:
            raise bad_request(f"Specify a valid filterable column because {column.get('name')} is invalid.")
        for option in options:
            operation = option.get("operation")
            if operation not in {each["name"] for each in operators.by_type(for_dashboards=True)[found.data_type]}:
                raise bad_request(f"Specify a valid condition because {operation} is invalid.")


def _developer_name(context: RequestContext, source: Dashboard) -> str:
    """An API name that no other dashboard has."""
    connection, number = context.store.connection(), 1
    while True:
        name = f"{source.row['DeveloperName']}_{number}"
        if not connection.execute("SELECT 1 FROM Dashboard WHERE DeveloperName = ?", (name,)).fetchone():
            return name
        number += 1
