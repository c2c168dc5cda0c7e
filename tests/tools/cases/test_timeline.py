"""A case's timeline: all sources in order, what failed, what was left out."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, NetworkError, SalesforceError
from salesforce_mcp.tools.cases.happenings import MAX_TEXT, READERS, plain, shortened
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

CASE = "500000000000001AAA"
MOMENT = "2026-01-05T09:00:00.000+0000"


def busy_case(demo: Demo) -> str:
    """A case with something of everything."""
    entitlement = demo.rows("SELECT Id, AccountId FROM Entitlement WHERE Status = 'Active' LIMIT 1")[0]
    fields = {"EntitlementId": entitlement["Id"], "AccountId": entitlement["AccountId"]}
    case = demo.structure("create_case", subject="Busy", description="x", priority="Low", fields=fields)["id"]
    demo.call("add_case_comment", case_id=case, body="Internal word")
    demo.call("add_case_comment", case_id=case, body="Public word", published=True)
    demo.call("send_case_email", case_id=case, to_address="kim@a.example", subject="Hello", body="Sent word")
    demo.call("send_case_email", case_id=case, to_address="kim@a.example", subject="Later", body="x", status="Draft")
    post = demo.structure("post_to_chatter", subject_id=case, message="Posted word")["id"]
    demo.call("post_comment", id=post, message="Answered word")
    demo.call("update_case", case_id=case, fields={"Status": "Working"})
    start = {"WhatId": case, "StartDateTime": "2026-01-05T09:00:00Z", "DurationInMinutes": 30, "Subject": "Visit"}
    demo.call("create_record", object="Event", data=start)
    demo.call("create_record", object="Task", data={"WhatId": case, "Subject": "Ring"})
    return str(case)


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Pump &amp; hose</p><style>p {}</style>", "Pump & hose"),
        ("when 1 < 2 <b>stop</b>", "when 1 < 2  stop"),
        ("before<script>x = '<p>'; // never closed", "before"),
    ],
)
def test_the_text_of_html(html: str, text: str) -> None:
    assert plain(html) == text


def test_all_sources_in_the_order_of_time(demo: Demo) -> None:
    case = busy_case(demo)
    answer = demo.structure("get_case_timeline", case_id=case)
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    assert [row["time"] for row in rows] == sorted(row["time"] for row in rows)
    assert rows[0]["source"] == "event"
    texts = [row["text"] for row in rows]
    assert texts.index("created") < min(at for at, row in enumerate(rows) if row["source"] == "comment")
    seen = {(row["source"], row["visibility"]) for row in rows}
    assert seen >= {
        ("comment", "internal"),
        ("comment", "public"),
        ("email out", "public"),
        ("email draft", "internal"),
        ("post", "public"),
        ("post comment", "public"),
        ("change", "internal"),
        ("task", "internal"),
        ("milestone", "internal"),
    }
    for word in ("Internal", "Public", "Sent", "Posted", "Answered"):
        assert f"{word} word" in " ".join(texts)
    assert "Status: New -> Working" in texts


def test_a_long_timeline_goes_on_with_a_cursor(demo: Demo) -> None:
    case = busy_case(demo)
    whole = demo.structure("get_case_timeline", case_id=case)
    first = demo.structure("get_case_timeline", case_id=case, limit=4)
    assert (first["total"], len(first["rows"])) == (whole["total"], 4)
    rest = demo.structure("get_case_timeline", case_id=case, cursor=first["cursor"])
    assert rest["rows"] == whole["rows"][4:8]


def parts(seen: Seen, refused: dict[str, tuple[int, str]]) -> Reply:
    """A composite answer in which these parts fail."""
    answers = []
    for part in seen.json()["compositeRequest"]:
        name = part["referenceId"]
        status, code = refused.get(name, (200, ""))
        body: Any = {"totalSize": 0, "done": True, "records": []}
        if name == "case":
            body = {"CaseNumber": "1", "Subject": "S", "Status": "New", "CreatedDate": MOMENT}
        if code:
            body = [{"errorCode": code, "message": f"No {name}"}]
        answers.append({"referenceId": name, "httpStatusCode": status, "httpHeaders": {}, "body": body})
    return ok({"compositeResponse": answers})


def test_two_requests_with_at_most_five_queries_each(org: ScriptedOrg, call: Call) -> None:
    org.on("POST composite", lambda seen: parts(seen, {}))
    call("get_case_timeline", case_id=CASE)
    queries = [[part for part in seen.json()["compositeRequest"] if "query" in part["url"]] for seen in org.seen]
    assert len(queries) == 2
    assert max(map(len, queries)) <= 5


def test_a_part_that_failed_is_named_with_its_reason(org: ScriptedOrg, call: Call) -> None:
    refused = {"history": (400, "INSUFFICIENT_ACCESS"), "milestones": (400, "INVALID_TYPE")}
    org.on("POST composite", lambda seen: parts(seen, refused))
    answer = call("get_case_timeline", case_id=CASE)
    assert answer.failed
    assert "Left out: history (INSUFFICIENT_ACCESS: No history)." in answer.notes
    assert any("No milestones" in note for note in answer.notes)


def test_a_request_that_failed_is_the_failure_of_its_parts(org: ScriptedOrg, call: Call) -> None:
    def answer(seen: Seen) -> Reply:
        if any(part["referenceId"] == "tasks" for part in seen.json()["compositeRequest"]):
            return Reply(400, [{"errorCode": "QUERY_TIMEOUT", "message": "Too slow"}])
        return parts(seen, {})

    org.on("POST composite", answer)
    shown = call("get_case_timeline", case_id=CASE)
    assert shown.failed
    assert sum("QUERY_TIMEOUT" in note for note in shown.notes) == 4
    org.on("POST composite", Reply(503, None))
    with pytest.raises((SalesforceError, NetworkError)):
        call("get_case_timeline", case_id=CASE)


def test_further_pages_are_read(org: ScriptedOrg, call: Call) -> None:
    comment = {"CommentBody": "x", "IsPublished": False, "CreatedDate": MOMENT, "CreatedBy": None}

    def answer(seen: Seen) -> Reply:
        reply = parts(seen, {})
        for part in reply.body["compositeResponse"]:
            if part["referenceId"] == "comments":
                part["body"] |= {
                    "totalSize": 2,
                    "done": False,
                    "records": [{"Id": "00a1", **comment}],
                    "nextRecordsUrl": "/services/data/v66.0/query/01g000000000001AAA-2000",
                }
        return reply

    org.on("POST composite", answer)
    page = {"totalSize": 2, "done": True, "records": [{"Id": "00a2", **comment}]}
    org.on("GET query/01g000000000001AAA-2000", ok(page))
    assert [row[-1] for row in call("get_case_timeline", case_id=CASE).as_dict()["rows"]] == ["00a1", "00a2"]


def test_an_unknown_case(demo: Demo) -> None:
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        demo.call("get_case_timeline", case_id="500000000000009AAA")
    with pytest.raises(ArgumentError):
        demo.call("get_case_timeline", case_id="' OR Id != '")


def test_emails_in_html_and_long_texts() -> None:
    email = {
        "Id": "02s1",
        "Subject": "S",
        "TextBody": None,
        "HtmlBody": "<style>p{}</style><p>Tea &amp; <b>milk</b></p>",
        "FromName": None,
        "FromAddress": "kim@a.example",
        "ToAddress": "x@y.example",
        "Incoming": True,
        "Status": "0",
        "MessageDate": None,
        "CreatedDate": MOMENT,
    }
    (told,) = READERS["emails"](email)
    assert (told.author, told.text, told.time) == ("kim@a.example", "(new): S: Tea & milk", MOMENT)
    assert shortened("x" * (MAX_TEXT + 1)).endswith(f"... ({MAX_TEXT + 1} characters)")
