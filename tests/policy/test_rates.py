from __future__ import annotations

import subprocess
import sys
from array import array
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp import folders
from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy import usage
from salesforce_mcp.policy.gate import Gate
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.rates import LONGEST_WAIT, Limiter
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce import bulk2
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from tests.policy.conftest import Desk
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, error, ok

WORKER = """
import sys, time
from pathlib import Path
from salesforce_mcp.policy.rates import Limiter
limiter = Limiter("https://example.com", [(20, 1.0), (60, 60.0)], folder=Path(sys.argv[1]))
now = time.time()
for _ in range(10):
    print(now + limiter.reserve(now))
"""


def most_in(moments: list[float], seconds: float) -> int:
    """The most moments that any span of so many seconds holds."""
    return max(sum(begin <= each < begin + seconds - 1e-6 for each in moments) for begin in moments)


def test_a_window_never_holds_more_than_allowed(tmp_path: Path) -> None:
    limiter = Limiter("org", [(5, 1.0)], folder=tmp_path)
    turns = [1000.0 + at * 0.01 + limiter.reserve(1000.0 + at * 0.01) for at in range(30)]
    assert turns == sorted(turns)
    assert most_in(turns, 1.0) == 5
    assert limiter.reserve(2000.0) == 0


def test_several_processes_share_the_limit(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    turns = [float(line) for process in running for line in process.communicate()[0].split()]
    assert len(turns) == 40
    assert most_in(turns, 1.0) <= 20


def test_who_would_wait_too_long_is_told_when_to_come_back(tmp_path: Path) -> None:
    limiter = Limiter("org", [(25, 1.0), (10, 60.0)], folder=tmp_path)
    assert [limiter.reserve(1000.0) for _ in range(10)] == [0.0] * 10
    with pytest.raises(PolicyError, match=r"RATE_LIMITED(.|\n)*Go on at 00:17:40 UTC") as refusal:
        limiter.reserve(1000.0)
    assert refusal.value.retryable
    assert limiter.reserve(1060.0 - LONGEST_WAIT / 2) == pytest.approx(LONGEST_WAIT / 2)


def test_what_cannot_be_kept_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    Limiter("org", [(1, 1.0)], folder=tmp_path / "file").wait(lambda seconds: pytest.fail("it waits"))


def test_half_a_moment_is_passed_over(tmp_path: Path) -> None:
    limiter = Limiter("org", [(2, 1.0)], folder=tmp_path)
    limiter.reserve(1000.0)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes() + b"half")
    assert [limiter.reserve(1000.0) for _ in range(2)] == [0.0, 1.0]


def test_a_clock_that_was_set_back_does_not_lock_out(tmp_path: Path) -> None:
    limiter = Limiter("org", [(2, 1.0)], folder=tmp_path)
    limiter.reserve(9000.0)
    limiter.reserve(9000.0)
    assert limiter.reserve(1000.0) == 0


def test_a_client_is_paced_but_for_the_pages_of_a_transfer(write_policy: Callable[[str], Path]) -> None:
    write_policy("[limits]\nrequests_per_second = 3\n")
    waits: list[float] = []
    with ScriptedOrg() as org:
        client = Client(ScriptedSession(org.url), pause=waits.append, guard=Gate(Policies.load()))
        org.on("GET limits", ok({}))
        org.on("GET query/01g000000000001AAA-2000", ok({"records": [], "totalSize": 0, "done": True}))
        for _ in range(3):
            client.get("limits")
        assert not waits
        for _ in range(5):
            client.next_page("query/01g000000000001AAA-2000")
        assert not waits
        client.get("limits")
        assert 0 < waits[0] <= 1
        client.close()


def test_bulk_work_is_held_near_the_daily_limit(write_policy: Callable[[str], Path]) -> None:
    write_policy("")
    with ScriptedOrg() as org, Client(ScriptedSession(org.url), guard=Gate(Policies.load())) as client:
        org.on("GET limits", ok({}))
        org.on("POST jobs/query", ok({"id": "750000000000001AAA", "state": "UploadComplete"}))
        client.transport.api_usage = 949, 1000
        client.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})
        client.transport.api_usage = 950, 1000
        with pytest.raises(PolicyError, match="DAILY_LIMIT"):
            client.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM Account"})
        client.get("limits")


@pytest.mark.parametrize(("now", "held"), [("970/1000", True), ("400/1000", False), (None, True)])
def test_the_first_request_of_a_process_knows_what_others_heard(
    write_policy: Callable[[str], Path], now: str | None, held: bool
) -> None:
    write_policy("")
    heard = {"Sforce-Limit-Info": "api-usage=960/1000"}
    with ScriptedOrg() as org:
        org.on("GET limits", ok({}, **heard))
        org.on("POST jobs/query", ok({"id": "750000000000001AAA", "state": "UploadComplete"}))
        with Client(ScriptedSession(org.url), guard=Gate(Policies.load())) as first:
            run(registry.load()["get_limits"], {}, Context(lambda: first), selection=Selection())
        again = ok({}, **{"Sforce-Limit-Info": f"api-usage={now}"}) if now else error(503, "SERVER_UNAVAILABLE", "-")
        org.on("GET limits", again)
        with Client(ScriptedSession(org.url), guard=Gate(Policies.load()), pause=lambda seconds: None) as second:
            begin = {"operation": "query", "query": "SELECT Id FROM Account"}
            if held:
                with pytest.raises(PolicyError, match="DAILY_LIMIT"):
                    second.post("jobs/query", begin)
                assert ("POST", "/services/data/v66.0/jobs/query") not in [(one.method, one.path) for one in org.seen]
            else:
                second.post("jobs/query", begin)


