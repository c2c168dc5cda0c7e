"""Queries, versions, paths, and simple-salesforce on the same transport."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, NetworkError, SalesforceError, UsageError
from salesforce_mcp.salesforce import pages
from salesforce_mcp.salesforce.client import Client, segment
from salesforce_mcp.salesforce.response import Response
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, error, ok, page

NEXT = "/services/data/v66.0/query/01gxx0000000001AAA-2"
MakeClient = Callable[[ScriptedSession], Client]


def ids(found: Iterator[pages.Page]) -> list[str]:
    return [record["Id"] for each in found for record in each.records]


def test_all_pages_of_a_query(org: ScriptedOrg, client: Client) -> None:
    org.on("GET query", page({"Id": "1"}, {"Id": "2"}, total=3, following=NEXT))
    org.on(f"GET {NEXT}", page({"Id": "3"}, total=3))
    assert ids(client.pages("SELECT Id FROM Account")) == ["1", "2", "3"]
    assert org.seen[0].query == {"q": "SELECT Id FROM Account"}


def test_the_next_page_is_fetched_while_this_one_is_worked_on(org: ScriptedOrg, client: Client) -> None:
    org.on("GET query", page({"Id": "1"}, total=2, following=NEXT))
    org.on(f"GET {NEXT}", page({"Id": "2"}, total=2))
    found = client.pages("SELECT Id FROM Account")
    assert next(found).total_size == 2
    assert ids(found) == ["2"]


def test_trouble_on_a_later_page_is_raised_there(org: ScriptedOrg, client: Client) -> None:
    org.on("GET query", page({"Id": "1"}, total=2, following=NEXT))
    org.on(f"GET {NEXT}", error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"))
    found = client.pages("SELECT Id FROM Account")
    assert next(found).records[0]["Id"] == "1"
    with pytest.raises(SalesforceError, match="run the query again"):
        next(found)


def test_options_of_a_query(org: ScriptedOrg, client: Client) -> None:
    org.on("GET queryAll", page())
    client.query("SELECT Id FROM Account", include_deleted=True, batch_size=200)
    assert org.seen[0].headers["Sforce-Query-Options"] == "batchSize=200"
    org.on("GET tooling/query", ok({"size": 0, "totalSize": 0, "done": True, "records": []}))
    assert client.query("SELECT Id FROM ApexClass", tooling=True).records == []


def test_a_page_is_found_by_its_locator_alone(org: ScriptedOrg, client: Client) -> None:
    org.on(f"GET {NEXT}", page({"Id": "3"}))
    assert client.next_page(pages.locator(NEXT)).records[0]["Id"] == "3"


def test_a_locator_ends_with_its_session(org: ScriptedOrg, make_client: MakeClient) -> None:
    session = ScriptedSession(org.url, last=2)
    org.tokens = set()
    with pytest.raises(SalesforceError, match="Run the query again") as caught:
        make_client(session).next_page(NEXT)
    assert caught.value.code == "INVALID_QUERY_LOCATOR"


def test_children_are_completed(org: ScriptedOrg, client: Client) -> None:
    def contacts(*names: str, following: str | None = None) -> dict[str, Any]:
        return dict(page(*({"Name": name} for name in names), total=3, following=following).body)

    org.on(f"GET {NEXT}", ok(contacts("b", following=NEXT.replace("-2", "-3"))))
    org.on(f"GET {NEXT.replace('-2', '-3')}", ok(contacts("c")))
    records = [{"Id": "1", "Contacts": contacts("a", following=NEXT)}, {"Id": "2", "Contacts": None}]
    pages.complete_children(records, client)
    assert [child["Name"] for child in records[0]["Contacts"]["records"]] == ["a", "b", "c"]
    assert "nextRecordsUrl" not in records[0]["Contacts"]


def test_a_page_that_broke_off_is_fetched_again(org: ScriptedOrg, client: Client) -> None:
    org.on("GET query", page({"Id": "1"}, total=2, following=NEXT))
    org.on(f"GET {NEXT}", ok(b'{"records": ['), page({"Id": "2"}, total=2))
    assert ids(client.pages("SELECT Id FROM Account")) == ["1", "2"]


@pytest.mark.parametrize("body", [[], {}, {"records": None}, "x", None])
def test_an_answer_that_is_no_page(org: ScriptedOrg, client: Client, body: Any) -> None:
    org.on("GET query", ok(body))
    with pytest.raises(NetworkError, match="no records"):
        client.query("SELECT Id FROM Account")


def test_an_older_org_is_asked_in_its_own_version(org: ScriptedOrg, client: Client) -> None:
    org.on("GET /services/data", ok([{"version": "9.0"}, {"version": "58.0"}, {"version": "57.0"}]))
    org.on("GET /services/data/v58.0/limits", ok({"a": 1}))
    assert client.get("limits") == {"a": 1}
    assert client.api_version == "58.0"


def test_a_version_that_was_set_too_high_is_named(
    org: ScriptedOrg, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMCP_API_VERSION", "99.0")
    org.on("GET /services/data", ok([{"version": "65.0"}, {"version": "66.0"}]))
    client = make_client(ScriptedSession(org.url))
    for _ in range(2):
        with pytest.raises(SalesforceError) as refused:
            client.query("SELECT Id FROM Account")
        assert refused.value.code == "NOT_FOUND"
        assert refused.value.hint == "SFMCP_API_VERSION asks for API version 99.0, and the org offers up to 66.0."
    assert org.count("GET", "/services/data") == 1


def test_a_newer_org_keeps_the_default(org: ScriptedOrg, client: Client) -> None:
    org.on("GET /services/data", ok([{"version": "70.0"}]))
    for _ in range(2):
        with pytest.raises(SalesforceError, match="does not exist"):
            client.get("nothing")
    assert client.api_version == "66.0"
    assert org.count("GET", "/services/data") == 1


@pytest.mark.parametrize(("given", "used"), [("60", "60.0"), ("v61.0", "61.0"), (" 62.0 ", "62.0")])
def test_the_version_can_be_set(
    org: ScriptedOrg, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch, given: str, used: str
) -> None:
    monkeypatch.setenv("SFMCP_API_VERSION", given)
    assert make_client(ScriptedSession(org.url)).api_version == used


def test_a_wrong_version_is_refused(org: ScriptedOrg, make_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_API_VERSION", "sixty")
    with pytest.raises(UsageError, match=r"66\.0"):
        make_client(ScriptedSession(org.url))


def test_segments_stay_segments() -> None:
    assert segment("a/b c?d#e%ü") == "a%2Fb%20c%3Fd%23e%25%C3%BC"
    for value in ("", ".", ".."):
        with pytest.raises(ArgumentError):
            segment(value)


def test_a_value_in_a_path_arrives_as_it_was(org: ScriptedOrg, client: Client) -> None:
    org.on("GET sobjects/Account/Ext__c/a%2Fb%20c", ok({"Id": "1"}))
    assert client.get(f"sobjects/Account/Ext__c/{segment('a/b c')}") == {"Id": "1"}


def test_simple_salesforce_goes_the_same_way(org: ScriptedOrg, make_client: MakeClient) -> None:
    session = ScriptedSession(org.url, last=2)
    org.tokens = {"token-2"}
    client = make_client(session)
    org.on("GET sobjects/Account/001000000000001AAA", ok({"Id": "001000000000001AAA", "Name": "Ä"}))
    assert client.simple.Account.get("001000000000001AAA")["Name"] == "Ä"
    org.on("POST sobjects/Account/", ok({"id": "001000000000001AAA", "success": True, "errors": []}, 201))
    assert client.simple.Account.create({"Name": "Acme"})["success"]
    org.on("PATCH sobjects/Account/001000000000001AAA", ok(None, 204))
    assert client.simple.Account.update("001000000000001AAA", {"Name": "x"}) == 204
    assert all("X-PrettyPrint" not in seen.headers for seen in org.seen)
    assert org.seen[-1].json() == {"Name": "x"}


def test_simple_salesforce_raises_our_errors(org: ScriptedOrg, client: Client) -> None:
    org.on("GET sobjects/Account/001000000000001AAA", error(404, "NOT_FOUND", "The requested resource does not exist"))
    with pytest.raises(SalesforceError, match="does not exist") as caught:
        client.simple.Account.get("001000000000001AAA")
    assert "http" not in str(caught.value)


def test_simple_salesforce_cannot_be_sent_elsewhere(org: ScriptedOrg, client: Client) -> None:
    with pytest.raises(UsageError):
        client.simple.session.get("https://elsewhere.example/")


@pytest.mark.parametrize(
    ("content", "deep"),
    [
        (b"[" * 100 + b"]" * 100, False),
        (b"[" * 102 + b"]" * 102, True),
        (b'{"a":' * 102 + b"1" + b"}" * 102, True),
        (b'[{"a":' * 51 + b"1" + b"}]" * 51, True),
        (b'["' + b"[" * 300 + b'"]', False),
        (b'[{"a":[{}]},' + b"[" * 101 + b"]" * 101 + b"]", True),
    ],
)
def test_what_is_nested_deeper_than_answers_are(content: bytes, deep: bool) -> None:
    answer = Response(200, {}, content)
    if deep:
        with pytest.raises(NetworkError, match="nested deeper than 100 levels"):
            answer.json()
    else:
        assert answer.json()
