"""A report's results as tables.

Salesforce answers with a fact map: cells by `DOWN!ACROSS`, where each side is the path of a row or column grouping
(`0_1`) or T for all of them; the labels stand in two trees beside it. A cell has `aggregates`, and `rows` with the
details. Here the aggregates become one table, a row for each row grouping and its subtotals, with the column groupings
of a matrix as further columns; the details become another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from salesforce_mcp.charts.plot import Plot, plot
from salesforce_mcp.tools.results import Sections, Table, plots

TOTAL = "T"
"""The key of all groups of one side."""

COUNT = "RowCount"
SUM = "s!"
"""How the names of aggregates begin that add up; averages, for one, don't."""

ROW_LIMIT = 2000
"""Detail rows that Salesforce returns at most."""


@dataclass(frozen=True)
class Group:
    """One group of one side. `labels` are those of its ancestors and its own, outermost first."""

    key: str
    labels: tuple[str, ...]
    leaf: bool
    only_child: bool


class Facts:
    """The results of one run: the body of `analytics/reports/{id}`, of an instance, or of a dashboard's component."""

    def __init__(self, run: dict[str, Any]) -> None:
        self._facts: dict[str, Any] = run["factMap"]
        self._metadata: dict[str, Any] = run["reportMetadata"]
        self._info: dict[str, Any] = run["reportExtendedMetadata"]
        self._down = list(_groups(run.get("groupingsDown")))
        self._across = list(_groups(run.get("groupingsAcross")))
        self._down_columns = [self._label("groupingColumnInfo", name) for name in self._names("groupingsDown")]
        self._across_columns = [self._label("groupingColumnInfo", name) for name in self._names("groupingsAcross")]

    def totals(self) -> Table:
        """A row for each group of rows, subtotals marked as such, and the grand total."""
        aggregates = [self._label("aggregateColumnInfo", name) for name in self._metadata["aggregates"]]
        # A subtotal over one group says nothing new.
        across = [group for group in self._across if group.leaf or not group.only_child]
        columns = [*self._down_columns]
        for group in across:
            columns += [_heading(group, aggregate, len(aggregates)) for aggregate in aggregates]
        columns += [f"Total: {aggregate}" if across else aggregate for aggregate in aggregates]
        keys = [*(group.key for group in across), TOTAL]
        width = len(self._down_columns)
        rows = [[*_padded(group, width), *self._aggregates(group.key, keys, len(aggregates))] for group in self._down]
        grand = ["Total", *[None] * (width - 1)] if width else []
        rows.append([*grand, *self._aggregates(TOTAL, keys, len(aggregates))])
        return Table(columns, rows, total=len(rows))

    def plot(self, title: str) -> Plot | None:
        """The totals as a chart, a bar for each group; None where there are no groups.

        Of several aggregates it shows the one that the report's own chart shows, else the first that is no mere count.
        """
        names = self._metadata["aggregates"]
        asked = (self._metadata.get("chart") or {}).get("summaries") or ()
        chosen = next((name for name in (*asked, *names) if name in names and name != COUNT), COUNT)
        if chosen not in names:
            return None
        measure = self._label("aggregateColumnInfo", chosen)
        return plot(
            title,
            measure,
            self._points(names.index(chosen)),
            over_time=self._by_date("groupingsDown") or self._swapped,
            parts=chosen == COUNT or chosen.startswith(SUM),
        )

    def details(self) -> Table:
        """The detail rows, each with the groups that it is in."""
        names = self._metadata["detailColumns"]
        columns = [
            *self._down_columns,
            *self._across_columns,
            *(self._label("detailColumnInfo", name) for name in names),
        ]
        nothing = Group(TOTAL, (), leaf=True, only_child=False)
        rows = [
            [*down.labels, *across.labels, *map(plain, row["dataCells"])]
            for down in [group for group in self._down if group.leaf] or [nothing]
            for across in [group for group in self._across if group.leaf] or [nothing]
            for row in self._facts.get(f"{down.key}!{across.key}", {}).get("rows") or ()
        ]
        return Table(columns, rows, total=len(rows))

    def _points(self, place: int) -> Iterator[tuple[str, float | None, str | None]]:
        """Label, value and series of each cell of the innermost groups. `place`: which of a cell's aggregates."""
        across = [group for group in self._across if group.leaf]
        for down in [group for group in self._down if group.leaf]:
            for over in across or [Group(TOTAL, (), leaf=True, only_child=False)]:
                cells = self._facts.get(f"{down.key}!{over.key}", {}).get("aggregates") or ()
                value = _number(cells[place]) if place < len(cells) else None
                if not across:
                    yield down.labels[0], value, " / ".join(down.labels[1:]) or None
                elif self._swapped:
                    yield " / ".join(over.labels), value, " / ".join(down.labels)
                else:
                    yield " / ".join(down.labels), value, " / ".join(over.labels)

    @property
    def _swapped(self) -> bool:
        """Time runs along the axis, also where it is the columns of a matrix that are dates."""
        return self._by_date("groupingsAcross") and not self._by_date("groupingsDown")

    def _by_date(self, side: str) -> bool:
        groupings: list[dict[str, Any]] = self._metadata.get(side) or []
        return bool(groupings) and groupings[0].get("dateGranularity") not in (None, "None")

    def _names(self, side: str) -> list[str]:
        return [grouping["name"] for grouping in self._metadata.get(side) or ()]

    def _label(self, kind: str, name: str) -> str:
        info = (self._info.get(kind) or {}).get(name) or {}
        return info.get("label") or name

    def _aggregates(self, down: str, across: list[str], count: int) -> list[Any]:
        values: list[Any] = []
        for key in across:
            cells = self._facts.get(f"{down}!{key}", {}).get("aggregates") or ()
            values += [plain(cell) for cell in cells] or [None] * count
        return values


