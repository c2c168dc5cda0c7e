"""How many conversations with an assistant needed no case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from salesforce_mcp.charts.plot import Plot, plot
from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.cases.interactions import OBJECT, needs_object
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.service_metrics.charts import Chart, add_chart, named
from salesforce_mcp.tools.service_metrics.counting import percent
from salesforce_mcp.tools.service_metrics.period import Days, last

OUTCOMES = ("Deflected", "Case Created", "Escalated", "Abandoned")
DEFLECTED = OUTCOMES[0]
_FIELDS = {"topic": "Topic__c", "channel": "Channel__c", "severity": "Severity__c"}
COLUMNS = ["interactions", "deflected", "case_created", "escalated", "abandoned", "other", "deflection_rate_percent"]
ALL = "(all)"


@tool(title="Get deflection metrics", app="result")
def get_deflection_metrics(
    context: Context,
    days: Days = 30,
    group_by: Literal["topic", "channel", "severity"] | None = None,
    chart: Chart = False,
) -> Table:
    """Conversations logged in the last days (log_interaction) by outcome, and the rate of those that were deflected."""
    period = last(days)
    field = _FIELDS[group_by] if group_by else None
    grouped = ", ".join(filter(None, (field, "Outcome__c")))
    soql = (
        f"SELECT {f'{field} g, ' if field else ''}Outcome__c o, COUNT(Id) n FROM {OBJECT}"  # noqa: S608 - names of ours
        f" WHERE CreatedDate >= :start AND CreatedDate < :end GROUP BY {grouped}"
    )
    try:
        found = context.client.query(bind(soql, {"start": period.start, "end": period.end})).records
    except SalesforceError as error:
        raise needs_object(error) from None
    counts: Counter[tuple[Any, str]] = Counter()
    for record in found:
        counts[(record.get("g"), record["o"])] += record["n"]
    rows = rates(counts, grouped=field is not None)
    notes = [
        f"{counts.total()} interactions created {period}. Rate: deflected of all interactions, abandoned included."
    ]
    table = Table([*([group_by] if group_by else []), *COLUMNS], rows, total=len(rows), notes=notes)
    add_chart(table, chart, _plot(group_by, rows), [row[-1] for row in rows], whole=100)
    return context.pages.first(table)


def rates(counts: Mapping[tuple[Any, str], int], *, grouped: bool) -> list[list[Any]]:
    """A row for all, and with `grouped` one for each group before it, the largest first.

    A row: the group (with `grouped`), then `COLUMNS`. The rate of no interactions is null.
    """
    groups: dict[Any, Counter[str]] = {}
    everything: Counter[str] = Counter()
    for (group, outcome), number in counts.items():
        groups.setdefault(group, Counter())[outcome] += number
        everything[outcome] += number
    ordered = sorted(groups.items(), key=lambda each: (-each[1].total(), str(each[0])))
    rows = [[group, *_row(outcomes)] for group, outcomes in ordered] if grouped else []
    return [*rows, [*([ALL] if grouped else []), *_row(everything)]]


def _plot(group_by: str | None, rows: list[list[Any]]) -> Plot | None:
    """The rate of each group; without groups, how many there were of each outcome."""
    if group_by:
        return plot(
            f"Deflection rate by {group_by}", "percent", ((named(row[:1]), row[-1], None) for row in rows), most=100
        )
    outcomes = zip((*OUTCOMES, "Other"), rows[0][1:-1], strict=True)
    return plot("Interactions by outcome", "interactions", ((name, number, None) for name, number in outcomes))


def _row(outcomes: Counter[str]) -> list[Any]:
    known = [outcomes[name] for name in OUTCOMES]
    total = outcomes.total()
    return [total, *known, total - sum(known), percent(outcomes[DEFLECTED], total)]
