"""The front of a server: speaks for the SDK while it is being loaded, with what the SDK said the last time.

Loading the SDK takes longer than a client should wait for its first answers. So the front reads stdin from the start
and answers the requests whose answers are kept (see `kept`), until the first request that it has no answer for. Every
line goes to the SDK as well, in order; what it answers to those requests is compared with what was said, instead of
being said twice. Everything else is the SDK's own.
"""

from __future__ import annotations

import json
import os
import queue
import select
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, Self

from salesforce_mcp.server.kept import Kept, request_key

if TYPE_CHECKING:
    import anyio

_WATCHED = 64
"""Lines from a client's start on among which requests are looked for whose answers are worth keeping."""
_WAITING_LINES = 1000
"""Lines that may wait for the SDK; a client that sends more waits itself."""
_WAITING_BYTES = 64 * 1024 * 1024
"""Bytes of them, unless a single line has more."""
MAX_LINE = 8 * 1024 * 1024
"""Bytes of one message."""

PARSE_ERROR, INVALID_REQUEST = -32700, -32600
"""Codes of JSON-RPC 2.0."""
_IDS_BELOW = 2**53


class _Line(NamedTuple):
    """A line for the SDK; where the front has answered it, what it said to which id and from which key."""

    text: bytes
    id: int | str | None = None
    key: str | None = None
    said: str = ""


class Front:
    """Both ends of a server.

    `streams`: where lines come from, and the descriptor that answers go to. `gone` is called, in another thread, when
    the client left before it wanted anything of the SDK.
    """

    def __init__(self, kept: Kept, streams: tuple[BinaryIO, int], gone: Callable[[], object]) -> None:
        self._kept = kept
        self._gone = gone
        self._input, self._output = streams
        self._writing = threading.Lock()
        self._waiting: queue.Queue[_Line | None] = queue.Queue(_WAITING_LINES)
        self._waiting_bytes = 0
        self._room = threading.Condition()
        self._answering = bool(kept.answers)
        self._sdk_reads = False
        self._opening: str | None = None
        self._asked: dict[int | str, str] = {}
        self._repeated: _Line | None = None
        self._compared: anyio.Event | None = None
        self._settled = threading.Event()
        self.listed = threading.Event()
        """The client has a list of tools."""
        self.exact: dict[int | str, Any] = {}
        """By id, the parameters of requests on their way through the SDK, which would round their numbers."""

    def start(self) -> None:
        """Read and answer, in a thread of its own."""
        threading.Thread(target=self._read, name="front", daemon=True).start()

    def wait(self, seconds: float) -> None:
        """Wait until the client has its list or wants something else, or for some seconds."""
        self._settled.wait(seconds)

    # --- For the client ----------------------------------------------------------------------------------------------

    def _read(self) -> None:
        for number, text in enumerate(_lines(self._input)):
            if text is None:
                self._write(_error(PARSE_ERROR, f"A message has more than {MAX_LINE:,} bytes.", None))
                continue
            line = self._look_at(text) if number < _WATCHED else None
            if line is None:
                self._answering = False
                self._settled.set()
            self._pass_on(line or _Line(text))
        if self._answering and not self._sdk_reads:
            self._gone()
        self._settled.set()
        self._waiting.put(None)

    def _pass_on(self, line: _Line) -> None:
        """Put it with those that wait for the SDK, once there is room."""
        size = len(line.text)
        with self._room:
            self._room.wait_for(lambda: not self._waiting_bytes or self._waiting_bytes + size <= _WAITING_BYTES)
            self._waiting_bytes += size
        self._waiting.put(line)

    def _look_at(self, text: bytes) -> _Line | None:
        """The line, answered if it is a request; None when it is something that the front has no answer for."""
        message = _parse(text)
        if message is None:
            return None
        if "id" not in message:
            return _Line(text)
        key = request_key(message, self._opening)
        # A client may ping before its handshake, which is what says what it can do.
        if self._opening is None or message["method"] == "initialize":
            self._opening = key or ""
        if key is None:
            return None
        name = message["id"]
        result = self._kept.answers.get(key) if self._answering else None
        if result is None:
            self._asked[name] = key
            return None
        try:
            self._write(f'{{"jsonrpc":"2.0","id":{json.dumps(name)},"result":{result}}}\n'.encode())
        except OSError:
            self._gone()
        if message["method"] == "tools/list":
            self.listed.set()
            self._settled.set()
        return _Line(text, name, key, result)

    def _write(self, data: bytes) -> None:
        with self._writing:
            while data:
                data = data[os.write(self._output, data) :]

    def is_unread(self) -> bool:
        """Whether nobody can read the answers any more: the client is dead. Windows doesn't tell."""
        if sys.platform == "win32":
            return False
        poll = select.poll()
        poll.register(self._output, 0)  # what has gone wrong is told without asking for it
        return any(event & (select.POLLERR | select.POLLHUP) for _, event in poll.poll(0))

    # --- For the SDK: two files of text, as far as its stdio server uses them ----------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> str:
        """The next line. After one that the front answered, only once the SDK has answered it too."""
        import anyio.to_thread

        self._sdk_reads = True
        if self._compared:
            await self._compared.wait()
        while True:
            line = await anyio.to_thread.run_sync(self._waiting.get, abandon_on_cancel=True)
            if line is None:
                raise StopAsyncIteration
            with self._room:
                self._waiting_bytes -= len(line.text)
                self._room.notify()
            text = line.text.decode("utf-8", "replace")
            refusal = _refusal(text)
            if refusal is None:
                break
            await anyio.to_thread.run_sync(self._write, refusal)
        self._keep_exact(line.text)
        if line.key is not None:
            self._repeated, self._compared = line, anyio.Event()
        return text

    def _keep_exact(self, text: bytes) -> None:
        from salesforce_mcp.salesforce.response import exact_loads, may_be_inexact

        if may_be_inexact(text):
            with suppress(ValueError, LookupError):  # no request, or what only the SDK can read
                message = exact_loads(text)
                self.exact[message["id"]] = message["params"]

    async def write(self, text: str) -> None:
        """Send a line, unless the front has."""
        import anyio.to_thread

        key = None
        if self._repeated or self._asked:
            message = json.loads(text)
            if "method" not in message and self._compare(message):
                return
            key = self._asked.pop(message.get("id"), None) if "method" not in message else None
        await anyio.to_thread.run_sync(self._write, text.encode())
        if key is not None:
            if '"tools/list"' in key:
                self.listed.set()
            if "result" in message:
                await anyio.to_thread.run_sync(self._kept.keep, key, message["result"])

    async def flush(self) -> None:
        """Nothing is held back."""

    def _compare(self, message: dict[str, Any]) -> bool:
        """Whether this is the SDK's answer to a request that the front has answered."""
        line = self._repeated
        if line is None or line.key is None or self._compared is None or message.get("id") != line.id:
            return False
        self._repeated = None
        if message.get("result") != json.loads(line.said):
            import logging

            logging.getLogger(__name__).warning(
                "A kept answer was out of date. The next start will have the right one."
            )
            self._kept.keep(line.key, message.get("result"))
        self._compared.set()
        return True


