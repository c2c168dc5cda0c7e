from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp import __version__
from salesforce_mcp.cli.application import MODULES
from salesforce_mcp.cli.failures import describe, guard
from salesforce_mcp.errors import NetworkError, SalesforceError
from tests.cli.conftest import Org, Record, Shell


def test_version(sfmcp: Shell) -> None:
    done = sfmcp("--version")
    assert (done.returncode, done.stdout) == (0, f"sfmcp {__version__}\n")


def test_help_lists_every_command(sfmcp: Shell) -> None:
    done = sfmcp("--help")
    assert done.returncode == 0
    for command in (*MODULES, "serve"):
        assert f" {command} " in done.stdout


@pytest.mark.parametrize("command", [*MODULES, "report list", "report run", "demo serve", "demo reset"])
def test_every_command_has_help_with_an_example(sfmcp: Shell, command: str) -> None:
    done = sfmcp(*command.split(), "--help")
    assert done.returncode == 0
    assert "Example" in done.stdout
    assert f"sfmcp {command}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["qery"], "Did you mean 'query'?"),
        (["query", "--nope"], "No such option"),
        (["query", "--format", "xml", "SELECT Id FROM Account"], "xml"),
        (["query"], "Give the statement"),
        (["query", "SELECT Id FROM Account", "--file", "x.soql"], "one of them"),
        (["query", "--file", "does-not-exist.soql"], "does-not-exist.soql cannot be read"),
        (["query", " ; "], "The statement is empty"),
        (["export", "Account"], "--output"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(sfmcp: Shell, arguments: list[str], said: str) -> None:
    done = sfmcp(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert said in done.stderr


def test_no_session_exits_3_and_names_the_way_in(sfmcp: Shell) -> None:
    done = sfmcp("query", "SELECT Id FROM Account")
    assert done.returncode == 3
    assert "sfmcp login" in done.stderr
    assert "--org demo" in done.stderr
    assert done.stdout == ""


def test_unreachable_org_exits_5(sfmcp: Shell, org: Org) -> None:
    org.shutdown()
    org.server_close()
    done = sfmcp("query", "SELECT Id FROM Account")
    assert done.returncode == 5
    assert done.stderr.startswith("UNREACHABLE: ")
    assert "Traceback" not in done.stderr


def test_expired_token_exits_3(sfmcp: Shell, org: Org) -> None:
    sfmcp.environment["SFMCP_ACCESS_TOKEN"] = "00D000000000001!other"
    done = sfmcp("query", "SELECT Id FROM Account")
    assert done.returncode == 3
    assert "00D000000000001!other" not in done.stderr


def test_an_unforeseen_error_is_one_line_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError("Bearer 00Dsecret")

    assert guard(fail) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ValueError" in said
    assert "secret" not in said


def test_debug_shows_the_traceback(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SFMCP_DEBUG", "1")

    def fail() -> None:
        raise ValueError("what it was")

    assert guard(fail) == 1
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "what it was" in said


def test_debug_option_comes_before_the_command(sfmcp: Shell) -> None:
    done = sfmcp("--debug", "query", "SELECT Id FROM Account")
    assert done.returncode == 3
    assert "Traceback" in done.stderr
    assert "sfmcp login" in done.stderr


def test_interruption_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    assert guard(interrupted) == 130
    assert capsys.readouterr().err == ""


@pytest.mark.skipif(os.name == "nt", reason="POSIX: a shell that closes streams")
@pytest.mark.parametrize(
    ("closed", "code", "out", "said"),
    [
        ("<&-", 0, "Name\nAcme\n", ""),
        ("2>&-", 0, "Name\nAcme\n", ""),
        (">&-", 1, "", "SYSTEM: Bad file descriptor\n"),
    ],
)
def test_a_stream_that_is_closed(
    sfmcp: Shell, org: Org, record: Record, closed: str, code: int, out: str, said: str
) -> None:
    org.records = [record("Account", Name="Acme")]
    command = sfmcp.arguments("query", "SELECT Name FROM Account")
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command],
        capture_output=True,
        encoding="utf-8",
        env=sfmcp.all_variables(),
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, out, said)


def test_an_error_shows_code_fields_and_hint() -> None:
    error = NetworkError("No way.", fields=["Name"], hint="Try again.")
    assert describe(error) == "NETWORK: No way.\nFields: Name\nHint: Try again."


def test_a_caret_stays_below_what_it_points_at() -> None:
    error = SalesforceError("\nSELECT Nme FROM Account\n       ^\nNo such column\n", code="INVALID_FIELD")
    assert describe(error).splitlines() == ["INVALID_FIELD:", "SELECT Nme FROM Account", "       ^", "No such column"]


@pytest.mark.parametrize("arguments", [["--help"], ["query", "--help"], ["tools", "--help"]])
def test_help_breaks_between_words_and_examples_nowhere(
    sfmcp: Shell, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    wide = sfmcp(*arguments).stdout
    monkeypatch.setenv("COLUMNS", "60")
    narrow = sfmcp(*arguments).stdout
    assert narrow.split() == wide.split()
    shown, _, examples = narrow.partition("Examples:")
    assert max(map(len, shown.splitlines())) <= 60
    assert set(examples.splitlines()) <= set(wide.splitlines())


def test_a_full_disk_is_said(sfmcp: Shell, org: Org, record) -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("no /dev/full")
    org.records = [record("Account", Id="001")]
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            sfmcp.arguments("query", "SELECT Id FROM Account"),
            stdout=full,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=sfmcp.all_variables(),
        )
    assert done.returncode == 1
    assert done.stderr == "SYSTEM: No space left on device\n"
    done = sfmcp("query", "SELECT Id FROM Account", "--output", "/dev/full")
    assert done.returncode == 1
    assert done.stderr == "SYSTEM: /dev/full cannot be written: No space left on device.\n"
