"""Read and write single records as Salesforce does: its checks, its words, its side effects.

Writes run in a transaction of their own, or as part of the one that the caller has open. Every refusal is an ApiError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from salesforce_mcp.demo import recent, values
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.incoming import read_body
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.schema import Field, SObject, compound_value


def object_named(context: RequestContext, name: str) -> SObject:
    """The object of this name, as this user knows it; NOT_FOUND otherwise."""
    sobject = context.store.objects.get(name)
    if sobject is None or not context.user.can_read(sobject.name):
        raise not_found()
    context.store.provide(sobject)
    return sobject


def create(context: RequestContext, name: str, data: Mapping[str, Any]) -> str:
    """Create a record and answer its Id."""
    sobject = object_named(context, name)
    if not context.user.can(sobject, "create"):
        raise _wrong_operation("inserted", sobject)
    with context.store.transaction():
        body = read_body(context, sobject, data, creating=True)
        return Saver(context).create(sobject, body)


def update(context: RequestContext, name: str, record_id: str, data: Mapping[str, Any]) -> None:
    """Change a record."""
    sobject = object_named(context, name)
    whole = _own_id(sobject, record_id)
    with context.store.transaction():
        old = _row(context, sobject, whole)
        if not sobject.can("updateable"):
            raise _wrong_operation("updated", sobject)
        if not context.user.can(sobject, "edit"):
            raise _no_access()
        body = read_body(context, sobject, data, creating=False)
        Saver(context).update(sobject, old, body)


def upsert(
    context: RequestContext, name: str, field_name: str, value: str, data: Mapping[str, Any]
) -> tuple[str, bool]:
    """Change the record that an external Id names, or create it; answers its Id and whether it was created."""
    sobject = object_named(context, name)
    field = external_id_field(context, sobject, field_name)
    with context.store.transaction():
        if field.type == "id":
            update(context, name, value, data)
            return _own_id(sobject, value), False
        stored = _external_value(field, value)
        found = ids_by_external_id(context, sobject, field, stored)
        if len(found) > 1:
            raise ambiguous(context, sobject, field, found)
        given = {key: each for key, each in data.items() if key.lower() != field.name.lower()}
        if found:
            update(context, name, found[0], given)
            return found[0], False
        return create(context, name, {**given, field.name: stored}), True


def delete(context: RequestContext, name: str, record_id: str) -> None:
    """Put a record, and what belongs to it, into the recycle bin."""
    from salesforce_mcp.demo import deletion

    sobject = object_named(context, name)
    whole = _own_id(sobject, record_id)
    with context.store.transaction():
        row = _row(context, sobject, whole)
        if not sobject.can("deletable"):
            raise _wrong_operation("deleted", sobject)
        if not context.user.can(sobject, "delete") or not context.user.may_delete(row.get("OwnerId")):
            raise _no_access()
        deletion.delete(context, sobject, row)


def undelete(context: RequestContext, record_id: str) -> None:
    """Take a record, and what was deleted with it, out of the recycle bin."""
    from salesforce_mcp.demo import deletion

    sobject = context.store.objects.by_id(record_id)
    whole = full_id(record_id)
    if sobject is None or whole is None:
        raise ApiError(400, "MALFORMED_ID", f"malformed id {record_id}", [])
    with context.store.transaction():
        deletion.undelete(context, sobject, whole)


def get(context: RequestContext, name: str, record_id: str, fields: Iterable[str] | None = None) -> dict[str, Any]:
    """A record as the REST API gives it: `attributes`, then the fields asked for, or all that the user may see.

    A deleted record is NOT_FOUND with the words of Salesforce, as is one that the user may not see.
    """
    sobject = object_named(context, name)
    if not sobject.can("retrieveable"):
        raise not_found()
    whole = full_id(record_id)
    if whole is None or (sobject.key_prefix and whole[:3] != sobject.key_prefix):
        message = f"Provided external ID field does not exist or is not accessible: {record_id}"
        raise ApiError(404, "NOT_FOUND", message)
    return _read(context, sobject, whole, _fields(context, sobject, fields))


def get_by_external_id(
    context: RequestContext, name: str, field_name: str, value: str, fields: Iterable[str] | None = None
) -> dict[str, Any]:
    """A record by its external Id; several are refused with HTTP 300 and their urls."""
    sobject = object_named(context, name)
    return get(context, name, id_by_external_id(context, sobject, field_name, value), fields)


def id_by_external_id(context: RequestContext, sobject: SObject, field_name: str, value: str) -> str:
    """The Id of the one record with this external Id."""
    field = external_id_field(context, sobject, field_name)
    if field.type == "id":
        return value
    found = ids_by_external_id(context, sobject, field, _external_value(field, value))
    if not found:
        raise not_found()
    if len(found) > 1:
        raise ambiguous(context, sobject, field, found)
    return found[0]


def external_id_field(context: RequestContext, sobject: SObject, name: str) -> Field:
    """The field, if records can be looked up by it: Id, an external Id, or one marked idLookup."""
    field = sobject.field(name)
    if field is None or not field.id_lookup or not context.user.can_read_field(sobject.name, field.name):
        message = f"Provided external ID field does not exist or is not accessible: {name}"
        raise ApiError(404, "NOT_FOUND", message)
    return field


def ids_by_external_id(context: RequestContext, sobject: SObject, field: Field, value: Any) -> list[str]:
    """Ids of the records that have this value and that the user may see."""
    column = field.expression.replace("{t}", "t") if field.expression else f't."{field.name}"'
    condition, parameters = visible_rows(context, sobject)
    statement = f'SELECT t.Id FROM "{sobject.name}" t WHERE {column} = :value AND {condition} ORDER BY t.Id LIMIT 10'  # noqa: S608
    if sobject.field("IsDeleted"):
        statement = statement.replace(" ORDER", " AND t.IsDeleted = 0 ORDER")
    rows = context.store.connection().execute(statement, {"value": value, **parameters}).fetchall()
    return [record for (record,) in rows]


def ambiguous(context: RequestContext, sobject: SObject, field: Field, found: list[str]) -> ApiError:
    """Several records with one external Id: HTTP 300 with their urls, DUPLICATE_EXTERNAL_ID in collections."""
    message = f"{field.name}: more than one record found for external id field: [{', '.join(found)}]"
    choices = [context.url(sobject, record) for record in found]
    return ApiError(300, "DUPLICATE_EXTERNAL_ID", message, [field.name], choices=choices)


def mark_viewed(context: RequestContext, record_id: str) -> None:
    """Note that the user looked at a record (`FOR VIEW`, `Sforce-Mru: updateMru=true`)."""
    sobject = context.store.objects.by_id(record_id)
    if sobject is not None and sobject.can("mruEnabled"):
        recent.mark(context, sobject, record_id)


def is_visible(context: RequestContext, sobject: SObject, record_id: str, *, alive: bool = False) -> bool:
    """True if the user may see the record; `alive` leaves out the recycle bin."""
    condition, parameters = visible_rows(context, sobject)
    if alive and sobject.field("IsDeleted"):
        condition += " AND t.IsDeleted = 0"
    statement = f'SELECT 1 FROM "{sobject.name}" t WHERE t.Id = :id AND {condition}'  # noqa: S608 - names of the schema
    return context.store.connection().execute(statement, {"id": record_id, **parameters}).fetchone() is not None


def _own_id(sobject: SObject, record_id: str) -> str:
    whole = full_id(record_id)
    if whole is None or whole[:3] != sobject.id_prefix:
        label = "Record" if sobject.custom else sobject.label
        raise ApiError(400, "MALFORMED_ID", f"{label} ID: id value of incorrect type: {record_id}", ["Id"])
    return whole


def _row(context: RequestContext, sobject: SObject, record_id: str) -> dict[str, Any]:
    """The stored columns of a record that is about to be changed."""
    names = [each.name for each in sobject.stored_fields]
    columns = ", ".join(f't."{name}"' for name in names)
    condition, parameters = visible_rows(context, sobject)
    statement = f'SELECT {columns} FROM "{sobject.name}" t WHERE t.Id = :id AND {condition}'  # noqa: S608 - names of the schema
    row = context.store.connection().execute(statement, {"id": record_id, **parameters}).fetchone()
    if row is None:
        raise ApiError(404, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [])
    found = dict(zip(names, row, strict=True))
    if found.get("IsDeleted"):
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted", [])
    return found


def visible_rows(context: RequestContext, sobject: SObject) -> tuple[str, dict[str, Any]]:
    """The condition under which the user sees a row `t`, with its parameters."""
    parameters: dict[str, Any] = {}

    def bind(value: Any) -> str:
        name = f"v{len(parameters)}"
        parameters[name] = value
        return f":{name}"

    return context.user.visible_rows(context.store.objects, sobject, "t", bind) or "1", parameters


def _fields(context: RequestContext, sobject: SObject, names: Iterable[str] | None) -> list[Field]:
    """The fields of an answer."""
    if names is None:
        return [each for each in sobject.fields if context.user.can_read_field(sobject.name, each.name)]
    found = []
    for name in names:
        field = sobject.field(name.strip())
        if field is None or not context.user.can_read_field(sobject.name, field.name):
            message = f"No such column '{name.strip()}' on sobject of type {sobject.name}"
            raise ApiError(400, "INVALID_FIELD", message)
        found.append(field)
    id_field = sobject.fields[0]
    return found if id_field in found else [*found, id_field]


def _read(context: RequestContext, sobject: SObject, record_id: str, fields: list[Field]) -> dict[str, Any]:
    """One record's JSON."""
    wanted: dict[str, str] = {}
    for field in fields:
        for name in field.components or (field.name,):
            part = sobject.field(name)
            if part is not None and name not in wanted:
                wanted[name] = _column(part)
    condition, parameters = visible_rows(context, sobject)
    statement = f'SELECT {", ".join(wanted.values())} FROM "{sobject.name}" t WHERE t.Id = :id AND {condition}'  # noqa: S608
    if sobject.field("IsDeleted"):
        statement += " AND t.IsDeleted = 0"
    row = context.store.connection().execute(statement, {"id": record_id, **parameters}).fetchone()
    if row is None:
        raise not_found()
    stored = dict(zip(wanted, row, strict=True))
    record: dict[str, Any] = {"attributes": {"type": sobject.name, "url": context.url(sobject, record_id)}}
    for field in fields:
        if field.components:
            record[field.name] = compound_value(field, stored.__getitem__)
        else:
            record[field.name] = values.from_storage(
                field,
                stored[field.name],
                lambda blob: context.data_root + values.blob_path(sobject, record_id, blob),
            )
    return record


def _column(field: Field) -> str:
    """SQL of a field of the row `t`; of a blob only whether it is there."""
    if field.type == "base64":
        return f't."{field.name}" IS NOT NULL OR NULL'
    return field.expression.replace("{t}", "t") if field.expression else f't."{field.name}"'


def _external_value(field: Field, value: str) -> Any:
    """An external Id from a url, as it is stored."""
    stored = values.to_storage(field, value)
    if stored is None:
        raise not_found()
    return stored


def _wrong_operation(done: str, sobject: SObject) -> ApiError:
    return ApiError(400, "INVALID_TYPE_FOR_OPERATION", f"entity type cannot be {done}: {sobject.label}")


def _no_access() -> ApiError:
    return ApiError(403, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", [])