def _parse(text: bytes) -> dict[str, Any] | None:
    """A request or notification as any client would write it; None for everything else."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(message, dict) or not message.keys() <= {"jsonrpc", "id", "method", "params"}:
        return None
    if message.get("jsonrpc") != "2.0" or not isinstance(message.get("method"), str):
        return None
    if not isinstance(message.get("params", {}), dict):
        return None
    name = message.get("id", 0)
    usual = isinstance(name, str) or (type(name) is int and abs(name) < _IDS_BELOW)
    return message if usual else None


def _lines(stream: BinaryIO) -> Iterator[bytes | None]:
    """The lines of a stream that aren't blank; None for one longer than MAX_LINE, of which nothing is kept."""
    while line := stream.readline(MAX_LINE + 1):
        if len(line) <= MAX_LINE:
            if not line.isspace():
                yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE)
        yield None


def _refusal(text: str) -> bytes | None:
    """The answer to a line that is no message, which the SDK would pass over in silence; None for a message."""
    from mcp_types import JSONRPCNotification, jsonrpc_message_adapter

    try:
        valid = jsonrpc_message_adapter.validate_json(text, by_name=False)
    except ValueError:
        valid = None
    if valid is not None and not isinstance(valid, JSONRPCNotification):
        return None
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return _error(PARSE_ERROR, "Parse error: a line is one message in JSON.", None)
    if not isinstance(message, dict):
        return _error(INVALID_REQUEST, "Invalid Request: a line is one JSON object; there are no batches.", None)
    if valid is not None and "id" not in message:
        return None
    name = message.get("id")
    words = 'Invalid Request: it has jsonrpc "2.0", a method, params as an object, and as id a text or a whole number.'
    return _error(INVALID_REQUEST, words, name if isinstance(name, str) or type(name) is int else None)


def _error(code: int, words: str, name: int | str | None) -> bytes:
    answer = {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": words}}
    return json.dumps(answer).encode() + b"\n"


def take_standard_streams() -> tuple[BinaryIO, int]:
    """stdin and stdout under other numbers. What anything else prints goes to stderr, what it reads is empty."""
    reading, writing = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:
        os.dup2(nothing, 1)
    os.close(nothing)
    return open(reading, "rb"), writing  # noqa: PTH123 - a descriptor, open until the end
