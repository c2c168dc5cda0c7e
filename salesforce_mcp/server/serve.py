"""`sfmcp serve`: the MCP server on stdin and stdout.

An AI client waits for the first answers, so this is reached without typer, and what was answered at an earlier start is
said again before anything else is imported (see `front`).
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, cast

from salesforce_mcp.errors import ExitCode
from salesforce_mcp.server.front import Front, take_standard_streams
from salesforce_mcp.server.kept import Kept

if TYPE_CHECKING:
    import argparse

    import anyio

    from salesforce_mcp.auth.login import PendingLogin
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.server.app import App

FIRST_WORDS = 0.2
"""Seconds that a client has for its first requests before loading the SDK may slow the answers to them."""
LAST_WORDS = 5.0
"""Seconds that a write in flight gets to learn its outcome, when the client is gone."""
LAST_WORDS_AT_SIGNAL = 1.5
"""The same after SIGTERM and Ctrl-C. Clients kill what doesn't end, some after two seconds."""
_BRIEF = 0.0005
"""Seconds until a thread that is loading lets the one that answers go ahead."""


def main(argv: Sequence[str]) -> NoReturn:
    """Serve until the client leaves. Flags that are wrong end with exit code 2 before anything is read."""
    # Thousands of objects live on from the imports: looking for garbage among them only costs time.
    gc.disable()
    kept = Kept.of(argv)
    front: Front | None = None
    if kept.answers:  # and so these flags were right before
        front = _open(kept)
        front.wait(FIRST_WORDS)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(_BRIEF)
    options = _options(argv)
    app = _app(options)
    front = front or _open(kept)
    _end_on_signals(app)  # not before: the front ends without it, as long as it speaks alone
    gc.freeze()
    gc.enable()
    sys.setswitchinterval(usual)
    threading.Thread(target=_load_salesforce, args=(front,), name="load", daemon=True).start()
    _serve(app, front)
    _leave(app, ExitCode.DONE)


def _open(kept: Kept) -> Front:
    if sys.stdin and sys.stdin.isatty():
        sys.stderr.write("Waiting for an MCP client on stdin. Clients start this themselves: see `sfmcp install`.\n")
    _end_on_signals(None)
    front = Front(kept, take_standard_streams(), gone=lambda: _leave(None, ExitCode.DONE))
    front.start()
    return front


def _options(argv: Sequence[str]) -> argparse.Namespace:
    from salesforce_mcp.server import flags, logs

    options = flags.parser().parse_args(argv)
    logs.configure(options.log_level)
    return options


def _app(options: argparse.Namespace) -> App:
    # Pydantic would look through every installed package for plugins, which nobody here has.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.policy.selection import Selection

    policies = Policies.load()
    selection = Selection.of(
        toolsets=options.toolsets, tools=options.tools, exclude=options.exclude_tools, read_only=options.read_only
    )
    offered = policies.allowed(selection.offered(), options.org or os.environ.get("SFMCP_ORG"))
    from salesforce_mcp.server.app import App

    return App(
        offered,
        selection,
        policies,
        lambda: _connect(options.org, policies),
        lambda: _log_in(options.org),
        budget=options.max_result_tokens,
        structured=options.structured,
    )


_loading = threading.Lock()


def _load_salesforce(front: Front) -> None:
    """Import what the first call will need, once the client has its list and its model is reading it."""
    front.listed.wait()
    with _loading:
        for module in ("auth.resolve", "salesforce.client", "salesforce.describes"):
            importlib.import_module(f"salesforce_mcp.{module}")


def _connect(org: str | None, policies: Policies) -> Client:
    with _loading:  # two threads that import the same packages can get in each other's way
        from salesforce_mcp.auth.resolve import open_session
        from salesforce_mcp.policy.gate import Gate
        from salesforce_mcp.salesforce.client import Client

    return Client(open_session(org), guard=Gate(policies))


def _log_in(org: str | None) -> PendingLogin:
    from salesforce_mcp.auth.login import start_login

    return start_login(org or os.environ.get("SFMCP_ORG"))


async def converse(app: App, front: Front) -> None:
    """Answer what comes through the front, until its end."""
    from mcp.server.stdio import stdio_server

    from salesforce_mcp.server.streams import Answers, OpenRequests, Requests

    wire = cast("anyio.AsyncFile[str]", front)
    requests = OpenRequests(front.is_unread)
    async with stdio_server(stdin=wire, stdout=wire) as (reading, writing):
        await app.server.run(
            Requests(reading, requests, front.exact),
            Answers(writing, requests),
            app.server.create_initialization_options(),
        )


def _serve(app: App, front: Front) -> None:
    import anyio

    try:
        anyio.run(converse, app, front)
    except* OSError:
        # The client is gone and so is the pipe to it: nobody is left to tell.
        import logging

        logging.getLogger(__name__).debug("the client closed the connection")


def _end_on_signals(app: App | None) -> None:
    """End at once on Ctrl-C and SIGTERM: a thread that waits for stdin can't be woken in any other way."""

    def end(number: int, frame: FrameType | None) -> None:
        code = ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.DONE
        _leave(app, code, patience=LAST_WORDS_AT_SIGNAL)

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)


def _leave(app: App | None, code: ExitCode, *, patience: float = LAST_WORDS) -> NoReturn:
    """End without waiting for stdin, or for reads that hang in a request; `patience` as in `App.stop`."""
    if app:
        app.stop(patience)
    sys.stderr.flush()
    os._exit(code)
