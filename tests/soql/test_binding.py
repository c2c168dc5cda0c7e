"""Values in a statement: always quoted, never more than the value."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from simple_salesforce.format import format_soql, quote_soql_value

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.soql.binding import bind, like_escape, quote
from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.syntax import Comparison, Number, String, ValueList


@given(st.text())
def test_strings_are_quoted_as_simple_salesforce_quotes_them(text: str) -> None:
    assert quote(text) == quote_soql_value(text)
    assert like_escape(text) == format_soql("{:like}", text)


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_bound_string_is_read_as_itself(text: str) -> None:
    query = parse(bind("SELECT Id FROM Account WHERE Name = :name AND Type LIKE 'x'", {"name": text}))
    assert query.where is not None
    first = query.where.conditions[0]  # type: ignore[union-attr]
    assert isinstance(first, Comparison) and isinstance(first.right, String)
    assert first.right.value == text


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_an_escaped_pattern_matches_its_text_alone(text: str) -> None:
    query = parse(f"SELECT Id FROM Account WHERE Name LIKE '{like_escape(text)}%'")
    assert isinstance(query.where, Comparison) and isinstance(query.where.right, String)
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    assert query.where.right.like == literal + "%"


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_keep_their_value(number: float) -> None:
    query = parse(bind("SELECT Id FROM Account WHERE Amount = :amount", {"amount": number}))
    assert isinstance(query.where, Comparison) and isinstance(query.where.right, Number)
    assert float(query.where.right.value) == number


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("O'Brien", r"'O\'Brien'"),
        ("", "''"),
        (5, "5"),
        (-2.5, "-2.5"),
        (1e-7, "0.0000001"),
        (Decimal("10.50"), "10.50"),
        (True, "true"),
        (False, "false"),
        (None, "null"),
        (date(2024, 5, 31), "2024-05-31"),
        (datetime(2024, 5, 31, 10, 0, tzinfo=UTC), "2024-05-31T10:00:00Z"),
        (datetime(2024, 5, 31, 10, 0, 0, 5000, timezone(timedelta(hours=2))), "2024-05-31T08:00:00.005Z"),
        (time(10, 30), "10:30:00.000Z"),
        (["a", "b'c"], r"('a','b\'c')"),
        ((1, None, True), "(1,null,true)"),
        ("2024-05-31", "'2024-05-31'"),
    ],
)
def test_each_type_has_its_form(value: Any, written: str) -> None:
    assert bind("WHERE X = :x", {"x": value}) == f"WHERE X = {written}"


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("date", "2024-05-31", "2024-05-31"),
        ("datetime", "2024-05-31T10:00:00Z", "2024-05-31T10:00:00Z"),
        ("datetime", "2024-05-31T10:00:00+02:00", "2024-05-31T08:00:00Z"),
        ("time", "10:30:00Z", "10:30:00.000Z"),
        ("date", ["2024-05-31", None], "(2024-05-31,null)"),
        ("string", "2024-05-31", "'2024-05-31'"),
        ("double", "5", "'5'"),
    ],
)
def test_an_iso_string_is_bare_where_the_field_is_a_date(kind: str, value: Any, written: str) -> None:
    assert bind("WHERE X = :x", {"x": value}, {"x": kind}) == f"WHERE X = {written}"


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("date", "31.05.2024"),
        ("date", "2024-05-31' OR Name != '"),
        ("datetime", "2024-05-31T10:00:00"),
        ("datetime", "yesterday"),
        ("datetime", "0001-01-01T00:00:00+14:00"),
        ("time", "half past ten"),
    ],
)
def test_a_date_that_is_none_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        bind("WHERE X = :x", {"x": value}, {"x": kind})
    assert refused.value.fields == ("x",)


@pytest.mark.parametrize(
    "value", [[], (), [[1]], float("nan"), float("inf"), Decimal("NaN"), {"a": 1}, b"a", object(), datetime(2024, 1, 1)]
)
def test_what_has_no_form_in_soql_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError):
        bind("WHERE X IN :x", {"x": value})


@pytest.mark.parametrize(
    ("soql", "bound"),
    [
        ("WHERE A IN:x", "WHERE A IN 'v'"),
        ("WHERE A=:x", "WHERE A='v'"),
        ("WHERE A = : x", "WHERE A = 'v'"),
        ("WHERE A = :x AND B = :x", "WHERE A = 'v' AND B = 'v'"),
        ("WHERE A = ':x' AND B = :x", "WHERE A = ':x' AND B = 'v'"),
        (r"WHERE A = '\':x' AND B = :x", r"WHERE A = '\':x' AND B = 'v'"),
        ("WHERE A = :x // :y\n AND B = :x", "WHERE A = 'v' // :y\n AND B = 'v'"),
        ("/* :y */ WHERE A = :x", "/* :y */ WHERE A = 'v'"),
        ("WHERE D > 2020-01-01T10:00:00Z AND A = :x", "WHERE D > 2020-01-01T10:00:00Z AND A = 'v'"),
        ("WHERE D = LAST_N_DAYS:5 AND A = :x", "WHERE D = LAST_N_DAYS:5 AND A = 'v'"),
        ("WHERE A IN (:x, 'w')", "WHERE A IN ('v', 'w')"),
        ("WHERE A = :x AND B = 'open :y", "WHERE A = 'v' AND B = 'open :y"),
    ],
)
def test_binds_are_found_outside_of_strings_and_comments_only(soql: str, bound: str) -> None:
    assert bind(soql, {"x": "v"}) == bound


def test_a_list_fits_into_parentheses_that_are_there_already() -> None:
    assert bind("A IN (:x) AND B IN ('u', :x)", {"x": ["v", "w"]}) == "A IN ('v','w') AND B IN ('u','v','w')"


def test_the_count_of_a_date_literal_can_be_bound() -> None:
    assert bind("WHERE D = LAST_N_DAYS:days", {"days": 30}) == "WHERE D = LAST_N_DAYS:30"
    assert bind("WHERE D = n_years_ago::years", {"years": 2}) == "WHERE D = n_years_ago:2"
    for wrong in ("30", -1, 1.5, True):
        with pytest.raises(ArgumentError):
            bind("WHERE D = LAST_N_DAYS:days", {"days": wrong})


def test_a_bound_value_cannot_become_another_bind() -> None:
    assert bind("WHERE A = :x AND B = :y", {"x": ":y", "y": "' OR :x"}) == r"WHERE A = ':y' AND B = '\' OR :x'"


def test_names_must_fit() -> None:
    with pytest.raises(ArgumentError, match="no value for :acount") as missing:
        bind("WHERE A = :acount", {"account": 1})
    assert missing.value.hint == "Did you mean :account?"
    with pytest.raises(ArgumentError, match="has no :extra"):
        bind("WHERE A = :x", {"x": 1, "extra": 2})
    with pytest.raises(ArgumentError, match="dot"):
        bind("WHERE A = :account.Id", {"account": 1})
    assert bind("SELECT Id FROM Account", {}) == "SELECT Id FROM Account"


def test_long_statements_bind_at_once() -> None:
    soql = "WHERE A = :x " + " " * 40_000 + "(" * 20_000 + " " * 19_000 + "N_" * 10_000
    assert bind(soql, {"x": 1}).startswith("WHERE A = 1 ")


def test_binding_loads_no_parser() -> None:
    code = "import sys, salesforce_mcp.soql.binding; print('lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_list_after_in_is_read_as_its_values() -> None:
    query = parse(bind("SELECT Id FROM Account WHERE Name IN :names", {"names": ["a", "b"]}))
    assert isinstance(query.where, Comparison)
    assert query.where.right == ValueList((String("a", "a"), String("b", "b")))
