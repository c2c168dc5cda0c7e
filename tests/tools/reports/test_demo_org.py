"""The reports toolset on the demo org."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.reports import waiting
from tests.tools.demo import Demo


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.02)


def report(demo: Demo, name: str) -> str:
    return str(demo.rows(f"SELECT Id FROM Report WHERE Name = '{name}'")[0]["Id"])


def dashboard(demo: Demo, name: str) -> str:
    return str(demo.rows(f"SELECT Id FROM Dashboard WHERE DeveloperName = '{name}'")[0]["Id"])


def records(table: dict[str, Any]) -> list[dict[str, Any]]:
    return [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]


def test_a_run_shows_what_soql_finds(demo: Demo) -> None:
    shown = demo.structure("run_report", report_id=report(demo, "Opportunity Pipeline by Stage"), row_limit=1000)
    totals = {row["Stage"]: (row["Sum of Amount"], row["Record Count"]) for row in records(shown["totals"])}
    grand = totals.pop("Total")
    soql = "SELECT StageName, SUM(Amount) s, COUNT(Id) n FROM Opportunity WHERE IsClosed = FALSE GROUP BY StageName"
    assert totals == {row["StageName"]: (row["s"], row["n"]) for row in demo.rows(soql)}
    details = records(shown["details"])
    assert len(details) == grand[1]
    assert sum(row["Amount"] or 0 for row in details) == pytest.approx(grand[0])


def test_filters_by_label_or_name(demo: Demo) -> None:
    pipeline = report(demo, "Opportunity Pipeline by Stage")
    filters = [
        {"column": "stage", "value": ["Prospecting", "Qualification"]},
        {"column": "AMOUNT", "operator": "greaterThan", "value": 500000},
    ]
    shown = demo.structure("run_report", report_id=pipeline, filters=filters, include_details=False)
    soql = (
        "SELECT StageName, COUNT(Id) n FROM Opportunity WHERE IsClosed = FALSE AND Amount > 500000"
        " AND StageName IN ('Prospecting', 'Qualification') GROUP BY StageName"
    )
    counts = {row["Stage"]: row["Record Count"] for row in records(shown["totals"])[:-1]}
    assert counts == {row["StageName"]: row["n"] for row in demo.rows(soql)}


def test_a_filter_on_a_column_that_is_not_there_names_the_nearest(demo: Demo) -> None:
    cases = report(demo, "Open Cases by Priority")
    with pytest.raises(ArgumentError) as caught:
        demo.call("run_report", report_id=cases, filters=[{"column": "Priorty", "value": "High"}])
    assert "PRIORITY" in str(caught.value.hint)


def test_an_asynchronous_run_shows_the_same(demo: Demo) -> None:
    matrix = report(demo, "Cases by Status and Origin")
    later = demo.structure("run_report", report_id=matrix, method="async")
    now = demo.structure("run_report", report_id=matrix)
    assert later["totals"] == now["totals"]
    assert later["details"]["rows"] == now["details"]["rows"]


def test_details_that_were_cut_are_announced(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesforce_mcp.demo.analytics.running.MOST_ROWS", 5)
    shown = demo.structure("run_report", report_id=report(demo, "All Customers"))
    assert shown["details"]["total"] == 5
    assert "2000" in shown["notes"][0]


def test_what_a_report_consists_of(demo: Demo) -> None:
    cases = demo.structure("get_report", report_id=report(demo, "Cases Created in the Last 30 Days"))
    assert cases["report"]["format"] == "tabular"
    assert "LAST_N_DAYS:30" in cases["report"]["date_filter"]
    pipeline = demo.structure("get_report", report_id=report(demo, "Opportunity Pipeline by Stage"))
    assert pipeline["report"]["date_filter"] is None
    assert pipeline["filters"]["rows"] == [["CLOSED", "equals", "False"]]


def test_reports_and_dashboards_looked_at_lately(demo: Demo) -> None:
    names = [row["Name"] for row in records(demo.structure("list_reports", recent=True))]
    assert "Open Cases by Priority" in names
    assert "All Customers" in [row["Name"] for row in records(demo.structure("list_reports", folder="Sales Reports"))]
    assert "Service Overview" in [row["Title"] for row in records(demo.structure("list_dashboards", filter="serv"))]


def test_a_dashboard_and_its_refresh(demo: Demo) -> None:
    service = dashboard(demo, "Service_Overview")
    shown = demo.structure("get_dashboard", dashboard_id=service)
    components = ["Open Cases by Priority", "Cases by Status and Origin", "Case Volume by Month and Type"]
    assert list(shown) == [*components, "filters"]
    assert shown["Open Cases by Priority"]["rows"][-1][0] == "Total"
    refreshed = records(demo.structure("refresh_dashboard", dashboard_id=service))
    assert [row["status"] for row in refreshed] == ["IDLE"] * 3


def test_the_standard_user_sees_less(demo: Demo, standard: Demo) -> None:
    names = [row["Name"] for row in records(standard.structure("list_reports"))]
    assert "Stan's Deals" in names
    assert "Board Forecast" not in names
    with pytest.raises(SalesforceError) as caught:
        standard.call("run_report", report_id=report(demo, "Board Forecast"))
    assert caught.value.code == "NOT_FOUND"


def test_a_report_with_buckets(demo: Demo) -> None:
    bucketed = report(demo, "Pipeline by Phase and Size")
    described = demo.structure("get_report", report_id=bucketed)
    shown = {(row["of"], row["bucket"]): row["values"] for row in records(described["buckets"])}
    assert shown["STAGE_NAME", "Won"] == ["Closed Won"]
    assert shown["AMOUNT", "Medium"] == "above 50000, up to 250000" and shown["AMOUNT", "Large"] == "above 250000"
    run = demo.structure("run_report", report_id=bucketed, include_details=False)
    assert [row["Phase"] for row in records(run["totals"])] == ["Early", "Late", "Total"]
    filters = [{"column": "Size", "value": "Large"}, {"column": "CLOSED", "value": False}]
    run = demo.structure("run_report", report_id=bucketed, filters=filters, include_details=False)
    found = records(run["totals"])[-1]
    soql = "SELECT COUNT() FROM Opportunity WHERE IsClosed = FALSE AND Amount > 250000"
    assert found["Total: Record Count"] == demo.client.query(soql).total_size
    assert "Small: Record Count" not in found


def test_a_dashboard_with_a_filter(demo: Demo) -> None:
    service = dashboard(demo, "Service_Overview")
    whole = demo.structure("get_dashboard", dashboard_id=service)
    options = {row["option"]: row for row in records(whole["filters"])}
    assert options["Online"]["filter"] == "Origin" and options["Online"]["condition"] == "equals Web,Chat"
    assert not any(row["selected"] for row in options.values())
    chosen = [options[name]["id"] for name in ("Online", "This year")]
    demo.call("refresh_dashboard", dashboard_id=service, filters=chosen)
    shown = demo.structure("get_dashboard", dashboard_id=service, filters=chosen)
    assert [row["option"] for row in records(shown["filters"]) if row["selected"]] == ["Online", "This year"]
    soql = "SELECT COUNT() FROM Case WHERE IsClosed = FALSE AND Origin IN ('Web', 'Chat') AND CreatedDate = THIS_YEAR"
    total = records(shown["Open Cases by Priority"])[-1]["Record Count"]
    assert total == demo.client.query(soql).total_size
    assert total < records(whole["Open Cases by Priority"])[-1]["Record Count"]


def test_filter_options_that_can_not_be(demo: Demo) -> None:
    service = dashboard(demo, "Service_Overview")
    options = records(demo.structure("get_dashboard", dashboard_id=service)["filters"])
    with pytest.raises(ArgumentError, match="Origin takes one option"):
        demo.call("get_dashboard", dashboard_id=service, filters=[options[0]["id"], options[1]["id"]])
    with pytest.raises(ArgumentError, match="has no filter option 0IC5g0000000999"):
        demo.call("get_dashboard", dashboard_id=service, filters=["0IC5g0000000999"])
