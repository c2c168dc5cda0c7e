"""What clients pay for and rely on: each tool's declaration, and what the list costs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.server.declarations import declaration
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.registry import Tool
from tests.tokens import count

SNAPSHOTS = Path(__file__).parent / "snapshots"
TOOLS = registry.load()

DEFAULT_LIST = 2500
"""Tokens of all default tools."""

WHOLE_LIST = 12_000
"""Tokens of all tools."""

ONE_TOOL = 300
"""Tokens of a tool that needs no reason."""


def cost(tool: Tool) -> int:
    """Tokens of what a model gets of a tool: name, description and input schema."""
    told = {"name": tool.name, "description": tool.description, "inputSchema": tool.input_schema}
    return count(json.dumps(told, separators=(",", ":"), ensure_ascii=False))


def test_the_default_tools_cost_little() -> None:
    assert sum(cost(tool) for tool in TOOLS.values() if tool.default) <= DEFAULT_LIST


def test_all_tools_together_cost_little() -> None:
    assert sum(map(cost, TOOLS.values())) <= WHOLE_LIST


@pytest.mark.parametrize("name", TOOLS)
def test_no_tool_costs_much(name: str) -> None:
    assert cost(TOOLS[name]) <= ONE_TOOL


@pytest.mark.parametrize("name", TOOLS)
def test_a_declaration_stays_as_it_was(name: str, update_snapshots: bool) -> None:
    """A promise to prompts and policies. Rewrite with --update-snapshots, and look at the difference."""
    told: dict[str, Any] = declaration(TOOLS[name], structured=True).model_dump(by_alias=True, exclude_none=True)
    path = SNAPSHOTS / f"{name}.json"
    if update_snapshots or (not path.exists() and not os.environ.get("CI")):
        SNAPSHOTS.mkdir(exist_ok=True)
        path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert path.exists(), f"there is no snapshot of {name}: run pytest with --update-snapshots"
    assert told == json.loads(path.read_text(encoding="utf-8"))


def test_no_snapshot_is_left_of_a_tool_that_is_gone() -> None:
    assert {path.stem for path in SNAPSHOTS.glob("*.json")} <= TOOLS.keys()


@pytest.mark.parametrize("name", TOOLS)
def test_a_schema_has_no_titles_and_no_references(name: str) -> None:
    schema = TOOLS[name].input_schema
    # An argument may be called title.
    text = json.dumps([{**schema, "properties": None}, *schema["properties"].values()])
    assert '"title":' not in text
    assert "$ref" not in text
