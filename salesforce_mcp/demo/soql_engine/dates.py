"""Days, weeks, months, quarters and years as SOQL counts them: date literals and date functions.

Source: SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE" and "Date Functions". A literal is a range of
whole days in the user's time zone; weeks start on the day that the user's locale says; fiscal periods start in the
month that the organization says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR", "FISCAL_QUARTER", "FISCAL_YEAR")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12, "FISCAL_QUARTER": 3, "FISCAL_YEAR": 12}
_FIXED = {"YESTERDAY": ("DAY", -1), "TODAY": ("DAY", 0), "TOMORROW": ("DAY", 1)}
_WHICH = {"LAST": -1, "THIS": 0, "NEXT": 1}
_SUNDAY_FIRST = frozenset({"US", "CA", "MX", "BR", "JP", "IL", "IN", "KR", "PH", "TW", "ZA"})
"""Regions whose week starts on Sunday (Unicode CLDR); elsewhere it is Monday."""


@dataclass(frozen=True, slots=True)
class Range:
    """The days from `start` up to, not including, `end`.

    `until_now` marks LAST_N_DAYS and LAST_90_DAYS, which end at the present moment.
    """

    start: date
    end: date
    until_now: bool = False


@dataclass(frozen=True)
class Calendar:
    """What a user's date literals and functions are counted by.

    `now` is the present moment (UTC). `fiscal_start` is the month in which the fiscal year starts (1 to 12), and
    `named_by_end` says that the fiscal year is called after the calendar year in which it ends.
    """

    zone: ZoneInfo
    locale: str
    now: datetime
    fiscal_start: int = 1
    named_by_end: bool = True

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def first_weekday(self) -> int:
        """0 for Monday, 6 for Sunday."""
        return 6 if self.locale.partition("_")[2][:2].upper() in _SUNDAY_FIRST else 0

    def midnight(self, day: date) -> str:
        """The start of a day in the user's zone, as the org stores instants."""
        return instant(datetime.combine(day, time(), self.zone))

    def literal(self, name: str, n: int | None) -> Range:
        """The range of a date literal; ValueError for a name that isn't one, OverflowError outside the calendar."""
        unit, first, last = _offsets(name, n)
        if unit == "DAY" and name.startswith("LAST_"):
            return Range(self._start("DAY", first), self._start("DAY", 1), until_now=True)
        return Range(self._start(unit, first), self._start(unit, last + 1))

    def _start(self, unit: str, offset: int) -> date:
        """The first day of the period that lies `offset` periods after the present one."""
        today = self.today
        if unit == "DAY":
            return today + timedelta(days=offset)
        if unit == "WEEK":
            return today - timedelta(days=(today.weekday() - self.first_weekday) % 7) + timedelta(weeks=offset)
        length = _MONTHS[unit]
        first_month = self.fiscal_start - 1 if unit.startswith("FISCAL") else 0
        index = today.year * 12 + today.month - 1
        index -= (index - first_month) % length
        index += offset * length
        return date(index // 12, index % 12 + 1, 1)

    def fiscal_year(self, day: date) -> int:
        """The number of the fiscal year that a day belongs to."""
        starts = day.year if day.month >= self.fiscal_start else day.year - 1
        return starts + (1 if self.named_by_end and self.fiscal_start > 1 else 0)

    def fiscal_month(self, day: date) -> int:
        """1 for the month in which the fiscal year starts."""
        return (day.month - self.fiscal_start) % 12 + 1


def _offsets(name: str, n: int | None) -> tuple[str, int, int]:
    """Unit, first and last period of a literal, counted from the present period."""
    if name in _FIXED:
        unit, offset = _FIXED[name]
        return unit, offset, offset
    if name in ("LAST_90_DAYS", "NEXT_90_DAYS"):
        name, n = name.replace("90", "N"), 90
    if match := re.fullmatch(r"(LAST|NEXT)_N_(\w+)S", name):
        if match[2] in UNITS and n is not None:
            return (match[2], -n, -1) if match[1] == "LAST" else (match[2], 1, n)
    elif match := re.fullmatch(r"N_(\w+)S_AGO", name):
        if match[1] in UNITS and n is not None:
            return match[1], -n, -n
    elif (match := re.fullmatch(r"(LAST|THIS|NEXT)_(\w+)", name)) and match[2] in UNITS[1:]:
        offset = _WHICH[match[1]]
        return match[2], offset, offset
    raise ValueError(name)


def instant(moment: datetime) -> str:
    """A moment as the org stores it: UTC, milliseconds, `+0000`."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}+0000"


def local_text(stored: str | None, zone: str) -> str | None:
    """A stored instant as local time, `YYYY-MM-DDTHH:MM:SS`: what convertTimezone() gives to a date function."""
    if stored is None:
        return None
    hour = _local_hour(stored[:13], zone)
    return hour + stored[13:19] if hour else _local(stored[:19], zone)


@lru_cache(maxsize=65_536)
def _local_hour(hour: str, zone: str) -> str | None:
    """The local hour of a whole hour of UTC, or None where they don't coincide; it serves all instants of the hour."""
    first, last = _local(f"{hour}:00:00", zone), _local(f"{hour}:59:59", zone)
    return first[:13] if first[:13] == last[:13] else None


def _local(utc: str, zone: str) -> str:
    return datetime.fromisoformat(f"{utc}+00:00").astimezone(ZoneInfo(zone)).replace(tzinfo=None).isoformat()
