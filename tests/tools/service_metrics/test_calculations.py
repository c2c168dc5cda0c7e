"""The calculations, against numbers worked out by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from salesforce_mcp.tools.service_metrics.business_hours import ALWAYS, DAYS, BusinessHours, parse
from salesforce_mcp.tools.service_metrics.charts import WIDTH, bars
from salesforce_mcp.tools.service_metrics.counting import Counts, change, percent, trends
from salesforce_mcp.tools.service_metrics.deflection import ALL, rates
from salesforce_mcp.tools.service_metrics.period import Bucket, Period, aligned, bucket_before, bucket_of, last
from salesforce_mcp.tools.service_metrics.responses import Case, Milestone, compliance, together, verdict

HOUR = timedelta(hours=1)
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
FRIDAY = datetime(2026, 3, 13, 16, tzinfo=UTC)


def hours(zone: str = "UTC", opens: str = "09:00:00.000Z", closes: str = "17:00:00.000Z") -> BusinessHours:
    """Monday to Friday from 9 to 17."""
    days = {f"{day}{end}Time": None for day in DAYS for end in ("Start", "End")}
    for day in DAYS[:5]:
        days |= {f"{day}StartTime": opens, f"{day}EndTime": closes}
    return parse({"Name": "Office", "TimeZoneSidKey": zone, **days})


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        (FRIDAY, FRIDAY + HOUR, 1),
        (FRIDAY, FRIDAY + 3 * HOUR, 1),  # closes at 17
        (FRIDAY, datetime(2026, 3, 16, 10, tzinfo=UTC), 2),  # Friday 16-17, Monday 9-10
        (FRIDAY, datetime(2026, 3, 18, 9, tzinfo=UTC), 17),  # 1 + 8 + 8
        (datetime(2026, 3, 14, 0, tzinfo=UTC), datetime(2026, 3, 15, 23, tzinfo=UTC), 0),
        (datetime(2026, 3, 16, 3, tzinfo=UTC), datetime(2026, 3, 16, 9, 30, tzinfo=UTC), 0.5),
        (FRIDAY + HOUR, FRIDAY, 0),
    ],
)
def test_time_counts_while_somebody_is_there(start: datetime, end: datetime, counted: float) -> None:
    assert hours().elapsed(start, end) == counted * HOUR


def test_business_hours_follow_the_clock_on_the_wall() -> None:
    # New York moved its clocks on 8 March 2026: 9 o'clock was 14:00 UTC the Friday before, 13:00 UTC the Monday after.
    start, end = datetime(2026, 3, 6, 21, tzinfo=UTC), datetime(2026, 3, 9, 14, tzinfo=UTC)
    assert hours("America/New_York").elapsed(start, end) == 2 * HOUR


def test_hours_around_the_clock() -> None:
    midnight = "00:00:00.000Z"
    week = {f"{day}{end}Time": midnight for day in DAYS for end in ("Start", "End")}
    always = parse({"Name": "24/7", "TimeZoneSidKey": "Etc/UTC", **week})
    assert always.always and not hours().always
    assert always.elapsed(FRIDAY, NOW) == NOW - FRIDAY
    until_midnight = hours(opens="18:00:00.000Z", closes=midnight)
    assert until_midnight.elapsed(FRIDAY, FRIDAY + timedelta(days=1)) == 6 * HOUR


def case(priority: str = "High", responded: float | None = None, age: float = 100, **more: object) -> Case:
    """A case so many hours old, responded to so many hours after it began."""
    created = NOW - age * HOUR
    answered = None if responded is None else created + responded * HOUR
    return Case(priority, created, answered, ALWAYS, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (case(responded=3.9), "met"),
        (case(responded=4), "met"),
        (case(responded=4.1), "breached"),
        (case(age=3), "open"),
        (case(age=5), "breached"),
    ],
)
def test_responses_against_a_threshold(given: Case, expected: str) -> None:
    assert verdict(given, 4 * HOUR, NOW) == expected


@pytest.mark.parametrize(
    ("target", "completed", "expected"),
    [(2, 1, "met"), (2, 3, "breached"), (200, None, "open"), (2, None, "breached")],
)
def test_responses_against_a_milestone(target: float, completed: float | None, expected: str) -> None:
    began = NOW - 100 * HOUR
    milestone = Milestone(began + target * HOUR, None if completed is None else began + completed * HOUR)
    assert verdict(case(milestone=milestone), None, NOW) == expected


def test_compliance_by_priority() -> None:
    kept = Milestone(NOW, NOW - 90 * HOUR)
    cases = [
        case(responded=1),
        case(responded=3),
        case(responded=8),
        case(),
        case(age=1),
        case("Low", responded=50, milestone=kept),
        case("Low", responded=50),
    ]
    thresholds = {"High": 4 * HOUR, "Low": 48 * HOUR, "Medium": 24 * HOUR}
    found = compliance(cases, thresholds, NOW, only_thresholds=frozenset())
    high, low = found["High"], found["Low"]
    assert (high.cases, high.met, high.breached, high.unanswered, high.open) == (5, 2, 2, 1, 1)
    assert (high.rate, high.median_hours) == (50.0, 3.0)
    assert (low.met, low.breached, low.milestones, low.median_hours) == (1, 1, 1, 30.0)  # waits: 10 and 50 hours
    assert (found["Medium"].rate, found["Medium"].median_hours) == (None, None)
    whole = together(found.values())
    assert (whole.cases, whole.met, whole.breached, whole.rate) == (7, 3, 3, 50.0)
    by_threshold = compliance(cases, thresholds, NOW, only_thresholds=frozenset({"Low"}))
    assert (by_threshold["Low"].breached, by_threshold["Low"].milestones) == (2, 0)


def test_trends_of_a_whole_period() -> None:
    counts: Counts = Counter({(None, ("A",)): 30, (None, ("B",)): 10})
    before: Counts = Counter({(None, ("A",)): 20, (None, ("C",)): 5})
    first, second = trends(counts, before, None)
    assert (first.key, first.cases, first.share, first.before, first.change) == (("A",), 30, 75.0, 20, 50.0)
    assert (second.key, second.before, second.change) == (("B",), 0, None)


def test_trends_by_week() -> None:
    monday = date(2026, 3, 9)
    days = [monday - timedelta(days=7), monday - timedelta(days=1), monday, monday + timedelta(days=8)]
    counts: Counts = Counter({(days[2], ("A",)): 6, (days[3], ("A",)): 3, (days[3], ("B",)): 1})
    before: Counts = Counter({(days[0], ("A",)): 3, (days[1], ("A",)): 1})
    found = [
        (each.bucket, each.key, each.cases, each.before, each.change, each.share)
        for each in trends(counts, before, "week")
    ]
    assert found == [
        (monday, ("A",), 6, 4, 50.0, 60.0),
        (monday + timedelta(days=7), ("A",), 3, 6, -50.0, 30.0),
        (monday + timedelta(days=7), ("B",), 1, 0, None, 10.0),
    ]


@pytest.mark.parametrize(
    ("bucket", "first", "before"),
    [
        ("day", date(2026, 3, 18), date(2026, 3, 17)),
        ("week", date(2026, 3, 16), date(2026, 3, 9)),
        ("month", date(2026, 3, 1), date(2026, 2, 1)),
    ],
)
def test_buckets(bucket: Bucket, first: date, before: date) -> None:
    assert bucket_of(date(2026, 3, 18), bucket) == first
    assert bucket_before(first, bucket) == before


def test_periods() -> None:
    period = last(30, NOW)
    assert period.before() == Period(NOW - timedelta(days=60), NOW - timedelta(days=30))
    assert last(30, NOW - timedelta(milliseconds=1)) == period
    one, two = period.halves()
    assert (one.start, one.end, two.end) == (period.start, two.start, period.end)
    whole = aligned(last(1, NOW), "day", ZoneInfo("America/Los_Angeles"))
    assert whole.start == datetime(2026, 3, 19, 7, tzinfo=UTC)


def test_percentages() -> None:
    assert (percent(1, 3), percent(0, 0), change(3, 4), change(1, 0)) == (33.3, None, -25.0, None)


def test_deflection_rates() -> None:
    counts = {("E-42", "Deflected"): 3, ("E-42", "Escalated"): 1, ("Fuel", "Deflected"): 1, (None, "Odd"): 1}
    assert rates(counts, grouped=True) == [
        ["E-42", 4, 3, 0, 1, 0, 0, 75.0],
        ["Fuel", 1, 1, 0, 0, 0, 0, 100.0],
        [None, 1, 0, 0, 0, 0, 1, 0.0],
        [ALL, 6, 4, 0, 1, 0, 1, 66.7],
    ]
    assert rates({}, grouped=False) == [[0, 0, 0, 0, 0, 0, None]]


def test_bars() -> None:
    assert bars([10, 5, 0, None]) == ["█" * WIDTH, "█" * (WIDTH // 2), "", ""]
    assert bars([50], whole=100) == ["█" * (WIDTH // 2)]
    assert bars([]) == []
