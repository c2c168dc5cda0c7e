"""Names that were nearly right."""

from __future__ import annotations

import pytest

from salesforce_mcp.soql.suggest import nearest

FIELDS = [
    "Id",
    "Name",
    "AccountId",
    "AccountNumber",
    "AnnualRevenue",
    "BillingCity",
    "CloseDate",
    "CreatedDate",
    "Conversation_Id__c",
    "IsClosed",
    "LastModifiedDate",
    "NumberOfEmployees",
    "Priority",
    "StageName",
    "Status",
    "acme__Risk_Score__c",
]


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("Annual_Revenue__c", "AnnualRevenue"),
        ("annualrevenue", "AnnualRevenue"),
        ("Revenue", "AnnualRevenue"),
        ("Statuses", "Status"),
        ("Prioritys", "Priority"),
        ("Priorities", "Priority"),
        ("Conversation_Id", "Conversation_Id__c"),
        ("ConversationId__c", "Conversation_Id__c"),
        ("Risk_Score__c", "acme__Risk_Score__c"),
        ("Stage", "StageName"),
        ("AcountNumber", "AccountNumber"),
        ("Employees", "NumberOfEmployees"),
        ("LastModifedDate", "LastModifiedDate"),
        ("City", "BillingCity"),
    ],
)
def test_the_meant_name_comes_first(wrong: str, meant: str) -> None:
    assert nearest(wrong, FIELDS)[0] == meant


def test_nothing_is_suggested_for_what_is_like_nothing() -> None:
    assert nearest("Zebra", FIELDS) == []
    assert nearest("", FIELDS) == []
    assert nearest("__c", FIELDS) == []
    assert nearest("Name", []) == []


def test_no_more_than_asked_for() -> None:
    names = [f"Field{number}__c" for number in range(50)]
    assert len(nearest("Field", names)) == 3
    assert len(nearest("Field", names, 5)) == 5
