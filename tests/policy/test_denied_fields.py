"""Attempts to get at a denied field or object, each by another way."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy import answers
from salesforce_mcp.policy.data import DataRules
from salesforce_mcp.policy.model import Policy
from salesforce_mcp.policy.view import View
from salesforce_mcp.salesforce import bulk2
from salesforce_mcp.salesforce.client import Client
from tests.policy.conftest import Desk

Sit = Callable[..., Desk]

POLICY = """
deny_fields = ["Contact.Email", "Account.AnnualRevenue", "*.Password__c"]
deny_objects = ["Lead"]
"""
CONTACT = "SELECT Id, LastName FROM Contact"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Email FROM Contact",
        "SELECT eMAIL FROM contact",
        "SELECT c.Email FROM Contact c",
        "SELECT Contact.Email FROM Contact",
        "SELECT Email harmless FROM Contact",
        "SELECT Id FROM Contact WHERE Email LIKE 'a%'",
        "SELECT Id FROM Contact WHERE (NOT Email = null) AND LastName != null",
        "SELECT Id FROM Contact ORDER BY Email",
        "SELECT COUNT(Email) FROM Contact",
        "SELECT COUNT_DISTINCT(Email) n FROM Contact",
        "SELECT MAX(Email) m FROM Contact",
        "SELECT Email, COUNT(Id) FROM Contact GROUP BY Email",
        "SELECT COUNT(Id) FROM Contact GROUP BY LastName HAVING MAX(Email) > 'a'",
        "SELECT FIELDS(ALL) FROM Contact LIMIT 5",
        "SELECT FIELDS(STANDARD) FROM Contact",
        "SELECT fields(all) FROM Contact LIMIT 5",
        "SELECT Contact.Email FROM Case",
        "SELECT k.Contact.Email FROM Case k",
        "SELECT c.Email FROM Case k, k.Contact c",
        "SELECT (SELECT Email FROM Contacts) FROM Account",
        "SELECT (SELECT Id FROM Contacts WHERE Email != null) FROM Account",
        "SELECT (SELECT FIELDS(ALL) FROM Contacts LIMIT 5) FROM Account LIMIT 1",
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email LIKE 'a%')",
        "SELECT Parent.AnnualRevenue FROM Account",
        "SELECT Account.Parent.AnnualRevenue FROM Contact",
        "SELECT FORMAT(AnnualRevenue) FROM Account",
        "SELECT convertCurrency(AnnualRevenue) FROM Account",
        "SELECT Id FROM Account WHERE AnnualRevenue > 1000",
        "SELECT Password__c FROM Account",
        "SELECT toLabel(Email) FROM Contact",
        "SELECT LastName, COUNT(Id) FROM Contact GROUP BY ROLLUP(LastName, Email)",
        "SELECT COUNT(Id) FROM Contact GROUP BY CUBE(Email, LastName)",
        "SELECT GROUPING(Email) g, COUNT(Id) FROM Contact GROUP BY ROLLUP(Email)",
        "SELECT COUNT(Id) FROM Contact GROUP BY LastName HAVING COUNT(Email) > 1",
        "SELECT AccountId FROM Contact GROUP BY AccountId ORDER BY MAX(Email)",
        "SELECT Id FROM Contact ORDER BY Account.AnnualRevenue NULLS LAST",
        "SELECT Id FROM Contact WHERE Account.AnnualRevenue > 5",
        "SELECT SUM(Account.AnnualRevenue) s FROM Contact",
        "SELECT Id, (SELECT Id FROM Contacts ORDER BY Email) FROM Account",
        "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact WHERE Email = null)",
        "SELECT FIELDS(CUSTOM) FROM Account LIMIT 5",
        "SELECT Id FROM Contact USING SCOPE mine WHERE Email IN ('a@example.com')",
        "SELECT Email FROM Contact FOR VIEW",
        "SELECT Id FROM Case WHERE Contact.Email LIKE 'a%' ORDER BY CreatedDate",
    ],
)
def test_a_query_that_names_it_is_refused(desk: Sit, soql: str) -> None:
    there = desk(POLICY)
    assert there.refused("query", soql=soql) == "FIELD_DENIED"
    assert there.refused("export_query", soql=soql) == "FIELD_DENIED"


def test_typeof_names_fields_too(desk: Sit) -> None:
    there = desk('deny_fields = ["Contact.Email"]')
    soql = "SELECT TYPEOF Who WHEN Contact THEN Email ELSE Name END FROM Event"
    assert there.refused("query", soql=soql) == "FIELD_DENIED"
    there.call("query", soql=soql.replace("Email", "Phone"))


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Lead",
        "SELECT COUNT() FROM LEAD",
        "SELECT Id FROM Contact WHERE Email__x IN (SELECT Email FROM Lead)",
        "SELECT TYPEOF Who WHEN Lead THEN Company END FROM Event",
        "SELECT Who.Name FROM Event",
        "SELECT Field FROM LeadHistory",
        "SELECT Body FROM LeadFeed",
        "SELECT (SELECT NewValue FROM Histories) FROM Lead",
    ],
)
def test_a_denied_object_is_refused(desk: Sit, soql: str) -> None:
    assert desk(POLICY).refused("query", soql=soql) == "OBJECT_DENIED"


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Id FROM Contact WHERE \uff25mail != null",  # a full-width E
        "SELECT Ema\u200bil FROM Contact",
        "SELECT Email\u0301 FROM Contact",
        "SELECT Em\u0430il FROM Contact",  # a Cyrillic a
        "SELECT Ema\u0131l FROM Contact",  # an i without a dot
        "SELECT Id FROM Contact WHERE Ema\u0131l != null",
        "SELECT Id FROM Ca\u017fe",  # a long s
        "SELECT (SELECT Id FROM Contact\u017f) FROM Account",
        "SELECT Email\u202e FROM Contact",
        "SELECT\u00a0Email FROM Contact",
        "SELECT Id FROM \uff23ontact",
        "SELECT a.Name, Account.AnnualRevenue FROM Contact c, c.Owner Account, c.Account a",
        "SELECT Account.AnnualRevenue FROM Contact Account",
        "SELECT Id, (SELECT Contact.Email FROM Cases Contact) FROM Account",
        "SELECT Nope.Name FROM Contact",
        "SELECT (SELECT Id FROM Nope) FROM Account",
        "SELECT Id FROM Contact; SELECT Email FROM Contact",
    ],
)
def test_what_is_not_understood_is_refused(desk: Sit, soql: str) -> None:
    assert desk(POLICY).refused("query", soql=soql) == "UNCHECKED"


def test_what_is_allowed_still_works(desk: Sit) -> None:
    there = desk(POLICY)
    assert there.call("query", soql=f"{CONTACT} LIMIT 3")["returned"] == 3
    soql = "SELECT Name, Owner.Name, (SELECT LastName FROM Contacts WHERE LastName LIKE 'A%') FROM Account LIMIT 3"
    assert there.call("query", soql=soql)["returned"] == 3
    assert there.call("query", soql="SELECT COUNT(Id) n FROM Contact GROUP BY LeadSource")["rows"]


def test_a_value_is_no_field(desk: Sit) -> None:
    soql = "SELECT Id FROM Contact WHERE LastName = 'Email' OR LastName = :n"
    assert desk(POLICY).call("query", soql=soql, bind={"n": "Email FROM Contact"})["total"] == 0


@pytest.mark.parametrize(
    ("sosl", "code"),
    [
        ("FIND {a*} RETURNING Contact(Email)", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(Id WHERE Email != null)", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(Id ORDER BY Email)", "FIELD_DENIED"),
        ("FIND {meridian.example} RETURNING Contact(Id)", "UNCHECKED"),
        ("FIND {meridian.example} IN EMAIL FIELDS RETURNING Contact(Id)", "UNCHECKED"),
        ("FIND {a*} IN NAME FIELDS RETURNING contact(eMAIL)", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(toLabel(Email))", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(Account.AnnualRevenue)", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(FIELDS(ALL) LIMIT 5)", "FIELD_DENIED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(Id USING ListView=Mine)", "UNCHECKED"),
        ("FIND {a*} IN SIDEBAR FIELDS RETURNING Contact(Id)", "UNCHECKED"),
        ("FIND {a*} IN NAME FIELDS RETURNING Contact(Id) WITH SNIPPET", "UNCHECKED"),
        ("FIND {a*} RETURNING Lead(Id)", "OBJECT_DENIED"),
        ("FIND {a*}", "UNCHECKED"),
    ],
)
def test_a_search_for_it_is_refused(desk: Sit, sosl: str, code: str) -> None:
    assert desk(POLICY).refused("search", sosl=sosl) == code


def test_searches_elsewhere_go_on(desk: Sit) -> None:
    there = desk(POLICY)
    there.call("search", sosl="FIND {Meridian} IN PHONE FIELDS RETURNING Contact(Id, LastName)")
    there.call("search", sosl="FIND {Meridian} RETURNING Account(Id, Name), Case(Id)")
    there.call("search_records", text="Meridian", objects=["Account"])
    assert there.refused("search_records", text="Meridian", objects=["Contact"]) == "FIELD_DENIED"
    assert there.refused("search_records", text="Meridian", objects=["Contact"], fields=["Id"]) == "UNCHECKED"


def test_a_record_is_stripped_of_it(desk: Sit) -> None:
    there = desk(POLICY)
    contact = there.call("query", soql=f"{CONTACT} LIMIT 1")["rows"][0][0]
    record = there.call("get_record", object="Contact", id=contact)
    assert "LastName" in record
    assert "Email" not in record
    assert there.refused("get_record", object="Contact", id=contact, fields=["Email"]) == "FIELD_DENIED"
    assert there.refused("get_record", object="contact", id=contact, fields="LastName, EMAIL") == "FIELD_DENIED"
    account = there.call("query", soql="SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact)")["rows"][0]
    related = there.call("get_related_records", object="Account", id=account[0], relationship="Contacts")
    assert "LastName" in related["columns"]
    assert "Email" not in related["columns"]
    fields = {"object": "Account", "id": account[0], "relationship": "Contacts", "fields": ["Email"]}
    assert there.refused("get_related_records", **fields) == "FIELD_DENIED"
    assert there.refused("get_changed_records", object="Lead", start="2026-01-01", end="2026-01-02") == "OBJECT_DENIED"


def test_it_is_not_written_either(desk: Sit) -> None:
    there = desk(POLICY)
    data = {"LastName": "Doe", "email": "doe@example.com"}
    contact = there.call("query", soql=f"{CONTACT} LIMIT 1")["rows"][0][0]
    assert there.refused("create_record", object="Contact", data=data) == "FIELD_DENIED"
    assert there.refused("update_record", object="Contact", id=contact, data=data) == "FIELD_DENIED"
    assert there.refused("create_records", object="Contact", records=[data]) == "FIELD_DENIED"
    assert there.refused("update_records", object="Contact", records=[{"Id": contact, **data}]) == "FIELD_DENIED"
    tree = [{"Name": "Acme", "Contacts": [data]}]
    assert there.refused("composite_tree", object="Account", records=tree) == "FIELD_DENIED"
    assert there.refused("create_record", object="Lead", data={"LastName": "Doe"}) == "OBJECT_DENIED"
    keyed = {"object": "Contact", "external_id_field": "Email", "external_id": "a@example.com", "data": {"Title": "x"}}
    assert there.refused("upsert_record", **keyed) == "FIELD_DENIED"


@pytest.mark.parametrize(
    ("method", "url", "body", "code"),
    [
        ("GET", "query?q=SELECT+Email+FROM+Contact", None, "FIELD_DENIED"),
        ("GET", "query?q=SELECT%20Em%61il%20FROM%20Contact", None, "FIELD_DENIED"),
        ("GET", "/services/data/v60.0/query?q=SELECT+Email+FROM+Contact", None, "FIELD_DENIED"),
        ("GET", "query?q=SELECT+Id+FROM+Contact&q=SELECT+Email+FROM+Contact", None, "UNCHECKED"),
        ("GET", "query?q=SELECT+Id+FROM+Contact+WHERE+LastName='@{a.records[0].LastName}'", None, "UNCHECKED"),
        ("GET", "queryAll?q=SELECT+Email+FROM+Contact", None, "FIELD_DENIED"),
        ("GET", "query/01g000000000001AAA-2000", None, "UNCHECKED"),
        ("GET", "search?q=FIND+{a*}+RETURNING+Contact(Email)", None, "FIELD_DENIED"),
        ("GET", "parameterizedSearch?q=a&sobject=Contact&Contact.fields=Email", None, "UNCHECKED"),
        ("GET", "sobjects/Contact/003000000000001AAA", None, "FIELD_DENIED"),
        ("GET", "sobjects/%43ontact/003000000000001AAA?fields=Id,Email", None, "FIELD_DENIED"),
        ("GET", "sobjects/Contact/003000000000001AAA?fields=", None, "UNCHECKED"),
        ("GET", "sobjects/Contact/003000000000001AAA?fields=Id,,", None, "UNCHECKED"),
        ("GET", "sobjects/Contact/003000000000001AAA?fields=%20", None, "UNCHECKED"),
        ("GET", "composite/sobjects/Contact?ids=003000000000001AAA&fields=,", None, "UNCHECKED"),
        ("POST", "composite/sobjects/Contact", {"ids": ["003000000000001AAA"], "fields": [""]}, "UNCHECKED"),
        ("GET", "sobjects/Case/500000000000001AAA/Contact?fields=Email", None, "FIELD_DENIED"),
        ("GET", "sobjects/Case/500000000000001AAA/Contact", None, "FIELD_DENIED"),
        ("GET", "sobjects/Contact/Email/a@example.com?fields=Id", None, "FIELD_DENIED"),
        ("GET", "sobjects/Contact/describe", None, "UNCHECKED"),
        ("GET", "sobjects/Contact/listviews/00B000000000001AAA/results", None, "UNCHECKED"),
        ("GET", "sobjects/Lead/00Q000000000001AAA?fields=Id", None, "OBJECT_DENIED"),
        ("GET", "composite/sobjects/Contact?ids=003000000000001AAA&fields=Email", None, "FIELD_DENIED"),
        ("POST", "sobjects/Contact", {"LastName": "x", "EMAIL": "a@example.com"}, "FIELD_DENIED"),
        ("PATCH", "sobjects/Contact/003000000000001AAA", {"Email": None}, "FIELD_DENIED"),
        ("POST", "composite/tree/Account", {"records": [{"Contacts": {"records": [{"Email": "a"}]}}]}, "FIELD_DENIED"),
        ("POST", "composite/sobjects", {"records": [{"attributes": {"type": "Lead"}}]}, "OBJECT_DENIED"),
        ("DELETE", "composite/sobjects?ids=00Q000000000001AAA", None, "OBJECT_DENIED"),
        ("GET", "tooling/query?q=SELECT+Id+FROM+ApexClass", None, "UNCHECKED"),
        ("GET", "ui-api/records/003000000000001AAA", None, "UNCHECKED"),
        ("GET", "chatter/feeds/news/me/feed-elements", None, "UNCHECKED"),
        ("GET", "recent", None, "UNCHECKED"),
    ],
)
def test_composite_parts_are_looked_into(desk: Sit, method: str, url: str, body: Any, code: str) -> None:
    there = desk(POLICY)
    part = {"method": method, "url": url, "body": body}
    assert there.refused("composite", requests=[{**part, "reference_id": "x"}]) == code
    assert there.refused("composite_batch", requests=[part]) == code
    graph = {"graph_id": "g", "requests": [{**part, "reference_id": "x"}]}
    assert there.refused("composite_graph", graphs=[graph]) == code


@pytest.mark.parametrize(
    ("method", "path", "more", "code"),
    [
        ("GET", "query", {"params": {"explain": "SELECT Id FROM Contact WHERE Email != null"}}, "FIELD_DENIED"),
        ("GET", "query", {"params": {"q": "SELECT Id FROM Contact", "explain": "00O000000000001"}}, "UNCHECKED"),
        ("GET", "query", {"params": {"explain": "00O000000000001AAA"}}, "UNCHECKED"),
        ("GET", "queryAll?q=SELECT+Email+FROM+Contact", {}, "FIELD_DENIED"),
        ("GET", "/services/data/v58.0/query?q=SELECT+Email+FROM+Contact", {}, "FIELD_DENIED"),
        ("GET", "sobjects/Contact/003000000000001AAA/Email", {}, "FIELD_DENIED"),
        (
            "GET",
            "sobjects/Contact/003000000000001AAA",
            {"params": {"fields": "Id,Account.AnnualRevenue"}},
            "FIELD_DENIED",
        ),
        ("GET", "sobjects/Contact/Email/a@example.com", {}, "FIELD_DENIED"),
        ("GET", "sobjects/Case/500000000000001AAA/Contact", {"params": {"fields": "EMAIL"}}, "FIELD_DENIED"),
        ("GET", "sobjects/Contact/listviews/00B000000000001AAA/results", {}, "UNCHECKED"),
        ("GET", "sobjects/Contact/listviews/00B000000000001AAA", {}, "UNCHECKED"),
        ("GET", "sobjects/Contact/describe/layouts", {}, "UNCHECKED"),
        ("GET", "sobjects/ContentVersion/068000000000001AAA/VersionData", {}, "UNCHECKED"),
        ("GET", "sobjects/%4Cead/00Q000000000001AAA", {}, "OBJECT_DENIED"),
        ("GET", "sobjects/%254Cead/00Q000000000001AAA", {}, "UNCHECKED"),
        ("GET", "sobjects//Lead/00Q000000000001AAA", {}, "UNCHECKED"),
        ("GET", "sobjects/Account/../Lead/00Q000000000001AAA", {}, "UNCHECKED"),
        ("GET", "sobjects/Account/%2e%2e/Lead", {}, "UNCHECKED"),
        ("GET", "sobjects/Account%2F..%2FLead", {}, "UNCHECKED"),
        ("GET", "sobjects/Lead;x/00Q000000000001AAA", {}, "UNCHECKED"),
        ("POST", "sobjects/Account/001000000000001AAA?_HttpMethod=PATCH", {"json": {"Name": "x"}}, "UNCHECKED"),
        (
            "POST",
            "composite/sobjects/Contact?fields=Id",
            {"json": {"ids": ["003000000000001AAA"], "fields": ["Email"]}},
            "FIELD_DENIED",
        ),
        ("PATCH", "composite/sobjects/Contact/Email", {"json": {"records": []}}, "FIELD_DENIED"),
        (
            "POST",
            "composite/sobjects",
            {"json": {"records": [{"attributes": {"type": "Contact"}, "Account": {"AnnualRevenue": 1}}]}},
            "FIELD_DENIED",
        ),
        (
            "POST",
            "jobs/query",
            {"json": {"operation": "queryAll", "query": "SELECT Email FROM Contact"}},
            "FIELD_DENIED",
        ),
        ("POST", "jobs/ingest", {"json": {"object": "Lead", "operation": "insert"}}, "OBJECT_DENIED"),
        (
            "POST",
            "jobs/ingest",
            {"json": {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Email"}},
            "FIELD_DENIED",
        ),
        ("POST", "parameterizedSearch", {"json": {"q": "a", "sobjects": [{"name": "Lead"}]}}, "OBJECT_DENIED"),
        (
            "POST",
            "parameterizedSearch",
            {"json": {"q": "a", "in": "NAME", "sobjects": [{"name": "Contact", "where": "Email != null"}]}},
            "FIELD_DENIED",
        ),
        (
            "POST",
            "parameterizedSearch",
            {"json": {"q": "a", "in": "NAME", "fields": ["Email"], "sobjects": [{"name": "Contact"}]}},
            "FIELD_DENIED",
        ),
        ("POST", "analytics/reports/query", {"json": {"reportMetadata": {}}}, "UNCHECKED"),
        ("POST", "analytics/reports", {"json": {"reportMetadata": {}}}, "UNCHECKED"),
        ("GET", "ui-api/records/003000000000001AAA", {}, "UNCHECKED"),
        (
            "POST",
            "graphql",
            {"json": {"query": "query { uiapi { query { Contact { edges { node { Id } } } } } }"}},
            "UNCHECKED",
        ),
        ("GET", "tooling/query", {"params": {"q": "SELECT Id FROM ApexClass"}}, "UNCHECKED"),
        ("GET", "/services/apexrest/mine", {}, "UNCHECKED"),
        ("GET", "/services/data/v66.0/chatter/users/me", {}, "UNCHECKED"),
    ],
)
def test_requests_of_any_kind(desk: Sit, method: str, path: str, more: dict[str, Any], code: str) -> None:
    with pytest.raises(PolicyError) as refusal:
        desk(POLICY).client.request(method, path, **more)
    assert refusal.value.code == code


def test_a_page_of_a_query_that_began_without_the_policy_is_refused(desk: Sit) -> None:
    free = desk().client
    for soql, fine in (
        ("SELECT Id, Email FROM Contact", False),
        ("SELECT Id, Contact.Email FROM Case", False),
        ("SELECT Id, LastName, Account.Name FROM Contact", True),
    ):
        url = free.query(soql, batch_size=200).next_url
        assert url
        there = desk(POLICY)
        if fine:
            assert there.client.next_page(url).records
        else:
            with pytest.raises(PolicyError, match="FIELD_DENIED"):
                there.client.next_page(url)


def test_a_page_is_looked_at_whole(desk: Sit) -> None:
    view = View(DataRules.of([Policy(deny_fields=["Contact.Email"])]), desk().client)
    account = {"attributes": {"type": "Account"}, "Id": "001000000000001AAA"}
    for field, fine in (("LastName", True), ("Email", False)):
        child = {"attributes": {"type": "Contact"}, field: "x"}
        families = [
            {**account, "Contacts": None},
            {**account, "Contacts": {"records": [{**child, field: None}, child]}},
        ]
        if fine:
            answers.page(view, {"records": families})
        else:
            with pytest.raises(PolicyError, match="FIELD_DENIED"):
                answers.page(view, {"records": families})


def test_formulas_show_nothing_of_it_on_whichever_object() -> None:
    formula = {"name": "Twice__c", "calculatedFormula": "Account . AnnualRevenue * 2"}
    describe = {
        "name": "Contact",
        "fields": [{"name": "Id"}, formula, {"name": "Same__c", "calculatedFormula": "Email"}],
    }
    rules = DataRules.of([Policy(deny_fields=["Account.AnnualRevenue"])])
    assert hidden_of(rules, describe) == {"twice__c"}
    rules = DataRules.of([Policy(deny_fields=["Contact.Email"])])
    assert hidden_of(rules, describe) == {"same__c"}


def hidden_of(rules: DataRules, describe: dict[str, Any]) -> frozenset[str]:
    class Told:
        def whole_describe(self, name: str) -> dict[str, Any]:
            return describe

    return View(rules, cast("Client", Told())).hidden(describe["name"])


def test_composite_parts_that_are_allowed_go_through(desk: Sit) -> None:
    requests = [
        {"method": "GET", "url": "query?q=SELECT+Id+FROM+Account+LIMIT+1", "reference_id": "a"},
        {"method": "GET", "url": "sobjects/Account/@{a.records[0].Id}?fields=Name", "reference_id": "b"},
    ]
    rows = desk(POLICY).call("composite", requests=requests)["rows"]
    assert [row[2] for row in rows] == [True, True]


def test_describes_do_not_show_it(desk: Sit) -> None:
    there = desk(POLICY)
    assert '"Email"' not in str(there.call("describe_object", object="Contact", detail="full")).replace("'", '"')
    names = [row[0] for row in there.call("list_objects", limit=2000)["rows"]]
    assert "Contact" in names
    assert "Lead" not in names
    assert there.refused("describe_object", object="lead") == "OBJECT_DENIED"
    with pytest.raises(PolicyError):
        there.client.describe("Lead")


def test_plain_names_hide_nothing(desk: Sit) -> None:
    there = desk(POLICY)
    assert "email" not in there.call("crm_list", resource="contact")["columns"]
    for arguments in ({"where": {"email": "a@example.com"}}, {"order_by": "email"}):
        assert there.refused("crm_list", resource="contact", **arguments) == "FIELD_DENIED"
    assert there.refused("crm_list", resource="lead") == "OBJECT_DENIED"


def test_compound_fields_and_formulas_show_nothing_of_it(desk: Sit) -> None:
    there = desk('deny_fields = ["Contact.MailingCity", "Contact.FirstName"]')
    assert there.refused("query", soql="SELECT MailingAddress FROM Contact") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT Name FROM Contact") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT Contact.Name FROM Case") == "FIELD_DENIED"
    near = "DISTANCE(MailingAddress, GEOLOCATION(37.7, -122.4), 'mi') < 20"
    assert there.refused("query", soql=f"SELECT Id FROM Contact WHERE {near}") == "FIELD_DENIED"


@pytest.mark.parametrize(
    ("policy", "soql"),
    [
        ('deny_fields = ["Contact.Email"]', "SELECT ContactEmail FROM Case"),
        ('deny_fields = ["*.Email"]', "SELECT Id FROM Case WHERE ContactEmail != null"),
        ('deny_fields = ["Contact.MobilePhone"]', "SELECT (SELECT ContactMobile FROM Cases) FROM Account"),
        ('deny_fields = ["Lead.Email"]', "SELECT Email FROM CampaignMember"),
        ('deny_fields = ["Contact.MailingCity"]', "SELECT City FROM CampaignMember"),
        ('deny_fields = ["Contact.Email"]', "SELECT PersonEmail FROM Account"),
        ('deny_fields = ["Contact.SSN__c"]', "SELECT SSN__pc FROM Account"),
    ],
)
def test_fields_that_show_another_records_field(desk: Sit, policy: str, soql: str) -> None:
    there = desk(policy)
    assert there.refused("query", soql=soql) == "FIELD_DENIED"
    case = there.call("query", soql="SELECT Id FROM Case WHERE ContactId != null LIMIT 1")["rows"][0][0]
    shown = there.call("get_record", object="Case", id=case)
    assert ("ContactEmail" in shown) == ("Email" not in policy or "Lead" in policy)


@pytest.mark.parametrize(
    ("policy", "soql"),
    [
        ('deny_fields = ["Contact.Email"]', "SELECT Email FROM RecentlyViewed"),
        ('deny_objects = ["Lead"]', "SELECT Id FROM RecentlyViewed WHERE Name LIKE 'A%'"),
        ('deny_fields = ["Task.Description"]', "SELECT (SELECT Description FROM ActivityHistories) FROM Account"),
        ('deny_fields = ["Event.Subject"]', "SELECT (SELECT Subject FROM OpenActivities) FROM Account"),
        ('allow_fields = ["Task.Subject"]', "SELECT (SELECT Description FROM OpenActivities) FROM Account"),
        ('deny_fields = ["Knowledge__kav.Summary"]', "SELECT Summary FROM KnowledgeArticleVersion"),
        ('deny_fields = ["KnowledgeArticleVersion.Summary"]', "SELECT Summary FROM Knowledge__kav"),
        ('allow_fields = ["Knowledge__kav.Title"]', "SELECT Id FROM KnowledgeArticleVersion WHERE Summary != null"),
        ('deny_fields = ["Opportunity.Amount"]', "SELECT PrevAmount FROM OpportunityHistory"),
        ('deny_fields = ["Opportunity.Amount"]', "SELECT SUM(ExpectedRevenue) FROM Opportunity"),
        ('allow_fields = ["Contact.LastName"]', "SELECT ContactEmail FROM Case"),
        ('deny_fields = ["Contact.LastName"]', "SELECT LastName FROM Account"),
        ('deny_fields = ["Account.PersonEmail"]', "SELECT Email FROM Contact"),
        ('deny_fields = ["Account.SSN__pc"]', "SELECT SSN__c FROM Contact"),
    ],
)
def test_the_same_value_under_another_name(desk: Sit, policy: str, soql: str) -> None:
    assert desk(policy).refused("query", soql=soql) == "FIELD_DENIED"


def test_articles_have_several_names(desk: Sit) -> None:
    for denied, other in (("Knowledge__kav", "KnowledgeArticleVersion"), ("KnowledgeArticleVersion", "Knowledge__kav")):
        there = desk(f'deny_objects = ["{denied}"]')
        assert there.refused("query", soql=f"SELECT Id FROM {other}") == "OBJECT_DENIED"


@pytest.mark.parametrize("name", ["EntityDefinition", "FieldDefinition", "PicklistValueInfo"])
def test_the_catalogue_of_fields_tells_of_hidden_ones(desk: Sit, name: str) -> None:
    assert desk(POLICY).refused("query", soql=f"SELECT DurableId FROM {name}") == "UNCHECKED"


def test_a_denied_object_shows_in_no_other(desk: Sit) -> None:
    there = desk('deny_objects = ["Contact", "Copilot_Interaction__c"]')
    assert there.refused("query", soql="SELECT ContactEmail FROM Case") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT City FROM CampaignMember") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT NewValue FROM Copilot_Interaction__History") == "OBJECT_DENIED"
    assert desk('allow_objects = ["Case"]').refused("query", soql="SELECT ContactPhone FROM Case") == "FIELD_DENIED"


def test_a_reference_that_is_denied_leads_nowhere(desk: Sit) -> None:
    there = desk('deny_fields = ["Case.ContactId"]')
    assert there.refused("query", soql="SELECT Contact.LastName FROM Case") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT (SELECT Id FROM Cases) FROM Contact") == "FIELD_DENIED"


def test_only_what_is_allowed(desk: Sit) -> None:
    there = desk('allow_objects = ["Case", "Contact"]\nallow_fields = ["Contact.LastName"]')
    assert there.call("query", soql="SELECT Id, LastName FROM Contact LIMIT 1")["returned"] == 1
    assert there.call("query", soql="SELECT Subject FROM Case LIMIT 1")["returned"] == 1
    assert there.refused("query", soql="SELECT Title FROM Contact") == "FIELD_DENIED"
    assert there.refused("query", soql="SELECT Account.Name FROM Case") == "OBJECT_DENIED"
    contact = there.call("query", soql="SELECT Id FROM Contact LIMIT 1")["rows"][0][0]
    assert set(there.call("get_record", object="Contact", id=contact)) == {"Id", "LastName", "notes"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_chatter_feed", {"feed_type": "news"}),
        ("list_synonym_groups", {}),
        ("tooling_query", {"soql": "SELECT Id FROM ApexClass"}),
        ("list_actions", {}),
    ],
)
def test_tools_that_cannot_be_checked_are_refused_unless_named(desk: Sit, tool: str, arguments: dict[str, Any]) -> None:
    assert desk(POLICY).refused(tool, **arguments) == "UNCHECKED"
    desk(f'{POLICY}\nunchecked_tools = ["{tool}"]').call(tool, **arguments)


@pytest.mark.parametrize(
    ("policy", "soql"),
    [
        ('deny_fields = ["Case.Priority"]', "SELECT Field, NewValue FROM CaseHistory"),
        ('deny_fields = ["Case.Priority"]', "SELECT Id FROM CaseHistory WHERE OldValue = null"),
        ('deny_fields = ["Case.Priority"]', "SELECT (SELECT NewValue FROM Histories) FROM Case"),
        ('allow_fields = ["Case.Subject"]', "SELECT NewValue FROM CaseHistory"),
        ('deny_fields = ["Opportunity.Amount"]', "SELECT Amount FROM OpportunityHistory"),
        ('deny_fields = ["Opportunity.Amount"]', "SELECT NewValue FROM OpportunityFieldHistory"),
        ('deny_fields = ["Copilot_Interaction__c.Cost__c"]', "SELECT NewValue FROM Copilot_Interaction__History"),
        ('deny_fields = ["Contact.Email"]', "SELECT NewValue FROM FeedTrackedChange"),
    ],
)
def test_the_history_of_a_denied_field_is_denied(desk: Sit, policy: str, soql: str) -> None:
    there = desk(policy)
    assert there.refused("query", soql=soql) in ("FIELD_DENIED", "UNCHECKED")
    other = desk('deny_fields = ["Contact.Email"]')
    other.call("query", soql="SELECT Field, NewValue FROM CaseHistory LIMIT 1")


def test_a_timeline_leaves_out_what_is_denied(desk: Sit) -> None:
    case = desk().call("query", soql="SELECT ParentId FROM CaseComment LIMIT 1")["rows"][0][0]
    policy = 'allow_objects = ["Case", "CaseComment", "User", "Contact"]\ndeny_fields = ["Case.Priority"]'
    found = desk(policy).call("get_case_timeline", case_id=case)
    assert {row[1] for row in found["rows"]} == {"comment"}
    assert any("Left out: history" in note for note in found["notes"])
    assert any("Left out: feed (OBJECT_DENIED" in note for note in found["notes"])


def test_articles_are_read_where_none_of_them_is_limited(desk: Sit) -> None:
    suggest = {"q": "pump", "language": "en_US"}
    desk(POLICY.replace('"*.Password__c"', '"Account.Name"')).call("search_suggestions", **suggest)
    for policy in ('deny_fields = ["Contact.Email"]', 'allow_objects = ["KnowledgeArticleVersion"]'):
        desk(policy).call("list_knowledge_articles")
    for policy in (
        'deny_fields = ["Knowledge__kav.Summary"]',
        'deny_fields = ["*.Summary"]',
        'allow_objects = ["Case", "Knowledge__kav"]',
    ):
        assert desk(policy).refused("list_knowledge_articles") == "UNCHECKED"


def test_an_email_is_sent_that_merges_nothing(desk: Sit) -> None:
    there = desk(POLICY)
    case = there.call("query", soql="SELECT Id FROM Case LIMIT 1")["rows"][0][0]
    there.call("send_case_email", case_id=case, to_address="a@example.com", subject="s", body="b")
    given = {"emailAddresses": "a@example.com", "emailTemplateId": "00X000000000001", "targetRecordId": case}
    assert there.refused("run_action", action="standard/emailSimple", inputs=[given]) == "UNCHECKED"


def test_a_tool_that_is_named_still_gets_no_denied_field(desk: Sit) -> None:
    there = desk(f'{POLICY}\nunchecked_tools = ["*"]')
    assert there.refused("query", soql="SELECT Email FROM Contact") == "FIELD_DENIED"


def test_files_that_are_loaded_have_no_such_column(desk: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_IMPORT_DIR", str(tmp_path))
    (tmp_path / "rows.csv").write_text("LastName,Email\nDoe,doe@example.com\n", encoding="utf-8")
    (tmp_path / "fine.csv").write_text("LastName\nDoe\n", encoding="utf-8")
    there = desk('deny_fields = ["Contact.Email"]')
    job = {"object": "Contact", "operation": "insert"}
    with pytest.raises(SfmcpError, match="Email"):
        there.call("bulk_ingest", **job, file="rows.csv")
    done = there.call("bulk_ingest", **job, file="fine.csv")
    assert done["successful"] == 1


def test_the_results_of_another_process_lack_its_column(
    desk: Sit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMCP_IMPORT_DIR", str(tmp_path))
    (tmp_path / "rows.csv").write_text(
        'LastName;Email;Description\n"Doe";doe@example.com;"two\nlines; ""quoted"""\n;no@example.com;x\n',
        encoding="utf-8",
    )
    job = desk().call("bulk_ingest", object="Contact", operation="insert", file="rows.csv")["jobs"][0]
    there = desk('deny_fields = ["Contact.Email"]')
    found = there.call("bulk_job_results", job_id=job)
    assert (found["processed"], found["failed"]) == (2, 1)
    for kind in ("successful", "failed", "unprocessed"):
        text = Path(found[f"{kind}_file"]).read_text(encoding="utf-8")
        assert "example.com" not in text
        assert "Email" not in text.split("\n")[0]
    with Path(found["successful_file"]).open(encoding="utf-8", newline="") as rows:
        (row,) = csv.DictReader(rows, delimiter=";")
    assert (row["LastName"], row["Description"]) == ("Doe", 'two\nlines; "quoted"')
    with pytest.raises(PolicyError, match="FIELD_DENIED"):
        there.client.request("GET", f"jobs/ingest/{job}/successfulResults")
    assert desk('deny_objects = ["Contact"]').refused("bulk_job_results", job_id=job) == "OBJECT_DENIED"


