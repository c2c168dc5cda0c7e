"""The bulk toolset on the demo org: files in, records out, and a file for each way that rows can end."""

from __future__ import annotations

import csv
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError, UsageError
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.loading import source
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Cancelled, Context
from tests.tools.demo import Demo


@pytest.fixture
def allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "imports"
    folder.mkdir()
    monkeypatch.setenv("SFMCP_IMPORT_DIR", os.pathsep.join([str(folder), str(tmp_path / "none")]))
    return folder


@pytest.fixture
def put(allowed: Path) -> Callable[..., str]:
    def write(content: str | bytes, name: str = "rows.csv") -> str:
        path = allowed / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def rows(result: dict[str, Any], kind: str, delimiter: str = ",") -> list[dict[str, str]]:
    with Path(result[f"{kind}_file"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def test_insert(demo: Demo, put: Callable[..., str]) -> None:
    put(b'\xef\xbb\xbfName,Description\r\n"Bulk, tool","two\r\nlines"\r\n,nameless\r\n')
    result = demo.structure("bulk_ingest", object="Account", operation="insert", file="rows.csv")
    assert (result["successful"], result["failed"], result["unprocessed"]) == (1, 1, 0)
    (good,) = rows(result, "successful")
    (bad,) = rows(result, "failed")
    assert (good["Name"], good["Description"]) == ("Bulk, tool", "two\r\nlines")
    assert bad["sf__Error"].startswith("REQUIRED_FIELD_MISSING") and bad["Description"] == "nameless"
    assert rows(result, "unprocessed") == []
    assert demo.rows(f"SELECT Name FROM Account WHERE Id = '{good['sf__Id']}'")[0]["Name"] == "Bulk, tool"
    text = demo.shown("bulk_job_status", job_id=result["jobs"][0])
    assert "state: JobComplete" in text and "failed: 1" in text


def test_a_partial_failure_is_marked(demo: Demo, put: Callable[..., str]) -> None:
    put("LastName,Email\nA,a@b.example\nB,no address\n")
    result = demo.call("bulk_ingest", object="Contact", operation="insert", file="rows.csv")
    assert result.failed and "1 of 2 rows done" in str(result.summary)  # type: ignore[union-attr]
    (reason,) = result.as_dict()["reasons"]
    assert reason.startswith("INVALID_EMAIL_ADDRESS:")
    written = demo.structure("bulk_job_results", job_id=result.as_dict()["jobs"][0])
    assert written["reasons"] == [reason]


def test_reasons_are_told_once_each_whatever_the_delimiter(demo: Demo, put: Callable[..., str]) -> None:
    put("LastName;Email\n" + "A;bad\n" * 3 + "B;b@b.example\n;c@c.example\n")
    result = demo.structure("bulk_ingest", object="Contact", operation="insert", file="rows.csv")
    assert [reason.split(":")[0] for reason in result["reasons"]] == ["INVALID_EMAIL_ADDRESS", "REQUIRED_FIELD_MISSING"]


def test_other_delimiters(demo: Demo, put: Callable[..., str]) -> None:
    put("Name;Phone\nSemi;1\n")
    result = demo.structure("bulk_ingest", object="Account", operation="insert", file="rows.csv")
    assert rows(result, "successful", ";")[0]["Phone"] == "1"


def test_upsert_and_delete(demo: Demo, put: Callable[..., str]) -> None:
    put("Conversation_Id__c,Outcome__c\ntool-1,Deflected\ntool-2,Escalated\n")
    arguments = {"object": "Copilot_Interaction__c", "external_id_field": "Conversation_Id__c"}
    made = demo.structure("bulk_ingest", operation="upsert", file="rows.csv", **arguments)
    again = demo.structure("bulk_ingest", operation="upsert", file="rows.csv", **arguments)
    ids = [row["sf__Id"] for row in rows(made, "successful")]
    assert [row["sf__Id"] for row in rows(again, "successful")] == ids
    assert {row["sf__Created"] for row in rows(again, "successful")} == {"false"}
    put("Id\n" + "\n".join(ids) + "\n", "ids.csv")
    gone = demo.structure("bulk_ingest", object="Copilot_Interaction__c", operation="hardDelete", file="ids.csv")
    assert gone["successful"] == 2
    assert demo.rows("SELECT Id FROM Copilot_Interaction__c WHERE Conversation_Id__c LIKE 'tool-%'") == []


def test_a_large_file_goes_in_parts(demo: Demo, put: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source.parts, "__defaults__", (0, 1_000))
    put("LastName\n" + "".join(f"Part {number:04}\n" for number in range(250)))
    result = demo.structure("bulk_ingest", object="Contact", operation="insert", file="rows.csv")
    assert len(result["jobs"]) == 3 and result["successful"] == 250
    assert [row["LastName"] for row in rows(result, "successful")] == [f"Part {number:04}" for number in range(250)]


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        ("Nmae\nx\n", {}, "no field 'Nmae' (did you mean Name"),
        ("Name,name\nx,y\n", {}, "'name' stands there twice"),
        ("Phone\n1\n", {}, "required: Name"),
        ("Name,CreatedDate\nx,y\n", {}, "CreatedDate can't be set"),
        ("Name,Id\nx,y\n", {}, "Id can't be set"),
        ("Name\nx\n", {"operation": "update"}, "no column Id"),
        ("Id,Name\nx,y\n", {"operation": "delete"}, "only a column Id"),
        ("Name\nx\n", {"operation": "upsert"}, "upsert needs an external Id field"),
        ("Name\nx\n", {"external_id_field": "Name"}, "for upsert alone"),
        ("Name,Parrent.Name\nx,y\n", {}, "no relationship 'Parrent' (did you mean Parent"),
        ("Name,Parent.Phone\nx,y\n", {}, "'Phone' is no external Id"),
        ("Subject,Who.Email\nx,y\n", {"object": "Task"}, "must say which object it means"),
        ("", {}, "no rows below a header"),
        ("Name\n", {}, "no rows below a header"),
        (b"Name\n\xff\xfe\n", {}, "row 1 is not UTF-8"),
        (b"Name\nPK caf\xe9\n", {}, "row 1 is not UTF-8"),
    ],
)
def test_a_file_is_checked_before_anything_is_sent(
    demo: Demo, put: Callable[..., str], content: str | bytes, arguments: dict[str, str], words: str
) -> None:
    put(content)
    demo.org.journal.clear()
    with pytest.raises(UsageError) as caught:
        demo.call("bulk_ingest", **{"object": "Account", "operation": "insert", "file": "rows.csv", **arguments})
    assert words in str(caught.value)
    assert demo.org.journal.describe(path="*/jobs/*")["count"] == 0


