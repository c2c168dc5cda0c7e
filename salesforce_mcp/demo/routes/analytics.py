"""`/analytics`: reports, their asynchronous runs, report types, dashboards, filter operators.

Source: Reports and Dashboards REST API Developer Guide, "Reports", "Report Types", "Dashboards", "Filter Operators",
"Analytics Notifications".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo import bodies
from salesforce_mcp.demo.analytics import (
    dashboard_editing,
    dashboards,
    definitions,
    editing,
    instances,
    kinds,
    operators,
    reports,
)
from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.http import Call, Reply, resource

_REPORT = "/analytics/reports/{report}"
_INSTANCE = f"{_REPORT}/instances/{{instance}}"
_DASHBOARD = "/analytics/dashboards/{dashboard}"
_NOTIFICATIONS = 5
"""How many of them a user may have."""

# --- Reports ---


def list_reports(call: Call) -> Reply:
    return Reply(body=reports.recently_viewed(RequestContext.of(call)))


def describe_report(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=reports.describe(context, definitions.find(context, call.params["report"])))


def run_report(call: Call) -> Reply:
    """GET runs the report as it is, POST with the changes that its body makes."""
    context = RequestContext.of(call)
    report = reports.requested(context, call.params["report"], _changes(call))
    return Reply(body=reports.run(context, report, details=_flag(call, "includeDetails")))


def query_report(call: Call) -> Reply:
    """Run a report that isn't saved, with details unless its metadata says otherwise."""
    context = RequestContext.of(call)
    given = reports.given_metadata(call.json_object())
    details = given.get("hasDetailRows", True) is not False
    return Reply(body=reports.run(context, editing.unsaved(context, given), details=details))


def create_report(call: Call) -> Reply:
    """Create a report, or copy the one that cloneId names."""
    context = RequestContext.of(call)
    if "cloneId" in call.query:
        if not call.query["cloneId"]:
            raise bad_request("The clone request must contain a valid cloneId parameter.")
        body = _changes(call)
        report = editing.clone(context, call.query["cloneId"], reports.given_metadata(body) if body else {})
    else:
        report = editing.create(context, reports.given_metadata(call.json_object()))
    return Reply(body=_without_attributes(reports.describe(context, report)))


def save_report(call: Call) -> Reply:
    context = RequestContext.of(call)
    report = editing.save(context, call.params["report"], reports.given_metadata(call.json_object()))
    return Reply(body=_without_attributes(reports.describe(context, report)))


def delete_report(call: Call) -> Reply:
    editing.delete(RequestContext.of(call), call.params["report"])
    return Reply(204)


# --- Asynchronous runs ---


def start_instance(call: Call) -> Reply:
    context = RequestContext.of(call)
    report = reports.requested(context, call.params["report"], _changes(call))
    return Reply(body=instances.start(context, report, details=_flag(call, "includeDetails")))


def list_instances(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=instances.listed(context, definitions.find(context, call.params["report"])))


def get_instance(call: Call) -> Reply:
    context = RequestContext.of(call)
    report = definitions.find(context, call.params["report"])
    return Reply(body=instances.results(context, report, call.params["instance"]))


def delete_instance(call: Call) -> Reply:
    context = RequestContext.of(call)
    instances.remove(context, definitions.find(context, call.params["report"]), call.params["instance"])
    return Reply(204)


# --- Report types, operators, notifications ---


def list_types(call: Call) -> Reply:
    return Reply(body=kinds.listed(RequestContext.of(call)))


def describe_type(call: Call) -> Reply:
    return Reply(body=kinds.describe(RequestContext.of(call), call.params["type"]))


def filter_operators(call: Call) -> Reply:
    return Reply(body=operators.by_type(for_dashboards=_flag(call, "forDashboards")))


def notification_limits(call: Call) -> Reply:
    """How many analytics notifications the user may still create; the org keeps none."""
    return Reply(body={"userLimit": {"max": _NOTIFICATIONS, "remaining": _NOTIFICATIONS}})


# --- Dashboards ---


