"""Records as rows: columns, parents, children, compound fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesforce_mcp.salesforce.rows import Shaper, flat

Sample = Callable[[str], dict[str, Any]]


def record(kind: str = "Contact", **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "url": f"/services/data/v66.0/sobjects/{kind}/1"}, **fields}


def test_parents_become_dotted_columns() -> None:
    shaper = Shaper("SELECT Name, Account.Name, Account.Owner.Name FROM Contact")
    rows = shaper.rows(
        [
            record(Name="Ann", Account=record("Account", Name="Acme", Owner=record("User", Name="Ada"))),
            record(Name="Bob", Account=None),
            record(Name="Cy", Account=record("Account", Name="Beta", Owner=None)),
        ]
    )
    assert shaper.columns == ["Name", "Account.Name", "Account.Owner.Name"]
    assert rows == [["Ann", "Acme", "Ada"], ["Bob", None, None], ["Cy", "Beta", None]]


def test_a_parent_that_is_null_everywhere_keeps_its_columns() -> None:
    shaper = Shaper("SELECT Account.Name, Id, Account.Owner.Name FROM Contact")
    assert shaper.rows([record(Account=None, Id="1")]) == [[None, "1", None]]
    assert shaper.columns == ["Account.Name", "Id", "Account.Owner.Name"]
    assert shaper.rows([record(Account=record("Account", Name="Acme", Owner=None), Id="2")]) == [["Acme", "2", None]]


def test_columns_are_in_the_order_asked_for_and_spelled_as_the_org_does() -> None:
    shaper = Shaper("select industry, account.NAME, id from Contact")
    shaper.rows([record(Id="1", Industry="Media", Account=record("Account", Name="Acme"))])
    assert shaper.columns == ["Industry", "Account.Name", "Id"]


def test_no_records_leave_the_columns_of_the_select() -> None:
    shaper = Shaper("SELECT Id, Account.Name FROM Contact")
    assert shaper.rows([]) == []
    assert shaper.columns == ["Id", "Account.Name"]


def test_columns_nobody_named_come_from_the_records() -> None:
    shaper = Shaper("SELECT FIELDS(ALL), DISTANCE(Loc__c, GEOLOCATION(1, 2), 'km') FROM Place__c LIMIT 2")
    shaper.rows([record(Id="1", Name="x", expr7=3.5)])
    assert shaper.columns == ["Id", "Name", "expr7"]


def test_children_are_lists_of_flat_records() -> None:
    contacts = {
        "totalSize": 1,
        "done": True,
        "records": [record(LastName="Lee", Owner=record("User", Name="Ada"))],
    }
    shaper = Shaper("SELECT Name, (SELECT LastName, Owner.Name FROM Contacts) FROM Account")
    rows = shaper.rows([record(Name="Acme", Contacts=contacts), record(Name="Beta", Contacts=None)])
    assert rows == [["Acme", [{"LastName": "Lee", "Owner.Name": "Ada"}]], ["Beta", None]]


def test_children_that_were_cut_bring_their_cursor() -> None:
    contacts = {
        "totalSize": 300,
        "done": False,
        "nextRecordsUrl": "/services/data/v66.0/query/01gxx0000000001AAA-200",
        "records": [record(LastName="Lee")],
    }
    shaper = Shaper("SELECT (SELECT LastName FROM Contacts) FROM Account")
    assert shaper.rows([record(Contacts=contacts)]) == [
        [{"records": [{"LastName": "Lee"}], "total": 300, "cursor": "query/01gxx0000000001AAA-200"}]
    ]


def test_compound_fields_lose_what_is_null() -> None:
    shaper = Shaper("SELECT BillingAddress FROM Account")
    address = {"city": "Dallas", "country": None, "street": "2401 Victory Avenue"}
    nothing = dict.fromkeys(address)
    assert shaper.rows([record(BillingAddress=address), record(BillingAddress=nothing)]) == [
        [{"city": "Dallas", "street": "2401 Victory Avenue"}],
        [None],
    ]


def test_records_of_different_shape(sample: Sample) -> None:
    case = sample("soql-testselect-test-select-similarity-select-and-insert-strategy-32")
    shaper = Shaper(case["request"]["query"]["q"])
    rows = shaper.rows(case["response"]["body"]["records"])
    assert shaper.columns[1:5] == ["Who.LastName", "Who.Email", "Who.Company", "Who.Id"]
    assert shaper.columns[5:9] == ["What.Name", "What.Description", "What.Phone", "What.AccountNumber"]
    by_subject = {row[shaper.columns.index("Subject")]: dict(zip(shaper.columns, row, strict=True)) for row in rows}
    assert by_subject["Test Event 2"]["Who.LastName"] == "Contact"
    assert by_subject["Test Event 2"]["What.Name"] is None
    assert by_subject["Test Event 1"]["What.Name"] == "Tom Cruise"


def test_recorded_parents(sample: Sample) -> None:
    body = sample("soql-query-child2parent")["response"]["body"]
    shaper = Shaper("SELECT FirstName, Account.Name FROM Contact")
    rows = shaper.rows(body["records"])
    assert shaper.columns == ["FirstName", "Account.Name"]
    assert rows[0] == ["Umut", None]
    assert rows[2] == ["Rose", "Edge Communications"]


def test_recorded_groups(sample: Sample) -> None:
    case = sample("soql-query-groupby")
    shaper = Shaper(case["request"]["query"]["q"])
    assert shaper.rows(case["response"]["body"]["records"])[0] == ["Web", 7]
    assert shaper.columns == ["LeadSource", "expr0"]


def test_flat_records() -> None:
    assert flat([record(Id="1", Owner=record("User", Name="Ada"))]) == [{"Id": "1", "Owner.Name": "Ada"}]
    assert flat([]) == []