def test_what_was_heard_is_forgotten_after_a_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOrg() as org, Client(ScriptedSession(org.url)) as client, Client(ScriptedSession(org.url)) as other:
        client.transport.api_usage = 960, 1000
        usage.remember(client)
        assert usage.percent_heard(other) == 96
        monkeypatch.setattr(usage, "FRESH", -1.0)
        assert usage.percent_heard(other) is None
        (kept,) = (path for path in (folders.state_dir() / "rates").iterdir() if path.suffix == ".usage")
        kept.write_text("half a li", encoding="utf-8")
        assert usage.percent_heard(other) is None


def test_one_client_notes_its_figures_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedOrg() as org, Client(ScriptedSession(org.url)) as client, Client(ScriptedSession(org.url)) as other:
        for used in (960, 970):
            client.transport.api_usage = used, 1000
            usage.remember(client)
        assert usage.percent_heard(other) == 96
        monkeypatch.setattr(usage, "EVERY", 0.0)
        usage.remember(client)
        assert usage.percent_heard(other) == 97


def test_answers_say_when_the_day_runs_low(desk: Callable[..., Desk]) -> None:
    there = desk("[limits]\ndaily_warning = 1\n")
    there.client.transport.api_usage = 1, 1
    result = there.call("query", soql="SELECT Id FROM Account LIMIT 1")
    used = there.client.transport.api_usage
    expected = 100 * used[0] / used[1] >= 1
    assert any("API calls of 24 hours" in note for note in result["notes"]) == expected


def test_rows_are_limited(desk: Callable[..., Desk]) -> None:
    there = desk("[limits]\nrows = 3\n")
    assert there.call("query", soql="SELECT Id FROM Account LIMIT 3")["returned"] == 3
    assert there.call("query", soql="SELECT COUNT() FROM Account")["rows"]
    for tool, more in (("query", {}), ("export_query", {"method": "rest"}), ("export_query", {"method": "bulk"})):
        assert there.refused(tool, soql="SELECT Id FROM Account", **more) == "ROW_LIMIT"
    assert there.call("export_query", soql="SELECT Id FROM Account LIMIT 2", method="bulk")["rows"] == 2


def test_rows_of_searches_and_reports_are_limited(desk: Callable[..., Desk]) -> None:
    reports = {row[1]: row[0] for row in desk().call("list_reports", limit=100)["rows"]}
    there = desk("[limits]\nrows = 3\n")
    assert there.refused("search", sosl="FIND {a*} RETURNING Account(Id), Contact(Id)") == "ROW_LIMIT"
    assert there.call("search", sosl="FIND {a*} RETURNING Account(Id LIMIT 2)")
    assert there.refused("search_records", text="a*", objects=["Account"]) == "ROW_LIMIT"
    report = reports["Open Cases by Priority"]
    assert there.refused("run_report", report_id=report) == "ROW_LIMIT"
    assert there.refused("run_report", report_id=report, method="async") == "ROW_LIMIT"
    assert there.call("run_report", report_id=report, include_details=False)["totals"]["rows"]


def test_rows_inside_of_composite_requests_and_of_relationships_are_limited(desk: Callable[..., Desk]) -> None:
    many = "SELECT AccountId FROM Contact WHERE AccountId != null GROUP BY AccountId HAVING COUNT(Id) > 3"
    account = desk().call("query", soql=many)
    related = {"object": "Account", "id": account["rows"][0][0], "relationship": "Contacts"}
    there = desk("[limits]\nrows = 3\n")
    for limit, fits in ((4, False), (3, True)):
        part = {"method": "GET", "url": f"query?q=SELECT+Id+FROM+Account+LIMIT+{limit}"}
        calls: list[tuple[str, dict[str, Any]]] = [
            ("composite", {"requests": [{**part, "reference_id": "a"}]}),
            ("composite_batch", {"requests": [part]}),
        ]
        for tool, arguments in calls:
            assert ("ROW_LIMIT" in str(there.call(tool, **arguments))) != fits
    assert there.refused("get_related_records", **related) == "ROW_LIMIT"


def test_rows_of_a_bulk_query_that_another_process_began_are_limited(desk: Callable[..., Desk]) -> None:
    before = desk().client
    job = bulk2.wait(before, bulk2.create(before, "SELECT Id FROM Account LIMIT 5"), lambda rows: None)
    for most, fits in ((4, False), (5, True)):
        client = desk(f"[limits]\nrows = {most}\n").client
        if fits:
            with bulk2.results(client, job, None) as part:
                assert part
        else:
            with pytest.raises(PolicyError, match="ROW_LIMIT"), bulk2.results(client, job, None):
                pytest.fail("it was read")


def test_the_file_of_moments_is_small(tmp_path: Path) -> None:
    limiter = Limiter("org", [(5, 1.0)], folder=tmp_path)
    for at in range(100):
        limiter.reserve(float(at))
    (kept,) = tmp_path.iterdir()
    assert kept.stat().st_size == 5 * array("d").itemsize
