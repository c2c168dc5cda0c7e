from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg
from tests.tools.conftest import Call
from tests.tools.demo import Demo
from tests.tools.transcript import Transcript

Groups = dict[str, tuple[str, list[str], list[str]]]


def groups(demo: Demo) -> Groups:
    """Dictionary, languages and terms by Id."""
    rows = demo.structure("list_synonym_groups")["rows"]
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


@pytest.fixture
def made(demo: Demo) -> str:
    """A group of our own beside the seeded ones."""
    name = f"Test_{len(groups(demo))}"
    return str(demo.structure("create_synonym_group", group_name=name, synonyms="one, two", languages=["de"])["id"])


def test_a_group_is_added_changed_and_removed_and_the_others_stay(demo: Demo) -> None:
    before = groups(demo)
    created = demo.structure("create_synonym_group", group_name="Kestrel_Terms", synonyms=" UPS , <battery> & co,UPS")
    assert created["synonyms"] == ["UPS", "<battery> & co"]
    assert created["languages"] == ["en_US"]
    assert groups(demo) == {**before, created["id"]: ("Kestrel_Terms", ["en_US"], ["UPS", "<battery> & co"])}
    changed = demo.structure("update_synonym_group", id=created["id"], synonyms=["UPS", "backup"], languages="de,en-US")
    assert groups(demo) == {**before, changed["id"]: ("Kestrel_Terms", ["de", "en_US"], ["UPS", "backup"])}
    assert demo.structure("get_synonym_group", id=changed["id"])["synonyms"] == ["UPS", "backup"]
    demo.call("delete_synonym_group", id=changed["id"])
    assert groups(demo) == before


def test_the_id_is_the_dictionary_and_what_is_in_the_group(demo: Demo, made: str) -> None:
    assert made.partition(":")[0].startswith("Test_")
    turned = demo.structure("update_synonym_group", id=made, synonyms="two, one")
    assert turned["id"] == made
    assert demo.structure("update_synonym_group", id=made, synonyms="two, one, three")["id"] != made


def test_what_was_changed_meanwhile_is_not_overwritten(demo: Demo, demo_org: DemoOrg, made: str) -> None:
    elsewhere = Demo(demo_org)
    elsewhere.call("update_synonym_group", id=made, synonyms="one, two, three")
    now = groups(demo)
    for tool, more in (
        ("update_synonym_group", {"synonyms": "four, five"}),
        ("delete_synonym_group", {}),
        ("get_synonym_group", {}),
    ):
        with pytest.raises(SalesforceError, match="changed or deleted meanwhile") as refused:
            demo.call(tool, id=made, **more)
        assert refused.value.code == "NOT_FOUND"
    assert groups(demo) == now


def test_a_group_moves_to_another_dictionary(demo: Demo, made: str) -> None:
    before = groups(demo)
    moved = demo.structure("update_synonym_group", id=made, group_name="Moved_Terms")
    del before[made]
    assert groups(demo) == {**before, moved["id"]: ("Moved_Terms", ["de"], ["one", "two"])}
    with pytest.raises(SalesforceError):
        demo.call("update_synonym_group", id=moved["id"], group_name="Kestrel_Terms", languages="xx")
    assert groups(demo) == {**before, moved["id"]: ("Moved_Terms", ["de"], ["one", "two"])}


def test_the_same_group_twice_is_refused(demo: Demo, made: str) -> None:
    name = made.partition(":")[0]
    with pytest.raises(SalesforceError, match="already") as refused:
        demo.call("create_synonym_group", group_name=name, synonyms="two, one", languages="de")
    assert made in str(refused.value.hint)


def test_synonyms_take_the_right_to_manage_them(standard: Demo) -> None:
    with pytest.raises(SalesforceError) as refused:
        standard.call("list_synonym_groups")
    assert refused.value.code == "INSUFFICIENT_ACCESS"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_synonym_group", {"group_name": "X", "synonyms": "alone"}),
        ("create_synonym_group", {"group_name": "X", "synonyms": "a, A"}),
        ("create_synonym_group", {"group_name": "X", "synonyms": ["a", "x" * 51]}),
        ("create_synonym_group", {"group_name": "X", "synonyms": ["a", "b\x00"]}),
        ("create_synonym_group", {"group_name": "X y", "synonyms": "a,b"}),
        ("create_synonym_group", {"group_name": "X</fullName>", "synonyms": "a,b"}),
        ("create_synonym_group", {"group_name": "X", "synonyms": "a,b", "languages": "English"}),
        ("create_synonym_group", {"group_name": "X", "synonyms": "a,b", "languages": []}),
        ("update_synonym_group", {"id": "X", "synonyms": "a,b"}),
        ("get_synonym_group", {"id": "X:0123456789ab "}),
        ("delete_synonym_group", {"id": "../x:0123456789ab"}),
    ],
)
def test_wrong_arguments_never_leave(org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call(tool, **arguments)
    assert not org.seen


def test_the_answers_of_the_synonym_tools(tmp_path: Path, update_snapshots: bool) -> None:
    talk = Transcript("synonyms", update=update_snapshots)
    with DemoOrg(tmp_path) as org:
        ada = Demo(org)
        talk.ask(ada, "list_synonym_groups")
        talk.ask(ada, "create_synonym_group", group_name="Brands", synonyms="Kestrel, KPS", languages="en_US,de")
        group = next(key for key, value in groups(ada).items() if value[0] == "Brands")
        talk.ask(ada, "get_synonym_group", id=group)
        talk.ask(ada, "update_synonym_group", id=group, synonyms=["Kestrel", "Kestrel Power Systems"])
        group = next(key for key, value in groups(ada).items() if value[0] == "Brands")
        talk.ask(ada, "delete_synonym_group", id=group)
    talk.check()
