"""`sfmcp query` as scripts use it, over real HTTP."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Org, Record, Shell

SOQL = "SELECT Id, Name, Amount, IsWon, CloseDate, Account.Name FROM Opportunity"


@pytest.fixture
def deals(org: Org, record: Record) -> Org:
    org.records = [
        record(
            "Opportunity",
            Id="006000000000001AAA",
            Name='O\'Brien, "Sons" & 日本\nGmbH',
            Amount=1234567.89,
            IsWon=True,
            CloseDate="2026-01-31",
            Account=record("Account", Name="Acme"),
        ),
        record(
            "Opportunity",
            Id="006000000000002AAA",
            Name="=1+1",
            Amount=None,
            IsWon=False,
            CloseDate="2026-02-28",
            Account=None,
        ),
    ]
    return org


def test_csv_in_a_pipe(sfmcp: Shell, deals: Org) -> None:
    done = sfmcp("query", SOQL)
    assert done.returncode == 0
    assert done.stdout == (
        "Id,Name,Amount,IsWon,CloseDate,Account.Name\n"
        '006000000000001AAA,"O\'Brien, ""Sons"" & 日本\nGmbH",1234567.89,true,2026-01-31,Acme\n'
        "006000000000002AAA,=1+1,,false,2026-02-28,\n"
    )
    assert done.stderr == ""


def test_json_is_one_array_with_typed_values_and_dotted_parents(sfmcp: Shell, deals: Org) -> None:
    done = sfmcp("query", SOQL, "--format", "json")
    assert json.loads(done.stdout) == [
        {
            "Id": "006000000000001AAA",
            "Name": 'O\'Brien, "Sons" & 日本\nGmbH',
            "Amount": 1234567.89,
            "IsWon": True,
            "CloseDate": "2026-01-31",
            "Account.Name": "Acme",
        },
        {
            "Id": "006000000000002AAA",
            "Name": "=1+1",
            "Amount": None,
            "IsWon": False,
            "CloseDate": "2026-02-28",
            "Account.Name": None,
        },
    ]


def test_json_lines(sfmcp: Shell, deals: Org) -> None:
    done = sfmcp("query", SOQL, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [json.loads(line)["Amount"] for line in lines] == [1234567.89, None]


def test_table_in_a_pipe_cuts_nothing(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Name="x" * 300, Employees=7)]
    lines = sfmcp("query", "SELECT Name, Employees FROM Account", "--format", "table").stdout.splitlines()
    assert lines[0] == f"{'Name':<300}  Employees"
    assert lines[2] == f"{'x' * 300}          7"


def test_all_pages_in_order(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Id=f"{number:018}") for number in range(4500)]
    rows = sfmcp("query", "SELECT Id FROM Account").stdout.splitlines()
    assert rows == ["Id", *(f"{number:018}" for number in range(4500))]
    assert sum(path.startswith("/services/data/v66.0/query") for path in org.paths) == 3


@pytest.mark.parametrize(("form", "expected"), [("csv", "Id,Name\n"), ("json", "[]\n"), ("jsonl", "")])
def test_nothing_found(sfmcp: Shell, org: Org, form: str, expected: str) -> None:
    done = sfmcp("query", "SELECT Id, Name FROM Account", "--format", form)
    assert (done.returncode, done.stdout) == (0, expected)


def test_fail_empty(sfmcp: Shell, org: Org, record: Record) -> None:
    assert sfmcp("query", "SELECT Id FROM Account", "--fail-empty").returncode == 7
    org.records = [record("Account", Id="001000000000001AAA")]
    assert sfmcp("query", "SELECT Id FROM Account", "--fail-empty").returncode == 0


def test_count_is_a_number(sfmcp: Shell, org: Org) -> None:
    org.total = 1234567
    assert sfmcp("query", "select count() from Account").stdout == "count\n1234567\n"
    assert json.loads(sfmcp("query", "SELECT COUNT() FROM Account", "--format", "json").stdout) == [{"count": 1234567}]


def test_numbers_stay_exact(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Big=9007199254740993, Small=0.1, Money=1000000.0)]
    assert sfmcp("query", "SELECT Big, Small, Money FROM Account").stdout.splitlines()[1] == (
        "9007199254740993,0.1,1000000.0"
    )


def test_child_rows_are_a_list_in_their_cell(sfmcp: Shell, org: Org, record: Record) -> None:
    contacts = {"totalSize": 1, "done": True, "records": [record("Contact", LastName="O'Neil")]}
    org.records = [record("Account", Name="Acme", Contacts=contacts), record("Account", Name="Bolt", Contacts=None)]
    soql = "SELECT Name, (SELECT LastName FROM Contacts) FROM Account"
    rows = list(csv.reader(io.StringIO(sfmcp("query", soql).stdout)))
    assert rows == [["Name", "Contacts"], ["Acme", '[{"LastName":"O\'Neil"}]'], ["Bolt", ""]]


def test_statement_from_stdin_and_from_a_file(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    file = tmp_path / "cases.soql"
    file.write_text("﻿SELECT Id\nFROM Case;\n", encoding="utf-8")
    assert sfmcp("query", "-", stdin="SELECT Id FROM Case ;\n").returncode == 0
    assert sfmcp("query", "--file", str(file)).returncode == 0
    assert org.asked == ["SELECT Id FROM Case", "SELECT Id\nFROM Case"]


def test_file_that_is_no_text(sfmcp: Shell, tmp_path: Path) -> None:
    file = tmp_path / "picture"
    file.write_bytes(b"\x89PNG\xff")
    done = sfmcp("query", "--file", str(file))
    assert done.returncode == 2
    assert "is not text in UTF-8" in done.stderr


def test_deleted_records(sfmcp: Shell, org: Org) -> None:
    sfmcp("query", "SELECT Id FROM Case", "--include-deleted")
    assert org.paths[-1] == "/services/data/v66.0/queryAll"


@pytest.mark.parametrize(
    ("binds", "expected"),
    [
        (["n=O'Neil"], "WHERE Name = 'O\\'Neil'"),
        (["n=' OR Name != '"], "WHERE Name = '\\' OR Name != \\''"),
        (["n=\\"], "WHERE Name = '\\\\'"),
        (["n=a=b"], "WHERE Name = 'a=b'"),
        (["n="], "WHERE Name = ''"),
        (["n=42"], "WHERE Name = '42'"),
        (["n:=42"], "WHERE Name = 42"),
        (["n:=null"], "WHERE Name = null"),
        (["n:=true"], "WHERE Name = true"),
        (['n:="x"'], "WHERE Name = 'x'"),
        (["n:=1.50"], "WHERE Name = 1.5"),
    ],
)
def test_binds_are_quoted(sfmcp: Shell, org: Org, binds: list[str], expected: str) -> None:
    arguments = [part for bind in binds for part in ("--bind", bind)]
    done = sfmcp("query", "SELECT Id FROM Account WHERE Name = :n", *arguments)
    assert done.returncode == 0, done.stderr
    assert org.asked == [f"SELECT Id FROM Account {expected}"]


def test_a_list_is_bound(sfmcp: Shell, org: Org) -> None:
    sfmcp("query", "SELECT Id FROM Case WHERE Priority IN :levels", "--bind", 'levels:=["High", "It\'s"]')
    assert org.asked == ["SELECT Id FROM Case WHERE Priority IN ('High','It\\'s')"]


def test_a_date_is_bound_without_quotes_where_the_field_is_a_date(sfmcp: Shell, org: Org) -> None:
    org.describes["Case"] = {
        "fields": [
            {"name": "CreatedDate", "type": "datetime", "relationshipName": None, "referenceTo": []},
            {"name": "Subject", "type": "string", "relationshipName": None, "referenceTo": []},
        ],
        "childRelationships": [],
    }
    soql = "SELECT Id FROM Case WHERE CreatedDate > :since AND Subject = :text"
    done = sfmcp("query", soql, "--bind", "since=2026-01-31T10:00:00+01:00", "--bind", "text=2026-01-31")
    assert done.returncode == 0, done.stderr
    assert org.asked == ["SELECT Id FROM Case WHERE CreatedDate > 2026-01-31T09:00:00Z AND Subject = '2026-01-31'"]


@pytest.mark.parametrize(
    ("binds", "said"),
    [
        ([], "There is no value for :n"),
        (["n=x", "m=y"], "no :m"),
        (["n"], "--bind takes name=text"),
        (["n m=x"], "--bind takes name=text"),
        (["n:=oops"], "no JSON"),
        (["n:=[]"], "empty"),
        (["n=x", "n=y"], "twice"),
    ],
)
def test_wrong_binds_exit_2_and_send_nothing(sfmcp: Shell, org: Org, binds: list[str], said: str) -> None:
    arguments = [part for bind in binds for part in ("--bind", bind)]
    done = sfmcp("query", "SELECT Id FROM Account WHERE Name = :n", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert org.paths == []


def test_a_refusal_shows_salesforces_words_with_the_caret(sfmcp: Shell, org: Org) -> None:
    message = (
        "\nSELECT Id, Nme FROM Account\n           ^\nERROR at Row:1:Column:12\n"
        "No such column 'Nme' on entity 'Account'. If you are attempting to use a custom field, be sure to append the "
        "'__c' after the custom field name."
    )
    org.refusal = 400, [{"message": message, "errorCode": "INVALID_FIELD"}]
    org.describes["Account"] = {"fields": [{"name": "Name"}], "childRelationships": []}
    done = sfmcp("query", "SELECT Id, Nme FROM Account")
    assert done.returncode == 1
    assert done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[:3] == ["INVALID_FIELD:", "SELECT Id, Nme FROM Account", "           ^"]
    assert lines[-1].startswith("Hint: Did you mean Name?")


def test_output_file_appears_whole(sfmcp: Shell, deals: Org, tmp_path: Path) -> None:
    file = tmp_path / "deals.jsonl"
    done = sfmcp("query", SOQL, "--output", str(file))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 2
    assert list(tmp_path.glob("*deals*")) == [file]


def test_output_file_is_private(sfmcp: Shell, deals: Org, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("old", encoding="utf-8")
    assert sfmcp("query", SOQL, "--output", str(file)).returncode == 0
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_output_is_compressed_by_its_name(sfmcp: Shell, deals: Org, tmp_path: Path) -> None:
    file = tmp_path / "deals.jsonl.gz"
    assert sfmcp("query", SOQL, "--output", str(file)).returncode == 0
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        assert [json.loads(line)["Amount"] for line in lines] == [1234567.89, None]
    refused = sfmcp("query", SOQL, "--output", str(tmp_path / "deals.csv.zst"))
    assert refused.returncode == 2
    assert "the only compression is gzip" in refused.stderr
    assert list(tmp_path.glob("*deals*")) == [file]


def test_a_broken_off_query_leaves_the_old_file_as_it_was(
    sfmcp: Shell, org: Org, record: Record, tmp_path: Path
) -> None:
    file = tmp_path / "all.csv"
    file.write_text("old\n", encoding="utf-8")
    org.records = [record("Account", Id=f"{number:018}") for number in range(4500)]
    org.refuse_page = 2
    done = sfmcp("query", "SELECT Id FROM Account", "--output", str(file))
    assert done.returncode == 1
    assert file.read_text(encoding="utf-8") == "old\n"
    assert list(tmp_path.glob("*all.csv*")) == [file]


def test_a_statement_without_quotes(sfmcp: Shell, deals: Org) -> None:
    done = sfmcp("query", *SOQL.split())
    assert done.returncode == 2
    assert 'Quote it for the shell: sfmcp query "SELECT' in done.stderr
    assert deals.asked == []
    assert "Quote it" in sfmcp("search", "FIND", "{pump}").stderr


def test_output_with_a_name_that_promises_another_format(sfmcp: Shell, deals: Org, tmp_path: Path) -> None:
    file = tmp_path / "deals.xlsx"
    done = sfmcp("query", SOQL, "--output", str(file))
    assert done.returncode == 2
    assert "xlsx is no format" in done.stderr
    assert deals.asked == []
    assert sfmcp("query", SOQL, "--output", str(file), "--format", "csv").returncode == 0


def test_output_into_a_folder_that_is_not_there(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    done = sfmcp("query", "SELECT Id FROM Account", "--output", str(tmp_path / "no" / "x.csv"))
    assert done.returncode == 2
    assert "cannot be written: No such file or directory" in done.stderr


def test_output_through_a_link_keeps_the_link(sfmcp: Shell, deals: Org, tmp_path: Path) -> None:
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    assert sfmcp("query", SOQL, "--output", str(link)).returncode == 0
    assert link.is_symlink()
    assert real.read_text(encoding="utf-8").startswith("Id,Name")


@pytest.mark.skipif(os.name == "nt", reason="POSIX: devices")
def test_output_to_a_device_keeps_the_device(sfmcp: Shell, deals: Org) -> None:
    done = sfmcp("query", SOQL, "--output", "/dev/stdout", "--format", "jsonl")
    assert len(done.stdout.splitlines()) == 2
    assert Path("/dev/stdout").exists()


class Endless(Sequence[dict[str, Any]]):
    """As many records as wanted, made when they are asked for."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, which: Any) -> Any:
        return [
            {
                "attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{number:018}"},
                "Id": f"{number:018}",
                "Name": f"Account number {number}",
            }
            for number in range(*which.indices(self._count))
        ]


