"""Bucket fields: which group a value falls into, and what that does to groupings, details and filters."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.demo.errors import ApiError
from tests.demo.analytics.conftest import Run, figures, labels, rows
from tests.demo.conftest import Web

PHASE = {
    "bucketType": "picklist",
    "developerName": "BucketField_1",
    "label": "Phase",
    "sourceColumnName": "STAGE_NAME",
    "otherBucketLabel": None,
    "values": [
        {"label": "Won", "sourceDimensionValues": ["Closed Won"]},
        {"label": "Early", "sourceDimensionValues": ["Prospecting"]},
    ],
}
SIZE = {
    "bucketType": "number",
    "developerName": "BucketField_2",
    "label": "Size",
    "sourceColumnName": "AMOUNT",
    "nullTreatedAsZero": False,
    "values": [
        {"label": "Small", "rangeUpperBound": 100},
        {"label": "Medium", "rangeUpperBound": 1000},
        {"label": "Large", "rangeUpperBound": None},
    ],
}


def by(name: str) -> list[dict[str, str]]:
    return [{"name": name}]


def test_groups_of_values(run: Run) -> None:
    result = run(buckets=[PHASE], groupingsDown=by("BucketField_1"), aggregates=["s!AMOUNT", "RowCount"])
    assert labels(result) == ["Won", "Early", "Qualification"]  # what no bucket takes stays as it is
    assert figures(result)["0!T"] == [4000, 2] and figures(result)["1!T"] == [350.5, 2]
    info = result["reportExtendedMetadata"]["groupingColumnInfo"]["BucketField_1"]
    assert (info["label"], info["dataType"]) == ("Phase", "string")
    assert result["reportMetadata"]["buckets"][0]["sourceColumnName"] == "STAGE_NAME"


def test_all_others(run: Run) -> None:
    other = {**PHASE, "otherBucketLabel": "The rest"}
    result = run(buckets=[other], groupingsDown=by("BucketField_1"), aggregates=["RowCount"])
    assert labels(result) == ["Won", "Early", "The rest"]


@pytest.mark.parametrize(
    ("zero", "expected", "small"),
    [(False, ["-", "Small", "Medium", "Large"], 1), (True, ["Small", "Medium", "Large"], 2)],
)
def test_ranges_of_numbers_end_with_their_bound(run: Run, zero: bool, expected: list[str], small: int) -> None:
    size = {**SIZE, "nullTreatedAsZero": zero}
    result = run(buckets=[size], groupingsDown=by("BucketField_2"), aggregates=["RowCount"])
    assert labels(result) == expected
    assert figures(result)[f"{expected.index('Small')}!T"] == [small]
    assert figures(result)[f"{expected.index('Medium')}!T"] == [2]  # 250.5 and exactly 1000


def test_two_of_them_as_a_matrix_with_details(run: Run) -> None:
    result = run(
        buckets=[PHASE, SIZE],
        groupingsDown=by("BucketField_1"),
        groupingsAcross=by("BucketField_2"),
        detailColumns=["OPPORTUNITY_NAME", "BucketField_2"],
        aggregates=["RowCount"],
    )
    assert labels(result, "groupingsAcross") == ["-", "Small", "Medium", "Large"]
    assert figures(result)["0!3"] == [1] and rows(result, "0!3", 1) == ["Large"]


@pytest.mark.parametrize(
    ("column", "operator", "value", "names"),
    [
        ("BucketField_1", "equals", "Won,Early", "ABDE"),
        ("BucketField_1", "notEqual", "Won", "ABC"),
        ("BucketField_1", "equals", "Qualification", "C"),
        ("BucketField_2", "equals", "Small", "A"),
        ("BucketField_2", "equals", "Medium", "BD"),
        ("BucketField_2", "equals", "Large", "E"),
        ("BucketField_2", "equals", "", "C"),
    ],
)
def test_filters(run: Run, column: str, operator: str, value: str, names: str) -> None:
    given = {"column": column, "operator": operator, "value": value}
    result = run(buckets=[PHASE, SIZE], reportFilters=[given])
    assert sorted(rows(result)) == [f"deal {name}" for name in names]


def test_what_is_refused(run: Run) -> None:
    with pytest.raises(ApiError, match="BucketField_1"):
        run(groupingsDown=by("BucketField_1"))
    with pytest.raises(ApiError, match="Invalid value specified: NOTHING"):
        run(buckets=[{**PHASE, "sourceColumnName": "NOTHING"}])
    with pytest.raises(ApiError, match="startsWith"):
        run(buckets=[PHASE], reportFilters=[{"column": "BucketField_1", "operator": "startsWith", "value": "W"}])


def test_a_saved_report_needs_its_buckets_in_every_changed_run(web: Web) -> None:
    soql = "SELECT Id FROM Report WHERE Name = 'Pipeline by Phase and Size'"
    report = web.get("/v/query", params={"q": soql}).json()["records"][0]["Id"]
    path = f"/v/analytics/reports/{report}"
    saved: dict[str, Any] = web.get(f"{path}/describe").json()["reportMetadata"]
    answer = web.post(path, json={"reportMetadata": {"reportFilters": []}})
    assert answer.status_code == 400
    assert answer.json()[0]["message"] == "Invalid value specified: BucketField_36625466"
    answer = web.post(path, json={"reportMetadata": {**saved, "reportFilters": []}})
    assert labels(answer.json()) == ["Early", "Late", "Won", "Lost"]
