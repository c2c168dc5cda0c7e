"""Dashboards (resource `analytics/dashboards/{id}`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Picture, RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.reports import waiting
from salesforce_mcp.tools.reports.facts import Facts, ask_picture
from salesforce_mcp.tools.results import Record, Sections, Table
from salesforce_mcp.wording import counted


@tool(title="Get dashboard", app="result")
def get_dashboard(context: Context, dashboard_id: RecordId, chart: Picture | None = None) -> Sections:
    """A dashboard's components, each with its figures as of its last refresh."""
    answer = context.client.get(_path(dashboard_id))
    metadata = answer["dashboardMetadata"]
    titles = {
        component["id"]: component.get("header") or component.get("title") for component in metadata["components"]
    }
    parts = [_component(data, titles.get(data["componentId"])) for data in answer["componentData"]]
    name = metadata.get("name") or (metadata.get("attributes") or {}).get("dashboardName")
    shown = Sections(parts, summary=f"{name}: {counted(len(parts), 'component')}.")
    ask_picture(shown, chart)
    return shown


@tool(title="Refresh dashboard", access="write", idempotent=True, calls="2 or more", app="result")
def refresh_dashboard(
    context: Context, dashboard_id: RecordId, wait: bool = True, chart: Picture | None = None
) -> Table | Sections:
    """Compute a dashboard's figures anew; get_dashboard shows them afterwards, and with `chart` so does this."""
    context.client.put(_path(dashboard_id))

    def poll() -> list[dict[str, Any]] | None:
        components: list[dict[str, Any]] = context.client.get(f"{_path(dashboard_id)}/status")["componentStatus"]
        running = any(component["refreshStatus"] == "RUNNING" for component in components)
        return None if running and wait else components

    rows = [
        [component["componentId"], component["refreshStatus"], component["refreshDate"]]
        for component in waiting.wait(context, poll, what="The refresh")
    ]
    refreshed = Table(["component", "status", "refreshed"], rows, total=len(rows))
    if chart is None:
        return refreshed
    figures = get_dashboard(context, dashboard_id, chart)
    return replace(figures, parts=[("refresh", refreshed), *figures.parts])


def _component(data: dict[str, Any], title: str | None) -> tuple[str, Table | Record]:
    """The figures of one component, or why it has none."""
    status, result = data["status"], data.get("reportResult")
    if status["dataStatus"] != "DATA" or not result or "factMap" not in result:
        return title or data["componentId"], Record(
            {"status": status["dataStatus"], "error": status.get("errorCode"), "message": status.get("errorMessage")}
        )
    facts, name = Facts(result), title or result["reportMetadata"]["name"]
    table = facts.totals()
    table.plot = facts.plot(name)
    table.notes.append(f"Refreshed {status['refreshDate']}.")
    return name, table


def _path(dashboard_id: str) -> str:
    return f"analytics/dashboards/{segment(dashboard_id)}"
