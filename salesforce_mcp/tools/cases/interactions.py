"""Conversations of an assistant with customers, kept in the custom object Copilot_Interaction__c."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.cases.arguments import Address, CaseId, Text
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

OBJECT = "Copilot_Interaction__c"
KEY = "Conversation_Id__c"
DEFINITION = Path(__file__).parent / "metadata"
"""The object as metadata that can be deployed."""

Outcome = Literal["Deflected", "Case Created", "Abandoned", "Escalated"]
Severity = Literal["Sev 1 - Critical", "Sev 2 - High", "Sev 3 - Medium", "Sev 4 - Low"]
Channel = Literal["Service Console", "Customer Portal", "Documentation Site"]


def _joined(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value


Shown = Annotated[str, BeforeValidator(_joined)]
"""Articles, as text or as a list."""

ConversationId = Annotated[Text, Field(max_length=255)]


@tool(title="Log interaction", access="write")
def log_interaction(
    context: Context,
    outcome: Outcome,
    summary: Text,
    severity: Severity | None = None,
    topic: str | None = None,
    kb_articles_shown: Shown | None = None,
    case_id: CaseId | None = None,
    channel: Channel | None = None,
    conversation_id: ConversationId | None = None,
    user_email: Address | None = None,
) -> Record:
    """Log how a conversation with a customer ended. The same `conversation_id` again updates its record."""
    given = {
        "Outcome__c": outcome,
        "Summary__c": summary,
        "Severity__c": severity,
        "Topic__c": topic,
        "KB_Articles_Shown__c": kb_articles_shown,
        "Case__c": case_id,
        "Channel__c": channel,
        "User_Email__c": user_email,
    }
    data = {name: value for name, value in given.items() if value is not None}
    path = f"sobjects/{OBJECT}" + (f"/{KEY}/{segment(conversation_id)}" if conversation_id else "")
    try:
        response = context.client.request("PATCH" if conversation_id else "POST", path, json=data)
    except SalesforceError as error:
        raise needs_object(error) from None
    answer: dict[str, Any] = response.json() or {}
    # Older versions of the API answer an update with 204 and nothing else.
    created = bool(answer.get("created", response.status == 201))
    done = "Logged" if created else "Updated"
    return Record({"id": answer.get("id"), "created": created}, summary=f"{done} the interaction: {outcome}.")


def needs_object(error: SalesforceError) -> SalesforceError:
    """The error, with how to add the object where it is that the org lacks it."""
    if error.code in ("NOT_FOUND", "INVALID_TYPE", "INVALID_FIELD"):
        error.hint = (
            f"The org lacks {OBJECT} or one of its fields, or you have no access to it. To add it: sf project deploy"
            f" start --metadata-dir {DEFINITION}, then assign the permission set Copilot_Interactions."
        )
    return error
