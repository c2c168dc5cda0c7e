"""What Salesforce refuses though it is SOQL."""

from __future__ import annotations

import pytest

from salesforce_mcp.soql.checks import check
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.parser import parse

NOT_NESTED = (
    "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."
)


def refusal(soql: str) -> SoqlError:
    with pytest.raises(SoqlError) as refused:
        check(parse(soql), soql)
    return refused.value


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id, Name FROM Account WHERE Name LIKE 'a%' ORDER BY Name LIMIT 10 OFFSET 2000",
        "SELECT COUNT() FROM Account WHERE Name LIKE 'a%' LIMIT 10",
        "SELECT COUNT() FROM Contact c, c.Account a WHERE a.Name = 'x'",
        "SELECT LeadSource, COUNT(Name) cnt FROM Lead GROUP BY LeadSource HAVING COUNT(Name) > 1 AND LeadSource = 'a'",
        "SELECT Account.Name n, MAX(Amount) FROM Opportunity o GROUP BY o.Account.Name ORDER BY MAX(Amount) LIMIT 5",
        "SELECT c.Name, COUNT(Id) FROM Contact c GROUP BY Contact.Name ORDER BY Name",
        "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, SUM(Amount) FROM Opportunity"
        " GROUP BY CALENDAR_YEAR(convertTimezone(CreatedDate))",
        "SELECT CALENDAR_YEAR(CloseDate) FROM Opportunity GROUP BY CloseDate",
        "SELECT toLabel(Status), COUNT(Id) FROM Lead GROUP BY Status",
        "SELECT Type, GROUPING(Type) g, COUNT(Type) FROM Account GROUP BY CUBE(Type, Rating) ORDER BY GROUPING(Type)",
        "SELECT FORMAT(MIN(CloseDate)) first FROM Opportunity",
        "SELECT toLabel(Status) label, FORMAT(Amount) a FROM Opportunity",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact) AND Id NOT IN (SELECT AccountId FROM Case)",
        "SELECT Id FROM Account WHERE (Id IN (SELECT c.AccountId FROM Contact c WHERE c.Name LIKE 'a%'))",
        "SELECT FIELDS(ALL) FROM Account LIMIT 200",
        "SELECT FIELDS(ALL) FROM Account WHERE Id IN ('a', 'b')",
        "SELECT FIELDS(CUSTOM) FROM Account WHERE Id = 'a' OR Id = 'b'",
        "SELECT FIELDS(STANDARD) FROM Account",
        "SELECT (SELECT (SELECT (SELECT (SELECT Id FROM E) FROM D) FROM C) FROM B) FROM A",
        "SELECT Id, (SELECT Id FROM Contacts OFFSET 2) FROM Account LIMIT 1",
        "SELECT Id FROM Account WITH USER_MODE",
    ],
)
def test_good_statements_pass(soql: str) -> None:
    check(parse(soql), soql)


@pytest.mark.parametrize(
    ("soql", "sentence", "place"),
    [
        ("SELECT Name, COUNT(Id) FROM Account", "Field must be grouped or aggregated: Name", "Name"),
        (
            "SELECT LeadSource, COUNT(Name)cnt FROM Lead",
            "Field must be grouped or aggregated: LeadSource",
            "LeadSource",
        ),
        ("SELECT Id, Type FROM Account GROUP BY Type", "Field must be grouped or aggregated: Id", "Id"),
        (
            "SELECT CALENDAR_YEAR(CreatedDate), Amount FROM Opportunity",
            "Field must be grouped or aggregated: CALENDAR_YEAR(CreatedDate)",
            "CALENDAR_YEAR",
        ),
        (
            "SELECT Type, COUNT(Id) FROM Account GROUP BY Type HAVING Name = 'x'",
            "Field must be grouped or aggregated: Name",
            "Name =",
        ),
        (
            "SELECT Id, CALENDAR_YEAR(CloseDate) y FROM Opportunity ORDER BY CloseDate DESC",
            "Ordered field must be grouped or aggregated: CloseDate",
            "CloseDate DESC",
        ),
        ("SELECT COUNT() FROM Account ORDER BY Name", "Ordered field must be grouped or aggregated: Name", "Name"),
        (
            "SELECT Type, COUNT(Type) FROM Account GROUP BY Type",
            "Grouped field should not be aggregated: Type",
            "Type) ",
        ),
        ("SELECT Type FROM Account GROUP BY Type, type", "duplicate grouping expression: type", "type"),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY ROLLUP(a, b, c, d)",
            "GROUP BY ROLLUP must contain 3 fields or less",
            "ROLLUP",
        ),
        (
            "SELECT MAX(CreatedDate) FROM Account LIMIT 1",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
            "1",
        ),
        (
            "SELECT COUNT(Id) FROM Account OFFSET 3",
            "Non-grouped query that uses overall aggregate functions cannot also use OFFSET",
            "3",
        ),
        ("SELECT Id, Name n FROM Account", "only aggregate expressions use field aliasing", "Name n"),
        ("SELECT DISTINCT Name FROM Account", "only aggregate expressions use field aliasing", "DISTINCT"),
        (
            "SELECT Id, (SELECT COUNT(Id) FROM Contacts) FROM Account",
            "only root queries support aggregate expressions",
            "SELECT COUNT",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Lead WHERE a IN (SELECT ContactId FROM Case))",
            "Nesting of semi join sub-selects is not supported",
            "SELECT ContactId",
        ),
        (
            "SELECT Id FROM Account WHERE Name = 'x' OR Id IN (SELECT AccountId FROM Contact)",
            "Semi join sub-selects are not allowed with the 'OR' operator",
            "Id IN",
        ),
        (
            "SELECT Id FROM Account WHERE Type = 'x' AND (Name = 'x' OR Id IN (SELECT AccountId FROM Contact))",
            NOT_NESTED,
            "Id IN",
        ),
        (
            "SELECT Id FROM Account WHERE NOT Id IN (SELECT AccountId FROM Contact)",
            NOT_NESTED,
            "Id IN",
        ),
        (
            "SELECT Id FROM A WHERE a IN (SELECT b FROM B) AND c IN (SELECT d FROM D) AND e IN (SELECT f FROM F)",
            "Maximum 2 semi join sub-selects are allowed",
            "e IN",
        ),
        (
            "SELECT Id FROM Account WHERE ParentId IN (SELECT Id FROM Account)",
            "The inner and outer selects should not be on the same object type",
            "Account)",
        ),
        (
            "SELECT Id FROM Account WHERE Id IN (SELECT Contact.AccountId FROM Case)",
            "The inner select field 'Contact.AccountId' cannot have more than one level of relationships",
            "Contact.AccountId",
        ),
        (
            "SELECT Type, COUNT(Id) FROM Account GROUP BY Type HAVING Type IN (SELECT Type FROM Lead)",
            "Semi-joins are only supported in WHERE clauses",
            "Type IN",
        ),
        (
            "SELECT Id FROM Account WHERE Name = :name",
            "Bind variables only allowed in Apex code",
            ":name",
        ),
        (
            "SELECT Id, Name, Active__c FROM Account WHERE Active__c = 'Yes' WITH SECURITY_ENFORCED",
            "SECURITY_ENFORCED not allowed in this context",
            "WITH",
        ),
        (
            "SELECT Id, FIELDS(ALL) FROM Account",
            "The SOQL FIELDS function must have a LIMIT of at most 200",
            "FIELDS",
        ),
    ],
)
def test_refusals_have_salesforces_words_and_place(soql: str, sentence: str, place: str) -> None:
    error = refusal(soql)
    assert error.sentence == sentence
    assert error.code == "MALFORMED_QUERY"
    assert error.offset is not None
    assert soql.startswith(place, error.offset)
    assert error.message.endswith(f"ERROR at Row:1:Column:{error.offset + 1}\n{sentence}")


