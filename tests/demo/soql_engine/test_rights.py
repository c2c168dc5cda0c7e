"""What a Standard User may not see is as if it weren't there."""

from __future__ import annotations

import pytest

from tests.demo.soql_engine.conftest import Org


@pytest.fixture
def reports(org: Org) -> Org:
    org.add("Expense_Report__c", Name="EXP-1", Purpose__c="ada's")
    org.add("Expense_Report__c", Name="EXP-2", Purpose__c="stan's", OwnerId=org.stan.id)
    return org


def test_private_records_are_seen_by_owner_and_administrator_alone(reports: Org) -> None:
    soql = "SELECT Name FROM Expense_Report__c ORDER BY Name"
    assert reports.column(soql) == ["EXP-1", "EXP-2"]
    assert reports.column(soql, reports.stan) == ["EXP-2"]
    assert reports.answer("SELECT COUNT() FROM Expense_Report__c", reports.stan)["totalSize"] == 1
    assert reports.rows("SELECT COUNT(Id) FROM Expense_Report__c", reports.stan) == [(1,)]


def test_nor_are_they_seen_from_elsewhere(reports: Org) -> None:
    deal = reports.add("Opportunity", Name="deal")
    reports.change("Expense_Report__c", "1", Opportunity__c=deal)
    children = "SELECT (SELECT Name FROM Expense_Reports__r) FROM Opportunity"
    assert reports.records(children)[0]["Expense_Reports__r"]["totalSize"] == 2
    assert reports.records(children, reports.stan)[0]["Expense_Reports__r"]["totalSize"] == 1
    inner = (
        "SELECT Name FROM Opportunity WHERE Id IN (SELECT Opportunity__c FROM Expense_Report__c WHERE Name = 'EXP-1')"
    )
    assert reports.column(inner) == ["deal"]
    assert reports.column(inner, reports.stan) == []


def test_an_object_without_access_is_unknown(org: Org) -> None:
    assert org.column("SELECT Id FROM ApexClass WHERE Name = 'nothing'") == []
    code, message = org.refusal("SELECT Id FROM ApexClass", org.stan)
    assert code == "INVALID_TYPE" and message.startswith("sObject type 'ApexClass' is not supported.")


def test_a_field_without_access_is_unknown_in_every_clause(org: Org) -> None:
    account = org.add("Account", Name="a", AnnualRevenue=5.0)
    org.add("Contact", LastName="c", AccountId=account)
    for soql in (
        "SELECT AnnualRevenue FROM Account",
        "SELECT Id FROM Account WHERE AnnualRevenue > 1",
        "SELECT Id FROM Account ORDER BY AnnualRevenue",
        "SELECT SUM(AnnualRevenue) FROM Account",
        "SELECT Account.AnnualRevenue FROM Contact",
    ):
        org.answer(soql)
        code, message = org.refusal(soql, org.stan)
        assert code == "INVALID_FIELD" and message.startswith("No such column 'AnnualRevenue' on entity 'Account'")


def test_fields_without_access_are_left_out_of_fields(org: Org) -> None:
    org.add("Account", Name="a", AnnualRevenue=5.0)
    assert "AnnualRevenue" in org.records("SELECT FIELDS(ALL) FROM Account LIMIT 1")[0]
    assert "AnnualRevenue" not in org.records("SELECT FIELDS(ALL) FROM Account LIMIT 1", org.stan)[0]
