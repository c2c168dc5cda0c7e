"""Dashboards (resource `analytics/dashboards/{id}`)."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Picture, RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.reports import waiting
from salesforce_mcp.tools.reports.facts import Facts, ask_picture
from salesforce_mcp.tools.results import Record, Sections, Table
from salesforce_mcp.wording import counted

Options = Annotated[list[RecordId], Field(min_length=1, max_length=3)]
"""Ids of options of a dashboard's filters, at most one of each."""


@tool(title="Get dashboard", app="result", calls="1, 2 with filters")
def get_dashboard(
    context: Context, dashboard_id: RecordId, chart: Picture | None = None, filters: Options | None = None
) -> Sections:
    """A dashboard's components, each with its figures as of its last refresh; `filters` are Ids of options of its
    filters, which it lists.
    """
    answer = context.client.get(_path(dashboard_id), params=_chosen(context, dashboard_id, filters))
    metadata = answer["dashboardMetadata"]
    titles = {
        component["id"]: component.get("header") or component.get("title") for component in metadata["components"]
    }
    parts = [_component(data, titles.get(data["componentId"])) for data in answer["componentData"]]
    options = _options(metadata)
    if options.rows:
        parts.append(("filters", options))
    name = metadata.get("name") or (metadata.get("attributes") or {}).get("dashboardName")
    shown = Sections(parts, summary=f"{name}: {counted(len(answer['componentData']), 'component')}.")
    ask_picture(shown, chart)
    return shown


@tool(title="Refresh dashboard", access="write", idempotent=True, calls="2 or more", app="result")
def refresh_dashboard(
    context: Context,
    dashboard_id: RecordId,
    wait: bool = True,
    chart: Picture | None = None,
    filters: Options | None = None,
) -> Table | Sections:
    """Compute a dashboard's figures anew; get_dashboard shows them afterwards, and with `chart` so does this. `filters`
    as there.
    """
    params = _chosen(context, dashboard_id, filters)
    context.client.put(_path(dashboard_id), params=params)

    def poll() -> list[dict[str, Any]] | None:
        answer = context.client.get(f"{_path(dashboard_id)}/status", params=params)
        components: list[dict[str, Any]] = answer["componentStatus"]
        running = any(component["refreshStatus"] == "RUNNING" for component in components)
        return None if running and wait else components

    rows = [
        [component["componentId"], component["refreshStatus"], component["refreshDate"]]
        for component in waiting.wait(context, poll, what="The refresh")
    ]
    refreshed = Table(["component", "status", "refreshed"], rows, total=len(rows))
    if chart is None:
        return refreshed
    figures = get_dashboard(context, dashboard_id, chart, filters)
    return replace(figures, parts=[("refresh", refreshed), *figures.parts])


def _chosen(context: Context, dashboard_id: str, wanted: list[str] | None) -> dict[str, str] | None:
    """`filter1` and its like: the options by the places of the filters that they are of."""
    if not wanted:
        return None
    described = context.client.get(f"{_path(dashboard_id)}/describe")
    chosen: dict[str, str] = {}
    for place, each in enumerate(described.get("filters") or (), 1):
        options = {str(option["id"])[:15]: option["id"] for option in each["options"]}
        of_this = [options[given[:15]] for given in wanted if given[:15] in options]
        if len(of_this) > 1:
            raise ArgumentError(f"The filter {each['name']} takes one option at a time.", fields=("filters",))
        chosen |= {f"filter{place}": option for option in of_this}
    if len(chosen) < len(set(wanted)):
        unknown = [each for each in wanted if each[:15] not in {option[:15] for option in chosen.values()}]
        raise ArgumentError(
            f"The dashboard has no filter option {unknown[0]}.",
            fields=("filters",),
            hint="get_dashboard without filters lists them.",
        )
    return chosen


def _options(metadata: dict[str, Any]) -> Table:
    """The options of a dashboard's filters, and which of them it is shown with."""
    rows = [
        [
            each["name"],
            option.get("alias") or _condition(option),
            option["id"],
            _condition(option),
            place == each.get("selectedOption"),
        ]
        for each in metadata.get("filters") or ()
        for place, option in enumerate(each["options"])
    ]
    return Table(["filter", "option", "id", "condition", "selected"], rows, total=len(rows))


def _condition(option: dict[str, Any]) -> str:
    if option["operation"] == "between":
        return f"between {option.get('startValue')} and {option.get('endValue')}"
    return f"{option['operation']} {option.get('value')}"


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
