from __future__ import annotations

import subprocess
import sys
from typing import Any, Literal

import pytest

from salesforce_mcp.errors import ArgumentError, UsageError
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.arguments import FieldNames, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import Tool, tool
from salesforce_mcp.tools.results import Record
from tests.tools.bases import CASE


def declared(function: Any, **details: Any) -> Tool:
    tool(title="Example", **details)(function)
    made = registry._declared.pop(function.__name__)
    return made


def example(
    context: Context,
    name: str,
    for_: Literal["create", "update"] = "create",
    fields: FieldNames | None = None,
    limit: Limit = 5,
) -> Record:
    """Do this.

    And say when
    that is better.
    """
    return Record({})


def test_everything_comes_from_the_declaration() -> None:
    made = declared(example, access="write", calls="2")
    assert (made.name, made.title, made.access, made.idempotent, made.default, made.calls) == (
        "example",
        "Example",
        "write",
        False,
        False,
        "2",
    )
    assert made.description == "Do this.\n\nAnd say when that is better."
    assert made.input_schema == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "for": {"type": "string", "enum": ["create", "update"], "default": "create"},
            "fields": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "limit": {"type": "integer", "minimum": 1, "maximum": 2000, "default": 5},
        },
        "required": ["name"],
        "additionalProperties": False,
    }


def test_reads_are_idempotent() -> None:
    assert declared(example).idempotent is True
    assert declared(example, access="write", idempotent=True).idempotent is True


def test_arguments_get_their_types_and_the_functions_names() -> None:
    made = declared(example)
    assert made.validate({"name": "x", "for": "update", "fields": "A, B"}) == {
        "name": "x",
        "for_": "update",
        "fields": ["A", "B"],
        "limit": 5,
    }


@pytest.mark.parametrize(
    ("arguments", "said", "fields"),
    [
        ({}, "name: required", ("name",)),
        ({"name": "x", "nam": "y"}, "nam: no such argument; example takes name, for, fields, limit", ("nam",)),
        ({"name": "x", "for_": "update"}, "for_: no such argument", ("for_",)),
        ({"name": "x", "limit": 0}, "limit: Input should be greater than or equal to 1", ("limit",)),
        ({"name": "x", "fields": ["1"]}, "fields.0: '1' is not an API name", ("fields.0",)),
        ({"name": 1, "limit": "many"}, "name: ", ("name", "limit")),
    ],
)
def test_each_wrong_argument_is_named(arguments: dict[str, Any], said: str, fields: tuple[str, ...]) -> None:
    with pytest.raises(ArgumentError) as caught:
        declared(example).validate(arguments)
    assert said in caught.value.message
    assert caught.value.fields == fields


def test_a_wrong_value_is_not_repeated_whole() -> None:
    with pytest.raises(ArgumentError) as caught:
        declared(example).validate({"name": ["secret" * 1000]})
    assert "secret" not in str(caught.value)


def test_toolsets_are_loaded_by_name_and_by_group() -> None:
    assert {each.toolset for each in registry.load(["reports"]).values()} == {"reports"}
    assert set(registry.load(["all"])) == set(registry.load())
    with pytest.raises(UsageError, match="no toolset 'nope'"):
        registry.load(["nope"])


def test_the_order_of_tools_does_not_depend_on_what_was_imported_before() -> None:
    program = "from salesforce_mcp.tools import registry; print(*registry.load(['reports', 'cases']))"
    orders = {
        subprocess.run(
            [sys.executable, "-c", f"{first}; {program}"], check=True, capture_output=True, encoding="utf-8", timeout=60
        ).stdout
        for first in (
            "pass",
            "import salesforce_mcp.tools.reports.running",
            "import salesforce_mcp.tools.cases.timeline",
        )
    }
    assert len(orders) == 1


def test_the_default_tools_are_at_home() -> None:
    assert {each.toolset for each in registry.load().values() if each.default} <= set(registry.HOME)


def test_every_tool_is_fit_to_be_listed() -> None:
    for each in registry.load().values():
        assert each.toolset in registry.TOOLSETS
        assert each.description
        assert each.description[0].isupper()
        assert each.title != each.name
        assert each.access == "read" or not each.name.startswith(("get_", "list_", "query", "search", "describe"))


@pytest.mark.parametrize(
    ("tool", "arguments", "field", "said"),
    [
        ("get_case_trends", {"group_by": "Status", "chart": "x"}, "chart", "Input should be a valid boolean or 'png'."),
        ("suggest_kb_for_case", {"case_id": CASE, "attach": "x"}, "attach", "Input should be a valid boolean; 'x' is "),
        ("get_sla_compliance", {"hours": {"str": "many"}}, "hours.str", "Input should be a valid number"),
    ],
)
def test_arguments_of_several_types_are_named_as_they_were_given(
    tool: str, arguments: dict[str, Any], field: str, said: str
) -> None:
    with pytest.raises(ArgumentError) as caught:
        registry.load()[tool].validate(arguments)
    assert caught.value.message.startswith(f"{field}: {said}")
    assert caught.value.fields == (field,)


def test_an_object_is_asked_for_in_words_of_json() -> None:
    with pytest.raises(ArgumentError, match="where: Input should be a JSON object"):
        registry.load()["crm_list"].validate({"resource": "deal", "where": "stage = 'Prospecting'"})
