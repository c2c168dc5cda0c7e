"""Charts of the metrics: bars made of letters, which any client can show, and plots for those who can draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from salesforce_mcp.charts.plot import Plot
from salesforce_mcp.tools.arguments import Picture
from salesforce_mcp.tools.results import Table

Chart = bool | Picture
"""true: bars of letters in a column of their own."""
NO_VALUE = "(none)"
"""The name of a group without one."""

WIDTH = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


def add_chart(
    table: Table, chart: Chart, plot: Plot | None, values: Sequence[float | None], whole: float | None = None
) -> None:
    """Give the table its plot, and what was asked for; `values` of its rows and `whole` as for `bars`."""
    table.plot = plot
    table.picture = chart == "png" and plot is not None
    if chart == "png" and not table.picture:
        table.notes.append("No chart: there is nothing to show.")
    if chart is True:
        table.columns.append("chart")
        for row, bar in zip(table.rows, bars(values, whole), strict=True):
            row.append(bar)


def named(key: Sequence[Any]) -> str:
    """The name of a group, by the values that it has in common."""
    return " / ".join(NO_VALUE if value is None else str(value) for value in key)


def bars(values: Sequence[float | None], whole: float | None = None) -> list[str]:
    """A bar for each value, to eighths of a letter; the largest, or `whole`, has the full width."""
    most = whole or max((value for value in values if value), default=0)
    return [_bar(value / most) if value and most else "" for value in values]


def _bar(share: float) -> str:
    eighths = max(1, round(share * WIDTH * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
