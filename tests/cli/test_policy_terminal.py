"""Confirming and reviewing at a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from salesforce_mcp.cli import call, tools
from salesforce_mcp.cli.environment import Environment, replaced
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.approval import Approvals
from salesforce_mcp.policy.confirmation import Question
from salesforce_mcp.tools import registry
from tests.policy.conftest import Desk


class Screen(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typing() -> Callable[[str], Environment]:
    """A terminal at which somebody types this."""
    return lambda text: Environment(Screen(text), Screen(), Screen())


def said(here: Environment) -> str:
    assert isinstance(here.stderr, Screen)
    return here.stderr.getvalue()


def states() -> dict[str, str]:
    approvals = Approvals.load()
    return {tool.name: approvals.state(tool) for tool in registry.load().values()}


def test_a_first_review_asks_what_holds_for_all_others(typing: Callable[[str], Environment]) -> None:
    writes = [tool.name for tool in registry.load().values() if tool.access != "read"]
    with replaced(typing("r\na\nd\n-\n" + "\n" * len(writes))) as here:
        tools.review()
    assert f"Asked about {len(writes)} tools." in said(here)
    found = states()
    assert [found[name] for name in writes[:4]] == ["approved", "denied", "pending", "pending"]
    assert found["query"] == "approved"
    with replaced(typing("\n" * len(writes))) as here:
        tools.review()
    assert "Nothing was reviewed yet" not in said(here)


def test_all_can_be_approved_at_once(typing: Callable[[str], Environment]) -> None:
    with replaced(typing("a\n")) as here:
        tools.review()
    assert "No tool is pending." in said(here)
    assert set(states().values()) == {"approved"}


@pytest.mark.parametrize(("answer", "goes"), [("y", True), ("n", False), ("", False)])
def test_the_terminal_asks_and_names_the_records(
    typing: Callable[[str], Environment], tmp_path: Path, answer: str, goes: bool
) -> None:
    with DemoOrg(tmp_path / "org") as org:
        desk = Desk(org)
        account = desk.call("create_record", object="Account", data={"Name": "Go\x1b[31ming, Ltd."})["id"]
        here = typing(f"{answer}\n")

        def confirm(question: Question) -> None:
            call.ask_at_terminal(here, question)

        if goes:
            assert desk.call("delete_record", confirm=confirm, object="Account", id=account)["deleted"]
        else:
            with pytest.raises(PolicyError, match="NOT_CONFIRMED"):
                desk.call("delete_record", confirm=confirm, object="Account", id=account)
        assert "ing, Ltd." in said(here)
        assert account in said(here)
        assert "\x1b" not in said(here)
        left = desk.call("query", soql=f"SELECT COUNT() FROM Account WHERE Id = '{account}'")
        assert json.dumps(left["rows"]) == ("[[0]]" if goes else "[[1]]")
