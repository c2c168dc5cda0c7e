"""Composite, Graph, Batch and Tree: references, rollback, limits, and shapes as recorded."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.demo.conftest import Web

ROLLED_BACK = [
    {
        "message": "The transaction was rolled back since another operation in the same transaction failed.",
        "errorCode": "PROCESSING_HALTED",
    }
]


def unique(word: str) -> str:
    return f"{word} {uuid4().hex[:12]}"


def sub(method: str, path: str, reference_id: str, body: Any = None, **more: Any) -> dict[str, Any]:
    entry = {"method": method, "url": f"/services/data/v66.0/{path}", "referenceId": reference_id, **more}
    return entry if body is None else {**entry, "body": body}


def compose(web: Web, *entries: dict[str, Any], version: str = "66.0", **options: Any) -> list[dict[str, Any]]:
    path = f"/services/data/v{version}/composite"
    response = web.post(path, json={"compositeRequest": list(entries), **options})
    assert response.status_code == 200, response.text
    answer: list[dict[str, Any]] = response.json()["compositeResponse"]
    return answer


def count(web: Web, name: str) -> int:
    """How many accounts have this name."""
    answer = web.get("/v/query", params={"q": f"SELECT count() FROM Account WHERE Name = '{name}'"}).json()
    return int(answer["totalSize"])


def test_a_record_and_one_that_refers_to_it(web: Web) -> None:
    name = unique("Northern Trail")
    account, contact, read = compose(
        web,
        sub("POST", "sobjects/Account/", "newAccount", {"Name": name}),
        sub("POST", "sobjects/Contact", "newContact", {"LastName": "Nellie", "AccountId": "@{newAccount.id}"}),
        sub("GET", "sobjects/Contact/@{newContact.id}?fields=LastName,AccountId", "read"),
    )
    assert account["httpStatusCode"] == contact["httpStatusCode"] == 201
    assert account["referenceId"] == "newAccount"
    assert account["body"] == {"id": account["body"]["id"], "success": True, "errors": []}
    location = f"/services/data/v66.0/sobjects/Account/{account['body']['id']}"
    assert account["httpHeaders"] == {"Location": location}
    assert read["httpStatusCode"] == 200
    assert read["body"]["AccountId"] == account["body"]["id"]


def test_references_reach_into_lists_and_keep_their_type(web: Web) -> None:
    name = unique("Types")
    query = f"query?q=SELECT Id, NumberOfEmployees FROM Account WHERE Name = '{name}'"
    *_, made, read = compose(
        web,
        sub("POST", "sobjects/Account", "first", {"Name": name, "NumberOfEmployees": 42}),
        sub("GET", query, "found"),
        sub(
            "POST",
            "sobjects/Account",
            "second",
            {
                "Name": "@{found.records[0].Id} and @{found.totalSize}",
                "ParentId": "@{found.records[0].Id}",
                "NumberOfEmployees": "@{found.records[0].NumberOfEmployees}",
            },
        ),
        sub("GET", "sobjects/Account/@{second.id}?fields=Name,NumberOfEmployees", "read"),
    )
    assert made["httpStatusCode"] == 201, made
    assert read["body"]["NumberOfEmployees"] == 42
    assert read["body"]["Name"].endswith(" and 1")


def test_a_failure_leaves_the_others_alone(web: Web) -> None:
    name = unique("Alone")
    good, bad, dependent, last = compose(
        web,
        sub("POST", "sobjects/Account", "good", {"Name": name}),
        sub("POST", "sobjects/Contact", "bad", {"FirstName": "No"}),
        sub("GET", "sobjects/Contact/@{bad.id}", "dependent"),
        sub("POST", "sobjects/Account", "last", {"Name": name}),
    )
    assert [entry["httpStatusCode"] for entry in (good, bad, dependent, last)] == [201, 400, 400, 201]
    assert bad["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert dependent["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert dependent["body"][0]["message"].startswith("Invalid reference specified. No value for bad.id found in bad.")
    assert count(web, name) == 2


def test_all_or_none_undoes_everything(web: Web) -> None:
    name = unique("Undone")
    first, bad, last = compose(
        web,
        sub("POST", "sobjects/Account", "first", {"Name": name}),
        sub("POST", "sobjects/Contact", "bad", {"FirstName": "No"}),
        sub("POST", "sobjects/Account", "last", {"Name": name}),
        allOrNone=True,
    )
    assert [entry["httpStatusCode"] for entry in (first, bad, last)] == [400, 400, 400]
    assert sorted(first["body"][0].items()) == sorted(ROLLED_BACK[0].items())
    assert last["body"] == first["body"]
    assert bad["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert first["httpHeaders"] == {}
    assert count(web, name) == 0


def test_all_or_none_undoes_updates_and_deletions_too(web: Web) -> None:
    name = unique("Stays")
    made = web.post("/v/sobjects/Account", json={"Name": name, "Phone": "1"}).json()["id"]
    compose(
        web,
        sub("PATCH", f"sobjects/Account/{made}", "change", {"Phone": "2"}),
        sub("DELETE", f"sobjects/Account/{made}", "delete"),
        sub("GET", "sobjects/Account/nonsense", "bad"),
        allOrNone=True,
    )
    assert web.get(f"/v/sobjects/Account/{made}").json()["Phone"] == "1"


def test_a_collection_that_fails_inside_all_or_none(web: Web) -> None:
    name = unique("Collection")
    records = [
        {"attributes": {"type": "Account"}, "Name": name},
        {"attributes": {"type": "Account"}, "Phone": "nameless"},
    ]
    collection, contact = compose(
        web,
        sub("POST", "composite/sobjects", "collection", {"allOrNone": False, "records": records}),
        sub("POST", "sobjects/Contact", "contact", {"LastName": "Smith"}),
        allOrNone=True,
    )
    assert collection["httpStatusCode"] == 200
    assert [result["success"] for result in collection["body"]] == [True, False]
    assert contact["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert count(web, name) == 0


def test_null_values_can_be_referred_to_since_52(web: Web) -> None:
    made = web.post("/v/sobjects/Account", json={"Name": unique("Nulls")}).json()["id"]
    entries = (
        sub("GET", f"sobjects/Account/{made}?fields=Name,Phone", "read"),
        sub("PATCH", f"sobjects/Account/{made}", "write", {"Fax": "@{read.Phone}"}),
    )
    assert compose(web, *entries)[1]["httpStatusCode"] == 204
    older = compose(web, *entries, version="51.0")[1]
    assert older["httpStatusCode"] == 400
    assert older["body"][0]["message"] == "Invalid reference specified. No value for read.Phone found in read."


def test_headers_of_a_describe_reach_the_answer(web: Web) -> None:
    (fresh,) = compose(web, sub("GET", "sobjects/Account/describe", "describe"))
    assert fresh["httpStatusCode"] == 200
    assert {"ETag", "Last-Modified"} <= set(fresh["httpHeaders"])
    since = {"If-Modified-Since": fresh["httpHeaders"]["Last-Modified"]}
    (same,) = compose(web, sub("GET", "sobjects/Account/describe", "describe", httpHeaders=since))
    assert (same["httpStatusCode"], same["body"]) == (304, None)


def test_it_counts_as_one_request(web: Web) -> None:
    def used() -> int:
        return int(web.get("/v/limits").headers["Sforce-Limit-Info"].removeprefix("api-usage=").split("/")[0])

    before = used()
    compose(web, *(sub("GET", "limits", f"ref{number}") for number in range(10)))
    assert used() == before + 2


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [sub("get", "limits", "ref")],
        [sub("GET", "limits", "")],
        [sub("GET", "limits", "bad reference")],
        [sub("GET", "limits", "twice"), sub("GET", "limits", "twice")],
        [{"method": "GET", "url": "/elsewhere", "referenceId": "ref"}],
        [sub("POST", "composite", "nested", {"compositeRequest": []})],
        [sub("GET", "limits", "ref", httpHeaders={"Authorization": "Bearer x"})],
        ["nonsense"],
    ],
)
def test_requests_that_are_not_well_formed(web: Web, entries: list[Any]) -> None:
    assert web.post("/v/composite", json={"compositeRequest": entries}).status_code == 400


@pytest.mark.parametrize(("path", "most"), [("limits", 25), ("query?q=SELECT+Id+FROM+User+LIMIT+1", 5)])
def test_too_many(web: Web, path: str, most: int) -> None:
    entries = [sub("GET", path, f"ref{number}") for number in range(most + 1)]
    compose(web, *entries[:most])
    response = web.post("/v/composite", json={"compositeRequest": entries})
    assert response.status_code == 400
    (refused,) = response.json()["compositeResponse"]
    assert refused["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    assert f"more than {most} " in refused["body"][0]["message"]
    assert refused["referenceId"] is None


def test_unknown_resources_inside(web: Web) -> None:
    missing, unknown = compose(
        web, sub("GET", "nothing", "missing"), sub("GET", "sobjects/Nothing__c/describe", "unknown")
    )
    assert missing["httpStatusCode"] == unknown["httpStatusCode"] == 404


def test_the_list_of_composite_resources(web: Web, sample: Any) -> None:
    recorded = sample("composite-doc-get-a-list-of-composite-resources")["response"]["body"]
    assert set(web.get("/v/composite/").json()) == set(recorded)


# Graph


def graphs(web: Web, *entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    body = {"graphs": [{"graphId": f"graph{at}", "compositeRequest": nodes} for at, nodes in enumerate(entries)]}
    response = web.post("/v/composite/graph", json=body)
    assert response.status_code == 200, response.text
    answer: list[dict[str, Any]] = response.json()["graphs"]
    return answer


def test_each_graph_is_a_transaction(web: Web) -> None:
    good, bad = unique("Good graph"), unique("Bad graph")
    first, second = graphs(
        web,
        [
            sub("POST", "sobjects/Account", "account", {"Name": good}),
            sub("POST", "sobjects/Contact", "contact", {"LastName": "X", "AccountId": "@{account.id}"}),
        ],
        [
            sub("POST", "sobjects/Account", "account", {"Name": bad}),
            sub("POST", "sobjects/Contact", "contact", {"AccountId": "@{account.id}"}),
        ],
    )
    assert (first["graphId"], first["isSuccessful"]) == ("graph0", True)
    assert [part["httpStatusCode"] for part in first["graphResponse"]["compositeResponse"]] == [201, 201]
    assert second["isSuccessful"] is False
    undone, failed = second["graphResponse"]["compositeResponse"]
    assert undone["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert failed["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert (count(web, good), count(web, bad)) == (1, 0)


def test_after_too_many_failures_the_rest_is_not_begun(web: Web) -> None:
    name = unique("Not begun")
    bad = [sub("POST", "sobjects/Account", "bad", {"Phone": "x"})]
    answers = graphs(web, *[bad] * 15, [sub("POST", "sobjects/Account", "good", {"Name": name})])
    assert answers[-1]["isSuccessful"] is False
    assert answers[-1]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "PROCESSING_HALTED"
    assert count(web, name) == 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"graphs": []},
        {"graphs": [{"graphId": "a.b", "compositeRequest": [sub("GET", "sobjects/Account/x", "r")]}]},
        {"graphs": [{"graphId": "g", "compositeRequest": [sub("GET", "limits", "r")]}]},
        {"graphs": [{"graphId": "g", "compositeRequest": [sub("GET", "sobjects/Account/x", "r")]}] * 2},
        {
            "graphs": [
                {"graphId": f"g{at}", "compositeRequest": [sub("GET", "sobjects/Account/x", "r")]} for at in range(76)
            ]
        },
        {
            "graphs": [
                {
                    "graphId": "deep",
                    "compositeRequest": [
                        sub("PATCH", f"sobjects/Account/@{{r{at - 1}.id}}" if at else "sobjects/Account/x", f"r{at}")
                        for at in range(16)
                    ],
                }
            ]
        },
    ],
)
def test_graphs_that_are_not_taken(web: Web, body: dict[str, Any]) -> None:
    assert web.post("/v/composite/graph", json=body).status_code == 400


# Batch


def test_a_batch(web: Web) -> None:
    name = unique("Batch")
    made = web.post("/v/sobjects/Account", json={"Name": unique("Old")}).json()["id"]
    entries = [
        {"method": "PATCH", "url": f"v66.0/sobjects/account/{made}", "richInput": {"Name": name}},
        {"method": "GET", "url": f"v66.0/sobjects/account/{made}?fields=Name,BillingPostalCode"},
        {"method": "GET", "url": "/services/data/v60.0/limits"},
    ]
    answer = web.post("/v/composite/batch", json={"batchRequests": entries}).json()
    assert answer["hasErrors"] is False
    assert [result["statusCode"] for result in answer["results"]] == [204, 200, 200]
    assert answer["results"][0]["result"] is None
    assert answer["results"][1]["result"]["Name"] == name


@pytest.mark.parametrize(("halt", "statuses"), [(False, [404, 200]), (True, [404, 412])])
def test_a_batch_after_an_error(web: Web, halt: bool, statuses: list[int]) -> None:
    entries = [{"method": "GET", "url": "v66.0/nothing"}, {"method": "GET", "url": "v66.0/limits"}]
    answer = web.post("/v/composite/batch", json={"batchRequests": entries, "haltOnError": halt}).json()
    assert answer["hasErrors"] is True
    assert [result["statusCode"] for result in answer["results"]] == statuses
    if halt:
        assert answer["results"][1]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"


def test_a_batch_keeps_what_was_done_before_a_failure(web: Web) -> None:
    name = unique("Kept")
    entries = [
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {"Name": name}},
        {"method": "POST", "url": "v66.0/sobjects/Account", "richInput": {}},
    ]
    web.post("/v/composite/batch", json={"batchRequests": entries, "haltOnError": True})
    assert count(web, name) == 1


def test_a_batch_takes_no_version_newer_than_its_own(web: Web) -> None:
    entries = [{"method": "GET", "url": "v66.0/limits"}, {"method": "GET", "url": "v60.0/limits"}]
    answer = web.post("/services/data/v65.0/composite/batch", json={"batchRequests": entries}).json()
    assert [result["statusCode"] for result in answer["results"]] == [400, 200]


@pytest.mark.parametrize("entries", [[], [{"method": "GET", "url": "v66.0/limits"}] * 26, [{"url": "x"}], ["x"]])
def test_batches_that_are_not_taken(web: Web, entries: list[Any]) -> None:
    assert web.post("/v/composite/batch", json={"batchRequests": entries}).status_code == 400


# Tree


def tree(kind: str, reference_id: str, children: dict[str, list[Any]] | None = None, **fields: Any) -> dict[str, Any]:
    nested = {name: {"records": records} for name, records in (children or {}).items()}
    return {"attributes": {"type": kind, "referenceId": reference_id}, **fields, **nested}


def test_a_tree(web: Web) -> None:
    name = unique("Tree")
    contacts = [tree("Contact", "ref2", lastname="Smith"), tree("Contact", "ref3", lastname="Evans")]
    subsidiary = tree("Account", "ref5", name=f"{name} sub")
    records = [
        tree("Account", "ref1", {"Contacts": contacts}, name=name),
        tree("Account", "ref4", {"childAccounts": [subsidiary]}, name=name),
    ]
    response = web.post("/v/composite/tree/Account/", json={"records": records})
    assert response.status_code == 201
    assert response.json()["hasErrors"] is False
    results = response.json()["results"]
    assert [result["referenceId"] for result in results] == ["ref1", "ref4", "ref2", "ref3", "ref5"]
    ids = {result["referenceId"]: result["id"] for result in results}
    assert web.get(f"/v/sobjects/Contact/{ids['ref3']}").json()["AccountId"] == ids["ref1"]
    assert web.get(f"/v/sobjects/Account/{ids['ref5']}").json()["ParentId"] == ids["ref4"]


def test_a_tree_is_made_whole_or_not_at_all(web: Web) -> None:
    name = unique("Half")
    bad = tree("Contact", "ref2", FirstName="Nameless")
    response = web.post(
        "/v/composite/tree/Account", json={"records": [tree("Account", "ref1", {"Contacts": [bad]}, Name=name)]}
    )
    assert response.status_code == 400
    answer = response.json()
    assert answer["hasErrors"] is True
    assert [result["referenceId"] for result in answer["results"]] == ["ref2"]
    (error,) = answer["results"][0]["errors"]
    assert error["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert error["fields"] == ["LastName"]
    assert count(web, name) == 0


@pytest.mark.parametrize(
    "records",
    [
        [{"Name": "x"}],
        [tree("Account", "", Name="x")],
        [tree("Account", "a b", Name="x")],
        [tree("Contact", "ref", LastName="x")],
        [tree("Account", "same", Name="x"), tree("Account", "same", Name="x")],
        [tree("Account", "ref", {"Nothings": [tree("Account", "child", Name="x")]}, Name="x")],
        [tree("Account", f"ref{at}", Name="x") for at in range(201)],
    ],
)
def test_trees_that_are_not_taken(web: Web, records: list[Any]) -> None:
    response = web.post("/v/composite/tree/Account", json={"records": records})
    assert response.status_code == 400
    assert response.json()["hasErrors"] is True
