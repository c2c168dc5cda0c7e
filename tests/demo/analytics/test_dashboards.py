"""Dashboards over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest

from salesforce_mcp.demo.analytics import dashboards
from tests.demo.analytics.test_reports import create, query, refusal, report_id
from tests.demo.conftest import Web

DASHBOARDS = "/v/analytics/dashboards"


def dashboard_id(web: Web, name: str = "Service_Overview") -> str:
    return str(query(web, f"SELECT Id FROM Dashboard WHERE DeveloperName = '{name}'")[0]["Id"])


def clone(web: Web, **changes: Any) -> str:
    folder = query(web, "SELECT Id FROM Folder WHERE Type = 'Dashboard'")[0]["Id"]
    body = {"folderId": folder, **changes}
    answer = web.post(DASHBOARDS, params={"cloneId": dashboard_id(web)}, json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def idle(web: Web, dashboard: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found: list[dict[str, Any]] = web.get(f"{DASHBOARDS}/{dashboard}/status").json()["componentStatus"]
        if all(each["refreshStatus"] == "IDLE" for each in found):
            return found
        time.sleep(0.02)
    raise AssertionError("the refresh did not end")


def test_components_show_the_totals_of_their_reports(web: Web) -> None:
    found = web.get(f"{DASHBOARDS}/{dashboard_id(web)}").json()
    components = found["dashboardMetadata"]["components"]
    assert [each["header"] for each in components] == [
        "Open Cases by Priority",
        "Cases by Status and Origin",
        "Case Volume by Month and Type",
    ]
    assert found["dashboardMetadata"]["layout"]["columns"] == [{"components": [n]} for n in range(3)]
    for component, data in zip(components, found["componentData"], strict=True):
        assert data["componentId"] == component["id"]
        assert data["status"]["dataStatus"] == "DATA"
        assert all("rows" not in fact for fact in data["reportResult"]["factMap"].values())
        run = web.get(f"/v/analytics/reports/{component['reportId']}").json()
        assert data["reportResult"]["factMap"]["T!T"] == run["factMap"]["T!T"]


def test_a_dashboard_that_was_opened_is_listed(web: Web) -> None:
    sales = dashboard_id(web, "Sales_Overview")
    web.get(f"{DASHBOARDS}/{sales}")
    (listed,) = [each for each in web.get(DASHBOARDS).json() if each["id"] == sales]
    url = f"/services/data/v66.0/analytics/dashboards/{sales}"
    assert listed == {"id": sales, "name": "Sales Overview", "statusUrl": f"{url}/status", "url": url}


def test_figures_are_those_of_the_last_refresh(web: Web) -> None:
    dashboard = clone(web)
    before = web.get(f"{DASHBOARDS}/{dashboard}").json()["componentData"][1]["reportResult"]["factMap"]["T!T"]
    web.post("/v/sobjects/Case", json={"Subject": "One more", "Origin": "Web"})
    shown = web.get(f"{DASHBOARDS}/{dashboard}").json()["componentData"][1]["reportResult"]["factMap"]["T!T"]
    assert shown == before
    answer = web.send("PUT", f"{DASHBOARDS}/{dashboard}")
    assert answer.json() == {"statusUrl": f"/services/data/v66.0/analytics/dashboards/{dashboard}/status"}
    assert len(idle(web, dashboard)) == 3
    after = web.get(f"{DASHBOARDS}/{dashboard}").json()["componentData"][1]["reportResult"]["factMap"]["T!T"]
    assert after["aggregates"][0]["value"] == before["aggregates"][0]["value"] + 1


def test_a_refresh_goes_on_for_a_while(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboards, "_REFRESHES", 60.0)
    dashboard = clone(web)
    web.send("PUT", f"{DASHBOARDS}/{dashboard}")
    status = web.get(f"{DASHBOARDS}/{dashboard}/status").json()["componentStatus"]
    assert {each["refreshStatus"] for each in status} == {"RUNNING"}
    assert "already in progress" in refusal(web.send("PUT", f"{DASHBOARDS}/{dashboard}"))[2]


def test_everyone_sees_what_the_running_user_sees(web: Web) -> None:
    dashboard = dashboard_id(web, "Sales_Overview")
    ours, theirs = (
        web.get(f"{DASHBOARDS}/{dashboard}", token=token).json()["componentData"] for token in ("admin", "standard")
    )
    assert ours == theirs
    answer = web.get(f"{DASHBOARDS}/{dashboard}", params={"runningUser": "005000000000000AAA"})
    assert refusal(answer) == (400, "BAD_REQUEST", "You don't have permission to view data as this user.")


def test_a_component_whose_report_is_gone_says_so(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = clone(web)
    report = create(web, name="Soon gone")["id"]
    store = web.org.store
    component = query(web, f"SELECT Id FROM DashboardComponent WHERE DashboardId = '{dashboard}' LIMIT 1")[0]["Id"]
    with store.transaction() as connection:
        connection.execute("UPDATE DashboardComponent SET CustomReportId = ? WHERE Id = ?", (report, component))
        connection.execute("UPDATE Report SET IsDeleted = 1 WHERE Id = ?", (report,))
    data = web.get(f"{DASHBOARDS}/{dashboard}").json()["componentData"]
    (broken,) = [each for each in data if each["componentId"] == component]
    assert broken["reportResult"] is None
    assert (broken["status"]["dataStatus"], broken["status"]["errorCode"]) == ("ERROR", "202")


def test_some_components_alone(web: Web) -> None:
    dashboard = dashboard_id(web)
    components = [each["componentId"] for each in web.get(f"{DASHBOARDS}/{dashboard}").json()["componentData"]]
    found = web.post(f"{DASHBOARDS}/{dashboard}", json={"componentIds": components[1:]}).json()
    assert [each["componentId"] for each in found["componentData"]] == components[1:]


def test_a_dashboard_is_copied_renamed_and_deleted(web: Web) -> None:
    dashboard = clone(web, name="A copy")
    described = web.get(f"{DASHBOARDS}/{dashboard}/describe").json()
    assert described["name"] == "A copy"
    assert described["developerName"].startswith("Service_Overview_")
    answer = web.send("PATCH", f"{DASHBOARDS}/{dashboard}", json={"dashboardMetadata": {"name": "Renamed"}})
    assert answer.json()["dashboardMetadata"]["name"] == "Renamed"
    assert query(web, f"SELECT Title FROM Dashboard WHERE Id = '{dashboard}'")[0]["Title"] == "Renamed"
    assert web.send("DELETE", f"{DASHBOARDS}/{dashboard}").status_code == 204
    assert refusal(web.get(f"{DASHBOARDS}/{dashboard}"))[:2] == (404, "NOT_FOUND")


def test_the_standard_user_cannot_change_dashboards(web: Web) -> None:
    path = f"{DASHBOARDS}/{dashboard_id(web)}"
    assert web.send("DELETE", path, token="standard").status_code == 403
    assert web.send("PATCH", path, json={"name": "Mine"}, token="standard").status_code == 403


def test_filter_options(web: Web) -> None:
    path = f"{DASHBOARDS}/{dashboard_id(web)}/filteroptionsanalysis"
    column = {"reportId": report_id(web, "Open Cases by Priority"), "name": "PRIORITY"}
    good = {"filterColumns": [column], "options": [{"operation": "contains", "value": "High"}]}
    assert web.post(path, json=good).status_code == 204
    bad = {"filterColumns": [column], "options": [{"operation": "between", "startValue": "a", "endValue": "b"}]}
    assert refusal(web.post(path, json=bad))[:2] == (400, "BAD_REQUEST")
    unknown = {"filterColumns": [{**column, "name": "NOPE"}], "options": []}
    assert "NOPE" in refusal(web.post(path, json=unknown))[2]
    assert "filter item" in refusal(web.get(f"{DASHBOARDS}/{dashboard_id(web)}?filter1=0IC000000000000AAA"))[2]
