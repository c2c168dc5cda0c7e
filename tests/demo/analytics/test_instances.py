"""Asynchronous runs of reports over HTTP."""

from __future__ import annotations

import time
from typing import Any

import pytest

from salesforce_mcp.demo.analytics import instances
from tests.demo.analytics.test_reports import REPORTS, create, refusal, report_id
from tests.demo.conftest import Web


def start(web: Web, report: str, body: Any = None, token: str = "admin", **params: str) -> dict[str, Any]:
    answer = web.post(f"{REPORTS}/{report}/instances", json=body, params=params, token=token)
    assert answer.status_code == 200, answer.text
    handle: dict[str, Any] = answer.json()
    return handle


def finish(web: Web, handle: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        found: dict[str, Any] = web.get(handle["url"]).json()
        if found["attributes"]["status"] == "Success":
            return found
        time.sleep(0.02)
    raise AssertionError("the run did not end")


def test_a_run_is_new_then_done(web: Web, sample: Any) -> None:
    report = report_id(web, "Cases by Status and Origin")
    handle = start(web, report, includeDetails="true")
    recorded = sample("analytics-doc-run-reports-synchronously-or-asynchronously-2")["response"]["body"]
    assert handle.keys() == recorded.keys()
    assert (handle["status"], handle["completionDate"], handle["hasDetailRows"]) == ("New", None, True)
    assert handle["url"] == f"/services/data/v66.0/analytics/reports/{report}/instances/{handle['id']}"
    done = finish(web, handle)
    assert done["attributes"]["type"] == "ReportInstance"
    assert done["attributes"]["completionDate"] >= done["attributes"]["requestDate"]
    sync = web.get(f"{REPORTS}/{report}", params={"includeDetails": "true"}).json()
    assert done["factMap"] == sync["factMap"]


@pytest.mark.parametrize(("waits", "status"), [((9.0, 9.5), "New"), ((0.0, 9.0), "Running")])
def test_a_run_that_is_not_done_has_no_results(
    web: Web, monkeypatch: pytest.MonkeyPatch, waits: tuple[float, float], status: str
) -> None:
    monkeypatch.setattr(instances, "_WAITS", waits[0])
    monkeypatch.setattr(instances, "_RUNS", waits[1])
    handle = start(web, report_id(web, "All Customers"))
    found = web.get(handle["url"]).json()
    assert found["attributes"]["status"] == status
    assert found["factMap"] == {}
    assert web.send("DELETE", handle["url"]).status_code == 403


def test_a_run_keeps_its_filters(web: Web) -> None:
    filters = [{"column": "STATUS", "operator": "equals", "value": "Closed"}]
    handle = start(web, report_id(web, "Cases by Status and Origin"), {"reportMetadata": {"reportFilters": filters}})
    done = finish(web, handle)
    assert [group["label"] for group in done["groupingsDown"]["groupings"]] == ["Closed"]


def test_ones_own_runs_are_listed_the_latest_first(web: Web) -> None:
    report = create(web, name="Run often")["id"]
    made = [start(web, report)["id"] for _ in range(3)]
    assert [each["id"] for each in web.get(f"{REPORTS}/{report}/instances").json()] == made[::-1]
    customers = report_id(web, "All Customers")
    theirs = start(web, customers, token="standard")
    assert theirs["id"] not in [each["id"] for each in web.get(f"{REPORTS}/{customers}/instances").json()]
    assert web.get(theirs["url"]).status_code == 404


def test_a_run_is_deleted_alone_and_with_its_report(web: Web) -> None:
    report = create(web, name="Run and change")["id"]
    first, second = start(web, report), start(web, report)
    finish(web, first)
    assert web.send("DELETE", first["url"]).status_code == 204
    assert refusal(web.get(first["url"]))[:2] == (404, "NOT_FOUND")
    assert web.send("PATCH", f"{REPORTS}/{report}", json={"reportMetadata": {"name": "Changed"}}).status_code == 200
    assert web.get(second["url"]).status_code == 404


def test_what_cannot_be_run_is_refused_at_once(web: Web) -> None:
    body = {"reportMetadata": {"detailColumns": ["NOPE"]}}
    answer = web.post(f"{REPORTS}/{report_id(web, 'All Customers')}/instances", json=body)
    assert refusal(answer) == (400, "BAD_REQUEST", "The column NOPE is invalid.")
