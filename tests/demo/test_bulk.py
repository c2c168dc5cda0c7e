"""Bulk API 2.0 over HTTP: query and ingest jobs, their states, what is refused, and a client that nobody here wrote."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Callable
from typing import Any

import pytest
from simple_salesforce.bulk2 import SFBulk2Handler

from salesforce_mcp.demo.bulk import background, extract, jobs
from salesforce_mcp.demo.local import DemoOrg
from tests.demo.conftest import Web

DONE = ("JobComplete", "Failed", "Aborted")


def wait(web: Web, path: str, token: str = "admin") -> dict[str, Any]:
    for _ in range(2_000):
        job: dict[str, Any] = web.get(f"/v/jobs/{path}", token=token).json()
        if job["state"] in DONE:
            return job
        time.sleep(0.01)
    raise AssertionError(f"the job is still {job['state']}")


def ask(web: Web, soql: str, **body: Any) -> str:
    answer = web.post("/v/jobs/query", json={"operation": "query", "query": soql, **body})
    assert answer.status_code == 200, answer.text
    job = str(answer.json()["id"])
    assert wait(web, f"query/{job}")["state"] == "JobComplete"
    return job


def load(web: Web, content: str, *, token: str = "admin", **body: Any) -> dict[str, Any]:
    """Run an ingest job to its end."""
    job = web.post("/v/jobs/ingest", json={"object": "Account", "operation": "insert", **body}, token=token).json()
    path = f"/v/jobs/ingest/{job['id']}"
    assert web.send("PUT", f"{path}/batches", data=content.encode(), token=token).status_code == 201
    assert web.send("PATCH", path, json={"state": "UploadComplete"}, token=token).json()["state"] == "UploadComplete"
    return wait(web, f"ingest/{job['id']}", token)


def results(web: Web, job: dict[str, Any], kind: str, delimiter: str = ",") -> list[dict[str, str]]:
    answer = web.get(f"/v/jobs/ingest/{job['id']}/{kind}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text), delimiter=delimiter))


def found(web: Web, soql: str) -> list[dict[str, Any]]:
    records: list[dict[str, Any]] = web.get("/v/query", params={"q": soql}).json()["records"]
    return records


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody works at jobs."""
    monkeypatch.setattr(background, "submit", lambda store, job: None)


# --- Queries ---


def test_results_come_in_sets_that_join_up(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "ROWS_PER_PART", 7)
    job = ask(web, "SELECT Id, LastName, Account.Name, IsDeleted, CreatedDate FROM Contact ORDER BY Id")
    ids: list[str] = []
    locator, sets = "", 0
    while locator != "null":
        params = {"maxRecords": "40", **({"locator": locator} if locator else {})}
        answer = web.get(f"/v/jobs/query/{job}/results", params=params)
        assert answer.headers["Content-Type"] == "text/csv"
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert list(rows[0]) == ["Id", "LastName", "Account.Name", "IsDeleted", "CreatedDate"]
        assert int(answer.headers["Sforce-NumberOfRecords"]) == len(rows)
        ids += [row["Id"] for row in rows]
        locator, sets = answer.headers["Sforce-Locator"], sets + 1
    assert sets > 2
    assert ids == [record["Id"] for record in found(web, "SELECT Id FROM Contact ORDER BY Id")]
    assert rows[0]["IsDeleted"] == "false" and rows[0]["CreatedDate"].endswith(".000Z")


def test_delimiters_and_line_endings(web: Web) -> None:
    job = ask(web, "SELECT Name, Id FROM User LIMIT 2", columnDelimiter="TAB", lineEnding="CRLF")
    text = web.get(f"/v/jobs/query/{job}/results").content.decode()
    assert text.startswith('"Name"\t"Id"\r\n"') and text.count("\r\n") == 3


def test_no_rows_leave_a_header(web: Web) -> None:
    job = ask(web, "SELECT Id FROM Account WHERE Name = 'nobody'")
    answer = web.get(f"/v/jobs/query/{job}/results")
    assert (answer.text, answer.headers["Sforce-NumberOfRecords"]) == ('"Id"\n', "0")


def test_parallel_results(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extract, "PAGE", 20)
    job = ask(web, "SELECT Id FROM Contact")
    path, rows, pages = f"/services/data/v66.0/jobs/query/{job}/resultPages", 0, 0
    while path:
        answer = web.get(path).json()
        assert len(answer["resultPages"]) <= 5
        rows += sum(web.get(page["resultUrl"]).text.count("\n") - 1 for page in answer["resultPages"])
        path, pages = answer.get("nextRecordsUrl", ""), pages + 1
    assert answer["done"] is True and pages > 1
    assert rows == len(found(web, "SELECT Id FROM Contact"))


