"""Hostile text in every string argument of every tool: clearly refused, or on the wire as the value that it is."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from tests.salesforce.scripted import Seen
from tests.tools.bases import BASES
from tests.tools.wiretap import MARK, Wiretap, check, check_url, requests, returned

TOOLS = registry.load()

HOSTILE = [
    f"{MARK}' OR Name != '{MARK}",
    f"{MARK}\\",
    f"{MARK}\\' OR Id != '",
    f"%{MARK}_*?",
    f"../../{MARK}",
    f"{MARK}/../limits?a=b&c=d#e",
    f"..%2f{MARK}%252e",
    f"{MARK}\r\nX-Header: {MARK}",
    f"{MARK}\x00\x1f",
    f"Ｚ\u202e{MARK}\u2028🙂é",
    f"{MARK}}} RETURNING User(Id)",
    f'{MARK}"}},<a>&lt;{{"b": [',
    f"{MARK} FROM User --",
    MARK + "x" * 20_000,
    "",
    " ",
    ".",
    "..",
    "005000000000001AAA",
    "001000000000001AAB",
]
"""Without commas, which some arguments take for the end of a name."""

CODE = {
    ("query", "soql"),
    ("search", "sosl"),
    ("explain_query", "soql"),
    ("export_query", "soql"),
    ("tooling_query", "soql"),
}
"""Arguments that are statements: whoever may call the tool may send any."""

Path_ = tuple[str | int, ...]
"""Where an argument stands: keys and places in lists; a key in braces stands for the key itself."""


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wiretap]:
    with DemoOrg(tmp_path_factory.mktemp("hostile")) as org, Wiretap(org) as tap:
        yield tap


@pytest.fixture
def ask(wire: Wiretap, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, dict[str, Any]], list[Seen]]]:
    """Call a tool; what it sent."""
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    session = GivenSession(wire.url, wire.token, environment="demo", remedy="")
    with Client(session, pause=lambda seconds: None) as client:

        def call(tool: str, arguments: dict[str, Any]) -> list[Seen]:
            wire.seen.clear()
            try:
                run(TOOLS[tool], arguments, Context(lambda: client, pages=PageStore()), selection=Selection())
            except SfmcpError as error:
                refusal = error
            else:
                refusal = None
            assert refusal is None or (refusal.code and refusal.message)
            return list(wire.seen)

        yield call


@pytest.mark.parametrize("name", TOOLS)
def test_hostile_text_stays_a_value(
    name: str, ask: Callable[[str, dict[str, Any]], list[Seen]], private_folders: Path
) -> None:
    assert name in BASES, f"{name} has no line in tests/tools/bases.py"
    base = BASES[name]
    usual = [request for seen in ask(name, copy.deepcopy(base)) for request in requests(seen)]
    resources = {request.resource for request in usual} | {"sobjects", "query"}  # a refusal is looked into
    methods = {request.method for request in usual} | {"GET"}
    asked_for = {
        found
        for request in usual
        for kind, text in request.statements()
        if kind == "search"
        for found in returned(text)
    }
    places = [*_texts(base), *((top,) for top in _top_level(name) if top not in base)]
    for place in places:
        for value in HOSTILE:
            for seen in ask(name, _replaced(base, place, value)):
                for request in requests(seen):
                    about = f"{name} {place}={value[:60]!r}: {request.method} {request.target[:300]}"
                    try:
                        if place[-1] == "url":
                            check_url(request)
                            continue
                        check(request, value, code=(name, place[0]) in CODE, earlier=HOSTILE)
                    except AssertionError as problem:
                        raise AssertionError(f"{about}\n{problem}") from None
                    if (name, place[0]) in CODE:
                        continue
                    assert request.resource in resources, about
                    assert request.method in methods, about
                    for kind, text in request.statements():
                        assert kind != "search" or returned(text) <= asked_for, about
    outside = [path for path in private_folders.rglob("*") if MARK in path.name]
    assert all(path.is_relative_to(private_folders / "export") for path in outside)


@pytest.mark.parametrize("name", TOOLS)
def test_every_nested_text_has_a_base(name: str) -> None:
    """A text inside a list or an object is tried only where the base arguments have one to replace."""
    known = {tuple("[]" if isinstance(step, int) else step for step in place) for place in _texts(BASES[name])}
    for wanted in _schema_texts(TOOLS[name].input_schema):
        assert len(wanted) == 1 or wanted in known, f"{name}: give {wanted} a value in tests/tools/bases.py"


def test_no_base_is_left_of_a_tool_that_is_gone() -> None:
    assert BASES.keys() <= TOOLS.keys()


def _texts(node: Any, place: Path_ = ()) -> Iterator[Path_]:
    """Where text stands in arguments, and the keys of free objects."""
    if isinstance(node, str):
        yield place
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from _texts(item, (*place, index))
    elif isinstance(node, dict):
        for key, item in node.items():
            yield from _texts(item, (*place, key))
            if place and place[-1] in _FREE:
                yield (*place, f"{{{key}}}")


_FREE = ("data", "bind", "where", "fields", "hours", "body")
"""Arguments that are objects with keys of the caller's own."""


def _replaced(base: dict[str, Any], place: Path_, value: str) -> dict[str, Any]:
    arguments = copy.deepcopy(base)
    *way, last = place
    node: Any = arguments
    for step in way:
        node = node[step]
    if isinstance(last, str) and last.startswith("{"):
        node[value] = node.pop(last[1:-1])
    else:
        node[last] = value
    return arguments


def _top_level(name: str) -> list[str]:
    properties = TOOLS[name].input_schema["properties"]
    return [key for key, schema in properties.items() if any(len(place) == 0 for place in _schema_texts(schema, ()))]


def _schema_texts(schema: dict[str, Any], place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where a schema has text that isn't one of a few words."""
    for branch in schema.get("anyOf", ()):
        yield from _schema_texts(branch, place)
    if schema.get("type") == "string" and "enum" not in schema:
        yield place
    if isinstance(schema.get("items"), dict):
        yield from _schema_texts(schema["items"], (*place, "[]"))
    for key, inner in schema.get("properties", {}).items():
        yield from _schema_texts(inner, (*place, key))
