from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from salesforce_mcp.cli import localized
from salesforce_mcp.cli.localized import Kind
from salesforce_mcp.cli.progress import line
from salesforce_mcp.cli.table import TableWriter, cell, cut, display_width, fit


def drawn(columns: list[str], *pages: list[list[Any]], width: int | None = None, colour: bool = False) -> list[str]:
    out: list[str] = []
    table = TableWriter(out.append, columns, width=width, colour=colour)
    for page in pages:
        table.write(page)
    table.close()
    return "".join(out).splitlines()


def test_numbers_stand_right_and_text_left() -> None:
    assert drawn(["Name", "Amount"], [["Acme", "Bolt & Co"], [5, None]]) == [
        "Name       Amount",
        "─────────  ──────",
        "Acme            5",
        "Bolt & Co",
    ]


def test_a_table_without_rows_has_its_head() -> None:
    assert drawn(["Id", "Name"]) == ["Id  Name", "──  ────"]
    assert drawn(["Id", "Name"], [(), ()]) == ["Id  Name", "──  ────"]


def test_the_first_page_sizes_the_columns() -> None:
    lines = drawn(["Name"], [["Acme"]], [["a longer name than any before"]], width=80)
    assert lines[2:] == ["Acme", "a l…"]


def test_a_wide_table_is_fitted_to_the_terminal() -> None:
    lines = drawn(["Id", "Text", "Other"], [["001"], ["long " * 50], ["short"]], width=40)
    assert max(map(display_width, lines)) <= 40
    assert lines[2].startswith("001  long long")
    assert lines[2].endswith("…  short")


def test_names_in_the_first_column_stay_whole_where_there_is_room() -> None:
    columns, values = ["tool", "does"], [["publish_knowledge_article"], ["Put a draft online " * 3]]
    assert drawn(columns, values, width=40)[2] == "publish_knowledge_article  Put a draft …"
    assert drawn(columns, values, width=30)[2].startswith("publish_knowl")
    assert drawn(["Name", "Text"], [["Bolt & Company of Springfield"], ["long " * 9]], width=40)[2].startswith(
        "Bolt & "
    )


def test_a_number_is_never_cut() -> None:
    lines = drawn(["N"], [[1]], [[123456789]], width=20)
    assert lines[2:] == ["1", "123456789"]


def test_too_many_columns_become_blocks() -> None:
    columns = [f"Field{number}" for number in range(20)]
    lines = drawn(columns, [["value"] for _ in columns], width=60)
    assert lines[0] == "Field0   value"
    assert len(lines) == 21


def test_a_search_that_found_nothing_has_no_columns_to_show() -> None:
    assert drawn([], []) == []


def test_blocks_leave_out_what_is_empty() -> None:
    columns = [f"Field{number}" for number in range(20)]
    lines = drawn(columns, [["value" if number == 3 else None] for number in range(20)], width=60)
    assert lines == ["Field3   value", ""]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, ""),
        (True, "true"),
        (1000000.0, "1000000"),
        (0.1, "0.1"),
        (1e300, "1e+300"),
        ("two\nlines", "two⏎lines"),
        ("a\r\nb", "a⏎b"),
        ("\x1b[31mred", "·[31mred"),
        ("\x9b31mred", "·31mred"),
        ("invoice\u202egnp.exe", "invoice·gnp.exe"),
        ("שלום", "שלום"),
        ({"city": "Köln"}, '{"city":"Köln"}'),
    ],
)
def test_cells_are_one_harmless_line(value: Any, shown: str) -> None:
    assert cell(value) == shown


def test_wide_characters_take_two_columns() -> None:
    assert display_width("日本") == 4
    assert display_width("e\u0301") == 1
    assert cut("日本語", 5) == "日本…"
    assert cut("日本語", 4) == "日 …"
    assert drawn(["N", "X"], [["日本", "ab"], ["x", "y"]])[2:] == ["日本  x", "ab    y"]


def test_what_is_joined_to_one_picture_takes_two_columns() -> None:
    family = "👨\u200d👩\u200d👧"
    assert display_width(family) == 2
    assert cut(family * 3, 5) == f"{family * 2}…"
    assert drawn(["N", "X"], [[family, "🇩🇪"], ["x", "y"]])[2:] == [f"{family}  x", "🇩🇪  y"]


def test_dates_are_whole_where_text_is_cut() -> None:
    lines = drawn(["Name", "CloseDate"], [["A long name of an opportunity"], ["2026-01-31"]], width=24)
    assert lines[2] == "A long name…  2026-01-31"


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        (["2026-01-31T09:00:00.000+0000", None], Kind.MOMENT),
        (["2026-01-31T09:00:00Z"], Kind.MOMENT),
        (["2026-01-31T09:00:00.123Z"], Kind.MOMENT),
        (["2026-01-31T09:00:00.000+0000", "soon"], None),
        (["2026-01-31"], Kind.DATE),
        (["2026-02-31"], None),
        ([2025, 2026], Kind.SMALL_NUMBER),
        ([2025, 12_000.5], Kind.NUMBER),
        ([0.5, Decimal("1234567890123456.78")], Kind.NUMBER),
        ([True, 1], None),
        ([None], None),
    ],
)
def test_what_is_written_as_the_user_does(column: list[Any], kind: Kind | None) -> None:
    assert localized.kind(column) is kind


def test_fit_takes_from_the_widest() -> None:
    assert fit([10, 50, 12], [8, 8, 8], 60) == [10, 38, 12]
    assert fit([30, 31, 32], [8, 8, 8], 62) == [21, 21, 20]
    assert fit([30, 31, 18], [8, 8, 18], 40) == [11, 11, 18]
    assert fit([5, 5], [5, 5], 20) == [5, 5]
    assert fit([100] * 10, [8] * 10, 80) == [8] * 10
    assert fit([100] * 10, [8] * 10, 79) is None


def test_ids_and_numbers_are_whole_where_text_is_cut() -> None:
    columns = ["Id", "Name", "AnnualRevenue"]
    lines = drawn(columns, [["0015g0000000001AAA"], ["A long name of an account"], [1827750000.0]], width=45)
    assert lines[0] == "Id                  Name          AnnualReve…"
    assert lines[2] == "0015g0000000001AAA  A long name…   1827750000"


def test_a_long_name_of_a_column_of_numbers_is_cut() -> None:
    lines = drawn(["Name", "NumberOfEmployees"], [["A long name of an account"], [42]], width=26)
    assert lines[0] == "Name          NumberOfEmp…"
    assert lines[2] == "A long name…            42"


def test_colour_marks_the_head_alone() -> None:
    lines = drawn(["Name"], [["Acme"]], colour=True)
    assert lines[0] == "\x1b[1mName\x1b[0m"
    assert lines[2] == "Acme"


def test_progress_line() -> None:
    assert line(12_000, 60_000, 6_000.0) == "[####----------------] 12,000 of 60,000 rows, 6,000/s, 8 s left"
    assert line(60_000, 60_000, 6_000.0) == "[####################] 60,000 of 60,000 rows, 6,000/s"
    assert line(0, 60_000, 0.0) == "[--------------------] 0 of 60,000 rows"
