"""Where the browser comes back to: a listener on loopback for one callback (RFC 8252, section 7.3).

It takes one GET of /OauthRedirect with the right Host and the right state, and no more. Everything else is answered
briefly and forgotten, and the waiting goes on: a guess, another path or method, the favicon, a connection that sends
nothing, too much, or too slowly.
"""

from __future__ import annotations

import hmac
import os
import re
import selectors
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from salesforce_mcp.auth import pages
from salesforce_mcp.errors import SessionError, UsageError

PATH = "/OauthRedirect"
HEAD_LIMIT = 8192
"""Bytes of request line and headers; a callback has a few hundred."""
PATIENCE = 10.0
"""Seconds for a request to arrive whole."""
VISITORS = 32
"""Connections at a time; a further one takes the place of the oldest."""
_TICK = 0.25
"""Seconds between looks at the clock. Ctrl-C does not wake a waiting select on Windows."""

_REQUEST = re.compile(r"([A-Z]+) (/\S*) HTTP/1\.[01]")


@dataclass(slots=True)
class Callback:
    """The answer of the authorization endpoint: `code`, or `error` and `description`.

    The browser waits until `reply` is called.
    """

    code: str | None
    error: str | None
    description: str
    _connection: socket.socket

    def reply(self, page: str) -> None:
        """Show a page in the browser, and let go of it."""
        _send(self._connection, "200 OK", page)


@dataclass(slots=True)
class _Visitor:
    deadline: float
    received: bytearray = field(default_factory=bytearray)