@pytest.mark.parametrize(
    ("soql", "fine"),
    [
        ("SELECT Id, LastName, Account.Name FROM Contact LIMIT 5", True),
        ("SELECT Id, Email FROM Contact LIMIT 5", False),
        ("SELECT Id, Account.AnnualRevenue FROM Contact LIMIT 5", False),
    ],
)
def test_a_bulk_query_that_another_process_began_is_looked_at(desk: Sit, soql: str, fine: bool) -> None:
    free = desk().client
    job = bulk2.wait(free, bulk2.create(free, soql), lambda rows: None)
    there = desk(POLICY).client
    if fine:
        with bulk2.results(there, job, None) as part:
            assert b"".join(part[2]).count(b"\n") == 6
    else:
        with pytest.raises(PolicyError, match="FIELD_DENIED"), bulk2.results(there, job, None) as part:
            b"".join(part[2])
    with pytest.raises(PolicyError, match="UNCHECKED"):
        there.request("GET", f"{job.path}/results")


def test_who_am_i_obeys(desk: Sit) -> None:
    assert desk().call("get_user_info")["email"]
    found = desk('deny_fields = ["User.Email", "User.Username"]').call("get_user_info")
    assert found["user_id"]
    assert found["name"]
    assert not {"email", "username"} & {name for name, value in found.items() if value}
    found = desk('deny_fields = ["User.LastName"]').call("get_user_info")
    assert not found["name"]
    found = desk('allow_objects = ["Case"]').call("get_user_info")
    assert {name for name in ("user_id", "name", "email", "time_zone", "org_name") if found[name]} == {"user_id"}
