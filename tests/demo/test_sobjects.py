"""The resources below /sobjects, and /recent, over HTTP."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.demo.conftest import Web


def made(web: Web, sobject: str = "Account", **fields: Any) -> str:
    """The Id of a new record."""
    if sobject == "Account":
        fields.setdefault("Name", f"Made {uuid4().hex[:12]}")
    response = web.post(f"/v/sobjects/{sobject}", json=fields)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


def test_all_objects_and_one(web: Web) -> None:
    objects = web.get("/v/sobjects").json()
    assert objects["encoding"] == "UTF-8" and objects["maxBatchSize"] == 200
    account = next(each for each in objects["sobjects"] if each["name"] == "Account")
    answer = web.get("/v/sobjects/account").json()
    assert answer["objectDescribe"] == account
    assert [set(each) for each in answer["recentItems"][:1]] == [{"attributes", "Id", "Name"}]
    assert web.get("/v/sobjects/PlayingCard__c").status_code == 404


def test_create_read_change_delete(web: Web) -> None:
    response = web.post("/v/sobjects/Account", json={"Name": "Whizbang"})
    record = response.json()["id"]
    assert response.status_code == 201
    assert response.json() == {"id": record, "success": True, "errors": []}
    assert response.headers["Location"] == f"/services/data/v66.0/sobjects/Account/{record}"
    path = f"/v/sobjects/Account/{record}"
    assert web.get(path).json()["Name"] == "Whizbang"
    changed = web.send("PATCH", path, json={"Phone": "1"})
    assert (changed.status_code, changed.content) == (204, b"")
    assert web.get(path, params={"fields": "Phone"}).json()["Phone"] == "1"
    assert web.send("DELETE", path).status_code == 204
    again = web.send("DELETE", path)
    assert (again.status_code, again.json()) == (
        404,
        [{"message": "entity is deleted", "errorCode": "ENTITY_IS_DELETED", "fields": []}],
    )
    assert web.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "/v/sobjects/Account", {"FavoritePet__c": "Dog"}, 400, "INVALID_FIELD"),
        ("POST", "/v/sobjects/Account", [], 400, "JSON_PARSER_ERROR"),
        ("POST", "/v/sobjects/PlayingCard__c", {"Name": "x"}, 404, "NOT_FOUND"),
        ("GET", "/v/sobjects/Account/nothing", None, 404, "NOT_FOUND"),
        ("GET", "/v/sobjects/Account/Industry/Banking", None, 404, "NOT_FOUND"),
        ("PATCH", "/v/sobjects/Account/001B000001Lp1G2IAX", {"Name": "x"}, 400, "MALFORMED_ID"),
        ("GET", "/v/sobjects/Nothing__c/describe", None, 404, "NOT_FOUND"),
        ("PUT", "/v/sobjects/Account", {}, 405, "METHOD_NOT_ALLOWED"),
    ],
)
def test_refusals(web: Web, method: str, path: str, body: Any, status: int, code: str) -> None:
    response = web.send(method, path, json=body)
    assert (response.status_code, response.json()[0]["errorCode"]) == (status, code)


def test_external_ids(web: Web) -> None:
    value = f"conv {uuid4().hex}/1"
    path = f"/v/sobjects/Copilot_Interaction__c/Conversation_Id__c/{value.replace(' ', '%20').replace('/', '%2F')}"
    created = web.send("PATCH", path, json={"Outcome__c": "Deflected"})
    record = created.json()["id"]
    assert (created.status_code, created.json()) == (
        201,
        {"id": record, "success": True, "errors": [], "created": True},
    )
    updated = web.send("PATCH", path, json={"Topic__c": "t"})
    assert (updated.status_code, updated.json()["created"]) == (200, False)
    assert web.get(path).json()["Conversation_Id__c"] == value
    assert web.send("DELETE", path).status_code == 204
    assert web.get(path).status_code == 404


def test_an_old_version_answers_an_update_by_external_id_without_a_body(web: Web) -> None:
    path = f"/services/data/v40.0/sobjects/Copilot_Interaction__c/Conversation_Id__c/{uuid4().hex}"
    created = web.send("PATCH", path, json={"Outcome__c": "Deflected"})
    assert (created.status_code, set(created.json())) == (201, {"id", "success", "errors"})
    assert web.send("PATCH", path, json={"Topic__c": "t"}).status_code == 204


def test_an_ambiguous_external_id(web: Web) -> None:
    path = "/v/sobjects/Contact/Email/facilities@meridianhospitals.example"
    for response in (web.get(path), web.send("PATCH", path, json={"LastName": "x"})):
        assert response.status_code == 300
        assert len(response.json()) == 2
        assert all(web.get(url).status_code == 200 for url in response.json())


def test_by_id_as_an_external_id(web: Web) -> None:
    record = made(web)
    assert web.get(f"/v/sobjects/Account/Id/{record}").json()["Id"] == record
    response = web.post("/v/sobjects/Account/Id", json={"Name": "Upserted"})
    assert (response.status_code, response.json()["created"]) == (201, True)


def test_describe_is_sent_once(web: Web) -> None:
    fresh = web.get("/v/sobjects/Case/describe")
    assert fresh.json()["name"] == "Case"
    for header, value in (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified")):
        again = web.get("/v/sobjects/Case/describe", headers={header: fresh.headers[value]})
        assert (again.status_code, again.content) == (304, b"")
    stale = web.get("/v/sobjects/Case/describe", headers={"If-Modified-Since": "Mon, 30 Nov 2020 08:34:54 GMT"})
    assert stale.status_code == 200
    other = web.get("/v/sobjects/Case/describe", token="standard", headers={"If-None-Match": fresh.headers["ETag"]})
    assert other.status_code == 200


def test_layouts(web: Web) -> None:
    layouts = web.get("/v/sobjects/Case/describe/layouts").json()
    assert layouts["layouts"][0]["detailLayoutSections"][0]["layoutRows"]
    record_type = layouts["recordTypeMappings"][0]["recordTypeId"]
    assert web.get(f"/v/sobjects/Case/describe/layouts/{record_type}").json()["id"] == layouts["layouts"][0]["id"]
    assert web.get("/v/sobjects/Case/describe/compactLayouts").json()["compactLayouts"]
    assert web.get("/v/sobjects/CaseHistory/describe/layouts").status_code == 404


def test_parents(web: Web) -> None:
    account = made(web, Name="Parent", Phone="1")
    contact = made(web, "Contact", LastName="x", AccountId=account)
    path = f"/v/sobjects/Contact/{contact}/Account"
    assert web.get(path).json()["Id"] == account
    assert web.get(path, params={"fields": "Name"}).json()["Name"] == "Parent"
    assert web.send("PATCH", path, json={"Phone": "2"}).status_code == 204
    assert web.get(f"/v/sobjects/Account/{account}").json()["Phone"] == "2"
    assert web.get(f"/v/sobjects/Contact/{contact}/ReportsTo").status_code == 404
    assert web.send("DELETE", path).status_code == 204
    assert web.get(f"/v/sobjects/Account/{account}").status_code == 404


def test_children(web: Web) -> None:
    account = made(web)
    for name in ("b", "a"):
        made(web, "Contact", LastName=name, AccountId=account)
    answer = web.get(f"/v/sobjects/Account/{account}/Contacts", params={"fields": "LastName,Email"}).json()
    assert (answer["totalSize"], answer["done"]) == (2, True)
    assert [set(each) for each in answer["records"]] == [{"attributes", "LastName", "Email"}] * 2
    whole = web.get(f"/v/sobjects/Account/{account[:15]}/Contacts").json()["records"][0]
    assert {"Id", "MailingAddress", "CreatedDate"} <= set(whole)
    assert web.get(f"/v/sobjects/Account/{account}/Opportunities").json()["records"] == []
    wrong = web.get(f"/v/sobjects/Account/{account}/Contacts", params={"fields": "Bacon__c"})
    assert (wrong.status_code, wrong.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert web.get(f"/v/sobjects/Account/{account}/Nothing").status_code == 404


def test_a_guard_against_lost_updates(web: Web) -> None:
    record = made(web)
    path = f"/v/sobjects/Account/{record}"
    read = web.get(path)
    assert web.get(path, headers={"If-Modified-Since": read.headers["Last-Modified"]}).status_code == 304
    assert web.get(path, headers={"If-None-Match": read.headers["ETag"]}).status_code == 304
    guarded = {"If-Unmodified-Since": read.headers["Last-Modified"], "If-Match": read.headers["ETag"]}
    assert web.send("PATCH", path, json={"Phone": "1"}, headers=guarded).status_code == 204
    stale = web.send("PATCH", path, json={"Phone": "2"}, headers={"If-Match": read.headers["ETag"]})
    assert (stale.status_code, stale.json()[0]["errorCode"]) == (412, "PRECONDITION_FAILED")
    before = {"If-Unmodified-Since": "Mon, 30 Nov 2020 08:34:54 GMT"}
    assert web.send("PATCH", path, json={"Phone": "2"}, headers=before).status_code == 412
    broken = web.send("PATCH", path, json={"Phone": "2"}, headers={"If-Unmodified-Since": "yesterday"})
    assert broken.status_code == 400
    assert web.get(path).json()["Phone"] == "1"


def test_what_changed_and_what_was_deleted(web: Web) -> None:
    kept, gone = made(web), made(web)
    web.send("DELETE", f"/v/sobjects/Account/{gone}")
    now = datetime.now(UTC)
    span = {"start": (now - timedelta(days=1)).isoformat(), "end": (now + timedelta(minutes=2)).isoformat()}
    updated = web.get("/v/sobjects/Account/updated/", params=span).json()
    assert kept in updated["ids"] and gone not in updated["ids"]
    assert set(updated) == {"ids", "latestDateCovered"}
    deleted = web.get("/v/sobjects/Account/deleted", params=span).json()
    assert gone in {each["id"] for each in deleted["deletedRecords"]}
    assert set(deleted) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    for wrong in (
        {"start": span["end"], "end": span["start"]},
        {"start": "2013-05-05T00:00:00Z", "end": "2013-05-10T00:00:00Z"},
        {"start": "soon", "end": span["end"]},
    ):
        assert web.get("/v/sobjects/Account/updated", params=wrong).status_code == 400


def test_recent_items(web: Web) -> None:
    record = made(web, Name="Just seen")
    items = web.get("/v/recent").json()
    assert record not in {each["Id"] for each in items}
    path = f"/v/sobjects/Account/{record}"
    web.send("PATCH", path, json={"Name": "Seen again"}, headers={"Sforce-Mru": "updateMru=true"})
    (first,) = web.get("/v/recent", params={"limit": 1}).json()
    assert first == {
        "attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{record}"},
        "Id": record,
        "Name": "Seen again",
    }
    assert web.get(path).json()["LastViewedDate"]
    assert web.get(path, token="standard").json()["LastViewedDate"] is None
    assert first["Id"] not in {each["Id"] for each in web.get("/v/recent", token="standard").json()}
    web.send("DELETE", path)
    assert record not in {each["Id"] for each in web.get("/v/recent").json()}


def test_files_go_up_in_parts_and_come_down_whole(web: Web) -> None:
    data = bytes(range(256)) + b"\r\n--not a boundary\r\n"
    entity = json.dumps({"PathOnClient": "bytes.bin", "Title": "Bytes"})
    response = web.post(
        "/v/sobjects/ContentVersion",
        files={
            "entity_content": ("", entity, "application/json"),
            "VersionData": ("bytes.bin", data, "application/octet-stream"),
        },
    )
    assert response.status_code == 201, response.text
    record = web.get(f"/v/sobjects/ContentVersion/{response.json()['id']}").json()
    assert (record["Title"], record["ContentSize"]) == ("Bytes", len(data))
    assert web.get(record["VersionData"]).content == data


def test_attachments(web: Web) -> None:
    body = base64.b64encode(b"hello").decode()
    record = made(web, "Attachment", ParentId=made(web), Name="a.txt", Body=body)
    assert web.get(f"/v/sobjects/Attachment/{record}/Body").content == b"hello"
    assert web.get(f"/v/sobjects/Attachment/{record}").json()["BodyLength"] == 5


def test_a_second_user_sees_less(web: Web) -> None:
    report = made(web, "Expense_Report__c", Purpose__c="Secret")
    assert web.get(f"/v/sobjects/Expense_Report__c/{report}", token="standard").status_code == 404
    assert web.get("/v/sobjects/ApexClass", token="standard").status_code == 404
    assert "AnnualRevenue" not in web.get(f"/v/sobjects/Account/{made(web)}", token="standard").json()
