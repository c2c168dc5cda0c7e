"""Parents, children, polymorphic references and TYPEOF: what records look like."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.soql_engine.conftest import Org, plain


@pytest.fixture
def family(org: Org) -> dict[str, str]:
    """An account with a parent account, two contacts, a case and activities."""
    top = org.add("Account", Name="top", OwnerId=org.stan.id)
    child = org.add("Account", Name="child", ParentId=top, BillingCity="Paris", BillingCountry="France")
    boss = org.add("Contact", FirstName="Bo", LastName="Boss", AccountId=child, Email="bo@child.example")
    lone = org.add("Contact", LastName="Lone")
    lead = org.add("Lead", FirstName="Lea", LastName="Der", Company="leading")
    queue = org.column("SELECT Id FROM Group WHERE Type = 'Queue' ORDER BY Name LIMIT 1")[0]
    case = org.add("Case", Subject="broken", CaseNumber="00001234", AccountId=child, ContactId=boss, OwnerId=queue)
    org.add("Task", Subject="call", WhoId=boss, WhatId=child)
    org.add("Task", Subject="write", WhoId=lead, WhatId=case)
    org.add("Task", Subject="think", WhoId=None, WhatId=None)
    return {"top": top, "child": child, "boss": boss, "lone": lone, "lead": lead, "queue": queue, "case": case}


def test_parents_up_to_five_levels(org: Org, family: dict[str, str]) -> None:
    soql = (
        "SELECT Subject, Contact.Account.Parent.Owner.Profile.Name, Contact.Account.Name, Contact.Name FROM Case"
        " WHERE Contact.Account.Parent.Name = 'top'"
    )
    answer = org.answer(soql)
    root = "/services/data/v66.0/sobjects"
    profile = answer["records"][0]["Contact"]["Account"]["Parent"]["Owner"]["Profile"]
    assert profile == {
        "attributes": {"type": "Profile", "url": f"{root}/Profile/{org.stan.profile_id}"},
        "Name": "Standard User",
    }
    case = answer["records"][0]
    assert list(case) == ["attributes", "Subject", "Contact"]
    assert list(case["Contact"]) == ["attributes", "Account", "Name"]
    assert case["Contact"]["Account"]["Name"] == "child"
    assert case["Contact"]["attributes"] == {"type": "Contact", "url": f"{root}/Contact/{family['boss']}"}
    assert case["Contact"]["Name"] == "Bo Boss"


def test_six_levels_are_too_many(org: Org) -> None:
    code, _ = org.refusal("SELECT Contact.Account.Parent.Parent.Owner.Profile.Name FROM Case")
    assert code == "MALFORMED_QUERY"


def test_a_missing_parent_is_null_and_its_fields_compare_as_null(org: Org, family: dict[str, str]) -> None:
    assert org.rows("SELECT LastName, Account.Name FROM Contact WHERE Account.Name = null") == [("Lone", None)]
    found = org.rows(
        "SELECT LastName FROM Contact WHERE LastName = 'Lone' OR Account.Name = 'child' ORDER BY Account.Name"
    )
    assert found == [("Lone",), ("Boss",)]


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT c.LastName, c.Account.Name FROM Contact c WHERE c.Account.Name = 'child'",
        "SELECT Contact.LastName, Contact.Account.Name FROM Contact WHERE Contact.Account.Name = 'child'",
        "SELECT c.LastName, a.Name FROM Contact c, c.Account a WHERE a.Name = 'child'",
        "select lastname, account.name from contact where ACCOUNT.NAME = 'CHILD'",
    ],
)
def test_aliases_and_case_make_no_difference(org: Org, family: dict[str, str], soql: str) -> None:
    [record] = org.records(soql)
    assert list(record) == ["LastName", "Account"]
    assert plain(record["Account"]) == {"Name": "child"}


def test_children(org: Org, family: dict[str, str]) -> None:
    soql = "SELECT Name, (SELECT LastName, Account.Name FROM Contacts), (SELECT Subject FROM Cases) FROM Account"
    top, child = org.records(soql)
    assert top == {"Name": "top", "Contacts": None, "Cases": None}
    contacts = child["Contacts"]
    assert list(contacts) == ["totalSize", "done", "records"]
    assert (contacts["totalSize"], contacts["done"]) == (1, True)
    assert contacts["records"][0]["attributes"]["type"] == "Contact"
    assert contacts["records"][0]["LastName"] == "Boss"
    assert plain(contacts["records"][0]["Account"]) == {"Name": "child"}
    assert [plain(each) for each in child["Cases"]["records"]] == [{"Subject": "broken"}]


def names(result: dict[str, Any] | None, key: str = "LastName") -> list[Any]:
    return [] if result is None else [record[key] for record in result["records"]]


def test_children_have_their_own_conditions_order_and_limit(org: Org) -> None:
    for account in ("a", "b"):
        parent = org.add("Account", Name=account)
        for number in range(4):
            org.add("Contact", LastName=f"{account}{number}", AccountId=parent, DoNotCall=number % 2)

    def ask(inner: str) -> list[list[str]]:
        return [
            names(each["Contacts"])
            for each in org.records(f"SELECT (SELECT LastName FROM Contacts {inner}) FROM Account")
        ]

    assert ask("WHERE DoNotCall = TRUE") == [["a1", "a3"], ["b1", "b3"]]
    assert ask("ORDER BY LastName DESC LIMIT 2") == [["a3", "a2"], ["b3", "b2"]]
    assert ask("WHERE LastName LIKE 'a%' LIMIT 1") == [["a0"], []]
    assert ask("WHERE Account.Name = 'b' ORDER BY LastName LIMIT 3") == [[], ["b0", "b1", "b2"]]
    offset = "SELECT (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 2 OFFSET 1) FROM Account LIMIT 1"
    assert names(org.records(offset)[0]["Contacts"]) == ["a1", "a2"]


def test_children_of_children(org: Org, family: dict[str, str]) -> None:
    cases = "SELECT Subject, (SELECT Subject FROM Tasks) FROM Cases"
    soql = f"SELECT Name, (SELECT Name, ({cases}) FROM ChildAccounts) FROM Account WHERE Name = 'top'"
    [top] = org.records(soql)
    child = top["ChildAccounts"]["records"][0]
    case = child["Cases"]["records"][0]
    assert (child["Name"], case["Subject"]) == ("child", "broken")
    assert names(case["Tasks"], "Subject") == ["write"]
    code, _ = org.refusal(soql, version="57.0")
    assert code == "MALFORMED_QUERY"


def test_children_by_a_polymorphic_reference(org: Org, family: dict[str, str]) -> None:
    [child] = org.records("SELECT (SELECT Subject FROM Tasks) FROM Account WHERE Name = 'child'")
    assert names(child["Tasks"], "Subject") == ["call"]


def test_deleted_children_are_left_out(org: Org, family: dict[str, str]) -> None:
    org.change("Contact", "LastName = 'Boss'", IsDeleted=1)
    soql = "SELECT (SELECT LastName FROM Contacts) FROM Account WHERE Name = 'child'"
    assert org.records(soql) == [{"Contacts": None}]
    assert names(org.records(soql, include_deleted=True)[0]["Contacts"]) == ["Boss"]


def test_polymorphic_parents_are_names(org: Org, family: dict[str, str]) -> None:
    soql = "SELECT Subject, Who.Name, Who.Type, Who.Email, What.Name, What.Type, What.Id FROM Task ORDER BY Subject"
    call, think, write = org.answer(soql)["records"]
    root = "/services/data/v66.0/sobjects"
    assert call["Who"] == {
        "attributes": {"type": "Name", "url": f"{root}/Contact/{family['boss']}"},
        "Name": "Bo Boss",
        "Type": "Contact",
        "Email": "bo@child.example",
    }
    assert (think["Who"], think["What"]) == (None, None)
    assert plain(write["Who"]) == {"Name": "Lea Der", "Type": "Lead", "Email": None}
    assert plain(write["What"]) == {"Name": "00001234", "Type": "Case", "Id": family["case"]}


@pytest.mark.parametrize(
    ("condition", "subjects"),
    [
        ("What.Type = 'Account'", ["call"]),
        ("What.Type IN ('Account', 'Case')", ["call", "write"]),
        ("What.Type != 'Account'", ["write", "think"]),
        ("Who.Type LIKE 'L%'", ["write"]),
        ("Who.LastName = 'der'", ["write"]),
        ("Who.Name = null", ["think"]),
        ("What.Name = 'CHILD'", ["call"]),
        ("Owner.Name LIKE 'Ada%' AND Who.Type = 'Contact'", ["call"]),
        ("Owner.Profile.Name = 'System Administrator' AND What.Type = 'Case'", ["write"]),
        ("WhoId IN (SELECT Id FROM Lead)", ["write"]),
    ],
)
def test_conditions_on_polymorphic_parents(
    org: Org, family: dict[str, str], condition: str, subjects: list[str]
) -> None:
    assert org.column(f"SELECT Subject FROM Task WHERE {condition}") == subjects


def test_order_by_a_polymorphic_parent(org: Org, family: dict[str, str]) -> None:
    assert org.column("SELECT Subject FROM Task ORDER BY Who.Name DESC NULLS LAST") == ["write", "call", "think"]


def test_the_owner_of_a_case_may_be_a_queue(org: Org, family: dict[str, str]) -> None:
    [record] = org.answer("SELECT Owner.Name, Owner.Type, Owner.Profile.Name FROM Case")["records"]
    assert record["Owner"]["attributes"] == {
        "type": "Name",
        "url": f"/services/data/v66.0/sobjects/Group/{family['queue']}",
    }
    assert (record["Owner"]["Type"], record["Owner"]["Profile"]) == ("Queue", None)


class TestTypeOf:
    def test_fields_by_the_object_behind_the_reference(self, org: Org, family: dict[str, str]) -> None:
        soql = (
            "SELECT Subject, TYPEOF What WHEN Account THEN BillingCity, Parent.Name WHEN Opportunity THEN Amount"
            " ELSE Name, Email END, TYPEOF Who WHEN Lead THEN Company END FROM Task ORDER BY Subject"
        )
        call, think, write = org.answer(soql)["records"]
        assert list(call) == ["attributes", "Subject", "What", "Who"]
        assert call["What"]["attributes"]["type"] == "Account"
        assert call["What"]["BillingCity"] == "Paris"
        assert plain(call["What"]["Parent"]) == {"Name": "top"}
        assert call["Who"] is None
        assert (think["What"], think["Who"]) == (None, None)
        assert write["What"] == {
            "attributes": {"type": "Case", "url": f"/services/data/v66.0/sobjects/Case/{family['case']}"},
            "Name": "00001234",
            "Email": None,
        }
        assert plain(write["Who"]) == {"Company": "leading"}

    def test_in_a_subquery(self, org: Org, family: dict[str, str]) -> None:
        soql = "SELECT (SELECT TYPEOF Who WHEN Contact THEN LastName END FROM Tasks) FROM Account WHERE Name = 'child'"
        [task] = org.answer(soql)["records"][0]["Tasks"]["records"]
        assert plain(task["Who"]) == {"LastName": "Boss"}

    @pytest.mark.parametrize(
        ("soql", "code"),
        [
            ("SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact", "MALFORMED_QUERY"),
            ("SELECT TYPEOF What WHEN Nothing THEN Name END FROM Task", "INVALID_TYPE"),
            ("SELECT TYPEOF What WHEN Account THEN Nothing END FROM Task", "INVALID_FIELD"),
            ("SELECT What.Name, TYPEOF What WHEN Account THEN Name END FROM Task", "INVALID_FIELD"),
        ],
    )
    def test_refused(self, org: Org, soql: str, code: str) -> None:
        assert org.refusal(soql)[0] == code


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        (
            "SELECT Nothing.Name FROM Contact",
            "INVALID_FIELD",
            "Didn't understand relationship 'Nothing' in field path.",
        ),
        ("SELECT Account FROM Contact", "INVALID_FIELD", "No such column 'Account' on entity 'Contact'."),
        ("SELECT Who.Company FROM Task", "INVALID_FIELD", "No such column 'Company' on entity 'Name'."),
        (
            "SELECT (SELECT Id FROM Contact) FROM Account",
            "INVALID_TYPE",
            "Didn't understand relationship 'Contact' in FROM part of query call.",
        ),
        (
            "SELECT Id, (SELECT Nothing FROM Contacts) FROM Account",
            "INVALID_FIELD",
            "No such column 'Nothing' on entity",
        ),
    ],
)
def test_refused(org: Org, soql: str, code: str, message: str) -> None:
    found = org.refusal(soql)
    assert found[0] == code and found[1].startswith(message)
