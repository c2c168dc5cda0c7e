"""One line of an object's definition, made into a Field (the notation is described in demo/objects.py)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from salesforce_mcp.demo.schema import Field, PicklistValue, address_components

_ACCURACY = (
    "Address",
    "NearAddress",
    "Block",
    "Street",
    "ExtendedZip",
    "Zip",
    "Neighborhood",
    "City",
    "County",
    "State",
)
_TEXT_LENGTHS = {"picklist": 255, "multipicklist": 4099, "phone": 40, "email": 80, "url": 255, "reference": 18}
_FLAGS: dict[str, dict[str, Any]] = {
    "required": {"nillable": False},
    "readonly": {"createable": False, "updateable": False},
    "createonly": {"updateable": False},
    "updateonly": {"createable": False},
    "name": {"name_field": True},
    "unique": {"unique": True},
    "external": {"external_id": True, "id_lookup": True},
    "idlookup": {"id_lookup": True},
    "casesensitive": {"case_sensitive": True},
    "restricted": {"restricted_picklist": True},
    "html": {"html_formatted": True},
    "cascade": {"on_delete": "cascade"},
    "restrict": {"on_delete": "restrict"},
    "master": {"on_delete": "cascade", "relationship_order": 0, "nillable": False, "updateable": False},
    "filter": {"filterable": True},
    "sort": {"sortable": True},
    "group": {"groupable": True},
    "aggregate": {"aggregatable": True},
    "nofilter": {"filterable": False},
    "nosort": {"sortable": False},
    "nogroup": {"groupable": False},
    "noaggregate": {"aggregatable": False},
}
_VALUES = {
    "part": "compound",
    "controller": "controller_name",
    "up": "relationship_name",
    "down": "child_relationship_name",
    "auto": "auto_number",
    "default": "default_value",
}


def make_field(name: str, kind: str, label: str, attributes: list[str], sets: dict[str, list[str]]) -> Field:
    """A field from its columns."""
    type_, _, inside = kind.rstrip(")").partition("(")
    options: dict[str, Any] = {"length": _TEXT_LENGTHS.get(type_, 0), "custom": name.endswith("__c")}
    _size(options, type_, inside, sets)
    long_text = type_ == "textarea" and options["length"] > 255
    if long_text or type_ == "base64":
        options |= {"filterable": False, "sortable": False, "groupable": False, "aggregatable": False}
    elif type_ in ("address", "location"):
        options |= {"createable": False, "updateable": False, "sortable": False, "groupable": False}
        options |= {"aggregatable": False}
    elif type_ in ("double", "currency", "percent", "datetime", "time", "anyType"):
        options["groupable"] = False
    elif type_ == "multipicklist":
        options |= {"sortable": False, "groupable": False, "aggregatable": False}
    elif type_ == "boolean":
        options |= {"aggregatable": False, "nillable": False, "default_value": False, "defaulted_on_create": True}
    for attribute in attributes:
        word, _, value = attribute.partition("=")
        if word in _FLAGS:
            options |= _FLAGS[word]
        elif word == "to":
            options["reference_to"] = (value,)
        else:
            options[_VALUES[word]] = _default(type_, value) if word == "default" else value
            if word in ("default", "auto"):
                options["defaulted_on_create"] = True
    return Field(name=name, label=label, type=type_, **options)  # type: ignore[arg-type]


def _size(options: dict[str, Any], type_: str, inside: str, sets: dict[str, list[str]]) -> None:
    """What the brackets behind a type say."""
    if type_ == "reference":
        names = inside.split(",")
        options["reference_to"] = tuple(n for name in names for n in (sets[name[1:]] if name[0] == "@" else [name]))
    elif type_ == "int":
        options["digits"] = int(inside or 9)
    elif type_ in ("double", "currency", "percent"):
        precision, scale = inside.split(",")
        options |= {"precision": int(precision), "scale": int(scale)}
    elif type_ == "id":
        options["length"] = 18
    elif inside:
        options["length"] = int(inside)


def _default(type_: str, value: str) -> Any:
    if type_ == "boolean":
        return value == "true"
    if type_ in ("int", "double", "currency", "percent"):
        return float(value) if "." in value else int(value)
    return value or None


def picklist_values(text: str) -> tuple[PicklistValue, ...]:
    """Values of a `|` line."""
    values = []
    for each in text.split("; "):
        words, _, controlling = each.partition("@")
        value, _, label = words.partition("=")
        default = value.endswith("*")
        value = value.removesuffix("*")
        values.append(
            PicklistValue(value, label or value, True, default, tuple(controlling.split("@")) if controlling else ())
        )
    return tuple(values)


def with_parts(made: Field) -> list[Field]:
    """The field itself, and before it the parts of a compound one, as describes list them."""
    if made.type == "location":
        stem = made.name.removesuffix("__c")
        names = (f"{stem}__Latitude__s", f"{stem}__Longitude__s")
        parts = [make_field(name, "double(18,15)", f"{made.label} ({name.split('__')[1]})", [], {}) for name in names]
        parts = [replace(part, compound=made.name, custom=True) for part in parts]
        return [*parts, replace(made, components=names)]
    if made.type != "address":
        return [made]
    stem = made.name.removesuffix("Address")
    parts_of_address = address_components(stem)
    label = made.label.removesuffix("Address")
    kinds = (
        "textarea(255)  Street", "string(40)  City", "string(80)  State/Province", "string(20)  Zip/Postal Code",
        "string(80)  Country", "double(18,15)  Latitude", "double(18,15)  Longitude", "picklist  Geocode Accuracy",
    )  # fmt: skip
    parts = []
    for name, kind in zip(parts_of_address, kinds, strict=True):
        type_, words = kind.split("  ")
        parts.append(replace(make_field(name, type_, label + words, [], {}), compound=made.name))
    accuracy = tuple(PicklistValue(value, value) for value in _ACCURACY)
    parts[-1] = replace(parts[-1], length=40, restricted_picklist=True, picklist_values=accuracy)
    return [*parts, replace(made, components=parts_of_address)]
