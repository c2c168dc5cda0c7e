"""What a model reads, whole, of the tools that most conversations use, on a fresh demo org."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.tools.demo import Demo
from tests.tools.transcript import Transcript

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with DemoOrg(tmp_path_factory.mktemp("answers")) as org:
        yield Demo(org)


@pytest.fixture
def transcript(request: pytest.FixtureRequest, update_snapshots: bool) -> Iterator[Transcript]:
    name = request.node.name.removeprefix("test_")
    kept = Transcript(name, update=update_snapshots)
    yield kept
    kept.check()


@pytest.fixture
def ask(fresh: Demo, transcript: Transcript) -> Ask:
    return lambda tool, **arguments: transcript.ask(fresh, tool, **arguments)


def test_query(ask: Ask) -> None:
    ask(
        "query",
        soql="SELECT Name, Account.Name, (SELECT Quantity, UnitPrice FROM OpportunityLineItems) FROM Opportunity "
        "WHERE StageName = :stage ORDER BY Name LIMIT 2",
        bind={"stage": "Prospecting"},
    )
    ask("query", soql="SELECT StageName, COUNT(Id), SUM(Amount) total FROM Opportunity GROUP BY StageName")
    ask("query", soql="SELECT COUNT() FROM Contact")
    ask("query", soql="SELECT Id FROM Account WHERE Name = 'Nobody'")
    ask(
        "search",
        sosl="FIND {generator} IN ALL FIELDS RETURNING Case(CaseNumber, Subject LIMIT 2), Account(Name LIMIT 1)",
    )
    ask("search_records", text="pump", objects=["Case"], fields=["Subject"], limit=2)
    ask("explain_query", soql="SELECT Id FROM Account WHERE Industry = 'Energy'")


def test_schema(ask: Ask) -> None:
    ask("list_objects", filter="case", limit=5)
    ask("describe_object", object="Note")
    ask("get_object_schema", object="Note", **{"for": "create"})
    ask("get_user_info")
    ask("get_limits", names=["DataStorageMB", "DailyBulkApiBatches"])


def test_records(ask: Ask, fresh: Demo) -> None:
    account = fresh.rows("SELECT Id FROM Account WHERE Name = 'Meridian Hospitals'")[0]["Id"]
    ask("get_record", object="Account", id=account, fields=["Name", "Industry", "BillingAddress"])
    ask("create_records", object="Note", records=[{"Title": "A", "ParentId": account}, {"Title": "No parent"}])
    ask("get_related_records", object="Account", id=account, relationship="ChildAccounts", fields=["Name"], limit=2)


def test_reports(ask: Ask, fresh: Demo) -> None:
    ask("list_reports", filter="Pipeline")
    report = fresh.rows("SELECT Id FROM Report WHERE Name = 'Opportunity Pipeline by Stage'")[0]["Id"]
    ask("run_report", report_id=report, include_details=False)


def test_composite(ask: Ask) -> None:
    part = {"method": "POST", "url": "sobjects/Account", "reference_id": "a", "body": {"Name": "Transcript"}}
    ask("composite", requests=[part, {"method": "GET", "url": "sobjects/Nowhere", "reference_id": "b"}])
    ask("composite_tree", object="Account", records=[{"Name": "Tree", "Contacts": [{"LastName": "Doe"}]}])


def test_crm(ask: Ask) -> None:
    ask("crm_list", resource="pipeline", fields=["name", "probability"])
    ask(
        "crm_list", resource="deal", where={"stage": "Prospecting"}, fields=["name", "amount"], order_by="name", limit=2
    )
    ask("crm_create", resource="company", data={"name": "Plain & Co."})


def test_cases(ask: Ask, fresh: Demo) -> None:
    contact = fresh.rows("SELECT Email FROM Contact WHERE Email != null ORDER BY Id LIMIT 1")[0]["Email"]
    new = {"subject": "Fuel pump hums", "description": "E-42 after a refill", "priority": "High"}
    ask("create_case", **new, contact_email=contact, type="Mechanical")
    case = {"case_id": fresh.rows("SELECT Id FROM Case WHERE Subject = 'Fuel pump hums'")[0]["Id"]}
    ask("add_case_comment", **case, body="Vent the line.\n\nThen restart.", published=True)
    ask("send_case_email", **case, to_address=contact, subject="Your pump", body="Solved?", status="Draft")
    ask("get_case", **case, fields=["CaseNumber", "Contact.Name", "Priority"])
    ask("categorize_case", **case, type="Mechanical", reason="Performance", subject="Fuel pump hums loudly")
    ask("suggest_kb_for_case", **case, limit=2, attach=True)
    ask("draft_kb_article", **case, title="Humming fuel pump", url_name="humming-fuel-pump")
    ask("log_interaction", outcome="Case Created", summary="Pump", conversation_id="c-1", **case)


def test_timeline(ask: Ask, fresh: Demo) -> None:
    closed = "SELECT CaseId FROM CaseMilestone WHERE Case.CaseNumber = '00001003' LIMIT 1"
    ask("get_case_timeline", case_id=fresh.rows(closed)[0]["CaseId"])


def test_actions(ask: Ask, fresh: Demo) -> None:
    ask("list_actions", filter="case")
    ask("describe_action", action="flow/Escalate_Case")
    ask("run_action", action="apex/OpenCaseCounter", inputs=[{"accountId": "001000000000009AAA"}])


def test_files_and_bulk(ask: Ask, fresh: Demo, private_folders: Path) -> None:
    folder = private_folders / "export"
    folder.mkdir()
    (folder / "rows.csv").write_text("LastName,Email\nGood,good@x.example\nBad,nowhere\n", encoding="utf-8")
    ask("bulk_ingest", object="Contact", operation="insert", file="rows.csv")
    job = fresh.client.get("jobs/ingest")["records"][0]["id"]
    ask("bulk_job_status", job_id=job)
    ask("bulk_job_results", job_id=job)
    account = fresh.rows("SELECT Id FROM Account WHERE Name = 'Meridian Hospitals'")[0]["Id"]
    ask("upload_file", file="rows.csv", record_id=account, title="Contacts")
    ask("list_files", record_id=account)
    ask("download_file", file_id=fresh.rows("SELECT Id FROM ContentDocument WHERE Title = 'Contacts'")[0]["Id"])


def test_apex(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    ask("tooling_query", soql="SELECT Name, Status FROM ApexTrigger")
    ask("get_apex_source", name="CaseTrigger")
    ask("execute_apex", code="System.assertEquals(1, 2);")
