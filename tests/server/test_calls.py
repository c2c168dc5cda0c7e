"""Calls that run beside each other, are taken back, report progress, or break off."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.salesforce.scripted import Reply, ScriptedOrg, Seen, ok, page
from tests.server.wire import PATIENCE, Wire, text_of, trail

Serve = Callable[..., Wire]

QUERY = {"name": "query", "arguments": {"soql": "SELECT Id FROM Account"}}


def test_calls_do_not_wait_for_each_other(serve: Serve, org: ScriptedOrg) -> None:
    together = threading.Barrier(16, timeout=PATIENCE)

    def reply(seen: Seen) -> Reply:
        together.wait()
        return page({"Id": "1"})

    org.on("GET query", *[reply] * 16)
    wire = serve()
    wire.initialize()
    numbers = [wire.start("tools/call", QUERY) for _ in range(16)]
    assert all(text_of(wire.answer(number)) == ("1 row.\nId\n1\n", False) for number in numbers)


def test_a_call_that_was_taken_back_is_not_waited_for(serve: Serve, org: ScriptedOrg, private_folders: Path) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def hang(seen: Seen) -> Reply:
        arrived.set()
        go_on.wait(PATIENCE)
        return ok({"sobjects": []})

    org.on("GET sobjects", hang)
    org.on("GET query", page({"Id": "1"}))
    wire = serve()
    wire.initialize()
    number = wire.start("tools/call", {"name": "list_objects", "arguments": {}})
    assert arrived.wait(PATIENCE)
    wire.send("notifications/cancelled", {"requestId": number, "reason": "changed my mind"})
    assert text_of(wire.ask("tools/call", QUERY)) == ("1 row.\nId\n1\n", False)
    go_on.set()
    assert wire.close() == 0
    assert number not in [message.get("id") for message in wire.seen]
    assert {line["tool"]: line["outcome"] for line in trail(private_folders / "state")}["query"] == "ok"


def test_progress_reaches_the_client(serve: Serve, org: ScriptedOrg) -> None:
    org.on("POST composite/sobjects", lambda seen: ok([{"success": True, "id": "1", "errors": []}] * 200))
    wire = serve("--tools", "create_records")
    wire.initialize()
    records = [{"LastName": str(n)} for n in range(600)]
    number = wire.start(
        "tools/call",
        {
            "name": "create_records",
            "arguments": {"object": "Contact", "records": records},
            "_meta": {"progressToken": "token"},
        },
    )
    wire.answer(number)
    told = [message["params"] for message in wire.seen if message.get("method") == "notifications/progress"]
    assert [each["progress"] for each in told] == [0, 200, 400]
    assert {(each["total"], each["progressToken"]) for each in told} == {(600, "token")}


def test_a_failure_is_worded_for_a_client_that_asked_for_progress(serve: Serve, org: ScriptedOrg) -> None:
    wire = serve()
    wire.initialize()
    wrong = {"name": "get_record", "arguments": {"object": "Account"}, "_meta": {"progressToken": "token"}}
    text, failed = text_of(wire.ask("tools/call", wrong))
    assert failed
    assert text.startswith("INVALID_ARGUMENT: id: required")


def test_an_answer_that_nobody_foresaw_is_told_without_its_contents(serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET sobjects", ok({"unexpected": "Bearer secret-of-the-org"}))
    wire = serve()
    wire.initialize()
    text, failed = wire.call("list_objects")
    assert failed
    assert text.startswith("UNEXPECTED_ANSWER: ")
    assert "secret-of-the-org" not in text + wire.log()
    assert "token-1" not in wire.log()


def test_requests_that_a_pipe_left_behind_are_answered(serve: Serve, org: ScriptedOrg) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def slow(seen: Seen) -> Reply:
        arrived.set()
        go_on.wait(PATIENCE)
        return page({"Id": "1"})

    org.on("GET query", slow)
    wire = serve()
    wire.initialize()
    number = wire.start("tools/call", QUERY)
    assert wire.process.stdin
    wire.process.stdin.close()
    assert arrived.wait(PATIENCE)
    go_on.set()
    assert text_of(wire.answer(number)) == ("1 row.\nId\n1\n", False)
    assert wire.close() == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signals to a child")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_signal_ends_it_even_while_a_call_hangs(
    serve: Serve, org: ScriptedOrg, number: signal.Signals, code: int
) -> None:
    arrived, go_on = threading.Event(), threading.Event()

    def hang(seen: Seen) -> Reply:
        arrived.set()
        go_on.wait(PATIENCE)
        return page()

    org.on("GET query", hang)
    wire = serve()
    wire.initialize()
    wire.start("tools/call", QUERY)
    assert arrived.wait(PATIENCE)
    os.kill(wire.process.pid, number)
    assert wire.process.wait(PATIENCE) == code
    go_on.set()
    assert "Traceback" not in wire.log()


def test_a_client_that_vanished_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        [sys.executable, "-m", "salesforce_mcp", "serve"],
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    os.close(reading)
    _, errors = server.communicate(b'{"jsonrpc": "2.0", "id": 1, "method": "ping"}\n', timeout=PATIENCE)
    assert server.returncode == 0
    assert errors == b""


def test_each_call_leaves_a_line_without_values(serve: Serve, org: ScriptedOrg, private_folders: Path) -> None:
    org.on("POST sobjects/Account", ok({"id": "001000000000001AAA", "success": True, "errors": []}, 201))
    wire = serve()
    wire.initialize()
    wire.call("create_record", object="Account", data={"Name": "Confidential"})
    wire.call("get_record", object="Account", id="nonsense")
    first, second = trail(private_folders / "state")
    assert first | {"time": "", "ms": 0} == {
        "time": "",
        "ms": 0,
        "org": org.url,
        "org_id": None,
        "user": None,
        "tool": "create_record",
        "access": "write",
        "outcome": "ok",
        "api_calls": 1,
    }
    assert second["outcome"] == "INVALID_ARGUMENT"
    assert second["api_calls"] == 0
    assert "Confidential" not in (private_folders / "state" / "audit.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("number", ["12345678901234567890.12", "999999999999999999", "1234567890123456789012"])
def test_numbers_are_those_of_the_org_and_of_the_client(serve: Serve, org: ScriptedOrg, number: str) -> None:
    org.on("GET query", ok(b'{"totalSize": 1, "done": true, "records": [{"Big": ' + number.encode() + b"}]}"))
    org.on("POST sobjects/Account", ok({"id": "001000000000001AAA", "success": True, "errors": []}, 201))
    wire = serve("--structured")
    wire.initialize()
    assert text_of(wire.ask("tools/call", QUERY))[0] == f"1 row.\nBig\n{number}\n"
    call = {"name": "create_record", "arguments": {"object": "Account", "data": {"Big": 0}}}
    line = json.dumps({"jsonrpc": "2.0", "id": "number", "method": "tools/call", "params": call})
    wire.send_line(line.replace('"Big": 0', f'"Big": {number}'))
    wire.answer("number")
    assert org.seen[-1].body == f'{{"Big":{number}}}'.encode()


def test_progress_of_a_bulk_query_is_what_salesforce_reads_and_then_what_is_written(
    serve: Serve, org: ScriptedOrg, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SFMCP_EXPORT_DIR", str(tmp_path))
    states = [
        ok({"id": "750R0000000zlh9IAA", "state": state, "apiVersion": 46.0, "numberRecordsProcessed": records})
        for state, records in [("UploadComplete", 0), ("InProgress", 3), ("JobComplete", 3)]
    ]
    org.on("POST jobs/query", states[0])
    org.on("GET jobs/query/750R0000000zlh9IAA", *states[1:])

    def results(seen: Seen) -> Reply:
        last = "locator" in seen.query
        headers = {"Sforce-Locator": "null" if last else "1", "Sforce-NumberOfRecords": "1" if last else "2"}
        return Reply(200, b'"Id"\n"3"\n' if last else b'"Id"\n"1"\n"2"\n', {"Content-Type": "text/csv", **headers})

    org.on("GET jobs/query/750R0000000zlh9IAA/results", results)
    wire = serve()
    wire.initialize()
    arguments = {"soql": "SELECT Id FROM Account", "method": "bulk"}
    call = {"name": "export_query", "arguments": arguments, "_meta": {"progressToken": "token"}}
    assert wire.ask("tools/call", call)["result"]["isError"] is False
    told = [message["params"] for message in wire.seen if message.get("method") == "notifications/progress"]
    assert [(each["progress"], each.get("total"), each["message"]) for each in told] == [
        (0, None, "Salesforce has read 0 records"),
        (3, None, "Salesforce has read 3 records"),
        (5, 6, "rows written"),
        (6, 6, "rows written"),
    ]
