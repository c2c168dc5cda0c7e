"""Rows as CSV and JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.formats import open_writer


def written(name: str, columns: list[str], *rows: list[Any], header: bool = True) -> str:
    out = io.BytesIO()
    writer = open_writer(name, out, columns, header=header)
    writer.write([list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns])
    return out.getvalue().decode()


def test_csv_quotes_what_needs_it_and_ends_lines_with_lf() -> None:
    text = written("csv", ["Id", "Name"], ["1", 'Ann "A", Lee'], ["2", "two\nlines"], ["3", None], ["4", ""])
    assert text == 'Id,Name\n1,"Ann ""A"", Lee"\n2,"two\nlines"\n3,\n4,\n'


def test_csv_spells_values_as_json_does() -> None:
    text = written("csv", ["a", "b", "c"], [True, 1.5, {"x": [1]}], [None, 10, None], [False, 1000000.0, "y"])
    assert text == 'a,b,c\ntrue,1.5,"{""x"":[1]}"\n,10,\nfalse,1000000.0,y\n'


def test_numbers_that_no_float_holds() -> None:
    row = [Decimal("1234567890123456.78"), 2**70]
    assert written("csv", ["a", "b"], row) == f"a,b\n1234567890123456.78,{2**70}\n"
    assert written("jsonl", ["a", "b"], row) == f'{{"a":1234567890123456.78,"b":{2**70}}}\n'


def test_csv_of_one_column_has_no_blank_lines() -> None:
    text = written("csv", ["Name"], [None], ["x"], [""])
    assert text == 'Name\n""\nx\n""\n'
    assert list(csv.reader(io.StringIO(text)))[1:] == [[""], ["x"], [""]]


def test_csv_goes_on_without_a_header() -> None:
    assert written("csv", ["Id"], ["1"], header=False) == "1\n"


def test_csv_of_nothing_is_a_header() -> None:
    assert written("csv", ["Id", "Name"]) == "Id,Name\n"


@given(st.lists(st.lists(st.none() | st.text(), min_size=2, max_size=2)))
def test_csv_is_read_back_as_it_was(rows: list[list[str | None]]) -> None:
    text = written("csv", ["a", "b"], *rows)
    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["a", "b"], *([value or "" for value in row] for row in rows)]


def test_json_lines_keep_types() -> None:
    text = written("jsonl", ["Id", "Owner.Name", "n"], ["1", None, 1.5], ["2", "Ä", [{"a": True}]])
    assert [json.loads(line) for line in text.splitlines()] == [
        {"Id": "1", "Owner.Name": None, "n": 1.5},
        {"Id": "2", "Owner.Name": "Ä", "n": [{"a": True}]},
    ]
    assert written("jsonl", ["Id"]) == ""


def test_unknown_format() -> None:
    with pytest.raises(UsageError, match="csv, jsonl"):
        open_writer("xml", io.BytesIO(), ["a"])
