"""Numbers, dates and moments as the user writes them, for tables and messages on a terminal. Data never comes here.

The locale is the operating system's (LC_ALL, LC_NUMERIC, LC_TIME, LANG, or the regional settings of Windows), by way of
the standard library: Babel would take 30 ms and 30 MB for it. Where it is C or unknown, values stay as Salesforce gave
them. Moments are shown in the time zone of this computer, and name it.
"""

from __future__ import annotations

import locale
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from functools import cache
from typing import Any

from salesforce_mcp.wording import counted

UNGROUPED = 9999
"""Columns of numbers up to this are not grouped: most are years and small counts."""

_DATE = len("2026-01-31")
_MOMENTS = tuple(map(len, ("2026-01-31T09:00:00.000+0000", "2026-01-31T09:00:00.000Z", "2026-01-31T09:00:00Z")))


class Kind(Enum):
    """What the values of a column are, where that changes how they are shown."""

    NUMBER = auto()
    SMALL_NUMBER = auto()
    DATE = auto()
    MOMENT = auto()


@contextmanager
def users_locale() -> Iterator[None]:
    """The user's locale for numbers and dates, for as long as it lasts; the rest of the program counts on C's."""
    categories = (locale.LC_NUMERIC, locale.LC_TIME)
    before = [locale.setlocale(category) for category in categories]
    try:
        for category in categories:
            with suppress(locale.Error):  # named in the environment, but not installed
                locale.setlocale(category, "")
        yield
    finally:
        for category, name in zip(categories, before, strict=True):
            locale.setlocale(category, name)


def kind(column: Sequence[Any]) -> Kind | None:
    """The kind of all values of a column (None aside); None where there are none, or no common one."""
    values = [value for value in column if value is not None]
    if not values:
        return None
    if all(isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) for value in values):
        return Kind.NUMBER if any(abs(value) > UNGROUPED for value in values) else Kind.SMALL_NUMBER
    if all(isinstance(value, str) and len(value) == _DATE and _date(value) for value in values):
        return Kind.DATE
    if all(isinstance(value, str) and len(value) in _MOMENTS and _moment(value) for value in values):
        return Kind.MOMENT
    return None


def shown(kind: Kind, value: Any, plain: str) -> str:
    """A value of this kind; `plain` is how it would be shown anywhere. Only within `users_locale`."""
    if kind in (Kind.NUMBER, Kind.SMALL_NUMBER):
        ordinary = plain and not plain.strip("-.0123456789")  # no exponent
        return locale.localize(plain, grouping=kind is Kind.NUMBER) if ordinary else plain
    if not isinstance(value, str) or locale.setlocale(locale.LC_TIME).startswith(("C", "POSIX")):
        return plain
    if kind is Kind.DATE:
        day = _date(value)
        return day.strftime(_date_format()) if day else plain
    moment = _moment(value)
    if moment is None:
        return plain
    # Windows has long names for its time zones.
    zone = "%z" if os.name == "nt" else "%Z"
    return moment.strftime(f"{_date_format()} {_time_format()} {zone}")


def count(number: int, noun: str | None = None) -> str:
    """A count in a sentence: 12,000, or 12.000 where the user's locale has it so. With a noun: `12,000 rows`."""
    return (counted(number, noun) if noun else f"{number:,}").replace(",", _separator())


@cache
def _separator() -> str:
    with users_locale():
        known = not locale.setlocale(locale.LC_NUMERIC).startswith(("C", "POSIX"))
        return str(locale.localeconv()["thousands_sep"]) if known else ","


def _date(text: str) -> date | None:
    with suppress(ValueError):
        return date.fromisoformat(text)
    return None


def _moment(text: str) -> datetime | None:
    """On the clock of this computer; None for what is no moment, or none that its clock knows."""
    with suppress(ValueError, OverflowError, OSError):
        moment = datetime.fromisoformat(text)
        return moment.astimezone() if moment.tzinfo else None
    return None


def _date_format() -> str:
    """With all four digits of the year, which some locales leave out."""
    return "%x" if os.name == "nt" else locale.nl_langinfo(locale.D_FMT).replace("%y", "%Y")


def _time_format() -> str:
    return "%X" if os.name == "nt" else locale.nl_langinfo(locale.T_FMT)