def test_deleted_records_with_query_all(web: Web) -> None:
    record = web.post("/v/sobjects/Account", json={"Name": "Bulk gone"}).json()["id"]
    web.send("DELETE", f"/v/sobjects/Account/{record}")
    job = ask(web, "SELECT Id, IsDeleted FROM Account WHERE Name = 'Bulk gone'", operation="queryAll")
    assert f'"{record}","true"' in web.get(f"/v/jobs/query/{job}/results").text


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT COUNT(Id) FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT COUNT() FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Industry FROM Account GROUP BY Industry", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id FROM Account LIMIT 1 OFFSET 2", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT TYPEOF What WHEN Account THEN Phone END FROM Task", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT BillingAddress FROM Account", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Account.BillingAddress FROM Contact", "FUNCTIONALITY_NOT_ENABLED"),
        ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "FEATURENOTENABLED"),
        ("SELECT Nothing FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing", "INVALID_TYPE"),
        ("SELECT", "MALFORMED_QUERY"),
    ],
)
def test_queries_that_bulk_does_not_take(web: Web, soql: str, code: str) -> None:
    answer = web.post("/v/jobs/query", json={"operation": "query", "query": soql})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_results_want_the_version_of_the_job_and_a_known_locator(web: Web) -> None:
    job = ask(web, "SELECT Id FROM User")
    assert web.get(f"/services/data/v60.0/jobs/query/{job}/results").status_code == 409
    answer = web.get(f"/v/jobs/query/{job}/results", params={"locator": "'; DROP"})
    assert answer.json()[0]["errorCode"] == "INVALID_QUERY_LOCATOR"


def test_another_users_rights_and_jobs(web: Web) -> None:
    job = ask(web, "SELECT Id FROM Account")
    assert web.get(f"/v/jobs/query/{job}", token="standard").status_code == 404
    hidden = web.post(
        "/v/jobs/query", json={"operation": "query", "query": "SELECT AnnualRevenue FROM Account"}, token="standard"
    )
    assert hidden.json()[0]["errorCode"] == "INVALID_FIELD"
    assert all(job["object"] for job in web.get("/v/jobs/query").json()["records"])
    assert web.get("/v/jobs/query", token="standard").json()["records"] == []


