"""Counts of groups as trends: share of the total, change against the period before. No requests here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from salesforce_mcp.tools.service_metrics.period import Bucket, bucket_before, bucket_of

Key = tuple[Any, ...]
"""A group's values, in the order of the fields."""
Counts = Counter[tuple[date | None, Key]]
"""Cases by day (None where days don't matter) and group."""


@dataclass(frozen=True)
class Trend:
    """A group in a period, or in one of its buckets. `before`: its cases in the period, or bucket, before.

    `share` is the percentage of all cases of the period; `change` of `before`, None where that is 0.
    """

    bucket: date | None
    key: Key
    cases: int
    before: int
    share: float
    change: float | None


def trends(counts: Counts, before: Counts, bucket: Bucket | None) -> list[Trend]:
    """A trend for each group that has cases, in the order of time, then of size.

    `before` are the counts of the time before; with a bucket, of at least one bucket before the first.
    """
    now = _by_bucket(counts, bucket)
    then = now + _by_bucket(before, bucket) if bucket else before
    total = counts.total()
    found = []
    for (day, key), cases in now.items():
        earlier = then[(bucket_before(day, bucket) if bucket and day else None, key)]
        found.append(Trend(day, key, cases, earlier, percent(cases, total) or 0.0, change(cases, earlier)))
    return sorted(found, key=lambda each: (each.bucket or date.min, -each.cases, tuple(map(str, each.key))))


def _by_bucket(counts: Counts, bucket: Bucket | None) -> Counts:
    if bucket is None:
        return counts
    summed: Counts = Counter()
    for (day, key), cases in counts.items():
        summed[(bucket_of(day, bucket) if day else None, key)] += cases
    return summed


def percent(part: float, whole: float) -> float | None:
    """The percentage, to one decimal; None of nothing."""
    return round(100 * part / whole, 1) if whole else None


def change(now: float, before: float) -> float | None:
    """By how many percent a number grew; None from 0."""
    return percent(now - before, before)
