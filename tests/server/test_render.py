from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.server.render import render, render_error
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.results import Record, Result, Sections, Table
from tests.tokens import count

TOOLS = registry.load()


def text(result: Result, budget: int = 8000, tool: str = "query", pages: PageStore | None = None) -> str:
    return render(result, TOOLS[tool], pages or PageStore(), budget).text


def test_rows_are_csv_below_one_line() -> None:
    table = Table(["Id", "Name"], [["1", 'Acme, "the" one'], ["2", "two\nlines"]], total=2, notes=["By REST."])
    assert text(table) == '2 rows. By REST.\nId,Name\n1,"Acme, ""the"" one"\n2,"two\nlines"\n'


def test_more_rows_are_announced_with_their_cursor() -> None:
    table = Table(["Id"], [["1"]], total=1234, cursor="query/01g000000000001AAA-1")
    assert text(table).startswith('1 row of 1234. More follow: query_more with cursor "query/01g000000000001AAA-1".\n')
    assert "list_reports with cursor" in text(table, tool="list_reports")


def test_empty_columns_are_left_out_and_named() -> None:
    table = Table(["Id", "Fax", "Phone"], [["1", None, "5"], ["2", "", None]], total=2)
    assert text(table) == "2 rows. Empty columns left out: Fax.\nId,Phone\n1,5\n2,\n"
    assert text(Table(["Fax"], [[None], [None]], total=2)) == "2 rows. Empty columns left out: Fax."


def test_no_rows() -> None:
    assert text(Table(["Id"], [], total=0)) == "0 rows."


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (1000000.0, "1000000"),
        (0.1, "0.1"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (9007199254740993, "9007199254740993"),
        ("2026-01-31T09:00:00.000+0000", "2026-01-31T09:00:00Z"),
        ("2026-01-31T09:00:00.123+0000", "2026-01-31T09:00:00.123+0000"),
        ("2026-01-31", "2026-01-31"),
        ([{"Name": "A", "Amount": 5.0}], '"[{""Name"":""A"",""Amount"":5}]"'),
        ("Zoë 東京 🙂", "Zoë 東京 🙂"),
    ],
)
def test_values_are_exact_and_short(value: Any, cell: str) -> None:
    assert text(Table(["Id", "X"], [["1", value], ["2", "x"]], total=2)).splitlines()[2] == f"1,{cell}"


def test_moments_in_notes_are_like_those_of_the_rows() -> None:
    table = Table(["Id"], [["1"]], total=1, notes=["Covered until 2026-01-31T09:00:00.000+0000: begin there."])
    assert text(table) == "1 row. Covered until 2026-01-31T09:00:00Z: begin there.\nId\n1\n"


@pytest.mark.parametrize(
    "hidden",
    [
        "\u200b",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\u00ad",
        "\U000e0041",
        "\ufe0f",
        "\U000e0100",
        "\x00",
        "\x1b",
        "\x9b",
        "\u2028",
    ],
)
def test_what_nobody_can_see_is_removed_everywhere(hidden: str) -> None:
    dirty = f"a{hidden}b"
    assert text(Table([dirty], [[dirty]], total=1, notes=[dirty])) == "1 row. ab\nab\nab\n"
    assert text(Record({dirty: dirty})) == "ab: ab"
    assert hidden not in text(Record({"nested": {dirty: [dirty]}}))
    assert render_error(SalesforceError(dirty, code="X")) == "X: ab"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("می\u200cخواهم", "می\u200cخواهم"),  # Persian: a non-joiner within a word
        ("क्\u200dष", "क्\u200dष"),
        ("❤\ufe0f\u200d🔥 👨\u200d👩\u200d👧 1\ufe0f\u20e3", "❤\ufe0f\u200d🔥 👨\u200d👩\u200d👧 1\ufe0f\u20e3"),
        ("é\u200c\u200d\u200cé", "éé"),
        ("é\ufe0f\ufe0e\ufe0fé", "éé"),
        ("é\u200da\u200dé\u200d", "éaé"),
    ],
)
def test_invisible_characters_stay_where_writing_needs_them(written: str, shown: str) -> None:
    assert text(Record({"Name": written})) == f"Name: {shown}"


