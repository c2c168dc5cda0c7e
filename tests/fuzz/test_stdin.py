"""What a client may send on stdin: it is answered or passed over, and the server goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.server.front import MAX_LINE
from tests.server.wire import Wire, text_of

DEEP = 100_000
MEGABYTE = 1 << 20

LINES: dict[str, tuple[bytes, int | None]] = {
    "no JSON": (b"hello", -32700),
    "blank": (b"  ", None),
    "NUL": (b"\0\0\0", -32700),
    "no UTF-8": (b'{"jsonrpc":"2.0","id":1,"method":"\xff\xfe"}', -32601),
    "batch": (b'[{"jsonrpc":"2.0","id":1,"method":"ping"}]', -32600),
    "number": (b"17", -32600),
    "null": (b"null", -32600),
    "deep list": (b"[" * DEEP + b"]" * DEEP, -32700),
    "deep and open": (b'{"a":' * DEEP, -32700),
    "deep arguments": (
        b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":' + b"[" * 900 + b"]" * 900 + b"}}",
        -32600,
    ),
    "no version": (b'{"id":1,"method":"ping"}', -32600),
    "method is a number": (b'{"jsonrpc":"2.0","id":1,"method":5}', -32600),
    "params are a list": (b'{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[1]}', -32600),
    "id is null": (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600),
    "id is a fraction": (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', -32600),
    "id is an object": (b'{"jsonrpc":"2.0","id":{},"method":"ping"}', -32600),
    "id of 5000 digits": (b'{"jsonrpc":"2.0","id":' + b"9" * 5000 + b',"method":"ping"}', -32700),
    "unknown method": (b'{"jsonrpc":"2.0","id":1,"method":"no/such"}', -32601),
    "unknown notification": (b'{"jsonrpc":"2.0","method":"no/such"}', None),
    "arguments are a list": (
        b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"query","arguments":[]}}',
        -32602,
    ),
    "an answer to nothing": (b'{"jsonrpc":"2.0","id":99,"result":{}}', None),
    "takes back an object": (b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}', None),
    "takes back a list": (b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":[]}}', None),
    "address of no host": (b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file://[x"}}', -32602),
    "address with NUL": (b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///%00"}}', -32602),
    "long address": (
        b'{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"file:///' + b"a" * 100_000 + b'"}}',
        -32602,
    ),
}
"""Lines, and the code of the error that answers them (None: nothing does)."""


class Client(Wire):
    """A server that nobody logged in to."""

    def put(self, line: bytes) -> None:
        assert self.process.stdin
        self.process.stdin.write(line)
        self.process.stdin.flush()

    def errors(self) -> list[dict[str, Any]]:
        """The errors among the answers so far, before that to a ping."""
        assert self.ask("ping")["result"] == {}
        return [message["error"] for message in self.seen if "error" in message]


@pytest.fixture
def client() -> Iterator[Client]:
    with Client() as running:
        yield running
        assert running.close() == 0
        assert "Traceback" not in running.log()


@pytest.fixture(scope="module")
def opened() -> Iterator[Client]:
    """One server for all that comes after the handshake."""
    with Client() as running:
        running.initialize()
        yield running
        assert running.close() == 0
        assert "Traceback" not in running.log()


def test_odd_lines_are_answered(opened: Client) -> None:
    client = opened
    for name, (line, code) in LINES.items():
        client.seen.clear()
        client.put(line + b"\n")
        if b'"id":1,' in line and name != "batch":
            client.answer(1)
        assert [error["code"] for error in client.errors()] == ([] if code is None else [code]), name


@pytest.mark.parametrize("warm", [False, True])
def test_odd_lines_before_the_handshake(warm: bool) -> None:
    """With `warm`, the server answers the handshake before it has loaded the SDK."""
    if warm:
        with Client() as first:
            first.initialize()
            first.ask("tools/list")
    with Client() as client:
        for line, _ in LINES.values():
            if b'"id"' not in line:  # a request would choose the protocol's era
                client.put(line + b"\n")
        assert client.initialize()["serverInfo"]["name"] == "sfmcp"
        assert client.ask("ping")["result"] == {}
        assert client.close() == 0
        assert "Traceback" not in client.log()


@pytest.mark.parametrize("first", [True, False])
def test_a_line_of_200_mb(client: Client, first: bool) -> None:
    if not first:
        client.initialize()
    client.put(b'{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"')
    for _ in range(200):
        client.put(b"a" * MEGABYTE)
    client.put(b'"}}\n')
    if first:
        client.initialize()
    client.ask("ping")
    assert [message["error"]["code"] for message in client.seen if "error" in message] == [-32700]
    assert _peak(client) < 160 + 4 * MAX_LINE // MEGABYTE


def test_a_flood_of_calls(opened: Client) -> None:
    client = opened
    client.seen.clear()
    count = 400
    call = {"jsonrpc": "2.0", "method": "tools/call", "params": {"name": "query", "arguments": {"soql": 5}}}
    for number in range(100, 100 + count):
        client.put(json.dumps({**call, "id": number}).encode() + b"\n")
    for number in range(100, 100 + count):
        text, failed = text_of(client.answer(number))
        assert failed
        assert text.startswith("INVALID_ARGUMENT: soql")
    assert _peak(client) < 200


def test_the_same_id_again_and_again(opened: Client) -> None:
    client = opened
    client.seen.clear()
    line = b'{"jsonrpc":"2.0","id":77,"method":"tools/call","params":{"name":"no"}}\n'
    client.put(line * 200)
    client.ask("ping")
    client.put(b"\n" * 100_000)
    client.ask("ping")


@pytest.mark.parametrize("handshake", [True, False])
def test_half_a_line_and_the_end(client: Client, handshake: bool) -> None:
    if handshake:
        client.initialize()
    client.put(b'{"jsonrpc":"2.0","id":5,"meth')
    assert client.close() == 0


def test_a_client_that_does_not_read(opened: Client) -> None:
    """Whoever asks on without reading waits, and what was asked is answered all the same."""
    client = opened
    client.seen.clear()
    for number in range(100, 400):
        client.send("tools/list", number=number)
    assert len({len(client.answer(number)["result"]["tools"]) for number in range(100, 400)}) == 1


def _peak(client: Client) -> int:
    """MB that the server has taken at most."""
    status = Path(f"/proc/{client.process.pid}/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024
