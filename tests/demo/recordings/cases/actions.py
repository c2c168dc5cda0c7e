"""Invocable actions: examples of the guides; one recording, of a quick action."""

from tests.demo.recordings.replay import NEWER_KEYS, Org, Replay

NOT_OURS = "an action of a product that the demo org doesn't have"
FAILED_BY_LEAD_RULES = "its answer is of lead assignment rules, which the demo org doesn't have"


def people(org: Org) -> dict[str, str]:
    names = [each["Username"] for each in org.get("query", q="SELECT Username FROM User LIMIT 2")["records"]]
    return {"one": names[0], "two": names[1]}


CASES: dict[str, Replay | str] = {
    "actions-doc-deploy-data-kit-components-by-using-deploy-data-kit-componen": NOT_OURS,
    "actions-doc-explore-conversation-actions": NOT_OURS,
    "actions-doc-get-conversation-intelligence-action": NOT_OURS,
    "actions-doc-get-custom-invocable-actions": Replay(),
    "actions-doc-invoking-actions": Replay(
        body={
            "inputs": [
                {"subjectNameOrId": "{one}", "type": "user", "text": "first chatter post!"},
                {"subjectNameOrId": "{two}", "type": "user", "text": "second chatter post!"},
            ]
        },
        setup=people,
        explained=NEWER_KEYS,
    ),
    "actions-doc-lead-action-2": FAILED_BY_LEAD_RULES,
    "actions-doc-lead-action-3": FAILED_BY_LEAD_RULES,
    "actions-doc-lead-action-4": FAILED_BY_LEAD_RULES,
    "actions-doc-live-message-notification-actions": NOT_OURS,
    "actions-doc-omni-channel-action": NOT_OURS,
    "actions-doc-process-first-payment-billing-for-subscriptions-action": NOT_OURS,
    "actions-doc-record-tax-transaction-action": NOT_OURS,
    "actions-doc-send-conversation-messages-actions": NOT_OURS,
    "actions-doc-speech-to-text-action": NOT_OURS,
    "actions-doc-work-plan-and-work-step-actions": NOT_OURS,
    "actions-get-quick-action-defaults": Replay(),
}
