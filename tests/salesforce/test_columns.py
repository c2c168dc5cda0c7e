"""Pages read straight into columns give what pages read record by record give."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from salesforce_mcp.auth.session import Session
from salesforce_mcp.salesforce import columns
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.guard import Asked, Clean, Guard
from salesforce_mcp.salesforce.stream import slices
from tests.salesforce.scripted import Reply, ScriptedOrg, ok, page

LOCATOR = "/services/data/v66.0/query/01gxx0000000001AAA-"


def script(org: ScriptedOrg, *bodies: list[dict[str, Any]] | bytes) -> None:
    """One page a body: records, or the JSON of records as it is sent."""
    for number, body in enumerate(bodies):
        following = f"{LOCATOR}{number + 1}" if number + 1 < len(bodies) else None
        if isinstance(body, bytes):
            reply = page(total=99, following=following)
            head = json.dumps(reply.body).encode()
            reply = ok(head.replace(b'"records": []', b'"records": ' + body))
        else:
            reply = page(*body, total=99, following=following)
        org.on(f"GET {LOCATOR}{number}" if number else "GET query", reply)


@pytest.fixture
def rows(org: ScriptedOrg, client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[tuple[Any, ...]]]:
    """All rows of a query over these pages, the columns first. `by_column`: how many pages were read by column."""

    def run(soql: str, *bodies: list[dict[str, Any]] | bytes, by_column: int) -> list[tuple[Any, ...]]:
        seen: list[columns.Columns] = []
        real = columns._Records.read

        def read(self: Any, content: bytes) -> columns.Columns:
            seen.append(real(self, content))
            return seen[-1]

        monkeypatch.setattr(columns._Records, "read", read)
        script(org, *bodies)
        found: list[tuple[Any, ...]] = []
        for part in slices(client, soql):
            found = found or [tuple(part.columns)]
            found += list(zip(*part.block, strict=True))
        assert len(seen) == by_column
        return found

    return run


Rows = Callable[..., list[tuple[Any, ...]]]


def parent(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "User", "url": "x"}, **fields}


def test_columns_are_found_however_they_were_typed(rows: Rows) -> None:
    first = [{"Id": "1", "Class": None, "Owner": parent(Name="Ada", Manager=parent(Name="Bo"))}]
    second = [{"Class": 5, "Id": "2", "Owner": None}, {"Id": "3", "Owner": parent(Name=None, Manager=None)}]
    assert rows("select ID, class, OWNER.NAME, owner.manager.name from Account", first, second, by_column=1) == [
        ("Id", "Class", "Owner.Name", "Owner.Manager.Name"),
        ("1", None, "Ada", "Bo"),
        ("2", 5, None, None),
        ("3", None, None, None),
    ]


def test_a_parent_that_was_null_so_far(rows: Rows) -> None:
    null = [{"Id": "1", "Owner": None}]
    there = [{"Id": "2", "Owner": parent(Name="Ada", Manager=None)}]
    above = [{"Id": "3", "Owner": parent(Name="Ada", Manager=parent(Name="Bo"))}]
    found = rows(
        "SELECT Id, owner.name, owner.manager.name FROM Account", null, null, there, there, above, above, by_column=3
    )
    assert found[1:] == [
        ("1", None, None),
        ("1", None, None),
        ("2", "Ada", None),
        ("2", "Ada", None),
        ("3", "Ada", "Bo"),
        ("3", "Ada", "Bo"),
    ]


def test_compound_fields(rows: Rows) -> None:
    record = {"Id": "1", "BillingAddress": {"city": "Ulm", "street": None}}
    found = rows("SELECT Id, BillingAddress FROM Account", [record], [record], by_column=1)
    assert found[1:] == [("1", {"city": "Ulm"})] * 2


def test_children_are_read_record_by_record(rows: Rows) -> None:
    record = {"Id": "1", "Contacts": page({"LastName": "Lee"}).body}
    found = rows("SELECT Id, (SELECT LastName FROM Contacts) FROM Account", [record], [record], by_column=0)
    assert found[1:] == [("1", [{"LastName": "Lee"}])] * 2


def test_half_an_emoji(rows: Rows) -> None:
    broken = rb'[{"Id": "2", "Name": "cut \ud83d"}]'
    found = rows("SELECT Id, Name FROM Account", [{"Id": "1", "Name": "x"}], broken, by_column=0)
    assert found[2] == ("2", "cut \N{REPLACEMENT CHARACTER}")


def test_a_field_that_only_some_records_have(rows: Rows) -> None:
    found = rows("SELECT Id, Name FROM Account", [{"Id": "1", "Name": "x"}], [{"Id": "2"}], by_column=1)
    assert found[2] == ("2", None)


EXACT = [
    ("0.1", 0.1),
    ("1000000.0", 1000000.0),
    ("1.39E8", 139000000.0),
    ("1.2345678901234568E15", 1234567890123456.8),
    ("9007199254740993", 9007199254740993),
    ("123456789012345678901234", 123456789012345678901234),
    ("1234567890123456.78", Decimal("1234567890123456.78")),
    ("-0.12345678901234567890", Decimal("-0.12345678901234567890")),
    ("10000000000000000000001.0", Decimal("10000000000000000000001.0")),
]


@pytest.mark.parametrize(("sent", "expected"), EXACT)
def test_numbers_are_what_was_sent(rows: Rows, sent: str, expected: object) -> None:
    body = f'[{{"Id": "12345678901234567890", "Big": {sent}}}]'.encode()
    found = rows("SELECT Id, Big FROM Account", body, body, by_column=1)
    assert found[1:] == [("12345678901234567890", expected)] * 2
    assert {type(row[1]) for row in found[1:]} == {type(expected)}


def test_numbers_stay_exact_where_a_policy_takes_something_out(session: Session, org: ScriptedOrg) -> None:
    class Hiding(Guard):
        def before(self, client: Client, asked: Asked) -> Clean:
            return lambda body: {**body, "hidden": True}

    script(org, b'[{"Big": 1234567890123456.78}]', b'[{"Big": 1234567890123456.78}]')
    with Client(session, guard=Hiding()) as guarded:
        found = [part.block for part in slices(guarded, "SELECT Big FROM Account")]
    assert found == [[[Decimal("1234567890123456.78")]]] * 2


def test_an_answer_that_is_no_page(org: ScriptedOrg, client: Client) -> None:
    script(org, [{"Id": "1"}], [{"Id": "2"}])
    org.on(f"GET {LOCATOR}1", Reply(200, {"unexpected": True}))
    with pytest.raises(Exception, match="has no records"):
        list(slices(client, "SELECT Id FROM Account"))
