"""Exports as Parquet, on the demo org."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import SfmcpError, UsageError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.export import export, sample

pyarrow = pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def client(demo: DemoOrg) -> Iterator[Client]:
    session = GivenSession(demo.instance_url, demo.users[0].access_token, environment="demo", remedy="Start again.")
    with Client(session, pause=lambda seconds: None) as made:
        yield made
    demo.faults.clear()


def read(path: Path) -> pyarrow.Table:
    import pyarrow.parquet

    return pyarrow.parquet.read_table(path)


@pytest.mark.parametrize("method", ["rest", "bulk"])
def test_columns_have_the_types_of_their_fields(client: Client, tmp_path: Path, method: str) -> None:
    soql = "SELECT Id, Amount, IsClosed, CloseDate, CreatedDate, FiscalYear, Account.Name FROM Opportunity ORDER BY Id"
    path = tmp_path / "deals.parquet"
    done = export(client, soql, path, form="parquet", method=method)  # type: ignore[arg-type]
    table = read(path)
    assert {field.name: str(field.type) for field in table.schema} == {
        "Id": "string",
        "Amount": "double",
        "IsClosed": "bool",
        "CloseDate": "date32[day]",
        "CreatedDate": "timestamp[ms, tz=UTC]",
        "FiscalYear": "int64",
        "Account.Name": "string",
    }
    assert (done.path, done.rows) == (path, table.num_rows)
    first = client.query(soql).records[0]
    row = table.slice(0, 1).to_pylist()[0]
    assert (row["Id"], row["Amount"], row["CloseDate"].isoformat()) == (
        first["Id"],
        first["Amount"],
        first["CloseDate"],
    )
    assert row["CreatedDate"] == datetime.fromisoformat(first["CreatedDate"]).astimezone(UTC)
    assert list(tmp_path.glob("deals*")) == [path]
    assert sample(path, "parquet", 2)[0]["CloseDate"] == first["CloseDate"]


def test_aggregates_children_and_empty_results(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "x.parquet"
    export(
        client, "SELECT StageName, COUNT(Id) n, AVG(Amount) a FROM Opportunity GROUP BY StageName", path, form="parquet"
    )
    assert [str(field.type) for field in read(path).schema] == ["string", "int64", "double"]
    export(client, "SELECT Name, (SELECT LastName FROM Contacts) FROM Account", path, form="parquet")
    assert any(cell and cell.startswith("[{") for cell in read(path).column("Contacts").to_pylist())
    export(client, "SELECT Name, IsDeleted FROM Account WHERE Name = 'nobody'", path, form="parquet")
    assert (read(path).num_rows, [str(field.type) for field in read(path).schema]) == (0, ["string", "bool"])


def test_an_interrupted_export_goes_on(client: Client, demo: DemoOrg, tmp_path: Path) -> None:
    path = tmp_path / "cases.parquet"
    soql = "SELECT Id, CaseNumber, (SELECT Id FROM CaseComments) FROM Case"
    demo.faults.add(Fault("500", path="*/query/*", times=9))
    with pytest.raises(SfmcpError):
        export(client, soql, path, form="parquet", method="rest")
    assert not path.exists()
    demo.faults.clear()
    done = export(client, soql, path, form="parquet", method="rest")
    assert done.resumed > 0
    assert len(set(read(path).column("Id").to_pylist())) == done.rows


def test_a_folder_of_files(client: Client, tmp_path: Path) -> None:
    folder = tmp_path / "cases.parquet"
    soql = "SELECT Id, IsClosed FROM Case ORDER BY Id"
    done = export(client, soql, folder, form="parquet", partition_rows=10)
    tables = [read(each) for each in sorted(folder.iterdir())]
    assert [table.num_rows for table in tables[:-1]] == [10] * (done.files - 1)
    assert len({table.schema for table in tables}) == 1
    found = [row["Id"] for table in tables for row in table.to_pylist()]
    assert found == sorted(set(found)) and len(found) == done.rows
    assert list(tmp_path.glob("cases*")) == [folder]


def test_compression_is_inside(client: Client, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="compressed inside"):
        export(client, "SELECT Id FROM Account", tmp_path / "x.parquet.gz", form="parquet")


def test_without_the_extra(client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError, match=r"extra `parquet`") as caught:
        export(client, "SELECT Id FROM Account", tmp_path / "x.parquet", form="parquet")
    assert "sfmcp[parquet]" in str(caught.value.hint)
    assert list(tmp_path.glob("x*")) == []
