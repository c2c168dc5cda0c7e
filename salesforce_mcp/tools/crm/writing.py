"""Creating, changing and deleting CRM resources, as records of their objects."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.crm.reading import known, permit
from salesforce_mcp.tools.crm.vocabulary import VOCABULARY, Entry, Resource
from salesforce_mcp.tools.records.bodies import as_body
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

Data = Annotated[dict[str, Any], Field(min_length=1)]


@tool(title="Create CRM resource", access="write")
def crm_create(context: Context, resource: Resource, data: Data) -> Record:
    """Create a contact, lead, deal, meeting, company, note or task, as in resource "deal", {"name": "Pumps", "stage":
    "Prospecting", "closeDate": "2026-12-31", "companyId": "001..."}.
    """
    entry = permit(resource, "create")
    body = _body(resource, entry, data)
    missing = [" or ".join(names) for names in entry.required if all(data.get(name) in (None, "") for name in names)]
    if missing:
        raise ArgumentError(f"data: {resource} needs {', '.join(missing)}.", fields=("data",))
    answer = _send(context, entry, "POST", f"sobjects/{entry.object}", body)
    return Record({"id": answer["id"], "created": True}, summary=f"Created {resource} {answer['id']}.")


@tool(title="Update CRM resource", access="write", idempotent=True)
def crm_update(context: Context, resource: Resource, id: RecordId, data: Data) -> Record:
    """Change fields of a contact, deal or the like under their plain names; null empties one."""
    entry = permit(resource, "update")
    _send(context, entry, "PATCH", f"sobjects/{entry.object}/{segment(id)}", _body(resource, entry, data))
    return Record({"id": id, "updated": True}, summary=f"Updated {resource} {id}: {', '.join(data)}.")


@tool(
    title="Delete CRM resource",
    access="destructive",
    idempotent=True,
    check=lambda values: permit(values["resource"], "delete"),
)
def crm_delete(context: Context, resource: Resource, id: RecordId) -> Record:
    """Move a contact, deal or the like to the recycle bin."""
    context.client.delete(f"sobjects/{VOCABULARY[resource].object}/{segment(id)}")
    return Record({"id": id, "deleted": True}, summary=f"Deleted {resource} {id}.")


def _body(resource: Resource, entry: Entry, data: Data) -> dict[str, Any]:
    """The data under Salesforce's names. Raises ArgumentError for a name it lacks, or two for one field."""
    writable = entry.writable()
    body: dict[str, Any] = {}
    for plain, value in data.items():
        if plain in entry.fields and plain not in writable:
            raise ArgumentError(f"data: {plain} can only be read.", fields=("data",))
        known(resource, plain, list(writable), "data")
        name = writable[plain]
        if name in body:
            same = [other for other in data if writable.get(other) == name]
            raise ArgumentError(f"data: give one of {', '.join(same)}; they are one field.", fields=("data",))
        body[name] = value
    return as_body(body)


def _send(context: Context, entry: Entry, method: str, path: str, body: dict[str, Any]) -> Any:
    """Send, and say of a refusal which plain names its fields have."""
    try:
        return context.client.request(method, path, json=body).json()
    except SalesforceError as error:
        plain = {name: [given for given, own in entry.writable().items() if own == name] for name in error.fields}
        renamed = [f"{name} is {' or '.join(given)} here" for name, given in plain.items() if given]
        if renamed:
            error.hint = " ".join(filter(None, [error.hint, f"{'; '.join(renamed)}."]))
        raise