def test_the_user_with_fewer_rights(standard: Demo, put: Callable[..., str]) -> None:
    put("Name,AnnualRevenue\nx,1\n")
    with pytest.raises(ArgumentError, match="no field 'AnnualRevenue'"):
        standard.call("bulk_ingest", object="Account", operation="insert", file="rows.csv")
    put("Id\n001000000000001AAA\n")
    with pytest.raises(ArgumentError, match="can't delete records of Case"):
        standard.call("bulk_ingest", object="Case", operation="delete", file="rows.csv")
    with pytest.raises(SalesforceError, match="special user profile permission"):
        standard.call("bulk_ingest", object="Account", operation="hardDelete", file="rows.csv")


def test_files_outside_of_the_allowed_folders(demo: Demo, allowed: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("Name\nx\n", encoding="utf-8")
    (allowed / "below").mkdir()
    (allowed / "link.csv").symlink_to(secret)
    (allowed / "folder").symlink_to(tmp_path)
    for path in (
        str(secret),
        "../secret.csv",
        "link.csv",
        "folder/secret.csv",
        "below/../../secret.csv",
        "/etc/passwd",
    ):
        with pytest.raises(PolicyError, match="outside"):
            demo.call("bulk_ingest", object="Account", operation="insert", file=path)


@pytest.mark.parametrize(
    "path", ["", " ", "a\x00b", "none.csv", "below", "x" * 5_000, "%2e%2e/secret.csv", "'\"", "💣"]
)
def test_paths_that_name_no_file(demo: Demo, allowed: Path, path: str) -> None:
    (allowed / "below").mkdir()
    with pytest.raises(ArgumentError):
        demo.call("bulk_ingest", object="Account", operation="insert", file=path)


def test_exported_files_may_be_imported(demo: Demo) -> None:
    exported = demo.structure("export_query", soql="SELECT Id, Phone FROM Account LIMIT 3")
    result = demo.structure("bulk_ingest", object="Account", operation="update", file=exported["path"])
    assert result["successful"] == 3


@pytest.mark.parametrize("job", ["001000000000001AAA", "750", "../query", "750000000000001AA'", ""])
@pytest.mark.parametrize("tool", ["bulk_job_status", "bulk_job_results", "bulk_abort_job"])
def test_ids_that_are_no_jobs(demo: Demo, tool: str, job: str) -> None:
    with pytest.raises(ArgumentError):
        demo.call(tool, job_id=job)


def test_a_job_that_is_not_there(demo: Demo) -> None:
    for tool in ("bulk_job_status", "bulk_job_results", "bulk_abort_job"):
        with pytest.raises(SalesforceError) as caught:
            demo.call(tool, job_id="750000000000001")
        assert caught.value.code == "NOT_FOUND"


def test_abort_and_results(demo: Demo) -> None:
    job = demo.client.post("jobs/ingest", {"object": "Account", "operation": "insert"})["id"]
    demo.client.put(f"jobs/ingest/{job}/batches", data=b"Name\nNever\n", headers={"Content-Type": "text/csv"})
    with pytest.raises(ArgumentError, match="state Open"):
        demo.call("bulk_job_results", job_id=job)
    assert demo.structure("bulk_abort_job", job_id=job)["state"] == "Aborted"
    assert rows(demo.structure("bulk_job_results", job_id=job), "unprocessed") == [{"Name": "Never"}]
    with pytest.raises(SalesforceError) as caught:
        demo.call("bulk_abort_job", job_id=job)
    assert caught.value.code == "INVALIDJOBSTATE"


def test_a_query_job(demo: Demo) -> None:
    job = demo.client.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM User"})["id"]
    while demo.structure("bulk_job_status", job_id=job)["state"] != "JobComplete":
        time.sleep(0.01)
    with pytest.raises(SalesforceError):
        demo.call("bulk_abort_job", job_id=job)


@pytest.mark.parametrize("kind", ["drop", "drop_after", "500", "503", "cut"])
@pytest.mark.parametrize(
    "path", ["*/jobs/ingest", "*/batches", "*/jobs/ingest/750*", "*/successfulResults", "*/unprocessedrecords"]
)
def test_nothing_is_lost_or_done_twice_when_the_line_breaks(
    demo: Demo, put: Callable[..., str], kind: str, path: str
) -> None:
    demo.client.pause = lambda seconds: None
    name = f"Broken {kind} {path}"[:60]
    put(f"LastName\n{name}\n{name}\n")
    demo.org.faults.clear()
    demo.org.faults.add(Fault(kind, path=path))  # type: ignore[arg-type]
    result = demo.structure("bulk_ingest", object="Contact", operation="insert", file="rows.csv")
    demo.org.faults.clear()
    assert (result["successful"], len(rows(result, "successful"))) == (2, 2)
    assert len(demo.rows(f"SELECT Id FROM Contact WHERE LastName = '{name}'")) == 2


def test_an_interrupted_import_goes_on(demo: Demo, put: Callable[..., str]) -> None:
    put("LastName\n" + "Interrupted\n" * 300)
    arguments = {"object": "Contact", "operation": "insert", "file": "rows.csv"}
    stop = threading.Event()

    def progress(done: float, total: float | None, words: str) -> None:
        if "processed" in words:
            stop.set()

    context = Context(lambda: demo.client, pages=demo.pages, progress=progress, cancelled=stop)
    with pytest.raises(Cancelled) as caught:
        run(registry.load()["bulk_ingest"], arguments, context, selection=Selection())
    assert "750" in str(caught.value.hint)
    result = demo.structure("bulk_ingest", **arguments)
    assert result["successful"] == len(rows(result, "successful")) == 300
    assert any("interrupted" in note for note in result["notes"])
    assert len(demo.rows("SELECT Id FROM Contact WHERE LastName = 'Interrupted'")) == 300