class Listener:
    """Listens until `close`, on 127.0.0.1 and, where the machine has it, on ::1.

    A browser may take `localhost` for either. Making one raises UsageError PORT_BUSY when the port is taken on one of
    them: another port can't be taken silently, as Salesforce compares the callback URL character by character.
    """

    def __init__(self, port: int, state: str) -> None:
        self._port = port
        self._state = state
        self._hosts = {f"{name}:{port}" for name in ("localhost", "127.0.0.1", "[::1]")}
        self._selector = selectors.DefaultSelector()
        self._visitors: dict[socket.socket, _Visitor] = {}
        try:
            self._listen(socket.AF_INET, "127.0.0.1")
            if socket.has_ipv6:
                self._listen(socket.AF_INET6, "::1")
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening and drop all connections."""
        for key in list((self._selector.get_map() or {}).values()):
            sock = key.fileobj
            self._selector.unregister(sock)
            if isinstance(sock, socket.socket):
                sock.close()
        self._visitors.clear()
        self._selector.close()

    def wait(self, timeout: float, cancelled: threading.Event | None = None) -> Callback:
        """The callback. Raises SessionError LOGIN_TIMEOUT after `timeout` seconds, LOGIN_CANCELLED when cancelled."""
        end = time.monotonic() + timeout
        while (now := time.monotonic()) < end:
            if cancelled and cancelled.is_set():
                raise SessionError("The login was cancelled.", code="LOGIN_CANCELLED")
            for key, _ in self._selector.select(min(_TICK, end - now)):
                sock = key.fileobj
                if not isinstance(sock, socket.socket):
                    continue
                if sock not in self._visitors:
                    self._admit(sock)
                elif callback := self._hear(sock):
                    return callback
            self._show_out_the_slow()
        raise SessionError("The login was not finished in time.", code="LOGIN_TIMEOUT")

    def _listen(self, family: socket.AddressFamily, address: str) -> None:
        try:
            sock = socket.socket(family, socket.SOCK_STREAM)
        except OSError:
            if family == socket.AF_INET6:
                return  # the machine has no IPv6
            raise
        try:
            if os.name == "nt":
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)  # type: ignore[attr-defined,unused-ignore]
            else:
                # Only lets us follow a listener that ended a moment ago; two can't listen at a time.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                sock.bind((address, self._port))
            except OSError as error:
                if family == socket.AF_INET6 and not _taken(error):
                    sock.close()
                    return  # IPv6 is there, its loopback address isn't
                raise
            sock.listen(VISITORS)
            sock.setblocking(False)
        except OSError as error:
            sock.close()
            raise UsageError(
                f"Port {self._port} on {address} is in use, so the browser could not come back to this login.",
                code="PORT_BUSY",
                hint="End the program that uses it (perhaps another login), or choose a port with --port N and add "
                f"http://localhost:N{PATH} to the app's callback URLs.",
            ) from error
        self._selector.register(sock, selectors.EVENT_READ)

    def _admit(self, listening: socket.socket) -> None:
        try:
            sock, _ = listening.accept()
        except OSError:
            return  # gone again
        if len(self._visitors) >= VISITORS:
            oldest = next(iter(self._visitors))
            self._release(oldest)
            oldest.close()
        sock.setblocking(False)
        self._visitors[sock] = _Visitor(deadline=time.monotonic() + PATIENCE)
        self._selector.register(sock, selectors.EVENT_READ)

    def _hear(self, sock: socket.socket) -> Callback | None:
        """Take what a visitor sent; the callback if that completes it."""
        visitor = self._visitors[sock]
        try:
            piece = sock.recv(HEAD_LIMIT)
        except BlockingIOError:
            return None
        except OSError:
            piece = b""
        visitor.received += piece
        head, complete, _ = bytes(visitor.received).partition(b"\r\n\r\n")
        if piece and not complete and len(head) <= HEAD_LIMIT:
            return None
        self._release(sock)
        if not piece:
            sock.close()
            return None
        if len(head) > HEAD_LIMIT:
            _send(sock, "431 Request Header Fields Too Large")
            return None
        return self._judge(sock, head.decode("latin-1"))

    def _judge(self, sock: socket.socket, head: str) -> Callback | None:
        first, *lines = head.split("\r\n")
        request = _REQUEST.fullmatch(first)
        headers = [line.partition(":") for line in lines]
        host = [value.strip().lower() for name, _, value in headers if name.lower() == "host"]
        if not request or len(host) != 1:
            _send(sock, "400 Bad Request")
            return None
        if host[0] not in self._hosts:
            _send(sock, "421 Misdirected Request")
            return None
        method, target = request.groups()
        path, _, query = target.partition("?")
        if path != PATH:
            _send(sock, "404 Not Found")
            return None
        if method != "GET":
            _send(sock, "405 Method Not Allowed", allow="GET")
            return None
        values = _values(query)
        state = values.get("state", "").encode()
        outcome = [name for name in ("code", "error") if values.get(name)]
        if not hmac.compare_digest(state, self._state.encode()) or len(outcome) != 1:
            _send(sock, "400 Bad Request", pages.stranger())
            return None
        return Callback(values.get("code"), values.get("error"), values.get("error_description", ""), sock)

    def _release(self, sock: socket.socket) -> None:
        self._selector.unregister(sock)
        del self._visitors[sock]

    def _show_out_the_slow(self) -> None:
        now = time.monotonic()
        for sock in [sock for sock, visitor in self._visitors.items() if visitor.deadline < now]:
            self._release(sock)
            _send(sock, "408 Request Timeout")


def _values(query: str) -> dict[str, str]:
    """The parameters of a query; none where one is given twice, which RFC 6749 forbids, or where there are too many."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return {}
    values = dict(pairs)
    return values if len(values) == len(pairs) else {}


def _taken(error: OSError) -> bool:
    import errno

    return error.errno in (errno.EADDRINUSE, errno.EACCES)


def _send(sock: socket.socket, status: str, page: str = "", *, allow: str | None = None) -> None:
    """Answer and hang up. An answer fits into the socket's buffer, so nobody can hold us up by not reading."""
    body = page.encode()
    headers = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(body)}",
        f"Content-Security-Policy: {pages.POLICY}",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "X-Content-Type-Options: nosniff",
        "Connection: close",
        *([f"Allow: {allow}"] if allow else []),
    ]
    try:
        sock.settimeout(2)
        sock.sendall("\r\n".join([*headers, "", ""]).encode() + body)
        sock.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the visitor is gone
    finally:
        sock.close()
