from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.results import Record, Sections, Table
from tests.salesforce.scripted import ScriptedOrg, error, ok
from tests.tokens import count
from tests.tools.conftest import Call

GLOBAL = {
    "sobjects": [
        {"name": "Account", "label": "Account", "keyPrefix": "001", "custom": False, "queryable": True},
        {"name": "Case", "label": "Case", "keyPrefix": "500", "custom": False, "queryable": True, "createable": True},
        {"name": "Claim__c", "label": "Fall", "keyPrefix": "a01", "custom": True, "queryable": True},
        {"name": "Old__c", "label": "Old case", "custom": True, "deprecatedAndHidden": True},
    ]
}


def test_list_objects_filters_by_name_and_label(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects", ok(GLOBAL))
    table = call("list_objects", filter="fall")
    assert isinstance(table, Table)
    assert table.rows == [["Claim__c", "Fall", "a01", "r"]]
    assert call("list_objects", filter="CASE").as_dict()["rows"] == [["Case", "Case", "500", "cr"]]
    assert [row[0] for row in call("list_objects", custom_only=True).as_dict()["rows"]] == ["Claim__c"]


def test_list_objects_is_paged(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects", ok(GLOBAL))
    first = call("list_objects", limit=2).as_dict()
    assert (first["returned"], first["total"]) == (2, 3)
    second = call("list_objects", cursor=first["cursor"]).as_dict()
    assert [row[0] for row in second["rows"]] == ["Claim__c"]
    assert second["cursor"] is None


def test_objects_of_real_orgs(recorded: Callable[[str, str], Any], shown: Callable[..., str]) -> None:
    recorded("GET sobjects", "describe-get-sobjects-global-describe")
    text = shown("list_objects", filter="contact")
    assert text == (
        "2 rows.\nname,label,prefix,may\nContact,Contact,003,cruds\n"
        "OpportunityContactRole,Opportunity Contact Role,00K,crud\n"
    )


@pytest.mark.parametrize("name", ["Account", "Case", "Contact", "Lead", "Event"])
def test_the_summary_costs_at_most_a_25th_of_the_describe(
    recorded: Callable[[str, str], Any], shown: Callable[..., str], name: str
) -> None:
    raw = recorded(f"GET sobjects/{name}/describe", f"describe-get-sobjects-{name.lower()}-describe")
    text = shown("describe_object", object=name)

    assert count(text) <= 0.04 * count(json.dumps(raw, separators=(",", ":")))


def test_the_summary_says_what_writing_and_querying_need(recorded: Callable[[str, str], Any], call: Call) -> None:
    raw = recorded("GET sobjects/Account/describe", "describe-get-sobjects-account-describe")
    summary = call("describe_object", object="Account")
    assert isinstance(summary, Record)
    fields = summary.fields
    assert fields["required"] == ["Name"]
    assert fields["picklists"]["Rating"] == ["Hot", "Warm", "Cold"]
    assert fields["references"]["ParentId"] == "Account"
    assert "Contacts" in fields["children"]
    assert "ChildAccounts > Account" in fields["children"]
    assert fields["record_types"] == ["Household (01254000001upcKAAQ, default)"]
    named = {name for names in fields["fields"].values() for name in names}
    named |= set(fields["picklists"]) | set(fields["references"])
    assert named == {field["name"] for field in raw["fields"]}


def test_some_fields_in_full(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded("GET sobjects/Account/describe", "describe-get-sobjects-account-describe")
    table = call("describe_object", object="Account", fields="rating,Name").as_dict()
    rows = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    assert [row["name"] for row in rows] == ["Rating", "Name"]
    assert rows[0]["values"] == "Hot; Warm; Cold"
    assert rows[1]["required"] is True
    assert rows[1]["length"] == 255


def test_an_unknown_field_names_the_nearest(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded("GET sobjects/Account/describe", "describe-get-sobjects-account-describe")
    with pytest.raises(ArgumentError) as caught:
        call("describe_object", object="Account", fields=["Annual_Revenue__c"])
    assert "AnnualRevenue" in (caught.value.hint or "")


def test_everything_in_full(recorded: Callable[[str, str], Any], call: Call) -> None:
    raw = recorded("GET sobjects/Case/describe", "describe-get-sobjects-case-describe")
    full = call("describe_object", object="Case", detail="full")
    assert isinstance(full, Sections)
    body = full.as_dict()
    assert body["fields"]["total"] == len(raw["fields"])
    assert body["children"]["total"] == sum(bool(child["relationshipName"]) for child in raw["childRelationships"])


def test_an_unknown_object_names_the_nearest(org: ScriptedOrg, call: Call) -> None:
    org.on("GET sobjects", ok(GLOBAL))
    org.on("GET sobjects/Acount/describe", error(404, "NOT_FOUND", "The requested resource does not exist"))
    with pytest.raises(SalesforceError) as caught:
        call("describe_object", object="Acount")
    assert caught.value.code == "NOT_FOUND"
    assert "Account" in (caught.value.hint or "")


@pytest.mark.parametrize("name", ["../limits", "Account/describe", "Account'", "Account?x=1", "Acc ount", "%2e%2e"])
def test_a_hostile_name_never_leaves(org: ScriptedOrg, call: Call, name: str) -> None:
    with pytest.raises(ArgumentError):
        call("describe_object", object=name)
    assert not org.seen
