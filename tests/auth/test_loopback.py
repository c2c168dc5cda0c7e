"""The listener: takes the one right callback, and stands everything else."""

from __future__ import annotations

import contextlib
import errno
import http.client
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from urllib.parse import quote

import pytest

from salesforce_mcp.auth import loopback, pages
from salesforce_mcp.auth.loopback import Callback, Listener
from salesforce_mcp.errors import SessionError, SfmcpError, UsageError
from tests.auth.conftest import free_port

STATE = "s3cr3t-state"


class Waiting:
    """A listener that waits in another thread."""

    def __init__(self) -> None:
        self.port = free_port()
        self.listener = Listener(self.port, STATE)
        self.cancelled = threading.Event()
        self._pool = ThreadPoolExecutor(1)
        self.callback: Future[Callback] = self._pool.submit(self.listener.wait, 60, self.cancelled)

    def raw(self, request: bytes, address: str = "127.0.0.1") -> bytes:
        """Send these bytes and read until the end."""
        with socket.create_connection((address, self.port), timeout=20) as sock:
            with contextlib.suppress(OSError):  # refused before all was sent
                sock.sendall(request)
            answer = b""
            with contextlib.suppress(ConnectionError):
                while piece := sock.recv(65536):
                    answer += piece
            return answer

    def status(self, request: str, address: str = "127.0.0.1") -> int:
        answer = self.raw(request.encode(), address)
        return int(answer.split()[1]) if answer else 0

    def get(self, target: str, *, method: str = "GET", host: str | None = None) -> int:
        return self.status(f"{method} {target} HTTP/1.1\r\nHost: {host or f'localhost:{self.port}'}\r\n\r\n")

    def finish(self) -> Callback:
        """Send the right callback and answer it; what it was."""
        with ThreadPoolExecutor(1) as pool:
            browser = pool.submit(self.get, f"/OauthRedirect?code=abc&state={STATE}")
            callback = self.callback.result(20)
            callback.reply("<p>done</p>")
            assert browser.result() == 200
        return callback

    def close(self) -> None:
        self.cancelled.set()
        self._pool.shutdown()
        self.listener.close()


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    with closing(Waiting()) as started:
        yield started


def test_takes_the_code(waiting: Waiting) -> None:
    callback = waiting.finish()
    assert (callback.code, callback.error) == ("abc", None)


def test_takes_an_error(waiting: Waiting) -> None:
    with ThreadPoolExecutor(1) as pool:
        words = quote("end-user denied authorization")
        browser = pool.submit(
            waiting.get, f"/OauthRedirect?error=access_denied&error_description={words}&state={STATE}"
        )
        callback = waiting.callback.result(20)
        callback.reply("")
        browser.result()
    assert (callback.code, callback.error) == (None, "access_denied")
    assert callback.description == "end-user denied authorization"


def test_listens_on_both_loopback_addresses_and_no_other(waiting: Waiting) -> None:
    assert waiting.get("/x") == 404
    if _has_ipv6():
        assert waiting.status(f"GET /x HTTP/1.1\r\nHost: [::1]:{waiting.port}\r\n\r\n", "::1") == 404
    for address in _other_addresses():
        with pytest.raises(OSError, match=r"refused|timed out|unreachable"):
            socket.create_connection((address, waiting.port), timeout=2)


