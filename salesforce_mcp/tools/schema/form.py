"""A JSON Schema for the records of an object, made from its describe: for forms, and for checking data beforehand."""

from __future__ import annotations

from typing import Any, Literal

from salesforce_mcp.tools.arguments import FieldNames, ObjectName
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record
from salesforce_mcp.tools.schema.fields import active_values, choose, required_on_create

Purpose = Literal["create", "update"]

_TYPES: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "int": {"type": "integer"},
    "long": {"type": "integer"},
    "double": {"type": "number"},
    "currency": {"type": "number"},
    "percent": {"type": "number"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "time": {"type": "string", "format": "time"},
    "email": {"type": "string", "format": "email"},
    "base64": {"type": "string", "contentEncoding": "base64"},
}
"""Field types of Salesforce that aren't plain text."""


@tool(title="Object schema for forms")
def get_object_schema(
    context: Context, object: ObjectName, for_: Purpose = "create", fields: FieldNames | None = None
) -> Record:
    """JSON Schema of the `data` that create_record or update_record takes for an object: types, lengths, required
    fields, picklists as enums (multi-select as arrays). For reading and querying, describe_object is shorter.
    """
    describe = context.client.describe(object)
    right = "createable" if for_ == "create" else "updateable"
    chosen = [field for field in choose(describe, fields) if field[right]]
    required = [field["name"] for field in chosen if for_ == "create" and required_on_create(field)]
    return Record(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": describe["name"],
            "type": "object",
            "properties": {field["name"]: _property(field, for_) for field in chosen},
            "required": required,
            "additionalProperties": False,
        }
    )


def _property(field: dict[str, Any], purpose: Purpose) -> dict[str, Any]:
    """The schema of one field. On update, null empties a field that may be empty."""
    nullable = purpose == "update" and field["nillable"]
    schema = _kind(field)
    if nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    schema["title"] = field["label"]
    if field.get("inlineHelpText"):
        schema["description"] = field["inlineHelpText"]
    if purpose == "create" and field.get("defaultValue") is not None:
        schema["default"] = field["defaultValue"]
    return schema


def _kind(field: dict[str, Any]) -> dict[str, Any]:
    kind = field["type"]
    if kind == "picklist":
        schema: dict[str, Any] = {"type": "string", "enum": active_values(field)}
        if field.get("dependentPicklist"):
            schema["$comment"] = f"the values allowed depend on {field.get('controllerName')}"
        return schema
    if kind == "multipicklist":
        return {"type": "array", "items": {"type": "string", "enum": active_values(field)}, "uniqueItems": True}
    if kind == "reference":
        return {"type": "string", "$comment": f"Id of {' or '.join(field['referenceTo'])}"}
    if kind in _TYPES:
        return dict(_TYPES[kind])
    return {"type": "string", "maxLength": field["length"]} if field.get("length") else {"type": "string"}
