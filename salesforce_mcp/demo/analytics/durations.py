"""Ranges of days by name, as reports count them: THIS_FISCAL_QUARTER, LAST_N_DAYS:30, THIS_AND_NEXT_MONTH.

They are counted a little otherwise than in SOQL: `LAST_N_DAYS:7` is seven days, the present one among them.
Source: Reports and Dashboards REST API Developer Guide, "Describe" and its examples (standardDateFilterDurations).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from salesforce_mcp.demo.soql_engine.dates import UNITS, Calendar

CUSTOM = "CUSTOM"
"""Days given by themselves, not by name."""

_LONGEST = 9_999
_UNIT = rf"(?P<unit>{'|'.join(UNITS)})"
_PATTERNS: tuple[tuple[str, Callable[[int], tuple[int, int]]], ...] = (
    # First and last period, counted from the present one, by the number in the name.
    (rf"(?:N_|LAST_N_){_UNIT}S_AGO", lambda n: (-n, -n)),
    (r"LAST_N_(?P<unit>DAY)S", lambda n: (1 - n, 0)),
    (r"NEXT_N_(?P<unit>DAY)S", lambda n: (0, n - 1)),
    (rf"LAST_N_{_UNIT}S", lambda n: (-n, -1)),
    (rf"NEXT_N_{_UNIT}S", lambda n: (1, n)),
    (rf"THIS_AND_LAST_N_{_UNIT}S", lambda n: (-n, 0)),
    (rf"THIS_AND_NEXT_N_{_UNIT}S", lambda n: (0, n)),
    (rf"THIS_AND_LAST_{_UNIT}|LAST_AND_THIS_{_UNIT.replace('unit', 'other')}", lambda n: (-1, 0)),
    (rf"THIS_AND_NEXT_{_UNIT}", lambda n: (0, 1)),
    (rf"LAST_{_UNIT}", lambda n: (-1, -1)),
    (rf"THIS_{_UNIT}", lambda n: (0, 0)),
    (rf"NEXT_{_UNIT}", lambda n: (1, 1)),
)
_DAYS = {"YESTERDAY": (-1, -1), "TODAY": (0, 0), "TOMORROW": (1, 1)}
_WORDS = re.compile(r"(LAST|NEXT)_(\d+)_(\w+S)")

_GROUPS = (
    ("Fiscal Year", "FISCAL_YEAR", "FY"), ("Fiscal Quarter", "FISCAL_QUARTER", "FQ"),
    ("Calendar Year", "YEAR", "CY"), ("Calendar Quarter", "QUARTER", "CQ"),
)  # fmt: skip
_YEARS = (
    ("THIS_{}", "Current {}"), ("LAST_{}", "Previous {}"), ("LAST_N_{}S:2", "Previous 2 {}"),
    ("LAST_N_{}S_AGO:2", "2 {} Ago"), ("NEXT_{}", "Next {}"), ("THIS_AND_LAST_{}:2", "Current and Previous {}"),
    ("THIS_AND_LAST_N_{}S:2", "Current and Previous 2 {}"), ("THIS_AND_NEXT_{}", "Current and Next {}"),
)  # fmt: skip
_QUARTERS = (
    ("THIS_{}", "Current {}"), ("THIS_AND_NEXT_{}", "Current and Next {}"),
    ("LAST_AND_THIS_{}", "Current and Previous {}"), ("NEXT_{}", "Next {}"), ("LAST_{}", "Previous {}"),
    ("THIS_AND_NEXT_N_{}S:3", "Current and Next 3 {}"),
)  # fmt: skip
_DAY_COUNTS = (7, 30, 60, 90, 120)
_SHORT = {
    "Calendar Month": (
        ("LAST_MONTH", "Last Month"), ("THIS_MONTH", "This Month"), ("NEXT_MONTH", "Next Month"),
        ("LAST_AND_THIS_MONTH", "Current and Previous Month"), ("THIS_AND_NEXT_MONTH", "Current and Next Month"),
    ),
    "Calendar Week": (("LAST_WEEK", "Last Week"), ("THIS_WEEK", "This Week"), ("NEXT_WEEK", "Next Week")),
    "Day": (
        *((name, name.capitalize()) for name in _DAYS),
        *((f"LAST_N_DAYS:{n}", f"Last {n} Days") for n in _DAY_COUNTS),
        *((f"NEXT_N_DAYS:{n}", f"Next {n} Days") for n in _DAY_COUNTS),
    ),
}  # fmt: skip


def days(name: str, calendar: Calendar) -> tuple[date, date] | None:
    """The first and last day of a range, or None for a name that isn't one. Spaces count as underscores."""
    text = re.sub(r"\s+", "_", name.strip().upper())
    text = _WORDS.sub(r"\1_N_\3:\2", text)
    stem, _, number = text.partition(":")
    if number and not (number.isdecimal() and int(number) <= _LONGEST):
        return None
    if stem in _DAYS:
        return _span(calendar, "DAY", *_DAYS[stem])
    for pattern, offsets in _PATTERNS:
        if match := re.fullmatch(pattern, stem):
            if "_N_" in f"_{stem}" and not number:
                return None
            unit = match["unit"] or match.groupdict()["other"]
            return _span(calendar, unit, *offsets(int(number or 1)))
    return None


def groups(calendar: Calendar) -> list[dict[str, Any]]:
    """The ranges that are offered for a standard date filter: `standardDateFilterDurationGroups`."""
    named = {
        label: [(value.format(unit), text.format(short)) for value, text in (_YEARS if "Year" in label else _QUARTERS)]
        for label, unit, short in _GROUPS
    }
    custom = _duration(CUSTOM, "Custom", calendar.today, calendar.today - timedelta(days=1))
    shown = [{"label": "", "standardDateFilterDurations": [custom]}]
    for label, durations in {**named, **_SHORT}.items():
        ranges = [(value, text, days(value, calendar)) for value, text in durations]
        shown.append(
            {
                "label": label,
                "standardDateFilterDurations": [_duration(value, text, *span) for value, text, span in ranges if span],
            }
        )
    return shown


def _duration(value: str, label: str, first: date, last: date) -> dict[str, Any]:
    return {"endDate": last.isoformat(), "label": label, "startDate": first.isoformat(), "value": value}


def _span(calendar: Calendar, unit: str, first: int, last: int) -> tuple[date, date] | None:
    try:
        return _period(calendar, unit, first)[0], _period(calendar, unit, last)[1]
    except (OverflowError, ValueError):
        return None


def _period(calendar: Calendar, unit: str, offset: int) -> tuple[date, date]:
    """The first and last day of the period that lies `offset` periods after the present one."""
    if unit == "DAY":
        day = calendar.today + timedelta(days=offset)
        return day, day
    if offset < 0:
        found = calendar.literal(f"N_{unit}S_AGO", -offset)
    else:
        found = calendar.literal(f"THIS_{unit}" if offset == 0 else f"NEXT_N_{unit}S", offset or None)
    return found.start, found.end - timedelta(days=1)
