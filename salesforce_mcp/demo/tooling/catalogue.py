"""What the org is made of, as rows: objects and fields; those of what belongs to them are in `components`.

They are made of the definitions when they are asked for, so they are always true and cost no start. Source: Tooling
API, "EntityDefinition", "FieldDefinition", "EntityParticle", "CustomObject", "CustomField"; recorded answers of orgs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import orjson

from salesforce_mcp.demo.describe import SOAP_TYPES, byte_length, extra_type, permissionable, record_types
from salesforce_mcp.demo.layouts import on_page
from salesforce_mcp.demo.schema import Field, SObject, SObjects, long_id
from salesforce_mcp.demo.tooling import components
from salesforce_mcp.demo.tooling.components import Row, customizable, in_order
from salesforce_mcp.demo.tooling.field_metadata import data_type, field_metadata

_SHARING = {"public": "ReadWrite", "private": "Private", "parent": "ControlledByParent"}
_SHARING_OF_CUSTOM = {"public": "Edit", "private": "None", "parent": "ControlledByParent"}
_AUDITED = frozenset({"CreatedDate", "SystemModstamp"})


def whole(objects: SObjects, name: str) -> list[Field]:
    """The fields that an object's rows have: Id, then all that aren't worked out."""
    sobject = objects.tooling.get(name) or objects[name]
    return [sobject.fields[0], *(each for each in sobject.stored_fields if each.type != "id")]


@lru_cache(maxsize=16)
def rows(objects: SObjects, name: str) -> list[tuple[Any, ...]]:
    """An object's rows, as they lie in SQLite."""
    fields = whole(objects, name)
    return [tuple(_stored(each, row.get(each.name)) for each in fields) for row in _SOURCES[name](objects)]


def _stored(field: Field, value: Any) -> Any:
    return orjson.dumps(value).decode() if field.type == "complexvalue" else value


def _custom_id(sobject: SObject, field: Field) -> str:
    """The Id of a custom field, 15 characters."""
    return f"00N5g0000{sobject.key_prefix}{sobject.fields.index(field):03d}"


def _developer_name(sobject: SObject, field: Field) -> str:
    """The name without what says what kind of field it is: Account of AccountId, Status of Status__c."""
    if field.custom:
        return field.name.removesuffix("__c").removesuffix("__s")
    return field.name.removesuffix("Id") if field.reference_to else field.name


def _field_id(sobject: SObject, field: Field) -> str:
    own = _custom_id(sobject, field) if field.custom else _developer_name(sobject, field)
    return f"{sobject.durable_id}.{own}"


def _entities(objects: SObjects) -> Iterator[Row]:
    for each in in_order(objects):
        page = f"/{each.key_prefix}" if each.key_prefix and each.can("layoutable") else None
        yield {
            "Id": each.durable_id,
            "DurableId": each.durable_id,
            "QualifiedApiName": each.name,
            "DeveloperName": each.name.removesuffix("__c"),
            "MasterLabel": each.label,
            "Label": each.label,
            "PluralLabel": each.label_plural,
            "DefaultCompactLayoutId": f"{each.durable_id}.SYSTEM" if each.can("layoutable") else None,
            "IsCustomizable": customizable(each),
            "IsApexTriggerable": each.can("triggerable"),
            "IsWorkflowEnabled": customizable(each),
            "IsProcessEnabled": customizable(each),
            "IsCompactLayoutable": each.can("layoutable"),
            "DeploymentStatus": "Deployed" if each.custom else None,
            "KeyPrefix": each.key_prefix,
            "IsCustomSetting": False,
            "IsDeprecatedAndHidden": False,
            "IsReplicateable": each.can("replicateable"),
            "IsRetrieveable": each.can("retrieveable"),
            "IsSearchLayoutable": each.can("searchable") and each.can("layoutable"),
            "IsSearchable": each.can("searchable"),
            "IsTriggerable": each.can("triggerable"),
            "IsIdEnabled": True,
            "IsEverCreatable": each.can("createable"),
            "IsEverUpdatable": each.can("updateable"),
            "IsEverDeletable": each.can("deletable"),
            "IsFeedEnabled": each.can("feedEnabled"),
            "IsQueryable": each.can("queryable"),
            "IsMruEnabled": each.can("mruEnabled"),
            "DetailUrl": "/{ID}" if page else None,
            "EditUrl": "/{ID}/e" if page else None,
            "NewUrl": f"{page}/e" if page else None,
            "PublisherId": "<local>" if each.custom else "System",
            "IsLayoutable": each.can("layoutable"),
            "IsFlsEnabled": any(permissionable(field) for field in each.fields),
            "IsInterface": False,
            "IsReportingEnabled": each.custom,
            "IsActivityTrackable": any(link.name == "Tasks" for link in objects.children(each.name)),
            "IsFieldHistoryTracked": bool(each.tracked),
            "InternalSharingModel": _SHARING[each.sharing],
            "ExternalSharingModel": "ControlledByParent" if each.sharing == "parent" else "Private",
            "HasSubtypes": False,
            "IsSubtype": False,
            "IsAutoActivityCaptureEnabled": False,
            "RecordTypesSupported": {"recordTypeInfos": record_types(each)},
            "FullName": each.name,
        }


