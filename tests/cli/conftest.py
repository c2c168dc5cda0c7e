"""The command line as a subprocess, and a small org on loopback that answers what a test tells it to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

TOKEN = "00D000000000001!token"


class Org(ThreadingHTTPServer):
    """Answers every query with `records`, in pages of `page_size`; or with `refusal`; or not before `go` is set.

    `total` is the totalSize of a COUNT(), `refuse_page` the number of a page that fails. `asked`
    holds the SOQL of each query, `paths` the path of each request.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records: Sequence[dict[str, Any]] = []
        self.total: int | None = None
        self.page_size = 2000
        self.objects: list[dict[str, Any]] = []
        self.describes: dict[str, dict[str, Any]] = {}
        self.refusal: tuple[int, Any] | None = None
        self.refuse_page: int | None = None
        self.go = threading.Event()
        self.go.set()
        self.reached = threading.Event()
        self.asked: list[str] = []
        self.paths: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        return {"SFMCP_INSTANCE_URL": f"http://127.0.0.1:{self.server_address[1]}", "SFMCP_ACCESS_TOKEN": TOKEN}

    def handle_error(self, *_: Any) -> None:
        """Commands that were interrupted leave their connections as they are."""

    def answer(self, path: str) -> tuple[int, Any]:
        parts = urlsplit(path)
        self.paths.append(parts.path)
        self.reached.set()
        self.go.wait(60)
        tail = parts.path.removeprefix("/services/data").split("/")
        if len(tail) < 3:
            return 200, [{"label": "x", "url": "/services/data/v66.0", "version": "66.0"}]
        if tail[2] in ("query", "queryAll"):
            if "q" in (params := parse_qs(parts.query)):
                self.asked.append(params["q"][0])
            if self.refusal:
                return self.refusal
            return self._page(tail[2], int(tail[3].split("-")[1]) if len(tail) > 3 else 0)
        if tail[2] == "jobs":
            return self._job(tail[4:])
        if tail[2] == "search" and not self.refusal:
            return 200, {"searchRecords": list(self.records)}
        if tail[2:] == ["sobjects"]:
            return 200, {"encoding": "UTF-8", "sobjects": self.objects}
        if tail[-1] == "describe" and len(tail) == 5 and tail[3] in self.describes:
            return 200, self.describes[tail[3]]
        return self.refusal or (404, [{"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}])

    def _job(self, tail: list[str]) -> tuple[int, Any]:
        """A query job of Bulk API 2.0, complete at the first look; its results are the records as CSV."""
        if tail[1:] == ["results"]:
            names = [name for name in self.records[0] if name != "attributes"]
            lines = [names, *([str(record[name]) for name in names] for record in self.records)]
            return 200, "".join(",".join(f'"{cell}"' for cell in line) + "\n" for line in lines).encode()
        return 200, {
            "id": "750000000000001AAA",
            "state": "JobComplete",
            "apiVersion": 66.0,
            "numberRecordsProcessed": 2,
        }

    def _page(self, resource: str, start: int) -> tuple[int, Any]:
        if self.refuse_page is not None and start // self.page_size == self.refuse_page:
            return 500, [{"message": "An unexpected error occurred", "errorCode": "UNKNOWN_EXCEPTION"}]
        end = start + self.page_size
        page: dict[str, Any] = {
            "totalSize": len(self.records) if self.total is None else self.total,
            "done": end >= len(self.records),
        }
        if not page["done"]:
            page["nextRecordsUrl"] = f"/services/data/v66.0/{resource}/01gxx0000000001AAA-{end}"
        return 200, {**page, "records": list(self.records[start:end])}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Org

    def do_DELETE(self) -> None:
        self.server.paths.append(self.path)
        self.send_response(204)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_GET(self) -> None:
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" and self.path != "/services/data":
            status, body = 401, [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]
        else:
            status, body = self.server.answer(self.path)
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json;charset=UTF-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
        except OSError:
            self.close_connection = True  # the command was interrupted, as some tests want it to be

    def log_message(self, *_: Any) -> None:
        pass


class Shell:
    """Runs `python -m salesforce_mcp` with the test's environment."""

    def __init__(self) -> None:
        self.environment: dict[str, str] = {}
        self.started: list[subprocess.Popen[str]] = []

    def arguments(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "salesforce_mcp", *arguments]

    def all_variables(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.arguments(*arguments),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            env=self.all_variables(),
            timeout=60,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command that Ctrl-C ends; it is killed with the test at the latest."""
        command = subprocess.Popen(
            self.arguments(*arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=self.all_variables(),
            preexec_fn=None if os.name == "nt" else heed_interrupts,
        )
        self.started.append(command)
        return command

    def close(self) -> None:
        for command in self.started:
            if command.poll() is None:
                command.kill()
                command.communicate()


def heed_interrupts() -> None:
    """What a shell starts in the background ignores SIGINT, and so would the commands of tests that run there."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.fixture
def sfmcp() -> Iterator[Shell]:
    shell = Shell()
    yield shell
    shell.close()


@pytest.fixture
def org(sfmcp: Shell) -> Iterator[Org]:
    """An org that the commands of `sfmcp` talk to."""
    server = Org()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    sfmcp.environment.update(server.environment)
    yield server
    server.go.set()
    server.shutdown()
    thread.join()
    server.server_close()


Record = Callable[..., dict[str, Any]]


@pytest.fixture
def record() -> Record:
    """Make a record as Salesforce sends it, `attributes` included."""

    def make(kind: str, **fields: Any) -> dict[str, Any]:
        url = f"/services/data/v66.0/sobjects/{kind}/{fields.get('Id', '001000000000001AAA')}"
        return {"attributes": {"type": kind, "url": url}, **fields}

    return make
