"""What objects the org has (resource `sobjects`) and what they consist of (`sobjects/{object}/describe`)."""

from __future__ import annotations

from typing import Any, Literal

from salesforce_mcp.tools.arguments import Cursor, FieldNames, Limit, ObjectName
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Result, Sections, Table
from salesforce_mcp.tools.schema.fields import active_values, choose, required_on_create

DEFAULT_LIMIT = 100
MAX_VALUES = 40
"""Picklist values that the summary lists of one field; of longer lists it shows the first few."""
FEW_VALUES = 10

_RIGHTS = {
    "createable": "create",
    "queryable": "read",
    "updateable": "update",
    "deletable": "delete",
    "searchable": "search",
}


@tool(title="List objects", default=True)
def list_objects(
    context: Context,
    filter: str | None = None,
    custom_only: bool = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor | None = None,
) -> Table:
    """Find the org's objects: API name, label, key prefix, and what you may do: (c)reate, (r)ead, (u)pdate, (d)elete,
    (s)earch. `filter` is part of a name or label.
    """
    if cursor:
        return context.pages.read(cursor)
    wanted = (filter or "").lower()
    rows = [
        [
            entry["name"],
            entry["label"],
            entry.get("keyPrefix"),
            "".join(word[0] for right, word in _RIGHTS.items() if entry.get(right)),
        ]
        for entry in context.client.describe_global()["sobjects"]
        if not entry.get("deprecatedAndHidden")
        and (not custom_only or entry.get("custom"))
        and (wanted in entry["name"].lower() or wanted in str(entry["label"]).lower())
    ]
    return context.pages.first(Table(["name", "label", "prefix", "may"], rows, total=len(rows)), limit)


@tool(title="Describe object", default=True)
def describe_object(
    context: Context,
    object: ObjectName,
    fields: FieldNames | None = None,
    detail: Literal["summary", "full"] = "summary",
) -> Result:
    """An object's fields by type, required ones, picklist values, references, child relationships, record types. Use it
    before writing SOQL or records. `fields` shows just those, with labels, lengths and all values.
    """
    describe = context.client.describe(object)
    if fields:
        return _field_table(choose(describe, fields))
    return _summary(describe) if detail == "summary" else _full(describe)


def _summary(describe: dict[str, Any]) -> Record:
    """Names grouped by type: a line for each field would cost twice as much."""
    by_type: dict[str, list[str]] = {}
    picklists: dict[str, list[str]] = {}
    references: dict[str, str] = {}
    labels: dict[str, str] = {}
    read_only, required = [], []
    for field in describe["fields"]:
        name = field["name"]
        if field.get("deprecatedAndHidden"):
            continue
        if field["type"] in ("picklist", "multipicklist"):
            values = active_values(field)
            if len(values) > MAX_VALUES:
                values = [*values[:FEW_VALUES], f"and {len(values) - FEW_VALUES} more"]
            picklists[name if field["type"] == "picklist" else f"{name} (multi)"] = values
        elif field["type"] == "reference":
            references[name] = _target(field)
        else:
            by_type.setdefault(field["type"], []).append(name)
        if required_on_create(field):
            required.append(name)
        elif not field["createable"] and not field["updateable"]:
            read_only.append(name)
        if field.get("custom") and not _follows(field["label"], name):
            labels[name] = field["label"]
    children = [
        _child(child["relationshipName"], child["childSObject"])
        for child in describe["childRelationships"]
        if child.get("relationshipName") and not child.get("deprecatedAndHidden")
    ]
    types = [
        f"{entry['name']} ({entry['recordTypeId']}{', default' if entry.get('defaultRecordTypeMapping') else ''})"
        for entry in describe["recordTypeInfos"]
        if entry.get("available") and not entry.get("master")
    ]
    shown = {
        "object": describe["name"],
        "label": describe["label"],
        "prefix": describe.get("keyPrefix"),
        "may": [word for right, word in _RIGHTS.items() if describe.get(right)],
        "required": required,
        "fields": by_type,
        "picklists": picklists,
        "references": references,
        "read_only": read_only,
        "labels": labels,
        "children": children,
        "record_types": types,
    }
    return Record({name: value for name, value in shown.items() if value})


def _full(describe: dict[str, Any]) -> Sections:
    children = [
        [child["relationshipName"], child["childSObject"], child["field"], child["cascadeDelete"]]
        for child in describe["childRelationships"]
        if child.get("relationshipName")
    ]
    types = [
        [entry["recordTypeId"], entry.get("developerName"), entry["name"], entry.get("defaultRecordTypeMapping")]
        for entry in describe["recordTypeInfos"]
        if entry.get("available")
    ]
    return Sections(
        [
            ("fields", _field_table(describe["fields"])),
            ("children", Table(["relationship", "object", "field", "cascade_delete"], children, total=len(children))),
            ("record_types", Table(["id", "developer_name", "label", "default"], types, total=len(types))),
        ],
        summary=f"{describe['name']} ({describe['label']}), key prefix {describe.get('keyPrefix') or 'none'}.",
    )


def _field_table(fields: list[dict[str, Any]]) -> Table:
    rows = [
        [
            field["name"],
            field["label"],
            field["type"],
            field["length"] or field["precision"] or None,
            required_on_create(field),
            "".join(letter for right, letter in (("createable", "c"), ("updateable", "u")) if field[right]),
            "".join(
                letter for right, letter in (("filterable", "f"), ("sortable", "s"), ("groupable", "g")) if field[right]
            ),
            _target(field) if field["type"] == "reference" else None,
            "; ".join(active_values(field)) or None,
            field.get("calculatedFormula"),
            field.get("externalId") or None,
            field.get("unique") or None,
            field.get("inlineHelpText"),
        ]
        for field in fields
    ]
    columns = ["name", "label", "type", "length", "required", "may", "in_soql", "references", "values", "formula"]
    return Table([*columns, "external_id", "unique", "help"], rows, total=len(rows))


def _target(field: dict[str, Any]) -> str:
    """The objects a reference may point to, after the relationship's name where the field's doesn't give it away."""
    objects = "|".join(field["referenceTo"]) if len(field["referenceTo"]) <= FEW_VALUES else "many objects"
    name, relationship = field["name"], field.get("relationshipName")
    usual = f"{name.removesuffix('__c')}__r" if name.endswith("__c") else name.removesuffix("Id")
    return objects if relationship in (usual, None) else f"{relationship} > {objects}"


def _child(relationship: str, object_name: str) -> str:
    """A child relationship, followed by its object where the name doesn't give it away."""
    bare = object_name.removesuffix("__c")
    usual = (f"{bare}s", f"{bare}__r", f"{bare}s__r", f"{bare.removesuffix('y')}ies")
    return relationship if relationship in usual else f"{relationship} > {object_name}"


def _follows(label: str, name: str) -> bool:
    """Whether a custom field's label says no more than its API name."""
    bare = name.removesuffix("__c").split("__")[-1]
    return "".join(filter(str.isalnum, label)).lower() == bare.replace("_", "").lower()
