"""Tool calls: each in a thread of its own, on one client of the org, through policy, its result rendered."""

from __future__ import annotations

import math
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel
import anyio.to_thread
from mcp.server.context import ServerRequestContext

from salesforce_mcp.errors import PolicyError, SessionError, SfmcpError, UsageError
from salesforce_mcp.policy import runner
from salesforce_mcp.policy.admission import refuse
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.confirmation import CONFIRM, Confirm
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.selection import Selection, find
from salesforce_mcp.server import apps
from salesforce_mcp.server.login import LoginNeeded
from salesforce_mcp.server.render import Rendered, picture, render
from salesforce_mcp.server.text import visible
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context, Progress
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Result

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

MAX_CALLS = 64
"""Calls that run at once; more wait for a free thread."""
LONGEST_CALL = 3600.0
"""Seconds. By then nobody waits any more, and a job that never ends would keep a thread for ever."""

_MENDED_BY_LOGIN = frozenset({"NO_SESSION", "INVALID_SESSION_ID", "invalid_grant"})
"""Codes of a SessionError that says: nobody is logged in, or no longer."""

RequestContext = ServerRequestContext[Any]
Done = TypeVar("Done")


class _Trail(Trail):
    """The trail for one call, which leaves one line in it: its own, or that it was interrupted."""

    def __init__(self) -> None:
        super().__init__()
        self._writing = threading.Lock()
        self._written = False

    def write(self, *about: Any, **more: Any) -> None:
        with self._writing:
            if not self._written:
                self._written = True
                super().write(*about, **more)


