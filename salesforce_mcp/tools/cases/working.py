"""Open, read and change a case; comment on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.salesforce.composite import Part
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.rows import flat
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.arguments import FieldPaths, Moment, RecordData, RecordId
from salesforce_mcp.tools.cases.arguments import Address, CaseId, Text
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.records.bodies import as_body
from salesforce_mcp.tools.records.single import update_record
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

SHOWN = (
    "Id", "CaseNumber", "Subject", "Status", "Priority", "Type", "Reason", "Origin", "Description", "IsEscalated",
    "Owner.Name", "Account.Name", "Contact.Name", "Contact.Email", "SuppliedEmail", "CreatedDate", "ClosedDate",
    "LastModifiedDate",
)  # fmt: skip
"""What get_case shows where no fields are named."""


@tool(title="Create case", access="write", calls="1, or 2 with contact_email")
def create_case(
    context: Context,
    subject: Text,
    description: Text,
    priority: Text,
    contact_email: Address | None = None,
    type: str | None = None,
    origin: str | None = None,
    account_id: RecordId | None = None,
    fields: RecordData | None = None,
) -> Record:
    """Open a case, for the contact with `contact_email`; says when none or several have it. `fields`: further fields,
    as in {"Reason": "Breakdown"}.
    """
    data: dict[str, Any] = {"Subject": subject, "Description": description, "Priority": priority}
    data |= {"Type": type} if type else {}
    data |= {"Origin": origin} if origin else {}
    data |= {"AccountId": account_id} if account_id else {}
    notes: list[str] = []
    if contact_email:
        try:
            contact, note = _contact(context.client, contact_email, account_id)
        except PolicyError as error:
            contact, note = None, f"No contact was looked for ({error.code}): the case has only the address."
        data |= {"SuppliedEmail": contact_email, **({"ContactId": contact["Id"]} if contact else {})}
        notes.append(note)
    data = _with(data, as_body(fields or {}))
    wanted = ("Id", "CaseNumber", "Status", "Priority", "OwnerId", "ContactId", "AccountId")
    parts = [
        Part("made", "sobjects/Case", method="POST", body=data),
        Part("case", "sobjects/Case/@{made.id}", {"fields": ",".join(context.client.readable("Case", wanted))}),
    ]
    answers = composite.send(context.client, parts)
    made = answers["made"].get()["id"]
    shown = flat([answers["case"].body])[0] if answers["case"].body else {}
    shown.pop("Id", None)
    return Record({"id": made, **shown}, summary=f"Opened case {shown.get('CaseNumber', made)}.", notes=notes)


def _contact(client: Client, email: str, account_id: str | None) -> tuple[dict[str, Any] | None, str]:
    """The one contact with this address (of the account, where that is known), and what to say of it."""
    names = client.readable("Contact", ("Id", "Name", "AccountId"))
    order = "Name" if "Name" in names else "Id"
    where = bind(f"WHERE Email = :email ORDER BY {order} LIMIT 200", {"email": email})
    found = client.query(f"SELECT {', '.join(names)} FROM Contact {where}").records  # noqa: S608 - names of ours
    own = [each for each in found if account_id and str(each.get("AccountId"))[:15] == account_id[:15]]
    fitting = own or found
    if len(fitting) == 1:
        note = f"Contact: {_named(fitting[0])}."
        if account_id and not own:
            note += " The contact belongs to another account than the case."
        return fitting[0], note
    if not fitting:
        return None, f"No contact that you may see has the address {email}: the case has no contact, only the address."
    some = ", ".join(map(_named, fitting[:10]))
    return None, f"{len(fitting)} contacts have the address {email}, so the case has none: set ContactId. {some}"


def _named(contact: dict[str, Any]) -> str:
    return f"{contact['Name']} ({contact['Id']})" if contact.get("Name") else str(contact["Id"])


def _with(own: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """The fields together. Raises ArgumentError when one is given twice, with different values."""
    known = {name.lower(): name for name in own}
    for name, value in given.items():
        same = known.get(name.lower())
        if same and own[same] != value:
            raise ArgumentError(f"fields: another {same} than the one given by itself.", fields=("fields",))
    return own | {name: value for name, value in given.items() if name.lower() not in known}


@tool(title="Get case")
def get_case(context: Context, case_id: CaseId, fields: FieldPaths | None = None) -> Record:
    """A case with its owner, account and contact. What happened on it: get_case_timeline."""
    names = ", ".join(fields or context.client.readable("Case", SHOWN))
    found = context.client.query(bind(f"SELECT {names} FROM Case WHERE Id = :id", {"id": case_id})).records  # noqa: S608 - names are checked
    if not found:
        raise SalesforceError(f"There is no case {case_id} that you may see.", code="NOT_FOUND")
    return Record(flat(found)[0])


@tool(title="Update case", access="write", idempotent=True)
def update_case(
    context: Context, case_id: CaseId, fields: RecordData, if_unmodified_since: Moment | None = None
) -> Record:
    """Change fields of a case, as in {"Status": "Working", "Priority": "High"}; null empties one."""
    return update_record(context, "Case", case_id, fields, if_unmodified_since)


@tool(title="Add case comment", access="write")
def add_case_comment(context: Context, case_id: CaseId, body: Text, published: bool = False) -> Record:
    """Comment on a case: internal, unless `published` shows it to the customer."""
    data = {"ParentId": case_id, "CommentBody": body, "IsPublished": published}
    made = context.client.post("sobjects/CaseComment", data)
    kind = "public" if published else "internal"
    return Record({"id": made["id"], "case_id": case_id, "visibility": kind}, summary=f"Added the {kind} comment.")


def case_path(case_id: str) -> str:
    """The resource of a case."""
    return f"sobjects/Case/{segment(case_id)}"
