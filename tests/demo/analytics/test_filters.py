from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.demo.errors import ApiError
from tests.demo.analytics.conftest import Run, rows


def names(result: dict[str, Any]) -> str:
    """The letters of the deals that a run shows."""
    return "".join(sorted(label.removeprefix("deal ") for label in rows(result)))


def where(column: str, operator: str, value: Any) -> dict[str, Any]:
    return {"column": column, "operator": operator, "value": value}


@pytest.mark.parametrize(
    ("column", "operator", "value", "expected"),
    [
        ("STAGE_NAME", "equals", "closed won", "DE"),
        ("STAGE_NAME", "equals", "Prospecting,Qualification", "ABC"),
        ("STAGE_NAME", "notEqual", "Prospecting,Qualification", "DE"),
        ("TYPE", "notEqual", "New Customer", "BC"),
        ("TYPE", "equals", "", "C"),
        ("TYPE", "notEqual", "", "ABDE"),
        ("NEXT_STEP", "equals", '"Sign, then celebrate"', "D"),
        ("NEXT_STEP", "contains", "celebrate,AL", "ABD"),
        ("NEXT_STEP", "notContain", "call", "CDE"),
        ("NEXT_STEP", "startsWith", "sign", "D"),
        ("NEXT_STEP", "contains", "%", ""),
        ("NEXT_STEP", "greaterThan", "d", "D"),
        ("AMOUNT", "greaterThan", "250.5", "DE"),
        ("AMOUNT", "greaterOrEqual", "USD 1,000", "DE"),
        ("AMOUNT", "lessThan", "250.5", "A"),
        ("AMOUNT", "equals", "", "C"),
        ("CLOSED", "equals", "True", "DE"),
        ("CLOSED", "notEqual", "1", "ABC"),
        ("CLOSE_DATE", "equals", "2024-01-31", "B"),
        ("CLOSE_DATE", "notEqual", "2024-01-31", "ACDE"),
        ("CLOSE_DATE", "lessThan", "2024-02-01", "AB"),
        ("CLOSE_DATE", "lessOrEqual", "2024-02-01", "ABC"),
        ("CLOSE_DATE", "greaterThan", "2024-02-29T00:00:00Z", "E"),
        ("CLOSE_DATE", "greaterOrEqual", "2024-02-29", "DE"),
        ("CREATED_DATE", "equals", "TODAY", "ABCDE"),
        ("CREATED_DATE", "lessThan", "LAST 7 DAYS", ""),
        ("CREATED_DATE", "greaterThan", "2024-01-01T00:00:00Z", "ABCDE"),
        ("ACCOUNT_NAME", "equals", "fact map ltd", "ABCDE"),
    ],
)
def test_filters_on_columns(run: Run, column: str, operator: str, value: str, expected: str) -> None:
    assert names(run(reportFilters=[where(column, operator, value)])) == expected


def test_an_id_is_compared_as_one(run: Run, deals: dict[str, str]) -> None:
    assert names(run(reportFilters=[where("OPPORTUNITY_ID", "equals", deals["C"][:15])])) == "C"
    assert names(run(reportFilters=[where("OPPORTUNITY_ID", "startsWith", deals["C"][:15])])) == "C"
    assert names(run(reportFilters=[where("OPPORTUNITY_ID", "startsWith", "006")])) == "ABCDE"
    assert names(run(reportFilters=[where("OPPORTUNITY_ID", "startsWith", "001")])) == ""


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        ("1 AND (2 OR 3)", "AD"),
        ("1 and 2 or 1 and 3", "AD"),
        ("1 AND NOT 2 AND NOT 3", "BCE"),
        ("1 AND NOT (2 OR 3)", "BCE"),
        (None, ""),
    ],
)
def test_filter_logic(run: Run, logic: str | None, expected: str) -> None:
    # The first filter is the one on names.
    filters = [where("AMOUNT", "equals", "100"), where("AMOUNT", "equals", "1000")]
    assert names(run(reportFilters=filters, reportBooleanFilter=logic)) == expected


def test_standard_filters(run: Run) -> None:
    given = [{"name": "open", "value": "open"}, {"name": "probability", "value": "lt20"}]
    result = run(standardFilters=given)
    assert names(result) == "ABC"
    assert result["reportMetadata"]["standardFilters"] == given


