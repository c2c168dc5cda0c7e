from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.tools.reports import waiting
from tests.salesforce.scripted import ScriptedOrg, ok
from tests.tools.conftest import Call

DASHBOARD = "01ZD00000007S89MAE"


def test_the_figures_of_a_dashboard(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(f"GET analytics/dashboards/{DASHBOARD}", "analytics-doc-get-dashboard-results")
    body = call("get_dashboard", dashboard_id=DASHBOARD).as_dict()
    table = body["Simple Test"]
    assert table["columns"] == ["Type", "Sum of Amount"]
    assert table["rows"][1] == ["Existing Business", 25016768.670066006]
    assert "2014-04-09" in table["notes"][0]


def test_a_component_without_figures_says_why(org: ScriptedOrg, call: Call, sample: Callable[[str], Any]) -> None:
    body = sample("analytics-doc-get-dashboard-results")["response"]["body"]
    data = body["componentData"][0]
    data["reportResult"] = None
    data["status"] |= {"dataStatus": "ERROR", "errorCode": "202", "errorMessage": "The report was deleted."}
    org.on(f"GET analytics/dashboards/{DASHBOARD}", ok(body))
    shown = call("get_dashboard", dashboard_id=DASHBOARD).as_dict()
    assert shown[data["componentId"]]["message"] == "The report was deleted."


@pytest.mark.parametrize(("wait", "polls", "status"), [(True, 2, "IDLE"), (False, 1, "RUNNING")])
def test_refresh(
    org: ScriptedOrg, call: Call, monkeypatch: pytest.MonkeyPatch, wait: bool, polls: int, status: str
) -> None:
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.01)

    def state(word: str) -> Any:
        return ok({"componentStatus": [{"componentId": "01a1", "refreshStatus": word, "refreshDate": None}]})

    org.on(f"PUT analytics/dashboards/{DASHBOARD}", ok({"statusUrl": "/services/data/v66.0/x"}))
    org.on(f"GET analytics/dashboards/{DASHBOARD}/status", state("RUNNING"), state("IDLE"))
    table = call("refresh_dashboard", dashboard_id=DASHBOARD, wait=wait).as_dict()
    assert table["rows"] == [["01a1", status, None]]
    assert org.count("GET", "status") == polls
