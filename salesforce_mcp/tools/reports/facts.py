"""A report's results as tables.

Salesforce answers with a fact map: cells by `DOWN!ACROSS`, where each side is the path of a row or column grouping
(`0_1`) or T for all of them; the labels stand in two trees beside it. A cell has `aggregates`, and `rows` with the
details. Here the aggregates become one table, a row for each row grouping and its subtotals, with the column groupings
of a matrix as further columns; the details become another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from salesforce_mcp.tools.results import Table

TOTAL = "T"
"""The key of all groups of one side."""

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


def plain(cell: dict[str, Any]) -> Any:
    """A cell's value for reading: numbers, dates and texts as they are, an amount of money, a name instead of an Id."""
    value, label = cell.get("value"), cell.get("label")
    if isinstance(value, dict):
        amount, currency = value.get("amount"), value.get("currency")
        return f"{currency} {amount}" if currency and amount is not None else amount
    if isinstance(value, str) and label and _is_id(value):
        return label
    return value


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
