"""Record data as Salesforce takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesforce_mcp.errors import ArgumentError


def as_body(data: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a write. A list becomes the `A;B` of a multi-select picklist, the only list that a field takes."""
    return {name: ";".join(map(str, value)) if isinstance(value, list) else value for name, value in data.items()}


def without_key(data: Mapping[str, Any], field: str, value: str) -> dict[str, Any]:
    """The data without the external Id field, which Salesforce refuses in the body when it stands in the path.

    Raises ArgumentError when the data gives it another value.
    """
    own = {name: given for name, given in data.items() if name.lower() == field.lower()}
    if any(str(given) != value for given in own.values()):
        raise ArgumentError(
            f"data names another {field} than external_id.",
            fields=("data", "external_id"),
            hint="Give the external Id once, as external_id.",
        )
    return {name: given for name, given in data.items() if name not in own}
