"""What is taken out of an org's answers: fields and objects that a profile hides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View


def clean(view: View, node: Any, of: str | None = None) -> Any:
    """The answer without refused fields, and without records of refused objects.

    A record says its object in `attributes.type`; `of` is the object of one that doesn't.
    """
    if isinstance(node, list):
        return [clean(view, item) for item in node if not _refused(view, item)]
    if not isinstance(node, dict):
        return node
    kind = _kind(node) or of
    hidden = view.hidden(kind) if kind else frozenset()
    return {
        name: None if _refused(view, value) else clean(view, value)
        for name, value in node.items()
        if name.lower() not in hidden and not (kind and view.rules.refuses_field(kind, name) and name != "attributes")
    }


def describe(view: View, whole: dict[str, Any]) -> dict[str, Any]:
    """An object's describe without its refused fields, and without relationships to refused objects."""
    view.object(whole["name"])
    hidden = view.hidden(whole["name"])
    if not hidden and not view.rules.limits_objects:
        return whole
    fields = [_reference(view, field) for field in whole["fields"] if field["name"].lower() not in hidden]
    children = [
        child for child in whole.get("childRelationships") or () if not view.rules.refuses_object(child["childSObject"])
    ]
    return {**whole, "fields": fields, "childRelationships": children}


def listing(view: View, whole: dict[str, Any]) -> dict[str, Any]:
    """The list of all objects without the refused ones."""
    if not view.rules.limits_objects:
        return whole
    kept = [entry for entry in whole["sobjects"] if not view.rules.refuses_object(entry["name"])]
    return {**whole, "sobjects": kept}


def _reference(view: View, field: dict[str, Any]) -> dict[str, Any]:
    targets = field.get("referenceTo")
    if not targets:
        return field
    return {**field, "referenceTo": [name for name in targets if not view.rules.refuses_object(name)]}


def _kind(node: dict[str, Any]) -> str | None:
    attributes = node.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    return kind if isinstance(kind, str) else None


def _refused(view: View, node: Any) -> bool:
    kind = _kind(node) if isinstance(node, dict) else None
    return kind is not None and view.rules.refuses_object(kind)
