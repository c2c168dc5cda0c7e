"""Answers that are produced while they are sent, and what an unexpected failure looks like from outside."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from salesforce_mcp.demo import control
from salesforce_mcp.demo.http import Call, Reply, Route, resource
from salesforce_mcp.demo.local import DemoOrg
from tests.demo.conftest import Web

ROWS = 50_000
_produced = 0
_threads: set[str] = set()


def _stream(call: Call) -> Reply:
    def rows() -> Iterator[bytes]:
        global _produced
        for number in range(ROWS):
            _threads.add(threading.current_thread().name)
            call.store.connection().execute("SELECT 1").fetchone()
            _produced += 1
            yield b"%d,%s\n" % (number, b"x" * 90)

    return Reply(200, rows(), {"Content-Type": "text/csv"})


def _broken(call: Call) -> Reply:
    raise RuntimeError("a secret detail")


@pytest.fixture(scope="module")
def streaming(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """An org with two resources more."""
    ours = [resource("GET", "/test/stream", _stream), resource("GET", "/test/broken", _broken)]
    real = control.routes

    def routes(*arguments: object) -> list[Route]:
        return [*real(*arguments), *ours]  # type: ignore[arg-type]

    folder: Path = tmp_path_factory.mktemp("streams")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(control, "routes", routes)
        with DemoOrg(folder) as org:
            yield Web(org)


def test_a_stream_arrives_whole(streaming: Web) -> None:
    response = streaming.get("/v/test/stream")
    assert response.headers["Content-Type"] == "text/csv"
    assert response.headers["Transfer-Encoding"] == "chunked"
    assert "Sforce-Limit-Info" in response.headers
    lines = response.content.splitlines()
    assert len(lines) == ROWS
    assert lines[-1].startswith(b"49999,")
    assert len(_threads) == 1


def test_a_stream_is_not_produced_ahead_of_its_reader(streaming: Web) -> None:
    global _produced
    _produced = 0
    with streaming.get("/v/test/stream", stream=True) as response:
        assert len(response.raw.read(100)) == 100
        assert _produced < ROWS


@pytest.mark.parametrize("fault", ["cut", "truncated_gzip", "slow"])
def test_faults_strike_streams_too(streaming: Web, fault: str) -> None:
    streaming.fault(fault, "*/stream")
    if fault == "cut":
        with pytest.raises(requests.RequestException):
            streaming.get("/v/test/stream")
        return
    with streaming.get("/v/test/stream", stream=True) as response:
        body = response.raw.read(decode_content=False)
    assert (len(body.splitlines()) == ROWS) is (fault == "slow")


def test_an_unexpected_failure_tells_nothing(streaming: Web, caplog: pytest.LogCaptureFixture) -> None:
    response = streaming.get("/v/test/broken")
    assert response.status_code == 500
    (error,) = response.json()
    assert error["errorCode"] == "UNKNOWN_EXCEPTION"
    assert "secret" not in response.text
    assert "a secret detail" in caplog.text
