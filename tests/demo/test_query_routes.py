"""The query and search resources over HTTP, on the seeded org."""

from __future__ import annotations

import pytest

from tests.demo.conftest import Web


def test_query(web: Web) -> None:
    response = web.get("/v/query", params={"q": "SELECT Id, Name FROM Account ORDER BY Name LIMIT 2"})
    body = response.json()
    assert response.status_code == 200
    assert (body["totalSize"], body["done"], len(body["records"])) == (2, True, 2)
    assert list(body["records"][0]) == ["attributes", "Id", "Name"]
    assert (
        body["records"][0]["attributes"]["url"] == f"/services/data/v66.0/sobjects/Account/{body['records'][0]['Id']}"
    )


def test_a_trailing_slash_makes_no_difference(web: Web) -> None:
    assert web.get("/v/query/", params={"q": "SELECT Id FROM Account LIMIT 1"}).json()["totalSize"] == 1


def test_pages(web: Web) -> None:
    headers = {"Sforce-Query-Options": "batchSize=200"}
    soql = {"q": "SELECT Id FROM Case"}
    page = web.get("/v/query", params=soql, headers=headers).json()
    total, ids = page["totalSize"], [record["Id"] for record in page["records"]]
    assert len(ids) == 200
    assert total >= 1_000
    while not page["done"]:
        page = web.get(page["nextRecordsUrl"]).json()
        assert page["totalSize"] == total
        ids += [record["Id"] for record in page["records"]]
    assert len(ids) == len(set(ids)) == total


@pytest.mark.parametrize(("asked", "given"), [("batchSize=1", 200), ("batchSize = 250", 250), ("batchSize=x", 1_000)])
def test_batch_sizes(web: Web, asked: str, given: int) -> None:
    page = web.get("/v/query", params={"q": "SELECT Id FROM Case LIMIT 1000"}, headers={"Sforce-Query-Options": asked})
    assert len(page.json()["records"]) == given


def test_query_all_and_its_pages(web: Web) -> None:
    headers = {"Sforce-Query-Options": "batchSize=200"}
    page = web.get("/v/queryAll", params={"q": "SELECT Id, IsDeleted FROM Case"}, headers=headers).json()
    url = page["nextRecordsUrl"]
    assert "/query/01g" in url
    assert web.get(url).json() == web.get(url.replace("/query/", "/queryAll/")).json()


def test_locators_are_private(web: Web) -> None:
    headers = {"Sforce-Query-Options": "batchSize=200"}
    url = web.get("/v/query", params={"q": "SELECT Id FROM Case"}, headers=headers).json()["nextRecordsUrl"]
    response = web.get(url, token="standard")
    assert (response.status_code, response.json()[0]["errorCode"]) == (400, "INVALID_QUERY_LOCATOR")


def test_refusals(web: Web) -> None:
    response = web.get("/v/query", params={"q": "SELECT Bacon__c FROM Account LIMIT 2"})
    assert response.status_code == 400
    [error] = response.json()
    assert list(error) == ["message", "errorCode"]
    assert error["errorCode"] == "INVALID_FIELD"
    assert error["message"].startswith("\nSELECT Bacon__c FROM Account LIMIT 2\n       ^\nERROR at Row:1:Column:8\n")
    assert web.get("/v/query").status_code == 400


def test_rights(web: Web) -> None:
    soql = {"q": "SELECT AnnualRevenue FROM Account LIMIT 1"}
    assert web.get("/v/query", params=soql).status_code == 200
    assert web.get("/v/query", params=soql, token="standard").json()[0]["errorCode"] == "INVALID_FIELD"


