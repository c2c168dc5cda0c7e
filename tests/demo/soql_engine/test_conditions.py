"""WHERE: what each operator finds among a few known records."""

from __future__ import annotations

import pytest

from tests.demo.soql_engine.conftest import Org


@pytest.fixture
def accounts(org: Org) -> Org:
    org.add("Account", Name="Acme", Industry="Banking", AnnualRevenue=100.0, NumberOfEmployees=10)
    org.add("Account", Name="acme labs", Industry="Energy", AnnualRevenue=50.5)
    org.add("Account", Name="Élan 100%", Industry=None, AnnualRevenue=None, NumberOfEmployees=0)
    org.add("Account", Name="Under_score", Industry="banking", AnnualRevenue=-5.0, NumberOfEmployees=1000)
    org.add("Account", Name="Back\\slash", Industry="Media", AnnualRevenue=0.0)
    return org


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        # Equality: text ignores case, a missing value differs from every value
        ("Name = 'ACME'", ["Acme"]),
        ("Industry = 'BANKING'", ["Acme", "Under_score"]),
        ("Industry != 'Banking'", ["acme labs", "Élan 100%", "Back\\slash"]),
        ("Industry <> 'banking'", ["acme labs", "Élan 100%", "Back\\slash"]),
        ("Industry = null", ["Élan 100%"]),
        ("Industry = ''", ["Élan 100%"]),
        ("Industry != null", ["Acme", "acme labs", "Under_score", "Back\\slash"]),
        ("Name = 'élan 100%'", ["Élan 100%"]),
        ("Name = 'ÉLAN 100%'", ["Élan 100%"]),
        ("Name = 'Back\\\\slash'", ["Back\\slash"]),
        # Numbers: a missing one is neither less nor greater
        ("AnnualRevenue > 0", ["Acme", "acme labs"]),
        ("AnnualRevenue <= 0", ["Under_score", "Back\\slash"]),
        ("AnnualRevenue < 50.5", ["Under_score", "Back\\slash"]),
        ("AnnualRevenue >= 50.5", ["Acme", "acme labs"]),
        ("AnnualRevenue != 100", ["acme labs", "Élan 100%", "Under_score", "Back\\slash"]),
        ("AnnualRevenue = 1e2", ["Acme"]),
        ("AnnualRevenue > USD50", ["Acme", "acme labs"]),
        ("AnnualRevenue IN (USD100, USD0)", ["Acme", "Back\\slash"]),
        ("NumberOfEmployees = 0", ["Élan 100%"]),
        # NOT has two values, so it is true where a value is missing
        ("NOT AnnualRevenue > 0", ["Élan 100%", "Under_score", "Back\\slash"]),
        ("NOT (Industry = 'Banking' OR Industry = 'Energy')", ["Élan 100%", "Back\\slash"]),
        ("NOT (NOT Industry = 'Energy')", ["acme labs"]),
        ("(NOT Name LIKE 'a%') AND Industry != null", ["Under_score", "Back\\slash"]),
        # LIKE
        ("Name LIKE 'ac%'", ["Acme", "acme labs"]),
        ("Name LIKE '%LAB_'", ["acme labs"]),
        ("Name LIKE 'acme'", ["Acme"]),
        ("Name LIKE '%\\%'", ["Élan 100%"]),
        ("Name LIKE '%\\_%'", ["Under_score"]),
        ("Name LIKE 'under%_%score'", ["Under_score"]),
        ("Name LIKE 'ÉLAN%'", ["Élan 100%"]),
        ("Name LIKE '%\\\\\\\\%'", []),
        ("Name LIKE 'Back\\\\sl%'", ["Back\\slash"]),
        ("Industry LIKE '%n%'", ["Acme", "acme labs", "Under_score"]),
        # IN, with and without null
        ("Name IN ('ACME', 'nobody', 'Under_Score')", ["Acme", "Under_score"]),
        ("Name IN ('élan 100%')", ["Élan 100%"]),
        ("Industry IN ('Energy', null)", ["acme labs", "Élan 100%"]),
        ("Industry NOT IN ('Banking', 'Media')", ["acme labs", "Élan 100%"]),
        ("Industry NOT IN ('Banking', null)", ["acme labs", "Back\\slash"]),
        ("NumberOfEmployees IN (10, 1000)", ["Acme", "Under_score"]),
        # AND and OR with several members, nested
        ("Industry = 'Banking' AND AnnualRevenue > 0", ["Acme"]),
        ("Industry = 'Energy' OR (Industry = 'Banking' AND AnnualRevenue < 0)", ["acme labs", "Under_score"]),
    ],
)
def test_condition(accounts: Org, condition: str, names: list[str]) -> None:
    assert accounts.column(f"SELECT Name FROM Account WHERE {condition}") == names