def ask_picture(shown: Sections, chart: str | None) -> None:
    """Have a picture of the figures shown with them, or say that there is none."""
    if chart and plots(shown):
        shown.picture = True
    elif chart:
        shown.notes.append("No chart: there are no groups to compare.")


def plain(cell: dict[str, Any]) -> Any:
    """A cell's value for reading: numbers, dates and texts as they are, an amount of money, a name instead of an Id."""
    value, label = cell.get("value"), cell.get("label")
    if isinstance(value, dict):
        amount, currency = value.get("amount"), value.get("currency")
        return f"{currency} {amount}" if currency and amount is not None else amount
    if isinstance(value, str) and label and _is_id(value):
        return label
    return value


def _number(cell: dict[str, Any]) -> float | None:
    """A cell's value, where it is a number or an amount of money."""
    value = cell.get("value")
    if isinstance(value, dict):
        value = value.get("amount")
    if isinstance(value, Decimal):
        return float(value)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _is_id(text: str) -> bool:
    return len(text) in (15, 18) and text.isascii() and text.isalnum() and text[0].isdigit()


def _groups(side: dict[str, Any] | None) -> Iterator[Group]:
    """The groups of one side, each followed by its parent's subtotal once the parent is complete."""
    yield from _below((side or {}).get("groupings") or [], ())


def _below(groupings: list[dict[str, Any]], ancestors: tuple[str, ...]) -> Iterator[Group]:
    for grouping in groupings:
        labels = (*ancestors, grouping["label"])
        inner = grouping.get("groupings") or []
        yield from _below(inner, labels)
        yield Group(grouping["key"], labels, leaf=not inner, only_child=len(inner) == 1)


def _padded(group: Group, width: int) -> list[str | None]:
    if len(group.labels) == width:
        return list(group.labels)
    return [*group.labels, "Subtotal", *[None] * (width - len(group.labels) - 1)]


def _heading(group: Group, aggregate: str, count: int) -> str:
    name = " / ".join(group.labels if group.leaf else (*group.labels, "Subtotal"))
    return name if count == 1 else f"{name}: {aggregate}"
