"""Fields that a tool chose itself: those that are denied are left out and named, not the whole answer refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.policy.conftest import Desk

Sit = Callable[..., Desk]


def case_with(there: Desk, source: str) -> str:
    """A case of which there are records of this object."""
    found = there.call("query", soql=f"SELECT ParentId FROM {source} WHERE Parent.ContactId != null LIMIT 1")
    return str(found["rows"][0][0])


def said(answer: dict[str, Any]) -> str:
    return " ".join(answer["notes"])


def test_a_case_without_what_is_denied(desk: Sit) -> None:
    case = case_with(desk(), "CaseComment")
    there = desk('deny_fields = ["Contact.Email", "Case.Description"]')
    found = there.call("get_case", case_id=case)
    assert found["Subject"]
    assert not {"Contact.Email", "Description"} & set(found)
    assert said(found) == "Left out by policy: Case.Description, Case.Contact.Email."
    assert there.refused("get_case", case_id=case, fields=["Subject", "Contact.Email"]) == "FIELD_DENIED"
    assert desk('deny_objects = ["Case"]').refused("get_case", case_id=case) == "OBJECT_DENIED"
    allowed = 'allow_objects = ["Case"]\nallow_fields = ["Case.ParentId"]'  # nothing that it shows
    assert desk(allowed).refused("get_case", case_id=case) == "FIELD_DENIED"


def test_records_say_that_something_is_hidden(desk: Sit) -> None:
    contact = desk().call("query", soql="SELECT Id FROM Contact LIMIT 1")["rows"][0][0]
    there = desk('deny_fields = ["Contact.Email"]')
    assert "policy hides" in said(there.call("get_record", object="Contact", id=contact))
    assert "notes" not in there.call("get_record", object="Contact", id=contact, fields=["LastName"])
    deal = there.call("query", soql="SELECT Id FROM Opportunity LIMIT 1")["rows"][0][0]
    assert "notes" not in there.call("get_record", object="Opportunity", id=deal)


def test_a_timeline_without_what_is_denied(desk: Sit) -> None:
    case = case_with(desk(), "EmailMessage")
    whole = desk().call("get_case_timeline", case_id=case)
    there = desk(
        'deny_fields = ["EmailMessage.TextBody", "EmailMessage.HtmlBody", "CaseComment.CommentBody", "*.Subject"]'
    )
    found = there.call("get_case_timeline", case_id=case)
    assert len(found["rows"]) == len(whole["rows"])
    assert "EmailMessage.TextBody" in said(found)
    texts = {row[5]: row[4] for row in whole["rows"] if row[1].startswith("email")}
    less = {row[5]: row[4] for row in found["rows"] if row[1].startswith("email")}
    assert all(len(less[each]) < len(text) for each, text in texts.items())
    hidden = desk('deny_fields = ["EmailMessage.Incoming"]').call("get_case_timeline", case_id=case)
    assert "Left out: emails (FIELD_DENIED" in said(hidden)  # whose email it was can't be told
    assert not any(row[1].startswith("email") for row in hidden["rows"])


def test_a_case_is_opened_although_its_contact_cannot_be_looked_for(desk: Sit) -> None:
    there = desk('deny_fields = ["Contact.Email", "Case.CaseNumber"]')
    given = {"subject": "Leak", "description": "Water", "priority": "High", "contact_email": "a@example.com"}
    made = there.call("create_case", **given)
    assert made["Status"]
    assert "CaseNumber" not in made
    assert "No contact was looked for (FIELD_DENIED)" in said(made)
    named = desk('deny_fields = ["Contact.Name"]')
    email = desk().call("query", soql="SELECT Email FROM Contact WHERE Email != null LIMIT 1")["rows"][0][0]
    assert "Contact: 003" in said(named.call("create_case", **{**given, "contact_email": email}))


def test_articles_for_a_case_without_what_is_denied(desk: Sit) -> None:
    case = case_with(desk(), "CaseComment")
    there = desk('deny_fields = ["Case.Description", "KnowledgeArticleVersion.Summary"]')
    assert there.refused("suggest_kb_for_case", case_id=case) == "UNCHECKED"  # full text would look into it
    found = desk('deny_fields = ["Case.Description"]').call("suggest_kb_for_case", case_id=case)
    assert "Case.Description" in said(found)
    draft = desk('deny_fields = ["Case.Description", "CaseComment.CommentBody"]').call(
        "draft_kb_article", case_id=case, title="Leaks", url_name="leaks-and-policies"
    )
    assert "Case.Description" in said(draft)
    assert "Left out: comments (FIELD_DENIED" in said(draft)


@pytest.mark.parametrize(
    ("tool", "arguments", "denied"),
    [
        ("list_reports", {}, "Report.Description"),
        ("list_dashboards", {}, "Dashboard.Description"),
        ("list_files", {}, "ContentDocument.FileExtension"),
        ("list_knowledge_articles", {"status": "Draft"}, "KnowledgeArticleVersion.Summary"),
        ("get_user_info", {}, "Organization.Name"),
    ],
)
def test_lists_without_what_is_denied(desk: Sit, tool: str, arguments: dict[str, Any], denied: str) -> None:
    answer = desk(f'deny_fields = ["{denied}"]').call(tool, **arguments)
    assert f"Left out by policy: {denied}." in answer["notes"]
    assert denied.partition(".")[2] not in answer.get("columns", ())


def test_plain_names_without_what_is_denied(desk: Sit) -> None:
    there = desk('deny_fields = ["Account.Name"]')
    found = there.call("crm_list", resource="contact")
    assert "email" in found["columns"]
    assert "company" not in found["columns"]
    assert "Contact.Account.Name" in said(found)
    contact = found["rows"][0][found["columns"].index("id")]
    assert "company" not in there.call("crm_get", resource="contact", id=contact)
    assert there.refused("crm_list", resource="contact", fields=["company"]) == "FIELD_DENIED"
