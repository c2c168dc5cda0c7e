"""The listener that waits for the browser: whatever comes first, the right callback is the one that counts."""

from __future__ import annotations

import socket
import threading

from salesforce_mcp.auth.loopback import Callback, Listener

_HOST = b"Host: localhost:%d\r\n"

VISITS = [
    b"",
    b"\r\n\r\n",
    b"\x16\x03\x01\x02\x00" * 20 + b"\r\n\r\n",
    b"GET /OauthRedirect?code=x&state=wrong HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /OauthRedirect?code=x&state=right&state=right HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /OauthRedirect?code=x&error=y&state=right HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /OauthRedirect?state=%ff%00 HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /OauthRedirect?" + b"a&" * 3000 + b" HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"GET /OauthRedirect?code=x&state=right HTTP/1.1\r\nHost: evil.example.com\r\n\r\n",
    b"GET /OauthRedirect?code=x&state=right HTTP/1.1\r\n" + _HOST + _HOST + b"\r\n",
    b"GET http://localhost/OauthRedirect?code=x&state=right HTTP/1.1\r\n" + _HOST + b"\r\n",
    b"POST /OauthRedirect?code=x&state=right HTTP/1.1\r\n" + _HOST + b"Content-Length: 99999999\r\n\r\n",
    b"GET /favicon.ico HTTP/9.9\r\n" + _HOST + b"\r\n",
    b"GET " + b"/" * 9000,
    b"GET / HTTP/1.1\r\n" + b"X: \xff\x00\r\n" * 500,
]


def test_the_right_callback_counts() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    listener = Listener(port, "right")
    found: list[Callback] = []
    waiting = threading.Thread(target=lambda: found.append(listener.wait(60)))
    waiting.start()
    for visit in VISITS:
        for sent in (visit.replace(b"%d", b"%d" % port), visit[: len(visit) // 2]):
            with socket.create_connection(("127.0.0.1", port), timeout=20) as browser:
                browser.sendall(sent)
                browser.shutdown(socket.SHUT_WR)
                try:
                    answer = browser.recv(4096)
                except ConnectionResetError:
                    answer = b""
                assert not answer.startswith(b"HTTP/1.1 200")
    assert found == []
    with socket.create_connection(("127.0.0.1", port), timeout=20) as browser:
        browser.sendall(b"GET /OauthRedirect?code=x&state=right HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % port)
        waiting.join(20)
        assert found[0].code == "x"
        found[0].reply("done")
        assert browser.recv(4096).startswith(b"HTTP/1.1 200")
    listener.close()
