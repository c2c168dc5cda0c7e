"""GROUP BY and its like: sums, subtotals and their order."""

from __future__ import annotations

import pytest

from tests.demo.soql_engine.conftest import Org


@pytest.fixture
def leads(org: Org) -> Org:
    """Status, source and rating of six leads, made for subtotals by hand."""
    for number, (status, source, rating, employees) in enumerate(
        (
            ("Open - Not Contacted", "Web", "Hot", 10),
            ("Open - Not Contacted", "Web", None, 20),
            ("Open - Not Contacted", None, "Hot", None),
            ("Working - Contacted", "Web", "Hot", 5),
            ("Working - Contacted", "Other", "Cold", 7),
            ("Closed - Converted", "Other", None, 100),
        )
    ):
        org.add(
            "Lead",
            LastName=f"lead {number}",
            Company=f"company {number % 4}",
            Status=status,
            LeadSource=source,
            Rating=rating,
            NumberOfEmployees=employees,
            AnnualRevenue=float(number) if number else None,
        )
    return org


def test_groups_with_implied_and_given_aliases(leads: Org) -> None:
    soql = (
        "SELECT leadsource, COUNT(Id), SUM(NumberOfEmployees) total, MAX(AnnualRevenue) FROM Lead GROUP BY LeadSource"
    )
    assert leads.records(soql) == [
        {"LeadSource": None, "expr0": 1, "total": None, "expr1": 2.0},
        {"LeadSource": "Other", "expr0": 2, "total": 107, "expr1": 5.0},
        {"LeadSource": "Web", "expr0": 3, "total": 35, "expr1": 3.0},
    ]
    answer = leads.answer(soql)
    assert (answer["totalSize"], answer["done"]) == (3, True)
    assert answer["records"][0]["attributes"] == {"type": "AggregateResult"}


def test_aggregates_ignore_missing_values(leads: Org) -> None:
    soql = (
        "SELECT COUNT(Id), COUNT(LeadSource), COUNT_DISTINCT(LeadSource), COUNT_DISTINCT(Company), AVG(AnnualRevenue),"
        " MIN(NumberOfEmployees), SUM(AnnualRevenue) FROM Lead"
    )
    assert leads.rows(soql) == [(6, 5, 2, 4, 3.0, 5, 15.0)]


def test_totals_of_nothing(org: Org) -> None:
    assert org.rows("SELECT COUNT(Id), SUM(AnnualRevenue), MAX(Name) FROM Lead") == [(0, None, None)]
    assert org.rows("SELECT Status, COUNT(Id) FROM Lead GROUP BY Status") == []


def test_minimum_and_maximum_of_a_picklist_follow_the_order_of_its_values(leads: Org) -> None:
    """Cold stands last in the list though first in the alphabet."""
    assert leads.rows("SELECT MIN(Rating), MAX(Rating) FROM Lead") == [("Hot", "Cold")]


def test_bare_count(leads: Org) -> None:
    assert leads.answer("SELECT COUNT() FROM Lead WHERE LeadSource = 'Web'") == {
        "totalSize": 3,
        "done": True,
        "records": [],
    }
    assert leads.answer("SELECT count() FROM Lead LIMIT 4")["totalSize"] == 4


def test_distinct_values_without_an_aggregate(leads: Org) -> None:
    assert leads.column("SELECT Status FROM Lead GROUP BY Status ORDER BY Status") == [
        "Open - Not Contacted",
        "Working - Contacted",
        "Closed - Converted",
    ]


def test_groups_ignore_case(org: Org) -> None:
    org.add("Account", Name="a", BillingCity="Paris")
    org.add("Account", Name="b", BillingCity="PARIS")
    assert [count for _, count in org.rows("SELECT BillingCity, COUNT(Id) FROM Account GROUP BY BillingCity")] == [2]


@pytest.mark.parametrize(
    ("having", "sources"),
    [
        ("COUNT(Id) > 1", ["Other", "Web"]),
        ("COUNT(Id) = 1", [None]),
        ("SUM(NumberOfEmployees) < 50 OR LeadSource = 'other'", ["Other", "Web"]),
        ("LeadSource != null AND MAX(AnnualRevenue) > 3", ["Other"]),
        ("NOT LeadSource LIKE 'W%'", [None, "Other"]),
        ("LeadSource IN ('Web', null)", [None, "Web"]),
        ("MIN(CreatedDate) = THIS_YEAR", []),
    ],
)
def test_having(leads: Org, having: str, sources: list[str | None]) -> None:
    leads.change("Lead", "1", CreatedDate="2023-07-01T00:00:00.000+0000")
    assert leads.column(f"SELECT LeadSource FROM Lead GROUP BY LeadSource HAVING {having}") == sources


