from __future__ import annotations

import pytest

from salesforce_mcp.errors import PolicyError, UsageError
from salesforce_mcp.policy.selection import Selection, find
from salesforce_mcp.tools import registry

TOOLS = registry.load()


def allowed(selection: Selection) -> set[str]:
    names = set()
    for name, tool in TOOLS.items():
        try:
            selection.check(tool)
        except PolicyError:
            continue
        names.add(name)
    return names


def test_without_a_word_the_default_tools_are_offered_and_all_may_run() -> None:
    selection = Selection.of(environ={})
    assert set(selection.offered()) == {name for name, tool in TOOLS.items() if tool.default}
    assert allowed(selection) == set(TOOLS)


def test_what_is_named_is_offered_and_nothing_else_may_run() -> None:
    selection = Selection.of(toolsets="schema", tools="query, get_record", environ={})
    expected = {name for name, tool in TOOLS.items() if tool.toolset == "schema"} | {"query", "get_record"}
    assert set(selection.offered()) == allowed(selection) == expected


def test_excluding_wins() -> None:
    selection = Selection.of(tools="query,search", exclude="search", environ={})
    assert set(selection.offered()) == {"query"}
    assert "search" not in allowed(Selection.of(exclude="search", environ={}))


def test_read_only_wins_over_everything() -> None:
    selection = Selection.of(tools="delete_record,query", read_only=True, environ={})
    assert set(selection.offered()) == {"query"}
    everything = Selection.of(environ={"SFMCP_READ_ONLY": "1"})
    assert allowed(everything) == {name for name, tool in TOOLS.items() if tool.access == "read"}


def test_flags_win_over_the_environment_but_cannot_loosen_read_only() -> None:
    environ = {"SFMCP_TOOLSETS": "reports", "SFMCP_READ_ONLY": "true"}
    assert set(Selection.of(environ=environ).offered()) == {
        "list_reports",
        "run_report",
        "get_report",
        "list_dashboards",
        "get_dashboard",
    }
    selection = Selection.of(toolsets="records", read_only=False, environ=environ)
    assert set(selection.offered()) == {"get_record", "get_changed_records"}


@pytest.mark.parametrize("word", ["0", "false", "no", "off", ""])
def test_read_only_can_be_said_to_be_off(word: str) -> None:
    assert Selection.of(environ={"SFMCP_READ_ONLY": word}).read_only is False


def test_what_is_neither_true_nor_false_is_refused() -> None:
    with pytest.raises(UsageError, match="SFMCP_READ_ONLY"):
        Selection.of(environ={"SFMCP_READ_ONLY": "maybe"})


@pytest.mark.parametrize("wrong", [{"toolsets": "shema"}, {"tools": "querry"}, {"exclude": "querry"}])
def test_names_that_do_not_exist_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Selection.of(**wrong, environ={}).offered()  # type: ignore[arg-type]


def test_a_misspelled_tool_names_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        find("create_records_", TOOLS)
    assert "create_records" in (caught.value.hint or "")
