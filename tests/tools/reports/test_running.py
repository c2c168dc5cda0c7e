from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.reports import waiting
from salesforce_mcp.tools.results import Sections, Table
from tests.salesforce.scripted import ScriptedOrg, ok
from tests.tokens import count
from tests.tools.conftest import Call

REPORT = "00O58000000quDd"
RUN = f"GET analytics/reports/{REPORT}"


def table(result: Any, name: str) -> list[dict[str, Any]]:
    assert isinstance(result, Sections)
    part = dict(result.parts)[name]
    assert isinstance(part, Table)
    return [dict(zip(part.columns, row, strict=True)) for row in part.rows]


def test_a_summary_report(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(RUN, "analytics-summary-basic-single-group")
    result = call("run_report", report_id=REPORT)
    assert table(result, "totals") == [
        {"Type": "Customer - Direct", "Sum of Annual Revenue": 6589000000, "Record Count": 8},
        {"Type": "Customer - Channel", "Sum of Annual Revenue": 2880000000, "Record Count": 5},
        {"Type": "Total", "Sum of Annual Revenue": 9469000000, "Record Count": 13},
    ]
    details = table(result, "details")
    assert len(details) == 13
    assert details[0] == {
        "Type": "Customer - Direct",
        "Account Owner": "Chris Hall",
        "Account Name": "Burlington Textiles Corp of America",
        "Billing State/Province": "NC",
        "Rating": "Warm",
        "Industry": "Apparel",
        "Created Date": "2016-01-16",
        "Annual Revenue": 350000000,
    }


def test_a_matrix_has_a_column_for_each_group_across(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(RUN, "analytics-matrix-basic")
    result = call("run_report", report_id=REPORT)
    totals = table(result, "totals")
    assert totals[0] == {
        "Type": "Existing Customer - Upgrade",
        "Account Name": "Edge Communications",
        "May 2013": 50000,
        "September 2013": 0,
        "October 2013": 0,
        "December 2013": 60000,
        "February 2014": 0,
        "March 2014": 0,
        "April 2014": 0,
        "Total: Sum of Amount": 110000,
    }
    subtotals = [row for row in totals if row["Account Name"] == "Subtotal"]
    assert [row["Total: Sum of Amount"] for row in subtotals] == [1855000, 1790000]
    assert totals[-1]["Type"] == "Total"
    assert sum(row["Amount"] for row in table(result, "details")) == totals[-1]["Total: Sum of Amount"] == 3645000


def test_two_levels_across_with_several_aggregates(recorded: Callable[[str, str], Any], call: Call) -> None:
    raw = recorded(RUN, "analytics-matrix-complex")
    result = call("run_report", report_id=REPORT)
    totals = table(result, "totals")
    assert totals[-1]["Q4-2013 / Subtotal: Record Count"] == raw["factMap"]["T!3"]["aggregates"][2]["value"]
    assert totals[-1]["Total: Record Count"] == 18
    assert "details" not in dict(result.as_dict())


@pytest.mark.parametrize(
    "case", ["analytics-summary-basic-single-group", "analytics-matrix-basic", "analytics-matrix-complex"]
)
def test_a_report_costs_at_most_a_quarter_of_the_raw_one(
    recorded: Callable[[str, str], Any], shown: Callable[..., str], case: str
) -> None:
    raw = recorded(RUN, case)
    text = shown("run_report", report_id=REPORT)
    assert count(text) <= 0.25 * count(json.dumps(raw, separators=(",", ":")))


def tabular(*, all_data: bool = True, report_format: str = "TABULAR") -> dict[str, Any]:
    rows = [{"dataCells": [{"label": f"Case {n}", "value": f"50000000000000{n}"}]} for n in range(3)]
    return {
        "allData": all_data,
        "hasDetailRows": True,
        "factMap": {"T!T": {"aggregates": [{"label": "3", "value": 3}], "rows": rows}},
        "groupingsDown": {"groupings": []},
        "groupingsAcross": {"groupings": []},
        "reportMetadata": {
            "name": "All cases",
            "reportFormat": report_format,
            "aggregates": ["RowCount"],
            "detailColumns": ["SUBJECT"],
            "groupingsDown": [],
            "groupingsAcross": [],
            "currency": "EUR",
        },
        "reportExtendedMetadata": {
            "aggregateColumnInfo": {"RowCount": {"label": "Record Count"}},
            "detailColumnInfo": {"SUBJECT": {"label": "Subject"}},
            "groupingColumnInfo": {},
        },
    }


def test_a_tabular_report_whose_details_were_cut(org: ScriptedOrg, call: Call) -> None:
    org.on(RUN, ok(tabular(all_data=False)))
    result = call("run_report", report_id=REPORT, row_limit=2).as_dict()
    assert result["totals"]["rows"] == [[3]]
    assert result["details"]["rows"] == [["Case 0"], ["Case 1"]]
    assert result["details"]["total"] == 3
    assert "2000" in result["notes"][0]
    assert "EUR" in result["notes"][1]
    rest = call("query_more", cursor=result["details"]["cursor"]).as_dict()
    assert rest["rows"] == [["Case 2"]]


def test_totals_alone(org: ScriptedOrg, call: Call) -> None:
    org.on(RUN, ok(tabular()))
    assert "details" not in call("run_report", report_id=REPORT, include_details=False).as_dict()
    assert org.seen[-1].query == {"includeDetails": "false"}


def test_a_joined_report_says_that_it_cannot_be_read(org: ScriptedOrg, call: Call) -> None:
    org.on(RUN, ok(tabular(report_format="MULTI_BLOCK")))
    with pytest.raises(SalesforceError, match="Joined"):
        call("run_report", report_id=REPORT)


DESCRIBE = {
    "reportMetadata": {
        "reportFilters": [
            {"column": "STAGE_NAME", "operator": "equals", "value": "Prospecting", "isRunPageEditable": True},
            {"column": "AMOUNT", "operator": "greaterThan", "value": "1"},
        ],
        "reportBooleanFilter": "1 OR 2",
    },
    "reportExtendedMetadata": {"detailColumnInfo": {"STAGE_NAME": {"label": "Stage", "dataType": "picklist"}}},
    "reportTypeMetadata": {
        "categories": [{"columns": {"CLOSED": {"label": "Closed", "dataType": "boolean"}}}],
        "dataTypeFilterOperatorMap": {"picklist": [{"name": "equals"}, {"name": "notEqual"}]},
    },
}


def test_filters_join_those_of_the_report(org: ScriptedOrg, call: Call) -> None:
    org.on(f"{RUN}/describe", ok(DESCRIBE))
    org.on(f"POST analytics/reports/{REPORT}", ok(tabular()))
    filters = [{"column": "stage", "value": ["Closed Won", "Closed Lost"]}, {"column": "CLOSED", "value": True}]
    call("run_report", report_id=REPORT, filters=filters)
    assert org.seen[-1].json() == {
        "reportMetadata": {
            "reportFilters": [
                {
                    "column": "STAGE_NAME",
                    "operator": "equals",
                    "value": "Closed Won,Closed Lost",
                    "isRunPageEditable": True,
                },
                {"column": "AMOUNT", "operator": "greaterThan", "value": "1"},
                {"column": "CLOSED", "operator": "equals", "value": "True"},
            ],
            "reportBooleanFilter": "(1 OR 2) AND 3",
        }
    }


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"column": "Stagename", "value": "x"}, "STAGE_NAME"),
        ({"column": "Stage", "operator": "like", "value": "x"}, "notEqual"),
        ({"column": "Stage"}, "column, operator and value"),
        ({"field": "Stage", "value": "x"}, "column, operator and value"),
    ],
)
def test_a_wrong_filter_says_what_would_be_right(
    org: ScriptedOrg, call: Call, given: dict[str, Any], said: str
) -> None:
    org.on(f"{RUN}/describe", ok(DESCRIBE))
    with pytest.raises(ArgumentError) as caught:
        call("run_report", report_id=REPORT, filters=[given])
    assert said in str(caught.value)
    assert org.count("POST", REPORT) == 0


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.01)


