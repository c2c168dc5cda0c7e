"""Describes: the keys, types and attributes of recorded ones, as the user may see them."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.describe import describe_field, describe_global, describe_object
from salesforce_mcp.demo.layouts import compact_layouts, page_layouts

ROOT = "/services/data/v66.0"
RECORDED = ("account", "case", "contact", "event", "lead")
NOT_OURS = frozenset({"RecordTypeId", "CleanStatus", "ConnectionReceivedId", "ConnectionSentId"})
ORG_SPECIFIC = frozenset({"picklistValues", "referenceTo", "permissionable", "label", "inlineHelpText"})
"""What an administrator sets, or what depends on the objects that the org has. The length of a standard picklist is 40
in older versions of the API and 255 in newer ones."""


def described(context: RequestContext, name: str) -> dict[str, Any]:
    objects = context.store.objects
    return describe_object(objects, objects[name], context.user, ROOT, "https://demo.example")


def field_of(context: RequestContext, sobject: str, name: str) -> dict[str, Any]:
    return next(each for each in described(context, sobject)["fields"] if each["name"] == name)


@pytest.mark.parametrize("name", RECORDED)
def test_an_object_has_the_keys_and_types_of_a_recorded_one(
    name: str, admin: RequestContext, sample: Callable[[str], dict[str, Any]]
) -> None:
    recorded = sample(f"describe-get-sobjects-{name}-describe")["response"]["body"]
    ours = described(admin, name)
    assert set(recorded) - set(ours) == set()
    differ = {key for key in recorded if type(recorded[key]) is not type(ours[key])}
    assert differ == set()
    flags = {key for key in recorded if isinstance(recorded[key], bool) and recorded[key] != ours[key]}
    assert flags <= {"feedEnabled"}
    assert ours["supportedScopes"]
    assert {each["name"] for each in ours["supportedScopes"]} <= {
        each["name"] for each in recorded["supportedScopes"]
    } | {"team"}


@pytest.mark.parametrize("name", RECORDED)
def test_fields_have_the_attributes_of_recorded_ones(
    name: str, admin: RequestContext, sample: Callable[[str], dict[str, Any]]
) -> None:
    recorded = {
        each["name"]: each
        for each in sample(f"describe-get-sobjects-{name}-describe")["response"]["body"]["fields"]
        if not each["custom"]
    }
    ours = {each["name"]: each for each in described(admin, name)["fields"]}
    assert list(next(iter(ours.values()))) == sorted(next(iter(ours.values())), key=str)
    differ: set[str] = set()
    for field_name in recorded.keys() & ours.keys() - NOT_OURS:
        theirs = recorded[field_name]
        assert set(theirs) == set(ours[field_name]), field_name
        skipped = ORG_SPECIFIC | ({"length", "byteLength"} if theirs["type"] == "picklist" else set())
        differ |= {f"{field_name}.{key}" for key in theirs.keys() - skipped if theirs[key] != ours[field_name][key]}
    assert differ == KNOWN_DIFFERENCES.get(name, set())


KNOWN_DIFFERENCES = {
    "account": {"Name.compoundFieldName", "JigsawCompanyId.relationshipName"},
    "contact": {"JigsawContactId.relationshipName"},
    "case": {"Comments.byteLength"},
    "event": {"OwnerId.namePointing", "OwnerId.polymorphicForeignKey"},
}
"""Fields of Data.com are references to records outside of the org, and calendars own no events in the demo org."""


def test_child_relationships_are_those_of_a_recorded_account(
    admin: RequestContext, sample: Callable[[str], dict[str, Any]]
) -> None:
    recorded = sample("describe-get-sobjects-account-describe")["response"]["body"]["childRelationships"]
    theirs = {(each["childSObject"], each["field"]): each for each in recorded}
    ours = {(each["childSObject"], each["field"]): each for each in described(admin, "Account")["childRelationships"]}
    both = theirs.keys() & ours.keys()
    assert {("Contact", "AccountId"), ("Case", "AccountId"), ("Opportunity", "AccountId")} <= both
    differ = [
        f"{link}: {theirs[link]['relationshipName']} {ours[link]['relationshipName']}"
        for link in both - {("Contract", "AccountId")}
        if any(theirs[link][key] != ours[link][key] for key in ("relationshipName", "cascadeDelete"))
    ]
    assert differ == []


def test_describe_global_has_the_keys_of_a_recorded_one(
    admin: RequestContext, sample: Callable[[str], dict[str, Any]]
) -> None:
    recorded = sample("describe-describe-global")["response"]["body"]
    ours = describe_global(admin.store.objects, admin.user, ROOT)
    assert set(ours) == set(recorded)
    assert [each["name"] for each in ours["sobjects"]] == sorted(
        (each["name"] for each in ours["sobjects"]), key=str.lower
    )
    theirs = {each["name"]: each for each in recorded["sobjects"]}
    for each in ours["sobjects"]:
        if each["name"] in theirs:
            known = theirs[each["name"]]
            assert set(each) == set(known)
            differ = {key for key in known if key != "urls" and known[key] != each[key]} - {"label", "labelPlural"}
            assert differ <= {"feedEnabled"}, each["name"]


def test_a_standard_user_sees_less(admin: RequestContext, standard: RequestContext) -> None:
    def names(context: RequestContext) -> set[str]:
        return {each["name"] for each in describe_global(context.store.objects, context.user, ROOT)["sobjects"]}

    assert names(admin) - names(standard) >= {"ApexClass", "LoginHistory"}
    assert names(standard) < names(admin)
    theirs = described(standard, "Account")
    assert "AnnualRevenue" not in {each["name"] for each in theirs["fields"]}
    assert "AnnualRevenue" in {each["name"] for each in described(admin, "Account")["fields"]}
    number = next(each for each in theirs["fields"] if each["name"] == "AccountNumber")
    assert (number["createable"], number["updateable"]) == (False, False)
    assert described(standard, "Case")["deletable"] is False
    assert described(standard, "Product2")["createable"] is False


def test_a_dependent_picklist_says_what_allows_its_values(admin: RequestContext) -> None:
    dependent = field_of(admin, "Merchandise__c", "Subcategory__c")
    controller = [each["value"] for each in field_of(admin, "Merchandise__c", "Category__c")["picklistValues"]]
    assert dependent["dependentPicklist"] and dependent["controllerName"] == "Category__c"
    allowed = {}
    for each in dependent["picklistValues"]:
        bits = base64.b64decode(each["validFor"])
        allowed[each["value"]] = [
            value for place, value in enumerate(controller) if bits[place // 8] & (0x80 >> place % 8)
        ]
    assert allowed["Diesel"] == ["Generators"]
    assert allowed["Portable"] == ["Generators", "Pumps"]


def test_custom_fields_of_all_kinds(admin: RequestContext) -> None:
    total = field_of(admin, "Invoice__c", "Total__c")
    assert total["calculated"] and total["calculatedFormula"] and not total["createable"]
    external = field_of(admin, "Copilot_Interaction__c", "Conversation_Id__c")
    assert external["externalId"] and external["unique"] and external["idLookup"]
    assert field_of(admin, "Warehouse__c", "Services__c")["type"] == "multipicklist"
    assert field_of(admin, "Warehouse__c", "Location__c")["type"] == "location"
    number = field_of(admin, "Invoice__c", "Name")
    assert number["autoNumber"] and not number["createable"]
    master = field_of(admin, "Line_Item__c", "Invoice__c")
    assert master["relationshipOrder"] == 0 and master["cascadeDelete"] and not master["nillable"]
    owner = field_of(admin, "Case", "OwnerId")
    assert owner["referenceTo"] == ["Group", "User"] and owner["polymorphicForeignKey"] and owner["namePointing"]


def test_record_types(admin: RequestContext) -> None:
    types = described(admin, "Case")["recordTypeInfos"]
    assert [each["developerName"] for each in types] == ["Support", "Feedback", "Master"]
    assert [each["defaultRecordTypeMapping"] for each in types] == [True, False, False]
    assert described(admin, "Account")["recordTypeInfos"][0]["defaultRecordTypeMapping"] is True


def test_field_keys_don_t_depend_on_the_field(admin: RequestContext) -> None:
    account = admin.store.objects["Account"]
    keys = {tuple(describe_field(account, each, admin.user)) for each in account.fields}
    assert len(keys) == 1


def test_layouts(standard: RequestContext) -> None:
    account = standard.store.objects["Account"]
    page = page_layouts(account, standard.user, ROOT)
    items = [
        item["layoutComponents"][0]["value"]
        for section in page["layouts"][0]["detailLayoutSections"]
        for row in section["layoutRows"]
        for item in row["layoutItems"]
    ]
    assert "Name" in items and "BillingAddress" in items
    assert "AnnualRevenue" not in items and "BillingCity" not in items
    compact = compact_layouts(account, standard.user, ROOT)
    assert compact["compactLayouts"][0]["fieldItems"][0]["label"] == "Account Name"
    assert compact["recordTypeCompactLayoutMappings"][-1]["recordTypeName"] == "Master"
    assert compact["urls"]["primary"].endswith("/sobjects/Account/describe/compactLayouts/primary")