BARRAGE = [
    # (request, status); {port} and {state} are filled in, 0 is no answer
    ("GET /OauthRedirect?code=abc&state=wrong HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=abc&state= HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=abc HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=a&error=b&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=a&code=b&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=a&state=x&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=a&state={state}&" + "a=1&" * 60 + " HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect/?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("GET /oauthredirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("GET //OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("GET /favicon.ico HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("GET / HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("GET /../etc/passwd HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 404),
    ("POST /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 405),
    ("HEAD /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 405),
    ("OPTIONS /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 405),
    ("GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: evil.example:{port}\r\n\r\n", 421),
    ("GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost\r\n\r\n", 421),
    ("GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\n\r\n", 400),
    (
        "GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\nHost: localhost:{port}\r\n\r\n",
        400,
    ),
    ("GET http://localhost:{port}/OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("GET /OauthRedirect?code=a&state={state} HTTP/2.0\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("get /OauthRedirect?code=a&state={state} HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost:{port}\r\n\r\n", 400),
    ("\r\n\r\n", 400),
    ("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
    (
        "GET /OauthRedirect?code=a&state={state} HTTP/1.1\r\nX: " + "a" * 9000 + "\r\nHost: localhost:{port}\r\n\r\n",
        431,
    ),
    ("GET /" + "a" * 100_000, 431),
    ("a" * 1_000_000, 431),
]


def test_stands_a_barrage_and_still_takes_the_right_one(waiting: Waiting) -> None:
    for request, status in BARRAGE:
        text = request.replace("{port}", str(waiting.port)).replace("{state}", STATE)
        answer = waiting.raw(text.encode("latin-1"))
        # A refusal may be overtaken by the reset that follows when the rest of a flood isn't read.
        if answer or len(text) < 65536:
            assert int(answer.split()[1]) == status, request[:80]
        assert b"abc" not in answer
        assert STATE.encode() not in answer
        assert not waiting.callback.done()
    assert waiting.finish().code == "abc"


def test_idle_and_slow_connections_do_not_end_or_block_the_wait(
    waiting: Waiting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loopback, "PATIENCE", 0.2)
    with contextlib.ExitStack() as stack:
        idle = [stack.enter_context(_connect(waiting.port)) for _ in range(5)]
        slow = stack.enter_context(_connect(waiting.port))
        with contextlib.suppress(OSError):
            for letter in b"GET /OauthRedirect?code=abc&state=" * 40:
                slow.sendall(bytes([letter]))
                time.sleep(0.005)  # slower than PATIENCE allows
        assert slow.recv(100).startswith(b"HTTP/1.1 408")
        assert all(sock.recv(100).startswith(b"HTTP/1.1 408") for sock in idle)
        assert waiting.finish().code == "abc"


def test_many_idle_connections_do_not_keep_the_browser_out(waiting: Waiting) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(loopback.VISITORS * 3):
            stack.enter_context(_connect(waiting.port))
        assert waiting.finish().code == "abc"


def test_connections_that_break_off_do_no_harm(waiting: Waiting) -> None:
    for _ in range(20):
        with _connect(waiting.port) as sock:
            sock.sendall(b"GET /OauthRedirect?co")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    assert waiting.finish().code == "abc"


def test_a_request_may_come_in_pieces(waiting: Waiting) -> None:
    text = f"GET /OauthRedirect?code=abc&state={STATE} HTTP/1.1\r\nHost: localhost:{waiting.port}\r\n\r\n"
    with _connect(waiting.port) as sock:
        for at in range(0, len(text), 7):
            sock.sendall(text[at : at + 7].encode())
        callback = waiting.callback.result(20)
        callback.reply("ok")
        assert sock.recv(100).startswith(b"HTTP/1.1 200")


def test_is_used_once(waiting: Waiting) -> None:
    waiting.finish()
    waiting.listener.close()
    with pytest.raises(OSError, match=r"refused") as caught:
        _connect(waiting.port)
    assert caught.value.errno == errno.ECONNREFUSED


def test_a_busy_port_ends_the_login_at_once() -> None:
    port = free_port()
    with closing(Listener(port, STATE)), pytest.raises(UsageError, match=f"Port {port}") as caught:
        Listener(port, STATE)
    assert caught.value.code == "PORT_BUSY"
    assert "--port" in (caught.value.hint or "")
    Listener(port, STATE).close()  # free again at once


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 on this machine")
def test_a_port_busy_on_ipv6_alone_counts_too() -> None:
    if not _has_ipv6():
        pytest.skip("no ::1 on this machine")
    port = free_port()
    with socket.socket(socket.AF_INET6) as other:
        other.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        other.bind(("::1", port))
        other.listen()
        with pytest.raises(UsageError, match="::1"):
            Listener(port, STATE)


def test_gives_up_in_time() -> None:
    with closing(Listener(free_port(), STATE)) as listener, pytest.raises(SessionError) as caught:
        listener.wait(0.01)
    assert caught.value.code == "LOGIN_TIMEOUT"


def test_can_be_cancelled(waiting: Waiting) -> None:
    waiting.cancelled.set()
    with pytest.raises(SessionError) as caught:
        waiting.callback.result(20)
    assert caught.value.code == "LOGIN_CANCELLED"


def test_the_page_is_escaped_and_harmless(waiting: Waiting) -> None:
    page = pages.failure(SfmcpError("<script>alert(1)</script>", hint="<img src=x onerror=alert(1)>&\"'"))
    with ThreadPoolExecutor(1) as pool:
        request = f"GET /OauthRedirect?code=abc&state={STATE} HTTP/1.1\r\nHost: localhost:{waiting.port}\r\n\r\n"
        browser = pool.submit(waiting.raw, request.encode())
        waiting.callback.result(20).reply(page)
        answer = browser.result().decode()
    head, _, body = answer.partition("\r\n\r\n")
    assert "default-src 'none'" in head
    assert "Cache-Control: no-store" in head
    assert "Referrer-Policy: no-referrer" in head
    assert "<script>" not in body
    assert "<img" not in body
    assert "&lt;script&gt;" in body


@pytest.mark.parametrize("production", [True, False])
def test_the_page_marks_a_production_org(production: bool) -> None:
    page = pages.success("ada@example.com", "acme.my.salesforce.com", production=production)
    assert ("production org" in page) is production


def test_answers_what_http_clients_understand(waiting: Waiting) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", waiting.port, timeout=20)) as client:
        client.request("POST", "/OauthRedirect", headers={"Host": f"localhost:{waiting.port}"})
        answer = client.getresponse()
        assert (answer.status, answer.getheader("Allow"), answer.read()) == (405, "GET", b"")


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


def _other_addresses() -> list[str]:
    """This machine's addresses that aren't loopback."""
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return []
    return [str(entry[4][0]) for entry in found if not str(entry[4][0]).startswith("127.")]
