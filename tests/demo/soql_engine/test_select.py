"""The SELECT list: values as the REST API prints them, functions, FIELDS(), order, range, scope."""

from __future__ import annotations

import orjson
import pytest

from tests.demo.soql_engine.conftest import NOW, Org


def test_values_are_printed_as_salesforce_prints_them(org: Org) -> None:
    org.add(
        "Opportunity",
        Name="deal",
        Amount=10.0,
        Probability=12.5,
        CloseDate="2024-05-31",
        IsClosed=0,
        CreatedDate="2024-01-02T03:04:05.000+0000",
    )
    org.add("Account", Name="a", NumberOfEmployees=7)
    answer = org.answer("SELECT Amount, Probability, CloseDate, IsClosed, CreatedDate, NextStep FROM Opportunity")
    printed = orjson.dumps(answer["records"][0]).decode()
    assert printed.endswith(
        '"Amount":10.0,"Probability":12.5,"CloseDate":"2024-05-31","IsClosed":false,'
        '"CreatedDate":"2024-01-02T03:04:05.000+0000","NextStep":null}'
    )
    assert orjson.dumps(org.records("SELECT NumberOfEmployees FROM Account")) == b'[{"NumberOfEmployees":7}]'


def test_records_have_attributes_and_keys_as_asked_in_the_org_s_spelling(org: Org) -> None:
    account = org.add("Account", Name="Acme", Phone="1")
    answer = org.answer("select phone, NAME, id from account", version="59.0")
    assert answer == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{account}"},
                "Phone": "1",
                "Name": "Acme",
                "Id": account,
            }
        ],
    }
    assert list(answer["records"][0]) == ["attributes", "Phone", "Name", "Id"]


def test_addresses_and_locations_are_objects(org: Org) -> None:
    org.add(
        "Account", Name="full", BillingStreet="1 Way", BillingCity="Paris", BillingLatitude=48.8, BillingLongitude=2.3
    )
    org.add("Account", Name="none")
    full, none = org.records("SELECT BillingAddress, BillingCity FROM Account")
    assert full["BillingAddress"] == {
        "city": "Paris",
        "country": None,
        "geocodeAccuracy": None,
        "latitude": 48.8,
        "longitude": 2.3,
        "postalCode": None,
        "state": None,
        "street": "1 Way",
    }
    assert none["BillingAddress"] is None
    org.add("Warehouse__c", Name="here", Location__Latitude__s=37.7, Location__Longitude__s=-122.4)
    org.add("Warehouse__c", Name="half", Location__Latitude__s=37.7)
    assert org.rows("SELECT Name, Location__c FROM Warehouse__c") == [
        ("here", {"latitude": 37.7, "longitude": -122.4}),
        ("half", None),
    ]
    assert org.rows("SELECT Location__latitude__s FROM Warehouse__c") == [(37.7,), (37.7,)]


def test_files_are_urls(org: Org) -> None:
    document = org.add("ContentDocument", Title="x")
    version = org.add("ContentVersion", Title="x", ContentDocumentId=document, VersionData=b"bytes")
    org.add("ContentVersion", Title="y", ContentDocumentId=document, VersionData=None)
    url = f"/services/data/v66.0/sobjects/ContentVersion/{version}/VersionData"
    assert org.column("SELECT VersionData FROM ContentVersion") == [url, None]


def test_links_of_files_are_found_by_what_they_link(org: Org) -> None:
    document = org.add("ContentDocument", Title="x")
    account = org.add("Account", Name="a")
    org.add("ContentDocumentLink", ContentDocumentId=document, LinkedEntityId=account)
    soql = "SELECT ContentDocument.Title, LinkedEntity.Type FROM ContentDocumentLink WHERE LinkedEntityId IN ('{}')"
    [link] = org.records(soql.format(account))
    assert (link["ContentDocument"]["Title"], link["LinkedEntity"]["Type"]) == ("x", "Account")
    [file] = org.records("SELECT (SELECT LinkedEntityId FROM ContentDocumentLinks) FROM ContentDocument")
    assert file["ContentDocumentLinks"]["totalSize"] == 1


