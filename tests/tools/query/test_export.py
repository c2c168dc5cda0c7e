"""export_query."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Cancelled, Context
from salesforce_mcp.tools.pages import PageStore
from tests.salesforce.scripted import ScriptedOrg, error, page
from tests.tools.demo import Demo

NEXT = "/services/data/v66.0/query/01gxx0000000001AAA-1"
SOQL = "SELECT Id, Name FROM Account"


@pytest.fixture
def two_pages(org: ScriptedOrg) -> None:
    org.on("GET query", page({"Id": "1", "Name": "Acme"}, total=2, following=NEXT))
    org.on(f"GET {NEXT}", page({"Id": "2", "Name": "Beta"}, total=2))


@pytest.mark.usefixtures("two_pages")
def test_all_rows_go_below_the_export_folder(call: Callable[..., Any], private_folders: Path) -> None:
    fields = call("export_query", soql=SOQL).fields
    path = Path(fields.pop("path"))
    assert path.parent == private_folders / "export"
    assert path.read_text(encoding="utf-8") == "Id,Name\n1,Acme\n2,Beta\n"
    assert fields == {
        "rows": 2,
        "columns": ["Id", "Name"],
        "method": "rest",
        "sample": [{"Id": "1", "Name": "Acme"}, {"Id": "2", "Name": "Beta"}],
    }


@pytest.mark.usefixtures("two_pages")
def test_an_earlier_export_is_not_overwritten(call: Callable[..., Any]) -> None:
    paths = {call("export_query", soql=SOQL, format="jsonl").fields["path"] for _ in range(3)}
    assert len(paths) == 3


@pytest.mark.usefixtures("two_pages")
def test_an_interrupted_export_goes_on(org: ScriptedOrg, call: Callable[..., Any]) -> None:
    org.on(f"GET {NEXT}", error(400, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        call("export_query", soql=SOQL)
    org.on(f"GET {NEXT}", page({"Id": "2", "Name": "Beta"}, total=2))
    record = call("export_query", soql=SOQL)
    assert record.fields["rows"] == 2
    assert "1 row had been written" in record.notes[0]
    assert org.count("GET", "query") == 1


@pytest.mark.usefixtures("two_pages")
def test_progress_is_told(client: Client) -> None:
    told: list[tuple[float, float | None]] = []
    context = Context(lambda: client, pages=PageStore(), progress=lambda done, total, words: told.append((done, total)))
    registry.load()["export_query"].function(context, soql=SOQL)
    assert told == [(1, 2), (2, 2)]


@pytest.mark.usefixtures("two_pages")
def test_a_cancelled_export_leaves_nothing_that_looks_whole(client: Client, private_folders: Path) -> None:
    def cancel(*_: object) -> None:
        raise Cancelled("no longer wanted")

    context = Context(lambda: client, pages=PageStore(), progress=cancel)
    with pytest.raises(Cancelled):
        registry.load()["export_query"].function(context, soql=SOQL)
    assert list((private_folders / "export").glob("*.csv")) == []


@pytest.mark.parametrize("wrong", [{"format": "xml"}, {"method": "soap"}, {"path": "/etc/passwd"}])
def test_wrong_arguments(org: ScriptedOrg, call: Callable[..., Any], wrong: dict[str, str]) -> None:
    with pytest.raises(ArgumentError):
        call("export_query", soql=SOQL, **wrong)
    assert org.seen == []


@pytest.mark.usefixtures("two_pages")
def test_a_statement_cannot_name_the_file(call: Callable[..., Any], private_folders: Path) -> None:
    record = call("export_query", soql="SELECT Id, Name FROM ../../x")
    assert Path(record.fields["path"]).resolve().parent == (private_folders / "export").resolve()


def test_parquet(demo: Demo) -> None:
    pytest.importorskip("pyarrow", reason="the extra `parquet` is not installed")
    result = demo.structure("export_query", soql="SELECT Id, CreatedDate FROM Account LIMIT 4", format="parquet")
    assert result["path"].endswith(".parquet") and result["rows"] == 4
    assert len(result["sample"]) == 3 and result["sample"][0]["CreatedDate"].endswith("+00:00")
