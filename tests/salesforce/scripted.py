"""A loopback org that answers from a script, over real HTTP."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import SessionError

DROP = object()
"""A reply: close the connection without a word."""


@dataclass
class Seen:
    """A request as the org got it."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: bytes
    target: str = ""
    """Path and query as they came."""

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False
    """Send half of what Content-Length says."""
    packed: bool = False
    """The body is compressed already."""

    def content(self) -> bytes:
        if self.body is None:
            return b""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away, as the tests make it do."""


class ScriptedOrg:
    """Answers each request with the next reply for its method and path; the last one stays.

    A reply is a Reply, DROP, or a function from the request to either.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.tokens = {"token-1"}
        self.connections = 0
        self._scripts: dict[tuple[str, str], list[Any]] = {}
        self._lock = threading.Lock()
        org = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                org.connections += 1
                super().setup()

            def log_message(self, *_: Any) -> None:
                pass

            def _serve(self) -> None:
                parts = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
                seen = Seen(self.command, parts.path, query, dict(self.headers.items()), body, self.path)
                reply = org.answer(seen)
                if reply is DROP:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                content = reply.content()
                headers = dict(reply.headers)
                if content and "gzip" in self.headers.get("Accept-Encoding", "") and not (reply.cut or reply.packed):
                    content = gzip.compress(content, 1)
                    headers["Content-Encoding"] = "gzip"
                self.send_response(reply.status)
                for name, value in {"Content-Type": "application/json;charset=UTF-8", **headers}.items():
                    self.send_header(name, value)
                if reply.status not in (204, 304):
                    self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if reply.cut:
                    self.wfile.write(content[: len(content) // 2])
                    self.close_connection = True
                    return
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = do_HEAD = _serve

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def on(self, request: str, *replies: Any) -> None:
        """Script the replies to `METHOD /path`; a path without `/services` is below `/services/data/v66.0/`."""
        method, _, path = request.partition(" ")
        full = path if path.startswith("/services") else f"/services/data/v66.0/{path}"
        self._scripts[method, full] = list(replies)

    def answer(self, seen: Seen) -> Any:
        with self._lock:
            self.seen.append(seen)
            token = seen.headers.get("Authorization", "").removeprefix("Bearer ")
            if token not in self.tokens:
                return invalid_session()
            script = self._scripts.get((seen.method, seen.path))
            if not script:
                return error(404, "NOT_FOUND", "The requested resource does not exist")
            reply = script.pop(0) if len(script) > 1 else script[0]
        return reply(seen) if callable(reply) else reply

    def count(self, method: str, path: str) -> int:
        """How often this was asked for."""
        return sum(seen.method == method and seen.path.endswith(path) for seen in self.seen)

    def __enter__(self) -> ScriptedOrg:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def ok(body: Any = None, status: int = 200, **headers: str) -> Reply:
    return Reply(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def error(status: int, code: str, message: str, **headers: str) -> Reply:
    return ok([{"errorCode": code, "message": message}], status, **headers)


def invalid_session() -> Reply:
    return error(401, "INVALID_SESSION_ID", "Session expired or invalid", WWW_Authenticate="Token")


def page(*records: dict[str, Any], total: int | None = None, following: str | None = None) -> Reply:
    body: dict[str, Any] = {
        "totalSize": len(records) if total is None else total,
        "done": following is None,
        "records": [
            {"attributes": {"type": "Account", "url": "/services/data/v66.0/x"}, **record} for record in records
        ],
    }
    if following:
        body["nextRecordsUrl"] = following
    return ok(body)


class ScriptedSession(Session):
    """A session whose tokens are `token-1`, `token-2`, ... up to `last`."""

    def __init__(self, url: str, last: int = 1) -> None:
        self._url = url
        self._number = 1
        self._last = last
        self.renewals = 0
        self.username = "ada@example.com"
        self.org_id = "00D000000000001EAA"

    @property
    def instance_url(self) -> str:
        return self._url

    def access_token(self) -> str:
        return f"token-{self._number}"

    def renew(self, rejected: str) -> str:
        self.renewals += 1
        if self._number >= self._last:
            raise SessionError("The org no longer accepts this login.", hint="Log in again.")
        self._number += 1
        return self.access_token()
