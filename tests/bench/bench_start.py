"""How long a client waits for the first answers, beside a one-tool server on the bare SDK.

    python -m tests.bench.bench_start [--runs 9] [--toolsets all]

Starts the servers in turns (A B A B ...), so that the machine's drift hits all alike, and prints medians and ratios.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

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


def measure(command: list[str], environment: dict[str, str]) -> dict[str, float]:
    """Seconds until the answers to `initialize` and `tools/list`, and the memory after them in MiB (Linux)."""
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
            return time.perf_counter() - began

        client = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "bench", "version": "1"}}
        times = {"initialize": ask("initialize", client, 1)}
        process.stdin.write(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}\n')
        times["tools/list"] = ask("tools/list", {}, 2)
        times["MiB"] = _memory(process.pid)
        process.stdin.close()
        process.wait(10)
    return times


def _memory(process: int) -> float:
    status = Path(f"/proc/{process}/status")
    if not status.exists():
        return float("nan")
    line = next(line for line in status.read_text(encoding="utf-8").splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--toolsets")
    options = parser.parse_args()
    serve = [sys.executable, "-m", "salesforce_mcp", "serve"]
    if options.toolsets:
        serve += ["--toolsets", options.toolsets]
    servers = {"bare SDK, one tool": [sys.executable, "-c", BARE], "sfmcp serve": serve}
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {f"SFMCP_{kind}_DIR": f"{folder}/{kind}" for kind in ("CONFIG", "STATE", "EXPORT")}
        for command in servers.values():
            measure(command, environment)  # warms the file cache
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in servers}
        for _ in range(options.runs):
            for name, command in servers.items():
                runs[name].append(measure(command, environment))
    medians = {
        name: {key: statistics.median(run[key] for run in all_) for key in all_[0]} for name, all_ in runs.items()
    }
    base = medians["bare SDK, one tool"]
    print(f"{'':20} {'initialize':>20} {'tools/list':>20} {'MiB':>6}")
    for name, figures in medians.items():
        cells = [
            f"{figures[key] * 1000:6.0f} ms ({figures[key] / base[key]:.2f} x)" for key in ("initialize", "tools/list")
        ]
        print(f"{name:20} {cells[0]:>20} {cells[1]:>20} {figures['MiB']:6.0f}")


if __name__ == "__main__":
    main()
