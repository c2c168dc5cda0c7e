"""What the same query of 200 rows costs a client: tokens and time, beside the peers.

    python -m tests.bench.bench_answers [--calls 15] [--runs 3]

All ask the same demo org, in turns. Tokens are o200k_base of what the model is given: the text, and the structured
content where a server sends the rows again there. `raw REST, indented` is a GET by requests, its answer as JSON with
two spaces, as several servers pass it on.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import requests

from salesforce_mcp.demo.local import DemoOrg
from tests.bench import peers
from tests.bench.measure import Table, in_turns, surroundings
from tests.tokens import count

FIELDS = ["Id", "Name", "StageName", "Amount", "CreatedDate", "Owner.Name"]
ROWS = 200
SOQL = f"SELECT {', '.join(FIELDS)} FROM Opportunity ORDER BY Name LIMIT {ROWS}"
RAW = "raw REST, indented"


class Client:
    """A server over stdio, and the one call that is asked of it again and again."""

    def __init__(self, process: subprocess.Popen[bytes], tool: str, arguments: Mapping[str, Any]) -> None:
        assert process.stdin and process.stdout
        self._input, self._output = process.stdin, process.stdout
        self._call = {"name": tool, "arguments": arguments}
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        self._ask("initialize", hello)
        self._input.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')

    def _ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        message = {"jsonrpc": "2.0", "id": method, "method": method, "params": params}
        self._input.write(json.dumps(message).encode() + b"\n")
        self._input.flush()
        while True:
            answer: dict[str, Any] = json.loads(self._output.readline())
            if answer.get("id") == method:
                return answer

    def call(self) -> str:
        """The answer's text and structured content."""
        answer = self._ask("tools/call", self._call)
        result = answer.get("result", {})
        text = "\n".join(part.get("text", "") for part in result.get("content", []))
        assert "result" in answer and not result.get("isError"), answer
        if result.get("structuredContent") is not None:
            text += json.dumps(result["structuredContent"], separators=(",", ":"), ensure_ascii=False)
        assert len(re.findall(r"\dT\d\d:\d\d:\d\d", text)) >= ROWS, text[:500]
        return text


@contextmanager
def started(
    command: Sequence[str], environment: Mapping[str, str], tool: str, arguments: Mapping[str, Any]
) -> Iterator[Client]:
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=environment["HOME"],
    ) as process:
        try:
            yield Client(process, tool, arguments)
        finally:
            process.stdin.close()  # type: ignore[union-attr]
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()


def table(calls: int, runs: int) -> Table:
    """Tokens and milliseconds of the query, by server."""
    missing = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        org = stack.enter_context(DemoOrg(folder / "org"))
        secure = stack.enter_context(DemoOrg(folder / "org", tls=True))
        env = stack.enter_context(surroundings(org.instance_url))
        user = org.users[0]
        env["SFMCP_ACCESS_TOKEN"] = user.access_token
        # As many tokens as it takes: by default a result is cut, with a cursor, at about 8,000.
        serve = [sys.executable, "-m", "salesforce_mcp", "serve", "--max-result-tokens", "20000"]
        commands: dict[str, tuple[list[str], dict[str, str], str, dict[str, Any]]] = {
            "sfmcp serve": (serve, {}, "query", {"soql": SOQL}),
        }
        if connector := peers.connector():
            login = {
                "SALESFORCE_ACCESS_TOKEN": user.access_token,
                "SALESFORCE_INSTANCE_URL": secure.instance_url,
                "REQUESTS_CA_BUNDLE": str(secure.certificate),
                "SSL_CERT_FILE": str(secure.certificate),
            }
            commands[peers.CONNECTOR] = (connector, login, "run_soql_query", {"query": SOQL})
        else:
            missing.append(peers.CONNECTOR)
        if tsmztech := peers.tsmztech():
            login = {
                "SALESFORCE_CONNECTION_TYPE": "User_Password",
                "SALESFORCE_USERNAME": user.username,
                "SALESFORCE_PASSWORD": user.password,
                "SALESFORCE_TOKEN": user.security_token,
                "SALESFORCE_INSTANCE_URL": org.instance_url,
            }
            query = {"objectName": "Opportunity", "fields": FIELDS, "orderBy": "Name", "limit": ROWS}
            commands[peers.TSMZTECH] = (tsmztech, login, "salesforce_query_records", query)
        else:
            missing.append(peers.TSMZTECH)
        official, sf = peers.official(), peers.sf()
        if official and sf:
            login = peers.sf_login(sf, org.instance_url, user.access_token, env)
            query = {"query": SOQL, "usernameOrAlias": user.username, "directory": env["HOME"]}
            commands[peers.OFFICIAL] = (official, login, "run_soql_query", query)
        else:
            missing.append(peers.OFFICIAL)

        session = stack.enter_context(requests.Session())
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {user.access_token}"

        def raw() -> str:
            answer = session.get(f"{org.instance_url}/services/data/v66.0/query", params={"q": SOQL}, timeout=30)
            assert len(answer.json()["records"]) == ROWS
            return json.dumps(answer.json(), indent=2, ensure_ascii=False)

        tokens = {RAW: count(raw())}
        ways: dict[str, Callable[[], str]] = {RAW: raw}
        for name, (command, login, tool, arguments) in commands.items():
            ways[name] = stack.enter_context(started(command, env | login, tool, arguments)).call
            tokens[name] = count(ways[name]())
        figures = in_turns({name: lambda w=way: [_median(w, calls)] for name, way in ways.items()}, runs)
    return Table(
        f"A query of {ROWS} rows and {len(FIELDS)} columns",
        f"python -m tests.bench.bench_answers --calls {calls} --runs {runs}",
        ["tokens", "ms"],
        {name: [tokens[name], *figures[name]] for name in ways},
        base=RAW,
        missing=missing,
    )


def _median(way: Callable[[], str], calls: int) -> float:
    taken = []
    for _ in range(calls):
        time.sleep(0.05)  # no more than 25 requests in a second are let through
        began = time.perf_counter()
        way()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=15)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(table(options.calls, options.runs).markdown())


if __name__ == "__main__":
    main()
