"""The metrics of the demo org, and of answers with several pages and missing parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.service_metrics.reading import moment
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo


def table(demo: Demo, tool: str, **arguments: Any) -> list[dict[str, Any]]:
    answer = demo.structure(tool, **arguments)
    return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]


def cases(demo: Demo, days: int) -> list[dict[str, Any]]:
    since = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    return demo.rows(f"SELECT Id, Type, Priority, CreatedDate FROM Case WHERE CreatedDate >= {since}")


@pytest.mark.parametrize("user", [0, 1])
def test_trends_are_counts_of_all_cases(demo: Demo, standard: Demo, user: int) -> None:
    counted = Counter((case["Type"], case["Priority"]) for case in cases(demo, 60))
    rows = table((demo, standard)[user], "get_case_trends", group_by="Type, Priority", days=60)
    assert {(row["Type"], row["Priority"]): row["cases"] for row in rows} == counted
    assert sum(row["share_percent"] for row in rows) == pytest.approx(100, abs=2)
    whole = demo.rows("SELECT COUNT(Id) n FROM Case")[0]["n"]
    (everything,) = table(demo, "get_case_trends", group_by="IsDeleted", days=3000)
    assert (everything["cases"], everything["share_percent"]) == (whole, 100.0)


def test_trends_by_month_begin_with_a_whole_one(demo: Demo) -> None:
    rows = table(demo, "get_case_trends", group_by=["month"], days=200, chart=True)
    assert [row["month"] for row in rows] == sorted(row["month"] for row in rows)
    for row, after in pairwise(rows):
        assert after["before"] == row["cases"]
    assert all(row["chart"] for row in rows)


def test_small_groups_are_left_out_and_counted(demo: Demo) -> None:
    answer = demo.structure("get_case_trends", group_by="Subject", days=365, min_count=30)
    shown = sum(row[1] for row in answer["rows"])
    assert all(row[1] >= 30 for row in answer["rows"])
    assert f"{len(cases(demo, 365)) - shown} cases in all" in answer["notes"][-1]


def test_more_groups_than_a_query_may_have(org: ScriptedOrg, call: Call) -> None:
    refusal = [{"errorCode": "EXCEEDED_ID_LIMIT", "message": "Aggregate query does not support queryMore()"}]
    part = {"httpStatusCode": 400, "httpHeaders": {}, "body": refusal}
    none = {"httpStatusCode": 200, "httpHeaders": {}, "body": {"totalSize": 0, "done": True, "records": []}}
    answers = [{"referenceId": "now", **part}, {"referenceId": "then", **none}]
    org.on("POST composite", ok({"compositeResponse": answers}))
    half = {"totalSize": 1, "done": True, "records": [{"g0": "A", "n": 7}]}
    org.on("GET query", Reply(400, refusal), ok(half))
    answer = call("get_case_trends", group_by="Subject").as_dict()
    assert answer["rows"] == [["A", 21, 100.0, 0, None]]  # three quarters and halves of 7 each
    statements = [seen.query["q"] for seen in org.seen if "q" in seen.query]
    assert len(statements) == len(set(statements)) == 4


@pytest.mark.parametrize("group_by", ["", "Type;DROP", "day,week", "a.b.c.d.e.f.g", "Type) OR (", "x" * 500])
def test_what_cannot_be_grouped_by(call: Call, org: ScriptedOrg, group_by: str) -> None:
    with pytest.raises(ArgumentError):
        call("get_case_trends", group_by=group_by)
    assert not org.seen


def test_a_field_that_is_none(demo: Demo) -> None:
    with pytest.raises(SalesforceError, match="INVALID_FIELD"):
        demo.call("get_case_trends", group_by="Colour")


@pytest.mark.parametrize("group", ["topic", "channel", "severity"])
def test_deflection_by_group_adds_up(demo: Demo, standard: Demo, group: str) -> None:
    *rows, whole = table(standard, "get_deflection_metrics", days=3000, group_by=group)
    deflected = demo.rows("SELECT COUNT(Id) n FROM Copilot_Interaction__c WHERE Outcome__c = 'Deflected'")[0]["n"]
    assert whole["deflected"] == deflected == sum(row["deflected"] for row in rows)
    assert whole["interactions"] == sum(row["interactions"] for row in rows)
    assert whole["deflection_rate_percent"] == round(100 * deflected / whole["interactions"], 1)


def test_deflection_without_the_object(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", Reply(400, [{"errorCode": "INVALID_TYPE", "message": "sObject type is not supported."}]))
    org.on("GET sobjects", ok({"sobjects": []}))
    with pytest.raises(SalesforceError) as error:
        call("get_deflection_metrics")
    assert "sf project deploy" in str(error.value.hint)


def test_first_responses_of_the_demo_org(demo: Demo, standard: Demo) -> None:
    rows = table(demo, "get_sla_compliance", days=365)
    counted = Counter(case["Priority"] for case in cases(demo, 365))
    assert {row["priority"]: row["cases"] for row in rows[:-1]} == counted
    for row in rows:
        assert row["cases"] == row["met"] + row["breached"] + row["open"]
        assert row["unanswered"] <= row["breached"]
        assert row["compliance_percent"] == round(100 * row["met"] / (row["met"] + row["breached"]), 1)
    assert rows == table(standard, "get_sla_compliance", days=365)


def test_what_counts_as_a_first_response(demo: Demo) -> None:
    def opened() -> str:
        made = demo.structure("create_case", subject="SLA", description="x", priority="SLA test")
        return str(made["id"])

    internal, draft, incoming, comment, email, nothing = (opened() for _ in range(6))
    demo.call("add_case_comment", case_id=internal, body="Note to myself")
    demo.call("send_case_email", case_id=draft, to_address="a@b.example", subject="S", body="B", status="Draft")
    mail = {"ParentId": incoming, "Incoming": True, "Status": "1", "Subject": "S", "TextBody": "B"}
    demo.call("create_record", object="EmailMessage", data=mail)
    demo.call("add_case_comment", case_id=comment, body="Dear customer", published=True)
    demo.call("send_case_email", case_id=email, to_address="a@b.example", subject="S", body="B")
    (row, _) = table(demo, "get_sla_compliance", days=1, hours={"SLA test": 10}, priority="sla test")
    assert (row["cases"], row["met"], row["open"], row["breached"]) == (6, 2, 4, 0)
    left = demo.structure("get_sla_compliance", days=1)["notes"]
    assert any("6 of SLA test" in note for note in left)
    for case in (internal, draft, incoming, comment, email, nothing):
        demo.call("delete_record", object="Case", id=case)


NOW = datetime.now(UTC).replace(microsecond=0)


def stamp(hours: float) -> str:
    return f"{NOW - timedelta(hours=hours):%Y-%m-%dT%H:%M:%S}.000+0000"


def composite(seen: Seen, bodies: dict[str, Any], refused: dict[str, str]) -> Reply:
    answers = []
    for part in seen.json()["compositeRequest"]:
        name = part["referenceId"]
        body = bodies.get(name, {"totalSize": 0, "done": True, "records": []})
        if name in refused:
            body = [{"errorCode": refused[name], "message": f"No {name}"}]
        answers.append(
            {"referenceId": name, "httpStatusCode": 400 if name in refused else 200, "httpHeaders": {}, "body": body}
        )
    return ok({"compositeResponse": answers})


def test_all_pages_and_what_is_missing(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects/Case/describe", ok({"name": "Case", "fields": []}))
    first = {
        "totalSize": 2,
        "done": False,
        "records": [{"Id": "500A", "Priority": "High", "CreatedDate": stamp(10)}],
        "nextRecordsUrl": "/services/data/v66.0/query/01g000000000001AAA-2000",
    }
    last_page = [
        {"Id": "500B", "Priority": "High", "CreatedDate": stamp(10)},
        {"Id": "500C", "Priority": None, "CreatedDate": stamp(10)},
    ]
    org.on("GET query/01g000000000001AAA-2000", ok({"totalSize": 3, "done": True, "records": last_page}))
    comments = {"totalSize": 1, "done": True, "records": [{"ParentId": "500B", "CreatedDate": stamp(8)}]}
    refused = {"milestones": "INVALID_TYPE", "emails": "INSUFFICIENT_ACCESS", "hours": "INVALID_TYPE"}
    org.on("POST composite", lambda seen: composite(seen, {"cases": first, "comments": comments}, refused))
    answer = call("get_sla_compliance")
    rows = {row[0]: row for row in answer.as_dict()["rows"]}
    assert rows["High"][2:9] == [2, 1, 1, 1, 0, 50.0, 2.0]
    assert answer.failed
    text = " ".join(answer.notes)
    for said in ("1 of no priority", "No milestones", "Left out: emails (INSUFFICIENT_ACCESS", "around the clock"):
        assert said in text
    queries = [part for seen in org.seen if seen.body for part in seen.json()["compositeRequest"]]
    assert len(queries) == 5


def test_recorded_cases_without_any_response(org: ScriptedOrg, call: Call, sample: Callable[[str], Any]) -> None:
    recorded = sample("case-tickets-0")["response"]["body"]
    bodies = {"cases": recorded, "comments": sample("case-tickets-2")["response"]["body"]}
    org.on("GET sobjects/Case/describe", ok({"name": "Case", "fields": []}))
    org.on("POST composite", lambda seen: composite(seen, bodies, {}))
    *_, whole = call("get_sla_compliance", days=3650).as_dict()["rows"]
    assert whole[2:8] == [recorded["totalSize"], 0, recorded["totalSize"], recorded["totalSize"], 0, 0.0]


@pytest.mark.parametrize("given", [{"days": 0}, {"hours": {"High": 0}}, {"hours": {"High": "x"}}, {"priority": "P1"}])
def test_arguments_that_are_refused(call: Call, org: ScriptedOrg, given: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call("get_sla_compliance", **given)
    assert not org.seen


def test_moments() -> None:
    assert moment("2026-01-31T09:00:00.000+0000") == datetime(2026, 1, 31, 9, tzinfo=UTC)


def test_charts_have_the_numbers_of_the_rows(demo: Demo) -> None:
    for tool, given, column in (
        ("get_case_trends", {"group_by": ["month", "Priority"]}, "cases"),
        ("get_case_trends", {"group_by": ["Priority", "Type"]}, "cases"),
        ("get_sla_compliance", {}, "compliance_percent"),
        ("get_deflection_metrics", {"group_by": "channel"}, "deflection_rate_percent"),
    ):
        listed = demo.call(tool, days=90, **given)
        assert isinstance(listed, Table)
        assert listed.plot
        place = listed.columns.index(column)
        assert [point.value for point in listed.plot.points] == [
            row[place] for row in listed.rows if row[place] is not None
        ]
        assert listed.plot.over_time == ("month" in listed.columns)
    outcomes = demo.call("get_deflection_metrics", days=90)
    assert isinstance(outcomes, Table)
    assert outcomes.plot
    assert [(point.label, point.value) for point in outcomes.plot.points][:2] == [
        ("Deflected", outcomes.rows[0][1]),
        ("Case Created", outcomes.rows[0][2]),
    ]