def test_a_thousand_alternatives_are_no_problem(accounts: Org) -> None:
    many = " OR ".join(f"Name = 'nobody {number}'" for number in range(1_500))
    assert accounts.column(f"SELECT Name FROM Account WHERE {many} OR Name = 'Acme'") == ["Acme"]
    values = ", ".join(f"'nobody {number}'" for number in range(1_500))
    assert accounts.column(f"SELECT Name FROM Account WHERE Name IN ({values}, 'acme')") == ["Acme"]


def test_ids_are_compared_in_both_lengths_and_with_their_case(org: Org) -> None:
    first = org.add("Account", Name="first")
    org.add("Account", Name="second", ParentId=first)
    assert org.column(f"SELECT Name FROM Account WHERE Id = '{first}'") == ["first"]
    assert org.column(f"SELECT Name FROM Account WHERE Id = '{first[:15]}'") == ["first"]
    assert org.column(f"SELECT Name FROM Account WHERE Id IN ('{first[:15]}', '{first}')") == ["first"]
    assert org.column(f"SELECT Name FROM Account WHERE ParentId = '{first[:15]}'") == ["second"]
    assert org.column(f"SELECT Name FROM Account WHERE ParentId != '{first}'") == ["first"]
    assert org.column("SELECT Name FROM Account WHERE ParentId = ''") == ["first"]


def test_a_missing_checkbox_is_false(org: Org) -> None:
    org.add("Contact", LastName="yes", DoNotCall=1)
    org.add("Contact", LastName="no", DoNotCall=0)
    for condition in ("DoNotCall = FALSE", "DoNotCall = null", "DoNotCall != TRUE"):
        assert org.column(f"SELECT LastName FROM Contact WHERE {condition}") == ["no"]
    for condition in ("DoNotCall = TRUE", "DoNotCall != null", "DoNotCall != FALSE"):
        assert org.column(f"SELECT LastName FROM Contact WHERE {condition}") == ["yes"]


def test_a_checkbox_of_a_parent_that_is_missing_is_false(org: Org) -> None:
    org.add("Case", Subject="without contact", ContactId=None)
    shy = org.add("Contact", LastName="shy", DoNotCall=1)
    org.add("Case", Subject="with contact", ContactId=shy)
    assert org.column("SELECT Subject FROM Case WHERE Contact.DoNotCall = FALSE") == ["without contact"]
    assert org.column("SELECT Subject FROM Case WHERE Contact.LastName = null") == ["without contact"]
    assert org.column("SELECT Subject FROM Case WHERE Contact.LastName != 'shy'") == ["without contact"]


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("Colors__c = 'Red'", ["red"]),
        ("Colors__c = 'Blue;Red'", ["red blue"]),
        ("Colors__c = 'red;blue'", ["red blue"]),
        ("Colors__c != 'Red'", ["red blue", "all", "none"]),
        ("Colors__c = null", ["none"]),
        ("Colors__c IN ('Red', 'Red;Blue')", ["red", "red blue"]),
        ("Colors__c INCLUDES ('Red')", ["red", "red blue", "all"]),
        ("Colors__c INCLUDES ('Red;Green')", ["all"]),
        ("Colors__c INCLUDES ('Green', 'Blue;Red')", ["red blue", "all"]),
        ("Colors__c INCLUDES ('R_d')", []),
        ("Colors__c EXCLUDES ('Blue')", ["red", "none"]),
        ("Colors__c EXCLUDES ('Blue', 'Red')", ["none"]),
        ("NOT Colors__c INCLUDES ('Blue')", ["red", "none"]),
    ],
)
def test_multi_select_picklists(org: Org, condition: str, names: list[str]) -> None:
    for name, colors in (("red", "Red"), ("red blue", "Red;Blue"), ("all", "Red;Green;Blue"), ("none", None)):
        org.add("Merchandise__c", Name=name, Colors__c=colors)
    assert org.column(f"SELECT Name FROM Merchandise__c WHERE {condition}") == names


