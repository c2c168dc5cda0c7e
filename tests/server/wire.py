"""A server process, spoken to line by line, for what a well-behaved client would never do or show."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

PATIENCE = 60.0

MODERN = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
"""What every request of the 2026-07-28 era carries in `_meta`."""


class Wire:
    """`sfmcp serve` as a child. Use as a context manager; leaving closes stdin and waits for the end.

    `environment` is added to that of the test, or to `base`.
    """

    def __init__(
        self,
        *flags: str,
        command: list[str] | None = None,
        base: Mapping[str, str] = os.environ,
        **environment: str,
    ) -> None:
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        self.process = subprocess.Popen(
            [*(command or [sys.executable, "-m", "salesforce_mcp", "serve"]), *flags],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**base, **environment},
        )
        self._lines: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.seen: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()
        self._number = 0

    def send(self, method: str, params: dict[str, Any] | None = None, *, number: int | None = None) -> None:
        """Send a request, or without a number a notification."""
        message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if params is not None:
            message["params"] = params
        if number is not None:
            message["id"] = number
        self.send_line(json.dumps(message))

    def send_line(self, line: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def start(self, method: str, params: dict[str, Any] | None = None) -> int:
        """Send a request; its number."""
        self._number += 1
        self.send(method, params, number=self._number)
        return self._number

    def answer(self, number: int | str) -> dict[str, Any]:
        """Wait for the answer to a request."""
        while True:
            for message in self.seen:
                if message.get("id") == number:
                    return message
            message = self._lines.get(timeout=PATIENCE)
            assert message is not None, f"the server ended without an answer: {self.log()}"
            self.seen.append(message)

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        return self.answer(self.start(method, params))

    def initialize(self, version: str = "2025-11-25") -> dict[str, Any]:
        """The handshake of the older era; its result."""
        client = {"name": "tests", "version": "1"}
        answer = self.ask("initialize", {"protocolVersion": version, "capabilities": {}, "clientInfo": client})
        self.send("notifications/initialized")
        result: dict[str, Any] = answer["result"]
        return result

    def call(self, tool: str, **arguments: Any) -> tuple[str, bool]:
        """A tool call: its text, and whether it failed."""
        return text_of(self.ask("tools/call", {"name": tool, "arguments": arguments}))

    def close(self) -> int:
        """Close stdin; the exit code."""
        assert self.process.stdin
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def log(self) -> str:
        """What was written to stderr so far."""
        self._log.seek(0)
        return self._log.read().decode()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(json.loads(line))
        self._lines.put(None)

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.close()
        finally:
            self.process.kill()
            self.process.wait()
            assert self.process.stdout
            self.process.stdout.close()
            self._log.close()


def text_of(answer: dict[str, Any]) -> tuple[str, bool]:
    """The text of a tools/call answer, and whether it failed."""
    result = answer["result"]
    assert [block["type"] for block in result["content"]] == ["text"]
    return result["content"][0]["text"], result.get("isError", False)


def trail(state: Path) -> list[dict[str, Any]]:
    """The lines of the audit trail."""
    return [json.loads(line) for line in (state / "audit.jsonl").read_text(encoding="utf-8").splitlines()]
