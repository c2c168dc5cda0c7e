"""The time that a number is over, and time zones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field

Bucket = Literal["day", "week", "month"]
Days = Annotated[int, Field(ge=1, le=3650)]
"""How many days back a period reaches."""


@dataclass(frozen=True)
class Period:
    """From one moment, included, to another, excluded."""

    start: datetime
    end: datetime

    def before(self) -> Period:
        """The period of the same length before this one."""
        return Period(self.start - (self.end - self.start), self.start)

    def halves(self) -> tuple[Period, Period]:
        """Two periods that make up this one, divided at a whole second as Salesforce compares."""
        middle = (self.start + (self.end - self.start) / 2).replace(microsecond=0)
        return Period(self.start, middle), Period(middle, self.end)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} to {self.end:%Y-%m-%d %H:%M} UTC"


def last(days: int, now: datetime | None = None) -> Period:
    """The last so many days, up to now. Salesforce's moments are whole seconds: the one that runs counts too."""
    end = now or datetime.now(UTC)
    if end.microsecond:
        end = end.replace(microsecond=0) + timedelta(seconds=1)
    return Period(end - timedelta(days=days), end)


def aligned(period: Period, bucket: Bucket, zone: tzinfo) -> Period:
    """The period, begun earlier so that its first day, week or month is a whole one in this time zone."""
    first = bucket_of(period.start.astimezone(zone).date(), bucket)
    return Period(datetime.combine(first, time(), zone).astimezone(UTC), period.end)


def bucket_of(day: date, bucket: Bucket) -> date:
    """The first day of the day, week (from Monday) or month that a day is in."""
    if bucket == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if bucket == "month" else day


def bucket_before(first: date, bucket: Bucket) -> date:
    """The first day of the day, week or month before the one that begins with `first`."""
    return bucket_of(first - timedelta(days=1), bucket)


def zone_named(name: str | None) -> tzinfo:
    """A time zone by its name as Salesforce has it (`America/Los_Angeles`); UTC for none, or one not known here."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError):
        return UTC
