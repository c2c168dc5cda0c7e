"""The standard actions that the demo org has: Post to Chatter and Send Email.

Source: Actions Developer Guide, "Post to Chatter Actions", "Simple Email Actions".
"""

from __future__ import annotations

import re
import uuid
from typing import Any

from salesforce_mcp.demo import records, state
from salesforce_mcp.demo.actions.model import ALL_VERSIONS, Action, Parameter, Values, invalid
from salesforce_mcp.demo.chatter import elements
from salesforce_mcp.demo.chatter.viewer import Viewer
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.values import now

OUTBOX = "sent emails"
"""The kind under which the store keeps what was sent: nothing leaves the machine."""
MOST_RECIPIENTS = 150
_SENT = "3"
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")
_MARK = re.compile(r"@\[(?P<mention>\w{15,18})\]")


def post_to_chatter(call: Call, given: Values) -> Values:
    """Post a text to the feed of a user, group or record."""
    viewer = Viewer(call)
    body = {"messageSegments": list(_segments(given["text"]))}
    visibility = given.get("visibility", "allUsers")
    item = {
        "feedElementType": "FeedItem",
        "subjectId": _subject(viewer, given),
        "body": body,
        "visibility": visibility[:1].upper() + visibility[1:],
    }
    return {"feedItemId": elements.post(viewer, item)}


def _subject(viewer: Viewer, given: Values) -> str:
    """Id of the feed's owner, who may be named by user name or by the group's name."""
    named, kind = given["subjectNameOrId"], given.get("type", "").lower()
    if full_id(named):
        return str(named)
    table, column = {"user": ("User", "Username"), "group": ("CollaborationGroup", "Name")}.get(kind, ("", ""))
    statement = f'SELECT Id FROM "{table}" WHERE {column} = ?'  # noqa: S608 - one of the two above
    row = viewer.row(statement, named) if table else None
    if row is None:
        raise invalid(f"No user, group or record found for {named}.", "subjectNameOrId")
    return str(row[0])


def _segments(text: str) -> Any:
    """The text with its mentions; the feed finds topics and links by itself."""
    start = 0
    for match in _MARK.finditer(text):
        if match.start() > start:
            yield {"type": "Text", "text": text[start : match.start()]}
        yield {"type": "Mention", "id": match["mention"]}
        start = match.end()
    if start < len(text):
        yield {"type": "Text", "text": text[start:]}


def send_email(call: Call, given: Values) -> None:
    """Send an email: put it into the outbox, and on the records' timelines where asked."""
    context = RequestContext.of(call)
    recipient = _recipient(context, given.get("recipientId"))
    addresses = {name: _addresses(given, *names) for name, names in _ADDRESS_INPUTS.items()}
    to = [*addresses["to"], *([recipient] if recipient else [])]
    if not to:
        raise ApiError(
            400, "REQUIRED_FIELD_MISSING", "Specify at least one recipient.", [_TO[call.version_number < 65]]
        )
    if sum(map(len, addresses.values())) + bool(recipient) > MOST_RECIPIENTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"An email can have up to {MOST_RECIPIENTS} recipients.")
    related = given.get("relatedRecordId")
    if related:
        _visible(context, related, "relatedRecordId")
    if given.get("logEmailOnSend") and not (related or given.get("recipientId")):
        message = "To log the email, specify recipientId or relatedRecordId."
        raise ApiError(400, "REQUIRED_FIELD_MISSING", message, ["relatedRecordId"])
    email = {
        "FromName": call.user.name,
        "FromAddress": _sender(call, given),
        "ToAddress": "; ".join(to),
        "CcAddress": "; ".join(addresses["cc"]) or None,
        "BccAddress": "; ".join(addresses["bcc"]) or None,
        "Subject": given["emailSubject"],
        "HtmlBody" if given.get("sendRichBody") else "TextBody": given["emailBody"],
    }
    with call.store.transaction():
        state.put(call.store, OUTBOX, uuid.uuid4().hex, {**email, "Date": now()})
        if given.get("logEmailOnSend"):
            to_case = bool(related) and str(related).startswith(str(call.store.objects["Case"].key_prefix))
            parent = {"ParentId": related} if to_case else {"RelatedToId": related or given["recipientId"]}
            records.create(context, "EmailMessage", {**email, **parent, "Status": _SENT, "MessageDate": now()})


_TO = ("recipientAddresses", "emailAddresses")
_ADDRESS_INPUTS = {"to": (*_TO, "emailAddressesArray"), "cc": ("ccAddresses",), "bcc": ("bccAddresses",)}


