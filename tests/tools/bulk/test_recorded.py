"""What real orgs answered, read by the tools over HTTP."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.salesforce.scripted import ScriptedOrg, ok

JOB = "750000000000001AAA"
PARTIAL = "750ak000009Dl5bAAC"
Recorded = Callable[[str, str], Any]


def test_jobs(call: Callable[..., Any], recorded: Recorded) -> None:
    body = recorded(f"GET jobs/ingest/{JOB}", "bulk2-complete-failure")
    fields = call("bulk_job_status", job_id=JOB).fields
    assert (fields["state"], fields["error"]) == ("Failed", body["errorMessage"])
    assert fields["external_id_field"] == "external_id__c"
    recorded(f"GET jobs/ingest/{JOB}", "bulk2-issue-connectors-42")
    assert call("bulk_job_status", job_id=JOB).fields["processed"] == 2600
    recorded(f"GET jobs/ingest/{JOB}", "bulk2-partial-failure")
    assert call("bulk_job_status", job_id=JOB, wait=True).fields["failed"] == 1


def test_a_query_job(call: Callable[..., Any], org: ScriptedOrg, recorded: Recorded) -> None:
    recorded(f"GET jobs/query/{JOB}", "bulk2-doc-get-information-about-a-query-job-3")
    assert call("bulk_job_status", job_id=JOB).fields["processed"] == 740003
    recorded(f"PATCH jobs/query/{JOB}", "bulk2-doc-abort-a-query-job")
    assert call("bulk_abort_job", job_id=JOB).fields["state"] == "Aborted"


def test_rows_that_failed_without_an_id(call: Callable[..., Any], org: ScriptedOrg, recorded: Recorded) -> None:
    recorded(f"GET jobs/ingest/{PARTIAL}", "bulk2-partial-failure")
    body = recorded(f"GET jobs/ingest/{PARTIAL}/failedResults", "bulk2-partial-failure-2")
    org.on(f"GET jobs/ingest/{PARTIAL}/failedResults", ok(body.encode(), Content_Type="text/csv"))
    for kind in ("successfulResults", "unprocessedrecords"):
        org.on(f"GET jobs/ingest/{PARTIAL}/{kind}", ok(b'"sf__Id","sf__Created",Name\n', Content_Type="text/csv"))
    failed = Path(call("bulk_job_results", job_id=PARTIAL).fields["failed_file"])
    (row,) = csv.DictReader(failed.read_text(encoding="utf-8").splitlines())
    assert (row["sf__Id"], row["Name"]) == ("", "Noemi Miller")
    assert "not a valid value for the type xsd:date" in row["sf__Error"]


def test_tooling(call: Callable[..., Any], recorded: Recorded, monkeypatch: Any) -> None:
    recorded("GET tooling/query", "tooling-postman-tooling-query")
    table = call("tooling_query", soql="SELECT Name FROM ApexClass")
    assert (table.total, table.rows[0]) == (38, ["GenericEventPostMock"])
    case = "tooling-manualedittestapexintegrationtests-test-run-tests-integration-test-10"
    recorded("GET tooling/query", case)
    soql = "SELECT ApexClassOrTrigger.Name, ApexClassOrTriggerId, NumLinesCovered FROM ApexCodeCoverageAggregate"
    assert call("tooling_query", soql=soql).columns[0] == "ApexClassOrTrigger.Name"
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    recorded("GET tooling/executeAnonymous", "tooling-execute-anonymous-ok")
    assert call("execute_apex", code="System.debug('Hello');").fields == {"success": True, "compiled": True}
