"""Cases opened, read, changed, commented, categorized; conversations logged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce.metadata import tag
from salesforce_mcp.tools.cases.interactions import DEFINITION, OBJECT
from tests.salesforce.scripted import Reply, ScriptedOrg, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

NEW = {"subject": "Pump leaks", "description": "Oil below the pump", "priority": "High"}


def opened(demo: Demo, **given: Any) -> str:
    return str(demo.structure("create_case", **{**NEW, **given})["id"])


def contact(demo: Demo, **fields: Any) -> dict[str, Any]:
    email = f"{uuid4().hex}@cases.example"
    made = demo.structure("create_record", object="Contact", data={"LastName": "Kim", "Email": email, **fields})
    return {"id": made["id"], "email": email}


def test_a_case_is_opened_for_the_contact_with_the_address(demo: Demo) -> None:
    person = contact(demo)
    made = demo.structure("create_case", **NEW, contact_email=person["email"], type="Mechanical", origin="Email")
    (case,) = demo.rows(f"SELECT ContactId, SuppliedEmail, Type, Origin FROM Case WHERE Id = '{made['id']}'")
    assert (case["ContactId"], case["SuppliedEmail"]) == (person["id"], person["email"])
    assert (case["Type"], case["Origin"]) == ("Mechanical", "Email")
    assert made["CaseNumber"] and "Kim" in made["notes"][0]


def test_an_address_of_nobody_or_of_several_is_said(demo: Demo) -> None:
    nobody = demo.structure("create_case", **NEW, contact_email="nobody@cases.example")
    assert nobody["ContactId"] is None and "No contact" in nobody["notes"][0]
    account = demo.structure("create_record", object="Account", data={"Name": "Cases Inc."})["id"]
    person = contact(demo, AccountId=account)
    contact(demo, Email=person["email"])
    several = demo.structure("create_case", **NEW, contact_email=person["email"])
    assert several["ContactId"] is None and "2 contacts have" in several["notes"][0]
    chosen = demo.structure("create_case", **NEW, contact_email=person["email"], account_id=account)
    assert chosen["ContactId"] == person["id"]


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"subject": " "}, "subject: it cannot be empty"),
        ({"contact_email": "x' OR Name != '"}, "is not an email address"),
        ({"account_id": "../x"}, "is not a record Id"),
        ({"account_id": "Acme"}, "a query finds it by name or number"),
        ({"fields": {"Subject": "Other"}}, "another Subject"),
        ({"fields": {"Sujet": "x"}}, "INVALID_FIELD"),
    ],
)
def test_a_case_that_cannot_be_opened(demo: Demo, given: dict[str, Any], error: str) -> None:
    with pytest.raises((ArgumentError, SalesforceError), match=error):
        demo.call("create_case", **{**NEW, **given})


def test_a_case_is_read_changed_and_commented(demo: Demo, standard: Demo) -> None:
    case = opened(demo)
    standard.call("update_case", case_id=case, fields={"Status": "Working"})
    assert demo.structure("get_case", case_id=case)["Status"] == "Working"
    assert demo.structure("get_case", case_id=case, fields="CaseNumber,Owner.Name")["Owner.Name"]
    for published in (False, True):
        demo.call("add_case_comment", case_id=case, body="It's 5% \\ done", published=published)
    rows = demo.rows(f"SELECT CommentBody, IsPublished FROM CaseComment WHERE ParentId = '{case}' ORDER BY Id")
    assert [(row["CommentBody"], row["IsPublished"]) for row in rows] == [
        ("It's 5% \\ done", False),
        ("It's 5% \\ done", True),
    ]
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        demo.call("get_case", case_id="500000000000009AAA")
    with pytest.raises(ArgumentError, match="not the Id of a case"):
        demo.call("get_case", case_id="001000000000001AAA")


def test_categorizing_changes_what_is_named_and_nothing_else(demo: Demo) -> None:
    case = opened(demo)
    made = demo.structure("categorize_case", case_id=case, type="mechanical", reason="Breakdown")
    assert made["Type"] == "Mechanical"
    (shown,) = demo.rows(f"SELECT Type, Reason, Subject FROM Case WHERE Id = '{case}'")
    assert (shown["Type"], shown["Reason"], shown["Subject"]) == ("Mechanical", "Breakdown", NEW["subject"])
    demo.call(
        "categorize_case", case_id=case, type="Other", reason="Other", subject="Leak", internal_comments="Looked at it"
    )
    (shown,) = demo.rows(
        f"SELECT Subject, (SELECT CommentBody, IsPublished FROM CaseComments) FROM Case WHERE Id = '{case}'"
    )
    (comment,) = shown["CaseComments"]["records"]
    assert (shown["Subject"], comment["CommentBody"], comment["IsPublished"]) == ("Leak", "Looked at it", False)


def test_categorizing_is_all_or_nothing(demo: Demo) -> None:
    case = opened(demo)
    with pytest.raises(ArgumentError, match="Mechanical, Electrical") as refused:
        demo.call("categorize_case", case_id=case, type="Mechanic", reason="Breakdown")
    assert "Mechanical" in str(refused.value.hint)
    with pytest.raises(SalesforceError, match="STRING_TOO_LONG"):
        demo.call("categorize_case", case_id=case, type="Other", reason="Other", internal_comments="x" * 4001)
    assert demo.rows(f"SELECT Type FROM Case WHERE Id = '{case}'")[0]["Type"] is None


def test_an_interaction_is_logged_once_a_conversation(demo: Demo, standard: Demo) -> None:
    given = {"outcome": "Deflected", "summary": "Solved", "kb_articles_shown": ["A", "B"], "channel": "Customer Portal"}
    key = f"../{uuid4()} '%"
    first = standard.structure("log_interaction", conversation_id=key, **given)
    again = standard.structure("log_interaction", conversation_id=key, **{**given, "outcome": "Escalated"})
    assert (first["created"], again["created"], first["id"]) == (True, False, again["id"])
    (row,) = demo.rows(
        f"SELECT Outcome__c, KB_Articles_Shown__c, Conversation_Id__c FROM {OBJECT} WHERE Id = '{first['id']}'"
    )
    assert (row["Outcome__c"], row["KB_Articles_Shown__c"], row["Conversation_Id__c"]) == ("Escalated", "A; B", key)
    assert demo.structure("log_interaction", **given)["id"] != first["id"]
    with pytest.raises(ArgumentError, match="outcome"):
        demo.call("log_interaction", outcome="Solved", summary="x")


def test_recorded_cases(org: ScriptedOrg, call: Call, recorded: Callable[[str, str], Any]) -> None:
    recorded("GET query", "case-query-case-single-result")
    shown = call("get_case", case_id="500000000000001AAA", fields="CaseNumber,Account.Name,Contact.Name").as_dict()
    assert (shown["CaseNumber"], shown["Contact.Name"]) == ("00001000", "Rose Gonzalez")
    recorded("GET query", "case-query-empty-result")
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        call("get_case", case_id="500000000000001AAA")


@pytest.mark.parametrize("conversation", [None, "c-1"])
def test_without_the_object_the_error_says_how_to_add_it(
    org: ScriptedOrg, call: Call, conversation: str | None
) -> None:
    refusal = [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}]
    org.on(f"POST sobjects/{OBJECT}", Reply(404, refusal))
    org.on(f"PATCH sobjects/{OBJECT}/Conversation_Id__c/c-1", Reply(404, refusal))
    org.on("GET sobjects", ok({"sobjects": []}))
    given = {"conversation_id": conversation} if conversation else {}
    with pytest.raises(SalesforceError) as error:
        call("log_interaction", outcome="Deflected", summary="x", **given)
    assert "sf project deploy" in str(error.value.hint)


def test_the_definition_can_be_deployed(demo: Demo) -> None:
    root = ElementTree.parse(DEFINITION / "objects" / f"{OBJECT}.object").getroot()
    fields = {field.findtext(tag("fullName")): field for field in root.findall(tag("fields"))}
    described = {each["name"]: each for each in demo.client.describe(OBJECT)["fields"] if each["custom"]}
    assert set(fields) == set(described)
    for name, field in fields.items():
        values = [value.findtext(tag("fullName")) for value in field.iter(tag("value"))]
        assert values == [value["value"] for value in described[str(name)]["picklistValues"]]
        assert (field.findtext(tag("externalId")) == "true") == described[str(name)]["externalId"]
        assert (field.findtext(tag("required")) == "true") == (not described[str(name)]["nillable"])
    members = ElementTree.parse(DEFINITION / "package.xml").getroot().iter(tag("members"))
    assert {member.text for member in members} == {path.stem for path in DEFINITION.glob("*/*")}


def test_the_number_of_a_case_is_no_id(demo: Demo) -> None:
    with pytest.raises(ArgumentError, match="the number of a case, not its Id; a query finds that") as caught:
        demo.call("get_case", case_id="00001001")
    (case,) = demo.rows(caught.value.message.split("finds that: ")[1].rstrip("."))
    assert demo.structure("get_case", case_id=case["Id"])["CaseNumber"] == "00001001"