@pytest.mark.usefixtures("held")
def test_abort_and_delete_a_query(web: Web) -> None:
    made = web.post("/v/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Account"}).json()
    path = f"/v/jobs/query/{made['id']}"
    assert made["state"] == "UploadComplete"
    assert web.get(f"{path}/results").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert web.send("DELETE", path).json()[0]["errorCode"] == "API_ERROR"
    assert web.send("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    again = web.send("PATCH", path, json={"state": "Aborted"})
    assert again.json()[0]["message"] == "Aborting already Aborted Job not allowed"
    assert web.send("DELETE", path).status_code == 204
    assert web.get(path).status_code == 404


# --- Ingest ---


def test_insert_with_partial_failure(web: Web) -> None:
    content = 'Name,NumberOfEmployees,Description\n"Bulk, one",5,"two\nlines"\n,6,no name\nBulk two,many,\n'
    job = load(web, content)
    assert (job["state"], job["numberRecordsProcessed"], job["numberRecordsFailed"]) == ("JobComplete", 3, 2)
    (good,) = results(web, job, "successfulResults")
    assert good["sf__Created"] == "true" and good["Description"] == "two\nlines"
    assert found(web, f"SELECT Name, NumberOfEmployees FROM Account WHERE Id = '{good['sf__Id']}'")[0]["Name"] == (
        "Bulk, one"
    )
    missing, wrong = results(web, job, "failedResults")
    assert missing["sf__Error"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --"
    assert wrong["sf__Error"] == (
        "INVALID_FIELD:Failed to deserialize field at col 1. Due to, 'many' is not a valid value for the type"
        " xsd:int:NumberOfEmployees --"
    )
    assert results(web, job, "unprocessedrecords") == []


def test_many_rows_in_chunks(web: Web) -> None:
    content = "LastName\r\n" + "".join(f"Chunk {number:04}\r\n" for number in range(450))
    job = load(web, content, object="Contact", lineEnding="CRLF")
    assert job["numberRecordsProcessed"] == 450
    good = results(web, job, "successfulResults")
    assert [row["LastName"] for row in good] == [f"Chunk {number:04}" for number in range(450)]
    assert len({row["sf__Id"] for row in good}) == 450


def test_update_leaves_empty_cells_and_clears_na(web: Web) -> None:
    record = web.post("/v/sobjects/Account", json={"Name": "Kept", "Phone": "1", "Website": "w.example"}).json()["id"]
    job = load(web, f"Id|Name|Phone\n{record}||#N/A\n|x|\n", operation="update", columnDelimiter="PIPE")
    after = web.get(f"/v/sobjects/Account/{record}").json()
    assert (after["Name"], after["Phone"], after["Website"]) == ("Kept", None, "w.example")
    (bad,) = results(web, job, "failedResults", "|")
    assert bad["sf__Error"] == "MISSING_ARGUMENT:Id not specified in an update call:--"


def test_upsert_by_external_id(web: Web) -> None:
    body = {"object": "Copilot_Interaction__c", "operation": "upsert", "externalIdFieldName": "conversation_id__c"}
    job = load(web, "Conversation_Id__c,Outcome__c\nbulk-1,Deflected\nbulk-2,Escalated\n", **body)
    assert [row["sf__Created"] for row in results(web, job, "successfulResults")] == ["true", "true"]
    job = load(web, "Conversation_Id__c,Outcome__c\nbulk-1,Abandoned\n,Deflected\n", **body)
    assert [row["sf__Created"] for row in results(web, job, "successfulResults")] == ["false"]
    assert results(web, job, "failedResults")[0]["sf__Error"].startswith("MISSING_ARGUMENT:Conversation_Id__c")


def test_parents_by_their_own_fields(web: Web) -> None:
    owner = found(web, "SELECT Id, Username FROM User WHERE IsActive = true LIMIT 1")[0]
    job = load(web, f"LastName,Company,User:Owner.Username\nBulk,Parents,{owner['Username']}\n", object="Lead")
    (good,) = results(web, job, "successfulResults")
    task = load(web, f"Subject,Lead:Who.Id\nCall,{good['sf__Id']}\n", object="Task")
    (made,) = results(web, task, "successfulResults")
    assert found(web, f"SELECT WhoId FROM Task WHERE Id = '{made['sf__Id']}'")[0]["WhoId"] == good["sf__Id"]


def test_delete_and_hard_delete(web: Web) -> None:
    soft, hard = (web.post("/v/sobjects/Account", json={"Name": "Doomed"}).json()["id"] for _ in range(2))
    load(web, f"Id\n{soft}\n", operation="delete")
    load(web, f"Id\n{hard}\n", operation="hardDelete")
    left = web.get("/v/queryAll", params={"q": f"SELECT Id FROM Account WHERE Id IN ('{soft}', '{hard}')"}).json()
    assert [record["Id"] for record in left["records"]] == [soft]


@pytest.mark.parametrize(
    ("body", "content", "message"),
    [
        ({}, "Name,Nothing__c\nA,1\n", "InvalidBatch : Field name not found : Nothing__c"),
        (
            {},
            "Name\r\nA\r\n",
            "ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF",
        ),
        (
            {"operation": "delete"},
            "Id,Name\nx,y\n",
            "InvalidBatch : InvalidBatch : The 'delete' batch must contain only",
        ),
        ({"object": "Task"}, "Who.Email\na@b.example\n", "InvalidBatch : Field name not found : Who.Email"),
        ({"object": "Contact"}, "User:Owner.Id,LastName\na,b\n", "InvalidBatch : Field name not found : User:Owner.Id"),
        ({}, "", "InvalidBatch : The batch has no header row"),
    ],
)
def test_jobs_that_fail_as_a_whole(web: Web, body: dict[str, Any], content: str, message: str) -> None:
    job = load(web, content or "\n", **body)
    assert job["state"] == "Failed" and job["errorMessage"].startswith(message)
    assert web.get(f"/v/jobs/ingest/{job['id']}/unprocessedRecords").text.count("\n") == max(content.count("\n"), 1)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"object": "Nothing"}, "Unable to find object: Nothing"),
        ({"operation": "merge"}, "Operation merge"),
        ({"operation": "upsert"}, "does not match an External ID"),
        ({"operation": "upsert", "externalIdFieldName": "Phone"}, "Field name provided, Phone does not match"),
        ({"externalIdFieldName": "Id"}, "only be used with upsert"),
        ({"contentType": "JSON"}, "content type"),
        ({"columnDelimiter": "SLASH"}, "SLASH"),
        ({"lineEnding": "CR"}, "CR"),
    ],
)
def test_jobs_that_are_refused(web: Web, body: dict[str, Any], message: str) -> None:
    answer = web.post("/v/jobs/ingest", json={"object": "Account", "operation": "insert", **body})
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALIDJOB")
    assert message in answer.json()[0]["message"]


def test_a_user_with_fewer_rights(web: Web) -> None:
    def refused(**body: Any) -> str:
        return str(web.post("/v/jobs/ingest", json=body, token="standard").json()[0]["message"])

    assert refused(object="Case", operation="delete") == "InvalidJob : No delete access for object:Case"
    assert "special user profile permission" in refused(object="Account", operation="hardDelete")
    job = load(web, "Name,AnnualRevenue\nA,1\n", token="standard")
    assert job["errorMessage"] == "InvalidBatch : Field name not found : AnnualRevenue"


