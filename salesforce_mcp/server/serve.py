"""`sfmcp serve`: the MCP server on stdin and stdout.

An AI client waits for the first answer, so this is reached without typer, and nothing that speaks to Salesforce is
imported before the first call.
"""

from __future__ import annotations

import argparse
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

from salesforce_mcp.errors import ExitCode
from salesforce_mcp.server import logs
from salesforce_mcp.tools.registry import GROUPS, TOOLSETS

if TYPE_CHECKING:
    from salesforce_mcp.auth.login import PendingLogin
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.server.app import App

log = logging.getLogger(__name__)

DEFAULT_BUDGET = 8000
LEAST_BUDGET = 500
LAST_WORDS = 2.0
"""Seconds that calls in flight get at the end."""


def main(argv: Sequence[str]) -> NoReturn:
    """Serve until the client leaves. Flags that are wrong end with exit code 2 before anything is read."""
    options = _parser().parse_args(argv)
    logs.configure(options.log_level)
    # Thousands of objects live on from the imports: looking for garbage among them only costs time.
    gc.disable()
    app = _app(options)
    gc.freeze()
    gc.enable()
    _end_on_signals(app)
    _serve(app)
    _leave(app, ExitCode.DONE)


def _app(options: argparse.Namespace) -> App:
    # Pydantic would look through every installed package for plugins, which nobody here has.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from salesforce_mcp.policy.selection import Selection

    selection = Selection.of(
        toolsets=options.toolsets, tools=options.tools, exclude=options.exclude_tools, read_only=options.read_only
    )
    offered = selection.offered()
    from salesforce_mcp.server.app import App

    return App(
        offered,
        selection,
        lambda: _connect(options.org),
        lambda: _log_in(options.org),
        budget=options.max_result_tokens,
        structured=options.structured,
    )


def _connect(org: str | None) -> Client:
    from salesforce_mcp.auth.resolve import open_session
    from salesforce_mcp.salesforce.client import Client

    return Client(open_session(org))


def _log_in(org: str | None) -> PendingLogin:
    from salesforce_mcp.auth.login import start_login

    return start_login(org or os.environ.get("SFMCP_ORG"))


def _serve(app: App) -> None:
    import anyio
    from mcp.server.stdio import stdio_server

    from salesforce_mcp.server.streams import Answers, OpenRequests, Requests

    async def serve() -> None:
        requests = OpenRequests()
        async with stdio_server() as (reading, writing):
            await app.server.run(
                Requests(reading, requests),
                Answers(writing, requests),
                app.server.create_initialization_options(),
            )

    try:
        anyio.run(serve)
    except* OSError:
        # The client is gone and so is the pipe to it: nobody is left to tell.
        log.debug("the client closed the connection")


def _end_on_signals(app: App) -> None:
    """End at once on Ctrl-C and SIGTERM: a thread that waits for stdin can't be woken in any other way."""

    def end(number: int, frame: FrameType | None) -> None:
        _leave(app, ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.DONE)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def _leave(app: App, code: ExitCode) -> NoReturn:
    """End without waiting for threads that hang in a request, or for stdin."""
    app.stop(LAST_WORDS)
    sys.stderr.flush()
    os._exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="sfmcp serve",
        description="Serve Salesforce to an MCP client over stdin and stdout.",
        epilog=f"Toolsets: {', '.join([*TOOLSETS, *GROUPS])}. SFMCP_ORG, SFMCP_TOOLSETS and SFMCP_READ_ONLY in the "
        "environment stand in for --org, --toolsets and --read-only.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--org", metavar="ALIAS", help="the login to use; `demo` is the built-in demo org")
    add("--toolsets", metavar="A,B", help="offer the tools of these toolsets instead of the default tools; or `all`")
    add("--tools", metavar="A,B", help="offer these tools, beside the toolsets that are named")
    add("--exclude-tools", metavar="A,B", help="never offer these, whatever else is said")
    add("--read-only", action="store_true", help="offer and run only tools that change nothing")
    add("--structured", action="store_true", help="add output schemas and structured content, for programs")
    add(
        "--max-result-tokens",
        type=_budget,
        default=DEFAULT_BUDGET,
        metavar="N",
        help=f"cut results at a row, with a cursor, at about N tokens (default {DEFAULT_BUDGET})",
    )
    add("--log-level", choices=logs.LEVELS, default="warning", help="what goes to stderr (default warning)")
    return parser


def _budget(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST_BUDGET:
        raise argparse.ArgumentTypeError(f"give a number of tokens, at least {LEAST_BUDGET}")
    return int(text)