def test_formulas_are_worked_out(org: Org) -> None:
    org.add("Merchandise__c", Name="pump", Price__c=2.0, Total_Inventory__c=3.0)
    soql = "SELECT Inventory_Value__c FROM Merchandise__c WHERE Inventory_Value__c > 5 ORDER BY Inventory_Value__c"
    assert org.column(soql) == [6.0]


class TestFunctions:
    def test_to_label(self, org: Org) -> None:
        org.add("Knowledge__kav", Title="x", Language="de", PublishStatus="Online")
        soql = "SELECT toLabel(PublishStatus), Language, toLabel(Language) spoken FROM Knowledge__kav"
        assert org.records(soql) == [{"PublishStatus": "Published", "Language": "de", "spoken": "German"}]
        found = "SELECT Title FROM Knowledge__kav WHERE toLabel(Language) {}"
        assert org.column(found.format("= 'german'")) == ["x"]
        assert org.column(found.format("= 'de'")) == []
        assert org.column(found.format("LIKE 'Ger%'")) == ["x"]
        assert org.column(found.format("IN ('French', 'German')")) == ["x"]

    def test_to_label_of_a_parent_s_field(self, org: Org) -> None:
        account = org.add("Account", Name="a", Industry="Banking")
        org.add("Contact", LastName="c", AccountId=account)
        [record] = org.records("SELECT toLabel(Account.Industry), Account.Name FROM Contact")
        assert (record["Account"]["Industry"], record["Account"]["Name"]) == ("Banking", "a")

    @pytest.mark.parametrize(
        ("locale", "shown"),
        [
            ("en_US", ("$1,234,567.80", "5/31/2024", "5/15/2024, 12:05 AM", "7.5%")),
            ("de_DE", ("1.234.567,80\u00a0$", "31.05.2024", "15.05.2024, 00:05", "7,5%")),
        ],
    )
    def test_format(self, org: Org, locale: str, shown: tuple[str, ...]) -> None:
        from dataclasses import replace

        org.add(
            "Opportunity",
            Name="x",
            Amount=1234567.8,
            CloseDate="2024-05-31",
            CreatedDate="2024-05-15T07:05:00.000+0000",
        )
        org.add("Warehouse__c", Name="x", Utilization__c=7.5)
        user = replace(org.ada, locale=locale)
        rows = org.rows("SELECT FORMAT(Amount), FORMAT(CloseDate) c, FORMAT(CreatedDate) d FROM Opportunity", user)
        assert rows == [shown[:3]]
        assert (
            org.column("SELECT FORMAT(Utilization__c) FROM Warehouse__c", user)[0].rstrip("%").rstrip("0") + "%"
            == shown[3]
        )

    def test_format_and_convert_currency_under_their_names(self, org: Org) -> None:
        org.add("Opportunity", Name="x", Amount=-5.0)
        soql = (
            "SELECT Amount, FORMAT(amount) Amt, convertCurrency(amount) conv, FORMAT(convertCurrency(amount)) both"
            " FROM Opportunity"
        )
        assert org.records(soql) == [{"Amount": -5.0, "Amt": "-$5.00", "conv": -5.0, "both": "-$5.00"}]
        assert org.records("SELECT convertCurrency(amount) FROM Opportunity") == [{"Amount": -5.0}]

    def test_distance(self, org: Org) -> None:
        """San Francisco to Los Angeles is 559 km along the great circle (347 miles)."""
        org.add("Warehouse__c", Name="la", Location__Latitude__s=34.0522, Location__Longitude__s=-118.2437)
        org.add("Warehouse__c", Name="sf", Location__Latitude__s=37.7749, Location__Longitude__s=-122.4194)
        org.add("Warehouse__c", Name="nowhere")
        here = "DISTANCE(Location__c, GEOLOCATION(37.7749, -122.4194), '{}')"
        rows = org.rows(f"SELECT Name, {here.format('km')} FROM Warehouse__c ORDER BY {here.format('mi')} NULLS LAST")
        assert [name for name, _ in rows] == ["sf", "la", "nowhere"]
        assert rows[0][1] == 0
        assert rows[1][1] == pytest.approx(559.1, abs=0.5)
        assert rows[2][1] is None
        assert list(org.records(f"SELECT {here.format('km')} FROM Warehouse__c")[0]) == ["expr0"]
        near = org.column(f"SELECT Name FROM Warehouse__c WHERE {here.format('mi')} < 300")
        far = org.column(f"SELECT Name FROM Warehouse__c WHERE {here.format('mi')} > 300")
        assert (near, far) == (["sf"], ["la"])

    @pytest.mark.parametrize(
        "expression",
        [
            "DISTANCE(GEOLOCATION(1, 2), Location__c, 'mi')",
            "DISTANCE(Location__c, GEOLOCATION(1, 2), 'feet')",
            "CALENDAR_YEAR(Name)",
            "convertTimezone(CreatedDate)",
            "HOUR_IN_DAY(CreatedDate)",
        ],
    )
    def test_misused(self, org: Org, expression: str) -> None:
        assert org.refusal(f"SELECT {expression} FROM Warehouse__c")[0] in ("MALFORMED_QUERY", "INVALID_FIELD")


