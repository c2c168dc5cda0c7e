"""Refusals as Salesforce words them, with row and column."""

from __future__ import annotations

import pytest

from salesforce_mcp.demo.errors import ApiError
from tests.demo.soql_engine.conftest import Org

_COLUMN = (
    "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please"
    " reference your WSDL or the describe call for the appropriate names."
)

_OBJECT = (
    "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference"
    " your WSDL or the describe call for the appropriate names."
)


def _wrong_type(field: str, wanted: str) -> str:
    quotes = "should be" if wanted == "string" else "should not be"
    return f"value of filter criterion for field '{field}' must be of type {wanted} and {quotes} enclosed in quotes"


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELEKT Name FROM Account", "MALFORMED_QUERY", "unexpected token: SELEKT"),
        (
            "SELECT Bacon__c FROM Account LIMIT 2",
            "INVALID_FIELD",
            "\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\n"
            f"No such column 'Bacon__c' on entity 'Account'. {_COLUMN}",
        ),
        (
            "SELECT Id\nFROM Account\nWHERE Bacon__c = 1",
            "INVALID_FIELD",
            "\nWHERE Bacon__c = 1\n      ^\nERROR at Row:3:Column:7\n"
            f"No such column 'Bacon__c' on entity 'Account'. {_COLUMN}",
        ),
        (
            "SELECT Id FROM Acount",
            "INVALID_TYPE",
            "\nSELECT Id FROM Acount\n               ^\nERROR at Row:1:Column:16\n"
            f"sObject type 'Acount' is not supported. {_OBJECT}",
        ),
        (
            "SELECT Id FROM Account WHERE Id = '53'",
            "INVALID_QUERY_FILTER_OPERATOR",
            "\nSELECT Id FROM Account WHERE Id = '53'\n                             ^\nERROR at Row:1:Column:30\n"
            "invalid ID field: 53",
        ),
    ],
)
def test_whole_message(org: Org, soql: str, code: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        org.answer(soql)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert caught.value.message == message
    assert caught.value.fields is None


@pytest.mark.parametrize(
    ("condition", "code", "message"),
    [
        (
            "CreatedDate = '2024-01-01'",
            "INVALID_FIELD",
            _wrong_type("CreatedDate", "dateTime"),
        ),
        (
            "CreatedDate > 2024-01-01",
            "INVALID_FIELD",
            _wrong_type("CreatedDate", "dateTime"),
        ),
        (
            "LastActivityDate = 2024-01-01T00:00:00Z",
            "INVALID_FIELD",
            _wrong_type("LastActivityDate", "date"),
        ),
        (
            "AnnualRevenue = '5'",
            "INVALID_FIELD",
            _wrong_type("AnnualRevenue", "double"),
        ),
        (
            "NumberOfEmployees IN (1, 'two')",
            "INVALID_FIELD",
            _wrong_type("NumberOfEmployees", "int"),
        ),
        (
            "Name = 5",
            "INVALID_FIELD",
            _wrong_type("Name", "string"),
        ),
        (
            "Industry IN ('Media', TRUE)",
            "INVALID_FIELD",
            _wrong_type("Industry", "string"),
        ),
        (
            "IsDeleted = 'true'",
            "INVALID_FIELD",
            _wrong_type("IsDeleted", "boolean"),
        ),
        ("Description = 'x'", "INVALID_FIELD", "field 'Description' can not be filtered in a query call"),
        (
            "BillingAddress = 'x'",
            "INVALID_FIELD",
            "Address fields can only be filtered using Distance expressions",
        ),
        ("Id LIKE '001%'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("OwnerId > '005'", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on id field"),
        ("Name INCLUDES ('x')", "INVALID_QUERY_FILTER_OPERATOR", "invalid operator on string field"),
        ("OwnerId = 'ada'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: ada"),
        ("Id IN ('001000000000001', 'x')", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: x"),
        ("Id = '001000000000001AAB'", "INVALID_QUERY_FILTER_OPERATOR", "invalid ID field: 001000000000001AAB"),
        (
            "CALENDAR_YEAR(CreatedDate) = THIS_YEAR",
            "INVALID_FIELD",
            _wrong_type("CreatedDate", "int"),
        ),
        (
            "Id IN (SELECT Name FROM Contact)",
            "MALFORMED_QUERY",
            "semi join sub-selects can only query id fields, cannot use: 'Name'",
        ),
        (
            "Id IN (SELECT OwnerId FROM Contact)",
            "MALFORMED_QUERY",
            "The selected field 'OwnerId' in the subquery and the left operand field in the where expression in the"
            " outer query 'Id' should point to the same object type",
        ),
        (
            "Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "MALFORMED_QUERY",
            "Semi join sub-selects are not allowed with the 'OR' operator",
        ),
        (
            "Id IN (SELECT AccountId FROM Nothing)",
            "INVALID_TYPE",
            f"sObject type 'Nothing' is not supported. {_OBJECT}",
        ),
        ("Name = :name", "MALFORMED_QUERY", "Bind variables only allowed in Apex code"),
    ],
)
def test_conditions(org: Org, condition: str, code: str, message: str) -> None:
    assert org.refusal(f"SELECT Id FROM Account WHERE {condition}") == (code, message)


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Id, Name n FROM Account", "MALFORMED_QUERY", "only aggregate expressions use field aliasing"),
        (
            "SELECT Id FROM ContentDocumentLink",
            "MALFORMED_QUERY",
            "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or"
            " LinkedEntityId using the equals operator or multiple Id's using the IN operator.",
        ),
        ("SELECT Id FROM Name", "INVALID_TYPE_FOR_OPERATION", "entity type Name does not support query"),
        (
            "SELECT Id FROM Account ORDER BY Nothing",
            "INVALID_FIELD",
            f"No such column 'Nothing' on entity 'Account'. {_COLUMN}",
        ),
        ("SELECT Id FROM Nothing WHERE", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
        ("", "MALFORMED_QUERY", "unexpected token: '<EOF>'"),
    ],
)
def test_others(org: Org, soql: str, code: str, message: str) -> None:
    assert org.refusal(soql) == (code, message)