def test_case_sensitive_fields_are_compared_so(org: Org) -> None:
    org.add("Invoice__c", Name="one", External_Id__c="abc")
    assert org.column("SELECT Name FROM Invoice__c WHERE External_Id__c = 'abc'") == ["one"]
    assert org.column("SELECT Name FROM Invoice__c WHERE External_Id__c = 'ABC'") == []
    assert org.column("SELECT Name FROM Invoice__c WHERE External_Id__c IN ('ABC', 'abc')") == ["one"]


def test_times(org: Org) -> None:
    org.add("Warehouse__c", Name="early", Opens__c="06:30:00.000Z")
    org.add("Warehouse__c", Name="late", Opens__c="10:00:00.000Z")
    assert org.rows("SELECT Name, Opens__c FROM Warehouse__c WHERE Opens__c < 08:00:00Z") == [
        ("early", "06:30:00.000Z")
    ]
    assert org.column("SELECT Name FROM Warehouse__c WHERE Opens__c = 10:00:00.000Z") == ["late"]


class TestSemiJoins:
    @pytest.fixture
    def deals(self, org: Org) -> Org:
        big = org.add("Account", Name="big")
        small = org.add("Account", Name="small")
        org.add("Account", Name="none")
        org.add("Opportunity", Name="won", AccountId=big, StageName="Closed Won", IsClosed=1, IsWon=1)
        org.add("Opportunity", Name="lost", AccountId=small, StageName="Closed Lost", IsClosed=1, IsWon=0)
        org.add("Opportunity", Name="open", AccountId=big, StageName="Prospecting", IsClosed=0, IsWon=0)
        org.add("Opportunity", Name="nobody's", AccountId=None, StageName="Prospecting", IsClosed=0, IsWon=0)
        org.add("Contact", LastName="Apple", AccountId=big)
        org.add("Contact", LastName="Pear", AccountId=small)
        org.add("Contact", LastName="Plum", AccountId=None)
        return org

    @pytest.mark.parametrize(
        ("condition", "names"),
        [
            ("Id IN (SELECT AccountId FROM Opportunity WHERE StageName = 'closed lost')", ["small"]),
            ("Id IN (SELECT AccountId FROM Opportunity)", ["big", "small"]),
            ("Id NOT IN (SELECT AccountId FROM Opportunity)", ["none"]),
            ("Id NOT IN (SELECT AccountId FROM Opportunity WHERE IsClosed = FALSE)", ["small", "none"]),
            (
                "Id IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'apple%')"
                " AND Id IN (SELECT AccountId FROM Opportunity WHERE IsClosed = FALSE)",
                ["big"],
            ),
            ("Id IN (SELECT AccountId FROM Contact WHERE Account.Name = 'small')", ["small"]),
        ],
    )
    def test_accounts(self, deals: Org, condition: str, names: list[str]) -> None:
        assert deals.column(f"SELECT Name FROM Account WHERE {condition}") == names

    def test_by_a_reference(self, deals: Org) -> None:
        found = (
            "SELECT Name FROM Opportunity WHERE AccountId {} (SELECT AccountId FROM Contact WHERE LastName = 'Apple')"
        )
        assert deals.column(found.format("IN")) == ["won", "open"]
        assert deals.column(found.format("NOT IN")) == ["lost", "nobody's"]

    def test_deleted_rows_don_t_count_in_the_inner_query(self, deals: Org) -> None:
        deals.change("Contact", "LastName = 'Apple'", IsDeleted=1)
        soql = "SELECT Name FROM Account WHERE Id IN (SELECT AccountId FROM Contact)"
        assert deals.column(soql) == ["small"]
        assert deals.column(soql, include_deleted=True) == ["big", "small"]


def test_ids_have_an_order(accounts: Org) -> None:
    ids = [row["Id"] for row in accounts.records("SELECT Id FROM Account ORDER BY Id")]
    soql = f"SELECT Id FROM Account WHERE Id > '{ids[1]}' AND Id <= '{ids[3][:15]}' ORDER BY Id"
    assert [row["Id"] for row in accounts.records(soql)] == ids[2:4]
