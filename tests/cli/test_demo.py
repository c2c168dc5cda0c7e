"""`sfmcp demo`, and the commands against the demo org."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest
import requests

from tests.cli.conftest import Shell

COUNT_OF_CASES = ["query", "--org", "demo", "SELECT COUNT() FROM Case"]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state folder for the tests that leave the demo org as it was: seeding it takes a while."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def shared(sfmcp: Shell, state: Path) -> Shell:
    sfmcp.environment["SFMCP_STATE_DIR"] = str(state)
    return sfmcp


def test_the_whole_conversation(shared: Shell) -> None:
    before = shared(*COUNT_OF_CASES).stdout
    done = shared("demo")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "\x1b" not in done.stdout
    for tool in ("query", "describe_object", "create_record", "update_record", "delete_record", "run_report"):
        assert f"\n  {tool}\n" in done.stdout
    assert "Did you mean AnnualRevenue?" in done.stdout
    assert "Status: Working" in done.stdout
    assert shared(*COUNT_OF_CASES).stdout == before
    check_block(done.stdout)


def check_block(shown: str) -> None:
    """What is to be pasted into a client's configuration starts this very installation."""
    start = shown.index('{\n  "mcpServers"')
    server = json.loads(shown[start : shown.index("\n}\n", start) + 2])["mcpServers"]["salesforce"]
    assert Path(server["command"]).is_absolute()
    assert Path(server["command"]).exists()
    assert server["args"][-3:] == ["serve", "--org", "demo"]


def test_reset_brings_back_what_was_changed(sfmcp: Shell) -> None:
    wanted = json.dumps({"object": "Account", "data": {"Name": "Only here"}})
    assert sfmcp("call", "--org", "demo", "create_record", wanted).returncode == 0
    found = ["query", "--org", "demo", "SELECT Name FROM Account WHERE Name = 'Only here'", "--fail-empty"]
    assert sfmcp(*found).returncode == 0
    assert sfmcp("demo", "reset").returncode == 0
    assert sfmcp(*found).returncode == 7


@pytest.mark.skipif(os.name == "nt", reason="POSIX: signals")
def test_serve_says_how_to_reach_it(shared: Shell) -> None:
    command = shared.start("demo", "serve", "--port", "0", "--json")
    assert command.stdout
    facts = json.loads(command.stdout.readline())
    assert set(facts) == {"instance_url", "client_id", "client_secret", "users"}
    token = facts["users"][0]["access_token"]
    answer = requests.get(
        f"{facts['instance_url']}/services/data/v66.0/query",
        params={"q": "SELECT Name FROM Account LIMIT 1"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.json()["totalSize"] == 1
    command.send_signal(signal.SIGINT)
    _, err = command.communicate(timeout=30)
    assert (command.returncode, err) == (130, "")


@pytest.mark.skipif(os.name == "nt", reason="POSIX: signals")
def test_serve_for_people(shared: Shell) -> None:
    command = shared.start("demo", "serve", "--port", "0")
    assert command.stderr
    assert command.stdout
    assert command.stderr.readline() == "Ctrl-C ends it.\n"
    command.send_signal(signal.SIGINT)
    out, _ = command.communicate(timeout=30)
    assert out.startswith("The demo org listens at http://127.0.0.1:")
    assert "ada.admin@demo.example" in out


def test_a_port_that_is_taken(shared: Shell, org) -> None:
    done = shared("demo", "serve", "--port", str(org.server_address[1]))
    assert done.returncode != 0
    assert str(org.server_address[1]) in done.stderr
    assert "Traceback" not in done.stderr


def test_reports(shared: Shell) -> None:
    listed = shared("report", "list", "--org", "demo", "--filter", "pipeline", "--format", "jsonl").stdout.splitlines()
    reports = [json.loads(line) for line in listed]
    assert reports
    assert all("pipeline" in report["Name"].lower() for report in reports)
    by_name = shared("report", "run", "--org", "demo", reports[0]["Name"], "--format", "json", "--totals")
    assert by_name.returncode == 0, by_name.stderr
    totals = json.loads(by_name.stdout)["totals"]
    assert totals["rows"][-1][0] == "Total"
    rows = shared("report", "run", "--org", "demo", reports[0]["Id"], "--totals").stdout.splitlines()
    assert len(rows) == len(totals["rows"]) + 1


def test_a_report_that_is_not_there(shared: Shell) -> None:
    done = shared("report", "run", "--org", "demo", "No such report")
    assert done.returncode == 1
    assert "There is no report 'No such report'" in done.stderr


def test_search(shared: Shell) -> None:
    done = shared("search", "--org", "demo", "FIND {generator} RETURNING Case(CaseNumber, Subject LIMIT 3)")
    lines = done.stdout.splitlines()
    assert lines[0] == "object,CaseNumber,Subject"
    assert 1 < len(lines) <= 4


def test_a_wrong_field_is_explained(shared: Shell) -> None:
    done = shared("query", "--org", "demo", "SELECT Id, Nmae FROM Account")
    assert done.returncode == 1
    assert done.stderr.startswith("INVALID_FIELD:\n")
    assert "Did you mean Name?" in done.stderr


def test_export_of_an_object(shared: Shell, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    done = shared("export", "--org", "demo", "Opportunity", "--output", str(file))
    assert done.returncode == 0, done.stderr
    count = shared("query", "--org", "demo", "SELECT COUNT() FROM Opportunity").stdout.splitlines()[1]
    assert f"{int(count):,} rows" in done.stderr
