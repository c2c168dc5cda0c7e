"""One record (resources `sobjects/{object}` and `sobjects/{object}/{id}`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from salesforce_mcp.errors import ArgumentError, SfmcpError
from salesforce_mcp.salesforce.faults import PreconditionFailed
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.rows import flat
from salesforce_mcp.tools.arguments import (
    ExternalId,
    FieldName,
    FieldNames,
    Moment,
    ObjectName,
    RecordData,
    RecordId,
    check_id,
)
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.records.bodies import as_body, without_key
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record


@tool(title="Get record", default=True, app="result")
def get_record(
    context: Context,
    object: ObjectName,
    id: ExternalId,
    fields: FieldNames | None = None,
    external_id_field: FieldName | None = None,
) -> Record:
    """One record by Id, or by the value of `external_id_field` given as `id`; name the `fields` you need. For several
    records or parents' fields use query.
    """
    path = _path(object, id, external_id_field)
    return Record(flat([context.client.get(path, params={"fields": ",".join(fields)} if fields else None)])[0])


@tool(title="Create record", access="write", default=True)
def create_record(context: Context, object: ObjectName, data: RecordData) -> Record:
    """Create a record; `data` is field values, as in {"LastName": "Doe", "AccountId": "001..."}. Returns its Id."""
    answer = context.client.post(f"sobjects/{segment(object)}", as_body(data))
    return Record({"id": answer["id"], "created": True}, summary=f"Created {object} {answer['id']}.")


@tool(title="Update record", access="write", idempotent=True, default=True)
def update_record(
    context: Context, object: ObjectName, id: RecordId, data: RecordData, if_unmodified_since: Moment | None = None
) -> Record:
    """Change fields of a record; null empties one. With `if_unmodified_since` (its LastModifiedDate as you read it)
    somebody else's later change is not overwritten.
    """
    headers = {"If-Unmodified-Since": _http_date(if_unmodified_since)} if if_unmodified_since else None
    path, body = _path(object, id), as_body(data)
    try:
        context.client.patch(path, body, headers=headers)
    except PreconditionFailed as error:
        # The change that it met may be its own, sent before without an answer.
        if not error.uncertain or not _holds(context, path, body):
            raise
    return Record({"id": id, "updated": True}, summary=f"Updated {object} {id}: {', '.join(data)}.")


@tool(title="Upsert record", access="write", idempotent=True, default=True)
def upsert_record(
    context: Context, object: ObjectName, external_id_field: FieldName, external_id: ExternalId, data: RecordData
) -> Record:
    """Create the record with this external Id, or update it when there is one; says which."""
    body = as_body(without_key(data, external_id_field, external_id))
    response = context.client.request("PATCH", _path(object, external_id, external_id_field), json=body)
    answer: dict[str, Any] = response.json() or {}
    # Older versions of the API answer an update with 204 and nothing else.
    created = bool(answer.get("created", response.status == 201))
    if response.repeated and not created:
        summary = f"Created or updated {object}: it was sent twice, and the first time it may have been created."
        return Record({"id": answer.get("id"), "created": None}, summary=summary)
    done = "Created" if created else "Updated"
    shown = " ".join(filter(None, [object, answer.get("id")]))
    return Record({"id": answer.get("id"), "created": created}, summary=f"{done} {shown}.")


@tool(title="Delete record", access="destructive", idempotent=True, default=True)
def delete_record(context: Context, object: ObjectName, id: RecordId) -> Record:
    """Move a record to the recycle bin."""
    context.client.delete(_path(object, id))
    return Record({"id": id, "deleted": True}, summary=f"Deleted {object} {id}.")


def _path(object_name: str, key: str, external_id_field: str | None = None) -> str:
    """Path of a record, by Id or by an external Id."""
    if external_id_field:
        return f"sobjects/{segment(object_name)}/{segment(external_id_field)}/{segment(key)}"
    try:
        return f"sobjects/{segment(object_name)}/{segment(check_id(key))}"
    except ValueError as error:
        raise ArgumentError(f"id: {error}.", fields=("id",)) from None


def _holds(context: Context, path: str, body: Mapping[str, Any]) -> bool:
    """Whether the record has these values now, as far as that can be told."""
    try:
        record = context.client.get(path, params={"fields": ",".join(body)})
    except SfmcpError:
        return False
    return all(name in record and record[name] == value for name, value in body.items())


def _http_date(moment: str) -> str:
    """A moment as HTTP headers have it (RFC 9110, 5.6.7), in whole seconds."""
    return format_datetime(datetime.fromisoformat(moment).astimezone(UTC).replace(microsecond=0), usegmt=True)