def test_explain(web: Web) -> None:
    soql = "SELECT Name FROM Account WHERE CreatedDate = TODAY AND AnnualRevenue > 10.0"
    plans = web.get("/v/query", params={"explain": soql}).json()["plans"]
    assert {plan["leadingOperationType"] for plan in plans} == {"Index", "TableScan"}
    index = next(plan for plan in plans if plan["leadingOperationType"] == "Index")
    assert index["fields"] == ["CreatedDate"]
    scan = next(plan for plan in plans if plan["leadingOperationType"] == "TableScan")
    assert sorted(scan) == [
        "cardinality",
        "fields",
        "leadingOperationType",
        "notes",
        "relativeCost",
        "sobjectCardinality",
        "sobjectType",
    ]
    assert (
        scan["sobjectCardinality"]
        == web.get("/v/query", params={"q": "SELECT COUNT() FROM Account"}).json()["totalSize"]
    )
    assert scan["notes"][0]["fields"] == ["IsDeleted"]
    assert [plan["relativeCost"] for plan in plans] == sorted(plan["relativeCost"] for plan in plans)
    assert web.get("/v/query", params={"explain": "SELECT"}).json()[0]["errorCode"] == "MALFORMED_QUERY"


def test_tooling_query(web: Web) -> None:
    body = web.get("/v/tooling/query", params={"q": "SELECT Name FROM ApexClass LIMIT 1"}).json()
    assert list(body) == ["size", "totalSize", "done", "queryLocator", "entityTypeName", "records"]
    assert (body["size"], body["totalSize"], body["done"], body["queryLocator"]) == (1, 1, True, None)
    assert body["entityTypeName"] == "ApexClass"
    assert body["records"][0]["attributes"]["url"].startswith("/services/data/v66.0/tooling/sobjects/ApexClass/01p")


def test_search(web: Web) -> None:
    name = web.get("/v/query", params={"q": "SELECT Name FROM Account LIMIT 1"}).json()["records"][0]["Name"]
    body = web.get("/v/search", params={"q": f'FIND {{"{name}"}} RETURNING Account(Id, Name)'}).json()
    assert name in [record["Name"] for record in body["searchRecords"]]
    assert web.get("/v/search").json()[0]["errorCode"] == "MALFORMED_SEARCH"


def test_search_by_parameters(web: Web) -> None:
    name = web.get("/v/query", params={"q": "SELECT Name FROM Account LIMIT 1"}).json()["records"][0]["Name"]
    both = [("q", name), ("sobject", "Account"), ("sobject", "Contact"), ("Account.fields", "id, name")]
    records = web.get("/v/parameterizedSearch", params=both).json()["searchRecords"]
    accounts = [record for record in records if record["attributes"]["type"] == "Account"]
    assert accounts and all(list(record) == ["attributes", "Id", "Name"] for record in accounts)
    limited = [*both[:2], ("Account.limit", "1"), ("Account.orderBy", "Name DESC NULLS_LAST")]
    assert len(web.get("/v/parameterizedSearch", params=limited).json()["searchRecords"]) == 1


def test_search_by_body(web: Web) -> None:
    body = {
        "q": "generator",
        "in": "ALL",
        "fields": ["Id"],
        "sobjects": [
            {"name": "Case", "fields": ["CaseNumber", "Subject"], "where": "IsClosed = false", "limit": 3},
            {"name": "Lead"},
        ],
        "metadata": "LABELS",
    }
    answer = web.post("/v/parameterizedSearch", json=body).json()
    cases = [record for record in answer["searchRecords"] if record["attributes"]["type"] == "Case"]
    assert 0 < len(cases) <= 3
    assert list(cases[0]) == ["attributes", "CaseNumber", "Subject"]
    assert answer["metadata"]["entityetadata"][0]["entityName"] == "Case"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "MISSING_ARGUMENT"),
        ({"q": "wind", "in": "NOWHERE"}, "INVALID_SEARCH"),
        ({"q": "wind", "overallLimit": "many"}, "INVALID_SEARCH"),
        ({"q": "wind", "sobjects": [{"name": "Nothing"}]}, "INVALID_TYPE"),
        ({"q": "zzz} RETURNING{ User", "sobjects": [{"name": "Account"}]}, None),
    ],
)
def test_bad_parameters(web: Web, body: dict[str, object], code: str | None) -> None:
    response = web.post("/v/parameterizedSearch", json=body)
    if code is None:
        assert response.json() == {"searchRecords": []}
    else:
        assert (response.status_code, response.json()[0]["errorCode"]) == (400, code)


def test_scope_order(web: Web) -> None:
    first = web.get("/v/search/scopeOrder").json()[0]
    assert first == {"type": "Account", "url": "/services/data/v66.0/sobjects/Account/describe"}
