"""A field as Setup and the Metadata API tell of it: `Text(80)`, and what a deployment of it would hold.

Source: Tooling API, "FieldDefinition"; Metadata API, "CustomField", "ValueSet"; the recorded CustomField of an org.
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.schema import Field, SObject, SObjects

_NAMES = {
    "boolean": "Checkbox",
    "date": "Date",
    "datetime": "Date/Time",
    "time": "Time",
    "picklist": "Picklist",
    "multipicklist": "Picklist (Multi-Select)",
    "combobox": "Picklist",
    "phone": "Phone",
    "email": "Email",
    "address": "Address",
    "location": "Geolocation",
    "base64": "File",
    "anyType": "Unknown",
    "complexvalue": "Complex Value",
}
"""Types that say no size."""
_METADATA_TYPES = {
    "boolean": "Checkbox",
    "currency": "Currency",
    "date": "Date",
    "datetime": "DateTime",
    "double": "Number",
    "email": "Email",
    "int": "Number",
    "location": "Location",
    "multipicklist": "MultiselectPicklist",
    "percent": "Percent",
    "phone": "Phone",
    "picklist": "Picklist",
    "reference": "Lookup",
    "string": "Text",
    "time": "Time",
    "url": "Url",
}
_KEYS = (
    "caseSensitive", "customDataType", "defaultValue", "deleteConstraint", "deprecated", "description", "displayFormat",
    "displayLocationInDecimal", "encrypted", "escapeMarkup", "externalDeveloperName", "externalId", "formula",
    "formulaTreatBlanksAs", "inlineHelpText", "isConvertLeadDisabled", "isFilteringDisabled", "isNameField",
    "isSortingDisabled", "label", "length", "lookupFilter", "maskChar", "maskType", "picklist", "populateExistingRows",
    "precision", "readOnlyProxy", "referenceTargetField", "referenceTo", "relationshipLabel", "relationshipName",
    "relationshipOrder", "reparentableMasterDetail", "required", "restrictedAdminField", "scale", "startingNumber",
    "stripMarkup", "summarizedField", "summaryForeignKey", "summaryOperation", "trackFeedHistory", "trackHistory",
    "trackTrending", "type", "unique", "urls", "valueSet", "visibleLines", "writeRequiresMasterRead",
)  # fmt: skip
_LONG = 255


def data_type(objects: SObjects, sobject: SObject, field: Field) -> str:
    """The type as Setup shows it, with its size, and what is particular about it behind."""
    name = _type_name(objects, sobject, field)
    if field.formula is not None:
        rolled_up = field.formula.startswith("Roll-Up Summary")
        return field.formula if rolled_up else f"Formula ({name.partition('(')[0].strip()})"
    if field.external_id:
        name += " (External ID)"
    if field.unique:
        name += " (Unique Case Sensitive)" if field.case_sensitive else " (Unique Case Insensitive)"
    return name


def _type_name(objects: SObjects, sobject: SObject, field: Field) -> str:
    kind = field.type
    if kind == "id":
        return "Lookup()"  # as a recorded answer has it
    if field.reference_to:
        known = [found for name in field.reference_to if (found := objects.get(name))]
        if field.name == "OwnerId":
            known.reverse()  # a user first, or a queue
        labels = ",".join(each.label for each in known)
        return f"{'Lookup' if field.relationship_order is None else 'Master-Detail'}({labels})"
    if field.auto_number:
        return "Auto Number"
    if field.name == "Name" and (sobject.name == "Account" or any(each.compound == "Name" for each in sobject.fields)):
        return "Name"
    if kind == "textarea":
        words = "Rich Text Area" if field.html_formatted else "Long Text Area" if field.length > _LONG else "Text Area"
        return f"{words}({field.length})"
    if kind in ("double", "currency", "percent"):
        words = {"double": "Number", "currency": "Currency", "percent": "Percent"}[kind]
        return f"{words}({field.precision - field.scale}, {field.scale})"
    if kind == "int":
        return f"Number({field.digits}, 0)"
    if kind == "url":
        return f"URL({field.length})"
    return _NAMES.get(kind) or f"Text({field.length})"


def field_metadata(sobject: SObject, field: Field) -> dict[str, Any]:
    """What the Metadata API holds of a field: the keys that don't apply are null."""
    master = field.relationship_order is not None
    known: dict[str, Any] = {
        "caseSensitive": field.case_sensitive if field.unique else None,
        "defaultValue": str(field.default_value).lower() if field.type == "boolean" else None,
        "displayFormat": field.auto_number,
        "externalId": field.external_id,
        "formula": field.formula,
        "inlineHelpText": field.help_text,
        "label": field.label,
        "length": field.length if field.type in ("string", "textarea", "url") else None,
        "precision": field.precision or None,
        "referenceTo": field.reference_to[0] if len(field.reference_to) == 1 else None,
        "relationshipName": (field.child_relationship_name or "").removesuffix("__r") or None,
        "relationshipOrder": field.relationship_order,
        "required": not field.nillable and field.type != "boolean",
        "scale": field.scale if field.precision else None,
        "trackHistory": field.name in sobject.tracked,
        "trackTrending": False,
        "type": _metadata_type(field, master=master),
        "unique": field.unique,
        "valueSet": _value_set(sobject, field) if field.picklist_values else None,
        "writeRequiresMasterRead": False if master else None,
    }
    return {key: known.get(key) for key in _KEYS}


def _metadata_type(field: Field, *, master: bool) -> str | None:
    if field.auto_number:
        return "AutoNumber"
    if field.type == "textarea":
        return "Html" if field.html_formatted else "LongTextArea" if field.length > _LONG else "TextArea"
    return "MasterDetail" if master else _METADATA_TYPES.get(field.type)


def _value_set(sobject: SObject, field: Field) -> dict[str, Any]:
    values = [
        {
            "color": None,
            "default": each.default,
            "description": None,
            "isActive": None if each.active else False,
            "label": each.label,
            "urls": None,
            "valueName": each.value,
        }
        for each in field.picklist_values
    ]
    settings = [
        {"controllingFieldValue": list(each.valid_for), "valueName": each.value}
        for each in field.picklist_values
        if each.valid_for
    ]
    return {
        "controllingField": field.controller_name,
        "restricted": field.restricted_picklist,
        "valueSetDefinition": {"sorted": False, "value": values},
        "valueSetName": None,
        "valueSettings": settings,
    }
