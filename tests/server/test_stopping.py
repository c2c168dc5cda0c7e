"""How a server ends, and what it survives: a killed client, a full disk, folders that are gone, a long sleep."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import Control
from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, ok, page
from tests.server.wire import PATIENCE, Wire, trail

Serve = Callable[..., Wire]

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX: signals and limits")

CLIENT = """
import subprocess, sys
server = subprocess.Popen([sys.executable, "-m", "salesforce_mcp", "serve", *sys.argv[2:]], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, close_fds=False)
for line in sys.argv[1].splitlines():
    server.stdin.write(line.encode() + b"\\n")
    server.stdin.flush()
print(server.stdout.readline().decode(), flush=True)
sys.stdin.read()
"""
"""A client that starts a server, sends it some lines, tells that it has had an answer, and stays."""

QUERY = {"name": "query", "arguments": {"soql": "SELECT Id FROM Account"}}

LIMITED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))
sys.argv[0] = "sfmcp"
runpy.run_module("salesforce_mcp", run_name="__main__")
"""
"""sfmcp, which can make no file longer than 8 KB: what a full disk does to long files, it does to all of them."""


def test_a_server_without_stderr_serves(tmp_path: Path) -> None:
    hello = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-m", "salesforce_mcp", "serve", "--org", "demo"],
        input=line(1, "initialize", **hello) + "\n",
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env={**os.environ, "SFMCP_STATE_DIR": str(tmp_path)},
        timeout=PATIENCE,
    )
    assert done.returncode == 0
    assert "serverInfo" in json.loads(done.stdout)["result"]


def line(number: int, method: str, **params: object) -> str:
    return json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params})


def export(wire: Wire, soql: str) -> tuple[str, bool]:
    """The text of an export's answer, beside which there may be a link to the file, and whether it failed."""
    result = wire.ask("tools/call", {"name": "export_query", "arguments": {"soql": soql}})["result"]
    return result["content"][0]["text"], result.get("isError", False)


CREATE = {"name": "create_record", "arguments": {"object": "Account", "data": {"Name": "Acme"}}}


@pytest.mark.parametrize(
    ("during", "outcome"), [(None, []), (QUERY, ["INTERRUPTED"]), (CREATE, ["INTERRUPTED"]), (CREATE, ["ok"])]
)
def test_a_killed_client_leaves_no_server_behind(
    org: ScriptedOrg, private_folders: Path, during: dict[str, Any] | None, outcome: list[str]
) -> None:
    """A read is dropped, a write has some seconds to learn its outcome; the trail tells of both."""
    arrived, go_on = threading.Event(), threading.Event()

    def hang(seen: Seen) -> Reply:
        arrived.set()
        go_on.wait(PATIENCE)
        return ok({"id": "001000000000001AAA", "success": True, "errors": []})

    org.on("GET query", hang)
    org.on("POST sobjects/Account", hang)
    hello = line(
        1, "initialize", protocolVersion="2025-11-25", capabilities={}, clientInfo={"name": "tests", "version": "1"}
    )
    call = [line(2, "tools/call", **during)] if during else []
    alive, held = os.pipe()  # which the client and its server hold open until both have ended
    os.set_inheritable(held, True)
    with subprocess.Popen(
        [sys.executable, "-c", CLIENT, "\n".join([hello, *call])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        close_fds=False,
        env=os.environ | {"SFMCP_INSTANCE_URL": org.url, "SFMCP_ACCESS_TOKEN": "token-1"},
    ) as client:
        os.close(held)
        assert client.stdout
        assert b'"id":1' in client.stdout.readline().replace(b" ", b"")
        assert not call or arrived.wait(PATIENCE)
        client.kill()
    if outcome == ["ok"]:
        go_on.set()
    assert select.select([alive], [], [], PATIENCE)[0] == [alive]
    assert os.read(alive, 1) == b""
    os.close(alive)
    go_on.set()
    if during:
        assert [entry["outcome"] for entry in trail(private_folders / "state")] == outcome


@pytest.mark.parametrize("number", [signal.SIGTERM, None])
def test_the_demo_org_ends_with_its_server(number: signal.Signals | None) -> None:
    with Wire("--org", "demo") as wire:
        wire.initialize()
        text, failed = wire.call("query", soql="SELECT COUNT() FROM Account")
        assert not failed, text
        if number is None:
            assert wire.close() == 0
        else:
            wire.process.send_signal(number)
            assert wire.process.wait(PATIENCE) == 0
        assert "Traceback" not in wire.log()


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT, "close"])
def test_a_write_under_way_is_ended_and_noted(private_folders: Path, ending: signal.Signals | str) -> None:
    with DemoOrg(private_folders / "org") as org:
        org.faults.add(Fault("slow", method="POST", delay=0.5))
        session = {"SFMCP_INSTANCE_URL": org.instance_url, "SFMCP_ACCESS_TOKEN": org.users[0].access_token}
        with Wire(**session) as wire:
            wire.initialize()
            call = {"name": "create_record", "arguments": {"object": "Account", "data": {"Name": "Under way"}}}
            number = wire.start("tools/call", call)
            while not org.faults.describe()[0]["done"]:
                assert wire.process.poll() is None
                time.sleep(0.01)
            if isinstance(ending, str):
                assert wire.close() == 0
                assert not wire.answer(number)["result"].get("isError")
            else:
                wire.process.send_signal(ending)
                assert wire.process.wait(PATIENCE) == (130 if ending is signal.SIGINT else 0)
        made = org.store.connection().execute("SELECT COUNT(*) FROM Account WHERE Name = 'Under way'").fetchone()
        assert made == (1,)
    assert [entry["outcome"] for entry in trail(private_folders / "state")] == ["ok"]


