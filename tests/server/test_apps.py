"""MCP Apps as clients meet them: who is offered the page, and what it gets."""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import anyio
import mcp_types as types
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.extension import advertise

from salesforce_mcp.server.apps import DATA, EXTENSION, MIME_TYPE, PAGE
from salesforce_mcp.tools import registry
from tests.server.apps_client import CAPABILITIES
from tests.server.test_front import HANDSHAKE, INITIALIZED, by_id, piped, request

KNOWS = advertise(EXTENSION, {"mimeTypes": [MIME_TYPE]})
WITH_APPS = [tool.name for tool in registry.load().values() if tool.app]
Answer = TypeVar("Answer")
REPORT = "00O5g0000000001EAA"


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(autouse=True)
def one_demo_org_for_all(seeded: Path, private_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_STATE_DIR", str(seeded))


def converse(
    do: Callable[[Client], Awaitable[Answer]], *, knows: bool, mode: Literal["auto", "legacy"] = "auto"
) -> Answer:
    arguments = ["-m", "salesforce_mcp", "serve", "--org", "demo", "--toolsets", "all"]
    server = StdioServerParameters(command=sys.executable, args=arguments, env=dict(os.environ))

    async def run() -> Answer:
        with anyio.fail_after(90):
            async with Client(server, mode=mode, extensions=[KNOWS] if knows else None) as client:
                return await do(client)

    return anyio.run(run)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_only_clients_that_know_apps_are_offered_them(mode: Literal["auto", "legacy"]) -> None:
    async def tools(client: Client) -> list[types.Tool]:
        return (await client.list_tools()).tools

    # Twice each: the second time the answers are those that were kept.
    without, knowing, again, knowing_again = (
        converse(tools, knows=knows, mode=mode) for knows in (False, True, False, True)
    )
    assert (again, knowing_again) == (without, knowing)
    assert all(tool.meta is None for tool in without)
    assert [tool.name for tool in knowing if tool.meta == {"ui": {"resourceUri": PAGE}}] == WITH_APPS
    # What a model reads is the same.
    assert [tool.model_copy(update={"meta": None}) for tool in knowing] == without


def test_the_list_of_a_client_that_pings_first_is_its_own(seeded: Path) -> None:
    def tools(capabilities: dict[str, Any]) -> list[dict[str, Any]]:
        opening = [
            request(0, "ping"),
            request(1, "initialize", HANDSHAKE | {"capabilities": capabilities}),
            INITIALIZED,
            request(2, "tools/list"),
        ]
        listed: list[dict[str, Any]] = by_id(piped(*opening))[2]["result"]["tools"]
        return listed

    assert any("_meta" in tool for tool in tools(CAPABILITIES))
    assert not any("_meta" in tool for tool in tools({}))


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_page_and_what_it_shows(mode: Literal["auto", "legacy"]) -> None:
    async def look(client: Client) -> tuple[types.ReadResourceResult, types.CallToolResult]:
        given = {"report_id": REPORT, "row_limit": 5}
        return await client.read_resource(PAGE), await client.call_tool("run_report", given)

    read, answer = converse(look, knows=True, mode=mode)
    (page,) = read.contents
    assert isinstance(page, types.TextResourceContents)
    assert (page.uri, page.mime_type, page.meta) == (PAGE, MIME_TYPE, {"ui": {"prefersBorder": True}})
    assert "http" not in page.text.replace("http-equiv", "")
    assert answer.meta
    totals, details = answer.meta[DATA]["parts"]
    assert (totals["name"], totals["columns"], totals["totals"]) == ("totals", ["Priority", "Record Count"], True)
    assert set(totals["chart"]["svg"]) == {"wide", "narrow"}
    assert details["rows"]
    assert details["chart"] is None


def test_the_model_reads_the_same() -> None:
    async def run(client: Client) -> types.CallToolResult:
        return await client.call_tool("run_report", {"report_id": REPORT, "row_limit": 5})

    def texts(answer: types.CallToolResult) -> list[str]:
        return [re.sub(r"kept/\w+", "", block.text) for block in answer.content if isinstance(block, types.TextContent)]

    plain, shown = (converse(run, knows=knows) for knows in (False, True))
    assert texts(plain) == texts(shown)
    assert DATA not in (plain.meta or {})
    assert plain.structured_content is shown.structured_content is None


def test_a_chart_on_request_is_a_picture() -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("run_report", {"report_id": REPORT, "include_details": False}),
        ("refresh_dashboard", {"dashboard_id": "01Z5g0000000002EAA"}),
        ("get_dashboard", {"dashboard_id": "01Z5g0000000002EAA"}),
        ("get_case_trends", {"group_by": "month,Priority"}),
        ("get_sla_compliance", {}),
        ("get_deflection_metrics", {"group_by": "topic"}),
        ("crm_list", {"resource": "pipeline"}),
    ]

    async def ask(client: Client) -> list[types.CallToolResult]:
        return [await client.call_tool(name, {**given, "chart": "png"}) for name, given in calls]

    for (name, _), answer in zip(calls, converse(ask, knows=False), strict=True):
        assert not answer.is_error, answer.content
        words, picture = answer.content
        assert isinstance(words, types.TextContent), name
        assert isinstance(picture, types.ImageContent), name
        assert picture.mime_type == "image/png"
        assert base64.b64decode(picture.data).startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_said() -> None:
    async def ask(client: Client) -> list[types.CallToolResult]:
        without_groups = {"report_id": "00O5g0000000008EAA", "chart": "png", "row_limit": 1}
        nothing = {"group_by": "Priority", "min_count": 100_000, "chart": "png"}
        return [
            await client.call_tool("run_report", without_groups),
            await client.call_tool("get_case_trends", nothing),
        ]

    for answer in converse(ask, knows=False):
        (words,) = answer.content
        assert isinstance(words, types.TextContent)
        assert "No chart: " in words.text


def test_without_the_extra_there_is_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['vl_convert'] = None\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    install = "'sfmcp[charts]'"

    async def ask(client: Client) -> tuple[types.CallToolResult, types.CallToolResult]:
        asked = await client.call_tool("run_report", {"report_id": REPORT, "chart": "png"})
        return asked, await client.call_tool("run_report", {"report_id": REPORT, "row_limit": 5})

    refused, answer = converse(ask, knows=True)
    assert refused.is_error
    assert isinstance(refused.content[0], types.TextContent)
    assert refused.content[0].text.startswith("INVALID_ARGUMENT: chart: ")
    assert install in refused.content[0].text
    assert not answer.is_error
    assert answer.meta
    totals, _ = answer.meta[DATA]["parts"]
    assert totals["chart"]["missing"].endswith(install)
    assert totals["rows"][0][0] == "Critical" and totals["rows"][0][1] > 0