def test_an_offset_beyond_2000_has_a_code_of_its_own() -> None:
    error = refusal("SELECT Id FROM Account ORDER BY Name LIMIT 10 OFFSET 2001")
    assert error.code == "NUMBER_OUTSIDE_VALID_RANGE"
    assert error.message == "Maximum SOQL offset allowed is 2000"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT COUNT(), Name FROM Account",
        "SELECT Name, COUNT() FROM Account GROUP BY Name",
        "SELECT COUNT() total FROM Account",
        "SELECT FIELDS(STANDARD), COUNT(Id) FROM Account",
        "SELECT FIELDS(ALL) FROM Account LIMIT 201",
        "SELECT FIELDS(ALL) FROM Account WHERE Id = 'a' OR Name = 'b'",
        "SELECT Id, (SELECT FIELDS(ALL) FROM Contacts) FROM Account",
        "SELECT TYPEOF What WHEN Account THEN Id END, COUNT(Id) FROM Event",
        "SELECT TYPEOF What WHEN Account THEN Id END, FORMAT(CreatedDate) FROM Event",
        "SELECT Type, (SELECT Id FROM Contacts) FROM Account GROUP BY Type",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId, Id FROM Contact)",
        "SELECT Id FROM Account WHERE Id IN (SELECT COUNT(Id) FROM Contact)",
        "SELECT Id FROM Account WHERE Id IN (SELECT TYPEOF Owner WHEN User THEN Id END FROM Case)",
        "SELECT Id FROM M__c WHERE Id IN (SELECT Id FROM D__c LIMIT 100 OFFSET 20)",
        "SELECT Id FROM M__c WHERE Id IN (SELECT Id FROM D__c ORDER BY Name)",
        "SELECT Id, (SELECT Id FROM Contacts LIMIT 1 OFFSET 2) FROM Account LIMIT 2",
        "SELECT Id, (SELECT Id FROM Contacts USING SCOPE mine) FROM Account",
        "SELECT (SELECT (SELECT (SELECT (SELECT (SELECT Id FROM F) FROM E) FROM D) FROM C) FROM B) FROM A",
        f"SELECT Id{', (SELECT Id FROM Contacts)' * 21} FROM Account",
        "SELECT Id FROM Account ORDER BY Name FOR UPDATE",
        "SELECT Id FROM K__kav WITH DATA CATEGORY a AT b AND c AT d AND e AT f AND g AT h",
        "SELECT Id FROM Account ALL ROWS",
    ],
)
def test_what_the_guide_forbids_is_refused(soql: str) -> None:
    assert refusal(soql).code == "MALFORMED_QUERY"


def test_an_alias_to_order_by_is_left_to_whoever_knows_the_columns() -> None:
    soql = "SELECT AccountId, COUNT(Id) Cases FROM Case GROUP BY AccountId ORDER BY Cases DESC"
    check(parse(soql), soql)
