"""query and query_more: rows, limits, binds, cursors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.pages import CursorExpired, PageStore
from salesforce_mcp.tools.results import Table
from tests.salesforce.scripted import ScriptedOrg, error, ok, page

NEXT = "/services/data/v66.0/query/01gxx0000000001AAA-"
Call = Callable[..., Table]


def numbered(first: int, count: int, total: int, following: str | None = None) -> Any:
    return page(*({"Id": f"{number:04}"} for number in range(first, first + count)), total=total, following=following)


def test_parents_are_columns(org: ScriptedOrg, call: Call) -> None:
    owner = {"attributes": {"type": "User", "url": "/x"}, "Name": "Ada"}
    org.on("GET query", page({"Name": "Acme", "Owner": owner}, {"Name": "Beta", "Owner": None}))
    table = call("query", soql="SELECT Name, Owner.Name FROM Account")
    assert table.as_dict() == {
        "columns": ["Name", "Owner.Name"],
        "rows": [["Acme", "Ada"], ["Beta", None]],
        "total": 2,
        "returned": 2,
        "cursor": None,
        "notes": [],
    }
    assert len(org.seen) == 1


def test_values_are_bound_safely(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", page())
    call("query", soql="SELECT Id FROM Account WHERE Name = :n AND Id IN :ids", bind={"n": "O'Neil", "ids": ["1", "2"]})
    assert org.seen[0].query["q"] == "SELECT Id FROM Account WHERE Name = 'O\\'Neil' AND Id IN ('1','2')"


@pytest.mark.parametrize(
    "arguments",
    [
        {"soql": "SELECT Id FROM Account WHERE Name = :n"},
        {"soql": "SELECT Id FROM Account WHERE Name IN :n", "bind": {"n": []}},
        {"soql": "SELECT Id FROM Account", "limit": 0},
        {"soql": "SELECT Id FROM Account", "limit": 2001},
        {"soql": "SELECT Id FROM Account", "limt": 5},
        {},
    ],
)
def test_what_is_wrong_is_refused_before_a_request(org: ScriptedOrg, call: Call, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call("query", **arguments)
    assert org.seen == []


@pytest.mark.parametrize(("limit", "batch"), [(None, 1000), (5, 200), (700, 700), (2000, 2000)])
def test_the_batch_fits_the_limit(org: ScriptedOrg, call: Call, limit: int | None, batch: int) -> None:
    org.on("GET query", page())
    call("query", soql="SELECT Id FROM Account", **({"limit": limit} if limit else {}))
    assert org.seen[0].headers["Sforce-Query-Options"] == f"batchSize={batch}"


def test_a_limit_keeps_the_rest_for_later(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", numbered(0, 5, 8, NEXT + "5"))
    org.on(f"GET {NEXT}5", numbered(5, 3, 8))
    table = call("query", soql="SELECT Id FROM Account", limit=2)
    ids = []
    while True:
        assert table.total == 8
        ids += [row[0] for row in table.rows]
        if table.cursor is None:
            break
        table = call("query_more", cursor=table.cursor)
    assert ids == [f"{number:04}" for number in range(8)]
    assert len(org.seen) == 2


def test_a_limit_above_the_orgs_page_takes_several(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", numbered(0, 3, 9, NEXT + "3"))
    org.on(f"GET {NEXT}3", numbered(3, 3, 9, NEXT + "6"))
    table = call("query", soql="SELECT Id FROM Account", limit=5)
    assert [row[0] for row in table.rows] == ["0000", "0001", "0002", "0003", "0004"]
    assert org.count("GET", "AAA-6") == 0


def test_a_cursor_holds_neither_query_nor_secret(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", numbered(0, 2, 4, NEXT + "2"))
    cursor = call("query", soql="SELECT Id FROM Account").cursor
    assert cursor == "query/01gxx0000000001AAA-2"


def test_another_process_can_go_on(org: ScriptedOrg, call: Call) -> None:
    org.on(f"GET {NEXT}2", numbered(2, 2, 4))
    table = call("query_more", cursor="query/01gxx0000000001AAA-2")
    assert [row[0] for row in table.rows] == ["0002", "0003"]
    assert table.columns == ["Id"]


def test_later_pages_have_the_columns_of_the_first(org: ScriptedOrg, call: Call) -> None:
    owner = {"attributes": {"type": "User", "url": "/x"}, "Name": "Ada"}
    org.on("GET query", page({"Id": "1", "Owner": owner}, total=2, following=NEXT + "1"))
    org.on(f"GET {NEXT}1", page({"Id": "2", "Owner": None}, total=2))
    first = call("query", soql="SELECT Id, Owner.Name FROM Account", limit=1)
    assert call("query_more", cursor=first.cursor).columns == first.columns


@pytest.mark.parametrize(
    "gone",
    [error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"), error(404, "NOT_FOUND", "no such resource")],
)
def test_a_locator_that_is_gone(org: ScriptedOrg, call: Call, gone: Any) -> None:
    org.on("GET /services/data", ok([{"version": "66.0"}]))
    org.on(f"GET {NEXT}2", gone)
    with pytest.raises(CursorExpired, match="Run the query again"):
        call("query_more", cursor="query/01gxx0000000001AAA-2")


@pytest.mark.parametrize("cursor", ["", "x", "query/../limits-1", "kept/0123456789abcdef-1", "https://x.example/-1"])
def test_a_wrong_cursor_makes_no_request(org: ScriptedOrg, call: Call, cursor: str) -> None:
    with pytest.raises((ArgumentError, CursorExpired)):
        call("query_more", cursor=cursor)
    assert org.seen == []


def test_children_have_their_own_cursor(org: ScriptedOrg, call: Call) -> None:
    child = page({"LastName": "Lee"}, total=2, following=NEXT + "1").body
    org.on("GET query", page({"Name": "Acme", "Contacts": child}))
    org.on(f"GET {NEXT}1", page({"LastName": "Ann"}, total=2))
    table = call("query", soql="SELECT Name, (SELECT LastName FROM Contacts) FROM Account")
    cell = table.rows[0][1]
    assert cell["records"] == [{"LastName": "Lee"}]
    assert call("query_more", cursor=cell["cursor"]).rows == [["Ann"]]


def test_a_count_is_a_number(recorded: Callable[..., Any], call: Call) -> None:
    recorded("GET query", "soql-count-query")
    table = call("query", soql="SELECT COUNT() FROM Account")
    assert (table.columns, table.rows, table.total) == (["count"], [[26]], 1)


def test_groups(recorded: Callable[..., Any], call: Call) -> None:
    recorded("GET query", "soql-query-groupby")
    table = call("query", soql="SELECT LeadSource, COUNT(Name) FROM Lead GROUP BY LeadSource")
    assert table.columns == ["LeadSource", "expr0"]
    assert table.rows[0] == ["Web", 7]


def test_deleted_records(org: ScriptedOrg, call: Call) -> None:
    org.on("GET queryAll", page({"Id": "1"}))
    assert call("query", soql="SELECT Id FROM Account", include_deleted=True).rows == [["1"]]


def test_an_unknown_field_names_the_nearest(org: ScriptedOrg, call: Call) -> None:
    words = "\nSELECT Nmae FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nmae' on entity 'Account'."
    org.on("GET query", error(400, "INVALID_FIELD", words))
    org.on("GET sobjects/Account/describe", ok({"fields": [{"name": "Name"}, {"name": "Id"}]}))
    with pytest.raises(SalesforceError, match="Did you mean Name") as caught:
        call("query", soql="SELECT Nmae FROM Account")
    assert words.strip() in str(caught.value)


def test_the_text_for_a_model(org: ScriptedOrg, shown: Callable[..., str]) -> None:
    created = "2024-05-01T07:25:37.000+0000"
    org.on(
        "GET query",
        page(
            {"Id": "1", "AnnualRevenue": 1000000.0, "CreatedDate": created, "Fax": None}, total=9, following=NEXT + "1"
        ),
    )
    assert shown("query", soql="SELECT Id, AnnualRevenue, CreatedDate, Fax FROM Account") == (
        '1 row of 9. More follow: query_more with cursor "query/01gxx0000000001AAA-1". Empty columns left out: Fax.\n'
        "Id,AnnualRevenue,CreatedDate\n1,1000000,2024-05-01T07:25:37Z\n"
    )


def test_what_the_budget_cut_is_fetched_once(
    org: ScriptedOrg, shown: Callable[..., str], call: Call, pages: PageStore
) -> None:
    org.on("GET query", numbered(0, 900, 900))
    text = shown("query", budget=1000, soql="SELECT Id FROM Account")
    rows = text.splitlines()[2:]
    cursor = text.split('cursor "')[1].split('"')[0]
    table = call("query_more", cursor=cursor)
    assert [row[0] for row in table.rows] == [f"{number:04}" for number in range(len(rows), 900)]
    assert len(org.seen) == 1
