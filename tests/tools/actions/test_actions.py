"""Invocable actions: lists, descriptions, runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import Reply, ScriptedOrg, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

EMAIL = {"emailSubject": "Hi", "emailBody": "There", "recipientAddresses": ["kim@acme.example"]}


def test_all_kinds_are_listed_with_one_request(demo: Demo) -> None:
    rows = demo.structure("list_actions")["rows"]
    assert ["standard/emailSimple", "Send Email"] in rows
    assert {row[0] for row in rows} >= {"flow/Escalate_Case", "apex/OpenCaseCounter", "quickAction/Case/LogACall"}
    assert demo.structure("list_actions", kind="flow", filter="ESCAL")["rows"] == [
        ["flow/Escalate_Case", "Escalate Case"]
    ]
    first = demo.structure("list_actions", limit=2)
    assert first["cursor"] and first["total"] == len(rows)
    assert demo.structure("list_actions", cursor=first["cursor"])["rows"][0] == rows[2]


def test_a_description_tells_what_to_give(demo: Demo) -> None:
    for action in ("standard/emailSimple", "emailSimple"):
        described = demo.structure("describe_action", action=action)
        columns = described["inputs"]["columns"]
        inputs = {row[0]: dict(zip(columns, row, strict=True)) for row in described["inputs"]["rows"]}
        assert inputs["emailSubject"]["required"] and inputs["recipientAddresses"]["many"]
        assert "CurrentUser" in inputs["senderType"]["values"]
    assert demo.structure("describe_action", action="custom/flow/Escalate_Case")["action"]["type"] == "FLOW"


def test_each_input_has_its_outcome(demo: Demo) -> None:
    case = demo.rows("SELECT Id FROM Case WHERE IsClosed = false AND IsEscalated = false LIMIT 1")[0]["Id"]
    inputs = [{"caseId": case, "reason": "Waits"}, {"caseId": "500000000000009AAA"}]
    answer = demo.call("run_action", action="flow/Escalate_Case", inputs=inputs)
    assert answer.failed
    done, refused = answer.as_dict()["rows"]
    assert done[1] is True and done[4]["Flow__InterviewStatus"] == "Finished"
    assert refused[:3] == [1, False, "INVALID_CROSS_REFERENCE_KEY"]
    assert demo.rows(f"SELECT IsEscalated FROM Case WHERE Id = '{case}'")[0]["IsEscalated"]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"emailSubjects": "x"}, "emailSubjects: no such input; it takes emailSubject"),
        ({"emailBody": None}, "emailBody: required"),
        ({"logEmailOnSend": "yes"}, "logEmailOnSend: must be true or false"),
        ({"relatedRecordId": "../x"}, "is not a record Id"),
        ({"emailSubject": ["a", "b"]}, "takes one value"),
        ({"emailSubject": 1}, "must be text"),
        ({"recipientAddresses": ["x" * 4001]}, "more than 4000 bytes"),
    ],
)
def test_inputs_are_checked_before_anything_is_run(demo: Demo, inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        demo.call("run_action", action="emailSimple", inputs=[{**EMAIL, **inputs}])


@pytest.mark.parametrize("action", ["", "..", "flow/../limits", "a/b/c/d", "flow/a?b", "flow/a b", "Ａ", "x" * 500])
def test_names_that_are_none(call: Call, org: ScriptedOrg, action: str) -> None:
    with pytest.raises(ArgumentError, match="is no action"):
        call("describe_action", action=action)
    assert not org.seen


def test_rights_hold(standard: Demo) -> None:
    assert standard.structure("list_actions", kind="apex")["total"] == 0
    with pytest.raises(SalesforceError, match="NOT_FOUND") as caught:
        standard.call("describe_action", action="apex/OpenCaseCounter")
    assert "list_actions" in str(caught.value.hint)


def test_outcomes_under_a_refusal_are_understood(org: ScriptedOrg, call: Call) -> None:
    errors = [{"statusCode": "UNKNOWN_EXCEPTION", "message": "The flow failed.", "fields": []}]
    outcomes = [
        {"actionName": "X", "errors": None, "isSuccess": True, "outputValues": None},
        {"actionName": "X", "errors": errors, "isSuccess": False, "outputValues": None},
    ]
    org.on("GET actions/custom/flow/X", ok({"inputs": []}))
    org.on("POST actions/custom/flow/X", Reply(400, outcomes))
    with pytest.raises(SalesforceError, match="UNKNOWN_EXCEPTION: input 2: The flow failed"):
        call("run_action", action="flow/X", inputs=[{}, {}])


RECORDED = {
    "actions-doc-invoking-actions": ("standard/chatterPost", 2, False),
    "actions-doc-lead-action-2": ("standard/invocableApplyLeadAssignmentRules", 1, True),
    "actions-doc-lead-action-4": ("standard/invocableApplyLeadAssignmentRules", 1, True),
    "actions-doc-live-message-notification-actions": ("standard/liveMessageNotification", 1, False),
    "actions-doc-omni-channel-action": ("standard/skillsBasedRouting", 1, False),
    "actions-doc-process-first-payment-billing-for-subscriptions-action": (
        "standard/processFirstPaymentBilling",
        1,
        False,
    ),
    "actions-doc-record-tax-transaction-action": ("standard/recordTaxTransaction", 1, False),
    "actions-doc-send-conversation-messages-actions": ("standard/sendConversationMessages", 1, False),
    "actions-doc-speech-to-text-action": ("standard/speechToText", 1, False),
    "actions-doc-work-plan-and-work-step-actions": ("standard/deleteWorkPlans", 1, False),
    "actions-doc-explore-conversation-actions": ("standard/exploreConversation", 1, False),
}


@pytest.mark.parametrize("case", RECORDED)
def test_recorded_answers(
    org: ScriptedOrg, call: Call, sample: Callable[[str], Any], recorded: Callable[[str, str], Any], case: str
) -> None:
    action, rows, failed = RECORDED[case]
    given = sample(case)["request"]["body"]["inputs"]
    described = [{"name": name, "type": "APEX", "maxOccurs": 200} for name in set().union(*given)]
    org.on(f"GET actions/{action}", ok({"inputs": described}))
    recorded(f"POST actions/{action}", case)
    answer = call("run_action", action=action, inputs=given)
    assert answer.failed == failed
    assert len(answer.as_dict()["rows"]) == rows
