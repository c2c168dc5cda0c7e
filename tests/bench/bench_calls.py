"""What a tool call costs: beside the same GET by requests, sixteen at once, and in memory.

    python -m tests.bench.bench_calls [--calls 200] [--runs 3]

Both sides ask the page server for one row, on a connection that stays open and sends at once (TCP_NODELAY).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from tests.bench.bench_start import memory
from tests.bench.measure import Table, in_turns, page_server, surroundings

SOQL = "SELECT Id, Name, Industry, AnnualRevenue, CreatedDate, Owner.Name FROM Account LIMIT 1"
AT_ONCE = 16
DELAY = 0.2

Send = Callable[[int, str, Mapping[str, Any]], None]
Receive = Callable[[], dict[str, Any]]


class Server:
    """A running `sfmcp serve` that has shaken hands and answered tools/list."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin and process.stdout
        self.process = process
        self._input, self._output = process.stdin, process.stdout
        self._number = 0

    def send(self, method: str, params: Mapping[str, Any]) -> int:
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params}
        self._input.write(json.dumps(message).encode() + b"\n")
        self._input.flush()
        return self._number

    def receive(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self._output.readline())
        assert "result" in answer and not answer["result"].get("isError"), answer
        return answer

    def query(self) -> int:
        return self.send("tools/call", {"name": "query", "arguments": {"soql": SOQL}})


@contextmanager
def serving(environment: Mapping[str, str]) -> Iterator[Server]:
    command = [sys.executable, "-m", "salesforce_mcp", "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        server = Server(process)
        client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        server.send("initialize", client)
        server.receive()
        process.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')  # type: ignore[union-attr]
        server.send("tools/list", {})
        server.receive()
        yield server
        process.stdin.close()  # type: ignore[union-attr]


@contextmanager
def _unhurried(environment: Mapping[str, str]) -> Iterator[None]:
    """As many requests a second as a policy may allow: what is measured is the call, not the wait for its turn."""
    policy = Path(environment["SFMCP_CONFIG_DIR"], "policy.toml")
    policy.parent.mkdir()
    policy.write_text("[limits]\nrequests_per_second = 1000\n", encoding="utf-8")
    yield


def _timed(work: Callable[[], object], times: int) -> float:
    """The median milliseconds of something done several times."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def one(calls: int, runs: int) -> Table:
    """A query of one row, over stdio and by requests alone."""
    with page_server("--rows", "2000") as url, surroundings(url) as env, _unhurried(env), serving(env) as server:
        session = requests.Session()
        session.trust_env = False

        def call() -> None:
            server.query()
            server.receive()

        def get() -> None:
            answer = session.get(f"{url}/services/data/v66.0/query", params={"q": SOQL}, timeout=10)
            assert answer.json()["records"]

        ways = {"GET by requests": get, "query over stdio": call}
        figures = in_turns({name: lambda w=way: [_timed(w, calls)] for name, way in ways.items()}, runs)
    return Table(
        "One call",
        f"python -m tests.bench.bench_calls --calls {calls} --runs {runs}",
        ["ms"],
        figures,
        base="GET by requests",
    )


def many(runs: int) -> Table:
    """Sixteen queries at once."""
    with page_server("--rows", "2000", "--delay", str(DELAY)) as url, surroundings(url) as env, serving(env) as server:

        def burst() -> list[float]:
            time.sleep(1)  # no more than 25 requests in a second are let through, unless the policy says otherwise
            began = time.perf_counter()
            asked = {server.query() for _ in range(AT_ONCE)}
            assert {server.receive()["id"] for _ in range(AT_ONCE)} == asked
            return [(time.perf_counter() - began) / DELAY]

        figures = in_turns({"sfmcp serve": burst}, runs)
    return Table(
        f"{AT_ONCE} calls at once, {DELAY * 1000:.0f} ms an answer",
        f"python -m tests.bench.bench_calls --runs {runs}",
        ["delays until all are answered"],
        figures,
    )


def resident() -> Table:
    """Memory once everything is loaded that was started, and after the first query."""
    with page_server("--rows", "2000") as url, surroundings(url) as env:
        for _ in range(2):  # a second start, as most are
            with serving(env) as server:
                server.send("ping", {})
                server.receive()
                time.sleep(3)
                listed = memory(server.process.pid)
                server.query()
                server.receive()
                queried = memory(server.process.pid)
    return Table(
        "Memory",
        "python -m tests.bench.bench_calls",
        ["MiB, loaded and idle after tools/list", "MiB after the first query"],
        {"sfmcp serve": [listed, queried]},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    for table in (one(options.calls, options.runs), many(options.runs), resident()):
        print(table.markdown())


if __name__ == "__main__":
    main()
