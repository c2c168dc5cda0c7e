"""What is said beside Salesforce's own words, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import Reply, ScriptedOrg, error, ok

ACCOUNT = {
    "name": "Account",
    "fields": [
        {"name": "Id"},
        {"name": "Name"},
        {"name": "AnnualRevenue"},
        {"name": "Customer_Key__c", "externalId": True},
        {"name": "OwnerId", "relationshipName": "Owner"},
        {
            "name": "Rating",
            "picklistValues": [
                {"value": "Hot", "active": True},
                {"value": "Warm", "active": True},
                {"value": "Old", "active": False},
            ],
        },
    ],
    "childRelationships": [
        {"childSObject": "Contact", "relationshipName": "Contacts"},
        {"childSObject": "Case", "relationshipName": None},
    ],
}
OBJECTS = {
    "sobjects": [
        {"name": "Account", "keyPrefix": "001"},
        {"name": "Contact", "keyPrefix": "003"},
        {"name": "Copilot_Interaction__c", "keyPrefix": None},
    ]
}


@pytest.fixture(autouse=True)
def schema(org: ScriptedOrg) -> None:
    org.on("GET sobjects/Account/describe", ok(ACCOUNT))
    org.on("GET sobjects", ok(OBJECTS))


def refused(org: ScriptedOrg, client: Client, soql: str, reply: Reply) -> SalesforceError:
    org.on("GET query", reply)
    with pytest.raises(SalesforceError) as caught:
        client.query(soql)
    return caught.value


def test_unknown_field_names_the_nearest(org: ScriptedOrg, client: Client) -> None:
    words = (
        "\nSELECT Annual_Revenue__c FROM Account\n       ^\nERROR at Row:1:Column:8\n"
        "No such column 'Annual_Revenue__c' on entity 'Account'. If you are attempting to use a custom field, be sure "
        "to append the '__c' after the custom field name."
    )
    found = refused(org, client, "SELECT Annual_Revenue__c FROM Account", error(400, "INVALID_FIELD", words))
    assert found.message == words
    assert "Did you mean AnnualRevenue?" in found.hint
    assert "no access" in found.hint


def test_a_field_that_is_there_in_other_letters(org: ScriptedOrg, client: Client) -> None:
    words = "No such column 'name' on entity 'Account'. If you are attempting to use a custom field, ..."
    found = refused(org, client, "SELECT name FROM Account", error(400, "INVALID_FIELD", words))
    assert found.hint == "Account has this field, but not for this use."


def test_unknown_field_in_a_write(org: ScriptedOrg, client: Client) -> None:
    org.on("POST sobjects/Account", error(400, "INVALID_FIELD", "No such column 'Nam' on sobject of type Account"))
    with pytest.raises(SalesforceError, match="Did you mean Name"):
        client.post("sobjects/Account", {"Nam": "Acme"})


def test_nothing_is_named_like_it(org: ScriptedOrg, client: Client) -> None:
    found = refused(
        org, client, "SELECT Zzz FROM Account", error(400, "INVALID_FIELD", "No such column 'Zzz' on entity 'Account'.")
    )
    assert "nor one that is named like it" in found.hint


def test_unknown_parent(org: ScriptedOrg, client: Client) -> None:
    words = "Didn't understand relationship 'Ownr' in field path. If you are attempting to use a custom relationship..."
    found = refused(org, client, "SELECT Ownr.Name FROM Account", error(400, "INVALID_FIELD", words))
    assert "Did you mean Owner?" in found.hint


def test_unknown_child_relationship(org: ScriptedOrg, client: Client) -> None:
    words = "\nERROR at Row:1:Column:25\nDidn't understand relationship 'Contact' in FROM part of query call."
    found = refused(org, client, "SELECT (SELECT Id FROM Contact) FROM Account", error(400, "INVALID_TYPE", words))
    assert "Did you mean Contacts?" in found.hint


def test_all_columns(org: ScriptedOrg, client: Client) -> None:
    words = "SELECT * FROM Account\n      ^\nERROR at Row:1:Column:7\nunexpected token: '*'"
    found = refused(org, client, "SELECT * FROM Account", error(400, "MALFORMED_QUERY", words))
    assert "FIELDS(STANDARD)" in found.hint


def test_unknown_object(org: ScriptedOrg, client: Client) -> None:
    words = "sObject type 'CopilotInteraction' is not supported. If you are attempting to use a custom object, ..."
    found = refused(org, client, "SELECT Id FROM CopilotInteraction", error(400, "INVALID_TYPE", words))
    assert "Did you mean Copilot_Interaction__c?" in found.hint
    assert org.count("GET", "sobjects") == 1


def test_unknown_object_in_a_path(org: ScriptedOrg, client: Client) -> None:
    with pytest.raises(SalesforceError, match="Did you mean Account"):
        client.describe("Acount")
    with pytest.raises(SalesforceError) as caught:
        client.get("sobjects/Account/001000000000001AAA")
    assert "Did you mean" not in str(caught.value)  # the object is there, the record isn't


@pytest.mark.parametrize(
    ("record", "hint"),
    [
        ("003000000000001AAA", "This is the Id of Contact, not of Account."),
        ("00Q000000000001", None),
        ("001000000000001", None),
    ],
)
def test_the_id_of_another_object(org: ScriptedOrg, client: Client, record: str, hint: str | None) -> None:
    words = f"Provided external ID field does not exist or is not accessible: {record}"
    org.on(f"GET sobjects/Account/{record}", error(404, "NOT_FOUND", words))
    with pytest.raises(SalesforceError) as caught:
        client.get(f"sobjects/Account/{record}")
    assert (caught.value.message, caught.value.hint) == (words, hint)


@pytest.mark.parametrize("name", ["Customer_Number__c", "Key__c"])
def test_an_external_id_that_is_none(org: ScriptedOrg, client: Client, name: str) -> None:
    words = f"Provided external ID field does not exist or is not accessible: {name}"
    org.on(f"PATCH sobjects/Account/{name}/1", error(404, "NOT_FOUND", words))
    with pytest.raises(SalesforceError, match=r"External Ids of Account: Customer_Key__c\."):
        client.patch(f"sobjects/Account/{name}/1", {"Name": "x"})


@pytest.mark.parametrize(
    ("code", "words", "hint"),
    [
        (
            "INVALID_FIELD",
            "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in "
            "quotes",
            "2026-01-31T09:00:00Z",
        ),
        (
            "INVALID_FIELD",
            "value of filter criterion for field 'CloseDate' must be of type date and should not be enclosed in quotes",
            "Write 2026-01-31, or",
        ),
        (
            "INVALID_FIELD",
            "value of filter criterion for field 'Amount' must be of type double and should not be enclosed in quotes",
            "as in 1234.5",
        ),
        ("INVALID_QUERY_FILTER_OPERATOR", "\nERROR at Row:1:Column:9\ninvalid ID field: me", "get_user_info"),
        (
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of date from VALUE_STRING value 31.01.2000 or request may be missing a "
            "required field at [line:1, column:2]",
            "written 2026-01-31",
        ),
        (
            "JSON_PARSER_ERROR",
            "Cannot deserialize instance of currency from VALUE_STRING value 12,5 or request may be missing a required "
            "field at [line:1, column:2]",
            "written 1234.5",
        ),
    ],
)
def test_how_values_are_written(org: ScriptedOrg, client: Client, code: str, words: str, hint: str) -> None:
    told = refused(org, client, "SELECT Id FROM Account WHERE Id = 'me'", error(400, code, words)).hint
    assert told and hint in told


def test_picklist_values(org: ScriptedOrg, client: Client) -> None:
    refusal = {
        "message": "Rating: bad value for restricted picklist field: Boiling",
        "errorCode": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "fields": ["Rating"],
    }
    org.on("PATCH sobjects/Account/001000000000001AAA", ok([refusal], 400))
    with pytest.raises(SalesforceError, match="Rating takes: Hot, Warm"):
        client.patch("sobjects/Account/001000000000001AAA", {"Rating": "Boiling"})


def test_missing_permission(org: ScriptedOrg, client: Client) -> None:
    org.on(
        "DELETE sobjects/Account/001000000000001AAA",
        error(400, "INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id"),
    )
    with pytest.raises(SalesforceError, match="must share it"):
        client.delete("sobjects/Account/001000000000001AAA")


def test_a_describe_is_fetched_once_for_many_hints(org: ScriptedOrg, client: Client) -> None:
    reply = error(400, "INVALID_FIELD", "No such column 'Nam' on entity 'Account'.")
    for _ in range(3):
        refused(org, client, "SELECT Nam FROM Account", reply)
    assert org.count("GET", "Account/describe") == 1


@pytest.mark.parametrize("trouble", [error(403, "FORBIDDEN", "no"), ok({"fields": [{}]}), ok([1]), ok(b"nonsense")])
def test_a_describe_that_fails_leaves_the_error_as_it_was(org: ScriptedOrg, client: Client, trouble: Reply) -> None:
    org.on("GET sobjects/Account/describe", trouble)
    found = refused(
        org, client, "SELECT Nam FROM Account", error(400, "INVALID_FIELD", "No such column 'Nam' on entity 'Account'.")
    )
    assert found.code == "INVALID_FIELD"
    assert found.hint is None


def test_recorded_unknown_column(org: ScriptedOrg, client: Client, sample: Callable[[str], Any]) -> None:
    case = sample("errors-query-unknown-column")["response"]
    found = refused(org, client, "SELECT Bacon__c FROM Account LIMIT 2", ok(case["body"], case["status"]))
    assert "nor one that is named like it" in found.hint
