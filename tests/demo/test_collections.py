"""sObject collections: a result for each record, all or none where asked, and limits."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.demo.conftest import Web

PATH = "/v/composite/sobjects"
UNDONE = {
    "statusCode": "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    "message": "Record rolled back because not all records were valid and the request was using AllOrNone header",
    "fields": [],
}


def record(kind: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind}, **fields}


def account(name: str | None = None) -> dict[str, Any]:
    return record("Account", Name=name or f"Collected {uuid4().hex[:12]}")


def made(web: Web, count: int) -> list[str]:
    """The Ids of new accounts."""
    results = web.post(PATH, json={"records": [account() for _ in range(count)]}).json()
    return [result["id"] for result in results]


def codes(results: list[dict[str, Any]]) -> list[str | None]:
    """The error code of each result, None for a success."""
    return [None if result["success"] else result["errors"][0]["statusCode"] for result in results]


def exists(web: Web, record_id: str) -> bool:
    return bool(web.get(f"/v/sobjects/Account/{record_id}").status_code == 200)


def test_create_several_types(web: Web) -> None:
    response = web.post(PATH, json={"records": [account(), record("Contact", LastName="Johnson"), account()]})
    assert response.status_code == 200
    results = response.json()
    assert [set(result) for result in results] == [{"id", "success", "errors"}] * 3
    assert [result["id"][:3] for result in results] == ["001", "003", "001"]


def test_one_failure_among_successes(web: Web) -> None:
    records = [account(), record("Contact", FirstName="Nameless"), record("Nothing__c", Name="x"), account()]
    results = web.post(PATH, json={"records": records, "allOrNone": False}).json()
    assert codes(results) == [None, "REQUIRED_FIELD_MISSING", "NOT_FOUND", None]
    assert results[1] == {
        "success": False,
        "errors": [
            {
                "statusCode": "REQUIRED_FIELD_MISSING",
                "message": "Required fields are missing: [LastName]",
                "fields": ["LastName"],
            }
        ],
    }


def test_all_or_none(web: Web) -> None:
    name = f"Gone {uuid4().hex}"
    records = [account(name), record("Contact", FirstName="Nameless"), account(name)]
    results = web.post(PATH, json={"records": records, "allOrNone": True}).json()
    assert codes(results) == [UNDONE["statusCode"], "REQUIRED_FIELD_MISSING", UNDONE["statusCode"]]
    assert results[0] == {"success": False, "errors": [UNDONE]}
    found = web.get("/v/query", params={"q": f"SELECT count() FROM Account WHERE Name = '{name}'"}).json()
    assert found["totalSize"] == 0


def test_update(web: Web) -> None:
    first, second = made(web, 2)
    changes = [record("Account", id=first, Phone="1"), record("Account", Id=second, Phone="2")]
    assert web.send("PATCH", PATH, json={"records": changes}).json() == [
        {"id": first, "success": True, "errors": []},
        {"id": second, "success": True, "errors": []},
    ]
    assert web.get(f"/v/sobjects/Account/{second}").json()["Phone"] == "2"


def test_update_without_ids(web: Web) -> None:
    results = web.send("PATCH", PATH, json={"records": [account(), account()]}).json()
    missing = {"statusCode": "MISSING_ARGUMENT", "message": "Id not specified in an update call", "fields": []}
    assert results == [{"success": False, "errors": [missing]}] * 2


def test_update_of_what_is_not_there(web: Web) -> None:
    changes = [
        record("Account", id="0015g00000zzzzzAAA", Phone="1"),
        record("Account", id="nonsense", Phone="1"),
        record("Account", id=made(web, 1)[0], Nothing="1"),
    ]
    results = web.send("PATCH", PATH, json={"records": changes}).json()
    assert codes(results) == ["INVALID_CROSS_REFERENCE_KEY", "MALFORMED_ID", "INVALID_FIELD"]


def test_update_all_or_none(web: Web) -> None:
    (first,) = made(web, 1)
    changes = [record("Account", id=first, Phone="never"), record("Account", id=first, Nothing="1")]
    results = web.send("PATCH", PATH, json={"records": changes, "allOrNone": True}).json()
    assert codes(results) == [UNDONE["statusCode"], "INVALID_FIELD"]
    assert web.get(f"/v/sobjects/Account/{first}").json()["Phone"] is None


def test_delete(web: Web) -> None:
    first, second = made(web, 2)
    results = web.send("DELETE", PATH, params={"ids": f"{first},{second}", "allOrNone": "false"}).json()
    assert results == [{"id": each, "success": True, "errors": []} for each in (first, second)]
    again = web.send("DELETE", PATH, params={"ids": f"{first},nonsense"}).json()
    assert codes(again) == ["ENTITY_IS_DELETED", "MALFORMED_ID"]


def test_delete_all_or_none(web: Web) -> None:
    (first,) = made(web, 1)
    results = web.send("DELETE", PATH, params={"ids": f"{first},nonsense", "allOrNone": "true"}).json()
    assert codes(results) == [UNDONE["statusCode"], "MALFORMED_ID"]
    assert results[0]["id"] == first
    assert exists(web, first)


def test_upsert_by_external_id(web: Web) -> None:
    path = f"{PATH}/Copilot_Interaction__c/Conversation_Id__c"
    key = uuid4().hex

    def interactions(*keys: str) -> list[dict[str, Any]]:
        return [record("Copilot_Interaction__c", Conversation_Id__c=each, Outcome__c="Deflected") for each in keys]

    first = web.send("PATCH", path, json={"records": interactions(key)}).json()
    assert set(first[0]) == {"id", "success", "errors", "created"}
    assert first[0]["created"] is True
    second = web.send("PATCH", path, json={"records": interactions(key, uuid4().hex)}).json()
    assert [result["created"] for result in second] == [False, True]
    assert second[0]["id"] == first[0]["id"]
    keyless = web.send("PATCH", path, json={"records": [record("Copilot_Interaction__c")]}).json()
    assert codes(keyless) == ["MISSING_ARGUMENT"]
    assert keyless[0]["created"] is False


def test_upsert_by_id(web: Web) -> None:
    (old,) = made(web, 1)
    records = [record("Account", Id=None, Name="New one"), record("Account", Id=old, Name="Renamed")]
    results = web.send("PATCH", f"{PATH}/Account/Id", json={"records": records}).json()
    assert [result["created"] for result in results] == [True, False]
    assert results[1]["id"] == old


def test_upsert_needs_attributes(web: Web, sample: Any) -> None:
    recorded = sample("collections-upsert-sobject-collection")
    response = web.send("PATCH", f"{PATH}/Account/Id", json=recorded["request"]["body"])
    assert response.json() == recorded["response"]["body"]


def test_read(web: Web) -> None:
    first, second = made(web, 2)
    ids = [first, "0015g00000zzzzzAAA", second]
    by_query = web.get(f"{PATH}/Account", params={"ids": ",".join(ids), "fields": "id,name"})
    by_body = web.post(f"{PATH}/Account", json={"ids": ids, "fields": ["id", "name"]})
    assert by_query.json() == by_body.json()
    one, none, two = by_query.json()
    assert none is None
    assert (one["Id"], two["Id"]) == (first, second)
    assert set(one) == {"attributes", "Id", "Name"}


@pytest.mark.parametrize(("fields", "status"), [("id,nothing", 400), ("", 400)])
def test_read_unknown_fields(web: Web, fields: str, status: int) -> None:
    response = web.get(f"{PATH}/Account", params={"ids": made(web, 1)[0], "fields": fields})
    assert response.status_code == status


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ([], "REQUIRED_FIELD_MISSING"),
        ([account()] * 201, "EXCEEDED_ID_LIMIT"),
        ([account(), record("Contact", LastName="x")] * 6, "LIMIT_EXCEEDED"),
        (["nonsense"], "JSON_PARSER_ERROR"),
        (None, "JSON_PARSER_ERROR"),
    ],
)
def test_collections_that_are_not_taken(web: Web, records: Any, code: str) -> None:
    response = web.post(PATH, json={"records": records})
    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == code


def test_200_records(web: Web) -> None:
    assert len(made(web, 200)) == 200


def test_rights_hold(web: Web) -> None:
    """Read only for this user."""
    records = [record("Product2", Name="Not mine to make")]
    results = web.post(PATH, token="standard", json={"records": records}).json()
    assert codes(results) != [None]