@pytest.mark.skipif(os.name == "nt", reason="POSIX: pipes")
def test_head_ends_it_quietly(sfmcp: Shell, org: Org) -> None:
    org.records = Endless(1_000_000)
    for form in ("csv", "json", "jsonl", "table"):
        command = sfmcp.start("query", "SELECT Id, Name FROM Account", "--format", form)
        assert command.stdout
        assert command.stderr
        assert command.stdout.readline()
        command.stdout.close()
        assert command.stderr.read() == ""
        assert command.wait(30) == 0
        command.stderr.close()


@pytest.mark.skipif(os.name == "nt", reason="POSIX: signals")
@pytest.mark.parametrize("arguments", [[], ["--output", "x.csv"]])
def test_interruption_exits_130(
    sfmcp: Shell, org: Org, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    org.go.clear()
    command = sfmcp.start("query", "SELECT Id FROM Account", *arguments)
    assert org.reached.wait(30)
    command.send_signal(signal.SIGINT)
    out, err = command.communicate(timeout=30)
    assert (command.returncode, out, err) == (130, "", "")
    assert not list(tmp_path.glob("*.csv*"))


def test_imports_only_what_a_query_needs(sfmcp: Shell, deals: Org) -> None:
    program = (
        "import sys\n"
        "sys.argv[0] = 'sfmcp'\n"
        "from salesforce_mcp.cli.main import main\n"
        "try: main()\n"
        "finally: print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "query", SOQL],
        capture_output=True,
        encoding="utf-8",
        env=sfmcp.all_variables(),
    )
    assert done.stdout.startswith("Id,Name")
    loaded = set(done.stderr.split())
    assert "requests" in loaded
    assert not loaded & {"mcp", "pydantic", "simple_salesforce", "rich", "keyring", "lark", "anyio", "starlette"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Linux: peak memory of a child in KiB")
def test_memory_does_not_grow_with_the_rows(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    def peak(count: int) -> int:
        org.records = Endless(count)
        program = (
            "import resource, subprocess, sys\n"
            "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL)\n"
            "assert done.returncode == 0\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        )
        command = sfmcp.arguments("query", "SELECT Id, Name FROM Account", "--format", "json")
        done = subprocess.run(
            [sys.executable, "-c", program, *command], capture_output=True, text=True, env=sfmcp.all_variables()
        )
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    assert peak(200_000) < peak(20_000) + 8_000


def test_stdin_with_a_byte_order_mark(sfmcp: Shell, org: Org) -> None:
    assert sfmcp("query", "-", stdin="\ufeffSELECT Id FROM Case WHERE Name = 'Köln'").returncode == 0
    assert org.asked == ["SELECT Id FROM Case WHERE Name = 'Köln'"]


@pytest.mark.skipif(os.name == "nt", reason="POSIX: arguments are bytes")
@pytest.mark.parametrize(
    "arguments", [[b"SELECT Id FROM A WHERE N = '\xff'"], [b"SELECT Id FROM A", b"--bind", b"n=\xff"]]
)
def test_what_is_no_utf_8_is_refused(sfmcp: Shell, org: Org, arguments: list[bytes]) -> None:
    done = subprocess.run(
        [*sfmcp.arguments("query"), *arguments], capture_output=True, text=True, env=sfmcp.all_variables()
    )
    assert done.returncode == 2
    assert "is not text in UTF-8" in done.stderr


def test_a_table_where_the_encoding_lacks_characters(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Name="日本")]
    sfmcp.environment["PYTHONIOENCODING"] = "ascii"
    done = sfmcp("query", "SELECT Name FROM Account", "--format", "table")
    assert done.returncode == 0
    assert done.stdout.splitlines()[2] == "??"
    assert sfmcp("query", "SELECT Name FROM Account", "--format", "csv").stdout == "Name\n日本\n"


@pytest.mark.parametrize("to_file", [False, True])
def test_bulk(sfmcp: Shell, org: Org, record: Record, tmp_path: Path, to_file: bool) -> None:
    org.records = [record("Account", Id="001", Name="Acme"), record("Account", Id="002", Name="Bolt, Inc.")]
    file = tmp_path / "accounts.csv"
    done = sfmcp("query", "SELECT Id, Name FROM Account", "--bulk", *(["--output", str(file)] if to_file else []))
    assert done.returncode == 0, done.stderr
    rows = file.read_text(encoding="utf-8") if to_file else done.stdout
    assert list(csv.reader(io.StringIO(rows))) == [["Id", "Name"], ["001", "Acme"], ["002", "Bolt, Inc."]]
    assert not any("/query?" in path or path.endswith("/v66.0/query") for path in org.paths)


def test_bulk_has_no_json(sfmcp: Shell, org: Org) -> None:
    done = sfmcp("query", "SELECT Id FROM Account", "--bulk", "--format", "json")
    assert done.returncode == 2
    assert "csv, jsonl or parquet" in done.stderr
    assert org.paths == []


def test_a_dash_is_stdout(
    sfmcp: Shell, org: Org, record: Record, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    org.records = [record("Account", Name="Acme")]
    assert sfmcp("query", "SELECT Name FROM Account", "--output", "-").stdout == "Name\nAcme\n"
    assert not Path("-").exists()


@pytest.mark.parametrize(
    ("soql", "bind", "hint"),
    [
        ("SELECT Id FROM Account WHERE Name = :n", [], "Hint: Give it with --bind n=TEXT; n:=JSON for numbers"),
        ("SELECT Id FROM Account LIMIT :n", ["--bind", "n=5"], "Hint: --bind n=TEXT is text, in quotes; n:=JSON gives"),
        ("SELECT Id FROM Account WHERE NumberOfEmployees > :n", ["--bind", "n=5"], "n:=JSON gives numbers"),
        ("SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:n", ["--bind", "n=5"], "n:=JSON gives numbers"),
        ("SELECT Id FROM Account WHERE Name IN :n", ["--bind", "n=a"], "n:=JSON gives numbers, true, null and lists"),
    ],
)
def test_binds_say_how_a_value_is_given(sfmcp: Shell, soql: str, bind: list[str], hint: str) -> None:
    done = sfmcp("query", "--org", "demo", soql, *bind)
    assert done.returncode in (1, 2)
    assert hint in done.stderr
    assert "Hint" not in sfmcp("query", "--org", "demo", "SELECT Id FROM Account LIMIT 1", "--bind", "n=5").stderr
