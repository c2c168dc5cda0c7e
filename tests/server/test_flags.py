from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.salesforce.scripted import ScriptedOrg, page
from tests.server.wire import Wire

Serve = Callable[..., Wire]


def run(*flags: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "salesforce_mcp", "serve", *flags],
        input="",
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | environment,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--toolsets", "everything"], "There is no toolset 'everything'"),
        (["--tools", "querry"], "There is no tool 'querry'"),
        (["--exclude-tools", "delete"], "There is no tool 'delete'"),
        (["--max-result-tokens", "many"], "a number of tokens"),
        (["--max-result-tokens", "5"], "at least 500"),
        (["--log-level", "loud"], "invalid choice"),
        (["--read"], "unrecognized arguments"),
        (["extra"], "unrecognized arguments"),
    ],
)
def test_wrong_flags_end_with_2_and_say_why(flags: list[str], said: str) -> None:
    ended = run(*flags)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_a_wrong_environment_likewise() -> None:
    ended = run(SFMCP_READ_ONLY="perhaps")
    assert ended.returncode == 2
    assert "SFMCP_READ_ONLY" in ended.stderr


def test_help_names_every_flag() -> None:
    ended = run("--help")
    assert ended.returncode == 0
    for flag in ("--org", "--toolsets", "--tools", "--exclude-tools", "--read-only", "--structured"):
        assert flag in ended.stdout


def names(wire: Wire) -> list[str]:
    wire.initialize()
    return [tool["name"] for tool in wire.ask("tools/list", {})["result"]["tools"]]


def test_toolsets_and_tools_add_up(serve: Serve) -> None:
    assert set(
        names(serve("--toolsets", "reports", "--tools", "query,get_limits", "--exclude-tools", "get_report"))
    ) == {
        "list_reports",
        "run_report",
        "list_dashboards",
        "get_dashboard",
        "refresh_dashboard",
        "query",
        "get_limits",
    }


def test_read_only_neither_offers_nor_runs_what_writes(serve: Serve, org: ScriptedOrg) -> None:
    wire = serve("--toolsets", "all", "--read-only")
    offered = names(wire)
    assert "query" in offered
    assert not {"create_record", "delete_records", "refresh_dashboard", "update_record"} & set(offered)
    text, failed = wire.call("delete_record", object="Account", id="001000000000001AAA")
    assert failed
    assert text.startswith("NOT_ALLOWED: ")
    assert not org.seen


def test_the_budget_can_be_set(serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET query", page(*({"Id": f"001{n:012}", "Name": f"Account number {n}"} for n in range(500))))
    wire = serve("--max-result-tokens", "1000")
    wire.initialize()
    text, failed = wire.call("query", soql="SELECT Id, Name FROM Account")
    assert not failed
    assert 10 < text.count("\n") < 100
    assert 'query_more with cursor "' in text