class TestFields:
    def test_standard(self, org: Org) -> None:
        org.add("Merchandise__c", Name="pump", Price__c=1.0)
        [record] = org.records("SELECT FIELDS(STANDARD) FROM Merchandise__c")
        assert record["Name"] == "pump"
        assert {"Id", "OwnerId", "CreatedDate", "IsDeleted"} <= set(record)
        assert not any(key.endswith("__c") for key in record)

    def test_custom_with_others(self, org: Org) -> None:
        org.add("Merchandise__c", Name="pump", Price__c=1.0)
        [record] = org.records("SELECT Name, FIELDS(CUSTOM) FROM Merchandise__c LIMIT 200")
        assert next(iter(record)) == "Name"
        assert {"Price__c", "Colors__c", "Inventory_Value__c"} <= set(record)
        assert "OwnerId" not in record

    def test_all_of_few(self, org: Org) -> None:
        account = org.add("Account", Name="a")
        limited = org.records("SELECT FIELDS(ALL) FROM Account LIMIT 200")
        assert limited == org.records(f"SELECT FIELDS(ALL) FROM Account WHERE Id IN ('{account}')")
        assert "BillingAddress" in limited[0]
        [nested] = org.records("SELECT Name, (SELECT FIELDS(ALL) FROM Contacts LIMIT 200) FROM Account")
        assert nested == {"Name": "a", "Contacts": None}

    @pytest.mark.parametrize(
        ("soql", "code", "message"),
        [
            (
                "SELECT FIELDS(ALL) FROM Account",
                "MALFORMED_QUERY",
                "The SOQL FIELDS function must have a LIMIT of at most 200",
            ),
            (
                "SELECT FIELDS(CUSTOM) FROM Merchandise__c LIMIT 201",
                "MALFORMED_QUERY",
                "The SOQL FIELDS function must have a LIMIT of at most 200",
            ),
            ("SELECT Id, FIELDS(ALL) FROM User LIMIT 200", "INVALID_FIELD", "duplicate field selected: Id"),
            ("SELECT Name, Name FROM Account", "INVALID_FIELD", "duplicate field selected: Name"),
            (
                "SELECT Account.Name, Account.Name FROM Contact",
                "INVALID_FIELD",
                "duplicate field selected: Account.Name",
            ),
        ],
    )
    def test_refused(self, org: Org, soql: str, code: str, message: str) -> None:
        assert org.refusal(soql) == (code, message)


