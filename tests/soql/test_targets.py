"""What a statement reads, what its binds are compared with, and what Bulk API 2.0 makes of it."""

from __future__ import annotations

import pytest

from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.targets import bound_fields, fields, is_aggregate, main_object, objects


def read(soql: str) -> list[tuple[str, ...]]:
    return [(use.object, *use.children, ".".join(use.path)) for use in fields(parse(soql))]


def test_objects_are_those_after_from_and_of_semi_joins() -> None:
    query = parse(
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account a WHERE Id IN (SELECT AccountId FROM Opportunity)"
        " AND Id NOT IN (SELECT AccountId FROM Case)"
    )
    assert main_object(query) == "Account"
    assert objects(query) == ["Account", "Opportunity", "Case"]


def test_fields_of_all_clauses_are_read() -> None:
    assert read(
        "SELECT Name, toLabel(Status), FIELDS(CUSTOM) FROM Lead WHERE NOT Email = 'x' GROUP BY Rating"
        " HAVING MAX(Score__c) > 1 ORDER BY DISTANCE(Place__c, GEOLOCATION(1, 2), 'mi')"
    ) == [
        ("Lead", "Name"),
        ("Lead", "Status"),
        ("Lead", "FIELDS(CUSTOM)"),
        ("Lead", "Email"),
        ("Lead", "Rating"),
        ("Lead", "Score__c"),
        ("Lead", "Place__c"),
    ]


def test_aliases_are_resolved() -> None:
    assert read("SELECT c.Name, a.Owner.Name, Contact.Email, Account.Name FROM Contact c, c.Account a") == [
        ("Contact", "Name"),
        ("Contact", "Account.Owner.Name"),
        ("Contact", "Email"),
        ("Contact", "Account.Name"),
    ]


def test_child_queries_are_named_by_their_relationships() -> None:
    assert read("SELECT (SELECT Name, (SELECT Id FROM Assets) FROM Account.Contacts) FROM Account") == [
        ("Account", "Contacts", "Name"),
        ("Account", "Contacts", "Assets", "Id"),
    ]


def test_typeof_names_the_type_of_its_fields() -> None:
    query = parse("SELECT TYPEOF e.What WHEN Account THEN Phone, Owner.Name ELSE Id END FROM Event e")
    assert [(use.path, use.type) for use in fields(query)] == [
        (("What", "Phone"), "Account"),
        (("What", "Owner", "Name"), "Account"),
        (("What", "Id"), None),
    ]


def test_a_semi_join_is_a_scope_of_its_own() -> None:
    assert read(
        "SELECT a.Id FROM Account a WHERE a.Id IN (SELECT o.AccountId FROM Opportunity o WHERE a.Name = 'x')"
    ) == [
        ("Account", "Id"),
        ("Account", "Id"),
        ("Opportunity", "AccountId"),
        ("Opportunity", "a.Name"),
    ]


def test_binds_are_found_with_their_fields() -> None:
    query = parse(
        "SELECT Id, (SELECT Id FROM Cases WHERE ClosedDate < :until) FROM Account a WHERE a.Owner.Name = :owner"
        " AND DAY_ONLY(CreatedDate) IN (:first, '2024-01-01', :owner) AND Id IN (SELECT AccountId FROM Task WHERE"
        " ActivityDate = :due) LIMIT :count"
    )
    found = {
        name: [(use.object, *use.children, ".".join(use.path), use.function) for use in uses]
        for name, uses in bound_fields(query).items()
    }
    assert found == {
        "until": [("Account", "Cases", "ClosedDate", None)],
        "owner": [("Account", "Owner.Name", None), ("Account", "CreatedDate", "DAY_ONLY")],
        "first": [("Account", "CreatedDate", "DAY_ONLY")],
        "due": [("Task", "ActivityDate", None)],
    }


@pytest.mark.parametrize(
    ("soql", "aggregate"),
    [
        ("SELECT COUNT() FROM Account", True),
        ("SELECT FORMAT(MIN(CloseDate)) first FROM Opportunity", True),
        ("SELECT Name FROM Account GROUP BY Name", True),
        ("SELECT Name, (SELECT COUNT(Id) FROM Contacts) FROM Account", False),
        ("SELECT toLabel(Status) FROM Lead", False),
    ],
)
def test_aggregate_queries_are_known(soql: str, aggregate: bool) -> None:
    assert is_aggregate(parse(soql)) is aggregate
