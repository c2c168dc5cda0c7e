"""The filters of a report as SOQL: scope, standard filters, the standard date filter, and those on columns.

Source: Reports and Dashboards REST API Developer Guide, "Describe" (reportFilters, standardDateFilter), "Filter Reports
on Demand". Of several values, parted by commas, any may match; text compares without regard to case; an empty value
stands for no value.
"""

from __future__ import annotations

import csv
import re
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.analytics import durations, operators
from salesforce_mcp.demo.analytics.logic import combine
from salesforce_mcp.demo.analytics.refusals import bad_request, forbidden
from salesforce_mcp.demo.analytics.types import Column, ReportType
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.schema import NUMBER_TYPES
from salesforce_mcp.demo.soql_engine.dates import Calendar
from salesforce_mcp.soql.binding import like_escape, quote

if TYPE_CHECKING:
    from salesforce_mcp.demo.users import User

MOST_FILTERS = 20
_COMPARED = {"lessThan": "<", "greaterThan": ">", "lessOrEqual": "<=", "greaterOrEqual": ">="}
_ID_LENGTH = 15
_AT_START = frozenset({"lessThan", "greaterOrEqual"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


class Filters:
    """Makes the WHERE of one run. `metadata` is the report's, as the run was asked for."""

    def __init__(self, kind: ReportType, user: User, calendar: Calendar) -> None:
        self._kind = kind
        self._user = user
        self._calendar = calendar

    def scope(self, metadata: dict[str, Any]) -> str:
        """USING SCOPE, for reports on one's own records."""
        wanted = metadata.get("scope") or self._kind.scopes.default
        if self._kind.scopes.find(wanted) is None:
            raise bad_request(f"The scope {wanted} is invalid for this report type.")
        return " USING SCOPE mine" if wanted == "user" else ""

    def where(self, metadata: dict[str, Any]) -> str:
        """The condition that rows must meet; empty where there is none."""
        filters = metadata.get("reportFilters") or []
        if len(filters) > MOST_FILTERS:
            raise bad_request(f"A report can have {MOST_FILTERS} filters at most.")
        own = combine(metadata.get("reportBooleanFilter"), [self._of_column(each) for each in filters])
        parts = [*self._standard(metadata), self._standard_date(metadata), own]
        return " AND ".join(f"({part})" for part in parts if part)

    def _standard(self, metadata: dict[str, Any]) -> list[str | None]:
        found = []
        for each in metadata.get("standardFilters") or ():
            known = self._kind.filters.get(each.get("name"))
            choice = known.find(each.get("value")) if known else None
            if choice is None:
                raise bad_request(f"Specify a valid filterable column because {each.get('name')} is invalid.")
            found.append(choice.condition)
        return found

    def _standard_date(self, metadata: dict[str, Any]) -> str | None:
        given = metadata.get("standardDateFilter") or {}
        name, duration = given.get("column"), given.get("durationValue") or durations.CUSTOM
        if not name:
            return None
        column = self._kind.columns.get(name)
        if column is None:
            raise bad_request(f"The column {name} specified for the standard date filter is invalid.")
        if column.data_type not in ("date", "datetime"):
            raise bad_request(f"The column {name} cannot be a standard date filter because it is not a date column.")
        if duration == durations.CUSTOM:
            first = _custom_day(given, "start", name)
            last = _custom_day(given, "end", name)
        else:
            span = durations.days(duration, self._calendar)
            if span is None:
                raise bad_request(f"The duration {duration} specified for the standard date filter is invalid.")
            first, last = span
        return self._between(column, first, last)

    # --- Filters on columns ---

    def _of_column(self, given: dict[str, Any]) -> str:
        name, operator = given.get("column"), given.get("operator")
        column = self._kind.columns.get(name or "")
        if column is None or not column.filterable:
            raise bad_request(f"Specify a valid filterable column because {name} is invalid.")
        if not column.shown_to(self._user):
            raise forbidden()
        if operator not in operators.names(column.data_type) or given.get("filterType", "fieldValue") != "fieldValue":
            raise bad_request(f"Specify a valid condition because {operator} is invalid.")
        text = "" if given.get("value") is None else str(given["value"])
        if column.bucket is not None:
            return column.bucket.condition(operator, _values(text))
        if column.data_type in ("date", "datetime"):
            return self._by_days(column, operator, text)
        if column.data_type in NUMBER_TYPES:
            return _by_number(column, operator, text)
        if column.data_type == "boolean":
            return _by_truth(column, operator, text)
        if column.data_type == "id":
            return _by_id(column, operator, _values(text))
        return _by_text(column, operator, _values(text))

    def _by_days(self, column: Column, operator: str, text: str) -> str:
        path = column.path
        if not text:
            return _compared(path, operator, "null")
        if _INSTANT.fullmatch(text):
            if column.data_type == "datetime":
                return _compared(path, operator, text)
            text = text[:10]
        span = durations.days(text, self._calendar) or _day(text)
        if span is None:
            raise bad_request(
                "Filter the date in the correct format. Accepted formats are yyyy-MM-dd'T'HH:mm:ss'Z' and yyyy-MM-dd."
            )
        first, last = span
        if operator == "equals":
            return self._between(column, first, last) or f"{path} != null"
        if operator == "notEqual":
            return f"{path} < {self._start(column, first)} OR {path} >= {self._start(column, last, 1)} OR {path} = null"
        # What is compared with a range lies before or after the whole of it.
        edge = self._start(column, first) if operator in _AT_START else self._start(column, last, 1)
        return f"{path} {'<' if operator.startswith('less') else '>='} {edge}"

    def _between(self, column: Column, first: date | None, last: date | None) -> str | None:
        parts = []
        if first:
            parts.append(f"{column.path} >= {self._start(column, first)}")
        if last:
            parts.append(f"{column.path} < {self._start(column, last, 1)}")
        return " AND ".join(parts) or None

    def _start(self, column: Column, day: date, after: int = 0) -> str:
        """The beginning of a day, or of the one `after` days later, as SOQL writes it for the column's type."""
        day += timedelta(days=after)
        if column.data_type == "date":
            return day.isoformat()
        return f"{self._calendar.midnight(day)[:19]}Z"


def _custom_day(given: dict[str, Any], end: str, column: str) -> date | None:
    text = given.get(f"{end}Date")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError):
        message = f"The specified {end} date of {column} specified for the standard date filter is invalid."
        raise bad_request(message) from None


def _day(text: str) -> tuple[date, date] | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found, found


def _compared(path: str, operator: str, value: str) -> str:
    return f"{path} {_COMPARED.get(operator) or ('=' if operator == 'equals' else '!=')} {value}"


def _by_number(column: Column, operator: str, text: str) -> str:
    if not text:
        return _compared(column.path, operator, "null")
    # Numbers come as people write them: `100,000`, `USD 2000000`, `60%`.
    number = re.sub(r"^[A-Z]{3} |[,%\s]", "", text)
    if not re.fullmatch(r"-?\d+(\.\d*)?", number):
        raise bad_request(f"Specify a valid condition because {text} is invalid.")
    return _compared(column.path, operator, number.rstrip("."))


def _by_truth(column: Column, operator: str, text: str) -> str:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise bad_request(f"Specify a valid condition because {text} is invalid.")
    return f"{column.path} = {'TRUE' if (word in _TRUE) == (operator == 'equals') else 'FALSE'}"


def _by_id(column: Column, operator: str, values: list[str]) -> str:
    if operator == "startsWith":
        # SOQL has no LIKE for Ids, but they sort byte by byte.
        spans = [(each.ljust(_ID_LENGTH, "0"), each.ljust(_ID_LENGTH, "z")) for each in values]
        _check_ids([each for span in spans for each in span])
        ranges = [f"({column.path} >= {quote(low)} AND {column.path} <= {quote(high)})" for low, high in spans]
        return " OR ".join(ranges)
    _check_ids([each for each in values if each])
    return _by_text(column, operator, values)


def _check_ids(values: list[str]) -> None:
    for each in values:
        if full_id(each) is None:
            raise bad_request(
                f"The filter value for ID {each} is incorrect. Specify an ID that is 15 or 18 characters long, such as"
                " 006D000000CrRLw or 005U0000000Rg2CIAS."
            )


def _by_text(column: Column, operator: str, values: list[str]) -> str:
    path = column.path
    if operator in ("includes", "excludes"):
        return f"{path} {operator.upper()} ({','.join(quote(each) for each in values)})"
    parts = [_one_text(path, operator, each) for each in values]
    if operator in ("notEqual", "notContain"):
        return " AND ".join(f"({part})" for part in parts)
    return " OR ".join(f"({part})" for part in parts)


def _one_text(path: str, operator: str, value: str) -> str:
    if not value:
        return _compared(path, operator, "null")
    if operator in _COMPARED or operator in ("equals", "notEqual"):
        return _compared(path, operator, quote(value))
    pattern = like_escape(value)
    if operator == "startsWith":
        return f"{path} LIKE '{pattern}%'"
    if operator == "contains":
        return f"{path} LIKE '%{pattern}%'"
    return f"{path} = null OR (NOT {path} LIKE '%{pattern}%')"


def _values(text: str) -> list[str]:
    """The values between commas; quotes keep a comma inside one."""
    return [each.strip() for each in next(csv.reader([text], skipinitialspace=True), [])] or [""]
