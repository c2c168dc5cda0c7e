from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, PolicyError, SessionError
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.confirmation import Question
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Cancelled, Context
from salesforce_mcp.tools.pages import PageStore
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, ok

ACCOUNT = "001000000000001AAA"
TOOLS = registry.load()


def nobody() -> Client:
    raise SessionError("There is no session.")


def context(client: Client | None = None, **more: Any) -> Context:
    return Context((lambda: client) if client else nobody, pages=PageStore(), **more)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "state" / "audit.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_call_leaves_a_line(private_folders: Path) -> None:
    with ScriptedOrg() as org, Client(ScriptedSession(org.url)) as client:
        org.on("GET limits", ok({"DailyApiRequests": {"Max": 10, "Remaining": 5}}))
        run(TOOLS["get_limits"], {"names": ["DailyApiRequests"]}, context(client), selection=Selection())
        (line,) = lines(private_folders)
        assert (line["org"], line["org_id"], line["user"]) == (org.url, "00D000000000001EAA", "ada@example.com")
    assert (line["tool"], line["access"], line["outcome"], line["api_calls"]) == ("get_limits", "read", "ok", 1)
    assert line["time"].endswith("Z")
    assert line["ms"] >= 0


@pytest.mark.parametrize(
    ("tool", "arguments", "selection", "error", "outcome"),
    [
        ("get_record", {"object": "Account", "id": "x"}, Selection(), ArgumentError, "INVALID_ARGUMENT"),
        ("delete_record", {"object": "Account", "id": ACCOUNT}, Selection(read_only=True), PolicyError, "NOT_ALLOWED"),
        ("get_limits", {}, Selection(toolsets=("query",)), PolicyError, "NOT_ALLOWED"),
        ("get_limits", {}, Selection(), SessionError, "NO_SESSION"),
    ],
)
def test_what_was_refused_leaves_one_too(
    private_folders: Path,
    tool: str,
    arguments: dict[str, Any],
    selection: Selection,
    error: type[Exception],
    outcome: str,
) -> None:
    with pytest.raises(error):
        run(TOOLS[tool], arguments, context(), selection=selection)
    (line,) = lines(private_folders)
    assert (line["tool"], line["outcome"], line["org"], line["api_calls"]) == (tool, outcome, None, 0)


def test_policy_comes_before_arguments_and_both_before_a_session() -> None:
    with pytest.raises(PolicyError):
        run(TOOLS["delete_record"], {"nonsense": 1}, context(), selection=Selection(read_only=True))


def test_destructive_tools_are_confirmed_with_checked_arguments() -> None:
    asked: list[tuple[str, Mapping[str, Any]]] = []

    def confirm(question: Question) -> None:
        asked.append((question.tool.name, question.arguments))
        raise PolicyError("No.", code="NOT_CONFIRMED")

    with pytest.raises(ArgumentError):
        run(TOOLS["delete_record"], {"object": "Account", "id": "x"}, context(), selection=Selection(), confirm=confirm)
    assert not asked
    arguments = {"object": "Account", "id": ACCOUNT}
    with pytest.raises(PolicyError, match="NOT_CONFIRMED"):
        run(TOOLS["delete_record"], arguments, context(), selection=Selection(), confirm=confirm)
    assert asked == [("delete_record", arguments)]
    with pytest.raises(SessionError):
        run(TOOLS["get_record"], arguments, context(), selection=Selection(), confirm=confirm)


def test_a_cancelled_call_stops_before_its_next_request() -> None:
    cancelled = threading.Event()
    with ScriptedOrg() as org, Client(ScriptedSession(org.url)) as client:

        def reply(seen: Any) -> Any:
            cancelled.set()
            return ok([{"id": ACCOUNT, "success": True, "errors": []}] * 200)

        org.on("POST composite/sobjects", reply)
        records = [{"Name": str(n)} for n in range(600)]
        with pytest.raises(Cancelled):
            run(
                TOOLS["create_records"],
                {"object": "Account", "records": records},
                context(client, cancelled=cancelled),
                selection=Selection(),
            )
        assert len(org.seen) == 1


def test_many_writers_keep_their_lines_apart(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"

    def write() -> None:
        for _ in range(25):
            Trail(path).write(TOOLS["query"], None, outcome="ok", seconds=0.001, requests=1)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(written) == 200


def test_a_trail_that_cannot_be_written_is_said_and_does_not_fail_the_call(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").touch()
    Trail(tmp_path / "file" / "audit.jsonl").write(TOOLS["query"], None, outcome="ok", seconds=0.001, requests=1)
    assert "audit trail" in caplog.text
