"""Statements that a SOQL parser in production accepts: the demo org understands every one of them.

It answers, or refuses for an object or field that it lacks. The table names the other refusals, each for something that
Salesforce itself refuses.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from salesforce_mcp.demo.errors import ApiError
from tests.demo.soql_engine.conftest import Org

_NOT_AN_ID = "invalid ID field: "
_FIELDS_LIMIT = "The SOQL FIELDS function must have a LIMIT of at most 200"
_ONLY_APEX = "SECURITY_ENFORCED not allowed in this context"

EXPLAINED = {
    "SELECT CampaignId, AVG(Amount) avg FROM Opportunity GROUP BY CampaignId HAVING COUNT(Id, Name) > 1": (
        "MALFORMED_QUERY",
        "unexpected use of function: COUNT",  # COUNT takes one field
    ),
    "SELECT Type, BillingCountry, GROUPING(Type)grpType, GROUPING(BillingCountry) grpCty, COUNT(id) accts FROM Account "
    "GROUP BY CUBE(Type,BillingCountry) ORDER BY GROUPING(Type), GROUPING(Id,BillingCountry), Name DESC NULLS FIRST, "
    "Id ASC NULLS LAST": ("MALFORMED_QUERY", "Ordered field must be grouped or aggregated: Name"),
    "SELECT Id FROM Account WHERE (Id IN ('1', '2', '3') OR (NOT Id = '2') OR (Name LIKE '%FOO%' OR (Name LIKE '%ARM%' "
    "AND FOO = 'bar')))": ("INVALID_QUERY_FILTER_OPERATOR", _NOT_AN_ID + "1"),
    "SELECT amount, FORMAT(amount) Amt, convertCurrency(amount) editDate, FORMAT(convertCurrency(amount)) "
    "convertedCurrency FROM Opportunity WHERE id = '12345'": ("INVALID_QUERY_FILTER_OPERATOR", _NOT_AN_ID + "12345"),
    "SELECT LeadSource, COUNT(Name)cnt FROM Lead": (
        "MALFORMED_QUERY",
        "Field must be grouped or aggregated: LeadSource",
    ),
    "SELECT Id, Name, BillingCity FROM Account WITH SECURITY_ENFORCED": ("MALFORMED_QUERY", _ONLY_APEX),
    "SELECT Title FROM KnowledgeArticleVersion WHERE PublishStatus = 'online' WITH DATA CATEGORY Geography__c ABOVE "
    "usa__c WITH SECURITY_ENFORCED": ("MALFORMED_QUERY", _ONLY_APEX),
    "SELECT Name FROM Account WHERE CreatedById IN (SELECT TYPEOF Owner WHEN User THEN Id WHEN Group THEN CreatedById "
    "END FROM CASE)": ("MALFORMED_QUERY", "A semi join sub-select selects exactly one field"),
    "SELECT Id FROM Account WHERE NOT Id = '2'": ("INVALID_QUERY_FILTER_OPERATOR", _NOT_AN_ID + "2"),
    "SELECT FIELDS(ALL) FROM Account": ("MALFORMED_QUERY", _FIELDS_LIMIT),
    "SELECT FIELDS(CUSTOM), FIELDS(STANDARD) FROM Account": ("MALFORMED_QUERY", _FIELDS_LIMIT),
    "SELECT Id, (SELECT FIELDS(ALL) FROM Contacts) FROM Account": ("MALFORMED_QUERY", _FIELDS_LIMIT),
    "SELECT Id, Name FROM Account USING SCOPE myRule": (
        "INVALID_QUERY_SCOPE",
        "Invalid query scope: myRule",  # no scoping rule of this name is set up
    ),
    "SELECT Id FROM Account WHERE Name = 'a' WITH SECURITY_ENFORCED ORDER BY Name LIMIT 5": (
        "MALFORMED_QUERY",
        _ONLY_APEX,
    ),
}


@pytest.fixture
def corpus(samples: Path) -> list[str]:
    statements: list[str] = json.loads((samples.parent / "soql" / "accepted.json").read_text(encoding="utf-8"))
    return statements


def test_every_statement_is_understood(org: Org, corpus: list[str]) -> None:
    outcomes: Counter[str] = Counter()
    unexpected = []
    for soql in corpus:
        try:
            org.answer(soql)
            outcomes["answered"] += 1
        except ApiError as error:
            outcomes[error.code] += 1
            found = (error.code, error.message.rpartition("\n")[2])
            if error.code not in ("INVALID_TYPE", "INVALID_FIELD") and EXPLAINED.get(soql) != found:
                unexpected.append((soql, found))
    assert unexpected == []
    assert outcomes["answered"] > len(corpus) / 2
    assert set(EXPLAINED) <= set(corpus)
