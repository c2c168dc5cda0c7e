"""Emails to customers: really sent, through the standard action emailSimple, or kept as drafts."""

from __future__ import annotations

from typing import Any, Literal

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce import faults
from salesforce_mcp.tools.cases.arguments import Addresses, CaseId, Text
from salesforce_mcp.tools.cases.happenings import DRAFT
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

_LOGGED_SINCE, _RECIPIENTS_SINCE = 58.0, 65.0
"""API versions in which emailSimple began to log emails, and in which the input for recipients got a new name."""


@tool(title="Send case email", access="write", asks="email")
def send_case_email(
    context: Context,
    case_id: CaseId,
    to_address: Addresses,
    subject: Text,
    body: Text,
    status: Literal["Sent", "Draft"] = "Sent",
) -> Record:
    """Send an email and log it on the case; Draft saves it on the case without sending. Plain text."""
    if status == "Draft":
        return _save(context, case_id, to_address, subject, body)
    version = float(context.client.api_version)
    if version < _LOGGED_SINCE:
        raise SalesforceError(
            f"API version {version} can't log an email on a case; nothing was sent.",
            code="UNSUPPORTED_API_VERSION",
            hint=f"Use version {_LOGGED_SINCE} or later (SFMCP_API_VERSION).",
        )
    recipients = "recipientAddresses" if version >= _RECIPIENTS_SINCE else "emailAddresses"
    given = {
        recipients: to_address,
        "emailSubject": subject,
        "emailBody": body,
        "senderType": "CurrentUser",
        "relatedRecordId": case_id,
        "logEmailOnSend": True,
    }
    (outcome,) = context.client.post("actions/standard/emailSimple", {"inputs": [given]})
    if not outcome["isSuccess"]:
        raise faults.of_record(outcome.get("errors"))
    return Record(_shown(case_id, to_address, subject, "Sent"), summary=f"Sent to {to_address}, logged on the case.")


def _save(context: Context, case_id: str, to_address: str, subject: str, body: str) -> Record:
    """Creating an EmailMessage sends nothing."""
    data = {
        "ParentId": case_id,
        "ToAddress": to_address.replace(",", "; "),
        "Subject": subject,
        "TextBody": body,
        "Status": DRAFT,
    }
    made = context.client.post("sobjects/EmailMessage", data)
    shown = {"id": made["id"], **_shown(case_id, to_address, subject, "Draft")}
    return Record(shown, summary="Saved as a draft on the case; nothing was sent.")


def _shown(case_id: str, to_address: str, subject: str, status: str) -> dict[str, Any]:
    return {"status": status, "sent": status == "Sent", "to": to_address, "subject": subject, "case_id": case_id}
