"""Asynchronous runs of reports: asked for now, read later, for 24 hours.

A run is worked out when it is asked for, but is New and Running for a moment after, so that clients have to wait as
with Salesforce. It lies in `server_state` under the kind `report_instance`, its results under `report_results`. Source:
Reports and Dashboards REST API Developer Guide, "Execute Async", "Instances List", "Instance Results".
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.analytics import definitions, reports
from salesforce_mcp.demo.analytics.definitions import Report
from salesforce_mcp.demo.analytics.refusals import forbidden, unavailable
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.schema import record_id

MOST_LISTED = 2_000
_KEPT = 24 * 3600.0
_KIND, _RESULTS = "report_instance", "report_results"
_PREFIX = "0LG"
_WAITS, _RUNS = 0.1, 0.3
"""Seconds for which a run is New, and after which it is done."""


def start(context: RequestContext, report: Report, *, details: bool) -> dict[str, Any]:
    """Run a report; the answer says where its results will be found."""
    results = reports.run(context, report, details=details)
    with context.store.transaction():
        instance = record_id(_PREFIX, context.store.next_number("ReportInstance"))
        kept = {"report": report.id, "owner": context.user.id, "requested": time.time(), "details": details}
        handle = _handle(context, instance, kept)
        state.put(context.store, _KIND, instance, kept, lifetime=_KEPT)
        state.put(context.store, _RESULTS, instance, results, lifetime=_KEPT)
    return handle


def listed(context: RequestContext, report: Report) -> list[dict[str, Any]]:
    """The user's runs of a report, the latest first."""
    found = [
        (kept["requested"], instance, kept)
        for instance, kept in state.items(context.store, _KIND)
        if kept["report"] == report.id and kept["owner"] == context.user.id
    ]
    found.sort(key=lambda each: each[:2], reverse=True)
    return [_handle(context, instance, kept) for _, instance, kept in found[:MOST_LISTED]]


def results(context: RequestContext, report: Report, instance_id: str) -> dict[str, Any]:
    """The results of a run; before it is done, only how it stands."""
    instance, kept = _find(context, report, instance_id)
    handle = _handle(context, instance, kept)
    attributes = {
        **{name: handle[name] for name in ("completionDate", "id", "ownerId", "queryable", "requestDate", "status")},
        "reportId": report.id,
        "reportName": report.name,
        "type": "ReportInstance",
    }
    if handle["status"] != "Success":
        return {
            "attributes": attributes,
            "allData": True,
            "factMap": {},
            "groupingsAcross": None,
            "groupingsDown": None,
            "hasDetailRows": kept["details"],
            "reportExtendedMetadata": None,
            "reportMetadata": definitions.metadata(context, report),
        }
    return {**(state.get(context.store, _RESULTS, instance) or {}), "attributes": attributes}


def remove(context: RequestContext, report: Report, instance_id: str) -> None:
    """Delete a run that is done."""
    instance, kept = _find(context, report, instance_id)
    if _status(kept) != "Success":
        raise forbidden("You can't delete a report instance that is running.")
    _remove(context, instance)


def forget(context: RequestContext, report_id: str) -> None:
    """Delete all runs of a report that changed or went."""
    for instance, kept in list(state.items(context.store, _KIND)):
        if kept["report"] == report_id:
            _remove(context, instance)


def _remove(context: RequestContext, instance: str) -> None:
    state.remove(context.store, _KIND, instance)
    state.remove(context.store, _RESULTS, instance)


def _find(context: RequestContext, report: Report, instance_id: str) -> tuple[str, dict[str, Any]]:
    instance = full_id(instance_id) or ""
    kept = state.get(context.store, _KIND, instance)
    if kept is None or kept["report"] != report.id or kept["owner"] != context.user.id:
        raise unavailable()
    return instance, kept


def _status(kept: dict[str, Any]) -> str:
    passed = time.time() - kept["requested"]
    return "New" if passed < _WAITS else "Running" if passed < _RUNS else "Success"


def _handle(context: RequestContext, instance: str, kept: dict[str, Any]) -> dict[str, Any]:
    status = _status(kept)
    return {
        "completionDate": _moment(kept["requested"] + _RUNS) if status == "Success" else None,
        "hasDetailRows": kept["details"],
        "id": instance,
        "ownerId": kept["owner"],
        "queryable": False,
        "requestDate": _moment(kept["requested"]),
        "status": status,
        "url": f"{reports.urls(context, kept['report'])['instancesUrl']}/{instance}",
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