def test_order_and_range_of_groups(leads: Org) -> None:
    soql = "SELECT LeadSource, COUNT(Id) FROM Lead GROUP BY LeadSource ORDER BY COUNT(Id) DESC, LeadSource {}"
    assert leads.rows(soql.format("LIMIT 2")) == [("Web", 3), ("Other", 2)]
    assert leads.rows(soql.format("LIMIT 2 OFFSET 1")) == [("Other", 2), (None, 1)]
    by_source = "SELECT LeadSource FROM Lead GROUP BY LeadSource ORDER BY LeadSource {}"
    assert leads.column(by_source.format("DESC")) == [None, "Other", "Web"]
    assert leads.column(by_source.format("NULLS LAST")) == ["Web", "Other", None]


def test_rollup(leads: Org) -> None:
    soql = (
        "SELECT Status, LeadSource, GROUPING(Status) s, GROUPING(LeadSource) l, COUNT(Id) n"
        " FROM Lead GROUP BY ROLLUP(Status, LeadSource)"
    )
    opened, working, closed = "Open - Not Contacted", "Working - Contacted", "Closed - Converted"
    assert leads.rows(soql) == [
        (opened, None, 0, 0, 1),
        (opened, "Web", 0, 0, 2),
        (opened, None, 0, 1, 3),
        (working, "Web", 0, 0, 1),
        (working, "Other", 0, 0, 1),
        (working, None, 0, 1, 2),
        (closed, "Other", 0, 0, 1),
        (closed, None, 0, 1, 1),
        (None, None, 1, 1, 6),
    ]


def test_cube(leads: Org) -> None:
    soql = (
        "SELECT LeadSource, Rating, GROUPING(LeadSource) l, GROUPING(Rating) r, COUNT(Id) n FROM Lead"
        " GROUP BY CUBE(LeadSource, Rating) ORDER BY GROUPING(LeadSource), GROUPING(Rating), LeadSource, Rating"
    )
    assert leads.rows(soql) == [
        (None, "Hot", 0, 0, 1),
        ("Web", None, 0, 0, 1),
        ("Web", "Hot", 0, 0, 2),
        ("Other", None, 0, 0, 1),
        ("Other", "Cold", 0, 0, 1),
        (None, None, 0, 1, 1),
        ("Web", None, 0, 1, 3),
        ("Other", None, 0, 1, 2),
        (None, None, 1, 0, 2),
        (None, "Hot", 1, 0, 3),
        (None, "Cold", 1, 0, 1),
        (None, None, 1, 1, 6),
    ]


def test_having_and_where_with_subtotals(leads: Org) -> None:
    soql = (
        "SELECT LeadSource, COUNT(Id) n FROM Lead WHERE LeadSource != null"
        " GROUP BY ROLLUP(LeadSource) HAVING COUNT(Id) > 2"
    )
    assert leads.rows(soql) == [("Web", 3), (None, 5)]


def test_groups_by_a_parent_s_field(org: Org) -> None:
    big, small = (org.add("Account", Name=name) for name in ("big", "small"))
    for account in (big, big, small, None):
        org.add("Contact", LastName="x", AccountId=account)
    soql = "SELECT Account.Name, COUNT(Id) n FROM Contact GROUP BY Account.Name ORDER BY COUNT(Id) DESC, Account.Name"
    assert org.records(soql) == [{"Name": "big", "n": 2}, {"Name": None, "n": 1}, {"Name": "small", "n": 1}]
    assert org.records(soql.replace("Account.Name,", "Account.Name customer,", 1))[0] == {"customer": "big", "n": 2}


def test_groups_by_the_owner_of_either_kind(org: Org) -> None:
    queue = org.column("SELECT Id FROM Group WHERE Type = 'Queue' LIMIT 1")[0]
    for owner in (org.ada.id, org.ada.id, queue):
        org.add("Case", Subject="x", OwnerId=owner)
    soql = "SELECT Owner.Type, COUNT(Id) FROM Case GROUP BY Owner.Type ORDER BY Owner.Type"
    assert org.rows(soql) == [("Queue", 1), ("User", 2)]


