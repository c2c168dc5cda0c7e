"""Which columns a SELECT asks for."""

from __future__ import annotations

import pytest

from salesforce_mcp.salesforce.selection import read


@pytest.mark.parametrize(
    ("soql", "columns"),
    [
        ("SELECT Id, Name FROM Account", ["Id", "Name"]),
        ("select c.Name, c.Account.Owner.Name from Contact c", ["Name", "Account.Owner.Name"]),
        ("SELECT Contact.Name FROM Contact AS c WHERE Name = 'a, b FROM x'", ["Name"]),
        ("SELECT a.Name, c.Id FROM Contact c, c.Account a", ["Account.Name", "Id"]),
        ("SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource", ["LeadSource", "expr0"]),
        ("SELECT Account.Name, MAX(Amount) top, MIN(Amount) FROM Opportunity GROUP BY Account.Name", None),
        ("SELECT COUNT() FROM Account", []),
        ("SELECT Name, (SELECT Id, Name FROM Contacts), Id FROM Account", ["Name", "Contacts", "Id"]),
        ("SELECT TYPEOF What WHEN Account THEN Phone, Name ELSE Id END, Subject FROM Event", None),
        ("SELECT toLabel(Status), FORMAT(convertCurrency(Amount)) money FROM Opportunity", ["Status", "money"]),
        ("SELECT FIELDS(ALL) FROM Account LIMIT 10", []),
        ("FIND {x}", []),
        ("", []),
        ("SELECT (((", []),
    ],
)
def test_columns_of_a_select(soql: str, columns: list[str] | None) -> None:
    expected = columns if columns is not None else SPECIAL[soql[:18]]
    assert list(read(soql).columns) == expected


SPECIAL = {
    "SELECT Account.Nam": ["Name", "top", "expr0"],
    "SELECT TYPEOF What": ["What.Phone", "What.Name", "What.Id", "Subject"],
}


def test_source_is_the_object_outside_parentheses() -> None:
    soql = "SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id IN (SELECT AccountId FROM Case)"
    assert read(soql).source == "Account"
    assert read(soql).children == ("Contacts",)
    assert read("SELECT Id").source is None
