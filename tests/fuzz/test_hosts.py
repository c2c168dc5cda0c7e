"""Tokens stay with the host that they belong to, whatever an answer, a setting or an argument says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from salesforce_mcp.auth import hosts, tokens, web
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.errors import NetworkError, SfmcpError, UsageError
from salesforce_mcp.salesforce.client import Client
from tests.fuzz.calls import CALLS, TOKEN, attempt, call_tool
from tests.fuzz.hostile_org import HostileOrg, plain
from tests.salesforce.scripted import ScriptedOrg, ok, page

ELSEWHERE = ["127.0.0.2", "localhost"]


@pytest.fixture(params=ELSEWHERE)
def other(request: pytest.FixtureRequest) -> Iterator[HostileOrg]:
    """Another host, which nothing should reach."""
    with HostileOrg(plain(b'{"records": [], "done": true}'), host=request.param) as running:
        yield running
        assert running.seen == []


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("name", CALLS)
def test_no_redirect_is_followed(name: str, status: int, other: HostileOrg) -> None:
    answer = plain(b"", f"{status} Moved", "text/html", f"Location: {other.url}/services/oauth2/token")
    with HostileOrg(answer) as org:
        error = attempt(CALLS[name], org.url)
    if name != "probe":  # which sends no secret, and takes a redirect for an answer
        assert error is not None
        assert error.code == "REDIRECTED"


def _next_urls(url: str) -> list[str]:
    host = url.removeprefix("http://")
    return [
        f"{url}/services/data/v66.0/query/01g-2000",
        f"//{host}/services/data/v66.0/query/01g-2000",
        f"/services/../..//{host}/x",
        f"/services/data/v66.0/query/01g-2000@{host}",
        f"@{host}/services/data/v66.0/query/01g-2000",
        f"\\\\{host}\\services",
        f"/services/data/v66.0/query/\r\nHost: {host}\r\n\r\n",
        f".{host}/services/x",
        f":80@{host}/services/x",
    ]


def test_pages_are_asked_of_the_org_alone(other: HostileOrg) -> None:
    with ScriptedOrg() as org:
        for following in _next_urls(other.url):
            asked = len(org.seen)
            org.on("GET query", page({"Id": "001000000000001AAA"}, total=9, following=following))
            with suppress(SfmcpError):
                call_tool(
                    org.url, "export_query", {"soql": "SELECT Id FROM Account", "method": "rest"}, token="token-1"
                )
            with Client(GivenSession(org.url, "token-1", environment="unknown", remedy=""), "66.0") as client:
                for go_on in (client.next_page, client.get):
                    with suppress(SfmcpError):
                        go_on(following)
            assert len(org.seen) > asked


@pytest.mark.parametrize("tool", ["composite", "composite_batch", "composite_graph"])
def test_parts_of_composite_calls_name_no_host(tool: str, other: HostileOrg) -> None:
    with ScriptedOrg() as org:
        for address in [f"{other.url}/services/data/v66.0/limits", f"//{other.url[7:]}/x", "http:limits", "../../x"]:
            part: dict[str, Any] = {"method": "GET", "url": address, "reference_id": "a"}
            arguments: dict[str, Any] = {"requests": [part]}
            if tool == "composite_graph":
                arguments = {"graphs": [{"graph_id": "g", **arguments}]}
            with pytest.raises(SfmcpError):
                call_tool(org.url, tool, arguments, token="token-1")
        asked = [seen.json() for seen in org.seen if seen.method == "POST"]
        sent = [part["url"] for body in asked for part in _parts(body)]
        assert all(url.startswith("/services/data/") for url in sent)


def _parts(body: dict[str, Any]) -> list[dict[str, Any]]:
    graphs = body.get("graphs") or [body]
    return [part for graph in graphs for part in graph["compositeRequest"]]


@pytest.mark.parametrize(
    "instance",
    [
        "https://evil.example.com",
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com@evil.example.com",
        "https://acme.my.salesforce.com.evil.example.com",
        "https://evilsalesforce.com",
        "https://acme.my.salesforce.com\\@evil.example.com",
        "https://[::ffff:8.8.8.8]",
        "https://[x",
        "https://2130706433",
        "ftp://acme.my.salesforce.com",
        "javascript:alert(1)",
        "https://",
        "",
    ],
)
def test_a_token_answer_names_no_other_host(instance: str) -> None:
    org = Org(alias="a", login_url="https://login.salesforce.com")
    body = {"access_token": TOKEN, "instance_url": instance}
    with pytest.raises((UsageError, NetworkError)) as caught:
        tokens.read(org, web.Answer(200, "", body, None))
    assert TOKEN not in str(caught.value)


def test_a_host_is_trusted_when_it_was_named() -> None:
    assert hosts.origin("https://crm.example.com/x", allowed=["crm.example.com"]) == "https://crm.example.com"
    with pytest.raises(UsageError):
        hosts.origin("https://a.crm.example.com", allowed=["crm.example.com"])


def test_bulk_results_are_asked_of_the_org_alone(other: HostileOrg) -> None:
    """What an answer names as an address is never gone to: neither a job's contentUrl nor pages of results."""
    job = {"id": "750000000000001AAA", "state": "JobComplete", "object": "Account", "operation": "query"}
    more = {"contentUrl": f"{other.url}/x", "nextRecordsUrl": f"{other.url}/x"}
    pages = [{"resultUrl": f"{other.url}/x?locator=a"}, {"resultUrl": f"//{other.url[7:]}/x"}]
    with ScriptedOrg() as org:
        org.on("POST jobs/query", ok({**job, **more}))
        org.on("GET jobs/query/750000000000001AAA", ok({**job, **more}))
        org.on("GET jobs/query/750000000000001AAA/resultPages", ok({"resultPages": pages, "done": True, **more}))
        org.on("GET jobs/query/750000000000001AAA/results", ok(b"Id\n1\n", Content_Type="text/csv"))
        with suppress(SfmcpError):
            call_tool(org.url, "export_query", {"soql": "SELECT Id FROM Account", "method": "bulk"}, token="token-1")
        assert all(seen.target.startswith("/services/") for seen in org.seen)
