"""What a client sees of the front: the same as of the SDK alone, only sooner."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

from tests.salesforce.scripted import ScriptedOrg, page
from tests.server.wire import MODERN, Wire, text_of

Serve = Callable[..., Wire]

SPY = """
import json, os, sys
leave = os._exit
def spy(code):
    print(json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True)
    leave(code)
os._exit = spy
from salesforce_mcp.cli.main import main
main(["serve", *sys.argv[1:]])
"""

HANDSHAKE = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "tests", "version": "1"}}


@pytest.fixture
def state(private_folders: Path) -> Path:
    """The state folder of this test's servers."""
    return private_folders / "state"


def request(number: Any, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": method, "params": params or {}}


INITIALIZED = {"jsonrpc": "2.0", "method": "notifications/initialized"}
OPENING = [request(0, "initialize", HANDSHAKE), INITIALIZED, request(1, "tools/list")]


def piped(*messages: dict[str, Any], flags: tuple[str, ...] = (), **environment: str) -> list[dict[str, Any]]:
    """Everything sent at once and stdin closed: what comes back, once the server has ended by itself."""
    ended = subprocess.run(
        [sys.executable, "-m", "salesforce_mcp", "serve", *flags],
        input="".join(json.dumps(message) + "\n" for message in messages).encode(),
        capture_output=True,
        env=os.environ | environment,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    return [json.loads(line) for line in ended.stdout.splitlines()]


def by_id(answers: list[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    found = {answer["id"]: answer for answer in answers}
    assert len(found) == len(answers), "an answer came twice"
    return found


def tamper(state: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the kept list of tools, as if the program had answered otherwise when it was kept."""
    import zlib

    (file,) = (state / "answers").iterdir()
    lines = file.read_text(encoding="utf-8").split("\n")[1:]
    for place in range(1, len(lines), 2):
        if lines[place].startswith('["tools/list"'):
            result = json.loads(lines[place + 1])
            change(result)
            lines[place + 1] = json.dumps(result)
    body = "\n".join(lines).encode()
    file.write_bytes(f"{zlib.crc32(body):08x}\n".encode() + body)


def rename_first(result: dict[str, Any]) -> None:
    result["tools"][0]["name"] = "kept"


@pytest.mark.parametrize("flags", [(), ("--toolsets", "all"), ("--read-only",), ("--structured",)])
def test_the_second_start_says_the_same(state: Path, flags: tuple[str, ...]) -> None:
    first = by_id(piped(*OPENING, flags=flags))
    assert by_id(piped(*OPENING, flags=flags)) == first


@pytest.mark.parametrize("version", ["2024-11-05", "2025-06-18", "2025-11-25", "2031-01-01"])
def test_every_version_has_answers_of_its_own(state: Path, version: str) -> None:
    opening = [request("a", "initialize", HANDSHAKE | {"protocolVersion": version}), *OPENING[1:]]
    piped(*OPENING)
    first = by_id(piped(*opening))
    assert by_id(piped(*opening)) == first


def test_the_era_without_a_handshake_too(state: Path) -> None:
    opening = [request(1, "server/discover", {"_meta": MODERN}), request(2, "tools/list", {"_meta": MODERN})]
    piped(*OPENING)
    first = by_id(piped(*opening))
    assert "2026-07-28" in first[1]["result"]["supportedVersions"]
    assert by_id(piped(*opening)) == first


def test_the_first_answers_come_without_the_sdk(state: Path) -> None:
    piped(*OPENING)
    with Wire(command=[sys.executable, "-c", SPY]) as wire:
        for message in OPENING:
            wire.send_line(json.dumps(message))
        assert wire.close() == 0
        assert [wire.answer(number)["id"] for number in (0, 1)] == [0, 1]
        loaded = set(json.loads(wire.log().splitlines()[-1]))
    assert not loaded & {"mcp", "pydantic", "anyio", "typer", "requests"}


def test_what_is_asked_without_the_handshake_is_refused_as_ever(state: Path) -> None:
    piped(*OPENING)
    (answer,) = piped(request(1, "tools/list"))
    assert "error" in answer
    answers = by_id(piped(request(1, "ping"), request(2, "initialize", HANDSHAKE), request(3, "tools/list")))
    assert "tools" in answers[3]["result"]


def test_calls_sent_along_with_the_handshake_are_answered_once(state: Path, serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET query", page({"Id": "1", "Name": "Acme"}))
    calls = [
        request(number, "tools/call", {"name": "query", "arguments": {"soql": "SELECT Id, Name FROM Account"}})
        for number in range(2, 12)
    ]
    environment = {"SFMCP_INSTANCE_URL": org.url, "SFMCP_ACCESS_TOKEN": "token-1", "SFMCP_API_VERSION": "66.0"}
    for _ in range(2):
        asked = len(org.seen)
        answers = by_id(piped(*OPENING, *calls, request(12, "tools/list"), request(13, "nonsense"), **environment))
        assert set(answers) == set(range(14))
        assert all(text_of(answers[n]) == ("1 row.\nId,Name\n1,Acme\n", False) for n in range(2, 12))
        assert answers[12]["result"] == answers[1]["result"]
        assert answers[13]["error"]["code"] == -32601
        assert len(org.seen) == asked + 10


def test_ids_may_be_used_again_once_answered(state: Path) -> None:
    messages = [request(1, method, params) for method, params in [("initialize", HANDSHAKE), ("tools/list", None)]]
    for _ in range(2):
        with Wire() as wire:
            for message in [*messages, request(1, "tools/list"), request(1, "resources/read", {"uri": "no:such"})]:
                wire.send_line(json.dumps(message))
                answer = wire.answer(1)
                wire.seen.clear()
            assert "error" in answer
            assert wire.close() == 0
            assert not wire.seen


def test_a_list_that_was_answered_can_no_longer_be_cancelled(state: Path, serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET query", page({"Id": "1"}))
    for _ in range(2):
        wire = serve()
        wire.initialize()
        listed = wire.ask("tools/list")
        wire.send("notifications/cancelled", {"requestId": listed["id"]})
        assert wire.call("query", soql="SELECT Id FROM Account") == ("1 row.\nId\n1\n", False)
        assert wire.close() == 0
        ids = [message["id"] for message in wire.seen]
        assert len(ids) == len(set(ids))


def test_an_answer_out_of_date_is_noticed_and_mended(state: Path) -> None:
    right = by_id(piped(*OPENING))
    tamper(state, rename_first)
    with Wire() as wire:
        wire.initialize()
        assert wire.ask("tools/list", {})["result"]["tools"][0]["name"] == "kept"
        assert "error" in wire.ask("nonsense")  # answered by the SDK, which has compared its answers by then
        assert wire.close() == 0
        assert "out of date" in wire.log()
    assert by_id(piped(*OPENING)) == right


@pytest.mark.parametrize("damage", [b"", b"\x00\xff" * 50, b"zz\n[]", b"00000000\n"])
def test_a_damaged_file_is_passed_over(state: Path, damage: bytes) -> None:
    first = by_id(piped(*OPENING))
    (file,) = (state / "answers").iterdir()
    file.write_bytes(damage)
    assert by_id(piped(*OPENING)) == first
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert by_id(piped(*OPENING)) == first
    assert file.read_bytes() == whole


def test_a_state_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("in the way", encoding="utf-8")
    for _ in range(2):
        assert len(by_id(piped(*OPENING, SFMCP_STATE_DIR=str(tmp_path)))) == 2


def test_other_flags_environment_or_policy_have_other_answers(state: Path, tmp_path: Path) -> None:
    piped(*OPENING)
    tamper(state, rename_first)

    def first_tool(*flags: str, **environment: str) -> str:
        return str(by_id(piped(*OPENING, flags=flags, **environment))[1]["result"]["tools"][0]["name"])

    assert first_tool() == "kept"
    assert first_tool("--read-only") != "kept"
    assert first_tool(SFMCP_READ_ONLY="true") != "kept"
    assert first_tool(SFMCP_TOOLSETS="query") != "kept"
    for name, text in [("policy.toml", "read_only = true\n"), ("approvals.json", '{"tools": {}}')]:
        decides = Path(os.environ["SFMCP_CONFIG_DIR"], name)
        decides.write_text(text, encoding="utf-8")
        assert first_tool() != "kept"
        decides.unlink()
    assert first_tool() == "kept"


def test_nothing_secret_is_kept(state: Path, serve: Serve) -> None:
    wire = serve()
    wire.initialize()
    wire.ask("tools/list", {})
    assert wire.close() == 0
    (file,) = (state / "answers").iterdir()
    assert "token-1" not in file.read_text(encoding="utf-8")
    if os.name == "posix":
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.name != "posix", reason="signals of Posix")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.parametrize("kept", [False, True])
def test_signals_end_it_whoever_speaks(state: Path, number: int, code: int, kept: bool) -> None:
    if kept:
        piped(*OPENING)
    with Wire() as wire:
        wire.initialize()
        wire.process.send_signal(number)
        assert wire.process.wait(60) == code


def test_a_client_that_leaves_without_a_word(state: Path) -> None:
    assert piped() == []
    piped(*OPENING)
    assert piped() == []


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_real_clients_time_and_again(state: Path, org: ScriptedOrg, mode: str) -> None:
    org.on("GET query", page({"Id": "1", "Name": "Acme"}))
    environment = dict(os.environ) | {"SFMCP_INSTANCE_URL": org.url, "SFMCP_ACCESS_TOKEN": "token-1"}
    server = StdioServerParameters(command=sys.executable, args=["-m", "salesforce_mcp", "serve"], env=environment)

    async def converse() -> tuple[list[str], str]:
        with anyio.fail_after(60):
            async with Client(stdio_client(server), mode=mode) as client:
                listed = await client.list_tools()
                done = await client.call_tool("query", {"soql": "SELECT Id, Name FROM Account"})
                return [tool.name for tool in listed.tools], done.content[0].text

    async def old_style() -> tuple[list[str], str]:
        with anyio.fail_after(60):
            async with stdio_client(server) as streams, ClientSession(*streams) as session:
                await session.initialize()
                listed = await session.list_tools()
                done = await session.call_tool("query", {"soql": "SELECT Id, Name FROM Account"})
                return [tool.name for tool in listed.tools], done.content[0].text

    outcomes = [anyio.run(converse) for _ in range(4)]
    outcomes += [anyio.run(old_style) for _ in range(2)] if mode == "legacy" else []
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert outcomes[0][1] == "1 row.\nId,Name\n1,Acme\n"
