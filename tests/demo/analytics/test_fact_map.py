from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.context import RequestContext
from tests.demo.analytics.conftest import Run, figures, labels, rows

MONEY = ["s!AMOUNT", "a!AMOUNT", "m!AMOUNT", "x!AMOUNT", "RowCount"]


def test_a_tabular_report_has_one_cell(run: Run, deals: dict[str, str]) -> None:
    result = run(aggregates=MONEY, sortBy=[{"sortColumn": "AMOUNT", "sortOrder": "Desc"}])
    assert figures(result) == {"T!T": [4350.5, 1087.625, 100, 3000, 5]}
    assert rows(result) == ["deal E", "deal D", "deal B", "deal A", "deal C"]
    assert result["factMap"]["T!T"]["rows"][2]["dataCells"] == [
        {"label": "deal B", "value": deals["B"]},
        {"label": "$250.50", "value": {"amount": 250.5, "currency": None}},
    ]
    assert rows(result, column=1)[-1] == "-"
    assert result["groupingsDown"] == result["groupingsAcross"] == {"groupings": []}
    assert result["reportMetadata"]["reportFormat"] == "TABULAR"
    assert result["allData"] is True


def test_labels_of_figures_are_written_as_the_user_does(run: Run) -> None:
    cells = run(aggregates=MONEY)["factMap"]["T!T"]["aggregates"]
    assert [cell["label"] for cell in cells] == ["$4,350.50", "$1,087.63", "$100.00", "$3,000.00", "5"]


def test_summaries_add_up_level_by_level_in_the_order_of_the_picklist(run: Run) -> None:
    result = run(
        aggregates=["s!AMOUNT", "RowCount"],
        groupingsDown=[{"name": "STAGE_NAME"}, {"name": "CLOSE_DATE", "dateGranularity": "Month"}],
    )
    assert labels(result) == ["Prospecting", "Qualification", "Closed Won"]
    inner = result["groupingsDown"]["groupings"][2]["groupings"]
    assert [(each["key"], each["label"], each["value"]) for each in inner] == [
        ("2_0", "February 2024", "2024-02-01"),
        ("2_1", "April 2024", "2024-04-01"),
    ]
    assert figures(result) == {
        "T!T": [4350.5, 5],
        "0!T": [350.5, 2],
        "0_0!T": [350.5, 2],
        "1!T": [0, 1],
        "1_0!T": [0, 1],
        "2!T": [4000, 2],
        "2_0!T": [1000, 1],
        "2_1!T": [3000, 1],
    }
    assert rows(result, "0_0!T") == ["deal A", "deal B"]
    assert rows(result, "0!T") == rows(result) == []
    assert result["reportMetadata"]["reportFormat"] == "SUMMARY"


def test_a_matrix_has_a_cell_for_every_combination(run: Run) -> None:
    result = run(
        aggregates=["s!AMOUNT", "a!AMOUNT"],
        groupingsDown=[{"name": "TYPE"}],
        groupingsAcross=[{"name": "CLOSE_DATE", "dateGranularity": "Quarter"}],
    )
    assert labels(result) == ["-", "Existing Customer - Upgrade", "New Customer"]
    assert labels(result, "groupingsAcross") == ["Q1 CY2024", "Q2 CY2024"]
    assert figures(result) == {
        "T!T": [4350.5, 1087.625],
        "T!0": [1350.5, 1350.5 / 3],
        "T!1": [3000, 3000],
        "0!T": [0, None],
        "0!0": [0, None],
        "0!1": [0, None],
        "1!T": [250.5, 250.5],
        "1!0": [250.5, 250.5],
        "1!1": [0, None],
        "2!T": [4100, 4100 / 3],
        "2!0": [1100, 550],
        "2!1": [3000, 3000],
    }
    assert rows(result, "2!0") == ["deal A", "deal D"]
    assert rows(result, "1!1") == []
    assert result["reportMetadata"]["reportFormat"] == "MATRIX"


def test_without_details_there_are_no_rows(run: Run) -> None:
    result = run(details=False, groupingsDown=[{"name": "STAGE_NAME"}])
    assert all("rows" not in fact for fact in result["factMap"].values())
    assert result["hasDetailRows"] is False


def test_text_groups_regardless_of_case_and_missing_values_come_first(run: Run) -> None:
    result = run(groupingsDown=[{"name": "NEXT_STEP"}])
    assert [label.lower() for label in labels(result)] == ["-", "call", "sign, then celebrate"]
    assert figures(result) == {"T!T": [5], "0!T": [2], "1!T": [2], "2!T": [1]}
    assert rows(result, "1!T") == ["deal A", "deal B"]


def test_groups_sorted_downwards_and_by_a_figure(run: Run) -> None:
    by_stage: dict[str, Any] = {"name": "STAGE_NAME", "sortOrder": "Desc"}
    assert labels(run(groupingsDown=[by_stage])) == ["Closed Won", "Qualification", "Prospecting"]
    by_sum = {"name": "STAGE_NAME", "sortOrder": "Desc", "sortAggregate": "s!AMOUNT"}
    result = run(groupingsDown=[by_sum], aggregates=["s!AMOUNT"])
    assert labels(result) == ["Closed Won", "Prospecting", "Qualification"]
    assert figures(result)["1!T"] == [350.5]
    assert rows(result, "0!T") == ["deal D", "deal E"]


def test_a_group_of_records_has_the_id_as_its_value(run: Run, deals: dict[str, str], admin: RequestContext) -> None:
    result = run(groupingsDown=[{"name": "ACCOUNT_NAME"}, {"name": "FULL_NAME"}])
    (account,) = result["groupingsDown"]["groupings"]
    assert (account["label"], account["value"]) == ("Fact Map Ltd", deals["account"])
    assert [(each["label"], each["value"]) for each in account["groupings"]] == [(admin.user.name, admin.user.id)]


def test_grouping_by_what_soql_cannot_group(run: Run) -> None:
    result = run(groupingsDown=[{"name": "AMOUNT"}], aggregates=["s!AMOUNT", "RowCount"])
    assert labels(result) == ["-", "$100.00", "$250.50", "$1,000.00", "$3,000.00"]
    assert figures(result)["2!T"] == [250.5, 1]
    assert rows(result, "3!T") == ["deal D"]


def test_unique_counts_are_of_different_values_in_every_part(run: Run) -> None:
    result = run(aggregates=["u!TYPE", "u!ACCOUNT_NAME", "RowCount"], groupingsDown=[{"name": "STAGE_NAME"}])
    assert figures(result) == {"T!T": [2, 1, 5], "0!T": [2, 1, 2], "1!T": [0, 1, 1], "2!T": [1, 1, 2]}


def test_a_row_limit_limits_the_figures_too(run: Run) -> None:
    result = run(
        aggregates=["s!AMOUNT", "RowCount"],
        sortBy=[{"sortColumn": "AMOUNT", "sortOrder": "Desc"}],
        topRows={"rowLimit": 2, "direction": "Desc"},
    )
    assert figures(result) == {"T!T": [4000, 2]}
    assert rows(result) == ["deal E", "deal D"]


def test_more_rows_than_a_run_returns_are_still_counted(run: Run, monkeypatch: Any) -> None:
    monkeypatch.setattr("salesforce_mcp.demo.analytics.running.MOST_ROWS", 3)
    result = run(groupingsDown=[{"name": "STAGE_NAME"}])
    assert result["allData"] is False
    assert sum(len(fact["rows"]) for fact in result["factMap"].values()) == 3
    assert figures(result)["T!T"] == [5]