class Calls:
    """Runs the calls of one server. Parameters as of `App`."""

    def __init__(
        self,
        tools: Mapping[str, Tool],
        selection: Selection,
        policies: Policies,
        connect: Callable[[], Client],
        *,
        budget: int,
    ) -> None:
        self._tools = tools
        self._selection = selection
        self._policies = policies
        self._connect = connect
        self._budget = budget
        self._pages = PageStore()
        self._lock = threading.Lock()
        self._client: Client | None = None
        self._waiting: set[threading.Event] = set()
        self._under_way: dict[_Trail, tuple[Tool, Context]] = {}
        self._ended = threading.Condition()

    async def run(
        self, context: RequestContext, name: str, arguments: Mapping[str, Any], confirm: Confirm | None = None
    ) -> Rendered:
        """One call of a tool; a read needs no `confirm`. Raises what keeps it from an answer; LoginNeeded where a login
        helps.
        """
        async with progress_to(context) as progress:
            call = partial(self._call, name, arguments, confirm, progress, page=apps.known_to(context))
            return await self.in_thread(call)

    def look_up(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """A read on the side, as far as policy lets it, whether the tool is offered or not; from a thread of ours."""
        context = Context(self.client, pages=self._pages)
        tool = find(name, registry.load(registry.HOME))
        return runner.run(tool, arguments, context, selection=self._selection, policies=self._policies)

    async def in_thread(self, work: Callable[[threading.Event], Done]) -> Done:
        """Do `work` in a thread. It is handed an event that is set when nobody waits for it any more."""
        cancelled = threading.Event()
        self._waiting.add(cancelled)
        try:
            # A call that was taken back isn't waited for: its thread notices `cancelled` in its own time.
            return await anyio.to_thread.run_sync(
                partial(work, cancelled), abandon_on_cancel=True, limiter=self._threads
            )
        finally:
            cancelled.set()
            self._waiting.discard(cancelled)

    def stop(self, patience: float) -> None:
        """Take all calls back; a write in flight gets `patience` seconds. Each leaves its line of audit."""
        for cancelled in tuple(self._waiting):
            cancelled.set()
        with self._ended:
            self._ended.wait_for(self._only_reads, patience)
            for line, (tool, context) in self._under_way.items():
                line.write(
                    tool, context.session, outcome="INTERRUPTED", seconds=context.seconds, requests=context.requests
                )

    def client(self) -> Client:
        """The org, as all calls use it. Raises SessionError when there is no login."""
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def reconnect(self) -> None:
        """Open the next call's session anew: somebody has logged in."""
        with self._lock:
            self._client = None

    @cached_property
    def _threads(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(MAX_CALLS)

    def _only_reads(self) -> bool:
        return all(tool.access == "read" for tool, _ in self._under_way.values())

    @contextmanager
    def _noted(self, tool: Tool, context: Context) -> Iterator[_Trail]:
        """The trail for a call that is under way meanwhile."""
        line = _Trail()
        with self._ended:
            self._under_way[line] = tool, context
        try:
            yield line
        finally:
            with self._ended:
                del self._under_way[line]
                self._ended.notify_all()

    def _call(
        self,
        name: str,
        arguments: Mapping[str, Any],
        confirm: Confirm | None,
        progress: Progress | None,
        cancelled: threading.Event,
        *,
        page: bool,
    ) -> Rendered:
        tool = self._find(name)
        context = Context(self.client, pages=self._pages, progress=progress, cancelled=cancelled, limit=LONGEST_CALL)
        given = {key: value for key, value in arguments.items() if key != CONFIRM}
        try:
            with self._noted(tool, context) as line:
                result = runner.run(
                    tool,
                    given,
                    context,
                    selection=self._selection,
                    policies=self._policies,
                    confirm=confirm,
                    trail=line,
                )
        except SessionError as error:
            if _mended_by_login(error, tool, context):
                raise LoginNeeded(error) from error
            raise
        shown = render(result, tool, self._pages, self._budget)
        return replace(
            shown,
            picture=picture(result),
            page=apps.content(tool, shown.result, self._tools) if page and tool.app else None,
        )

    def _find(self, name: str) -> Tool:
        if name in self._tools:
            return self._tools[name]
        tool = find(name, registry.load())
        refusal = self._refusal(tool)
        Trail().write(tool, None, outcome=refusal.code, seconds=0, requests=0)
        raise refusal

    def _refusal(self, tool: Tool) -> SfmcpError:
        """Why a tool that there is isn't offered."""
        try:
            self._selection.check(tool)
        except PolicyError as error:
            return error
        reason = self._policies.refusal(tool, self._policies.before_login())
        if reason:
            return refuse(tool, reason)
        return UsageError(
            f"{tool.name} is not offered.",
            code="NOT_OFFERED",
            hint=f"Whoever runs this server can add it: sfmcp serve --tools {tool.name}, or --toolsets {tool.toolset}.",
        )


def _mended_by_login(error: SessionError, tool: Tool, context: Context) -> bool:
    """Whether the call can simply be done again once somebody has logged in."""
    session = context.session
    if error.code not in _MENDED_BY_LOGIN or (session and session.alias in (None, "demo")):
        return False
    # One request is the one that the org refused; before a later one, some of a write may have been done.
    return tool.access == "read" or context.requests <= 1


@asynccontextmanager
async def progress_to(context: RequestContext) -> AsyncIterator[Progress | None]:
    """A function that threads report progress with; None when the client did not ask for any.

    What was reported inside is sent before this ends, so that no notification follows the answer.
    """
    if not context.meta or "progress_token" not in context.meta:
        yield None
        return
    send, receive = anyio.create_memory_object_stream[tuple[float, float | None, str]](math.inf)
    loop = anyio.lowlevel.current_token()

    def report(done: float, total: float | None, message: str) -> None:
        # A tool that was abandoned may still report: to a closed stream, or (RuntimeError) to a loop that has ended.
        with suppress(anyio.ClosedResourceError, anyio.BrokenResourceError, RuntimeError):
            anyio.from_thread.run_sync(send.send_nowait, (done, total, visible(message)), token=loop)

    async def forward() -> None:
        told, before, last = -math.inf, 0.0, 0.0
        async for done, total, message in receive:
            if done < last:  # something else is counted now: first what Salesforce reads, then what is written here
                before += last
            last = done
            if before + done > told:  # the protocol wants each notification to be further than the one before
                told = before + done
                await context.session.report_progress(told, None if total is None else before + total, message or None)

    failure: Exception | None = None
    async with receive, anyio.create_task_group() as group:
        group.start_soon(forward)
        with send:
            try:
                yield report
            except Exception as error:  # noqa: BLE001 - raised below: here the task group would wrap it
                failure = error
    if failure:
        raise failure