def list_dashboards(call: Call) -> Reply:
    return Reply(body=dashboards.recently_viewed(RequestContext.of(call)))


def get_dashboard(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=dashboards.results(context, dashboards.find(context, call.params["dashboard"], call.query)))


def get_components(call: Call) -> Reply:
    """Some components of a dashboard; all of them without a body."""
    context = RequestContext.of(call)
    body = call.json_object() if call.json() is not None else {}
    bodies.check(body, {"componentIds": [str]})
    dashboard = dashboards.find(context, call.params["dashboard"], call.query)
    return Reply(body=dashboards.results(context, dashboard, body.get("componentIds")))


def refresh_dashboard(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=dashboards.refresh(context, dashboards.find(context, call.params["dashboard"], call.query)))


def dashboard_status(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=dashboards.status(context, dashboards.find(context, call.params["dashboard"], call.query)))


def describe_dashboard(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=dashboards.describe(context, dashboards.find(context, call.params["dashboard"])))


def clone_dashboard(call: Call) -> Reply:
    if not call.query.get("cloneId"):
        raise bad_request("The clone request must contain a valid cloneId parameter.")
    return Reply(body=dashboard_editing.clone(RequestContext.of(call), call.query["cloneId"], call.json_object()))


def save_dashboard(call: Call) -> Reply:
    context = RequestContext.of(call)
    saved = dashboard_editing.save(context, call.params["dashboard"], call.json_object())
    return Reply(body=dashboards.results(context, saved))


def delete_dashboard(call: Call) -> Reply:
    dashboard_editing.delete(RequestContext.of(call), call.params["dashboard"])
    return Reply(204)


def check_filter_options(call: Call) -> Reply:
    dashboard_editing.check_filter_options(RequestContext.of(call), call.params["dashboard"], call.json_object())
    return Reply(204)


def _changes(call: Call) -> Mapping[str, Any] | None:
    """The body of a POST, which may be left out."""
    return call.json_object() if call.method == "POST" and call.json() is not None else None


def _flag(call: Call, name: str) -> bool:
    return call.query.get(name, "").lower() == "true"


def _without_attributes(description: dict[str, Any]) -> dict[str, Any]:
    """What saving answers with says only what the report consists of."""
    return {name: value for name, value in description.items() if name != "attributes"}


routes = [
    resource("GET", "/analytics/reports", list_reports),
    resource("POST", "/analytics/reports", create_report),
    resource("POST", "/analytics/reports/query", query_report),
    resource("GET", _REPORT, run_report),
    resource("POST", _REPORT, run_report),
    resource("PATCH", _REPORT, save_report),
    resource("DELETE", _REPORT, delete_report),
    resource("GET", f"{_REPORT}/describe", describe_report),
    resource("GET", f"{_REPORT}/instances", list_instances),
    resource("POST", f"{_REPORT}/instances", start_instance),
    resource("GET", _INSTANCE, get_instance),
    resource("DELETE", _INSTANCE, delete_instance),
    resource("GET", "/analytics/reportTypes", list_types),
    resource("GET", "/analytics/report-types", list_types),
    resource("GET", "/analytics/reportTypes/{type}", describe_type),
    resource("GET", "/analytics/filteroperators", filter_operators),
    resource("GET", "/analytics/notifications/limits", notification_limits),
    resource("GET", "/analytics/dashboards", list_dashboards),
    resource("POST", "/analytics/dashboards", clone_dashboard),
    resource("GET", _DASHBOARD, get_dashboard),
    resource("POST", _DASHBOARD, get_components),
    resource("PUT", _DASHBOARD, refresh_dashboard),
    resource("PATCH", _DASHBOARD, save_dashboard),
    resource("DELETE", _DASHBOARD, delete_dashboard),
    resource("GET", f"{_DASHBOARD}/describe", describe_dashboard),
    resource("GET", f"{_DASHBOARD}/status", dashboard_status),
    resource("POST", f"{_DASHBOARD}/filteroptionsanalysis", check_filter_options),
]
