"""The figures of a report: counts, sums, averages, extremes and unique counts, for any part of its rows.

Source: Reports and Dashboards REST API Developer Guide, "Describe" (aggregates): `RowCount`, and `s!AMOUNT` with a
letter for the kind and the name of a column.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.schema import NUMBER_TYPES

if TYPE_CHECKING:
    from salesforce_mcp.demo.analytics.types import Column, ReportType
    from salesforce_mcp.demo.users import User

ROW_COUNT = "RowCount"
_KINDS = {"s": "Sum of {}", "a": "Average {}", "m": "Smallest {}", "x": "Largest {}", "u": "Unique Count of {}"}
_UNIQUE = "u"


@dataclass(frozen=True)
class Aggregate:
    """One aggregate of a report. `column` is None for the number of rows."""

    name: str
    kind: str
    column: Column | None

    @property
    def label(self) -> str:
        return _KINDS[self.kind].format(self.column.label) if self.column else "Record Count"

    @property
    def data_type(self) -> str:
        return self.column.data_type if self.column and self.kind != _UNIQUE else "int"

    @property
    def scale(self) -> int:
        """Decimals of the label: an average has two at least."""
        if self.column is None or self.kind == _UNIQUE:
            return 0
        return max(2, self.column.field.scale) if self.kind == "a" else self.column.field.scale

    @property
    def counts_values(self) -> bool:
        """True if it can't be worked out from sums, but needs the values themselves."""
        return self.kind == _UNIQUE

    def of(self, figures: Figures) -> float | None:
        """The aggregate's value, None for an average or extreme of nothing."""
        if self.column is None:
            return figures.rows
        if self.counts_values:
            return len(figures.uniques.get(self.column.name, ()))
        numbers = figures.columns.get(self.column.name)
        if self.kind == "s":
            return numbers.total if numbers else 0
        if numbers is None or not numbers.count:
            return None
        return {"a": numbers.total / numbers.count, "m": numbers.smallest, "x": numbers.largest}[self.kind]


def parse(name: str, kind: ReportType, user: User) -> Aggregate:
    """The aggregate of this name; BAD_REQUEST for one that the report type hasn't."""
    if name == ROW_COUNT:
        return Aggregate(name, "", None)
    letter, mark, column_name = str(name).partition("!")
    column = kind.column(column_name, user)
    if letter not in _KINDS or not mark or column is None:
        raise bad_request(f"The aggregate {name} is invalid.")
    if column.data_type not in NUMBER_TYPES if letter != _UNIQUE else not column.unique_countable:
        raise bad_request(f"The aggregate {name} is invalid.")
    return Aggregate(name, letter, column)


@dataclass(slots=True)
class Numbers:
    """Of the values of a column in some rows."""

    count: int = 0
    total: float = 0
    smallest: float | None = None
    largest: float | None = None

    def add(self, other: Numbers) -> None:
        self.count += other.count
        self.total += other.total
        if other.smallest is not None and (self.smallest is None or other.smallest < self.smallest):
            self.smallest = other.smallest
        if other.largest is not None and (self.largest is None or other.largest > self.largest):
            self.largest = other.largest


@dataclass(slots=True)
class Figures:
    """What is known of some rows: how many, the numbers of their columns, and the different values of others."""

    rows: int = 0
    columns: dict[str, Numbers] = field(default_factory=dict)
    uniques: dict[str, set[Hashable]] = field(default_factory=dict)

    def add(self, other: Figures) -> None:
        self.rows += other.rows
        for name, numbers in other.columns.items():
            self.columns.setdefault(name, Numbers()).add(numbers)
        for name, values in other.uniques.items():
            self.uniques.setdefault(name, set()).update(values)


def of_value(value: Any) -> Numbers:
    """The numbers of one row's value."""
    return Numbers() if value is None else Numbers(1, value, value, value)
