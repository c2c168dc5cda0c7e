"""Validation rules, layouts and flows as rows of the Tooling API.

Source: Tooling API, "ValidationRule", "Layout", "FlowDefinition", "Flow"; Object Reference, "FlowDefinitionView"; a
recorded layout and the Ids of flows that people quote.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from salesforce_mcp.demo.layouts import layout_id, on_page
from salesforce_mcp.demo.schema import Field, SObject, SObjects, record_id

Row = dict[str, Any]

UNMANAGED = {"ManageableState": "unmanaged"}
_FLOW_VERSION = 62


def customizable(sobject: SObject) -> bool:
    """True for objects of records, whose fields and pages admins change; code has a page of its own."""
    return sobject.can("layoutable") and sobject.can("triggerable")


def in_order(objects: SObjects) -> list[SObject]:
    """The objects by name."""
    return sorted(objects, key=lambda each: each.name.lower())


def validation_rules(objects: SObjects) -> Iterator[Row]:
    number = 0
    for sobject in in_order(objects):
        for rule in sobject.rules:
            number += 1
            yield {
                "Id": record_id("03d", number),
                "EntityDefinitionId": sobject.durable_id,
                "ValidationName": rule.name,
                "Active": rule.active,
                "ErrorDisplayField": rule.field,
                "ErrorMessage": rule.message,
                "FullName": f"{sobject.name}.{rule.name}",
                "Metadata": {
                    "active": rule.active,
                    "description": None,
                    "errorConditionFormula": rule.formula,
                    "errorDisplayField": rule.field,
                    "errorMessage": rule.message,
                    "shouldEvaluateOnClient": None,
                    "urls": None,
                },
                **UNMANAGED,
            }


def layouts(objects: SObjects) -> Iterator[Row]:
    for each in in_order(objects):
        if customizable(each):
            yield {
                "Id": layout_id("00h", each),
                "Name": f"{each.label} Layout",
                "TableEnumOrId": each.durable_id,
                "EntityDefinitionId": each.durable_id,
                "LayoutType": "Standard",
                "ShowSubmitAndAttachButton": False,
                "FullName": f"{each.name}-{each.label} Layout",
                "Metadata": _layout(each),
                **UNMANAGED,
            }


def _layout(sobject: SObject) -> Row:
    """The one section of the page, in two columns."""
    shown = [each for each in sobject.fields if on_page(each)]
    columns = [[_layout_item(each) for each in shown[start::2]] for start in (0, 1)]
    section = {
        "customLabel": True,
        "detailHeading": True,
        "editHeading": True,
        "label": f"{sobject.label} Information",
        "layoutColumns": [{"layoutItems": items, "reserved": None} for items in columns],
        "style": "TwoColumnsLeftToRight",
    }
    return {
        "customButtons": [],
        "excludeButtons": [],
        "layoutSections": [section],
        "quickActionList": None,
        "relatedLists": [],
        "showEmailCheckbox": False,
        "showHighlightsPanel": False,
        "showInteractionLogPanel": False,
        "showRunAssignmentRulesCheckbox": False,
        "showSubmitAndAttachButton": False,
        "urls": None,
    }


def _layout_item(field: Field) -> Row:
    settable = field.createable or field.updateable
    behavior = "Readonly" if not settable and not field.components else "Edit" if field.nillable else "Required"
    return {"behavior": behavior, "customLink": None, "emptySpace": None, "field": field.name, "page": None}


def flow_definitions(objects: SObjects) -> Iterator[Row]:
    for definition, version, action in _flows():
        yield {
            "Id": definition,
            "DeveloperName": action.name,
            "MasterLabel": action.label,
            "Description": action.about,
            "ActiveVersionId": version,
            "LatestVersionId": version,
            "FullName": action.name,
            "Metadata": {
                "activeVersionNumber": 1,
                "description": action.about,
                "masterLabel": action.label,
                "urls": None,
            },
            **UNMANAGED,
        }


def flow_versions(objects: SObjects) -> Iterator[Row]:
    for definition, version, action in _flows():
        inputs = [(each, True) for each in action.inputs]
        # What an interview answers of itself isn't a variable of the flow.
        outputs = [(each, False) for each in action.outputs if not each.name.startswith("Flow__")]
        yield {
            "Id": version,
            "DefinitionId": definition,
            "MasterLabel": action.label,
            "Description": action.about,
            "ProcessType": "AutoLaunchedFlow",
            "Status": "Active",
            "VersionNumber": 1,
            "ApiVersion": float(_FLOW_VERSION),
            "RunInMode": "DefaultMode",
            "IsTemplate": False,
            "FullName": f"{action.name}-1",
            "Metadata": {
                "apiVersion": float(_FLOW_VERSION),
                "description": action.about,
                "environments": ["Default"],
                "interviewLabel": f"{action.label} {{!$Flow.CurrentDateTime}}",
                "label": action.label,
                "processType": "AutoLaunchedFlow",
                "runInMode": "DefaultMode",
                "status": "Active",
                "urls": None,
                "variables": [
                    {
                        "dataType": "String",
                        "description": each.about,
                        "isCollection": each.many,
                        "isInput": given,
                        "isOutput": not given,
                        "name": each.name,
                    }
                    for each, given in (*inputs, *outputs)
                ],
            },
            **UNMANAGED,
        }


def flow_views(objects: SObjects) -> Iterator[Row]:
    for definition, version, action in _flows():
        yield {
            "Id": definition,
            "DurableId": definition,
            "ApiName": action.name,
            "Label": action.label,
            "Description": action.about,
            "ProcessType": "AutoLaunchedFlow",
            "ActiveVersionId": version,
            "LatestVersionId": version,
            "IsActive": True,
            "IsOutOfDate": False,
            "IsTemplate": False,
            "IsOverridable": False,
            "IsSwingFlow": False,
            "HasAsyncAfterCommitPath": False,
            "Builder": "Flow Builder",
            "Environments": "Default",
            "ApiVersion": _FLOW_VERSION,
            "VersionNumber": 1,
            **UNMANAGED,
        }


def _flows() -> Iterator[tuple[str, str, Any]]:
    """The Id of each flow and of its only version, and the action that runs it."""
    from salesforce_mcp.demo.actions.custom import ACTIONS

    flows = [each for each in ACTIONS if each.type == "FLOW"]
    for number, each in enumerate(flows, 1):
        yield record_id("300", number), record_id("301", number), each
