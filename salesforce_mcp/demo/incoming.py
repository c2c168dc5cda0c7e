"""The body of a create or update, checked and made into columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import values
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.schema import Field, SObject

if TYPE_CHECKING:
    from salesforce_mcp.demo.context import RequestContext

_WRITE_ONLY = frozenset({"Case.Comments"})
"""Fields that can be set but hold nothing."""


@dataclass
class Incoming:
    """What a request sets: stored columns, and write-only fields under `extra`."""

    columns: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


def read_body(context: RequestContext, sobject: SObject, data: Mapping[str, Any], *, creating: bool) -> Incoming:
    """Check every name and value of a body; the first fault is refused, unknown names before all else."""
    named = [_resolve(context, sobject, name, value) for name, value in data.items() if name != "attributes"]
    if any(each.name == "Id" for each, _ in named):
        if creating:
            message = "cannot specify Id in an insert call"
            raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, ["Id"])
        raise ApiError(400, "INVALID_FIELD", "The Id field should not be specified in the sobject data.", ["Id"])
    converted = [(each, values.to_storage(each, value)) for each, value in named]
    _refuse_read_only(context, sobject, [each for each, _ in converted], creating=creating)
    body = Incoming()
    for each, value in converted:
        if f"{sobject.name}.{each.name}" in _WRITE_ONLY:
            body.extra[each.name] = value
        elif each.type == "boolean" and value is None:
            body.columns[each.name] = int(bool(each.default_value))
        else:
            body.columns[each.name] = value
        values.check(each, value)
    for each, value in converted:
        if each.reference_to and value is not None:
            _check_reference(context, each, value)
    return body


def _resolve(context: RequestContext, sobject: SObject, name: str, value: Any) -> tuple[Field, Any]:
    """The field that a key of the body means, and its value; `{"Account": {"Ext__c": "x"}}` becomes an AccountId."""
    known = sobject.field(name)
    if known is None and isinstance(value, dict):
        reference = sobject.parent(name)
        if reference is not None and context.user.can_read_field(sobject.name, reference.name):
            return reference, _by_external_id(context, reference, value)
    if known is None or not context.user.can_read_field(sobject.name, known.name):
        raise ApiError(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    return known, value


def _by_external_id(context: RequestContext, reference: Field, named: Mapping[str, Any]) -> str | None:
    """The Id of the parent that an object such as `{"Ext__c": "x"}` names."""
    attributes = named.get("attributes")
    keys = [key for key in named if key != "attributes"]
    if reference.polymorphic and not isinstance(attributes, dict):
        message = "Nested object for polymorphic foreign key must have an attributes field before any other fields."
        raise ApiError(400, "JSON_PARSER_ERROR", message)
    target = str(attributes["type"]) if isinstance(attributes, dict) and "type" in attributes else ""
    parent = context.store.objects.get(target or reference.reference_to[0])
    if parent is None or parent.name not in reference.reference_to:
        message = f"{target} is not a valid type for relationship {reference.relationship_name}"
        raise ApiError(400, "INVALID_FIELD", message)
    if len(keys) != 1:
        message = f"Exactly one external ID field is needed to name the parent in {reference.relationship_name}."
        raise ApiError(400, "INVALID_FIELD", message)
    found_by = parent.field(keys[0])
    if found_by is None or not found_by.id_lookup:
        message = f"{keys[0]} is not an External ID or indexed field for {parent.name}"
        raise ApiError(400, "INVALID_FIELD", message)
    value = values.to_storage(found_by, named[keys[0]])
    if value is None:
        return None
    from salesforce_mcp.demo.records import ambiguous, ids_by_external_id

    found = ids_by_external_id(context, parent, found_by, value)
    if not found:
        message = (
            f"Foreign key external ID: {named[keys[0]]} not found for field {found_by.name} in entity {parent.name}"
        )
        raise ApiError(400, "INVALID_FIELD", message, [])
    if len(found) > 1:
        raise ambiguous(context, parent, found_by, found)
    return found[0]


def _refuse_read_only(context: RequestContext, sobject: SObject, given: list[Field], *, creating: bool) -> None:
    refused = [
        each.name
        for each in given
        if not (each.createable if creating else each.updateable)
        or not context.user.can_edit_field(sobject.name, each.name)
    ]
    if refused:
        message = (
            f"Unable to create/update fields: {', '.join(refused)}. Please check the security settings of this field"
            " and verify that it is read/write for your profile or permission set."
        )
        raise ApiError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, refused)


def _check_reference(context: RequestContext, reference: Field, record: str) -> None:
    """The record must be of an object that the field may refer to, be there, and be visible to the user."""
    objects = context.store.objects
    parent = objects.by_id(record)
    if parent is None or parent.name not in reference.reference_to:
        raise values.wrong_id(reference, record, "FIELD_INTEGRITY_EXCEPTION")
    deleted = "IsDeleted" if parent.field("IsDeleted") else "0"
    statement = f'SELECT {deleted} FROM "{parent.name}" WHERE Id = ?'  # noqa: S608 - names of the schema
    row = context.store.connection().execute(statement, (record,)).fetchone()
    if row is None and full_id(record):
        raise ApiError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    if row and row[0]:
        raise ApiError(400, "ENTITY_IS_DELETED", "entity is deleted", [])
    if not context.user.is_admin:
        from salesforce_mcp.demo.records import is_visible

        if not is_visible(context, parent, record):
            message = f"insufficient access rights on cross-reference id: {record}"
            raise ApiError(400, "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY", message, [])
