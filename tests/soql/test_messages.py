"""The multi-line message, against what orgs have answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.soql.messages import SoqlError, SoqlSyntaxError, locate, no_such_column, unsupported_type
from salesforce_mcp.soql.parser import parse


def test_an_unknown_column_is_pointed_at_as_recorded(sample: Callable[[str], dict[str, Any]]) -> None:
    case = sample("errors-query-unknown-column")
    soql = case["request"]["query"]["q"]
    message = case["response"]["body"][0]["message"]
    assert no_such_column(soql, soql.index("Bacon__c"), "Bacon__c", "Account") == message


def test_a_statement_that_begins_wrong_is_refused_as_recorded(sample: Callable[[str], dict[str, Any]]) -> None:
    case = sample("errors-query-malformed-soql")
    error = case["response"]["body"][0]
    with pytest.raises(SoqlSyntaxError) as refused:
        parse(case["request"]["query"]["q"])
    assert refused.value.message == error["message"]
    assert refused.value.code == error["errorCode"]


def after(start: int, tail: str, mark: str = ",") -> str:
    """A statement of which only the end is known: it begins at `start`, after one long word."""
    return "S" * (start - 1) + mark + tail


# What people have quoted of orgs' answers: statement, place, excerpt, blanks before the caret, column.
QUOTED = [
    (
        "SELECT Id, Name, AccountNumber FROM AccountOpps WHERE Name like 'okToDelete%'",
        "AccountOpps",
        "SELECT Id, Name, AccountNumber FROM AccountOpps WHERE Name like 'okToDelete%'",
        36,
        37,
    ),
    (
        "SELECT Id, Name, Active__c FROM Account WHERE Active__c = 'Yes' WITH SECURITY_ENFORCED",
        "Active__c",
        "SELECT Id, Name, Active__c FROM Account WHERE Active__c",
        17,
        18,
    ),
    (
        "SELECT Id, Name, Active__c FROM Account WHERE Active__c = 'Yes' WITH SECURITY_ENFORCED",
        "WITH",
        "Account WHERE Active__c = 'Yes' WITH SECURITY_ENFORCED",
        32,
        65,
    ),
    ("SELECT Id FROM Contact WHERE Id = 'ZZZ'", "Id = ", "SELECT Id FROM Contact WHERE Id = 'ZZZ'", 29, 30),
    (
        "SELECT Company, Email, LastName, HasOptedOutOfEmail, Id from Lead",
        "HasOptedOutOfEmail",
        "SELECT Company, Email, LastName, HasOptedOutOfEmail, Id from Lead",
        33,
        34,
    ),
    (
        "SELECT Id, CreatedDate, (SELECT Id FROM Tasks) FROM Lead WHERE Email='emailid'",
        "Lead",
        "CreatedDate, (SELECT Id FROM Tasks) FROM Lead WHERE Email='emailid'",
        41,
        53,
    ),
    (
        "SELECT Id,vlocity_cmt__LineNumber__c,AssetReferenceId__c FROM QuoteLineItem",
        "AssetReferenceId__c",
        "Id,vlocity_cmt__LineNumber__c,AssetReferenceId__c FROM QuoteLineItem",
        30,
        38,
    ),
    (
        after(
            443, "LastActivityDate, Jigsaw, JigsawCompanyId, AccountSource, SicDesc, CustomerPriority__c, SLA__c FROM A"
        ),
        "AccountSource",
        "LastActivityDate, Jigsaw, JigsawCompanyId, AccountSource, SicDesc, CustomerPriority__c",
        43,
        487,
    ),
    (
        after(
            83, "CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c,OCE__Type__c FROM OCE__ActivityPlan__c"
        ),
        "TPI_Product__c",
        "CreatedById,OCE__ActualCap__c,TPI_Product__c,Name,OCE__JobId__c",
        30,
        114,
    ),
    (
        after(32, "BillingPostalCode FROM Account WHERE Id = '53'", " "),
        "Id = ",
        "BillingPostalCode FROM Account WHERE Id = '53'",
        37,
        70,
    ),
    (
        "SELECT Id, Name\nFROM Maycur_Form__c",
        "Maycur_Form__c",
        "FROM Maycur_Form__c",
        5,
        6,
    ),
]


@pytest.mark.parametrize(("soql", "place", "excerpt", "blanks", "column"), QUOTED)
def test_the_excerpt_is_cut_as_orgs_cut_it(soql: str, place: str, excerpt: str, blanks: int, column: int) -> None:
    _, shown, caret, where, sentence = locate(soql, soql.index(place), "a sentence").split("\n")
    assert shown == excerpt
    assert caret == " " * blanks + "^"
    assert where.endswith(f":Column:{column}")
    assert sentence == "a sentence"


# The same for statements that aren't SOQL, where the last appearance of the place counts.
QUOTED_SYNTAX = [
    (
        "SELECT Id FROM Account SET OPTIONS (honorEmptyStrings = true) LIMIT 1",
        "LIMIT",
        "OPTIONS (honorEmptyStrings = true) LIMIT 1",
        34,
        62,
    ),
    (
        after(42, "LastModifiedById, LastModifiedDate, From Account ", " "),
        "From",
        "LastModifiedById, LastModifiedDate, From Account ",
        35,
        78,
    ),
    (
        after(196, "ContentVersion WHERE ContentDocumentId = '''", " "),
        "'",
        "ContentVersion WHERE ContentDocumentId = '''",
        42,
        239,
    ),
    ("select Id from Account where id = $sfid", "$", "select Id from Account where id = $sfid", 33, 34),
    ("SELECT * FROM Account where Name='John'", "*", "SELECT * FROM Account where Name='John'", 6, 7),
]


@pytest.mark.parametrize(("soql", "place", "excerpt", "blanks", "column"), QUOTED_SYNTAX)
def test_a_syntax_error_points_one_place_to_the_left_and_counts_columns_from_0(
    soql: str, place: str, excerpt: str, blanks: int, column: int
) -> None:
    error = SoqlSyntaxError("a sentence", soql=soql, offset=soql.rindex(place))
    assert error.message == f"\n{excerpt}\n{' ' * blanks}^\nERROR at Row:1:Column:{column}\na sentence"
    assert (error.row, error.column) == (1, column)


def test_rows_are_counted_and_only_the_row_is_shown() -> None:
    soql = (
        "SELECT Id, Email, Name\r\nFROM Contact\r\n"
        "WHERE AccountId = '0014000000p6XlS' AND LastName LIKE 'test' OR email LIKE 'test'\r\nLIMIT 1"
    )
    with pytest.raises(SoqlSyntaxError) as refused:
        parse(soql)
    error = refused.value
    assert error.message == (
        "\n'0014000000p6XlS' AND LastName LIKE 'test' OR email LIKE 'test'\n"
        "                                          ^\n"
        "ERROR at Row:3:Column:61\n"
        "unexpected token: 'OR'"
    )
    assert (error.row, error.column, error.offset, error.token) == (3, 61, soql.index("OR email"), "OR")


def test_an_unsupported_type_is_told_with_its_place() -> None:
    soql = "SELECT COUNT(Id) FROM SourceMember"
    message = unsupported_type(soql, soql.index("SourceMember"), "SourceMember")
    assert message.startswith(
        f"\n{soql}\n{' ' * 22}^\nERROR at Row:1:Column:23\nsObject type 'SourceMember' is not supported."
    )


def test_an_error_without_a_place_has_no_excerpt() -> None:
    error = SoqlError("Maximum SOQL offset allowed is 2000", code="NUMBER_OUTSIDE_VALID_RANGE")
    assert error.message == error.sentence == "Maximum SOQL offset allowed is 2000"
    assert (error.row, error.column, error.offset) == (None, None, None)
