"""SOSL: which records a search finds, and what it answers."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.demo.errors import ApiError
from tests.demo.soql_engine.conftest import Org, plain


@pytest.fixture
def people(org: Org) -> Org:
    acme = org.add(
        "Account", Name="Acme Power", Website="www.acme.example", Phone="(415) 555-0100", Description="Old firm"
    )
    org.add("Account", Name="Acmeville Town Hall", Description="Buys from Acme")
    org.add(
        "Contact",
        FirstName="John",
        LastName="Smith",
        Email="john.smith@acme.example",
        Phone="415-555-0199",
        AccountId=acme,
    )
    org.add("Contact", FirstName="Joan", LastName="Smithers", Email="joan@other.example")
    org.add("Lead", FirstName="Smith", LastName="John", Company="O'Neil & Sons", Email="j@x.example")
    org.add("Case", Subject="Why not?", CaseNumber="00001001", Description="Generator won't start")
    return org


@pytest.mark.parametrize(
    ("query", "names"),
    [
        # Words are matched whole and without regard to case
        ("acme", ["Acme Power", "Acmeville Town Hall"]),
        ("ACMEVILLE", ["Acmeville Town Hall"]),
        ("Acm", []),
        # Wildcards
        ("acm*", ["Acme Power", "Acmeville Town Hall"]),
        ("acm?", ["Acme Power", "Acmeville Town Hall"]),
        ("acm?ville", ["Acmeville Town Hall"]),
        ("t*n", ["Acmeville Town Hall"]),
        # Several words need not stand together, a phrase does
        ("power acme", ["Acme Power"]),
        ('"acme power"', ["Acme Power"]),
        ('"power acme"', []),
        ('"town hall"', ["Acmeville Town Hall"]),
        # Operators
        ("power OR town", ["Acme Power", "Acmeville Town Hall"]),
        ("acme AND firm", ["Acme Power"]),
        ("acme AND NOT firm", ["Acmeville Town Hall"]),
        ("(power OR hall) AND buys", ["Acmeville Town Hall"]),
        # Punctuation parts words
        ("www.acme.example", ["Acme Power"]),
        ("555-0100", ["Acme Power"]),
    ],
)
def test_what_is_found(people: Org, query: str, names: list[str]) -> None:
    assert people.found(f"FIND {{{query}}} RETURNING Account(Name)") == names


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("john.smith@acme.example", ["John Smith"]),
        ('"john smith"', ["John Smith"]),
        ("o'neil", []),
        ("smith*", ["John Smith", "Joan Smithers"]),
    ],
)
def test_what_is_found_of_people(people: Org, query: str, names: list[str]) -> None:
    assert people.found(f"FIND {{{query}}} RETURNING Contact(Name)") == names


def test_signs_are_found_escaped_or_not(people: Org) -> None:
    assert people.found("FIND {Why not\\?} RETURNING Case(Subject)") == ["Why not?"]
    assert people.found("FIND {O\\'Neil} RETURNING Lead(Company)") == ["O'Neil & Sons"]
    assert people.found("FIND {won't} RETURNING Case(Subject)") == ["Why not?"]


def test_letters_beyond_ascii(org: Org) -> None:
    org.add("Account", Name="Öl & Gas Müller")
    assert org.found("FIND {müller} RETURNING Account(Name)") == ["Öl & Gas Müller"]
    assert org.found("FIND {ÖL} RETURNING Account(Name)") == ["Öl & Gas Müller"]
    assert org.found("FIND {mull*} RETURNING Account(Name)") == []


@pytest.mark.parametrize(
    ("group", "query", "names"),
    [
        ("ALL", "acme", ["John Smith"]),
        ("NAME", "acme", []),
        ("NAME", "john", ["John Smith"]),
        ("EMAIL", "acme", ["John Smith"]),
        ("EMAIL", "john", ["John Smith"]),
        ("PHONE", "0199", ["John Smith"]),
        ("PHONE", "john", []),
        ("SIDEBAR", "smithers", ["Joan Smithers"]),
    ],
)
def test_search_groups(people: Org, group: str, query: str, names: list[str]) -> None:
    assert people.found(f"FIND {{{query}}} IN {group} FIELDS RETURNING Contact(Name)") == names


def test_returning_several_objects_in_their_order(people: Org) -> None:
    answer = people.search("FIND {john} RETURNING Lead(Company), Contact(Id, Name, Account.Name), Account")
    types = [record["attributes"]["type"] for record in answer["searchRecords"]]
    assert types == ["Lead", "Contact"]
    contact = answer["searchRecords"][1]
    assert list(contact) == ["attributes", "Id", "Name", "Account"]
    assert contact["Account"]["Name"] == "Acme Power"


def test_without_returning_every_searchable_object_gives_ids(people: Org) -> None:
    people.add("Knowledge__kav", Title="Acme manual", PublishStatus="Online", Language="en_US")
    people.add("Product2", Name="Acme pump")
    records = people.search("FIND {acme}")["searchRecords"]
    assert [record["attributes"]["type"] for record in records] == ["Account", "Account", "Contact"]
    assert all(list(record) == ["attributes", "Id"] for record in records)
    assert people.found("FIND {acme} RETURNING Knowledge__kav(Title), Product2(Name)") == ["Acme manual", "Acme pump"]


def test_where_order_limit_and_offset(people: Org) -> None:
    for number in range(5):
        people.add("Account", Name=f"Wind {number}", NumberOfEmployees=number)
    assert people.found("FIND {wind} RETURNING Account(Name WHERE NumberOfEmployees > 2 ORDER BY Name DESC)") == [
        "Wind 4",
        "Wind 3",
    ]
    assert people.found("FIND {wind} RETURNING Account(Name ORDER BY Name LIMIT 2 OFFSET 1)") == ["Wind 1", "Wind 2"]
    assert people.found("FIND {wind} RETURNING Account(Name WHERE CreatedDate = LAST_N_DAYS:1)") == []
    assert people.found("FIND {wind} RETURNING Account(Name LIMIT 0)") == []


def test_a_limit_of_the_whole_is_shared(org: Org) -> None:
    for number in range(19):
        org.add("Account", Name=f"wind {number}")
    for number in range(35):
        org.add("Contact", LastName=f"wind {number}")
    records = org.search("FIND {wind} RETURNING Account(Id), Contact LIMIT 20")["searchRecords"]
    types = [record["attributes"]["type"] for record in records]
    assert (types.count("Account"), types.count("Contact")) == (10, 10)
    records = org.search("FIND {wind} RETURNING Account(Id LIMIT 3), Contact LIMIT 20")["searchRecords"]
    types = [record["attributes"]["type"] for record in records]
    assert (types.count("Account"), types.count("Contact")) == (3, 17)


def test_one_object_gives_250_results_unless_they_are_filtered_or_ordered(org: Org) -> None:
    with org.store.transaction():
        for number in range(300):
            org.add("Account", Name=f"wind {number}")
    assert len(org.found("FIND {wind} RETURNING Account(Id)")) == 250
    assert len(org.found("FIND {wind} RETURNING Account(Id ORDER BY Name)")) == 300


def test_matching_names_come_first(org: Org) -> None:
    org.add("Account", Name="other", Description="about wind")
    org.add("Account", Name="wind power")
    assert org.found("FIND {wind} RETURNING Account(Name)") == ["wind power", "other"]


def test_any_word_will_do_for_articles(org: Org) -> None:
    org.add("Knowledge__kav", Title="Reset the panel", PublishStatus="Online", Language="en_US")
    org.add("Knowledge__kav", Title="Replace a filter", PublishStatus="Online", Language="en_US")
    found = "FIND {%s} RETURNING Knowledge__kav(Title WHERE PublishStatus = 'Online' AND Language = 'en_US')"
    assert org.found(found % "reset filter") == ["Reset the panel", "Replace a filter"]
    assert org.found(found % '"reset the"') == ["Reset the panel"]
    assert org.found(found % "reset AND filter") == []
    assert org.found(found % "reset AND panel") == ["Reset the panel"]


def test_synonyms_find_articles_and_cases(org: Org) -> None:
    """The org's dictionaries say that a genset is a generator, and an ATS a transfer switch."""
    org.add("Knowledge__kav", Title="Care for your generator", PublishStatus="Online", Language="en_US")
    org.add("Case", Subject="Transfer switch stuck")
    org.add("Account", Name="Generator Shop")
    returning = "RETURNING Knowledge__kav(Title), Case(Subject), Account(Name)"
    assert org.found(f"FIND {{genset}} {returning}") == ["Care for your generator"]
    assert org.found(f"FIND {{generating set}} {returning}") == ["Care for your generator"]
    assert org.found(f"FIND {{ATS}} {returning}") == ["Transfer switch stuck"]
    assert org.found(f"FIND {{stuck AND ats}} {returning}") == ["Transfer switch stuck"]
    assert org.found(f"FIND {{gens*}} {returning}") == []


