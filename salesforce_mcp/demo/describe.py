"""Describes: what the REST API tells of objects and fields, as one user sees them.

Source: the recorded describes of real orgs, and SOAP API Developer Guide, "DescribeSObjectResult". Keys are in
Salesforce's order, which is the alphabet's.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.schema import NUMBER_TYPES, ChildRelationship, Field, SObject, SObjects

if TYPE_CHECKING:
    from salesforce_mcp.demo.users import User

MAX_BATCH_SIZE = 200
_SPECIAL_URLS = {
    "Case": (
        ("caseArticleSuggestions", "/suggestedArticles"),
        ("caseRowArticleSuggestions", "/{ID}/suggestedArticles"),
    ),
    "Event": (("eventSeriesUpdates", "/{ID}/fromThisEventOnwards"),),
    "User": (("passwordUtilities", "/{ID}/password"),),
}
_ACTIVITIES = frozenset({"Event", "Task"})
"""Objects without list views and approvals."""
MASTER_RECORD_TYPE = "012000000000000AAA"
SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "base64": "xsd:base64Binary",
    "address": "urn:address",
    "location": "urn:location",
    "anyType": "xsd:anyType",
}
_BYTES_PER_CHARACTER = 3
_IDS = frozenset({"id", "reference"})
_NAME_PARTS = frozenset({"FirstName", "LastName", "Salutation", "Name"})
_NOT_PREFILTERABLE = frozenset({"OwnerId", "CreatedById", "LastModifiedById", "MasterRecordId"})
_SCOPE_LABELS = {
    "everything": "All {plural}",
    "mine": "My {plural}",
    "team": "My team's {plural}",
    "queue_owned": "Queue owned {plural}",
    "user_owned": "User owned {plural}",
    "delegated": "My delegated {plural}",
    "genericteam": "My case teams {plural}",
    "team_by_role": "My role-based team's {plural}",
    "allPrivate": "All private {plural}",
    "created": "Created by me {plural}",
}


def describe_global(objects: SObjects, user: User, data_root: str) -> dict[str, Any]:
    """The answer of `/sobjects`: all objects that the user may know of, by name."""
    known = sorted((each for each in objects if user.can_read(each.name)), key=lambda each: each.name.lower())
    return {
        "encoding": "UTF-8",
        "maxBatchSize": MAX_BATCH_SIZE,
        "sobjects": [summary(each, user, data_root) for each in known],
    }


def summary(sobject: SObject, user: User, data_root: str) -> dict[str, Any]:
    """One object in `/sobjects` and in `/sobjects/{object}`."""
    kind, parent = sobject.associate_of or (None, None)
    return {
        "activateable": False,
        "associateEntityType": kind,
        "associateParentEntity": parent,
        "createable": user.can(sobject, "create"),
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": user.can(sobject, "delete"),
        "deprecatedAndHidden": False,
        "feedEnabled": sobject.can("feedEnabled"),
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "layoutable": sobject.can("layoutable"),
        "mergeable": sobject.can("mergeable"),
        "mruEnabled": sobject.can("mruEnabled"),
        "name": sobject.name,
        "queryable": sobject.can("queryable"),
        "replicateable": sobject.can("replicateable"),
        "retrieveable": sobject.can("retrieveable"),
        "searchable": sobject.can("searchable"),
        "triggerable": sobject.can("triggerable"),
        "undeletable": sobject.can("undeletable"),
        "updateable": user.can(sobject, "edit"),
        "urls": _urls(sobject, data_root),
    }


def describe_object(objects: SObjects, sobject: SObject, user: User, data_root: str, base_url: str) -> dict[str, Any]:
    """The answer of `/sobjects/{object}/describe`; `base_url` is what the urls of pages start with."""
    layoutable = sobject.can("layoutable")
    described = summary(sobject, user, data_root) | {
        "actionOverrides": [],
        "childRelationships": [
            _child_relationship(each)
            for each in sorted(objects.children(sobject.name), key=lambda each: each.child_object)
            if user.can_read(each.child_object)
        ],
        "compactLayoutable": layoutable,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [
            describe_field(sobject, each, user)
            for each in sobject.fields
            if user.can_read_field(sobject.name, each.name)
        ],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(sobject, data_root),
        "searchLayoutable": sobject.can("searchable") and layoutable,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [_scope(sobject, name) for name in sorted(sobject.scopes)],
        "urls": _urls(sobject, data_root, base_url),
    }
    return dict(sorted(described.items()))


def describe_field(sobject: SObject, field: Field, user: User) -> dict[str, Any]:
    """One field of a describe."""
    editable = user.can_edit_field(sobject.name, field.name)
    polymorphic = field.polymorphic
    return {
        "aggregatable": field.aggregatable,
        "aiPredictionField": False,
        "autoNumber": field.auto_number is not None,
        "byteLength": byte_length(field),
        "calculated": field.calculated,
        "calculatedFormula": field.formula,
        "cascadeDelete": field.relationship_order is not None,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": field.controller_name,
        "createable": field.createable and editable,
        "custom": field.custom,
        "defaultValue": _default_value(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": field.controller_name is not None,
        "deprecatedAndHidden": False,
        "digits": field.digits,
        "displayLocationInDecimal": field.type == "location",
        "encrypted": field.type == "encryptedstring",
        "externalId": field.external_id,
        "extraTypeInfo": extra_type(sobject, field),
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": field.calculated and field.type in NUMBER_TYPES,
        "groupable": field.groupable,
        "highScaleNumber": False,
        "htmlFormatted": field.html_formatted,
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help_text,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": polymorphic,
        "nillable": field.nillable,
        "permissionable": permissionable(field),
        "picklistValues": _picklist_values(sobject, field),
        "polymorphicForeignKey": polymorphic,
        "precision": field.precision,
        "queryByDistance": field.type in ("address", "location"),
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": field.relationship_order,
        "restrictedDelete": field.on_delete == "restrict" and field.custom,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": bool(field.reference_to) and field.name not in _NOT_PREFILTERABLE,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable and editable,
        "writeRequiresMasterRead": False,
    }


def _urls(sobject: SObject, data_root: str, base_url: str | None = None) -> dict[str, str]:
    """Resources of an object; those of pages too when `base_url` is given."""
    own = f"{data_root}/sobjects/{sobject.name}"
    urls = {}
    if sobject.can("layoutable"):
        urls["compactLayouts"] = f"{own}/describe/compactLayouts"
    urls["rowTemplate"] = f"{own}/{{ID}}"
    listed = sobject.can("mruEnabled") and sobject.name not in _ACTIVITIES
    if listed and sobject.can("layoutable"):
        urls["approvalLayouts"] = f"{own}/describe/approvalLayouts"
    if base_url is not None:
        urls["uiDetailTemplate"] = f"{base_url}/{{ID}}"
        urls["uiEditTemplate"] = f"{base_url}/{{ID}}/e"
    for name, path in _SPECIAL_URLS.get(sobject.name, ()):
        urls[name] = own + path
    if listed:
        urls["listviews"] = f"{own}/listviews"
    urls["describe"] = f"{own}/describe"
    if base_url is not None:
        urls["uiNewRecord"] = f"{base_url}/{sobject.key_prefix}/e"
    if sobject.can("layoutable"):
        if sobject.can("mruEnabled"):
            urls["quickActions"] = f"{own}/quickActions"
        urls["layouts"] = f"{own}/describe/layouts"
    urls["sobject"] = own
    return urls


def _child_relationship(relationship: ChildRelationship) -> dict[str, Any]:
    return {
        "cascadeDelete": relationship.on_delete == "cascade",
        "childSObject": relationship.child_object,
        "deprecatedAndHidden": False,
        "field": relationship.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": relationship.name,
        "restrictedDelete": relationship.on_delete == "restrict",
    }


def _record_types(sobject: SObject, data_root: str) -> list[dict[str, Any]]:
    layouts = f"{data_root}/sobjects/{sobject.name}/describe/layouts"
    return [
        {"active": True, **each, "urls": {"layout": f"{layouts}/{each['recordTypeId']}"}}
        for each in record_types(sobject)
    ]


def record_types(sobject: SObject) -> list[dict[str, Any]]:
    """Record types with the master last, which is the default of an object without others."""
    types = [(each.id, each.developer_name, each.name, each.default, False) for each in sobject.record_types]
    types.append((MASTER_RECORD_TYPE, "Master", "Master", not types, True))
    return [
        {
            "available": True,
            "defaultRecordTypeMapping": default,
            "developerName": developer_name,
            "master": master,
            "name": name,
            "recordTypeId": record,
        }
        for record, developer_name, name, default, master in types
    ]


def _scope(sobject: SObject, name: str) -> dict[str, str]:
    return {"label": _SCOPE_LABELS[name].format(plural=sobject.label_plural.lower()), "name": name}


def _default_value(field: Field) -> Any:
    """A literal default; moments and users that are filled in are only `defaultedOnCreate`."""
    return None if field.default_value in ("now", "today", "user") else field.default_value


def byte_length(field: Field) -> int:
    """The most bytes that a value takes."""
    return field.length * (1 if field.type in _IDS else _BYTES_PER_CHARACTER)


def extra_type(sobject: SObject, field: Field) -> str | None:
    """What a describe says of a type more closely."""
    if field.type == "textarea":
        return "richtextarea" if field.html_formatted else "plaintextarea"
    if field.type == "url" and field.name.endswith("PhotoUrl"):
        return "imageurl"
    if field.name in _NAME_PARTS and sobject.field("LastName"):
        return "personname"
    return "switchablepersonname" if sobject.name == "Account" and field.name == "Name" else None


def permissionable(field: Field) -> bool:
    """True if a profile could hide the field: not what every record needs or the system keeps."""
    settable = field.createable or field.updateable or field.calculated or field.type in ("address", "location")
    required = not field.nillable and field.type != "boolean"
    return settable and not required and not field.name_field and field.compound != "Name"


def _picklist_values(sobject: SObject, field: Field) -> list[dict[str, Any]]:
    return [
        {
            "active": each.active,
            "defaultValue": each.default,
            "label": each.label,
            "validFor": _valid_for(sobject, field, each.valid_for),
            "value": each.value,
        }
        for each in field.picklist_values
    ]


def _valid_for(sobject: SObject, field: Field, controlling: tuple[str, ...]) -> str | None:
    """The controlling values that allow a value: a bitmap over their places, the first in the highest bit, base64."""
    controller = sobject.field(field.controller_name) if field.controller_name else None
    if controller is None:
        return None
    places = [place for place, each in enumerate(controller.picklist_values) if each.value in controlling]
    bitmap = bytearray((len(controller.picklist_values) + 7) // 8)
    for place in places:
        bitmap[place // 8] |= 0x80 >> place % 8
    return base64.b64encode(bytes(bitmap)).decode()