def test_the_standard_date_filter(run: Run) -> None:
    days = {"column": "CLOSE_DATE", "durationValue": "CUSTOM", "startDate": "2024-01-31", "endDate": "2024-02-29"}
    assert names(run(standardDateFilter=days)) == "BCD"
    assert names(run(standardDateFilter={**days, "startDate": None})) == "ABCD"
    result = run(standardDateFilter={"column": "CREATED_DATE", "durationValue": "TODAY"})
    assert names(result) == "ABCDE"
    shown = result["reportMetadata"]["standardDateFilter"]
    assert shown["startDate"] == shown["endDate"] is not None


def test_ones_own_records(run: Run, standard: Any) -> None:
    assert names(run(scope="user")) == "ABCDE"
    assert names(run(scope="user", user=standard)) == ""


DATES = "Filter the date in the correct format."


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (
            {"reportFilters": [where("NOPE", "equals", "x")]},
            "Specify a valid filterable column because NOPE",
        ),
        ({"reportFilters": [where("DESCRIPTION", "equals", "x")]}, "because DESCRIPTION is invalid"),
        (
            {"reportFilters": [where("AMOUNT", "contains", "1")]},
            "Specify a valid condition because contains",
        ),
        ({"reportFilters": [where("CLOSE_DATE", "equals", "31.1.2024")]}, DATES),
        ({"reportFilters": [where("OPPORTUNITY_ID", "equals", "42")]}, "The filter value for ID 42 is incorrect."),
        ({"reportFilters": [where("AMOUNT", "equals", "1")] * 20}, "20 filters"),
        ({"reportBooleanFilter": "1 AND 2"}, "filter logic"),
        ({"reportBooleanFilter": "1 XOR 1"}, "filter logic"),
        ({"reportBooleanFilter": "(1"}, "filter logic"),
        ({"scope": "everybody"}, "scope everybody"),
        ({"standardFilters": [{"name": "open", "value": "ajar"}]}, "because open is invalid"),
        (
            {"standardDateFilter": {"column": "NOPE"}},
            "The column NOPE specified for the standard date",
        ),
        ({"standardDateFilter": {"column": "AMOUNT"}}, "because it is not a date column"),
        ({"standardDateFilter": {"column": "CLOSE_DATE", "durationValue": "EVER"}}, "The duration EVER"),
        ({"standardDateFilter": {"column": "CLOSE_DATE", "startDate": "soon"}}, "start date of CLOSE_DATE"),
        ({"detailColumns": ["NOPE"]}, "The column NOPE is invalid."),
        ({"aggregates": ["s!STAGE_NAME"]}, "The aggregate s!STAGE_NAME is invalid."),
        ({"aggregates": ["AMOUNT"]}, "The aggregate AMOUNT is invalid."),
        ({"groupingsDown": [{"name": "CLOSE_DATE", "dateGranularity": "Century"}]}, "Century"),
        ({"sortBy": [{"sortColumn": "TYPE"}]}, "The sort column name must be from a selected column."),
        ({"sortBy": [{"sortColumn": None}]}, "can't be null"),
        ({"sortBy": [{"sortColumn": "AMOUNT"}] * 2}, "only be sorted by one column"),
        (
            {"sortBy": [{"sortColumn": "AMOUNT"}], "groupingsAcross": [{"name": "TYPE"}]},
            "Column sorting isn't supported for matrix reports.",
        ),
        (
            {"reportFormat": "TABULAR", "groupingsDown": [{"name": "TYPE"}]},
            "Groupings are not supported on a tabular report.",
        ),
        ({"detailColumns": ["AMOUNT"] * 100}, "fewer than 100 columns"),
        ({"topRows": {"rowLimit": 0}}, "row limit"),
        ({"historicalSnapshotDates": ["TODAY"]}, "historical trending"),
        ({"groupingsDown": "TYPE"}, "invalid or incomplete"),
        ({"reportType": {"type": "Wishes"}}, "The report type Wishes is invalid."),
    ],
)
def test_what_cannot_be_run_says_why(run: Run, metadata: dict[str, Any], message: str) -> None:
    with pytest.raises(ApiError) as caught:
        run(**metadata)
    assert (caught.value.status, caught.value.code) == (400, "BAD_REQUEST")
    assert message in caught.value.message


def test_more_than_20_filters_are_refused_before_they_are_looked_at(run: Run) -> None:
    with pytest.raises(ApiError, match="20 filters"):
        run(reportFilters=[where("NOPE", "equals", "x")] * 20)