class TestOrder:
    @pytest.fixture
    def deals(self, org: Org) -> Org:
        for name, stage, amount in (
            ("b", "Closed Won", 5.0),
            ("A", "Prospecting", None),
            ("c", "Qualification", 5.0),
            ("D", "Prospecting", 1.0),
        ):
            org.add("Opportunity", Name=name, StageName=stage, Amount=amount)
        return org

    @pytest.mark.parametrize(
        ("order", "names"),
        [
            ("Name", "AbcD"),
            ("Name DESC", "DcbA"),
            ("Amount", "ADbc"),
            ("Amount DESC", "AbcD"),
            ("Amount NULLS LAST", "DbcA"),
            ("Amount DESC NULLS LAST", "bcDA"),
            ("Amount DESC NULLS LAST, Name DESC", "cbDA"),
            ("StageName, Name", "ADcb"),
            ("StageName DESC, Name DESC", "bcDA"),
            ("Owner.Name, Name", "AbcD"),
        ],
    )
    def test_order(self, deals: Org, order: str, names: str) -> None:
        assert "".join(deals.column(f"SELECT Name FROM Opportunity ORDER BY {order}")) == names

    def test_nulls_last_has_no_effect_on_a_lookup(self, org: Org) -> None:
        account = org.add("Account", Name="a")
        org.add("Contact", LastName="with", AccountId=account)
        org.add("Contact", LastName="without")
        assert org.column("SELECT LastName FROM Contact ORDER BY AccountId NULLS LAST") == ["without", "with"]

    def test_limit_and_offset(self, deals: Org) -> None:
        soql = "SELECT Name FROM Opportunity ORDER BY Name {}"
        assert deals.column(soql.format("LIMIT 2")) == ["A", "b"]
        assert deals.column(soql.format("LIMIT 2 OFFSET 1")) == ["b", "c"]
        assert deals.column(soql.format("OFFSET 3")) == ["D"]
        assert deals.column(soql.format("LIMIT 0")) == []
        answer = deals.answer(soql.format("OFFSET 1"))
        assert (answer["totalSize"], answer["done"]) == (3, True)

    def test_offset_has_a_maximum(self, org: Org) -> None:
        assert org.column("SELECT Name FROM Account OFFSET 2000") == []
        assert org.refusal("SELECT Name FROM Account OFFSET 2001") == (
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Maximum SOQL offset allowed is 2000",
        )

    @pytest.mark.parametrize("field", ["Description", "BillingAddress"])
    def test_what_can_t_be_sorted(self, org: Org, field: str) -> None:
        message = f"field '{field}' can not be sorted in a query call"
        assert org.refusal(f"SELECT Id FROM Account ORDER BY {field}") == ("MALFORMED_QUERY", message)


class TestScope:
    def test_mine_and_everything(self, org: Org) -> None:
        org.add("Account", Name="ada's")
        org.add("Account", Name="stan's", OwnerId=org.stan.id)
        assert org.column("SELECT Name FROM Account USING SCOPE mine") == ["ada's"]
        assert org.column("SELECT Name FROM Account USING SCOPE mine", org.stan) == ["stan's"]
        assert org.column("SELECT Name FROM Account USING SCOPE everything") == ["ada's", "stan's"]
        assert org.column("SELECT Name FROM Account USING SCOPE mine WHERE Name LIKE 'stan%'") == []

    def test_delegated(self, org: Org) -> None:
        org.add("Task", Subject="given away", OwnerId=org.stan.id)
        org.add("Task", Subject="kept")
        assert org.column("SELECT Subject FROM Task USING SCOPE delegated") == ["given away"]

    def test_most_recently_used(self, org: Org) -> None:
        org.add("Account", Name="seen")
        org.add("Account", Name="unseen")
        org.answer("SELECT Id FROM Account WHERE Name = 'seen' FOR VIEW")
        assert org.column("SELECT Name FROM Account USING SCOPE mru") == ["seen"]
        assert org.column("SELECT Name FROM Account USING SCOPE mru", org.stan) == []

    def test_unknown(self, org: Org) -> None:
        assert org.refusal("SELECT Id FROM Account USING SCOPE nonsense")[0] == "INVALID_QUERY_SCOPE"


