"""`sfmcp import` on the demo org."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Shell


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demo org for all tests here; each minds only the records that it made."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture
def demo(sfmcp: Shell, state: Path) -> Shell:
    sfmcp.environment.update({"SFMCP_STATE_DIR": str(state), "SFMCP_ORG": "demo"})
    return sfmcp


def write(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8", newline="")
    return str(path)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def query(demo: Shell, soql: str) -> list[dict[str, object]]:
    done = demo("query", soql, "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("way", ["--bulk", "--no-bulk"])
def test_insert_update_delete(demo: Shell, tmp_path: Path, way: str) -> None:
    name = f"Import {way}"
    file = write(tmp_path, "new.csv", f'Name,NumberOfEmployees,Description\n{name},5,"two\nlines"\n{name},6,\n')
    done = demo("import", file, "--object", "Account", "--operation", "insert", way)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    assert "2 of 2 rows done, by" in done.stderr
    made = rows(tmp_path / "new.successful.csv")
    assert [row["sf__Created"] for row in made] == ["true", "true"]
    assert (made[0]["Description"], rows(tmp_path / "new.failed.csv")) == ("two\nlines", [])
    lines = "".join(f"{row['sf__Id']},7,#N/A\n" for row in made)
    file = write(tmp_path, "change.csv", f"Id,NumberOfEmployees,Description\n{lines}")
    assert demo("import", file, "--object", "account", "--operation", "update", way, "-q").stderr == ""
    found = query(demo, f"SELECT NumberOfEmployees, Description FROM Account WHERE Name = '{name}'")
    assert found == [{"NumberOfEmployees": 7, "Description": None}] * 2
    file = write(tmp_path, "gone.csv", "Id\n" + "".join(f"{row['sf__Id']}\n" for row in made))
    refused = demo("import", file, "--object", "Account", "--operation", "delete", way)
    assert refused.returncode == 4 and "--yes" in refused.stderr
    assert demo("import", file, "--object", "Account", "--operation", "delete", way, "--yes").returncode == 0
    assert query(demo, f"SELECT Id FROM Account WHERE Name = '{name}'") == []


@pytest.mark.parametrize("way", ["--bulk", "--no-bulk"])
def test_part_of_the_rows_failed(demo: Shell, tmp_path: Path, way: str) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    file = write(tmp_path, "some.csv", "LastName,Email\nGood,a@b.example\nBad,nowhere\n")
    done = demo("import", file, "--object", "Contact", "--operation", "insert", way, "--results", str(folder), "-q")
    assert done.returncode == 6
    assert "1 failed: " in done.stderr
    assert "\nThe first: INVALID_EMAIL_ADDRESS:" in done.stderr
    (bad,) = rows(folder / "some.failed.csv")
    assert bad["sf__Error"].startswith("INVALID_EMAIL_ADDRESS:") and bad["LastName"] == "Bad"
    assert sorted(path.name for path in tmp_path.glob("some*")) == ["some.csv"]


@pytest.mark.parametrize("name", ["packed.csv.gz", "packed.jsonl.gz"])
def test_compressed_files(demo: Shell, tmp_path: Path, name: str) -> None:
    lines = "LastName\nPacked\n" if "csv" in name else '{"LastName": "Packed"}\n'
    (tmp_path / name).write_bytes(gzip.compress(lines.encode()))
    done = demo("import", str(tmp_path / name), "--object", "Contact", "--operation", "insert")
    assert done.returncode == 0, done.stderr
    assert [row["LastName"] for row in rows(tmp_path / "packed.successful.csv")] == ["Packed"]


@pytest.mark.parametrize("way", ["--bulk", "--no-bulk"])
def test_json_lines_upsert(demo: Shell, tmp_path: Path, way: str) -> None:
    key = f"json{way}"
    lines = [
        {"Conversation_Id__c": key, "Outcome__c": "Deflected", "Summary__c": 'say "hi",\nthen', "Topic__c": "Billing"},
        {"Conversation_Id__c": f"{key}2", "Outcome__c": "Escalated"},
    ]
    file = write(tmp_path, "talks.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    options = [
        "--object",
        "Copilot_Interaction__c",
        "--operation",
        "upsert",
        "--external-id",
        "Conversation_Id__c",
        way,
    ]
    assert demo("import", file, *options).returncode == 0
    lines[0]["Topic__c"] = None  # type: ignore[assignment]
    file = write(tmp_path, "talks.jsonl", json.dumps(lines[0]))
    assert demo("import", file, *options).returncode == 0
    assert [row["sf__Created"] for row in rows(tmp_path / "talks-2.successful.csv")] == ["false"]
    found = query(demo, f"SELECT Summary__c, Topic__c FROM Copilot_Interaction__c WHERE Conversation_Id__c = '{key}'")
    assert found == [{"Summary__c": 'say "hi",\nthen', "Topic__c": None}]


def test_parents_by_their_names(demo: Shell, tmp_path: Path) -> None:
    line = {"LastName": "Parented", "Owner": {"Username": "stan.standard@demo.example"}}
    file = write(tmp_path, "people.jsonl", json.dumps(line))
    for way in ("--bulk", "--no-bulk"):
        done = demo("import", file, "--object", "Contact", "--operation", "insert", way)
        assert done.returncode == 0, done.stderr
    found = query(demo, "SELECT Owner.Username FROM Contact WHERE LastName = 'Parented'")
    assert found == [{"Owner.Username": "stan.standard@demo.example"}] * 2


def test_many_rows_go_by_bulk(demo: Shell, tmp_path: Path) -> None:
    file = write(tmp_path, "many.csv", "LastName\n" + "Many\n" * 2_001)
    done = demo("import", file, "--object", "Contact", "--operation", "insert")
    assert done.returncode == 0
    assert "2,001 of 2,001 rows done, by Bulk API 2.0 (job 750" in done.stderr


@pytest.mark.parametrize(
    ("content", "options", "code", "words"),
    [
        ("Nmae\nx\n", ["--operation", "insert"], 1, "did you mean Name"),
        ("Name\n", ["--operation", "insert"], 2, "no rows below a header"),
        ("Name,\nx,y\n", ["--operation", "insert"], 1, "a column has no name"),
        ("Name\nx\n", ["--operation", "upsert"], 1, "upsert needs an external Id field"),
        ("Name\nx\n", ["--operation", "merge"], 2, "merge"),
        ("Name\nx\n", ["--operation", "insert", "--results", "nowhere"], 2, "There is no folder nowhere"),
        ("Id\n003000000000001AAA\n", ["--operation", "delete", "--yes"], 1, "Not Ids of Account"),
    ],
)
def test_what_is_refused(demo: Shell, tmp_path: Path, content: str, options: list[str], code: int, words: str) -> None:
    file = write(tmp_path, "rows.csv", content)
    done = demo("import", file, "--object", "Account", *options)
    assert done.returncode == code
    assert words in done.stderr
    assert [path.name for path in tmp_path.glob("rows*")] == ["rows.csv"]


@pytest.mark.parametrize("way", ["--bulk", "--no-bulk"])
def test_empty_lines_are_no_rows(demo: Shell, tmp_path: Path, way: str) -> None:
    """Neither before the header, which would then be sent as a record, nor between the rows."""
    file = write(tmp_path, "gaps.csv", f"\r\n\r\nLastName\r\n\r\nGap {way}\r\n\r\n")
    done = demo("import", file, "--object", "Contact", "--operation", "insert", way)
    assert "1 of 1 row" in done.stderr
    assert [row["LastName"] for row in rows(tmp_path / "gaps.successful.csv")] == [f"Gap {way}"]


def test_a_line_that_names_no_field(demo: Shell, tmp_path: Path) -> None:
    """Such a row has no value, not two quotes for one."""
    file = write(tmp_path, "some.jsonl", '{"LastName": "Named"}\n{}\n')
    done = demo("import", file, "--object", "Contact", "--operation", "insert", "--no-bulk")
    assert done.returncode == 6
    (failed,) = rows(tmp_path / "some.failed.csv")
    assert failed["sf__Error"].startswith("REQUIRED_FIELD_MISSING") and failed["LastName"] == ""


@pytest.mark.parametrize("cell", ["null", "true", "[5]", "five"])
def test_a_cell_that_is_no_number_is_refused(demo: Shell, tmp_path: Path, cell: str) -> None:
    """JSON's own words are none either: `null` must not empty the field, which takes #N/A."""
    file = write(tmp_path, "some.csv", f"Name,AnnualRevenue\nCell {cell},{cell}\n")
    done = demo("import", file, "--object", "Account", "--operation", "insert", "--no-bulk")
    assert done.returncode == 6
    assert query(demo, f"SELECT Id FROM Account WHERE Name = 'Cell {cell}'") == []


@pytest.mark.parametrize("line", ["{", "[1]", '{"Name": {"a": {"b": 1}}}', '{"Name": [1]}'])
def test_lines_that_are_no_rows(demo: Shell, tmp_path: Path, line: str) -> None:
    done = demo("import", write(tmp_path, "x.jsonl", line), "--object", "Account", "--operation", "insert")
    assert done.returncode == 2 and "line 1" in done.stderr


def test_read_only(demo: Shell, tmp_path: Path) -> None:
    demo.environment["SFMCP_READ_ONLY"] = "1"
    done = demo("import", write(tmp_path, "x.csv", "Name\nx\n"), "--object", "Account", "--operation", "insert")
    assert done.returncode == 4


def test_stdin_is_no_file(demo: Shell) -> None:
    done = demo("import", "-", "--object", "Account", "--operation", "insert", stdin="Name\nx\n")
    assert done.returncode == 2
    assert "Write stdin into one" in done.stderr


def test_a_file_that_is_not_there(demo: Shell, tmp_path: Path) -> None:
    done = demo("import", str(tmp_path / "none.csv"), "--object", "Account", "--operation", "insert")
    assert done.returncode == 2 and "cannot be read" in done.stderr
