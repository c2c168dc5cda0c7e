"""Invocable actions, quick actions and suggested articles of the demo org."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.demo import state
from salesforce_mcp.demo.actions.standard import OUTBOX
from tests.demo.conftest import Web

EMAIL = {"emailSubject": "Your generator", "emailBody": "It is on its way.", "recipientAddresses": "kim@acme.example"}


def a_case(web: Web, **fields: Any) -> str:
    answer = web.post("/v/sobjects/Case", json={"Subject": "Generator does not start", **fields})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def run(web: Web, action: str, *inputs: dict[str, Any], token: str = "admin", version: str = "v66.0") -> Any:
    answer = web.post(f"/services/data/{version}/actions/{action}", token=token, json={"inputs": list(inputs)})
    assert answer.status_code == 200, answer.text
    return answer.json()


def records(web: Web, soql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get("/v/query", params={"q": soql}).json()["records"]
    return found


def sent(web: Web) -> list[dict[str, Any]]:
    return [email for _, email in state.items(web.org.store, OUTBOX)]


def test_lists_lead_to_actions(web: Web) -> None:
    assert set(web.get("/v/actions").json()) == {"standard", "custom"}
    standard = web.get("/v/actions/standard").json()["actions"]
    assert {each["name"] for each in standard} == {"chatterPost", "emailSimple"}
    flows = web.get("/v/actions/custom/flow").json()["actions"]
    for each in [*standard, *flows, *web.get("/v/actions/custom/quickAction").json()["actions"]]:
        assert web.get(each["url"]).json()["type"] == each["type"]
    assert web.get("/v/actions/custom/emailAlert").json() == {"actions": []}
    assert web.get("/v/actions/custom/other").status_code == 404


def test_inputs_depend_on_the_version(web: Web) -> None:
    def names(version: str) -> set[str]:
        described = web.get(f"/services/data/{version}/actions/standard/emailSimple").json()
        assert {"byteLength", "required", "maxOccurs", "picklistValues"} <= set(described["inputs"][0])
        return {each["name"] for each in described["inputs"]}

    assert "recipientAddresses" in names("v65.0") and "emailAddresses" not in names("v65.0")
    assert "emailAddresses" in names("v64.0") and "recipientAddresses" not in names("v64.0")
    assert "relatedRecordId" not in names("v57.0")


def test_an_email_is_sent_and_logged_where_asked(web: Web) -> None:
    case, before = a_case(web), len(sent(web))
    (outcome,) = run(web, "standard/emailSimple", {**EMAIL, "relatedRecordId": case, "logEmailOnSend": True})
    assert outcome["isSuccess"] and outcome["errors"] is None
    assert "sortOrder" in outcome
    logged = records(web, f"SELECT Status, ToAddress, Incoming FROM EmailMessage WHERE ParentId = '{case}'")
    assert [(each["Status"], each["ToAddress"], each["Incoming"]) for each in logged] == [
        ("3", "kim@acme.example", False)
    ]
    run(web, "standard/emailSimple", EMAIL)
    assert len(sent(web)) == before + 2
    assert len(records(web, f"SELECT Id FROM EmailMessage WHERE ParentId = '{case}'")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"recipientAddresses": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"recipientAddresses": None}, "REQUIRED_FIELD_MISSING"),
        ({"emailSubject": None}, "REQUIRED_FIELD_MISSING"),
        ({"logEmailOnSend": True}, "REQUIRED_FIELD_MISSING"),
        ({"logEmailOnSend": "yes"}, "INVALID_API_INPUT"),
        ({"emailAddresses": "kim@acme.example"}, "INVALID_API_INPUT"),
        ({"relatedRecordId": "500000000000001"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"senderType": "Robot"}, "INVALID_API_INPUT"),
    ],
)
def test_an_input_that_fails_sends_nothing(web: Web, change: dict[str, Any], code: str) -> None:
    before = len(sent(web))
    good, bad = run(web, "standard/emailSimple", EMAIL, {**EMAIL, **change})
    assert good["isSuccess"]
    assert not bad["isSuccess"] and bad["outputValues"] is None
    assert [each["statusCode"] for each in bad["errors"]] == [code]
    assert set(bad["errors"][0]) == {"statusCode", "message", "fields"}
    assert len(sent(web)) == before + 1


def test_a_flow_changes_the_case(web: Web) -> None:
    case = a_case(web)
    (outcome,) = run(web, "custom/flow/Escalate_Case", {"caseId": case, "reason": "Down for two days"})
    assert outcome["outputValues"]["Flow__InterviewStatus"] == "Finished"
    (shown,) = records(web, f"SELECT Status, IsEscalated FROM Case WHERE Id = '{case}'")
    assert (shown["Status"], shown["IsEscalated"]) == ("Escalated", True)
    (comment,) = records(web, f"SELECT CommentBody, IsPublished FROM CaseComment WHERE ParentId = '{case}'")
    assert comment["CommentBody"].endswith("Down for two days") and not comment["IsPublished"]
    (outcome,) = run(web, "custom/flow/Reopen_Case", {"caseId": case}, version="v59.0")
    assert set(outcome) == {"actionName", "errors", "isSuccess", "outputValues"}


def test_apex_needs_access_to_its_class(web: Web) -> None:
    (account,) = records(web, "SELECT Id FROM Account LIMIT 1")
    (outcome,) = run(web, "custom/apex/OpenCaseCounter", {"accountId": account["Id"]})
    assert outcome["outputValues"]["output"] >= 0
    assert web.get("/v/actions/custom/apex/OpenCaseCounter", token="standard").status_code == 404
    assert web.get("/v/actions/custom/apex", token="standard").json() == {"actions": []}


def test_mentions_in_a_post(web: Web) -> None:
    user = records(web, "SELECT Id FROM User LIMIT 1")[0]["Id"]
    (outcome,) = run(
        web, "standard/chatterPost", {"subjectNameOrId": user, "text": f"Hi @[{user}], see #[spare parts]"}
    )
    feed = web.get(f"/v/chatter/feed-elements/{outcome['outputValues']['feedItemId']}").json()
    assert {each["type"] for each in feed["body"]["messageSegments"]} >= {"Mention", "Hashtag"}
    (outcome,) = run(web, "standard/chatterPost", {"subjectNameOrId": "No Such Group", "type": "Group", "text": "Hi"})
    assert not outcome["isSuccess"]


def test_quick_actions_create_and_change(web: Web) -> None:
    case = a_case(web)
    names = {each["name"] for each in web.get("/v/sobjects/Case/quickActions/").json()}
    assert names >= {"NewTask", "Case.LogACall"}
    assert "Case.LogACall" not in {each["name"] for each in web.get("/v/sobjects/Account/quickActions").json()}
    defaults = web.get(f"/v/sobjects/Case/quickActions/LogACall/defaultValues/{case}").json()
    assert (defaults["WhatId"], defaults["Status"]) == (case, "Completed")
    made = web.post("/v/sobjects/Case/quickActions/LogACall", json={"contextId": case, "record": {"Subject": "Rang"}})
    assert made.status_code == 201 and made.json()["success"]
    assert records(web, f"SELECT Subject FROM Task WHERE WhatId = '{case}'")[0]["Subject"] == "Rang"
    changed = web.post("/v/quickActions/Case.ChangeStatus", json={"contextId": case, "record": {"Status": "Working"}})
    assert changed.json()["created"] is False
    (outcome,) = run(web, "custom/quickAction/Case/ChangeStatus", {"contextId": case, "Status": "Closed"})
    assert outcome["isSuccess"]
    assert records(web, f"SELECT Status FROM Case WHERE Id = '{case}'")[0]["Status"] == "Closed"
    assert web.post("/v/quickActions/NewContact", json={"record": {}}).status_code == 400


def test_articles_are_suggested_for_cases(web: Web) -> None:
    case = a_case(web, Description="Error E-42 after the battery was replaced")
    found = web.get(f"/v/sobjects/Case/{case}/suggestedArticles", params={"language": "en_US"}).json()
    assert found and set(found[0]) == {"attributes", "Id"}
    text = {"language": "en_US", "subject": "Generator does not start", "limit": "2"}
    assert len(web.get("/v/sobjects/Case/suggestedArticles", params=text, token="standard").json()) == 2
    assert web.get(f"/v/sobjects/Case/{case}/suggestedArticles").status_code == 400
    assert web.get("/v/sobjects/Account/suggestedArticles", params=text).status_code == 404
