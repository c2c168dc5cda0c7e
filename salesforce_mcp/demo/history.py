"""Field history: a row for each tracked field that a save changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.demo.behaviour.save import Writer
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.recent import name_of
from salesforce_mcp.demo.schema import SObject

_DATA_TYPES = {
    "picklist": "DynamicEnum",
    "multipicklist": "MultiEnum",
    "boolean": "Boolean",
    "date": "DateOnly",
    "datetime": "DateTime",
    "currency": "Currency",
    "double": "Double",
    "percent": "Percent",
    "int": "Integer",
    "phone": "PhoneNumber",
    "email": "Email",
    "url": "Url",
}


def write(
    context: RequestContext, sobject: SObject, old: Mapping[str, Any] | None, new: Mapping[str, Any], writer: Writer
) -> None:
    """Write the history rows of a save. A look-up gives two: the names, then the Ids."""
    if not sobject.tracked:
        return
    log = next(each for each in context.store.objects if each.associate_of == ("History", sobject.name))
    parent = log.fields[2].name
    base = {parent: new["Id"]}
    if old is None:
        writer.insert(log.name, {**base, "Field": "created", "DataType": "Text"})
        return
    for name in sobject.tracked:
        field = sobject.field(name)
        if field is None or old.get(name) == new.get(name) or not field.stored:
            continue
        if field.reference_to:
            short = name.removesuffix("Id")
            names = [_name_of(context, record) for record in (old.get(name), new.get(name))]
            _row(writer, log, {**base, "Field": short, "DataType": "Text"}, *names)
            _row(writer, log, {**base, "Field": short, "DataType": "EntityId"}, old.get(name), new.get(name))
        else:
            data_type = _DATA_TYPES.get(field.type, "Text")
            _row(writer, log, {**base, "Field": name, "DataType": data_type}, old.get(name), new.get(name))


def _row(writer: Writer, log: SObject, columns: dict[str, Any], old: Any, new: Any) -> None:
    writer.insert(log.name, {**columns, "OldValue": old, "NewValue": new})


def _name_of(context: RequestContext, record: str | None) -> str | None:
    """The name of the record that a look-up refers to."""
    sobject = context.store.objects.by_id(record) if record else None
    if sobject is None:
        return None
    return name_of(context, sobject, str(record))
