"""Literals of a WHERE clause as the org stores values, and the ranges that date literals stand for.

Source: SOQL and SOSL Reference, "Comparison Operators", "Date Formats and Date Literals in WHERE",
"convertCurrency()".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from salesforce_mcp.demo.schema import ID_TYPES, NUMBER_TYPES, long_id
from salesforce_mcp.demo.soql_engine import dates, refusals
from salesforce_mcp.demo.soql_engine.expressions import Expression
from salesforce_mcp.demo.soql_engine.statement import Request
from salesforce_mcp.soql.syntax import (
    Boolean,
    Currency,
    Date,
    DateLiteral,
    DateTime,
    Node,
    Null,
    Number,
    String,
    Time,
    Value,
)

_FIRST_YEAR, _LAST_YEAR = 1700, 4000
"""Dates that Salesforce takes ("Minimum and Maximum Dates")."""
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Span:
    """Stored values from `start` up to, not including, `end`.

    `open_end` marks a literal that ends at the present moment, whose start is what `>` compares with.
    """

    start: str
    end: str
    open_end: bool = False


def literal(request: Request, expression: Expression, node: Value) -> Any:
    """The stored form of a value: None for null, a Span for a date literal. Refuses a value of another type."""
    kind = expression.type
    if isinstance(node, Null):
        return None
    wrong = refusals.wrong_value_type(request, expression.at, expression.name, kind)
    if kind in ID_TYPES:
        return _id(request, expression, node)
    if kind == "boolean":
        if isinstance(node, Boolean):
            return int(node.value)
    elif kind in NUMBER_TYPES:
        if isinstance(node, Number):
            return node.value
        if isinstance(node, Currency) and kind == "currency":
            return node.amount
    elif kind == "date":
        return _date(request, node, wrong)
    elif kind == "datetime":
        return _datetime(request, node, wrong)
    elif kind == "time":
        if isinstance(node, Time):
            return f"{node.value:%H:%M:%S}.{node.value.microsecond // 1000:03d}Z"
    elif isinstance(node, String):
        return _entity(request, expression, node.value) or None
    raise wrong


def _entity(request: Request, expression: Expression, text: str) -> str:
    """A look-up of EntityDefinition takes the name of a custom object for its Id."""
    if expression.source is None or expression.source.reference_to != ("EntityDefinition",):
        return text
    named = request.objects.described.get(text)
    return named.durable_id if named else text


def _id(request: Request, expression: Expression, node: Value) -> str | None:
    text = node.value if isinstance(node, String) else getattr(node, "text", "")
    if isinstance(node, String) and not text:
        return None
    if not isinstance(node, String) or not _ID.fullmatch(text) or (len(text) == 18 and long_id(text[:15]) != text):
        raise refusals.invalid_id(request, expression.at, text)
    return long_id(text[:15])


def _date(request: Request, node: Value, wrong: Exception) -> str | Span:
    if isinstance(node, Date):
        _check_year(request, node, node.value.year)
        return node.value.isoformat()
    if isinstance(node, DateLiteral):
        days = _literal_range(request, node)
        return Span(days.start.isoformat(), days.end.isoformat(), days.until_now)
    raise wrong


def _datetime(request: Request, node: Value, wrong: Exception) -> str | Span:
    if isinstance(node, DateTime):
        _check_year(request, node, node.value.year)
        return dates.instant(node.value)
    if isinstance(node, DateLiteral):
        days = _literal_range(request, node)
        calendar = request.calendar
        if days.until_now:
            after_now = dates.instant(calendar.now + timedelta(milliseconds=1))
            return Span(calendar.midnight(days.start), after_now, open_end=True)
        return Span(calendar.midnight(days.start), calendar.midnight(days.end))
    raise wrong


def _literal_range(request: Request, node: DateLiteral) -> dates.Range:
    try:
        days = request.calendar.literal(node.name, node.n)
    except (ValueError, OverflowError):
        raise refusals.invalid_date(request, node.at) from None
    _check_year(request, node, days.start.year)
    _check_year(request, node, days.end.year)
    return days


def _check_year(request: Request, node: Node, year: int) -> None:
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        raise refusals.invalid_date(request, node.at)


def like_text(text: str) -> str:
    """Text to be found literally by a LIKE pattern."""
    return re.sub(r"([\\%_])", r"\\\1", text)