@pytest.mark.usefixtures("impatient")
def test_an_asynchronous_run_is_polled(org: ScriptedOrg, call: Call, sample: Callable[[str], Any]) -> None:
    started = sample("analytics-doc-run-reports-synchronously-or-asynchronously-2")["response"]["body"]
    instance = f"GET analytics/reports/{REPORT}/instances/{started['id']}"
    org.on(f"POST analytics/reports/{REPORT}/instances", ok(started))
    running = {"attributes": {"status": "Running"}, "factMap": {}}
    org.on(instance, ok(running), ok({**tabular(), "attributes": {"status": "Success"}}))
    result = call("run_report", report_id=REPORT, method="async").as_dict()
    assert result["details"]["returned"] == 3
    assert org.count("GET", started["id"]) == 2


@pytest.mark.usefixtures("impatient")
def test_an_asynchronous_run_that_fails(org: ScriptedOrg, call: Call) -> None:
    org.on(f"POST analytics/reports/{REPORT}/instances", ok({"id": "0LG1", "status": "New"}))
    org.on(f"GET analytics/reports/{REPORT}/instances/0LG1", ok({"attributes": {"status": "Error"}}))
    with pytest.raises(SalesforceError, match="REPORT_FAILED"):
        call("run_report", report_id=REPORT, method="async")


@pytest.mark.parametrize(
    "case", ["analytics-summary-metadata", "analytics-matrix-metadata", "analytics-sample-metadata"]
)
def test_what_a_report_consists_of(
    recorded: Callable[[str, str], Any], shown: Callable[..., str], call: Call, case: str
) -> None:
    raw = recorded(f"{RUN}/describe", case)["reportMetadata"]
    body = call("get_report", report_id=REPORT).as_dict()
    assert body["report"]["name"] == raw["name"]
    used = [row[0] for row in body["columns"]["rows"]]
    assert used.count("detail") == len(raw["detailColumns"])
    assert used.count("row grouping") == len(raw["groupingsDown"])
    assert body["filters"]["total"] == len(raw["reportFilters"])
    assert raw["name"] in shown("get_report", report_id=REPORT)
