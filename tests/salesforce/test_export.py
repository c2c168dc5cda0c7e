"""Whole queries into files: REST and Bulk API 2.0, interrupted and gone on with."""

from __future__ import annotations

import csv
import gzip
import json
import os
import stat
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError, UsageError
from salesforce_mcp.salesforce import bulk2, caller, download, export, partfile, partitions
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.stream import slices
from tests.salesforce.scripted import DROP, Reply, ScriptedOrg, Seen, error, ok, page

SOQL = "SELECT Id, Name, Owner.Name FROM Account"
LOCATOR = "/services/data/v66.0/query/01gxx0000000001AAA-"
JOB = "jobs/query/750R0000000zlh9IAA"
MakeClient = Callable[..., Client]


def record(number: int) -> dict[str, Any]:
    return {"Id": f"{number:03}", "Name": f"Acme, {number}", "Owner": None}


def pages(org: ScriptedOrg, count: int = 3) -> None:
    """A query of three pages, two records each."""
    urls = [f"{LOCATOR}{2 * number}" for number in range(1, count)]
    bodies = [
        page(record(2 * number), record(2 * number + 1), total=2 * count, following=following)
        for number, following in enumerate([*urls, None])
    ]
    org.on("GET query", bodies[0])
    for url, body in zip(urls, bodies[1:], strict=True):
        org.on(f"GET {url}", body)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def leftovers(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir() if each != path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder / "accounts.csv"


def test_all_rows_by_rest(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    told: list[tuple[float, float | None]] = []
    done = export.export(client, SOQL, path, progress=lambda rows, total, _: told.append((rows, total)))
    assert (done.rows, done.method, done.columns) == (6, "rest", ["Id", "Name", "Owner.Name"])
    assert [row["Name"] for row in read(path)] == [f"Acme, {number}" for number in range(6)]
    assert told == [(2, 6), (4, 6), (6, 6)]
    assert leftovers(path) == []
    assert export.sample(path, "csv", 1) == [{"Id": "000", "Name": "Acme, 0", "Owner.Name": ""}]


def test_json_lines(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    export.export(client, SOQL, path, form="jsonl")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    assert rows[5] == {"Id": "005", "Name": "Acme, 5", "Owner.Name": None}
    assert export.sample(path, "jsonl", 1) == rows[:1]


def test_a_result_without_rows(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET query", page())
    assert export.export(client, SOQL, path).rows == 0
    assert path.read_text(encoding="utf-8") == "Id,Name,Owner.Name\n"


def test_a_count(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET query", ok({"totalSize": 26, "done": True, "records": []}))
    export.export(client, "SELECT COUNT() FROM Account", path)
    assert path.read_text(encoding="utf-8") == "count\n26\n"


def test_an_interrupted_export_goes_on(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    whole = org._scripts["GET", f"{LOCATOR}4"][0]
    org.on(f"GET {LOCATOR}4", error(404, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, path)
    assert not path.exists()
    org.on(f"GET {LOCATOR}4", whole)
    before = org.count("GET", "query")
    done = export.export(client, SOQL, path)
    assert (done.rows, done.resumed) == (6, 4)
    assert org.count("GET", "query") == before
    assert [row["Id"] for row in read(path)] == [f"{number:03}" for number in range(6)]
    assert leftovers(path) == []


def test_what_came_after_the_checkpoint_is_cut_off(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    whole = org._scripts["GET", f"{LOCATOR}4"][0]
    org.on(f"GET {LOCATOR}4", error(404, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, path)
    with path.with_name("accounts.csv.part").open("ab") as part:
        part.write(b"half a ro")
    org.on(f"GET {LOCATOR}4", whole)
    export.export(client, SOQL, path)
    assert len(read(path)) == 6


def test_an_expired_locator_begins_anew(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    whole = org._scripts["GET", f"{LOCATOR}4"][0]
    org.on(f"GET {LOCATOR}4", error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"), whole)
    with pytest.raises(SalesforceError, match="first 4 rows"):
        export.export(client, SOQL, path)
    org.on(f"GET {LOCATOR}4", error(400, "INVALID_QUERY_LOCATOR", "invalid query locator"), whole)
    done = export.export(client, SOQL, path)
    assert (done.rows, done.resumed) == (6, 0)
    assert "began anew" in done.notes[0]
    assert len(read(path)) == 6


def test_another_query_does_not_go_on_with_it(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    org.on(f"GET {LOCATOR}4", error(404, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, path)
    org.on("GET query", page({"Id": "9"}))
    assert export.export(client, "SELECT Id FROM Account", path).rows == 1
    assert path.read_text(encoding="utf-8") == "Id\n9\n"


def test_a_caller_who_leaves_can_go_on_later(org: ScriptedOrg, client: Client, path: Path) -> None:
    class Gone(SfmcpError):
        pass

    def leave(rows: float, total: float | None, words: str) -> None:
        if rows == 4:
            raise Gone("enough")

    pages(org)
    with pytest.raises(Gone):
        export.export(client, SOQL, path, progress=leave)
    assert export.export(client, SOQL, path).resumed == 4


def test_nothing_looks_whole_that_is_not(org: ScriptedOrg, client: Client, path: Path) -> None:
    path.write_text("old", encoding="utf-8")
    org.on("GET query", error(400, "MALFORMED_QUERY", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, path)
    assert path.read_text(encoding="utf-8") == "old"
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no modes")
def test_files_are_private(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    modes: list[int] = []

    def look(*_: object) -> None:
        modes.extend(stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir())

    export.export(client, SOQL, path, progress=look)
    assert set(modes) == {0o600}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there(org: ScriptedOrg, client: Client, tmp_path: Path) -> None:
    pages(org)
    with pytest.raises(UsageError, match="no folder"):
        export.export(client, SOQL, tmp_path / "nowhere" / "a.csv")


def test_the_state_beside_the_file_holds_no_query(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    org.on(f"GET {LOCATOR}4", error(404, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, path)
    state = path.with_name("accounts.csv.part.json").read_text(encoding="utf-8")
    assert "SELECT" not in state
    assert "token" not in state


# --- Bulk ------------------------------------------------------------------------------------------------------------


def job(state: str, **more: Any) -> Reply:
    return ok({"id": "750R0000000zlh9IAA", "operation": "query", "state": state, "apiVersion": 46.0, **more})


def bulk(org: ScriptedOrg, *sets: bytes, states: tuple[Reply, ...] | None = None) -> None:
    org.on("POST jobs/query", job("UploadComplete"))
    org.on(f"GET {JOB}", *(states or (job("InProgress"), job("JobComplete", numberRecordsProcessed=3))))

    def results(seen: Seen) -> Reply:
        at = int(seen.query.get("locator", "0"))
        following = str(at + 1) if at + 1 < len(sets) else "null"
        count = str(sets[at].count(b"\n") - 1)
        return Reply(
            200, sets[at], {"Content-Type": "text/csv", "Sforce-Locator": following, "Sforce-NumberOfRecords": count}
        )

    org.on(f"GET {JOB}/results", results)


FIRST = b'"Id","Name"\n"001","Acme, 1"\n"002","B ""2"""\n'
SECOND = b'"Id","Name"\n"003",""\n'


def test_all_rows_by_a_bulk_job(org: ScriptedOrg, client: Client, path: Path, pauses: list[float]) -> None:
    bulk(org, FIRST, SECOND)
    done = export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert (done.rows, done.method, done.columns) == (3, "bulk", ["Id", "Name"])
    assert path.read_bytes() == FIRST + b'"003",""\n'
    assert [seen.json() for seen in org.seen if seen.method == "POST"] == [
        {"operation": "query", "query": "SELECT Id, Name FROM Account"}
    ]
    assert pauses == [0.5, 0.75]
    assert leftovers(path) == []


def test_bulk_rows_as_json_lines_have_types(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on(
        "GET sobjects/Account/describe",
        ok(
            {
                "fields": [
                    {"name": "Name", "type": "string"},
                    {"name": "IsActive__c", "type": "boolean"},
                    {"name": "Employees", "type": "int"},
                    {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["User"]},
                ]
            }
        ),
    )
    org.on("GET sobjects/User/describe", ok({"fields": [{"name": "Score__c", "type": "double"}]}))
    bulk(org, b'"Name","IsActive__c","Employees","Owner.Score__c"\n"two\nlines","true","5","1.5"\n"","false","",""\n')
    soql = "SELECT Name, IsActive__c, Employees, Owner.Score__c FROM Account"
    export.export(client, soql, path, form="jsonl", method="bulk")
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [
        {"Name": "two\nlines", "IsActive__c": True, "Employees": 5, "Owner.Score__c": 1.5},
        {"Name": None, "IsActive__c": False, "Employees": None, "Owner.Score__c": None},
    ]


def listed(
    org: ScriptedOrg, *sets: bytes, shape: tuple[str, str] = ("resultPages", "resultUrl"), links: int = 5
) -> None:
    """A job whose sets are listed, `links` of them in one answer."""
    bulk(org, *sets, states=(job("JobComplete", numberRecordsProcessed=sum(part.count(b"\n") - 1 for part in sets)),))
    by_locator = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]

    def results(seen: Seen) -> Reply:
        assert seen.query.get("locator") and "maxRecords" not in seen.query
        reply: Reply = by_locator(seen)
        return reply

    def pages(seen: Seen) -> Reply:
        first = int(seen.query.get("locator", "0"))
        mine = range(first, min(first + links, len(sets)))
        more = f"/services/data/v66.0/{JOB}/resultPages?locator={first + links}" if first + links < len(sets) else None
        found = [{shape[1]: f"/{JOB}/results?locator={number}"} for number in mine]
        return ok({shape[0]: found, "nextRecordsUrl": more, "done": more is None})

    org.on(f"GET {JOB}/results", results)
    org.on(f"GET {JOB}/resultPages", pages)


def many(count: int) -> tuple[list[bytes], bytes]:
    """Sets of two rows, and the file that they make."""
    bodies = [b'"%05d","Acme, %d"\n"%05d","two\nlines"\n' % (n, n, n) for n in range(count)]
    head = b'"Id","Name"\n'
    return [head + body for body in bodies], head + b"".join(bodies)


@pytest.mark.parametrize("shape", [("resultPages", "resultUrl"), ("resultChunks", "resultLink")])
def test_sets_that_are_listed_come_side_by_side_and_stay_in_order(
    org: ScriptedOrg, client: Client, path: Path, shape: tuple[str, str]
) -> None:
    sets, whole = many(12)
    listed(org, *sets, shape=shape)
    results = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]
    here = threading.Barrier(3)

    def together(seen: Seen) -> Reply:
        if int(seen.query["locator"]) < 3:
            here.wait(20)  # each of these waits for the others
        reply: Reply = results(seen)
        return reply

    org.on(f"GET {JOB}/results", together)
    export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert path.read_bytes() == whole
    assert org.count("GET", "/resultPages") == 3
    assert leftovers(path) == []


def test_a_listed_export_is_taken_up_again(org: ScriptedOrg, client: Client, path: Path) -> None:
    sets, whole = many(7)
    listed(org, *sets)
    results = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]
    org.on(f"GET {JOB}/results", lambda seen: DROP if seen.query["locator"] == "3" else results(seen))
    with pytest.raises(NetworkError):
        export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    org.seen.clear()
    org.on(f"GET {JOB}/results", results)
    export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert path.read_bytes() == whole
    assert {seen.query["locator"] for seen in org.seen if seen.path.endswith("/results")} == {"3", "4", "5", "6"}


def test_large_sets_wait_on_the_disk(
    org: ScriptedOrg, client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "_IN_MEMORY", 20)
    sets, whole = many(9)
    listed(org, *sets)
    export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert path.read_bytes() == whole
    assert leftovers(path) == []


def test_a_list_that_has_changed_begins_anew(org: ScriptedOrg, client: Client, path: Path) -> None:
    sets, whole = many(3)
    listed(org, *sets)
    results = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]
    org.on(f"GET {JOB}/results", lambda seen: DROP if seen.query["locator"] == "2" else results(seen))
    with pytest.raises(NetworkError):
        export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    bulk(org, *sets, states=(job("JobComplete"),))
    org.on(f"GET {JOB}/resultPages", error(404, "NOT_FOUND", "no"))
    export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "FEATURENOTENABLED", "no"),
        ok({"resultPages": [], "done": True}),
        ok({"resultPages": [{"resultUrl": "/x"}], "done": True}),
        ok({"somethingElse": []}),
    ],
)
def test_an_org_that_lists_no_sets(org: ScriptedOrg, client: Client, path: Path, answer: Reply) -> None:
    bulk(org, FIRST, SECOND)
    org.on(f"GET {JOB}/resultPages", answer)
    done = export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert (done.rows, done.notes) == (3, [])
    assert path.read_bytes() == FIRST + b'"003",""\n'


def test_an_older_org_is_not_asked_for_a_list(org: ScriptedOrg, session: Any, path: Path) -> None:
    listed(org, FIRST)
    for request in ("POST jobs/query", f"GET {JOB}", f"GET {JOB}/results"):
        method, _, tail = request.partition(" ")
        org.on(f"{method} /services/data/v57.0/{tail}", *org._scripts[method, f"/services/data/v66.0/{tail}"])
    bulk(org, FIRST)
    org.on(f"GET /services/data/v57.0/{JOB}/results", *org._scripts["GET", f"/services/data/v66.0/{JOB}/results"])
    with Client(session, "57.0") as old:
        assert export.export(old, "SELECT Id, Name FROM Account", path, method="bulk").rows == 2
    assert org.count("GET", "/resultPages") == 0


def test_sets_without_a_header(org: ScriptedOrg, client: Client, path: Path) -> None:
    """The guide doesn't say whether sets after the first have one."""
    listed(org, FIRST, b'"003",""\n"004","x"\n')
    export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert path.read_bytes() == FIRST + b'"003",""\n"004","x"\n'


def test_fewer_rows_than_salesforce_counted(org: ScriptedOrg, client: Client, path: Path) -> None:
    bulk(org, FIRST, states=(job("JobComplete", numberRecordsProcessed=3),))
    done = export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert done.notes == ["Salesforce counted 3 records, but 2 came."]


def test_a_set_that_breaks_off_is_fetched_again(org: ScriptedOrg, client: Client, path: Path) -> None:
    bulk(org, FIRST, SECOND)
    results = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]

    def cut(seen: Seen) -> Reply:
        reply: Reply = results(seen)
        reply.cut = True
        return reply

    org.on(f"GET {JOB}/results", cut, results, cut, results)
    assert export.export(client, "SELECT Id, Name FROM Account", path, method="bulk").rows == 3
    assert path.read_bytes() == FIRST + b'"003",""\n'


def test_a_bulk_export_is_taken_up_again(org: ScriptedOrg, client: Client, path: Path) -> None:
    bulk(org, FIRST, SECOND)
    results = org._scripts["GET", f"/services/data/v66.0/{JOB}/results"][0]
    org.on(f"GET {JOB}/results", results, DROP)
    with pytest.raises(NetworkError):
        export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    org.on(f"GET {JOB}/results", results)
    done = export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    assert (done.rows, done.resumed) == (3, 2)
    assert org.count("POST", "jobs/query") == 1
    assert path.read_bytes() == FIRST + b'"003",""\n'


def test_a_job_that_is_gone_begins_anew(org: ScriptedOrg, client: Client, path: Path) -> None:
    bulk(org, FIRST)
    org.on(f"GET {JOB}/results", DROP)
    with pytest.raises(NetworkError):
        export.export(client, "SELECT Id, Name FROM Account", path, method="bulk")
    bulk(org, FIRST, states=(error(404, "NOT_FOUND", "gone"), job("JobComplete")))
    org.on("GET /services/data", ok([{"version": "66.0"}]))
    assert export.export(client, "SELECT Id, Name FROM Account", path, method="bulk").rows == 2
    assert org.count("POST", "jobs/query") == 2


def test_a_failed_job_says_why(org: ScriptedOrg, client: Client, path: Path) -> None:
    failed = job("Failed", errorMessage="InvalidBatch : Field name not found : Stage")
    bulk(org, FIRST, states=(failed,))
    with pytest.raises(SalesforceError, match="Field name not found") as caught:
        export.export(client, "SELECT Id FROM Account", path, method="bulk")
    assert caught.value.code == "InvalidBatch"


def test_a_call_that_is_taken_back_aborts_the_job(org: ScriptedOrg, session: Any, path: Path) -> None:
    class Gone(SfmcpError):
        pass

    def check() -> None:
        if org.count("POST", "jobs/query"):
            raise Gone("enough")

    bulk(org, FIRST, states=(job("InProgress"),))
    org.on(f"PATCH {JOB}", job("Aborted"))
    with Client(session) as real, caller.calling(check), pytest.raises(Gone):
        export.export(real, "SELECT Id FROM Account", path, method="bulk")
    assert [seen.json() for seen in org.seen if seen.method == "PATCH"] == [{"state": "Aborted"}]


@pytest.mark.parametrize(
    ("soql", "refused"),
    [
        ("SELECT Id FROM Account", False),
        ("SELECT Id FROM Account WHERE Name = 'x GROUP BY y' AND Id IN (SELECT AccountId FROM Case)", False),
        ("SELECT Id FROM Account ORDER BY Name LIMIT 5", False),
        ("SELECT Name, COUNT(Id) FROM Account GROUP BY Name", True),
        ("SELECT count() FROM Account", True),
        ("SELECT Id FROM Account LIMIT 5 OFFSET 10", True),
        ("SELECT TYPEOF What WHEN Account THEN Phone END FROM Event", True),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", True),
        ("SELECT (SELECT Id FROM Contacts), Id FROM Account", True),
    ],
)
def test_what_bulk_does_not_take(soql: str, refused: bool) -> None:
    assert bulk2.refuses(soql) is refused


def test_what_bulk_does_not_take_goes_by_rest(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET query", page({"Name": "x", "expr0": 2}))
    done = export.export(client, "SELECT Name, COUNT(Id) FROM Account GROUP BY Name", path, method="bulk")
    assert done.method == "rest"
    assert "no grouping" in done.notes[0]


def test_many_rows_go_by_bulk_of_themselves(
    org: ScriptedOrg, client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BULK_FROM", 6)
    pages(org)
    bulk(org, FIRST)
    done = export.export(client, "SELECT Id, Name FROM Account", path)
    assert done.method == "bulk"
    assert "6 rows" in done.notes[0]
    path.unlink()
    org.on("POST jobs/query", error(400, "FEATURENOTENABLED", "Async API not enabled"))
    done = export.export(client, SOQL, path)
    assert (done.method, done.rows) == ("rest", 6)
    assert "FEATURENOTENABLED" in done.notes[0]


def test_an_org_without_bulk_answers_by_rest(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    org.on("POST jobs/query", error(400, "FEATURENOTENABLED", "Async API not enabled"))
    done = export.export(client, SOQL, path, method="bulk")
    assert (done.method, done.rows) == ("rest", 6)
    assert "FEATURENOTENABLED" in done.notes[0]


def test_deleted_records_by_both_ways(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET queryAll", page({"Id": "1"}))
    assert export.export(client, "SELECT Id FROM Account", path, include_deleted=True).rows == 1
    bulk(org, FIRST)
    export.export(client, "SELECT Id FROM Account", path, include_deleted=True, method="bulk")
    assert next(seen for seen in org.seen if seen.method == "POST").json()["operation"] == "queryAll"


# --- Compressed, and in folders --------------------------------------------------------------------------------------


def test_a_compressed_export_goes_on(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    packed = path.with_name("accounts.csv.gz")
    whole = org._scripts["GET", f"{LOCATOR}4"][0]
    org.on(f"GET {LOCATOR}4", error(404, "SOMETHING", "no"))
    with pytest.raises(SalesforceError):
        export.export(client, SOQL, packed)
    with packed.with_name("accounts.csv.gz.part").open("ab") as part:
        part.write(b"half a ro")
    org.on(f"GET {LOCATOR}4", whole)
    assert export.export(client, SOQL, packed).resumed == 4
    export.export(client, SOQL, path)
    assert gzip.decompress(packed.read_bytes()) == path.read_bytes()


def test_a_compressed_file_of_nothing(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET query", page())
    packed = path.with_name("accounts.jsonl.gz")
    export.export(client, SOQL, packed, form="jsonl")
    assert packed.stat().st_size > 0 and gzip.decompress(packed.read_bytes()) == b""


@pytest.mark.parametrize("name", ["a.csv.zst", "a.csv.bz2", "a.csv.zip"])
def test_other_compressions_are_named(org: ScriptedOrg, client: Client, path: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"gzip.*[\s\S]*\*\.gz"):
        export.export(client, SOQL, path.with_name(name))


def parts(folder: Path) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in sorted(folder.iterdir())}


def test_a_folder_of_files(org: ScriptedOrg, client: Client, path: Path) -> None:
    bulk(org, b'"Id","Name"\n"1","two\nlines"\n"2","a ""b"""\n"3",""\n')
    folder = path.with_name("accounts")
    done = export.export(client, "SELECT Id, Name FROM Account", folder, method="bulk", partition_rows=2)
    assert done.files == 2
    assert parts(folder) == {
        "part-00000.csv": b'"Id","Name"\n"1","two\nlines"\n"2","a ""b"""\n',
        "part-00001.csv": b'"Id","Name"\n"3",""\n',
    }
    assert leftovers(folder) == []


def test_a_folder_of_compressed_lines(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    folder = path.with_name("accounts.jsonl.gz")
    assert export.export(client, SOQL, folder, form="jsonl", partition_rows=4).files == 2
    rows = [len(gzip.decompress(content).splitlines()) for content in parts(folder).values()]
    assert (list(parts(folder)), rows) == (["part-00000.jsonl.gz", "part-00001.jsonl.gz"], [4, 2])


def test_a_folder_of_nothing_has_a_file_with_the_columns(org: ScriptedOrg, client: Client, path: Path) -> None:
    org.on("GET query", page())
    folder = path.with_name("accounts")
    export.export(client, SOQL, folder, partition_rows=4)
    assert parts(folder) == {"part-00000.csv": b"Id,Name,Owner.Name\n"}


def test_a_folder_is_replaced_only_by_its_like(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)
    folder = path.with_name("accounts")
    export.export(client, SOQL, folder, partition_rows=1)
    assert len(parts(folder)) == 6
    export.export(client, SOQL, folder, partition_rows=4)
    assert len(parts(folder)) == 2
    (folder / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="no folder of part files alone"):
        export.export(client, SOQL, folder, partition_rows=4)
    assert leftovers(folder) == []


def test_rows_that_could_not_be_shared_out_are_not_fetched_again(
    org: ScriptedOrg, client: Client, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages(org)
    folder = path.with_name("accounts")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(partitions, "split", full)
        with pytest.raises(SfmcpError, match=r"SYSTEM: .*No space left"):
            export.export(client, SOQL, folder, partition_rows=4)
    assert not folder.exists()
    org.seen.clear()
    done = export.export(client, SOQL, folder, partition_rows=4)
    assert (done.rows, done.resumed, len(org.seen)) == (6, 6, 0)
    assert leftovers(folder) == []


# --- Streams ---------------------------------------------------------------------------------------------------------


def test_slices_are_whole_children_included(org: ScriptedOrg, client: Client) -> None:
    child = page({"LastName": "Lee"}, total=2, following=f"{LOCATOR}200").body
    org.on("GET query", page({"Name": "Acme", "Contacts": child}))
    org.on(f"GET {LOCATOR}200", page({"LastName": "Ann"}, total=2))
    (part,) = slices(client, "SELECT Name, (SELECT LastName FROM Contacts) FROM Account")
    assert part.columns == ["Name", "Contacts"]
    assert part.block[1] == [[{"LastName": "Lee"}, {"LastName": "Ann"}]]
    assert (part.rows, part.total, part.next_url) == (1, 1, None)


def test_two_exports_do_not_write_the_same_file(org: ScriptedOrg, client: Client, path: Path) -> None:
    pages(org)

    def again(*_: object) -> None:
        with pytest.raises(UsageError, match="Another export"):
            export.export(client, SOQL, path)

    assert export.export(client, SOQL, path, progress=again).rows == 6


def test_a_full_disk(org: ScriptedOrg, client: Client, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists("/dev/full"):  # noqa: PTH110 - a device of Linux
        pytest.skip("no /dev/full")
    pages(org)
    monkeypatch.setattr(partfile, "private", lambda *_: Path("/dev/full").open("r+b"))  # noqa: SIM115 - it is closed there
    with pytest.raises(SfmcpError, match=r"SYSTEM: .*accounts\.csv cannot be written: No space left"):
        export.export(client, SOQL, path)
    assert not path.exists()
