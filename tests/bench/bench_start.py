"""How long a client waits for the first answers, beside the peers and a one-tool server on the bare SDK.

    python -m tests.bench.bench_start [--runs 9] [--toolsets all]

The servers are started in turns (A B A B ...), so that the machine's drift hits all alike.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.bench import peers
from tests.bench.measure import Table, in_turns, surroundings

BARE = """
import anyio, mcp_types as types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
async def list_tools(context, params):
    tool = types.Tool(name="echo", description="Say it again.", input_schema={"type": "object"})
    return types.ListToolsResult(tools=[tool])
async def call_tool(context, params):
    return types.CallToolResult(content=[types.TextContent(text="hello")])
async def main():
    server = Server("bare", on_list_tools=list_tools, on_call_tool=call_tool)
    async with stdio_server() as (reading, writing):
        await server.run(reading, writing, server.create_initialization_options())
anyio.run(main)
"""


PEERS_LOGIN = {
    "SALESFORCE_CONNECTION_TYPE": "User_Password",
    "SALESFORCE_USERNAME": "bench@example.com",
    "SALESFORCE_PASSWORD": "none",
    "SALESFORCE_TOKEN": "none",
    "SALESFORCE_INSTANCE_URL": "http://127.0.0.1:9",
    "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
    "SF_DISABLE_DNS_CHECK": "true",
}
"""What peers need before they start; none of them logs in before the first call."""


def measure(command: list[str], environment: Mapping[str, str]) -> list[float]:
    """Milliseconds until the answers to `initialize` and `tools/list`, and the memory after them in MiB (Linux)."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdin and process.stdout

        def ask(method: str, params: dict[str, Any], number: int) -> float:
            request = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            assert "result" in answer, answer
            return (time.perf_counter() - began) * 1000

        client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        times = [ask("initialize", client, 1)]
        process.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        times.append(ask("tools/list", {}, 2))
        times.append(memory(process.pid))
        process.stdin.close()
        process.wait(10)
    return times


def memory(process: int) -> float:
    """Resident MiB of a process (Linux)."""
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def table(runs: int, toolsets: str | None) -> Table:
    """Until `initialize` and `tools/list` are answered, for a first start and for a later one."""
    serve = [sys.executable, "-m", "salesforce_mcp", "serve", *(["--toolsets", toolsets] if toolsets else [])]
    tsmztech, official, connector = peers.tsmztech(), peers.official(), peers.connector()
    found = {peers.TSMZTECH: tsmztech, peers.OFFICIAL: official, peers.CONNECTOR: connector}
    with surroundings("http://127.0.0.1:9") as env:
        env |= PEERS_LOGIN

        def first() -> list[float]:
            shutil.rmtree(env["SFMCP_STATE_DIR"], ignore_errors=True)
            return measure(serve, env)

        ways = {
            "bare SDK, one tool": lambda: measure([sys.executable, "-c", BARE], env),
            "sfmcp serve, first start": first,
            "sfmcp serve": lambda: measure(serve, env),
            **{name: lambda c=command: measure(c, env) for name, command in found.items() if command},
        }
        figures = in_turns(ways, runs)
    return Table(
        f"Start of the server, {toolsets or 'default'} tools",
        f"python -m tests.bench.bench_start --runs {runs}" + (f" --toolsets {toolsets}" if toolsets else ""),
        ("initialize ms", "tools/list ms", "MiB by then"),
        figures,
        base="bare SDK, one tool",
        notes=["sfmcp goes on loading after its first answers; what it needs in the end stands under Memory."],
        missing=[name for name, command in found.items() if not command],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--toolsets")
    options = parser.parse_args()
    print(table(options.runs, options.toolsets).markdown())


if __name__ == "__main__":
    main()
