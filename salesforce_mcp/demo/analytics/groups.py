"""Groupings: which group a row belongs to, and how groups are called and sorted.

Source: Reports and Dashboards REST API Developer Guide, "Execute Sync" (groupings), "Describe" (dateGranularity);
labels as in its examples and in recorded answers. Groups of a picklist follow the order of its values; missing values
come first.
"""

from __future__ import annotations

import calendar as months
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.analytics.cells import NOTHING, ColumnWriter, Writer
from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.soql_engine.dates import Calendar

if TYPE_CHECKING:
    from salesforce_mcp.demo.analytics.types import Column

_MONTH_NAMES = tuple(months.month_name)
GRANULARITIES = {
    "None": "None", "Day": "Day", "Week": "Week", "Month": "Month", "Quarter": "Quarter", "Year": "Year",
    "FiscalQuarter": "Fiscal Quarter", "FiscalYear": "Fiscal Year", "MonthInYear": "Calendar Month in Year",
    "DayInMonth": "Calendar Day in Month",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Group:
    """A group of one level: `key` tells it from its siblings, `place` sorts it among them."""

    key: Hashable
    value: Any
    label: str
    place: tuple[Any, ...]


class Grouping:
    """One level of row or column groups. `given` is its entry in the report's metadata."""

    def __init__(self, column: Column, given: dict[str, Any], writer: Writer, calendar: Calendar) -> None:
        self.column = column
        self.descending = str(given.get("sortOrder", "Asc")).lower() == "desc"
        self.aggregate: str | None = given.get("sortAggregate")
        self._writer = writer
        self._calendar = calendar
        self._cells = ColumnWriter(column, writer)
        values = column.bucket.labels if column.bucket else [each.value for each in column.field.picklist_values]
        self._places = {value: place for place, value in enumerate(values)}
        granularity = given.get("dateGranularity") or "None"
        if granularity not in GRANULARITIES:
            raise bad_request(f"The date granularity {granularity} is invalid.")
        self._dated = column.data_type in ("date", "datetime")
        self._granularity = "Day" if granularity == "None" else granularity
        self._bucket = lru_cache(maxsize=None)(self._of_day)

    @property
    def in_soql(self) -> bool:
        """True if SOQL can group by `keys`; it groups moments by their days."""
        return self.column.field.groupable or self.column.data_type == "datetime"

    @property
    def keys(self) -> list[str]:
        """What to group by in SOQL to know the values of the column's paths."""
        if self.column.data_type == "datetime":
            return [f"DAY_ONLY(convertTimezone({self.column.path}))"]
        return self.column.paths

    def of_record(self, values: list[Any]) -> Group:
        """The group of a row; `values` are those of the column's paths."""
        if self.column.data_type == "datetime" and values[0]:
            return self.of_keys([self._writer.local_day(values[0])])
        return self.of_keys(values)

    def of_keys(self, values: list[Any]) -> Group:
        """The group with these values of `keys`."""
        value = values[0]
        if self.column.bucket is not None:
            value = self._cells.cell(values)["value"]
        if value is None or value == "":
            return Group(None, None, NOTHING, (0,))
        if self._dated:
            return self._bucket(value)
        cell = self._cells.cell(values)
        if self.column.id_path:
            key = cell["value"]
        elif self.column.computed:
            key = value = cell["value"]
        else:
            key = value.lower() if isinstance(value, str) else value
        return Group(key, cell["value"], cell["label"], (1, *self._place(value, cell["label"])))

    def _place(self, value: Any, label: str) -> tuple[Any, ...]:
        if not isinstance(value, str):
            return (value,)
        if self._places:
            return (self._places.get(value, len(self._places)), label.lower())
        return (label.lower(), label)

    def _of_day(self, text: str) -> Group:
        first, label = _NAMING[self._granularity](date.fromisoformat(text), self._calendar, self._writer)
        value = first.isoformat() if isinstance(first, date) else first
        return Group(value, value, label, (1, value))


_Named = tuple[date | int, str]


def _day(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return day, writer.formatter("date")(day.isoformat())


def _week(day: date, calendar: Calendar, writer: Writer) -> _Named:
    first = day - timedelta(days=(day.weekday() - calendar.first_weekday) % 7)
    write = writer.formatter("date")
    return first, f"{write(first.isoformat())} - {write((first + timedelta(days=6)).isoformat())}"


def _month(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return day.replace(day=1), f"{_MONTH_NAMES[day.month]} {day.year}"


def _quarter(day: date, calendar: Calendar, writer: Writer) -> _Named:
    number = (day.month + 2) // 3
    return date(day.year, number * 3 - 2, 1), f"Q{number} CY{day.year}"


def _year(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return date(day.year, 1, 1), f"CY{day.year}"


def _fiscal_quarter(day: date, calendar: Calendar, writer: Writer) -> _Named:
    month = calendar.fiscal_month(day)
    return _months_back(day, (month - 1) % 3), f"Q{(month + 2) // 3} FY{calendar.fiscal_year(day)}"


def _fiscal_year(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return _months_back(day, calendar.fiscal_month(day) - 1), f"FY{calendar.fiscal_year(day)}"


def _month_in_year(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return day.month, _MONTH_NAMES[day.month]


def _day_in_month(day: date, calendar: Calendar, writer: Writer) -> _Named:
    return day.day, str(day.day)


def _months_back(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 - count
    return date(index // 12, index % 12 + 1, 1)


_NAMING: dict[str, Callable[[date, Calendar, Writer], _Named]] = {
    "Day": _day,
    "Week": _week,
    "Month": _month,
    "Quarter": _quarter,
    "Year": _year,
    "FiscalQuarter": _fiscal_quarter,
    "FiscalYear": _fiscal_year,
    "MonthInYear": _month_in_year,
    "DayInMonth": _day_in_month,
}