def test_for_view_and_for_reference(org: Org) -> None:
    org.add("Account", Name="seen")
    org.add("Account", Name="met")
    org.answer("SELECT Id FROM Account WHERE Name = 'seen' FOR VIEW")
    org.answer("SELECT Id FROM Account WHERE Name = 'met' FOR REFERENCE")
    rows = org.rows("SELECT Name, LastViewedDate, LastReferencedDate FROM Account")
    assert [(name, viewed is None, met is None) for name, viewed, met in rows] == [
        ("seen", False, False),
        ("met", True, False),
    ]
    assert org.column("SELECT LastViewedDate FROM Account", org.stan) == [None, None]
    assert org.column("SELECT Name FROM Account FOR UPDATE") == ["seen", "met"]


def test_update_viewstat_counts_views(org: Org) -> None:
    org.add("Knowledge__kav", Title="seen", PublishStatus="Online", ArticleTotalViewCount=4)
    org.add("Knowledge__kav", Title="unseen", PublishStatus="Online", ArticleTotalViewCount=None)
    org.answer("SELECT Id FROM KnowledgeArticleVersion WHERE Title = 'seen' UPDATE VIEWSTAT")
    org.search("FIND {seen} RETURNING Knowledge__kav(Id) UPDATE TRACKING, VIEWSTAT")
    org.answer("SELECT Id FROM Knowledge__kav UPDATE TRACKING")
    assert org.rows("SELECT Title, ArticleTotalViewCount FROM Knowledge__kav") == [("seen", 6), ("unseen", None)]


def test_deleted_records_are_found_by_query_all(org: Org) -> None:
    org.add("Account", Name="here")
    org.add("Account", Name="gone", IsDeleted=1)
    assert org.rows("SELECT Name FROM Account WHERE IsDeleted = TRUE") == []
    assert org.rows("SELECT Name, IsDeleted FROM Account", include_deleted=True) == [("here", False), ("gone", True)]
    assert org.answer("SELECT COUNT() FROM Account", include_deleted=True)["totalSize"] == 2


class TestDataCategories:
    @pytest.mark.parametrize(
        ("filter_", "titles"),
        [
            ("Geography__c AT USA__c", ["usa"]),
            ("Geography__c AT (usa__c, france__c)", ["usa", "france"]),
            ("Geography__c ABOVE usa__c", ["usa", "america"]),
            ("Geography__c BELOW North_America__c", ["usa", "america"]),
            ("Geography__c ABOVE_OR_BELOW North_America__c", ["usa", "america"]),
            ("Geography__c BELOW Worldwide__c", ["usa", "america", "france"]),
            ("Geography__c AT usa__c AND Product__c BELOW Generators__c", ["usa"]),
            ("Geography__c AT france__c AND Product__c BELOW Generators__c", []),
        ],
    )
    def test_articles(self, org: Org, filter_: str, titles: list[str]) -> None:
        for title, category in (("usa", "USA"), ("america", "North_America"), ("france", "France")):
            article = org.add("Knowledge__kav", Title=title, PublishStatus="Online")
            self.file(org, article, "Geography", category)
            if title == "usa":
                self.file(org, article, "Product", "Gas_Generators")
        soql = f"SELECT Title FROM KnowledgeArticleVersion WHERE PublishStatus = 'online' WITH DATA CATEGORY {filter_}"
        assert org.column(soql) == titles

    @staticmethod
    def file(org: Org, article: str, group: str, category: str) -> None:
        values = {"DataCategoryGroupName": group, "DataCategoryName": category}
        org.add("Knowledge__DataCategorySelection", ParentId=article, **values)

    def test_unknown_category(self, org: Org) -> None:
        soql = (
            "SELECT Title FROM Knowledge__kav WHERE PublishStatus = 'Online' WITH DATA CATEGORY Geography__c AT moon__c"
        )
        assert org.refusal(soql)[0] == "INVALID_FIELD"


def test_now_of_the_tests_is_what_they_say() -> None:
    assert NOW.strftime("%A") == "Wednesday"
