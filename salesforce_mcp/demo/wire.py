"""A Reply as it goes over the wire, and how faults damage it."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping

import orjson

from salesforce_mcp.demo.http import JSON_TYPE, Reply

GZIP_FROM = 1_000
"""Bytes; shorter bodies aren't compressed."""


class Wire:
    """A Reply as it goes over the wire: bytes, or a stream of them, with all headers."""

    def __init__(self, reply: Reply, request_headers: Mapping[str, str]) -> None:
        self.status = reply.status
        self.headers = {
            "Cache-Control": "no-cache,must-revalidate,max-age=0,no-store,private",
            "X-Content-Type-Options": "nosniff",
            **reply.headers,
        }
        self.body = b""
        self.stream: Iterator[bytes] | None = None
        data = reply.body
        if data is None:
            return
        self.headers.setdefault("Content-Type", JSON_TYPE)
        if isinstance(data, (bytes, bytearray)):
            self.body = bytes(data)
        elif isinstance(data, (dict, list, str, int, float, bool)):
            self.body = orjson.dumps(data)
        else:
            self.stream = iter(data)
            return
        self.headers["Vary"] = "Accept-Encoding"
        if len(self.body) >= GZIP_FROM and "gzip" in request_headers.get("accept-encoding", ""):
            self._zip()

    def _zip(self) -> None:
        # Level 1: over loopback time counts, size doesn't.
        self.body = gzip.compress(self.body, 1, mtime=0)
        self.headers["Content-Encoding"] = "gzip"

    def spoil(self, kind: str) -> None:
        """Damage the body; a stream is collected first."""
        if self.stream is not None and kind != "slow":
            self.body, self.stream = b"".join(self.stream), None
        if kind == "truncated_gzip":
            if "Content-Encoding" not in self.headers:
                self._zip()
            self.body = self.body[: len(self.body) // 2]
        elif kind == "badjson" and "json" in self.headers.get("Content-Type", ""):
            self.headers.pop("Content-Encoding", None)
            self.body = b'{"totalSize":'
