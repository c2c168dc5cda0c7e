from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from salesforce_mcp.demo import records
from salesforce_mcp.demo.analytics import durations, editing, reports
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.soql_engine.dates import Calendar
from tests.demo.analytics.conftest import Run, figures, labels

NOW = datetime(2024, 3, 13, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("granularity", "groups", "counts"),
    [
        ("Day", ["1/15/2024", "1/31/2024", "2/1/2024", "2/29/2024", "4/1/2024"], [1, 1, 1, 1, 1]),
        (
            "Week",
            [
                "1/14/2024 - 1/20/2024",
                "1/28/2024 - 2/3/2024",
                "2/25/2024 - 3/2/2024",
                "3/31/2024 - 4/6/2024",
            ],
            [1, 2, 1, 1],
        ),
        ("Month", ["January 2024", "February 2024", "April 2024"], [2, 2, 1]),
        ("Quarter", ["Q1 CY2024", "Q2 CY2024"], [4, 1]),
        ("Year", ["CY2024"], [5]),
        ("FiscalQuarter", ["Q1 FY2024", "Q2 FY2024"], [4, 1]),
        ("FiscalYear", ["FY2024"], [5]),
        ("MonthInYear", ["January", "February", "April"], [2, 2, 1]),
        ("DayInMonth", ["1", "15", "29", "31"], [2, 1, 1, 1]),
    ],
)
def test_dates_by_their_granularity(run: Run, granularity: str, groups: list[str], counts: list[int]) -> None:
    result = run(groupingsDown=[{"name": "CLOSE_DATE", "dateGranularity": granularity}])
    assert labels(result) == groups
    assert [figures(result)[f"{place}!T"][0] for place in range(len(groups))] == counts


def test_moments_belong_to_days_where_the_user_is(admin: RequestContext) -> None:
    zone = ZoneInfo(admin.user.time_zone)
    made = records.create(admin, "Case", {"Subject": "late evening", "Status": "New", "Origin": "Web"})
    # 23:30 of the last of January where the user is, which may be February in UTC.
    moment = datetime(2024, 1, 31, 23, 30, tzinfo=zone).astimezone(UTC)
    with admin.store.transaction() as connection:
        stamp = f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
        connection.execute('UPDATE "Case" SET CreatedDate = ? WHERE Id = ?', (stamp, made))
    metadata = {
        "reportType": "CaseList",
        "detailColumns": ["SUBJECT", "CREATED_DATE", "CREATED_DATEONLY"],
        "groupingsDown": [{"name": "CREATED_DATEONLY", "dateGranularity": "Month"}],
        "standardDateFilter": {"column": "CREATED_DATEONLY", "startDate": "2024-01-31", "endDate": "2024-01-31"},
    }
    result = reports.run(admin, editing.unsaved(admin, metadata), details=True)
    assert labels(result) == ["January 2024"]
    ((_, opened, day),) = [row["dataCells"] for row in result["factMap"]["0!T"]["rows"]]
    assert day == {"label": "1/31/2024", "value": "2024-01-31"}
    assert opened == {"label": "1/31/2024, 11:30 PM", "value": f"{moment:%Y-%m-%dT%H:%M:%S}Z"}


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("TODAY", "2024-03-13", "2024-03-13"),
        ("LAST_N_DAYS:7", "2024-03-07", "2024-03-13"),
        ("NEXT_N_DAYS:7", "2024-03-13", "2024-03-19"),
        ("LAST 30 DAYS", "2024-02-13", "2024-03-13"),
        ("last week", "2024-03-03", "2024-03-09"),
        ("THIS_FISCAL_QUARTER", "2024-01-01", "2024-03-31"),
        ("THIS_AND_NEXT_N_FISCAL_QUARTERS:3", "2024-01-01", "2024-12-31"),
        ("LAST_AND_THIS_MONTH", "2024-02-01", "2024-03-31"),
        ("LAST_N_YEARS_AGO:2", "2022-01-01", "2022-12-31"),
        ("N_MONTHS_AGO:1", "2024-02-01", "2024-02-29"),
    ],
)
def test_ranges_of_days_by_name(name: str, first: str, last: str) -> None:
    calendar = Calendar(ZoneInfo("UTC"), "en_US", NOW)
    assert durations.days(name, calendar) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("name", ["", "SOMEDAY", "LAST_N_DAYS", "LAST_N_DAYS:x", "LAST_N_YEARS:9999", "LAST_N_DAYS:-1"])
def test_names_that_are_no_ranges(name: str) -> None:
    assert durations.days(name, Calendar(ZoneInfo("UTC"), "en_US", NOW)) is None
