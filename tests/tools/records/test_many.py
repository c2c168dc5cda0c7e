from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.results import Table
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, error, ok
from tests.tools.conftest import Call

PATH = "composite/sobjects"
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


def id_of(number: int) -> str:
    return f"003{number:012}"


def done(seen: Seen) -> Reply:
    return ok([{"id": record["Tag__c"], "success": True, "errors": []} for record in seen.json()["records"]])


def rows(table: Any) -> list[dict[str, Any]]:
    assert isinstance(table, Table)
    return [dict(zip(table.columns, row, strict=True)) for row in table.rows]


def test_records_go_200_at_a_time_and_come_back_in_order(org: ScriptedOrg, call: Call) -> None:
    org.on(f"POST {PATH}", done)
    records = [{"Tag__c": id_of(n)} for n in range(450)]
    table = call("create_records", object="Contact", records=records)
    assert [len(seen.json()["records"]) for seen in org.seen] == [200, 200, 50]
    assert [row["id"] for row in rows(table)] == [record["Tag__c"] for record in records]
    assert table.failed is False
    assert list(org.seen[0].json()["records"][0]) == ["attributes", "Tag__c"]


@pytest.mark.parametrize(
    ("case", "errors"),
    [
        ("collections-partial-but-allornone", ["REQUIRED_FIELD_MISSING", ROLLED_BACK]),
        ("collections-doc-create-records-using-sobject-collections-3", ["DUPLICATES_DETECTED", ROLLED_BACK]),
        ("collections-doc-create-records-using-sobject-collections-2", ["DUPLICATES_DETECTED", None]),
        ("collections-delete-sobject-collection", [None, None]),
    ],
)
def test_each_record_has_its_own_outcome(
    recorded: Callable[[str, str], Any], call: Call, case: str, errors: list[str | None]
) -> None:
    recorded(f"POST {PATH}", case)
    table = call("create_records", object="Contact", records=[{"LastName": "A"}, {"LastName": "B"}])
    assert [row["error"] for row in rows(table)] == errors
    assert table.failed is any(errors)


def test_the_first_line_names_what_failed(org: ScriptedOrg, call: Call) -> None:
    """Two wrong ones of 300 are found without reading 300 outcomes, or the pages that a client isn't shown at once."""

    def some_fail(seen: Seen) -> Reply:
        good: dict[str, Any] = {"id": id_of(1), "success": True, "errors": []}
        long = f"data value too large: {'x' * 50_000} (max length=80)"
        bad = {"success": False, "errors": [{"statusCode": "STRING_TOO_LONG", "message": long, "fields": ["LastName"]}]}
        return ok([bad if each["LastName"] == "bad" else good for each in seen.json()["records"]])

    org.on(f"POST {PATH}", some_fail)
    records = [{"LastName": "bad" if n in (7, 299) else "good"} for n in range(300)]
    table = call("create_records", object="Contact", records=records)
    assert "298 done, 2 failed: index 7, 299." in table.notes
    assert all(len(row["message"] or "") < 3_000 for row in rows(table))
    many = call("create_records", object="Contact", records=[{"LastName": "good"}] + [{"LastName": "bad"}] * 30)
    assert "1 done, 30 failed: index 1, 2, 3," in many.notes[0] and many.notes[0].endswith(" 20 and others.")


def test_a_failed_update_names_its_record(recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call) -> None:
    recorded(f"PATCH {PATH}", "collections-partial-but-allornone-2")
    records = [{"Id": id_of(1), "LastName": "A"}, {"id": id_of(2), "unknownField_LastName": "B"}]
    table = call("update_records", object="Contact", records=records, all_or_none=True)
    assert [row["id"] for row in rows(table)] == [id_of(1), id_of(2)]
    assert org.seen[-1].json()["allOrNone"] is True
    assert [record["id"] for record in org.seen[-1].json()["records"]] == [id_of(1), id_of(2)]


def test_upsert_says_which_were_created(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded(f"PATCH {PATH}/Account/MyExtId__c", "collections-doc-upsert-records-using-sobject-collections")
    records = [{"Name": "Company One", "MyExtId__c": "AAA"}, {"Name": "Company Two", "MyExtId__c": "BBB"}]
    table = call("upsert_records", object="Account", external_id_field="MyExtId__c", records=records)
    assert [row["created"] for row in rows(table)] == [True, False]


def test_delete_many(recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects/Contact/describe", ok({"name": "Contact", "keyPrefix": "003", "fields": []}))
    recorded(f"DELETE {PATH}", "collections-delete-sobject-collection")
    table = call("delete_records", object="Contact", ids=[id_of(1), id_of(2)])
    assert len(rows(table)) == 2
    assert org.seen[-1].query == {"ids": f"{id_of(1)},{id_of(2)}", "allOrNone": "false"}


def test_an_id_of_another_object_is_not_deleted(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects/Contact/describe", ok({"name": "Contact", "keyPrefix": "003", "fields": []}))
    with pytest.raises(ArgumentError, match="001000000000001AAA"):
        call("delete_records", object="Contact", ids=[id_of(1), "001000000000001AAA"])
    assert org.count("DELETE", PATH) == 0


def test_what_was_done_before_a_failure_is_not_lost(org: ScriptedOrg, call: Call) -> None:
    org.on(f"POST {PATH}", done, error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."))
    records = [{"Tag__c": id_of(n)} for n in range(500)]
    table = call("create_records", object="Contact", records=records)
    outcomes = rows(table)
    assert len(outcomes) == 500
    assert [row["ok"] for row in outcomes] == [True] * 200 + [False] * 300
    assert {row["error"] for row in outcomes[200:400]} == {"REQUEST_LIMIT_EXCEEDED"}
    assert {row["error"] for row in outcomes[400:]} == {"NOT_SENT"}
    assert table.failed is True


def test_a_failure_of_the_first_call_is_a_failure(org: ScriptedOrg, call: Call) -> None:
    org.on(f"POST {PATH}", error(400, "JSON_PARSER_ERROR", "no"))
    with pytest.raises(SalesforceError, match="JSON_PARSER_ERROR"):
        call("create_records", object="Contact", records=[{"LastName": "A"}])


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("create_records", {"records": []}, "at least 1"),
        ("create_records", {"records": [{"LastName": "A"}] * 2001}, "at most 2000"),
        ("create_records", {"records": [{"LastName": "A"}] * 201, "all_or_none": True}, "all_or_none"),
        ("create_records", {"records": [{"Last Name": "A"}]}, "API name"),
        ("update_records", {"records": [{"LastName": "A"}]}, "needs its Id"),
        ("update_records", {"records": [{"Id": "003", "LastName": "A"}]}, "15 or 18"),
        ("upsert_records", {"external_id_field": "X__c", "records": [{"LastName": "A"}]}, "no X__c"),
        ("delete_records", {"ids": ["a,b"]}, "15 or 18"),
    ],
)
def test_wrong_arguments_never_leave(
    org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any], said: str
) -> None:
    with pytest.raises(ArgumentError, match=said):
        call(tool, object="Contact", **arguments)
    assert not org.seen
