"""Our server over HTTP on loopback, for the tests alone: the conformance suite speaks nothing else.

The suite calls tools by names of its own. Those that ours can stand for are declared here, so that what they go through
(policy, confirmation, progress, wording of failures) is the product's.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn

from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.charts.plot import Plot, Point
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import SalesforceError, SessionError
from salesforce_mcp.policy.gate import Gate
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.server.app import App
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Record, Result, Table


def test_simple_text(context: Context) -> Result:
    """Say something."""
    return Record({}, summary="This is a simple text response for testing.")


def test_image_content(context: Context) -> Result:
    """Say something with a chart, as a picture."""
    plot = Plot("Cases", "Cases", (Point("Open", 2), Point("Closed", 1)))
    return Table(["status", "cases"], [["Open", 2], ["Closed", 1]], plot=plot, picture=True)


def test_error_handling(context: Context) -> Result:
    """Fail as an org does."""
    raise SalesforceError("This tool intentionally returns an error for testing.", code="INVALID_FIELD", status=400)


def test_tool_with_progress(context: Context) -> Result:
    """Report progress."""
    for done in (0, 50, 100):
        context.progress(done, 100, f"{done} of 100")
    return Record({}, summary="Done.")


def test_elicitation(context: Context, message: str) -> Result:
    """Do what is confirmed first."""
    return Record({}, summary="Done.")


def test_asking(context: Context) -> Result:
    """Do what is confirmed first."""
    return Record({}, summary="Done.")


READING: tuple[Callable[..., Result], ...] = (
    test_simple_text,
    test_image_content,
    test_error_handling,
    test_tool_with_progress,
)
ASKING = (
    "test_input_required_result_elicitation",
    "test_input_required_result_request_state",
    "test_input_required_result_tampered_state",
)


def fixtures() -> dict[str, Tool]:
    """The suite's tools. Those that ask are destructive, which the policy has confirmed."""
    reading = [_tool(function.__name__, function, "read") for function in READING]
    asking = [_tool(name, test_asking, "destructive") for name in ASKING]
    return {tool.name: tool for tool in [*reading, *asking, _tool("test_elicitation", test_elicitation, "destructive")]}


def _tool(name: str, function: Callable[..., Result], access: registry.Access) -> Tool:
    asks: registry.Asks | None = "delete" if access == "destructive" else None
    return Tool(name, "query", name, access, access == "read", False, "0", function, asks)


@contextmanager
def serving(org: DemoOrg) -> Iterator[str]:
    """Serve all tools on this org; the address."""
    policies = Policies()
    session = GivenSession(org.instance_url, org.users[0].access_token, environment="demo", remedy="")

    def log_in() -> Any:
        raise SessionError("Nobody logs in here.")

    app = App(
        {**registry.load(), **fixtures()},
        Selection(),
        policies,
        lambda: Client(session, guard=Gate(policies)),
        log_in,
        budget=8000,
    )
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app.server.streamable_http_app(), log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()
