from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Org, Record, Shell


def test_all_fields_of_an_object(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    kinds = {"Id": "id", "Name": "string", "BillingAddress": "address", "BillingCity": "string", "Logo__c": "base64"}
    org.describes["Account"] = {
        "name": "Account",
        "fields": [{"name": name, "type": kind} for name, kind in kinds.items()],
        "childRelationships": [],
    }
    org.records = [record("Account", Id="001000000000001AAA", Name="Acme", BillingCity=None)]
    file = tmp_path / "accounts.csv"
    done = sfmcp("export", "Account", "--output", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert org.asked == ["SELECT Id, Name, BillingCity FROM Account"]
    assert file.read_text(encoding="utf-8") == "Id,Name,BillingCity\n001000000000001AAA,Acme,\n"
    assert done.stderr == f"1 row, 3 columns, by REST: {file}\n"


def test_the_file_name_chooses_the_format(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    org.records = [record("Account", Name="Acme")]
    file = tmp_path / "accounts.jsonl"
    done = sfmcp("export", "SELECT Name FROM Account WHERE Name = :n", "--bind", "n=Acme", "--output", str(file), "-q")
    assert (done.returncode, done.stderr) == (0, "")
    assert org.asked == ["SELECT Name FROM Account WHERE Name = 'Acme'"]
    assert json.loads(file.read_text(encoding="utf-8")) == {"Name": "Acme"}


def test_an_interrupted_export_goes_on(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    org.records = [record("Account", Id=f"{number:018}") for number in range(4500)]
    org.refuse_page = 2
    file = tmp_path / "accounts.csv"
    arguments = ["export", "SELECT Id FROM Account", "--output", str(file)]
    assert sfmcp(*arguments).returncode == 1
    assert not file.exists()
    org.refuse_page = None
    org.paths.clear()
    done = sfmcp(*arguments)
    assert done.returncode == 0
    assert "4,500 rows (4,000 of them by an interrupted run)" in done.stderr
    assert len(org.paths) == 1
    assert file.read_text(encoding="utf-8").splitlines() == ["Id", *(f"{number:018}" for number in range(4500))]


def test_a_folder_of_files(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    org.records = [record("Account", Id=f"{number:018}") for number in range(2500)]
    folder = tmp_path / "accounts.csv.gz"
    done = sfmcp("export", "SELECT Id FROM Account", "--output", str(folder), "--partition-rows", "1000")
    assert done.stderr == f"2,500 rows, 1 column, by REST: {folder} (3 files)\n"
    rows = []
    for file in sorted(folder.iterdir()):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            assert next(lines) == "Id\n"
            rows += [line.rstrip() for line in lines]
    assert rows == [f"{number:018}" for number in range(2500)]


def test_a_statement_too_long_for_a_url_goes_by_bulk(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    """Quotes, commas and blanks count as the URL has them, where each may take three bytes."""
    org.records = [record("Account", Id="001000000000001AAA")]
    ids = ", ".join(["'001000000000001AAA'"] * 640)
    statement = f"SELECT Id FROM Account WHERE Id IN ({ids})"
    assert len(statement) < 15_000
    done = sfmcp("export", statement, "--output", str(tmp_path / "accounts.csv"))
    assert done.returncode == 0, done.stderr
    assert "by Bulk API 2.0" in done.stderr
    assert org.asked == []


def test_formats_that_cannot_be_gone_on_with(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    done = sfmcp("export", "Account", "--output", str(tmp_path / "accounts.json"))
    assert done.returncode == 2
    assert "csv, jsonl or parquet" in done.stderr
    assert org.paths == []


def test_an_object_that_is_not_there(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    done = sfmcp("export", "Acount", "--output", str(tmp_path / "x.csv"))
    assert done.returncode == 1
    assert done.stderr.startswith("NOT_FOUND: ")
    assert not list(tmp_path.glob("x*"))


def test_parquet(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra `parquet` is not installed")
    org.records = [record("Account", Name="Acme"), record("Account", Name=None)]
    file = tmp_path / "accounts.parquet"
    assert sfmcp("export", "SELECT Name FROM Account", "--output", str(file)).returncode == 0
    assert parquet.read_table(file).to_pylist() == [{"Name": "Acme"}, {"Name": None}]
    other = tmp_path / "query.parquet"
    assert sfmcp("query", "SELECT Name FROM Account", "--output", str(other)).returncode == 0
    assert parquet.read_table(other).num_rows == 2
    refused = sfmcp("search", "FIND {Acme}", "--format", "parquet")
    assert (refused.returncode, refused.stdout) == (2, "")


def test_what_is_no_file_stays_as_it_is(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    org.records = [record("Account", Name="Acme")]
    (tmp_path / "folder").mkdir()
    for place, words in [("folder", "is a folder"), ("-", "goes into a file"), (os.devnull, "is no file")]:
        target = str(tmp_path / place) if place == "folder" else place
        done = sfmcp("export", "SELECT Name FROM Account", "--output", target)
        assert done.returncode == 2
        assert words in done.stderr
    assert org.paths == []
    assert list(tmp_path.glob("folder*")) == [tmp_path / "folder"]


def test_an_object_takes_no_binds(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    done = sfmcp("export", "Account", "--bind", "n=1", "--output", str(tmp_path / "x.csv"))
    assert (done.returncode, org.paths) == (2, [])
    assert "--bind is for a statement" in done.stderr


def test_a_link_stays_a_link(sfmcp: Shell, org: Org, record: Record, tmp_path: Path) -> None:
    org.records = [record("Account", Name="Acme")]
    (tmp_path / "real.csv").touch()
    (tmp_path / "link.csv").symlink_to("real.csv")
    assert sfmcp("export", "SELECT Name FROM Account", "--output", str(tmp_path / "link.csv")).returncode == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text(encoding="utf-8") == "Name\nAcme\n"
