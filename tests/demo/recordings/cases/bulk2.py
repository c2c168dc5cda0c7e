"""Bulk API 2.0: jobs of queries and of ingest."""

import time
from typing import Any

from tests.demo.recordings.replay import Org, Replay

JOBS = "/services/data/v60.0/jobs"
DONE = ("JobComplete", "Failed", "Aborted")
NO_STATE = "the guide's example of the request's body, not of an answer"


def send(org: Org, method: str, path: str, body: Any = None, data: bytes | None = None) -> Any:
    options: dict[str, Any] = {"json": body} if data is None else {"data": data}
    answer = org.send(method, f"{JOBS}/{path}", headers={"Content-Type": "text/csv"} if data else {}, **options)
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def wait(org: Org, kind: str, job: str) -> None:
    while send(org, "GET", f"{kind}/{job}")["state"] not in DONE:
        time.sleep(0.01)


def opened(org: Org, **body: Any) -> dict[str, str]:
    return {"job": send(org, "POST", "ingest", {"object": "Account", "operation": "insert", **body})["id"]}


def ingested(csv: str, *, waiting: bool = True, **body: Any) -> Any:
    def run(org: Org) -> dict[str, str]:
        job = opened(org, **body)["job"]
        send(org, "PUT", f"ingest/{job}/batches", data=csv.encode())
        send(org, "PATCH", f"ingest/{job}", {"state": "UploadComplete"})
        if waiting:
            wait(org, "ingest", job)
        return {"job": job}

    return run


def queried(soql: str, version: str = "60.0") -> Any:
    def run(org: Org) -> dict[str, str]:
        path = f"/services/data/v{version}/jobs/query"
        answer = org.send("POST", path, headers={}, json={"operation": "query", "query": soql})
        job = answer.json()["id"]
        wait(org, "query", job)
        return {"job": job}

    return run


UPSERT = {"object": "CustomObject__c", "operation": "upsert", "externalIdFieldName": "SynchronizationId__c"}
ACCOUNTS = "Name,ShippingCity,NumberOfEmployees\nLorem Ipsum,Milano,2676\n"
WRONG_DATE = "LastName,Email,Birthdate\nMiller,noemi@example.com,2003-04-987654321987654321\n"

CASES: dict[str, Replay | str] = {
    "bulk2-complete-failure": Replay(
        path=f"{JOBS}/ingest/{{job}}", setup=ingested("SynchronizationId__c,Nothing__c\nA,1\n", **UPSERT)
    ),
    "bulk2-doc-abort-a-query-job": "a query of the demo org is complete before it can be aborted; tested with one held",
    "bulk2-doc-create-a-query-job-2": Replay(),
    "bulk2-doc-get-information-about-a-query-job": Replay(
        path="/services/data/v66.0/jobs/query/{job}", setup=queried("SELECT Id FROM Account")
    ),
    "bulk2-doc-get-information-about-a-query-job-3": Replay(
        path="/services/data/v66.0/jobs/query/{job}", setup=queried("SELECT Id FROM Account")
    ),
    "bulk2-doc-get-information-about-all-query-jobs": Replay(setup=queried("SELECT Id FROM Account")),
    "bulk2-doc-step-5-bulk-upsert": NO_STATE,
    "bulk2-guide-ingest-complete": Replay(path="/services/data/v66.0/jobs/ingest/{job}/", setup=ingested(ACCOUNTS)),
    "bulk2-guide-ingest-upload": Replay(path="/services/data/v66.0/jobs/ingest/{job}/batches/", setup=opened),
    "bulk2-guide-query-results-first-page": Replay(
        path="/services/data/v66.0/jobs/query/{job}/results",
        query={"maxRecords": "2"},
        setup=queried("SELECT Id, Name FROM User", "66.0"),
    ),
    "bulk2-guide-query-results-second-page-headers": Replay(
        path="/services/data/v66.0/jobs/query/{job}/results",
        query={"maxRecords": "2", "locator": "Mg"},
        setup=queried("SELECT Id, Name FROM User", "66.0"),
    ),
    "bulk2-issue-connectors-42": "the job is still at work; those of the demo org are done too soon",
    "bulk2-launch-job-opportunity": Replay(),
    "bulk2-partial-failure": Replay(
        path=f"{JOBS}/ingest/{{job}}",
        setup=ingested("SynchronizationId__c,Name\nbulk-1,One\n,None\n", **UPSERT),
    ),
    "bulk2-partial-failure-2": Replay(
        path=f"{JOBS}/ingest/{{job}}/failedResults", setup=ingested(WRONG_DATE, object="Contact")
    ),
    "bulk2-postman-bulk2-create-job": Replay(path="/services/data/v58.0/jobs/ingest"),
    "bulk2-read-launch-job-account": Replay(),
    "bulk2-update-job-opportunity": Replay(
        path=f"{JOBS}/ingest/{{job}}", setup=lambda org: opened(org, object="Opportunity", operation="delete")
    ),
}