def test_a_full_disk_fails_what_needs_it_and_nothing_else(private_folders: Path) -> None:
    state, exports = private_folders / "state", private_folders / "export"
    state.mkdir()
    (state / "audit.jsonl").write_text("{}\n" * 2700, encoding="utf-8")
    with DemoOrg(private_folders / "org") as org:
        session = {"SFMCP_INSTANCE_URL": org.instance_url, "SFMCP_ACCESS_TOKEN": org.users[0].access_token}
        with Wire(command=[sys.executable, "-c", LIMITED, "serve"], **session) as wire:
            wire.initialize()
            for _ in range(2):
                text, failed = export(wire, "SELECT Id, Name, Email FROM Contact")
                assert failed
                assert text.startswith("SYSTEM: "), text
                assert "File too large" in text and "cannot be written" in text
            assert "1 row" in wire.call("query", soql="SELECT COUNT() FROM Account")[0]
            assert not wire.call("describe_object", object="Contact")[1]  # larger than what can be kept
            made, failed = wire.call("create_record", object="Account", data={"Name": "No room"})
            assert not failed, made
            assert "The audit trail cannot be written: " in wire.log()
            assert "Traceback" not in wire.log()
        assert not list(exports.glob("*.csv"))
        assert len(trail(state)) == 2700  # no half a line
        assert not [each for each in state.rglob("*") if each.suffix in (".new", ".partial")]
        with Wire(**session) as wire:
            wire.initialize()
            text, failed = export(wire, "SELECT Id, Name, Email FROM Contact")
            assert not failed, text
    (file,) = exports.iterdir()
    assert len(file.read_text(encoding="utf-8").splitlines()) > 500


def test_folders_that_are_taken_away_are_made_again(serve: Serve, org: ScriptedOrg, private_folders: Path) -> None:
    org.on("GET query", page({"Id": "1"}))
    wire = serve()
    wire.initialize()
    for _ in range(2):
        assert not export(wire, "SELECT Id FROM Account")[1]
        assert len(list((private_folders / "export").glob("*.csv"))) == 1
        shutil.rmtree(private_folders / "export")
        shutil.rmtree(private_folders / "state")
    assert wire.close() == 0
    assert "Traceback" not in wire.log()


def test_a_state_folder_that_cannot_be_used(serve: Serve, org: ScriptedOrg, private_folders: Path) -> None:
    org.on("GET query", page({"Id": "1"}))
    (private_folders / "state").write_text("a file", encoding="utf-8")
    wire = serve()
    wire.initialize()
    assert wire.call("query", soql="SELECT Id FROM Account") == ("1 row.\nId\n1\n", False)
    assert wire.close() == 0
    assert "The audit trail cannot be written" in wire.log()
    assert "Traceback" not in wire.log()


def test_after_a_long_sleep_it_goes_on(private_folders: Path) -> None:
    """Meanwhile the connection has died, the session has ended, and the org was started anew."""
    with DemoOrg(private_folders / "org") as org:
        url, port = org.instance_url, int(org.instance_url.rpartition(":")[2])
        flow = {"SFMCP_LOGIN_URL": url, "SFMCP_CLIENT_ID": org.client_id, "SFMCP_CLIENT_SECRET": org.client_secret}
        wire = Wire(**flow)
        with wire:
            wire.initialize()
            text, failed = wire.call("query", soql="SELECT Id FROM Contact", limit=5)
            assert not failed, text
            os.kill(wire.process.pid, signal.SIGSTOP)
            Control(url)("DELETE", "sessions")
            org.stop()
            with DemoOrg(private_folders / "org", port=port):
                number = wire.start("tools/call", QUERY)
                os.kill(wire.process.pid, signal.SIGCONT)
                answer = wire.answer(number)["result"]
                assert not answer.get("isError"), answer
                assert wire.close() == 0
