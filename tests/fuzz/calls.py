"""Each kind of request, made as sfmcp makes it, to whatever answers at an address."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from salesforce_mcp.auth import client_credentials, device, identity, refresh, soap, web
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce import ingest
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.download import split_head
from salesforce_mcp.salesforce.ingest import IngestJob
from salesforce_mcp.server.render import render
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from tests.fuzz.targets import refused
from tests.tools.bases import BASES

TOOLS = registry.load()
TOKEN = "00D000000000001!planted.access.token"


class TooLong(Exception):
    """The call went on although its caller had stopped waiting."""


def call_tool(
    url: str, name: str, arguments: dict[str, Any] | None = None, *, token: str = TOKEN, seconds: float = 20
) -> str:
    """The text of a call's answer; raises what the call raises."""
    end = time.monotonic() + seconds

    def pause(_: float) -> None:
        if time.monotonic() > end:
            raise TooLong(name)

    session = GivenSession(url, token, environment="unknown", remedy="")
    with Client(session, api_version="66.0", pause=pause) as client:
        context = Context(lambda: client, pages=PageStore(), progress=lambda done, total, words: pause(0))
        result = run(TOOLS[name], BASES[name] if arguments is None else arguments, context, selection=Selection())
    return render(result, TOOLS[name], PageStore(), 8000).text


def _tool(name: str, **arguments: Any) -> Callable[[str], object]:
    return lambda url: call_tool(url, name, arguments or None)


def _org(url: str) -> Org:
    return Org(alias="a", login_url=url, client_id="3MVG9client", username="ada@example.com")


def _secrets(url: str) -> Secrets:
    return Secrets(login_url=url, refresh_token="5Aep.planted", client_secret="hush", password="pw")


def _read_results(url: str) -> None:
    """Failed rows of a job, as `bulk_job_results` reads them once the job is known."""
    with Client(GivenSession(url, TOKEN, environment="unknown", remedy=""), pause=lambda _: None) as client:
        job = IngestJob("750000000000001AAA", "Account", "insert", "JobComplete", 1, 1, None, {})
        with ingest.results(client, job, "failed") as chunks:
            for _ in split_head(chunks)[1]:
                pass


CALLS: dict[str, Callable[[str], object]] = {
    "query": _tool("query"),
    "next page": _tool("query_more"),
    "export": _tool("export_query"),
    "bulk query": _tool("export_query", soql="SELECT Id FROM Account", method="bulk"),
    "bulk results": _read_results,
    "describe": _tool("describe_object", object="Account"),
    "objects": _tool("list_objects"),
    "record": _tool("get_record", object="Account", id="001000000000001AAA"),
    "create": _tool("create_record"),
    "collection": _tool("create_records"),
    "composite": _tool("composite"),
    "search": _tool("search"),
    "report": _tool("run_report"),
    "dashboard": _tool("get_dashboard"),
    "download": _tool("download_file"),
    "metadata": _tool("list_synonym_groups"),
    "token": lambda url: refresh.obtain(_org(url), _secrets(url)),
    "client credentials": lambda url: client_credentials.obtain(_org(url), _secrets(url)),
    "identity": lambda url: identity.of_token(url, TOKEN),
    "device": lambda url: device.invite(_org(url)),
    "soap login": lambda url: soap.obtain(_org(url), _secrets(url)),
    "probe": lambda url: web.probe(url),
}


def attempt(make: Callable[[str], object], url: str) -> SfmcpError | None:
    """The error that a call ended with, checked; None when it took the answer for one."""
    try:
        make(url)
    except SfmcpError as caught:
        error = caught
    else:
        return None
    refused(error)
    assert TOKEN not in str(error)
    return error
