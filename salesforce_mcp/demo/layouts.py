"""Page layouts and compact layouts: one simple layout an object, made from its fields.

Source: REST API Developer Guide, "sObject Layouts" and "sObject CompactLayouts".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.describe import MASTER_RECORD_TYPE, describe_field
from salesforce_mcp.demo.schema import Field, SObject, long_id
from salesforce_mcp.demo.users import User

_COMPACT_FIELDS = 5
_COLUMNS = 2


def page_layouts(sobject: SObject, user: User, data_root: str) -> dict[str, Any]:
    """The answer of `/describe/layouts`: all fields in one section of two columns."""
    own_id = layout_id("00h", sobject)
    shown = [each for each in sobject.fields if on_page(each) and user.can_read_field(sobject.name, each.name)]
    rows = [shown[start : start + _COLUMNS] for start in range(0, len(shown), _COLUMNS)]
    section = {
        "collapsed": False,
        "columns": _COLUMNS,
        "heading": f"{sobject.label} Information",
        "layoutRows": [
            {"layoutItems": [_item(sobject, each, user) for each in row], "numItems": len(row)} for row in rows
        ],
        "layoutSectionId": layout_id("01B", sobject),
        "parentLayoutId": own_id,
        "rows": len(rows),
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }
    return {
        "layouts": [
            {
                "buttonLayoutSection": {"detailButtons": []},
                "detailLayoutSections": [section],
                "editLayoutSections": [section],
                "feedView": None,
                "highlightsPanelLayoutSection": None,
                "id": own_id,
                "multirowEditLayoutSections": [],
                "offlineLinks": [],
                "quickActionList": {"quickActionListItems": []},
                "relatedContent": None,
                "relatedLists": [],
                "saveOptions": [],
            }
        ],
        "recordTypeMappings": [
            {
                "active": True,
                "available": True,
                "defaultRecordTypeMapping": each.default,
                "developerName": each.developer_name,
                "layoutId": own_id,
                "master": False,
                "name": each.name,
                "picklistsForRecordType": [],
                "recordTypeId": each.id,
                "urls": {"layout": f"{data_root}/sobjects/{sobject.name}/describe/layouts/{each.id}"},
            }
            for each in sobject.record_types
        ],
        "recordTypeSelectorRequired": [bool(sobject.record_types)],
    }


def compact_layouts(sobject: SObject, user: User, data_root: str) -> dict[str, Any]:
    """The answer of `/describe/compactLayouts`: the name and the next few fields, for all record types."""
    fields = [each for each in sobject.fields if on_page(each) and user.can_read_field(sobject.name, each.name)]
    fields.sort(key=lambda each: not each.name_field)
    own_id = layout_id("0AH", sobject)
    own = f"{data_root}/sobjects/{sobject.name}/describe/compactLayouts"
    record_types = [*((each.id, each.name) for each in sobject.record_types), (MASTER_RECORD_TYPE, "Master")]
    items = []
    for each in fields[:_COMPACT_FIELDS]:
        item = _item(sobject, each, user)
        kept = {key: item[key] for key in ("label", "layoutComponents", "placeholder", "required")}
        items.append({"editable": False, **kept})
    return {
        "compactLayouts": [
            {
                "actions": [],
                "fieldItems": items,
                "id": own_id,
                "imageItems": [],
                "label": "System Default",
                "name": "SYSTEM",
                "objectType": sobject.name,
            }
        ],
        "defaultCompactLayoutId": own_id,
        "recordTypeCompactLayoutMappings": [
            {
                "available": True,
                "compactLayoutId": own_id,
                "compactLayoutName": "SYSTEM",
                "recordTypeId": record_type,
                "recordTypeName": name,
                "urls": {"compactLayout": f"{own}/{record_type}"},
            }
            for record_type, name in record_types
        ],
        "urls": {"primary": f"{own}/primary"},
    }


def on_page(field: Field) -> bool:
    """What people see: not the parts of a compound field, nor Ids and audit fields that a page has no place for."""
    return field.compound is None and field.type not in ("id", "base64") and field.name not in _HIDDEN


_HIDDEN = frozenset({"IsDeleted", "SystemModstamp", "MasterRecordId", "LastViewedDate", "LastReferencedDate"})


def _item(sobject: SObject, field: Field, user: User) -> dict[str, Any]:
    details = describe_field(sobject, field, user)
    component = {
        "components": [],
        "details": details,
        "displayLines": 1,
        "tabOrder": 1,
        "type": "Field",
        "value": field.name,
    }
    return {
        "editableForNew": details["createable"],
        "editableForUpdate": details["updateable"],
        "label": field.label,
        "layoutComponents": [component],
        "placeholder": False,
        "required": not field.nillable and details["createable"] and field.type != "boolean",
    }


def layout_id(prefix: str, sobject: SObject) -> str:
    """An Id that stays the same: it follows from the object's key prefix."""
    return long_id(f"{prefix}5g0000{sobject.id_prefix}L01")
