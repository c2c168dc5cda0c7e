"""What an org may send back, for each kind of request: it is read, or refused with a code and words."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from salesforce_mcp.auth import adapter, watch, web
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.salesforce import transport
from salesforce_mcp.tools.reports import waiting
from tests.fuzz.calls import CALLS, TOKEN, attempt
from tests.fuzz.hostile_org import BODIES, MEGABYTE, WIRE, Answer, HostileOrg, bomb, endless, plain, slow
from tests.fuzz.spoiled_org import SPOILED_CALLS, SpoiledOrg, Spoiling, check_call

WAYS_OF_READING = [
    "query",
    "export",
    "bulk results",
    "composite",
    "download",
    "metadata",
    "token",
    "soap login",
    "probe",
]
"""Requests that share no code for what comes before a body is understood, and for errors."""


@pytest.mark.parametrize("name", [*WIRE, *BODIES])
def test_every_way_of_reading_survives(name: str) -> None:
    with HostileOrg(WIRE[name] if name in WIRE else plain(BODIES[name], "400 Bad Request")) as org:
        for call in WAYS_OF_READING:
            attempt(CALLS[call], org.url)


@pytest.mark.parametrize("name", BODIES)
def test_every_kind_of_request_survives(name: str) -> None:
    with HostileOrg(plain(BODIES[name])) as org:
        for make in CALLS.values():
            attempt(make, org.url)


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SpoiledOrg]:
    with DemoOrg(tmp_path_factory.mktemp("spoiled")) as demo, SpoiledOrg(demo) as org:
        yield org


def test_every_tool_survives_a_spoiled_answer(spoiled: SpoiledOrg, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    monkeypatch.setattr(waiting, "FIRST_PAUSE", 0.01)

    @settings(
        max_examples=60,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(SPOILED_CALLS)
    def call(given: tuple[str, Spoiling]) -> None:
        check_call(spoiled, given)

    call()


# --- Too much, too long ----------------------------------------------------------------------------------------------

_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
_CSV = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n"
_GIGABYTE = 1 << 30

HUGE: dict[str, tuple[Answer, str]] = {
    "1 GB of one string in 1 MB": (bomb(1024), "ANSWER_TOO_LARGE"),
    "lists": (bomb(60, b"[],"), "ANSWER_TOO_LARGE"),
    "no end": (endless(_JSON, b"a" * MEGABYTE), "ANSWER_TOO_LARGE"),
    "no end of an error": (endless(b"HTTP/1.1 400 Bad\r\n\r\n", b"a" * MEGABYTE), "ANSWER_TOO_LARGE"),
    "no end of the head": (endless(b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 60_000 + b"\r\n"), "CONNECTION_LOST"),
}


@pytest.mark.parametrize("name", HUGE)
def test_memory_is_bounded(name: str, private_folders: Path) -> None:
    answer, code = HUGE[name]
    with HostileOrg(answer) as org:
        done = _sfmcp(org.url, "query", "SELECT Id, Name FROM Account")
    assert done.returncode == 5
    assert done.stdout == b""
    assert done.stderr.decode().startswith(f"{code}: ")
    assert b"Traceback" not in done.stderr


def test_100_mb_of_one_string_are_read() -> None:
    def answer() -> Iterator[bytes]:
        yield _JSON + b'{"totalSize":1,"done":true,"records":[{"attributes":{},"Name":"'
        for _ in range(100):
            yield b"a" * MEGABYTE
        yield b'"}]}'

    with HostileOrg(answer) as org:
        done = _sfmcp(org.url, "query", "SELECT Name FROM Account")
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) == len("Name\n") + 100 * MEGABYTE + 1


def test_a_header_without_end_fills_no_memory() -> None:
    with HostileOrg(endless(_CSV, b"a" * MEGABYTE)) as org:
        error = attempt(CALLS["bulk results"], org.url)
    assert error is not None
    assert error.code == "UNEXPECTED_ANSWER"


def _sfmcp(url: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The command, on an org at this address, with a gigabyte of memory."""
    environment = {"SFMCP_INSTANCE_URL": url, "SFMCP_ACCESS_TOKEN": TOKEN, "SFMCP_API_VERSION": "66.0"}
    return subprocess.run(
        [sys.executable, "-m", "salesforce_mcp", *arguments],
        env=os.environ | environment,
        capture_output=True,
        timeout=100,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (_GIGABYTE, _GIGABYTE)),
        check=False,
    )


@pytest.mark.parametrize("name", ["query", "describe", "token", "identity"])
@pytest.mark.parametrize(
    "head",
    [
        _JSON,
        _JSON[:-2] + b"Transfer-Encoding: chunked\r\n\r\n",
        _JSON[:-2] + b"Content-Encoding: gzip\r\n\r\n",
        _JSON[:-2] + b"X-Slow:",
        b"HTTP/1.1 ",
    ],
)
def test_a_byte_now_and_then_is_no_answer(name: str, head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.1)
    monkeypatch.setattr(web, "ANSWER_TIMEOUT", 0.1)
    monkeypatch.setattr(adapter, "HEAD_TIMEOUT", 0.1)
    monkeypatch.setattr(watch, "_GLANCE", 0.03)
    monkeypatch.setattr(transport.retries, "DEADLINE", 0.0)
    stop = threading.Event()
    with HostileOrg(slow(head, b" ", 0.02, stop)) as org:
        error = attempt(CALLS[name], org.url)
        stop.set()
    assert error is not None
    assert error.code == "TIMEOUT"
