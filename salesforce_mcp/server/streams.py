"""What a client asked and has not been answered, seen from the streams.

A client may write its requests and close stdin at once, as a pipe does. The SDK takes the end of the input for the end
of the session and drops what is still being worked on; here the end is held back until the answers are out, or nobody
reads them any more.
"""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import anyio
import mcp_types as types
from mcp.shared._stream_protocols import ReadStream, WriteStream
from mcp.shared.message import SessionMessage

MOST_OPEN = 200
"""Requests that are worked on at a time; a client that sends more of them waits."""
GRACE = 30.0
"""Seconds that the end of the input waits for open requests."""
_GLANCE = 0.2
"""Seconds between two looks at whether the answers are still read."""


class OpenRequests:
    """The ids of requests between their arrival and their answer.

    `is_unread` says that nobody can read the answers any more.
    """

    def __init__(self, is_unread: Callable[[], bool]) -> None:
        self._is_unread = is_unread
        self._ids: set[types.RequestId] = set()
        self._answered = anyio.Event()

    def arrived(self, item: SessionMessage | Exception) -> None:
        """Note what came in: a request is open from now on, a cancelled one no longer."""
        message = item.message if isinstance(item, SessionMessage) else None
        if isinstance(message, types.JSONRPCRequest):
            self._ids.add(message.id)
        elif isinstance(message, types.JSONRPCNotification) and message.method == "notifications/cancelled":
            # The SDK doesn't answer a request that was taken back.
            name = (message.params or {}).get("requestId")
            if isinstance(name, str | int):
                self._ids.discard(name)
                self._answered.set()

    def sent(self, item: SessionMessage) -> None:
        """Note what went out."""
        if isinstance(item.message, types.JSONRPCResponse | types.JSONRPCError) and item.message.id is not None:
            self._ids.discard(item.message.id)
            self._answered.set()

    async def settled(self) -> None:
        """Return when all are answered or nobody would read the answers, after GRACE at the latest."""
        with anyio.move_on_after(GRACE):
            await self._fewer_than(1)

    async def room(self) -> None:
        """Return when there are fewer than MOST_OPEN, or nobody would read the answers."""
        await self._fewer_than(MOST_OPEN)

    async def _fewer_than(self, most: int) -> None:
        while len(self._ids) >= most and not self._is_unread():
            self._answered = anyio.Event()
            with anyio.move_on_after(_GLANCE):
                await self._answered.wait()


class _Stream:
    def __init__(self, inner: Any, requests: OpenRequests) -> None:
        self._inner = inner
        self._requests = requests

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        left: bool | None = await self._inner.__aexit__(kind, error, trace)
        return left


class Requests(_Stream):
    """A read stream that ends only when what came over it has been answered.

    `exact`: by id, the parameters of requests whose numbers the SDK has rounded.
    """

    def __init__(
        self,
        inner: ReadStream[SessionMessage | Exception],
        requests: OpenRequests,
        exact: dict[types.RequestId, Any],
    ) -> None:
        super().__init__(inner, requests)
        self._exact = exact

    async def receive(self) -> SessionMessage | Exception:
        await self._requests.room()
        try:
            item: SessionMessage | Exception = await self._inner.receive()
        except anyio.EndOfStream:
            await self._requests.settled()
            raise
        if isinstance(item, SessionMessage) and isinstance(item.message, types.JSONRPCRequest):
            item.message.params = self._exact.pop(item.message.id, item.message.params)
        self._requests.arrived(item)
        return item

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None


class Answers(_Stream):
    """A write stream that notes which requests it answered."""

    def __init__(self, inner: WriteStream[SessionMessage], requests: OpenRequests) -> None:
        super().__init__(inner, requests)

    async def send(self, item: SessionMessage, /) -> None:
        await self._inner.send(item)
        self._requests.sent(item)
