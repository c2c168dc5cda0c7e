"""Emails to customers, suggested articles, articles from cases."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from salesforce_mcp.demo import state
from salesforce_mcp.demo.actions.standard import OUTBOX
from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools.cases.emailing import send_case_email
from salesforce_mcp.tools.cases.words import shared, worth_searching
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

CASE = "500000000000001AAA"
EMAIL = {"to_address": "kim@a.example", "subject": "Your pump", "body": "Fixed."}


def a_case(demo: Demo, description: str = "Error E-42 after the coolant sensor was cleaned") -> str:
    made = demo.structure("create_case", subject="Generator stops", description=description, priority="High")
    return str(made["id"])


def outbox(demo: Demo) -> int:
    return len(list(state.items(demo.org.store, OUTBOX)))


@pytest.mark.parametrize("user", [0, 1])
def test_sent_means_sent_and_logged(demo: Demo, standard: Demo, user: int) -> None:
    sender, case, before = (demo, standard)[user], a_case(demo), outbox(demo)
    assert "Sent to kim@a.example" in sender.shown("send_case_email", case_id=case, **EMAIL)
    assert outbox(demo) == before + 1
    (email,) = demo.rows(f"SELECT Status, Subject, TextBody FROM EmailMessage WHERE ParentId = '{case}'")
    assert (email["Status"], email["Subject"], email["TextBody"]) == ("3", "Your pump", "Fixed.")


def test_a_draft_is_saved_and_not_sent(demo: Demo) -> None:
    case, before = a_case(demo), outbox(demo)
    assert "nothing was sent" in demo.shown("send_case_email", case_id=case, status="Draft", **EMAIL)
    assert outbox(demo) == before
    assert demo.rows(f"SELECT Status FROM EmailMessage WHERE ParentId = '{case}'")[0]["Status"] == "5"


def test_an_email_that_is_refused(demo: Demo, org: ScriptedOrg, call: Call) -> None:
    with pytest.raises(SalesforceError, match="INVALID_CROSS_REFERENCE_KEY"):
        demo.call("send_case_email", case_id="500000000000009AAA", **EMAIL)
    for address in ("kim", "a@b", "a@b.c;d", "a@b.c,", "a@b.c\r\nBcc: x@y.z"):
        with pytest.raises(ArgumentError, match="is not an email address"):
            call("send_case_email", case_id=CASE, **{**EMAIL, "to_address": address})
    assert not org.seen


@pytest.mark.parametrize(("version", "name"), [("64.0", "emailAddresses"), ("65.0", "recipientAddresses")])
def test_the_input_for_recipients_depends_on_the_version(org: ScriptedOrg, version: str, name: str) -> None:
    outcome = {"actionName": "emailSimple", "errors": None, "isSuccess": True, "outputValues": None}
    org.on(f"POST /services/data/v{version}/actions/standard/emailSimple", ok([outcome]))
    with Client(ScriptedSession(org.url), version) as client:
        send_case_email(Context(lambda: client, pages=PageStore()), CASE, *EMAIL.values())
    assert org.seen[0].json()["inputs"][0][name] == "kim@a.example"


def test_articles_are_ranked_with_reasons_and_attached(demo: Demo) -> None:
    case = a_case(demo)
    answer = demo.structure("suggest_kb_for_case", case_id=case)
    rows = [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]
    assert "E-42" in rows[0]["title"]
    assert "suggested by Salesforce (no. 1)" in rows[0]["reason"] and "title has" in rows[0]["reason"]
    assert len({row["article_id"] for row in rows}) == len(rows)
    assert not any(row["attached"] for row in rows)
    again = demo.call("suggest_kb_for_case", case_id=case, attach=True, language="en_US")
    assert again.as_dict()["rows"][0][6] is True
    other = rows[1]["article_id"]
    demo.call("suggest_kb_for_case", case_id=case, attach=other)
    repeated = demo.structure("suggest_kb_for_case", case_id=case, attach=other)
    assert any("attached already" in note for note in repeated["notes"])
    attached = {
        row["KnowledgeArticleId"]
        for row in demo.rows(f"SELECT KnowledgeArticleId FROM CaseArticle WHERE CaseId = '{case}'")
    }
    assert attached == {rows[0]["article_id"], other}


def test_search_terms_replace_the_words_of_the_case(demo: Demo, standard: Demo) -> None:
    for user in (demo, standard):
        found = user.structure("suggest_kb_for_case", case_id=a_case(demo), search_terms='battery" OR (', limit=20)
        assert "Searched for: battery." in found["notes"]
        assert any("title has battery" in row[-1] for row in found["rows"])


def test_words_worth_searching() -> None:
    assert worth_searching(["The pump does not start", "Error E-42, pump P7"]) == [
        "pump",
        "start",
        "error",
        "e-42",
        "p7",
    ]
    assert worth_searching([None, ""]) == []
    assert shared(["e-42", "pump"], "What E-42 means") == ["e-42"]


def drafted(demo: Demo, case: str, **given: Any) -> dict[str, Any]:
    return demo.structure("draft_kb_article", case_id=case, title="Sensor", url_name=f"s-{uuid4().hex}", **given)


def test_an_article_is_made_of_the_case(demo: Demo) -> None:
    case = a_case(demo, "Stops <b>after</b> an hour")
    demo.call("add_case_comment", case_id=case, body="Customer is rude")
    demo.call("add_case_comment", case_id=case, body="Clean the sensor", published=True)
    demo.call("send_case_email", case_id=case, to_address="kim@a.example", subject="S", body="Replace the sensor")
    made = drafted(demo, case, summary="About sensors")
    assert (made["status"], made["linked"]) == ("Draft", True)
    (article,) = demo.rows(
        f"SELECT Question__c, Answer__c, Summary, SourceId FROM Knowledge__kav WHERE Id = '{made['version_id']}'"
    )
    assert article["Question__c"] == "<p>Stops &lt;b&gt;after&lt;/b&gt; an hour</p>"
    assert "Clean the sensor" in article["Answer__c"] and "rude" not in article["Answer__c"]
    assert article["Answer__c"].endswith("<h2>Resolution</h2><p>Replace the sensor</p>")
    assert (article["Summary"], article["SourceId"]) == ("About sensors", case)
    linked = demo.rows(f"SELECT KnowledgeArticleId FROM CaseArticle WHERE CaseId = '{case}'")
    assert [row["KnowledgeArticleId"] for row in linked] == [made["article_id"]]


def test_paragraphs_are_those_of_the_case(demo: Demo) -> None:
    """Salesforce's own pages end lines with CR LF."""
    made = drafted(demo, a_case(demo, "It stops.\r\nThen hums.\r\n\r\nEvery day."))
    assert made["fields"]["Question__c"] == "<p>It stops.<br>Then hums.</p><p>Every day.</p>"


def test_content_takes_the_place_of_what_was_answered(demo: Demo) -> None:
    made = drafted(demo, a_case(demo), content="<p>Own words</p>")
    assert made["fields"]["Answer__c"] == "<p>Own words</p>"
    empty = drafted(demo, a_case(demo))
    assert "no public answer" in empty["notes"][0]


def test_articles_that_cannot_be_made(demo: Demo, standard: Demo) -> None:
    case = a_case(demo)
    with pytest.raises(ArgumentError, match="ends in __kav"):
        drafted(demo, case, article_type="Account")
    before = demo.client.query("SELECT COUNT() FROM CaseArticle").total_size
    with pytest.raises((ArgumentError, SalesforceError)):
        drafted(standard, case)
    assert demo.client.query("SELECT COUNT() FROM CaseArticle").total_size == before
