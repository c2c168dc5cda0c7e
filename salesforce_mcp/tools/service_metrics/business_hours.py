"""Time that counts: the hours of a week in which somebody is there. No requests here.

Source: Object Reference, "BusinessHours": a day without times is closed, one from midnight to midnight never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any

from salesforce_mcp.tools.service_metrics.period import zone_named

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BusinessHours:
    """Opening hours by weekday (Monday first): from and to as time since midnight, None for a day that is closed."""

    zone: tzinfo
    week: tuple[tuple[timedelta, timedelta] | None, ...]
    name: str = ""

    @property
    def always(self) -> bool:
        """True if they are never closed."""
        return all(each == (timedelta(), _DAY) for each in self.week)

    def elapsed(self, start: datetime, end: datetime) -> timedelta:
        """The time between two moments that counts; none if they are in the wrong order."""
        if self.always:
            return max(end - start, timedelta())
        counted = timedelta()
        day = start.astimezone(self.zone).date()
        last = end.astimezone(self.zone).date()
        while day <= last:
            hours = self.week[day.weekday()]
            if hours:
                opens, closes = (self._moment(datetime.combine(day, time()), each) for each in hours)
                counted += max(min(end, closes) - max(start, opens), timedelta())
            day += _DAY
        return counted

    def _moment(self, midnight: datetime, since: timedelta) -> datetime:
        """A time of a day by the clock on the wall, which may be moved that day."""
        return (midnight + since).replace(tzinfo=self.zone).astimezone(UTC)


ALWAYS = BusinessHours(UTC, ((timedelta(), _DAY),) * 7, "around the clock")


def parse(record: Mapping[str, Any]) -> BusinessHours:
    """A record of BusinessHours, with the times of all days and TimeZoneSidKey."""
    week = tuple(_hours(record[f"{day}StartTime"], record[f"{day}EndTime"]) for day in DAYS)
    return BusinessHours(zone_named(record["TimeZoneSidKey"]), week, record["Name"])


def _hours(start: str | None, end: str | None) -> tuple[timedelta, timedelta] | None:
    if start is None or end is None:
        return None
    opens, closes = _since_midnight(start), _since_midnight(end)
    return opens, closes if closes > opens else _DAY


def _since_midnight(text: str) -> timedelta:
    """`08:30:00.000Z` as the time since midnight; the Z says nothing here, times of fields have no zone."""
    at = time.fromisoformat(text.rstrip("Z"))
    return timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)
