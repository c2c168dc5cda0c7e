"""Writes whose first sending was carried out and left without an answer, on the demo org."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.faults import PreconditionFailed
from salesforce_mcp.tools.results import Record, Table
from tests.tools.demo import Demo

INTERACTION, KEY = "Copilot_Interaction__c", "Conversation_Id__c"


@pytest.fixture
def unanswered(demo_org: DemoOrg) -> Iterator[Any]:
    """Let the next request of this method be carried out without an answer."""

    def spoil(method: str, path: str = "*", skip: int = 0) -> None:
        demo_org.faults.add(Fault("drop_after", method=method, path=path, skip=skip))

    yield spoil
    demo_org.faults.clear()


def made(demo: Demo, count: int) -> list[str]:
    table = demo.call("create_records", object="Contact", records=[{"LastName": "Again"}] * count)
    return [row["id"] for row in rows(table)]


def rows(table: Any) -> list[dict[str, Any]]:
    assert isinstance(table, Table)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("all_or_none", [False, True])
def test_several_that_were_deleted_are_not_called_failed(demo: Demo, unanswered: Any, all_or_none: bool) -> None:
    ids = made(demo, 3)
    unanswered("DELETE")
    table = demo.call("delete_records", object="Contact", ids=ids, all_or_none=all_or_none)
    assert [(row["id"], row["ok"]) for row in rows(table)] == [(id, True) for id in ids]
    again = demo.call("delete_records", object="Contact", ids=ids, all_or_none=all_or_none)
    assert {row["error"] for row in rows(again)} == {"ENTITY_IS_DELETED"}


def test_all_or_none_that_deleted_none_the_first_time(demo: Demo, unanswered: Any) -> None:
    gone, there = made(demo, 2)
    demo.call("delete_record", object="Contact", id=gone)
    unanswered("DELETE")
    table = demo.call("delete_records", object="Contact", ids=[gone, there], all_or_none=True)
    assert [row["ok"] for row in rows(table)] == [False, False]
    assert demo.call("get_record", object="Contact", id=there, fields=["Id"])


def test_an_upsert_does_not_guess_whether_it_created(demo: Demo, unanswered: Any) -> None:
    key = str(uuid.uuid4())
    unanswered("PATCH")
    record = demo.call(
        "upsert_record",
        object=INTERACTION,
        external_id_field=KEY,
        external_id=key,
        data={"Outcome__c": "Deflected"},
    )
    assert isinstance(record, Record)
    assert record.fields["created"] is None and record.fields["id"]
    assert "Created or updated" in (record.summary or "")
    unanswered("PATCH")
    records = [{KEY: f"{key}/{place}", "Outcome__c": "Deflected"} for place in range(2)]
    table = demo.call("upsert_records", object=INTERACTION, external_id_field=KEY, records=records)
    assert [(row["ok"], row["created"]) for row in rows(table)] == [(True, None)] * 2


def test_a_guarded_update_that_meets_its_own_change_is_done(demo: Demo, unanswered: Any) -> None:
    (id,) = made(demo, 1)
    long_ago = {"if_unmodified_since": "2020-01-01T00:00:00Z"}
    data = {"Title": "Engineer"}
    unanswered("PATCH")
    with pytest.raises(PreconditionFailed, match="not known"):
        demo.call("update_record", object="Contact", id=id, data=data, **long_ago)
    demo.call("update_record", object="Contact", id=id, data=data)
    unanswered("PATCH")
    assert demo.call("update_record", object="Contact", id=id, data=data, **long_ago)
    with pytest.raises(PreconditionFailed) as caught:
        demo.call("update_record", object="Contact", id=id, data=data, **long_ago)
    assert not caught.value.uncertain


def test_a_create_is_sent_once_and_says_how_to_find_out(demo: Demo, unanswered: Any) -> None:
    name = str(uuid.uuid4())
    unanswered("POST")
    with pytest.raises(NetworkError, match="Look for the record with a query"):
        demo.call("create_record", object="Contact", data={"LastName": name})
    found = demo.call("query", soql=f"SELECT Id FROM Contact WHERE LastName = '{name}'")
    assert len(rows(found)) == 1


def test_of_a_later_call_without_an_answer_nothing_is_claimed(demo: Demo, unanswered: Any) -> None:
    unanswered("POST", "*/composite/sobjects", skip=1)
    table = demo.call("create_records", object="Contact", records=[{"LastName": "Later"}] * 401)
    outcomes = rows(table)
    assert [row["ok"] for row in outcomes] == [True] * 200 + [False] * 201
    assert {row["message"] for row in outcomes[200:400]} == {
        "The connection broke before the answer was complete. It may have been done, or not."
    }
    assert outcomes[400]["error"] == "NOT_SENT"
    assert any("Look for the record with a query" in note for note in table.notes)
