"""Date literals and date functions: ranges computed by hand, in the user's zone and the organization's fiscal year."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from salesforce_mcp.demo.soql_engine.dates import Calendar, instant, local_text
from tests.demo.soql_engine.conftest import NOW, Org

PACIFIC = Calendar(ZoneInfo("America/Los_Angeles"), "en_US", NOW)
"""Wednesday, 15 May 2024."""


@pytest.mark.parametrize(
    ("literal", "n", "first", "last"),
    [
        ("YESTERDAY", None, "2024-05-14", "2024-05-14"),
        ("TODAY", None, "2024-05-15", "2024-05-15"),
        ("TOMORROW", None, "2024-05-16", "2024-05-16"),
        ("LAST_WEEK", None, "2024-05-05", "2024-05-11"),
        ("THIS_WEEK", None, "2024-05-12", "2024-05-18"),
        ("NEXT_WEEK", None, "2024-05-19", "2024-05-25"),
        ("LAST_MONTH", None, "2024-04-01", "2024-04-30"),
        ("THIS_MONTH", None, "2024-05-01", "2024-05-31"),
        ("NEXT_MONTH", None, "2024-06-01", "2024-06-30"),
        ("LAST_90_DAYS", None, "2024-02-15", "2024-05-15"),
        ("NEXT_90_DAYS", None, "2024-05-16", "2024-08-13"),
        ("LAST_N_DAYS", 1, "2024-05-14", "2024-05-15"),
        ("LAST_N_DAYS", 7, "2024-05-08", "2024-05-15"),
        ("NEXT_N_DAYS", 3, "2024-05-16", "2024-05-18"),
        ("N_DAYS_AGO", 25, "2024-04-20", "2024-04-20"),
        ("LAST_N_WEEKS", 2, "2024-04-28", "2024-05-11"),
        ("NEXT_N_WEEKS", 4, "2024-05-19", "2024-06-15"),
        ("N_WEEKS_AGO", 3, "2024-04-21", "2024-04-27"),
        ("LAST_N_MONTHS", 2, "2024-03-01", "2024-04-30"),
        ("NEXT_N_MONTHS", 8, "2024-06-01", "2025-01-31"),
        ("N_MONTHS_AGO", 6, "2023-11-01", "2023-11-30"),
        ("LAST_QUARTER", None, "2024-01-01", "2024-03-31"),
        ("THIS_QUARTER", None, "2024-04-01", "2024-06-30"),
        ("NEXT_QUARTER", None, "2024-07-01", "2024-09-30"),
        ("LAST_N_QUARTERS", 2, "2023-10-01", "2024-03-31"),
        ("NEXT_N_QUARTERS", 2, "2024-07-01", "2024-12-31"),
        ("N_QUARTERS_AGO", 3, "2023-07-01", "2023-09-30"),
        ("LAST_YEAR", None, "2023-01-01", "2023-12-31"),
        ("THIS_YEAR", None, "2024-01-01", "2024-12-31"),
        ("NEXT_YEAR", None, "2025-01-01", "2025-12-31"),
        ("LAST_N_YEARS", 5, "2019-01-01", "2023-12-31"),
        ("NEXT_N_YEARS", 2, "2025-01-01", "2026-12-31"),
        ("N_YEARS_AGO", 2, "2022-01-01", "2022-12-31"),
        ("THIS_FISCAL_QUARTER", None, "2024-04-01", "2024-06-30"),
        ("LAST_FISCAL_YEAR", None, "2023-01-01", "2023-12-31"),
    ],
)
def test_literal(literal: str, n: int | None, first: str, last: str) -> None:
    found = PACIFIC.literal(literal, n)
    assert (found.start.isoformat(), date.fromordinal(found.end.toordinal() - 1).isoformat()) == (first, last)


@pytest.mark.parametrize(
    ("literal", "n", "first", "last"),
    [
        ("THIS_FISCAL_YEAR", None, "2024-02-01", "2025-01-31"),
        ("LAST_FISCAL_YEAR", None, "2023-02-01", "2024-01-31"),
        ("NEXT_N_FISCAL_YEARS", 3, "2025-02-01", "2028-01-31"),
        ("N_FISCAL_YEARS_AGO", 1, "2023-02-01", "2024-01-31"),
        ("THIS_FISCAL_QUARTER", None, "2024-05-01", "2024-07-31"),
        ("LAST_FISCAL_QUARTER", None, "2024-02-01", "2024-04-30"),
        ("NEXT_FISCAL_QUARTER", None, "2024-08-01", "2024-10-31"),
        ("LAST_N_FISCAL_QUARTERS", 6, "2022-11-01", "2024-04-30"),
        ("N_FISCAL_QUARTERS_AGO", 2, "2023-11-01", "2024-01-31"),
        ("THIS_QUARTER", None, "2024-04-01", "2024-06-30"),
    ],
)
def test_literal_of_a_fiscal_year_from_february(literal: str, n: int | None, first: str, last: str) -> None:
    calendar = Calendar(ZoneInfo("UTC"), "en_US", NOW, fiscal_start=2)
    found = calendar.literal(literal, n)
    assert (found.start.isoformat(), date.fromordinal(found.end.toordinal() - 1).isoformat()) == (first, last)


def test_weeks_start_on_monday_in_germany() -> None:
    found = Calendar(ZoneInfo("Europe/Berlin"), "de_DE", NOW).literal("THIS_WEEK", None)
    assert (found.start, found.end) == (date(2024, 5, 13), date(2024, 5, 20))


def test_today_is_the_user_s_today() -> None:
    late = datetime(2024, 5, 15, 23, 30, tzinfo=UTC)
    assert Calendar(ZoneInfo("Asia/Tokyo"), "ja_JP", late).today == date(2024, 5, 16)
    assert Calendar(ZoneInfo("America/Los_Angeles"), "en_US", late).today == date(2024, 5, 15)


def test_midnight_of_a_day_with_a_clock_change() -> None:
    assert PACIFIC.midnight(date(2024, 3, 10)) == "2024-03-10T08:00:00.000+0000"
    assert PACIFIC.midnight(date(2024, 3, 11)) == "2024-03-11T07:00:00.000+0000"


def test_local_text_knows_summer_time_and_odd_offsets() -> None:
    assert local_text("2024-03-10T09:59:59.000+0000", "America/Los_Angeles") == "2024-03-10T01:59:59"
    assert local_text("2024-03-10T10:00:00.000+0000", "America/Los_Angeles") == "2024-03-10T03:00:00"
    assert local_text("2024-01-01T00:20:00.000+0000", "Asia/Kathmandu") == "2024-01-01T06:05:00"
    assert local_text(None, "UTC") is None


def test_instant_is_utc_with_milliseconds() -> None:
    moment = datetime(2024, 5, 15, 1, 2, 3, 45_000, tzinfo=ZoneInfo("Europe/Berlin"))
    assert instant(moment) == "2024-05-14T23:02:03.045+0000"


@pytest.fixture
def cases(org: Org) -> Org:
    """Created around midnight in California, which is 07:00 UTC in summer."""
    for name, created in (
        ("last week", "2024-05-08T12:00:00.000+0000"),
        ("just yesterday", "2024-05-15T06:59:59.000+0000"),
        ("just today", "2024-05-15T07:00:00.000+0000"),
        ("now", "2024-05-15T19:00:00.000+0000"),
        ("tonight", "2024-05-16T06:59:59.000+0000"),
        ("tomorrow", "2024-05-16T07:00:00.000+0000"),
    ):
        org.add("Case", Subject=name, CreatedDate=created)
    return org


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        ("CreatedDate = TODAY", ["just today", "now", "tonight"]),
        ("CreatedDate != TODAY", ["last week", "just yesterday", "tomorrow"]),
        ("CreatedDate < TODAY", ["last week", "just yesterday"]),
        ("CreatedDate <= TODAY", ["last week", "just yesterday", "just today", "now", "tonight"]),
        ("CreatedDate > TODAY", ["tomorrow"]),
        ("CreatedDate >= TODAY", ["just today", "now", "tonight", "tomorrow"]),
        ("CreatedDate IN (YESTERDAY, TOMORROW)", ["just yesterday", "tomorrow"]),
        ("CreatedDate NOT IN (TODAY)", ["last week", "just yesterday", "tomorrow"]),
        ("CreatedDate = LAST_N_DAYS:1", ["just yesterday", "just today", "now"]),
        ("CreatedDate > LAST_N_DAYS:1", ["just yesterday", "just today", "now", "tonight", "tomorrow"]),
        ("CreatedDate = LAST_WEEK", ["last week"]),
        ("CreatedDate = 2024-05-15T07:00:00Z", ["just today"]),
        ("CreatedDate > 2024-05-15T00:00:00-07:00", ["now", "tonight", "tomorrow"]),
        ("CreatedDate <= 2024-05-15T09:00:00.000+0200", ["last week", "just yesterday", "just today"]),
        ("DAY_ONLY(CreatedDate) = 2024-05-16", ["tonight", "tomorrow"]),
        ("DAY_ONLY(convertTimezone(CreatedDate)) = 2024-05-15", ["just today", "now", "tonight"]),
        ("DAY_ONLY(convertTimezone(CreatedDate)) = TODAY", ["just today", "now", "tonight"]),
        ("HOUR_IN_DAY(convertTimezone(CreatedDate)) = 23", ["just yesterday", "tonight"]),
        ("HOUR_IN_DAY(CreatedDate) = 7", ["just today", "tomorrow"]),
    ],
)
def test_instants_are_filtered_by_the_user_s_days(cases: Org, condition: str, subjects: list[str]) -> None:
    assert cases.column(f"SELECT Subject FROM Case WHERE {condition}") == subjects


def test_another_user_has_other_days(cases: Org) -> None:
    """New York is three hours ahead, so its day ends while California's goes on."""
    soql = "SELECT Subject FROM Case WHERE CreatedDate = TODAY"
    assert cases.column(soql, cases.stan) == ["just yesterday", "just today", "now"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("CloseDate = THIS_MONTH", ["may"]),
        ("CloseDate = 2024-05-31", ["may"]),
        ("CloseDate > LAST_MONTH", ["may", "june"]),
        ("CloseDate < THIS_MONTH", ["april", "january"]),
        ("CloseDate = NEXT_N_DAYS:17", ["may", "june"]),
        ("CloseDate = LAST_N_DAYS:45", ["april"]),
        ("CloseDate > LAST_N_DAYS:45", ["april", "may", "june"]),
        ("CALENDAR_MONTH(CloseDate) = 4", ["april"]),
        ("CALENDAR_YEAR(CloseDate) = 2023", ["january"]),
        ("FISCAL_YEAR(CloseDate) IN (2023)", ["january"]),
    ],
)
def test_dates(org: Org, condition: str, names: list[str]) -> None:
    for name, day in (
        ("april", "2024-04-01"),
        ("may", "2024-05-31"),
        ("june", "2024-06-01"),
        ("january", "2023-01-15"),
    ):
        org.add("Opportunity", Name=name, CloseDate=day)
    assert org.column(f"SELECT Name FROM Opportunity WHERE {condition}") == names


