"""A loopback server that answers every request with the same bytes, however wrong they are."""

from __future__ import annotations

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress

MEGABYTE = 1 << 20

Answer = Callable[[], Iterator[bytes]]
"""What is sent for one request, piece by piece; the connection is closed after it."""


class HostileOrg:
    """Listens on `host`, any free port; `seen` holds the heads of all requests."""

    def __init__(self, answer: Answer, host: str = "127.0.0.1") -> None:
        self._answer = answer
        self._listening = socket.create_server((host, 0))
        self.seen: list[bytes] = []
        self.url = f"http://{host}:{self._listening.getsockname()[1]}"

    def __enter__(self) -> HostileOrg:
        threading.Thread(target=self._listen, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            self.seen.append(_request(connection))
            for piece in self._answer():
                connection.sendall(piece)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(MEGABYTE):
                pass


def _request(connection: socket.socket) -> bytes:
    """The head of a request. Its body is read as far as Content-Length says, so that closing is no reset."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return received
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length and (piece := connection.recv(65536)):
        body += piece
    return head


def plain(body: bytes, status: str = "200 OK", kind: str = "application/json", *more: str) -> Answer:
    """A well-formed answer with this body."""
    head = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *more, "", ""]
    return lambda: iter(["\r\n".join(head).encode() + body])


def raw(*pieces: bytes) -> Answer:
    """These bytes."""
    return lambda: iter(pieces)


def gzipped(body: bytes, *, cut: int | None = None) -> Answer:
    """The body compressed, perhaps cut after so many bytes, with a length that fits."""
    return plain(gzip.compress(body, 1)[:cut], "200 OK", "application/json", "Content-Encoding: gzip")


def bomb(megabytes: int, byte: bytes = b"a") -> Answer:
    """A JSON string of so many megabytes that takes a thousandth on the wire."""

    def pieces() -> Iterator[bytes]:
        packer = zlib.compressobj(9, wbits=31)
        yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
        yield packer.compress(b'"')
        for _ in range(megabytes):
            yield packer.compress(byte * (MEGABYTE // len(byte)))
        yield packer.compress(b'"') + packer.flush()

    return pieces


def endless(head: bytes, piece: bytes) -> Answer:
    """The same piece again and again, until nobody listens any more."""

    def pieces() -> Iterator[bytes]:
        yield head
        while True:
            yield piece

    return pieces


def slow(head: bytes, piece: bytes, pause: float, stop: threading.Event) -> Answer:
    """The same piece now and then, until `stop`."""

    def pieces() -> Iterator[bytes]:
        yield head
        while not stop.wait(pause):
            yield piece

    return pieces


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
_DEEP = 100_000

BODIES: dict[str, bytes] = {
    "empty": b"",
    "no JSON": b'{"records": [',
    "words": b"Bad_OAuth_Token",
    "web page": b"<!DOCTYPE html><html><body>Login</body></html>",
    "null": b"null",
    "number": b"17",
    "true": b"true",
    "string": b'"records"',
    "list": b"[]",
    "list of lists": b"[[], [[]], 1, null]",
    "object": b"{}",
    "wrong types": b'{"records": {"a": 1}, "totalSize": "many", "done": 3, "nextRecordsUrl": [], "id": {}, "state": [],'
    b' "access_token": 1, "instance_url": [], "fields": 5, "searchRecords": 7, "compositeResponse": "x", "sobjects": 1}',
    "null records": b'{"records": [null, 1, "x", []], "totalSize": 4, "done": true}',
    "odd records": b'{"records": [{"attributes": null, "Id": {"attributes": 1}}, {"attributes": [], "Id": 3}], "done": []}',
    "infinity": b'{"totalSize": 1e400, "done": true, "records": [{"attributes": {}, "Amount": 1e400}], "size": -1e400,'
    b' "numberRecordsProcessed": 1e400, "id": "750000000000001AAA", "state": "JobComplete", "object": "A", "operation": "x"}',
    "digits": b'{"totalSize": ' + b"9" * 400 + b', "records": [], "done": true}',
    "more digits": b'{"totalSize": ' + b"9" * 50_000 + b', "records": [], "done": true}',
    "exponent": b'{"totalSize": 1, "done": true, "records": [{"attributes": {}, "Amount": 1.5e999999999999999999}]}',
    "deep list": b"[" * _DEEP + b"]" * _DEEP,
    "deep object": b'{"records": ' * _DEEP + b"1" + b"}" * _DEEP,
    "deep value": b'{"totalSize": 1, "done": true, "records": [{"attributes": {}, "A": '
    + b"[" * 900
    + b"]" * 900
    + b"}]}",
    "deep and open": b"[" * _DEEP,
    "half characters": b'{"totalSize": 1, "done": true, "records": [{"attributes": {}, "Name": "\\ud800"}]}',
    "no UTF-8": b'{"totalSize": 1, "done": true, "records": [{"attributes": {}, "Name": "\xff\xfe\x00"}]}',
    "byte order mark": b'\xef\xbb\xbf{"records": []}',
    "UTF-16": '{"records": []}'.encode("utf-16"),
    "errors of odd types": b'[{"errorCode": 5, "message": [], "fields": 7}, {"errorCode": "A", "fields": {"a": 1}}, null]',
    "errors with fields": b'[{"errorCode": "INVALID_FIELD", "message": "x", "fields": [1, null, {}]}]',
    "itself again": b'{"totalSize": 9, "done": false, "records": [{"attributes": {}, "Id": "1"}],'
    b' "nextRecordsUrl": "/services/data/v66.0/query/01g-2000"}',
    "OAuth error": b'{"error": ["invalid_grant"], "error_description": {"a": 1}}',
    "OAuth address": b'{"access_token": "t", "instance_url": "https://[x", "id": "https://x/id/00D/005"}',
    "device": b'{"verification_uri": "https://login.salesforce.com/x", "user_code": "A", "device_code": "B", "interval": 1e400}',
    "user": b'{"preferred_username": "\\ud800", "organization_id": "00D", "records": [{"Id": [], "Name": {}}], "user_id": 1}',
    "entities": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY b%d "%s">' % (n, (b"&b%d;" % (n - 1) if n else b"&a;") * 10) for n in range(12))
    + b"]><a>&b11;</a>",
}
"""Bodies of answers."""

WIRE: dict[str, Answer] = {
    "nothing": raw(),
    "no HTTP": raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 20),
    "half a head": raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/js"),
    "no status": raw(b"HTTP/1.1 \r\n\r\n"),
    "status of letters": raw(b"HTTP/1.1 abc OK\r\nContent-Length: 2\r\n\r\n{}"),
    "status of five digits": raw(b"HTTP/1.1 20000 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "HTTP 9": raw(b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
    "switching protocols": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n{}"),
    "long line": raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n{}"),
    "many headers": raw(b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 5000 + b"\r\n{}"),
    "odd headers": raw(_OK + b"\xff\xfe: \x00\r\nno colon\r\n: nothing\r\nContent-Length: 2\r\n\r\n{}"),
    "too short": raw(_OK + b'Content-Length: 5000\r\n\r\n{"records": []}'),
    "too long": raw(_OK + b'Content-Length: 3\r\n\r\n{"records": []}'),
    "two lengths": raw(_OK + b"Content-Length: 2\r\nContent-Length: 200\r\n\r\n{}"),
    "negative length": raw(_OK + b"Content-Length: -5\r\n\r\n{}"),
    "length of letters": raw(_OK + b"Content-Length: many\r\n\r\n{}"),
    "endless length": raw(_OK + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n{}"),
    "no chunks": raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nzzzz\r\n{}\r\n"),
    "negative chunk": raw(_OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n"),
    "huge chunk": raw(_OK + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}\r\n"),
    "cut chunk": raw(_OK + b'Transfer-Encoding: chunked\r\n\r\n20\r\n{"records'),
    "length and chunks": raw(_OK + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
    "no gzip": raw(_OK + b"Content-Encoding: gzip\r\nContent-Length: 15\r\n\r\n" + b'{"records": []}'),
    "cut gzip": gzipped(b'{"records": [' + b"1," * 5000 + b"1]}", cut=30),
    "gzip in gzip": plain(
        gzip.compress(gzip.compress(b"{}")), "200 OK", "application/json", "Content-Encoding: gzip, gzip"
    ),
    "many codings": raw(_OK + b"Content-Encoding: " + b"gzip, " * 500 + b"gzip\r\nContent-Length: 2\r\n\r\n{}"),
    "unknown coding": raw(_OK + b"Content-Encoding: zip\r\nContent-Length: 2\r\n\r\n{}"),
    "gzip with rubbish": raw(_OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"{}") + b"\xff" * 5000),
    "odd type": raw(b"HTTP/1.1 200 OK\r\nContent-Type: \xff/\x00json;charset=\xff\r\nContent-Length: 2\r\n\r\n{}"),
    "odd dates": raw(
        b"HTTP/1.1 503 X\r\nRetry-After: Wed, 21 Oct 2015 07:28:00 +999999999999\r\n"
        b"Date: Wed, 21 Oct 2015 07:28:00 +999999999999\r\nContent-Length: 0\r\n\r\n"
    ),
    "long wait": raw(b"HTTP/1.1 429 X\r\nRetry-After: 99999999999999999999\r\nContent-Length: 0\r\n\r\n"),
    "odd usage": raw(_OK + b"Sforce-Limit-Info: api-usage=999999999999999999999999/0\r\nContent-Length: 2\r\n\r\n{}"),
    "continue": raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 50 + _OK + b"Content-Length: 2\r\n\r\n{}"),
}
"""Answers that are wrong before any JSON is reached."""
