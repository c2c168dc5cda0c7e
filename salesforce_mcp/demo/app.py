"""The demo org as an ASGI application: HTTP in and out, sessions, faults, the journal and the daily request count.

Handlers run in threads, one a request; nothing here knows of objects or queries. A framework would add little: paths
are matched by `routing.Router`, which the composite resources need without HTTP.
"""

from __future__ import annotations

import asyncio
import logging
import zlib
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from salesforce_mcp.demo import control
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.faults import REFUSALS, Fault, Faults
from salesforce_mcp.demo.http import Call, Reply
from salesforce_mcp.demo.journal import Entry, Journal
from salesforce_mcp.demo.oauth import sessions
from salesforce_mcp.demo.routing import Router, error_reply
from salesforce_mcp.demo.usage import Usage
from salesforce_mcp.demo.wire import Wire
from salesforce_mcp.demo.workers import Workers

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
MAX_URI = MAX_HEADERS = 16_384
MAX_BODY = 150_000_000
"""Bulk API 2.0 takes 150 MB a job; other resources take less, but refusing that is left to them."""
WORKERS = 16
CHUNK = 65_536
"""Bytes that a stream collects before they are sent: each sending takes two threads."""

log = logging.getLogger(__name__)


class DemoApp:
    """One running org on one store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.faults = Faults()
        self.journal = Journal()
        self.usage = Usage(store)
        self.router = Router(control.routes(self.faults, self.journal))
        self._workers = Workers(WORKERS)

    def close(self) -> None:
        """Let the threads go and keep the request count."""
        self._workers.close()
        self.usage.flush()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        method, path = str(scope["method"]), scope["raw_path"].decode("ascii")
        refusal = _refuse(scope, headers, path)
        if refusal is not None:
            await _send(Wire(refusal, headers), send)
            return
        body = await _read(receive)
        if body is None:
            return
        pairs = parse_qsl(scope["query_string"].decode("utf-8", "replace"), keep_blank_values=True)
        call = Call(
            store=self.store,
            method=method,
            path=path,
            query=dict(pairs),
            query_pairs=pairs,
            headers=headers,
            body=body,
            base_url=f"{scope['scheme']}://{headers['host']}",
            dispatcher=self.router.dispatch,
        )
        if path.startswith("/demo/"):
            await _send(await self._workers.run(partial(self._handle, call)), send)
        else:
            await self._answer(call, self.faults.take(method, path), receive, send)

    async def _answer(self, call: Call, fault: Fault | None, receive: Receive, send: Send) -> None:
        """Answer one request, or spoil the answer. It is in the journal before the client can have seen it."""
        kind = fault.kind if fault else None
        if fault and fault.delay:
            await asyncio.sleep(fault.delay)
        if kind == "drop":
            wire = None
        elif kind in REFUSALS:
            wire = Wire(REFUSALS[kind], call.headers)
        else:
            wire = await self._workers.run(partial(self._handle, call))
        if wire is None or kind == "drop_after":
            self.journal.add(Entry(call.method, call.path, 0, _grant(call)))
            await _hang_up(receive, send)
            return
        self.journal.add(Entry(call.method, call.path, wire.status, _grant(call)))
        if kind is not None:
            wire.spoil(kind)
        if wire.stream is not None:
            await _start(wire, send)
            await self._workers.run(partial(_pump, wire.stream, send, asyncio.get_running_loop()))
            await send({"type": "http.response.body"})
        elif kind == "cut":
            await _start(wire, send)
            await send({"type": "http.response.body", "body": wire.body[: len(wire.body) // 2], "more_body": True})
            await _hang_up(receive, send)
        else:
            await _send(wire, send, without_body=call.method == "HEAD")

    def _handle(self, call: Call) -> Wire:
        """Run the handler, in a thread of its own; every failure becomes Salesforce's answer."""
        try:
            if call.method == "POST" and "_HttpMethod" in call.query:
                call.method = call.query["_HttpMethod"].upper()
            if "content-encoding" in call.headers:
                call.body = _unzip(call)
            route = self.router.prepare(call)
            if route.session:
                user = sessions.authenticate(call)
                call.api_usage = self.usage.count()
                with self.store.acting_as(user.id):
                    reply = route.handler(call)
            else:
                reply = route.handler(call)
        except ApiError as error:
            reply = error_reply(error)
        except Exception:
            log.exception("%s %s failed", call.method, call.path)
            reply = REFUSALS["500"]
        wire = Wire(reply, call.headers)
        if call.session_user is not None and reply.status != 401:
            used, maximum = call.api_usage
            wire.headers["Sforce-Limit-Info"] = f"api-usage={used}/{maximum}"
        return wire