@pytest.mark.parametrize(
    ("function", "value"),
    [
        ("CALENDAR_YEAR", 2024),
        ("CALENDAR_QUARTER", 1),
        ("CALENDAR_MONTH", 2),
        ("DAY_IN_MONTH", 8),
        ("DAY_IN_WEEK", 5),  # a Thursday
        ("DAY_IN_YEAR", 39),
        ("WEEK_IN_MONTH", 2),  # from the eighth on
        ("WEEK_IN_YEAR", 6),  # 39 days: five whole weeks before
        ("FISCAL_YEAR", 2024),
        ("FISCAL_QUARTER", 1),
        ("FISCAL_MONTH", 2),
    ],
)
def test_date_function(org: Org, function: str, value: int) -> None:
    org.add("Opportunity", Name="deal", CloseDate="2024-02-08")
    soql = f"SELECT {function}(CloseDate), COUNT(Id) FROM Opportunity GROUP BY {function}(CloseDate)"
    assert org.records(soql) == [{"expr0": value, "expr1": 1}]


@pytest.mark.parametrize(
    ("by_start", "day", "expected"),
    [
        (0, "2024-06-30", (2024, 4, 12)),
        (0, "2024-07-01", (2025, 1, 1)),
        (0, "2024-12-31", (2025, 2, 6)),
        (1, "2024-06-30", (2023, 4, 12)),
        (1, "2024-07-01", (2024, 1, 1)),
    ],
)
def test_fiscal_functions_of_a_year_from_july(org: Org, by_start: int, day: str, expected: tuple[int, ...]) -> None:
    org.change("Organization", "1", FiscalYearStartMonth=7, UsesStartDateAsFiscalYearName=by_start)
    org.add("Opportunity", Name="deal", CloseDate=day)
    functions = ", ".join(f"{name}(CloseDate)" for name in ("FISCAL_YEAR", "FISCAL_QUARTER", "FISCAL_MONTH"))
    assert org.rows(f"SELECT {functions} FROM Opportunity GROUP BY {functions}") == [expected]


@pytest.mark.parametrize(
    "value",
    [
        "NEXT_N_YEARS:99999",
        "N_YEARS_AGO:2024",
        "0001-01-01T00:00:00+14:00",
        "1699-12-31T00:00:00Z",
        "4001-01-01T00:00:00Z",
    ],
)
def test_dates_outside_of_the_calendar_are_refused(org: Org, value: str) -> None:
    code, message = org.refusal(f"SELECT Id FROM Account WHERE CreatedDate = {value}")
    assert code == "MALFORMED_QUERY" and message.startswith("Invalid date")