def test_deleted_and_private_records_are_not_found(org: Org) -> None:
    org.add("Account", Name="wind", IsDeleted=1)
    org.add("Expense_Report__c", Name="EXP-1", Purpose__c="wind")
    org.add("Account", Name="calm", Sic="wind")
    assert org.found("FIND {wind} RETURNING Account(Name), Expense_Report__c(Name)") == ["calm", "EXP-1"]
    assert org.found("FIND {wind} RETURNING Account(Name), Expense_Report__c(Name)", org.stan) == []


def test_highlights_and_snippets(org: Org) -> None:
    org.add("Account", Name="Wind Power", Description="Makes wind & sun power")
    [record] = org.search("FIND {wind} RETURNING Account(Name, Description) WITH HIGHLIGHT")["searchRecords"]
    assert plain(record) == {
        "Name": "Wind Power",
        "Description": "Makes wind & sun power",
        "highlight.Name": "<mark>Wind</mark> Power",
        "highlight.Description": "Makes <mark>wind</mark> & sun power",
    }
    [record] = org.search("FIND {wind*} RETURNING Account(Name) WITH HIGHLIGHT")["searchRecords"]
    assert plain(record) == {"Name": "Wind Power"}
    org.add("Case", Subject="x", Description="<b>A long story</b> about wind. " + "And more. " * 100)
    [case] = org.search("FIND {wind} RETURNING Case(Subject) WITH SNIPPET (target_length=60)")["searchRecords"]
    assert "<mark>wind</mark>" in case["snippet.text"]
    assert len(case["snippet.text"]) < 120


