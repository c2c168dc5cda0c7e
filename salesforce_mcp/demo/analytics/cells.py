"""What cells of a report hold: a value for programs, and a label as the user's locale writes it.

Source: Reports and Dashboards REST API Developer Guide, "Execute Sync" (data cells, aggregates) and its examples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.schema import NUMBER_TYPES
from salesforce_mcp.demo.soql_engine import formats
from salesforce_mcp.demo.soql_engine.dates import Calendar, local_text

if TYPE_CHECKING:
    from salesforce_mcp.demo.analytics.types import Column
    from salesforce_mcp.demo.users import User

NOTHING = "-"
"""The label of a cell without a value."""


class Writer:
    """Writes values for one user."""

    def __init__(self, user: User, calendar: Calendar) -> None:
        self._user = user
        self._calendar = calendar

    def number(self, kind: str, value: float | None, scale: int = 0) -> dict[str, Any]:
        """A cell of figures, such as an aggregate."""
        if value is None:
            return {"label": NOTHING, "value": None}
        # Halves are rounded up, which Python's own formatting doesn't do.
        shown = Decimal(str(value)).quantize(Decimal(1).scaleb(-scale), ROUND_HALF_UP)
        return {"label": self.formatter(kind, scale)(shown), "value": plain_number(value)}

    def formatter(self, kind: str, scale: int = 0) -> Callable[[Any], str]:
        """The function that makes labels of values of a type."""
        return formats.formatter(kind, scale, self._calendar.locale, self._calendar.zone, self._user.currency)

    def age(self, created: str, closed_on: str | None) -> int:
        """Days from a moment to a day, or to the present one."""
        end = date.fromisoformat(closed_on) if closed_on else self._calendar.today
        return max(0, (end - date.fromisoformat(self.local_day(created))).days)

    def local_day(self, instant: str) -> str:
        """The day of a moment where the user is."""
        return (local_text(instant, self._calendar.zone.key) or "")[:10]


class ColumnWriter:
    """Makes the cells of one column."""

    def __init__(self, column: Column, writer: Writer) -> None:
        self._column = column
        self._writer = writer

    def cell(self, values: Sequence[Any]) -> dict[str, Any]:
        """Label and value of what the column's paths lead to; the value of a link to a record is its Id."""
        value = values[0]
        column = self._column
        if column.bucket is not None:
            label = column.bucket.of(self._source.cell(values)["value"] if column.shape else value)
            return {"label": label or NOTHING, "value": label}
        if value is None or value == "":
            return {"label": NOTHING, "value": None}
        if column.id_path:
            return {"label": str(value), "value": values[1]}
        kind = column.data_type
        if column.shape == "day":
            day = self._writer.local_day(value)
            return {"label": self._format_day(day), "value": day}
        if column.shape == "age":
            return self._writer.number("int", self._writer.age(value, values[2] if values[1] else None))
        if column.shape == "quarter":
            quarter = f"Q{value[-1]}-{value[:4]}"
            return {"label": quarter, "value": quarter}
        if kind == "boolean":
            return {"label": str(value).lower(), "value": value}
        if kind == "datetime":
            return {"label": self._format(value), "value": f"{value[:19]}Z"}
        if kind == "picklist":
            return {"label": self._labels.get(value, value), "value": value}
        if kind == "currency":
            return {"label": self._format(value), "value": {"amount": plain_number(value), "currency": None}}
        if kind in NUMBER_TYPES:
            return {"label": self._format(value), "value": plain_number(value)}
        return {"label": self._format(value), "value": value}

    @cached_property
    def _source(self) -> ColumnWriter:
        """Of a bucket field: what writes the column that it groups."""
        return ColumnWriter(replace(self._column, bucket=None), self._writer)

    @cached_property
    def _format(self) -> Callable[[Any], str]:
        return self._writer.formatter(self._column.data_type, self._column.field.scale)

    @cached_property
    def _format_day(self) -> Callable[[Any], str]:
        return self._writer.formatter("date")

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {each.value: each.label for each in self._column.field.picklist_values}


def plain_number(value: float) -> float | int:
    """Whole numbers without a decimal point, as JSON of Salesforce has them."""
    return int(value) if float(value).is_integer() else value
