from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg, error, ok
from tests.tools.conftest import Call

ACCOUNT = "001000000000001AAA"
REFUSED = [
    ("create_record", {"object": "Account", "data": {}}),
    ("create_record", {"object": "Account", "data": {"Na me": "x"}}),
    ("create_record", {"object": "Account", "data": "Name=x"}),
    ("create_record", {"object": "Account/x", "data": {"Name": "x"}}),
    ("update_record", {"object": "Account", "id": "001", "data": {"Name": "x"}}),
    ("update_record", {"object": "Account", "id": ACCOUNT, "data": {"Name": "x"}, "if_unmodified_since": "now"}),
    ("upsert_record", {"object": "Account", "external_id_field": "a b", "external_id": "1", "data": {"Name": "x"}}),
    ("upsert_record", {"object": "Account", "external_id_field": "X__c", "external_id": "", "data": {"Name": "x"}}),
    ("upsert_record", {"object": "Account", "external_id_field": "X__c", "external_id": "..", "data": {"Name": "x"}}),
    ("delete_record", {"object": "Account", "id": "001000000000001AAB"}),
    ("delete_record", {"object": "Account", "id": f"{ACCOUNT}/../x"}),
    ("get_record", {"object": "Account", "id": "Acme"}),
    ("get_record", {"object": "Account", "id": ACCOUNT, "fields": "Name,Owner.Name'"}),
    ("get_record", {"object": "Account", "id": ACCOUNT, "field": "Name"}),
]


@pytest.mark.parametrize(("tool", "arguments"), REFUSED)
def test_wrong_arguments_never_leave(org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call(tool, **arguments)
    assert not org.seen


def test_get_record_by_id(recorded: Callable[[str, str], Any], org: ScriptedOrg, shown: Callable[..., str]) -> None:
    recorded("GET sobjects/Account/001i000001PEhYhAAL", "sobject-mockaccount")
    text = shown("get_record", object="Account", id="001i000001PEhYhAAL", fields=["Id", "Name"])
    assert org.seen[-1].query == {"fields": "Id,Name"}
    assert "attributes" not in text
    assert "\nEmpty: " in text


def test_get_record_by_external_id(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects/Account/Key__c/a%2Fb%20c", ok({"attributes": {"type": "Account", "url": "x"}, "Id": ACCOUNT}))
    record = call("get_record", object="Account", id="a/b c", external_id_field="Key__c")
    assert record.as_dict() == {"Id": ACCOUNT}


def test_create(recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call) -> None:
    raw = recorded("POST sobjects/Lead", "sobject-vcr-pushleadtosalesforcejob-pushes-a-lead-0")
    made = call("create_record", object="Lead", data={"LastName": "Doe", "Products__c": ["A", "B"], "Rating": None})
    assert made.as_dict() == {"id": raw["id"], "created": True}
    assert org.seen[-1].json() == {"LastName": "Doe", "Products__c": "A;B", "Rating": None}


def test_update(org: ScriptedOrg, call: Call) -> None:
    org.on(f"PATCH sobjects/Account/{ACCOUNT}", ok(status=204))
    assert call("update_record", object="Account", id=ACCOUNT, data={"Phone": "1"}).as_dict()["updated"] is True
    assert "If-Unmodified-Since" not in org.seen[-1].headers
    call(
        "update_record",
        object="Account",
        id=ACCOUNT,
        data={"Phone": "1"},
        if_unmodified_since="2026-01-31T09:00:00.000+0000",
    )
    assert org.seen[-1].headers["If-Unmodified-Since"] == "Sat, 31 Jan 2026 09:00:00 GMT"


@pytest.mark.parametrize(
    ("case", "created"),
    [
        ("sobject-upsert-record", True),
        ("sobject-update-record-by-external-id", False),
        ("sobject-doc-insert-or-update-upsert-a-record-using-an-external-id", True),
        ("sobject-vcr-restforce-db-initializer-run-given-an-existing-database-record-for-an--3", True),
        ("sobject-vcr-restforce-db-recordtypes-salesforce-create-when-a-salesforce-record-al-3", False),
    ],
)
def test_upsert_says_which(recorded: Callable[[str, str], Any], call: Call, case: str, created: bool) -> None:
    recorded("PATCH sobjects/Account/Key__c/7", case)
    done = call("upsert_record", object="Account", external_id_field="Key__c", external_id=7, data={"Name": "x"})
    assert done.as_dict()["created"] is created


def test_upsert_leaves_the_key_out_of_the_body(org: ScriptedOrg, call: Call) -> None:
    org.on("PATCH sobjects/Account/Key__c/7", ok({"id": ACCOUNT, "success": True, "created": False, "errors": []}))
    key = {"object": "Account", "external_id_field": "Key__c", "external_id": "7"}
    call("upsert_record", **key, data={"key__c": 7, "Name": "x"})
    assert org.seen[-1].json() == {"Name": "x"}
    with pytest.raises(ArgumentError, match="another Key__c"):
        call("upsert_record", **key, data={"Key__c": "8", "Name": "x"})


def test_delete(org: ScriptedOrg, call: Call) -> None:
    org.on(f"DELETE sobjects/Account/{ACCOUNT}", ok(status=204), error(404, "ENTITY_IS_DELETED", "entity is deleted"))
    assert call("delete_record", object="Account", id=ACCOUNT).as_dict() == {"id": ACCOUNT, "deleted": True}
    with pytest.raises(SalesforceError, match="ENTITY_IS_DELETED"):
        call("delete_record", object="Account", id=ACCOUNT)
