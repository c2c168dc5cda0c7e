"""How a tool is told to clients, and the structure that `--structured` adds to its answers."""

from __future__ import annotations

from typing import Any, get_type_hints

import mcp_types as types

from salesforce_mcp.policy.confirmation import CONFIRM
from salesforce_mcp.server.text import visible
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Result, Table

TABLE_SCHEMA = {
    "type": "object",
    "properties": {
        "columns": {"type": "array", "items": {"type": "string"}},
        "rows": {"type": "array", "items": {"type": "array"}},
        "total": {"type": ["integer", "null"]},
        "returned": {"type": "integer"},
        "cursor": {"type": ["string", "null"]},
        "notes": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["columns", "rows", "total", "returned", "cursor", "notes"],
}


def declaration(tool: Tool, *, structured: bool, confirm: bool = False) -> types.Tool:
    """Name, title, description, input schema and the four hints; with `structured` an output schema.

    `confirm`: calls may have to be confirmed, and so take the token of a preview.
    """
    return types.Tool(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        input_schema=_with_confirm(tool.input_schema) if confirm else tool.input_schema,
        output_schema=_output_schema(tool) if structured else None,
        annotations=types.ToolAnnotations(
            title=tool.title,
            read_only_hint=tool.access == "read",
            destructive_hint=tool.access == "destructive",
            idempotent_hint=tool.idempotent,
            open_world_hint=True,
        ),
    )


def structure(result: Result) -> dict[str, Any]:
    """The result for programs: as `sfmcp call` prints it, without invisible characters."""
    body: dict[str, Any] = cleaned(result.as_dict())
    return body


def _with_confirm(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], CONFIRM: {"type": "string"}}}


def _output_schema(tool: Tool) -> dict[str, Any]:
    return TABLE_SCHEMA if get_type_hints(tool.function).get("return") is Table else {"type": "object"}


def cleaned(value: Any) -> Any:
    """The same structure without invisible characters."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, dict):
        return {visible(str(key)): cleaned(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [cleaned(item) for item in value]
    return value
