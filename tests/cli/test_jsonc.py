"""Editors' settings: read as they are written, and changed without touching anything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesforce_mcp.cli import jsonc

CHANGE = {"servers": {"new": {"command": "/ü", "args": ["a"]}}}

blanks = st.sampled_from(["", " ", "\n", "\r\n\t", "/* , } */", '// ", ] {\n', "\n  // ä\n  "])
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def texts(draw: st.DrawFn, value: Any) -> str:
    """A value as somebody may have written it."""

    def blank() -> str:
        return draw(blanks)

    def whole(value: Any) -> str:
        if isinstance(value, dict):
            parts = [f"{json.dumps(name)}{blank()}:{blank()}{whole(each)}" for name, each in value.items()]
            opening, closing = "{}"
        elif isinstance(value, list):
            parts = [whole(each) for each in value]
            opening, closing = "[]"
        else:
            return json.dumps(value, ensure_ascii=draw(st.booleans()))
        text = opening + blank() + ("," + blank()).join(part + blank() for part in parts)
        return text + ("," + blank() if parts and draw(st.booleans()) else "") + closing

    return blank() + whole(value) + blank()


@st.composite
def settings(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    content: dict[str, Any] = draw(st.dictionaries(st.text(max_size=3), values, max_size=3))
    if draw(st.booleans()):
        content["servers"] = draw(st.dictionaries(st.text(max_size=3), values, max_size=3))
    return content, draw(texts(content))


@given(settings())
def test_a_change_keeps_everything_else(setting: tuple[dict[str, Any], str]) -> None:
    content, text = setting
    assert jsonc.loads(text) == content
    changed = jsonc.merge(text, CHANGE)
    expected = {**content, "servers": {**content.get("servers", {}), **CHANGE["servers"]}}
    assert jsonc.loads(changed) == expected
    assert list(jsonc.loads(changed)) == list(expected)
    assert is_within(text, changed)
    assert jsonc.merge(changed, CHANGE) == changed
    removed = jsonc.remove(changed, "servers", "new")
    assert jsonc.loads(removed) == {**content, "servers": content.get("servers", {})}


def is_within(text: str, changed: str) -> bool:
    """Every character but blanks is still there, in its order: the change only added some."""
    rest = iter(changed)
    return all(character in rest for character in text if not character.isspace())


def test_only_the_value_that_differs_is_replaced() -> None:
    text = '{ "a" : 1 , /* b */ "b" : {"c" : [1,2] , "d":3,} }'
    assert jsonc.merge(text, {"b": {"c": [1]}}) == '{ "a" : 1 , /* b */ "b" : {"c" : [1] , "d":3,} }'
    assert jsonc.merge(text, {"a": 1}) == text
    assert jsonc.merge(text, {"a": True}) == text.replace("1 ,", "true ,", 1)


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ('{"a": 1, "x": {}}', '{"a": 1}'),
        ('{"x": {}, "a": 1}', '{"a": 1}'),
        ('{\n  "a": 1, // one\n  "x": {}\n}', '{\n  "a": 1 // one\n}'),
        ('{\n  "a": 1, // one\n  "x": {}, "b": 2\n}', '{\n  "a": 1, // one\n  "b": 2\n}'),
        ('{\r\n  "x": {},\r\n  "a": 1\r\n}', '{\r\n  "a": 1\r\n}'),
        ('{\n  // mine\n  "x": {}, // too\n}', "{\n  // mine\n  // too\n}"),
        ('{"x": 1, "x": 2}', "{}"),
        ('{"a": 1}', '{"a": 1}'),
        ("", ""),
    ],
)
def test_removing(text: str, without: str) -> None:
    assert jsonc.remove(text, "x") == without


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 1, column 2: the text ends before its }"),
        ('{"a" 1}', "line 1, column 6: a colon was expected"),
        ('{"a": 1 "b": 2}', "line 1, column 9: a comma or } was expected"),
        ("{'a': 1}", 'line 1, column 2: a name in " was expected'),
        ('{"a": }', "line 1, column 7: a value was expected"),
        ('{\n"a": NaN}', "line 2, column 6: NaN is no JSON"),
        ("{} {}", "line 1, column 4: nothing was expected after the end"),
        ('{"a": 1,, "b": 2}', 'line 1, column 9: a name in " was expected'),
        ("[" * 1000, "nested too deep"),
        ('{"a": "', "Unterminated string"),
        ("{} /* open", "line 1, column 4"),
    ],
)
def test_what_is_no_json(text: str, says: str) -> None:
    with pytest.raises(jsonc.JsoncError) as caught:
        jsonc.loads(text)
    assert says in str(caught.value)


def test_plain_json_alone() -> None:
    assert jsonc.loads(' {"a": [1, 2.5e3, "ü\\u00fc"]} ', comments=False) == {"a": [1, 2500.0, "üü"]}
    for text in ("{} // x", "/* x */ {}", '{"a": 1,}', "[1,]"):
        assert jsonc.loads(text) in ({}, {"a": 1}, [1])
        with pytest.raises(jsonc.JsoncError):
            jsonc.loads(text, comments=False)
