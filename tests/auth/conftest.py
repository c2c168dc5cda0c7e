"""A keyring in memory, and a login host on loopback that answers what a test tells it to."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from salesforce_mcp.auth import keyring_store
from salesforce_mcp.auth.orgs import Org
from tests.auth import memory_keyring

ORG_ID = "00D1a000000H3O9EAK"


class LoginHost(ThreadingHTTPServer):
    """Answers `/services/oauth2/token` with what `on_token` makes of the form, and what a login asks afterwards.

    `forms` are the token requests, `requests` the method and path of all. `date` replaces the Date header.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.on_token: Callable[[dict[str, str]], tuple[int, Any]] = lambda form: (200, self.grant())
        self.pages: dict[str, tuple[int, Any, dict[str, str]]] = {}
        self.forms: list[dict[str, str]] = []
        self.requests: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.date: str | None = None
        self.issued = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def grant(self, **more: Any) -> dict[str, Any]:
        """A token answer, as the recorded ones are."""
        self.issued += 1
        return {
            "access_token": f"{ORG_ID[:15]}!token.{self.issued}",
            "instance_url": self.url,
            "id": f"https://login.salesforce.com/id/{ORG_ID}/0051a000000UGT8AAO",
            "token_type": "Bearer",
            "issued_at": "1729294906256",
            "signature": "c2lnbmF0dXJl",
            **more,
        }

    def answer(self, method: str, target: str, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        path = urlsplit(target).path
        self.requests.append(f"{method} {path}")
        if path in self.pages:
            return self.pages[path]
        if path == "/services/oauth2/token":
            self.forms.append(form)
            return (*self.on_token(form), {})
        if path == "/services/oauth2/userinfo":
            return 200, {"preferred_username": "ada@example.com", "organization_id": ORG_ID, "user_id": "005"}, {}
        if path.endswith("/query"):
            record = {"Id": ORG_ID, "Name": "Acme", "IsSandbox": True, "OrganizationType": "Enterprise Edition"}
            return 200, {"totalSize": 1, "done": True, "records": [record]}, {}
        if path == "/services/data":
            return 200, [{"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"}], {}
        return 200, {}, {}


class _Handler(BaseHTTPRequestHandler):
    server: LoginHost

    def _reply(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = {name: values[0] for name, values in parse_qs(content, keep_blank_values=True).items()}
        self.server.headers.append(dict(self.headers.items()))
        status, body, headers = self.server.answer(self.command, self.path, form or {"body": content})
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response_only(status)
        self.send_header("Date", formatdate(usegmt=True) if self.server.date is None else self.server.date)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = _reply

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def host() -> Iterator[LoginHost]:
    server = LoginHost()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


UseKeyring = Callable[[str], None]


@pytest.fixture
def use_keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[UseKeyring]:
    """Put a keyring backend in place, by its path."""

    def use(path: str) -> None:
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", path)
        keyring_store._backend.cache_clear()

    yield use
    keyring_store._backend.cache_clear()


@pytest.fixture
def keyring(use_keyring: UseKeyring) -> Iterator[dict[tuple[str, str], str]]:
    """An empty keyring in memory; its entries."""
    use_keyring("tests.auth.memory_keyring.Memory")
    memory_keyring.Memory.entries.clear()
    yield memory_keyring.Memory.entries
    memory_keyring.Memory.entries.clear()


@pytest.fixture
def org(host: LoginHost) -> Org:
    """Settings of a browser login at the login host."""
    return Org(alias="acme", login_url=host.url, instance_url=host.url, client_id="3MVG9client", port=free_port())


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