def test_a_record_is_lines() -> None:
    record = Record(
        {"Id": "1", "Fax": None, "Amount": 5.0, "Address": {"city": "Rome"}, "Description": "first\nId: 2"},
        summary="Created.",
        notes=["Noted."],
    )
    assert text(record) == (
        'Created. Noted.\nId: 1\nAmount: 5\nAddress: {"city":"Rome"}\nDescription: "first\\nId: 2"\nEmpty: Fax'
    )


def test_sections_have_headings() -> None:
    sections = Sections([("totals", Table(["n"], [[1]], total=1)), ("more", Record({"a": 1}))], summary="Report.")
    assert text(sections) == "Report.\n\n# totals\n1 row.\nn\n1\n\n# more\na: 1"


def rows_of(shown: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(shown.split("\n", 1)[1])))[1:]


@pytest.mark.parametrize("budget", [500, 2000, 8000])
def test_a_big_answer_is_cut_at_a_row_and_nothing_is_lost(budget: int) -> None:
    pages = PageStore()
    made = [[f"001{n:012}AAA", f"Customer number {n}, Ltd.", f"{n}.5", "x" * (n % 50)] for n in range(2000)]
    table = pages.first(Table(["Id", "Name", "N", "X"], made, total=2000))
    seen = []
    while True:
        shown = render(table, TOOLS["query"], pages, budget)
        assert count(shown.text) <= budget
        seen += rows_of(shown.text)
        assert isinstance(shown.result, Table)
        if not shown.result.cursor:
            break
        assert "Cut to about" in shown.text
        table = pages.read(shown.result.cursor)
    assert seen == made


def test_a_budget_is_used() -> None:
    table = Table(["Id", "Name"], [[f"001{n:012}AAA", f"Customer number {n}, Ltd."] for n in range(5000)], total=5000)
    assert count(text(table)) > 0.6 * 8000


def test_one_row_over_the_budget_has_its_values_cut() -> None:
    shown = text(Table(["Id", "Body"], [["1", "word " * 50_000], ["2", "x"]], total=2), budget=2000)
    assert count(shown) <= 2000
    assert "more characters)" in shown
    assert "More follow" in shown


def test_a_long_text_fills_the_budget() -> None:
    body = "The quick brown fox jumps over the lazy dog. " * 2000
    for result in (Record({"Id": "1", "Body": body}), Table(["Id", "Body"], [["1", body]], total=1)):
        shown = text(result, budget=8000)
        assert 0.4 * 8000 < count(shown) <= 8000
        assert re.search(r"\((\d+) more characters\)", shown)


def test_a_record_over_the_budget_says_what_it_leaves_out() -> None:
    shown = text(Record({"Id": "1", "Body": "word " * 50_000}), budget=2000)
    assert count(shown) <= 2000
    assert "more characters)" in shown
    many = text(Record({f"Field_{n}__c": f"value number {n}" for n in range(2000)}), budget=2000)
    assert count(many) <= 2000
    assert "Left out: " in many


@pytest.mark.parametrize("parts", [2, 10])
def test_sections_share_the_budget(parts: int) -> None:
    pages = PageStore()
    rows = [[f"001{n:012}AAA", f"Customer number {n}, Ltd."] for n in range(2000)]
    tables = [(f"part {n}", Table(["Id", "Name"], rows, total=2000)) for n in range(parts)]
    shown = render(Sections(tables), TOOLS["run_report"], pages, 3000)
    assert count(shown.text) <= 3000
    assert isinstance(shown.result, Sections)
    for _, table in shown.result.parts:
        assert isinstance(table, Table)
        assert table.cursor
        assert table.rows + pages.read(table.cursor).rows == rows


def test_an_error_is_code_message_fields_and_hint() -> None:
    error = SalesforceError("Required", code="REQUIRED_FIELD_MISSING", fields=["Name"], hint="Give a Name.")
    assert render_error(error) == "REQUIRED_FIELD_MISSING: Required\nFields: Name\nHint: Give a Name."
