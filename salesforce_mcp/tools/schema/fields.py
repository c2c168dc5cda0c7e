"""What a describe says about fields, read the same way by all tools. Keys are those of the DescribeFieldResult."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.soql.suggest import nearest


def active_values(field: dict[str, Any]) -> list[str]:
    """The picklist values that may be used now."""
    return [entry["value"] for entry in field.get("picklistValues") or () if entry.get("active")]


def required_on_create(field: dict[str, Any]) -> bool:
    """Whether a new record must name this field."""
    return bool(field["createable"] and not field["nillable"] and not field["defaultedOnCreate"])


def choose(describe: dict[str, Any], names: list[str] | None) -> list[dict[str, Any]]:
    """The fields of these names, in their order; all of them for None.

    Raises ArgumentError that names those most like an unknown one.
    """
    if names is None:
        return list(describe["fields"])
    by_name = {field["name"].lower(): field for field in describe["fields"]}
    unknown = [name for name in names if name.lower() not in by_name]
    if unknown:
        known = [field["name"] for field in describe["fields"]]
        near = {name: nearest(name, known) for name in unknown}
        hints = [f"{name}: {' or '.join(found)}?" for name, found in near.items() if found]
        raise ArgumentError(
            f"{describe['name']} has no field {', '.join(unknown)}, or you have no access to it.",
            fields=unknown,
            hint=f"Did you mean {' '.join(hints)}" if hints else None,
        )
    return [by_name[name.lower()] for name in names]
