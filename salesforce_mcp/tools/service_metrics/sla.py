"""How many first responses came in time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from salesforce_mcp.charts.plot import plot
from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.arguments import split_names
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.service_metrics.charts import Chart, add_chart
from salesforce_mcp.tools.service_metrics.period import Days, last
from salesforce_mcp.tools.service_metrics.reading import Reading
from salesforce_mcp.tools.service_metrics.responses import Compliance, compliance, together

DEFAULT_HOURS = {"Critical": 1.0, "High": 4.0, "Medium": 24.0, "Low": 48.0}
COLUMNS = [
    "priority", "threshold_hours", "cases", "met", "breached", "unanswered", "open", "compliance_percent",
    "median_hours", "by_milestone",
]  # fmt: skip


def _check_hours(given: dict[str, float]) -> dict[str, float]:
    for name, hours in given.items():
        if hours <= 0:
            raise ValueError(f"{name}: more than 0 hours")
    return given


Hours = Annotated[dict[str, float], AfterValidator(_check_hours)]
"""Hours to the first response, by priority."""

Priorities = Annotated[list[str], BeforeValidator(split_names), Field(min_length=1)]
"""Priorities; also taken as one comma-separated string."""


@tool(title="Get SLA compliance", calls="1 and further pages; describes once", app="result")
def get_sla_compliance(
    context: Context,
    days: Days = 30,
    priority: Priorities | None = None,
    hours: Hours | None = None,
    chart: Chart = False,
) -> Table:
    """First responses (public comment or sent email by a user) in time, by priority, for cases created in the last
    days: by entitlement milestones where there are any, else in business hours against `hours`, as in {"High": 2}
    (default Critical 1, High 4, Medium 24, Low 48). Unanswered past it is breached.
    """
    thresholds, set_here = _thresholds(hours or {}, priority)
    read = Reading(context.client, last(days))
    read.fetch()
    cases, others = read.cases(thresholds)
    found = compliance(cases, thresholds, read.period.end, only_thresholds=set_here)
    rows = [_row(name, thresholds[name] / timedelta(hours=1), each) for name, each in found.items()]
    whole = together(found.values())
    rows.append(_row("(all)", None, whole))
    measured = f"; {whole.milestones} measured by the milestone of their entitlement" if whole.milestones else ""
    notes = [
        f"{whole.cases} cases created {read.period}{measured}; {whole.open} still open in time are not in the rate,"
        " the unanswered are among the breached.",
        *_left_out(others, priority),
        *read.notes,
    ]
    table = Table(list(COLUMNS), rows, total=len(rows), notes=notes, failed=read.failed)
    rates = plot("First responses in time", "percent", ((str(row[0]), row[7], None) for row in rows), most=100)
    add_chart(table, chart, rates, [row[7] for row in rows], whole=100)
    return table


def _thresholds(given: dict[str, float], wanted: list[str] | None) -> tuple[dict[str, timedelta], frozenset[str]]:
    """Thresholds by priority, those wanted alone, and the priorities that the caller set."""
    names = {name.lower(): name for name in (*DEFAULT_HOURS, *given)}
    names |= {name.lower(): name for name in DEFAULT_HOURS}
    hours = DEFAULT_HOURS | {names[name.lower()]: value for name, value in given.items()}
    if wanted is not None:
        unknown = [name for name in wanted if name.lower() not in names]
        if unknown:
            raise ArgumentError(
                f"priority: there is no threshold for {', '.join(unknown)}; set it in hours, as in"
                f' {{"{unknown[0]}": 8}}.',
                fields=("priority", "hours"),
            )
        hours = {names[name.lower()]: hours[names[name.lower()]] for name in wanted}
    chosen = frozenset(names[name.lower()] for name in given)
    return {name: timedelta(hours=value) for name, value in hours.items()}, chosen


def _row(name: str, threshold: float | None, each: Compliance) -> list[Any]:
    return [
        name, threshold, each.cases, each.met, each.breached, each.unanswered, each.open, each.rate,
        each.median_hours, each.milestones,
    ]  # fmt: skip


def _left_out(others: Counter[str], wanted: list[str] | None) -> list[str]:
    if not others or wanted is not None:
        return []
    named = ", ".join(f"{count} of {name}" for name, count in others.most_common())
    return [f"Left out, having no threshold: {named}. Set one in hours."]
