"""The demo's conversation: a real MCP client, over stdio, with the server that any client would start."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Any, TextIO

import anyio
from mcp import Client, StdioServerParameters, stdio_client
from mcp.types import ElicitRequestParams, ElicitResult, TextContent

from salesforce_mcp.cli.program import program
from salesforce_mcp.cli.stage import Stage
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.confirmation import CONFIRM

FOLDERS = ("SFMCP_CONFIG_DIR", "SFMCP_STATE_DIR", "SFMCP_EXPORT_DIR")

BIGGEST_DEALS = (
    "SELECT Name, StageName, Amount, CloseDate FROM Opportunity WHERE IsClosed = false "
    "ORDER BY Amount DESC NULLS LAST LIMIT 5"
)
OPEN_CASES = "SELECT Priority, COUNT(Id) cases FROM Case WHERE IsClosed = false GROUP BY Priority ORDER BY Priority"
MISREMEMBERED = "SELECT Name, AnualRevenue FROM Account ORDER BY AnualRevenue DESC NULLS LAST LIMIT 3"


class DemoFailed(SfmcpError):
    """A step of the demo went other than it should."""

    default_code = "DEMO_FAILED"


def run_conversation(stage: Stage) -> None:
    """Start the server, talk to it and show everything. Raises DemoFailed when a step goes wrong."""
    # The server's log is for when something goes wrong; in between the conversation it would only disturb.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as log:
        try:
            anyio.run(_converse, stage, log)
        except Exception as error:
            cause = _innermost(error)
            if isinstance(cause, SfmcpError):
                raise cause from None
            log.seek(0)
            raise DemoFailed(
                f"The server could not be talked to ({type(cause).__name__}).", hint=log.read().strip() or None
            ) from error


async def _converse(stage: Stage, log: TextIO) -> None:
    command, *before = program()
    # The SDK hands a server only a few harmless variables; the folders must be those of this process.
    folders = {name: os.environ[name] for name in FOLDERS if name in os.environ}
    server = StdioServerParameters(command=command, args=[*before, "serve", "--org", "demo"], env=folders)

    async def user(context: object, params: ElicitRequestParams) -> ElicitResult:
        """Says yes to what the server asks before it deletes."""
        stage.asked(params.message, "yes")
        return ElicitResult(action="accept", content={CONFIRM: True})

    async with AsyncExitStack() as stack:
        began = time.monotonic()
        with stage.waiting("Starting the server"):
            client = await stack.enter_async_context(
                Client(stdio_client(server, errlog=log), elicitation_callback=user)
            )
            tools = (await client.list_tools()).tools
        stage.ready(
            "MCP server",
            f"protocol {client.protocol_version}, {len(tools)} tools: {', '.join(tool.name for tool in tools[:4])}, …",
            time.monotonic() - began,
        )
        await _talk(_Speaker(client, stage))


class _Speaker:
    """Asks through the client and shows both sides."""

    def __init__(self, client: Client, stage: Stage) -> None:
        self._client = client
        self._stage = stage

    async def ask(
        self, question: str | None, tool: str, arguments: Mapping[str, Any], *, lines: int = 7, fails: bool = False
    ) -> str:
        """Show the question, call the tool, show and return its answer. Raises DemoFailed unless `fails` comes true."""
        if question:
            self._stage.question(question)
        self._stage.call(tool, arguments)
        began = time.monotonic()
        result = await self._client.call_tool(tool, dict(arguments))
        seconds = time.monotonic() - began
        text = "\n".join(block.text for block in result.content if isinstance(block, TextContent))
        failed = bool(result.is_error)
        self._stage.answer(text, seconds, lines=lines, failed=failed)
        if failed != fails:
            raise DemoFailed(f"{tool} should have {'failed' if fails else 'worked'}.")
        return text


async def _talk(speaker: _Speaker) -> None:
    """The script. Every change is undone at its end."""
    await speaker.ask("Which of our open deals are the biggest?", "query", {"soql": BIGGEST_DEALS})
    await speaker.ask("How many cases are open, by priority?", "query", {"soql": OPEN_CASES})
    await speaker.ask("What does a case hold?", "describe_object", {"object": "Case"}, lines=8)

    await speaker.ask(
        "Our three largest customers? (The model misremembers a field.)",
        "query",
        {"soql": MISREMEMBERED},
        fails=True,
        lines=12,
    )
    await speaker.ask(None, "query", {"soql": MISREMEMBERED.replace("AnualRevenue", "AnnualRevenue")})

    case = {"Subject": "Pump stops after ten minutes", "Priority": "High", "Origin": "Phone"}
    created = await speaker.ask(
        "Log a case: a pump stops after ten minutes.", "create_record", {"object": "Case", "data": case}
    )
    case_id = _id(created, "500")
    await speaker.ask(
        "We are working on it.", "update_record", {"object": "Case", "id": case_id, "data": {"Status": "Working"}}
    )
    await speaker.ask(
        "How does it stand?",
        "get_record",
        {"object": "Case", "id": case_id, "fields": ["CaseNumber", "Subject", "Priority", "Status"]},
    )
    await speaker.ask("It was a test: delete it.", "delete_record", {"object": "Case", "id": case_id})

    reports = await speaker.ask(
        "How does the pipeline look? There is a report.", "list_reports", {"filter": "Pipeline"}
    )
    await speaker.ask(None, "run_report", {"report_id": _id(reports, "00O"), "include_details": False}, lines=14)


def _id(text: str, key_prefix: str) -> str:
    """The first record Id of this key prefix in an answer."""
    found = re.search(rf"\b{key_prefix}[0-9A-Za-z]{{15}}\b", text)
    if not found:
        raise DemoFailed(f"The answer names no record that begins with {key_prefix}.")
    return found[0]


def _innermost(error: Exception) -> Exception:
    """The first failure within the groups that task groups make of one."""
    return _innermost(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error