def test_an_open_job(web: Web) -> None:
    job = web.post("/v/jobs/ingest", json={"object": "Account", "operation": "insert"}).json()
    path = f"/v/jobs/ingest/{job['id']}"
    assert job["contentUrl"] == f"services/data/v66.0/jobs/ingest/{job['id']}/batches"
    assert web.get(f"{path}/successfulResults").json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert web.send("PUT", f"{path}/batches", data=b"Name\nA\n").status_code == 201
    twice = web.send("PUT", f"{path}/batches", data=b"Name\nA\n")
    assert twice.status_code == 400 and "Found multiple contents" in twice.json()[0]["message"]
    assert web.send("DELETE", path).status_code == 400
    assert web.send("PATCH", path, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert results(web, job, "unprocessedrecords") == [{"Name": "A"}]
    assert web.send("PATCH", path, json={"state": "UploadComplete"}).json()[0]["errorCode"] == "INVALIDJOBSTATE"
    assert web.send("DELETE", path).status_code == 204


def test_a_job_in_one_multipart_request(web: Web) -> None:
    job = '{"object": "Account", "operation": "insert"}'
    files = {"job": (None, job, "application/json"), "content": ("content", "Name\nMultipart\n", "text/csv")}
    made = web.post("/v/jobs/ingest", files=files).json()
    assert made["state"] == "UploadComplete"
    assert wait(web, f"ingest/{made['id']}")["numberRecordsProcessed"] == 1


def test_an_interrupted_job_goes_on_where_it_stopped(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that its process left behind is taken over by the next that is asked about it, once its lease is over."""
    with monkeypatch.context() as patch:
        patch.setattr(background, "submit", lambda store, job: None)
        content = "LastName\n" + "".join(f"Left {number:03}\n" for number in range(300))
        made = web.post("/v/jobs/ingest", json={"object": "Contact", "operation": "insert"}).json()
        path = f"/v/jobs/ingest/{made['id']}"
        web.send("PUT", f"{path}/batches", data=content.encode())
        web.send("PATCH", path, json={"state": "UploadComplete"})
        job = jobs.load(web.org.store, made["id"])
        assert job is not None
        job.state, job.processed, job.worker, job.lease = "InProgress", 200, "a process that is gone", 1.0
        jobs.save(web.org.store, job)
    assert wait(web, f"ingest/{made['id']}")["numberRecordsProcessed"] == 300
    assert len(results(web, made, "successfulResults")) == 100


def test_an_org_stops_in_the_middle_of_a_job(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("stopped")
    with DemoOrg(folder) as org:
        web = Web(org)
        made = web.post("/v/jobs/ingest", json={"object": "Contact", "operation": "insert"}).json()
        path = f"/v/jobs/ingest/{made['id']}"
        rows = "".join(f"Stop {number}\n" for number in range(2_000))
        web.send("PUT", f"{path}/batches", data=f"LastName\n{rows}".encode())
        web.send("PATCH", path, json={"state": "UploadComplete"})
    with DemoOrg(folder) as org:
        web = Web(org)
        assert wait(web, f"ingest/{made['id']}")["numberRecordsProcessed"] == 2_000
        assert len(found(web, "SELECT Id FROM Contact WHERE LastName LIKE 'Stop %'")) == 2_000


# --- Another client ---


@pytest.fixture
def simple(web: Web) -> Callable[[str], Any]:
    handler = SFBulk2Handler(web.admin, f"{web.url}/services/data/v66.0/jobs/")
    handler.session.trust_env = False
    return lambda name: getattr(handler, name)


def test_simple_salesforce(web: Web, simple: Callable[[str], Any]) -> None:
    (done,) = simple("Lead").insert(records=[{"LastName": f"Simple {n}", "Company": "S"} for n in range(30)], wait=0)
    assert (done["numberRecordsTotal"], done["numberRecordsFailed"]) == (30, 0)
    every = simple("Lead").get_all_ingest_records(done["job_id"])
    assert (len(every["successfulRecords"]), every["failedRecords"], every["unprocessedRecords"]) == (30, [], [])
    pages = list(simple("Lead").query("SELECT Id FROM Lead WHERE Company = 'S'", max_records=20, wait=0))
    ids = [{"Id": row["Id"]} for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert (len(pages), len(ids)) == (2, 30)
    (gone,) = simple("Lead").delete(records=ids, wait=0)
    assert gone["numberRecordsFailed"] == 0
    assert found(web, "SELECT Id FROM Lead WHERE Company = 'S'") == []