def test_metadata(org: Org) -> None:
    org.add("Account", Name="Wind")
    answer = org.search("FIND {wind} RETURNING Account(Id, Name) WITH METADATA = 'LABELS'")
    labels = [{"name": "Id", "label": "Account ID"}, {"name": "Name", "label": "Account Name"}]
    assert answer["metadata"] == {"entityetadata": [{"entityName": "Account", "fieldMetadata": labels}]}


def test_products_of_a_price_book(org: Org) -> None:
    book = org.add("Pricebook2", Name="Partners")
    cheap = org.add("Product2", Name="wind cheap")
    org.add("Product2", Name="wind dear")
    org.add("PricebookEntry", Pricebook2Id=book, Product2Id=cheap)
    assert org.found(f"FIND {{wind}} RETURNING Product2(Name) WITH PricebookId = '{book}'") == ["wind cheap"]


def test_recent_list_view(org: Org) -> None:
    org.add("Account", Name="wind seen")
    org.add("Account", Name="wind unseen")
    org.answer("SELECT Id FROM Account WHERE Name = 'wind seen' FOR VIEW")
    assert org.found("FIND {wind} RETURNING Account(Name USING ListView=Recent)") == ["wind seen"]


def test_data_categories_filter_articles(org: Org) -> None:
    for title, category in (("wind usa", "USA"), ("wind france", "France")):
        article = org.add("Knowledge__kav", Title=title, PublishStatus="Online")
        values = {"DataCategoryGroupName": "Geography", "DataCategoryName": category}
        org.add("Knowledge__DataCategorySelection", ParentId=article, **values)
    online = "FIND {wind} RETURNING Knowledge__kav(Title WHERE PublishStatus = 'Online')"
    assert org.found(f"{online} WITH DATA CATEGORY Geography__c BELOW Europe__c") == ["wind france"]


def test_older_versions_answer_a_bare_array(people: Org) -> None:
    found: Any = people.search("FIND {acme} RETURNING Account(Name)", version="36.0")
    assert [record["Name"] for record in found] == ["Acme Power", "Acmeville Town Hall"]
    assert people.search("FIND {nobody} RETURNING Account", version="37.0") == {"searchRecords": []}


@pytest.mark.parametrize(
    ("sosl", "code", "message"),
    [
        (
            "FIND acme",
            "MALFORMED_SEARCH",
            "No search term found. The search term must be enclosed in braces.",
        ),
        ("FIND {a}", "INVALID_SEARCH", "search term must be longer than one character: a"),
        ("FIND {acme} RETURNING FooBar", "INVALID_TYPE", "sObject type 'FooBar' is not supported."),
        ("FIND {acme} RETURNING Contact(fooBar)", "INVALID_FIELD", "No such column 'fooBar' on entity 'Contact'."),
        ("FIND {acme} RETURNING RecordType", "INVALID_TYPE_FOR_OPERATION", "entity type RecordType does not support"),
        ("FIND {acme} RETURNING Account(WHERE Name = 'x')", "MALFORMED_SEARCH", "unexpected token: 'WHERE'"),
        ('FIND {"john smith}', "MALFORMED_SEARCH", ""),
    ],
)
def test_refused(org: Org, sosl: str, code: str, message: str) -> None:
    with pytest.raises(ApiError) as caught:
        org.search(sosl)
    assert (caught.value.status, caught.value.code) == (400, code)
    assert caught.value.message.rpartition("\n")[2].startswith(message)
