"""Whether the columns of a file can be imported, by the object's describe: said before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.ingest import Operation
from salesforce_mcp.soql.suggest import nearest

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

DELETES = ("delete", "hardDelete")
_NEEDED = {
    "insert": "createable",
    "update": "updateable",
    "upsert": "updateable",
    "delete": "deletable",
    "hardDelete": "deletable",
}


def check(
    client: Client, object_name: str, operation: Operation, columns: Sequence[str], external_id: str | None = None
) -> None:
    """Raise ArgumentError that names everything wrong with the columns for this operation.

    `Parent.Field` names a parent by one of its external Ids, `Type:Parent.Field` where it can be of several objects.
    """
    describe = client.describe(object_name)
    if not describe.get(_NEEDED[operation], True):
        raise ArgumentError(f"You can't {operation} records of {object_name}.", fields=("operation",))
    fields = {field["name"].lower(): field for field in describe["fields"]}
    faults = _keys(operation, columns, external_id, fields)
    keys = {"id", external_id.lower()} if external_id else {"id"}
    for name in columns:
        if operation not in DELETES and name.lower() not in keys:
            faults += _column(client, describe, fields, name, operation)
    if operation == "insert":
        faults += _required(describe, columns)
    if faults:
        raise ArgumentError(
            f"The file's columns don't fit {operation} of {object_name}: {'; '.join(faults)}.",
            fields=("file",),
            hint="Nothing was sent. Columns are named by API names (describe_object lists them).",
        )


def _keys(
    operation: Operation, columns: Sequence[str], external_id: str | None, fields: dict[str, dict[str, Any]]
) -> list[str]:
    """What is wrong with the columns that name the records."""
    names = [name.lower() for name in columns]
    faults = [f"{name!r} stands there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if operation == "insert" and "id" in names:
        faults.append("Id can't be set")
    if operation in ("update", *DELETES) and "id" not in names:
        faults.append("there is no column Id")
    if operation in DELETES and len(names) > 1:
        faults.append("only a column Id may be there")
    if operation != "upsert" and external_id:
        faults.append(f"an external Id field is for upsert alone, not {operation}")
    if operation == "upsert":
        field = fields.get((external_id or "").lower())
        if field is None or not (field.get("externalId") or field.get("idLookup") or field["name"] == "Id"):
            known = ", ".join(
                each["name"] for each in fields.values() if each.get("externalId") or each["name"] == "Id"
            )
            faults.append(f"upsert needs an external Id field, one of {known}")
        elif field["name"].lower() not in names:
            faults.append(f"there is no column {field['name']}")
    return faults


def _column(
    client: Client, describe: dict[str, Any], fields: dict[str, dict[str, Any]], name: str, operation: Operation
) -> list[str]:
    if not name:
        return ["a column has no name"]
    if "." in name:
        return _parent(client, describe, name)
    field = fields.get(name.lower())
    if field is None:
        near = nearest(name, [each["name"] for each in describe["fields"]])
        return [f"there is no field {name!r}" + (f" (did you mean {' or '.join(near)}?)" if near else "")]
    settable = {
        "insert": field.get("createable"),
        "update": field.get("updateable"),
        "upsert": field.get("createable") or field.get("updateable"),
    }
    return [] if settable.get(operation, True) else [f"{field['name']} can't be set"]


def _parent(client: Client, describe: dict[str, Any], name: str) -> list[str]:
    """A parent named by one of its fields."""
    kind, _, path = name.rpartition(":")
    relationship, _, parent_field = path.partition(".")
    reference = next(
        (each for each in describe["fields"] if (each.get("relationshipName") or "").lower() == relationship.lower()),
        None,
    )
    if reference is None:
        near = nearest(relationship, [each["relationshipName"] or "" for each in describe["fields"]])
        return [
            f"there is no relationship {relationship!r}" + (f" (did you mean {' or '.join(near)}?)" if near else "")
        ]
    targets: list[str] = reference["referenceTo"]
    if len(targets) > 1 and kind.lower() not in map(str.lower, targets):
        return [f"{name!r} must say which object it means, as in {targets[0]}:{path}"]
    if len(targets) == 1 and kind:
        return [f"{name!r} must not name an object: write {path}"]
    target = client.describe(kind or targets[0])
    field = next((each for each in target["fields"] if each["name"].lower() == parent_field.lower()), None)
    if field is None or not (field.get("externalId") or field.get("idLookup")):
        return [f"{parent_field!r} is no external Id or lookup field of {target['name']}"]
    return []


def _required(describe: dict[str, Any], columns: Sequence[str]) -> list[str]:
    """Fields without which no record can be created."""
    given = {name.lower() for name in columns}
    given |= {name.rpartition(":")[2].partition(".")[0].lower() for name in columns if "." in name}
    missing = [
        field["name"]
        for field in describe["fields"]
        if field.get("createable")
        and not field.get("nillable")
        and not field.get("defaultedOnCreate")
        and field["type"] != "boolean"
        and field["name"].lower() not in given
        and (field.get("relationshipName") or "").lower() not in given
    ]
    return [f"required: {', '.join(missing)}"] if missing else []