def _fields(objects: SObjects) -> Iterator[Row]:
    """Fields without the parts of compound ones, which are particles."""
    for sobject in in_order(objects):
        for field in sobject.fields:
            if field.compound is None:
                controller = sobject.field(field.controller_name) if field.controller_name else None
                yield {
                    **_common(sobject, field),
                    "DataType": data_type(objects, sobject, field),
                    "IsIndexed": _indexed(field),
                    "IsListFilterable": field.filterable,
                    "IsListSortable": field.sortable,
                    "IsPolymorphicForeignKey": field.polymorphic,
                    "IsSearchPrefilterable": bool(field.reference_to),
                    "IsFlsEnabled": permissionable(field),
                    "IsEverApiAccessible": True,
                    "IsAiPredictionField": False,
                    "PublisherId": "<local>" if field.custom else "System",
                    "ControllingFieldDefinitionId": _field_id(sobject, controller) if controller else None,
                    "FullName": f"{sobject.name}.{field.name}",
                    "Metadata": field_metadata(sobject, field),
                }


def _particles(objects: SObjects) -> Iterator[Row]:
    for sobject in in_order(objects):
        for field in sobject.fields:
            common = _common(sobject, field)
            whole = sobject.field(field.compound) if field.compound else None
            definition = _field_id(sobject, whole) if whole else common["DurableId"]
            durable_id = f"{definition}.{_developer_name(sobject, field)}" if whole else definition
            yield {
                **common,
                "Id": durable_id,
                "DurableId": durable_id,
                "FieldDefinitionId": definition,
                "Name": field.name,
                "DataType": field.type,
                "ByteLength": byte_length(field),
                "Digits": field.digits,
                "IsAutoNumber": field.auto_number is not None,
                "IsCaseSensitive": field.case_sensitive,
                "IsUnique": field.unique,
                "IsCreatable": field.createable,
                "IsUpdatable": field.updateable,
                "IsDefaultedOnCreate": field.defaulted_on_create,
                "IsComponent": whole is not None,
                "IsIdLookup": field.id_lookup,
                "IsLayoutable": on_page(field),
                "IsDependentPicklist": field.controller_name is not None,
                "IsDeprecatedAndHidden": False,
                "IsDisplayLocationInDecimal": field.type == "location",
                "IsEncrypted": field.type == "encryptedstring",
                "IsNamePointing": field.polymorphic,
                "IsPermissionable": permissionable(field),
                "IsWriteRequiresMasterRead": False,
                "RelationshipOrder": field.relationship_order,
                "InlineHelpText": field.help_text,
            }


def _common(sobject: SObject, field: Field) -> Row:
    """What a field and its particles both tell."""
    durable_id = _field_id(sobject, field)
    compound = bool(field.components) or any(each.compound == field.name for each in sobject.fields)
    return {
        "Id": durable_id,
        "DurableId": durable_id,
        "QualifiedApiName": field.name,
        "EntityDefinitionId": sobject.durable_id,
        "DeveloperName": _developer_name(sobject, field),
        "MasterLabel": field.label,
        "Label": field.label,
        "Length": field.length,
        "ValueTypeId": SOAP_TYPES.get(field.type, "xsd:string").partition(":")[2].lower(),
        "ExtraTypeInfo": extra_type(sobject, field),
        "IsCalculated": field.calculated,
        "IsHighScaleNumber": False,
        "IsHtmlFormatted": field.html_formatted,
        "IsNameField": field.name_field,
        "IsNillable": field.nillable,
        "IsWorkflowFilterable": field.filterable,
        "IsCompactLayoutable": on_page(field) and field.filterable,
        "IsFieldHistoryTracked": field.name in sobject.tracked,
        "IsApiFilterable": field.filterable and not compound,
        "IsApiSortable": field.sortable and not compound,
        "IsApiGroupable": field.groupable and not compound,
        "IsListVisible": on_page(field),
        "IsCompound": compound,
        "Precision": field.precision,
        "Scale": field.scale,
        "ReferenceTo": {"referenceTo": list(field.reference_to) or None},
        "RelationshipName": field.relationship_name,
    }


def _indexed(field: Field) -> bool:
    """As Salesforce documents it: Ids, names, look-ups, audit dates, external Ids and unique fields."""
    ids = field.type == "id" or bool(field.reference_to) or field.id_lookup or field.unique
    return ids or field.name_field or field.name in _AUDITED


def _custom_objects(objects: SObjects) -> Iterator[Row]:
    for each in in_order(objects):
        if each.custom:
            yield {
                "Id": long_id(each.durable_id),
                "DeveloperName": each.name.removesuffix("__c"),
                "Language": "en_US",
                "SharingModel": _SHARING_OF_CUSTOM[each.sharing],
                **components.UNMANAGED,
            }


def _custom_fields(objects: SObjects) -> Iterator[Row]:
    for sobject in in_order(objects):
        for field in sobject.fields:
            if field.custom and field.compound is None:
                yield {
                    "Id": long_id(_custom_id(sobject, field)),
                    "TableEnumOrId": sobject.durable_id,
                    "EntityDefinitionId": sobject.durable_id,
                    "DeveloperName": _developer_name(sobject, field),
                    "InlineHelpText": field.help_text,
                    "Length": field.length or None,
                    "Precision": field.precision or None,
                    "Scale": field.scale if field.precision else None,
                    "FullName": f"{sobject.name}.{field.name}",
                    "Metadata": field_metadata(sobject, field),
                    **components.UNMANAGED,
                }


_SOURCES: dict[str, Callable[[SObjects], Iterator[Row]]] = {
    "CustomField": _custom_fields,
    "CustomObject": _custom_objects,
    "EntityDefinition": _entities,
    "EntityParticle": _particles,
    "FieldDefinition": _fields,
    "Flow": components.flow_versions,
    "FlowDefinition": components.flow_definitions,
    "FlowDefinitionView": components.flow_views,
    "Layout": components.layouts,
    "ValidationRule": components.validation_rules,
}