def _addresses(given: Values, *names: str) -> list[str]:
    """The addresses of an input: a list, or text with commas between them."""
    found = []
    for name in names:
        value = given.get(name) or []
        for text in value if isinstance(value, list) else value.split(","):
            if not _ADDRESS.fullmatch(text.strip()):
                raise ApiError(400, "INVALID_EMAIL_ADDRESS", f"Invalid email address: {text.strip()}", [name])
            found.append(text.strip())
    return found


def _recipient(context: RequestContext, record: str | None) -> str | None:
    """The address of the lead or contact that the email goes to."""
    if not record:
        return None
    name = _visible(context, record, "recipientId")
    if name not in ("Contact", "Lead"):
        raise invalid("recipientId must be the ID of a contact or lead.", "recipientId")
    address = records.get(context, name, record, ["Email"])["Email"]
    if not address:
        raise ApiError(400, "INVALID_EMAIL_ADDRESS", "The recipient has no email address.", ["recipientId"])
    return str(address)


def _visible(context: RequestContext, record: str, name: str) -> str:
    """The object of a record that the user may see."""
    sobject = context.store.objects.by_id(record)
    whole = full_id(record)
    if sobject is None or whole is None or not records.is_visible(context, sobject, whole, alive=True):
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", f"invalid cross reference id: {record}", [name])
    return sobject.name


def _sender(call: Call, given: Values) -> str:
    kind = given.get("senderType", _SENDERS[0])
    if kind == "CurrentUser":
        return call.user.email
    if kind == "DefaultWorkflowUser" or not given.get("senderAddress"):
        raise invalid(f"{kind}: the org has no such sender.", "senderType")
    raise invalid("The organization-wide email address isn't verified.", "senderAddress")


_SENDERS = ("CurrentUser", "DefaultWorkflowUser", "OrgWideEmailAddress")
_SINCE_65, _BEFORE_65, _SINCE_58 = (65.0, ALL_VERSIONS[1]), (ALL_VERSIONS[0], 65.0), (58.0, ALL_VERSIONS[1])

ACTIONS = (
    Action(
        "standard",
        "chatterPost",
        "Post to Chatter",
        "CHATTERPOST",
        post_to_chatter,
        "Post to the feed of a record, user, or Chatter group.",
        (
            Parameter("text", "Message", "TEXTAREA", required=True, length=10_000),
            Parameter("subjectNameOrId", "Target Name or ID", "STRING", required=True),
            Parameter("type", "Target Type", "STRING", about="User or Group, where the target is given by name."),
            Parameter("visibility", "Visibility", "PICKLIST", values=("allUsers", "internalUsers")),
        ),
        (Parameter("feedItemId", "Feed Item ID", "REFERENCE", sobject="FeedItem"),),
    ),
    Action(
        "standard",
        "emailSimple",
        "Send Email",
        "EMAILSIMPLE",
        send_email,
        "Send an email with a subject, a body and recipients.",
        (
            Parameter("emailAddresses", "Email Addresses (comma-separated)", "TEXT", versions=_BEFORE_65),
            Parameter("emailAddressesArray", "Email Addresses (collection)", "TEXT", many=True, versions=_BEFORE_65),
            Parameter("recipientAddresses", "Recipients", "STRING", many=True, length=4000, versions=_SINCE_65),
            Parameter("ccAddresses", "CC Recipients", "TEXT", many=True, length=4000, versions=_SINCE_65),
            Parameter("bccAddresses", "BCC Recipients", "TEXT", many=True, length=4000, versions=_SINCE_65),
            Parameter("senderType", "Sender Type", "STRING", about=f"One of {', '.join(_SENDERS)}.", values=_SENDERS),
            Parameter("senderAddress", "Sender Email Address", "STRING"),
            Parameter("emailSubject", "Subject", "STRING", required=True),
            Parameter("emailBody", "Body", "TEXTAREA", required=True),
            Parameter("sendRichBody", "Rich-Text-Formatted Body", "BOOLEAN"),
            Parameter("useLineBreaks", "Use Line Breaks", "BOOLEAN"),
            Parameter("logEmailOnSend", "Log Email on Send", "BOOLEAN", versions=_SINCE_58),
            Parameter("recipientId", "Recipient ID", "REFERENCE", versions=_SINCE_58),
            Parameter("relatedRecordId", "Related Record ID", "REFERENCE", versions=_SINCE_58),
        ),
    ),
)