def _refuse(scope: Scope, headers: dict[str, str], path: str) -> Reply | None:
    """What is refused before anything is read: a foreign Host (a web page's DNS rebinding), and what is too long."""
    if _host_name(headers.get("host", "")) not in LOOPBACK_NAMES:
        return Reply(421, b"The demo org answers to localhost only.", {"Content-Type": "text/plain"})
    if len(path) + len(scope["query_string"]) > MAX_URI:
        return Reply(414, b"URI Too Long", {"Content-Type": "text/plain"})
    if sum(len(name) + len(value) for name, value in headers.items()) > MAX_HEADERS:
        return Reply(431, b"Request Header Fields Too Large", {"Content-Type": "text/plain"})
    if headers.get("content-length", "0").isdigit() and int(headers.get("content-length", "0")) > MAX_BODY:
        return Reply(413, b"Request Entity Too Large", {"Content-Type": "text/plain"})
    return None


def _host_name(host: str) -> str:
    """The Host header without its port, in lower case."""
    return host.rsplit(":", 1)[0].lower() if not host.endswith("]") else host.lower()


async def _read(receive: Receive) -> bytes | None:
    """The request's body; None when the client went away."""
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > MAX_BODY:
            return None
        if not message.get("more_body"):
            return b"".join(chunks)


def _unzip(call: Call) -> bytes:
    if call.headers["content-encoding"] != "gzip":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", "The request's content encoding is not supported.")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        body = unpacker.decompress(call.body, MAX_BODY)
    except zlib.error:
        raise ApiError(400, "JSON_PARSER_ERROR", "The request's body is not valid gzip.") from None
    if unpacker.unconsumed_tail:
        raise ApiError(413, "REQUEST_TOO_LARGE", "The request's body is too large.")
    return body


def _grant(call: Call) -> str | None:
    """The grant type of a request for tokens, which tests count; nothing else of the body is looked at."""
    if call.path != "/services/oauth2/token":
        return None
    form = call.form()
    return form.get("grant_type") or form.get("response_type")


async def _send(wire: Wire, send: Send, *, without_body: bool = False) -> None:
    await _start(wire, send)
    await send({"type": "http.response.body", "body": b"" if without_body else wire.body})


async def _start(wire: Wire, send: Send) -> None:
    lines = [
        (name.encode("latin-1"), line.encode("latin-1"))
        for name, value in wire.headers.items()
        for line in value.split("\n")
    ]
    if wire.stream is None and wire.status not in (204, 304):
        lines.append((b"Content-Length", str(len(wire.body)).encode("ascii")))
    await send({"type": "http.response.start", "status": wire.status, "headers": lines})


def _pump(stream: Iterator[bytes], send: Send, loop: asyncio.AbstractEventLoop) -> None:
    """Send a stream from the thread that produces it: SQLite's cursors must not change threads."""

    async def forward(chunk: bytes) -> None:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})

    waiting: list[bytes] = []
    size = 0
    for piece in stream:
        waiting.append(piece)
        size += len(piece)
        if size >= CHUNK:
            asyncio.run_coroutine_threadsafe(forward(b"".join(waiting)), loop).result()
            waiting, size = [], 0
    asyncio.run_coroutine_threadsafe(forward(b"".join(waiting)), loop).result()


async def _hang_up(receive: Receive, send: Send) -> None:
    """Close the connection as it is. ASGI has no word for that; `send` belongs to uvicorn's cycle, which knows it."""
    send.__self__.transport.close()  # type: ignore[attr-defined]
    while (await receive())["type"] != "http.disconnect":
        pass
