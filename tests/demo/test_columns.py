"""`/query?columns=true`, which the `sf` CLI asks for before it prints a table."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.conftest import Web


def columns(web: Web, soql: str) -> dict[str, Any]:
    response = web.get("/v/query", params={"q": soql, "columns": "true"})
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    return answer


def names(columns: list[dict[str, Any]]) -> list[Any]:
    """Column names; a joined column is a pair of its name and those below it."""
    return [
        (column["columnName"], names(column["joinColumns"])) if column["joinColumns"] else column["columnName"]
        for column in columns
    ]


@pytest.mark.parametrize(
    ("soql", "expected"),
    [
        ("SELECT id, name FROM Account", ["Id", "Name"]),
        ("SELECT a.Name, a.Owner.Name FROM Account a", ["Name", ("Owner", ["Name"])]),
        ("SELECT Account.Parent.Name FROM Contact", [("Account", [("Parent", ["Name"])])]),
        (
            "SELECT Name, (SELECT LastName, Owner.Alias FROM Contacts) FROM Account",
            ["Name", ("Contacts", ["LastName", ("Owner", ["Alias"])])],
        ),
        (
            "SELECT count(Id), max(Amount) most, StageName FROM Opportunity GROUP BY StageName",
            ["expr0", "most", "StageName"],
        ),
        ("SELECT toLabel(Status) FROM Case", ["Status"]),
        ("SELECT TYPEOF What WHEN Account THEN Phone END FROM Task", [("What", ["Name"])]),
    ],
)
def test_names(web: Web, soql: str, expected: list[Any]) -> None:
    assert names(columns(web, soql)["columnMetadata"]) == expected


def test_what_is_told_of_a_column(web: Web) -> None:
    answer = columns(web, "SELECT Id, AnnualRevenue FROM Account")
    assert (answer["entityType"], answer["keyPrefix"], answer["idSelected"]) == ("Account", "001", True)
    revenue = answer["columnMetadata"][1]
    assert (revenue["apexType"], revenue["numberType"], revenue["textType"]) == ("Double", True, False)
    assert columns(web, "SELECT count(Id) FROM Account")["columnMetadata"][0]["aggregate"] is True


def test_the_tooling_api_tells_them_too(web: Web) -> None:
    response = web.get("/v/tooling/query", params={"q": "SELECT Name FROM ApexClass", "columns": "true"})
    assert names(response.json()["columnMetadata"]) == ["Name"]


def test_a_wrong_statement_is_refused_as_ever(web: Web) -> None:
    response = web.get("/v/query", params={"q": "SELECT Nothing FROM Account", "columns": "true"})
    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == "INVALID_FIELD"
