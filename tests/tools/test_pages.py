from __future__ import annotations

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.pages import CursorExpired, PageStore, check_cursor, locator_cursor
from salesforce_mcp.tools.results import Table


def numbers(first: int, last: int, **more: object) -> Table:
    return Table(["n"], [[n] for n in range(first, last + 1)], **more)  # type: ignore[arg-type]


def test_an_answer_that_fits_keeps_nothing() -> None:
    table = PageStore().first(numbers(1, 3, total=3), limit=3)
    assert table.cursor is None
    assert table.at is None


def test_pages_follow_each_other_without_a_gap() -> None:
    pages = PageStore()
    table = pages.first(numbers(1, 10, total=10), limit=4)
    seen = [row[0] for row in table.rows]
    while table.cursor:
        table = pages.read(table.cursor)
        assert len(table.rows) <= 4
        seen += [row[0] for row in table.rows]
    assert seen == list(range(1, 11))


def test_the_same_cursor_gives_the_same_rows() -> None:
    pages = PageStore()
    cursor = pages.first(numbers(1, 10), limit=4).cursor or ""
    assert pages.read(cursor).rows == pages.read(cursor).rows == [[5], [6], [7], [8]]


def test_a_page_cut_by_the_budget_goes_on_after_the_last_row_shown() -> None:
    pages = PageStore()
    page = pages.first(numbers(1, 10, total=10), limit=6)
    cut = pages.cut(page, 2)
    assert cut.rows == [[1], [2]]
    assert pages.read(cut.cursor or "").rows == [[3], [4], [5], [6], [7], [8]]
    whole = pages.cut(numbers(1, 3), 1)
    assert pages.read(whole.cursor or "").rows == [[2], [3]]


def test_a_cursor_names_the_locator_and_the_next_rows_place() -> None:
    pages = PageStore()
    table = numbers(1, 2000, total=5000, cursor=locator_cursor("/services/data/v66.0/query/01g000000000001AAA-2000"))
    page = pages.first(table, limit=50)
    assert page.cursor == "query/01g000000000001AAA-50"
    assert pages.read(page.cursor).rows[0] == [51]


def test_another_process_goes_on_from_the_locator() -> None:
    asked: list[str] = []

    def load(locator: str, columns: list[str] | None) -> Table:
        asked.append(locator)
        return numbers(51, 2000, total=5000, cursor="query/01g000000000001AAA-2000")

    table = PageStore().read("query/01g000000000001AAA-50", load)
    assert asked == ["query/01g000000000001AAA-50"]
    assert table.rows[0] == [51]
    assert table.cursor == "query/01g000000000001AAA-2000"


def test_the_last_page_of_a_locator_has_no_cursor() -> None:
    table = PageStore().read("query/01g000000000001AAA-4000", lambda *_: numbers(4001, 5000, total=5000))
    assert table.cursor is None
    assert len(table.rows) == 1000


@pytest.mark.parametrize(
    "loaded",
    [
        numbers(1, 2000, total=5000, cursor="query/01g000000000001AAA-2000"),
        numbers(4001, 5000, total=5000),
    ],
)
def test_an_org_that_rounds_the_offset_is_not_believed(loaded: Table) -> None:
    with pytest.raises(CursorExpired):
        PageStore().read("query/01g000000000001AAA-50", lambda *_: loaded)


def test_an_expired_locator_says_to_run_the_query_again() -> None:
    def load(locator: str, columns: list[str] | None) -> Table:
        raise SalesforceError("invalid query locator", code="INVALID_QUERY_LOCATOR")

    with pytest.raises(CursorExpired, match="Run the query again"):
        PageStore().read("query/01g000000000001AAA-2000", load)


def test_other_refusals_are_passed_on() -> None:
    def load(locator: str, columns: list[str] | None) -> Table:
        raise SalesforceError("busy", code="SERVER_UNAVAILABLE")

    with pytest.raises(SalesforceError, match="busy"):
        PageStore().read("query/01g000000000001AAA-2000", load)


def test_rows_that_another_process_kept_are_gone() -> None:
    cursor = PageStore().first(numbers(1, 3), limit=1).cursor or ""
    with pytest.raises(CursorExpired, match="Run the query again"):
        PageStore().read(cursor)


def test_the_oldest_rows_give_way() -> None:
    pages = PageStore(max_rows=25)
    first, second, third = (pages.first(numbers(1, 10), limit=1).cursor or "" for _ in range(3))
    with pytest.raises(CursorExpired):
        pages.read(first)
    assert pages.read(second).rows == pages.read(third).rows == [[2]]


@pytest.mark.parametrize(
    "text",
    ["", "x", "query/../limits-1", "kept/0123-1", "query/01g000000000001AAA", "query/01g000000000001AAA-1\n", "-5"],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ArgumentError):
        check_cursor(text)
