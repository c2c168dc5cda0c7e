"""`/analytics`: reports, their types and filter operators.

Source: Reports and Dashboards REST API Developer Guide, "Reports", "Report Types", "Filter Operators".
"""

from __future__ import annotations

from salesforce_mcp.demo.analytics import definitions, operators, reports
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.http import Call, Reply, resource

_REPORT = "/analytics/reports/{report}"


def list_reports(call: Call) -> Reply:
    return Reply(body=reports.recently_viewed(RequestContext.of(call)))


def describe_report(call: Call) -> Reply:
    context = RequestContext.of(call)
    return Reply(body=reports.describe(context, definitions.find(context, call.params["report"])))


def run_report(call: Call) -> Reply:
    """GET runs the report as it is, POST with the changes that its body makes."""
    context = RequestContext.of(call)
    body = call.json_object() if call.method == "POST" and call.json() is not None else None
    report = reports.requested(context, call.params["report"], body)
    return Reply(body=reports.run(context, report, details=_details(call)))


def filter_operators(call: Call) -> Reply:
    return Reply(body=operators.by_type(for_dashboards=call.query.get("forDashboards", "").lower() == "true"))


def _details(call: Call) -> bool:
    """Whether detail rows are wanted beside the figures."""
    return call.query.get("includeDetails", "").lower() == "true"


routes = [
    resource("GET", "/analytics/reports", list_reports),
    resource("GET", f"{_REPORT}/describe", describe_report),
    resource("GET", _REPORT, run_report),
    resource("POST", _REPORT, run_report),
    resource("GET", "/analytics/filteroperators", filter_operators),
]