def test_groups_by_dates(org: Org) -> None:
    for day, amount in (("2023-12-31", 1.0), ("2024-01-01", 2.0), ("2024-06-30", 4.0)):
        org.add("Opportunity", Name="x", CloseDate=day, Amount=amount)
    soql = "SELECT CALENDAR_YEAR(CloseDate) year, SUM(Amount) FROM Opportunity GROUP BY CALENDAR_YEAR(CloseDate)"
    assert org.records(soql) == [{"year": 2023, "expr0": 1.0}, {"year": 2024, "expr0": 6.0}]
    by_day = "SELECT CloseDate, CALENDAR_MONTH(CloseDate), SUM(Amount) FROM Opportunity GROUP BY CloseDate"
    assert org.rows(by_day)[0] == ("2023-12-31", 12, 1.0)


def test_groups_by_local_days(org: Org) -> None:
    for created in ("2024-05-15T06:59:00.000+0000", "2024-05-15T07:00:00.000+0000"):
        org.add("Case", Subject="x", CreatedDate=created)
    utc = "SELECT DAY_ONLY(CreatedDate), COUNT(Id) FROM Case GROUP BY DAY_ONLY(CreatedDate)"
    assert org.rows(utc) == [("2024-05-15", 2)]
    local = utc.replace("CreatedDate", "convertTimezone(CreatedDate)")
    assert org.rows(local) == [("2024-05-14", 1), ("2024-05-15", 1)]


def test_labels_of_groups(org: Org) -> None:
    org.add("Knowledge__kav", Title="x", Language="de", PublishStatus="Online")
    soql = "SELECT toLabel(Language) spoken, COUNT(Id) n FROM Knowledge__kav GROUP BY ROLLUP(Language)"
    assert org.records(soql) == [{"spoken": "German", "n": 1}, {"spoken": None, "n": 1}]


def test_checkboxes_and_dates_keep_their_types(org: Org) -> None:
    org.add("Opportunity", Name="x", IsClosed=1, CloseDate="2024-01-02", Amount=3.0)
    soql = (
        "SELECT IsClosed, MIN(CloseDate), FORMAT(MIN(CloseDate)) shown, FORMAT(SUM(Amount))"
        " FROM Opportunity GROUP BY IsClosed"
    )
    assert org.rows(soql) == [(True, "2024-01-02", "1/2/2024", "$3.00")]


@pytest.mark.parametrize(
    ("soql", "code", "message"),
    [
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY", "Field must be grouped or aggregated: Name"),
        (
            "SELECT COUNT(Id) FROM Account GROUP BY Industry ORDER BY Name",
            "MALFORMED_QUERY",
            "Ordered field must be grouped or aggregated: Name",
        ),
        (
            "SELECT Description, COUNT(Id) FROM Account GROUP BY Description",
            "MALFORMED_QUERY",
            "field 'Description' can not be grouped in a query call",
        ),
        (
            "SELECT AnnualRevenue FROM Account GROUP BY AnnualRevenue",
            "MALFORMED_QUERY",
            "field 'AnnualRevenue' can not be grouped in a query call",
        ),
        ("SELECT SUM(Name) FROM Account", "MALFORMED_QUERY", "field Name does not support aggregate operator SUM"),
        (
            "SELECT COUNT(IsActive) FROM User",
            "MALFORMED_QUERY",
            "field IsActive does not support aggregate operator COUNT",
        ),
        (
            "SELECT MAX(Name) FROM Account LIMIT 1",
            "MALFORMED_QUERY",
            "Non-grouped query that uses overall aggregate functions cannot also use LIMIT",
        ),
        (
            "SELECT Account.Name, Owner.Name FROM Contact GROUP BY Account.Name, Owner.Name",
            "MALFORMED_QUERY",
            "duplicate alias: Name",
        ),
        (
            "SELECT CALENDAR_YEAR(CreatedDate), COUNT(Id) FROM Account GROUP BY CreatedDate",
            "MALFORMED_QUERY",
            "field 'CreatedDate' can not be grouped in a query call",
        ),
    ],
)
def test_refused(org: Org, soql: str, code: str, message: str) -> None:
    assert org.refusal(soql) == (code, message)


def test_more_groups_than_an_answer_holds_are_refused(org: Org) -> None:
    with org.store.transaction():
        for number in range(2_001):
            org.add("Account", Name=f"account {number}")
    code, message = org.refusal("SELECT Name, COUNT(Id) FROM Account GROUP BY Name")
    assert code == "EXCEEDED_ID_LIMIT"
    assert message.startswith("Aggregate query does not support queryMore()")
    assert len(org.rows("SELECT Name, COUNT(Id) FROM Account GROUP BY Name LIMIT 2000")) == 2_000
