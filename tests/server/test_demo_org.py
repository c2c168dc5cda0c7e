"""Every tool as a real client uses it: the SDK's own, over stdio, against the demo org, in both protocol eras."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import anyio
import mcp_types as types
import pytest
from mcp import Client, StdioServerParameters

from salesforce_mcp.demo import users
from salesforce_mcp.demo.bulk import jobs
from salesforce_mcp.demo.store import Store
from salesforce_mcp.tools import registry

Ask = Callable[..., Awaitable[str]]


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(autouse=True)
def one_demo_org_for_all(seeded: Path, private_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Seeding takes longer than most of these conversations."""
    monkeypatch.setenv("SFMCP_STATE_DIR", str(seeded))
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")


def server(*flags: str) -> StdioServerParameters:
    ours = {name: value for name, value in os.environ.items() if name.startswith("SFMCP_")}
    return StdioServerParameters(
        command=sys.executable, args=["-m", "salesforce_mcp", "serve", "--org", "demo", *flags], env=ours
    )


async def say_yes(context: Any, params: types.ElicitRequestParams) -> types.ElicitResult:
    """The user of this client lets everything happen."""
    return types.ElicitResult(action="accept", content={"confirm": True})


def rows(text: str) -> list[dict[str, str]]:
    """The rows of an answer."""
    return list(csv.DictReader(io.StringIO(text.split("\n", 1)[1])))


def value(text: str, field: str) -> str:
    """A field of a record."""
    match = re.search(rf"^{re.escape(field)}: (.*)$", text, re.MULTILINE)
    assert match, f"{field} is not in {text}"
    return match[1]


async def finding(ask: Ask) -> None:
    assert "Case," in await ask("list_objects", filter="case")
    assert 'required: ["LastName"]' in await ask("describe_object", object="Contact")
    assert '"LastName"' in await ask("get_object_schema", object="Contact", **{"for": "create"})
    me = await ask("get_user_info")
    assert value(me, "username") == "ada.admin@demo.example"
    profile = await ask("get_related_records", object="User", id=value(me, "user_id"), relationship="Profile")
    assert value(profile, "Name") == "System Administrator"
    assert "DailyApiRequests" in await ask("get_limits", names=["DailyApiRequests"])
    await ask("list_recent_records", limit=5)


async def querying(ask: Ask) -> None:
    first = await ask("query", soql="SELECT Id, Name, Owner.Name FROM Account ORDER BY Name, Id", limit=10)
    assert list(rows(first)[0]) == ["Id", "Name", "Owner.Name"]
    cursor = re.search(r'cursor "([^"]+)"', first)
    assert cursor
    second = await ask("query_more", cursor=cursor[1])
    assert not {row["Id"] for row in rows(first)} & {row["Id"] for row in rows(second)}
    assert "Account" in await ask("search", sosl="FIND {Meridian} RETURNING Account(Id, Name)")
    assert "Meridian" in await ask("search_records", text="Meridian", objects=["Account"])
    await ask("explain_query", soql="SELECT Id FROM Account")
    exported = await ask("export_query", soql="SELECT Id, Name FROM Account", format="csv", method="rest")
    assert ".csv" in exported


async def changing(ask: Ask) -> None:
    began = datetime.now(UTC) - timedelta(minutes=1)
    account = value(await ask("create_record", object="Account", data={"Name": "Tools, Ltd."}), "id")
    await ask("update_record", object="Account", id=account, data={"Phone": "+1 555 0100"})
    record = await ask("get_record", object="Account", id=account, fields="Name,Phone")
    assert (value(record, "Name"), value(record, "Phone")) == ("Tools, Ltd.", "+1 555 0100")
    key = f"tools/{uuid.uuid4()}"
    upsert = {"object": "Copilot_Interaction__c", "external_id_field": "Conversation_Id__c", "external_id": key}
    data = {"Outcome__c": "Deflected"}
    assert value(await ask("upsert_record", **upsert, data=data), "created") == "true"
    assert value(await ask("upsert_record", **upsert, data=data), "created") == "false"
    made = rows(
        await ask(
            "create_records",
            object="Contact",
            records=[{"LastName": name, "AccountId": account} for name in ("One", "Two", "Three")],
        )
    )
    assert [row["ok"] for row in made] == ["true"] * 3
    contacts = [row["id"] for row in made]
    related = await ask("get_related_records", object="Account", id=account, relationship="Contacts", fields="Id,Name")
    assert {row["Id"] for row in rows(related)} == set(contacts)
    await ask("update_records", object="Contact", records=[{"Id": each, "Title": "Engineer"} for each in contacts])
    await ask(
        "upsert_records",
        object="Copilot_Interaction__c",
        external_id_field="Conversation_Id__c",
        records=[{"Conversation_Id__c": key, **data}, {"Conversation_Id__c": f"{key}/2", **data}],
    )
    await ask("delete_records", object="Contact", ids=contacts)
    await ask("delete_record", object="Account", id=account)
    span = {"start": began.isoformat(), "end": (datetime.now(UTC) + timedelta(minutes=2)).isoformat()}
    deleted = await ask("get_changed_records", object="Contact", kind="deleted", **span)
    assert {row["id"] for row in rows(deleted)} >= set(contacts)


async def reporting(ask: Ask) -> None:
    reports = rows(await ask("list_reports"))
    assert reports
    report = reports[0]["Id"]
    assert value(await ask("get_report", report_id=report), "name") == reports[0]["Name"]
    assert "# totals" in await ask("run_report", report_id=report, row_limit=5)
    assert "# totals" in await ask("run_report", report_id=report, method="async")
    dashboards = rows(await ask("list_dashboards"))
    dashboard = dashboards[0]["Id"]
    await ask("get_dashboard", dashboard_id=dashboard)
    await ask("refresh_dashboard", dashboard_id=dashboard)


async def chatting(ask: Ask) -> None:
    me = value(await ask("get_chatter_user"), "id")
    assert me in await ask("list_chatter_users", q="Ada")
    posted = await ask("post_to_chatter", subject_id="me", message=f"Hi @[{me}] #stdio https://x.example")
    post = value(posted, "id")
    await ask("like_feed_element", id=post)
    await ask("post_comment", id=post, message="Fine")
    element = await ask("get_feed_element", id=post)
    assert "You like this." in element
    assert ",Fine," in element
    assert post in await ask("get_chatter_feed", feed_type="user-profile", subject_id=me)
    assert "stdio" in await ask("list_topics", q="stdio")
    group = rows(await ask("list_chatter_groups", member="me"))[0]["id"]
    assert value(await ask("get_chatter_group", id=group), "myRole") == "GroupOwner"
    await ask("join_chatter_group", id=group)


async def publishing(ask: Ask) -> None:
    article = rows(await ask("list_knowledge_articles", q="vibration"))[0]["id"]
    assert "Worn mounts" in await ask("get_knowledge_article", article_id=article)
    made = await ask("create_knowledge_article", title="Over stdio", url_name=f"stdio-{uuid.uuid4()}")
    key = {"article_id": value(made, "article_id")}
    await ask("update_knowledge_article", **key, fields={"Summary": "Said over stdio"})
    await ask("publish_knowledge_article", **key)
    assert "Over stdio" in await ask("suggest_article_titles", q="over std", language="en_US", publish_status="Online")
    await ask("create_article_draft", **key)
    await ask("publish_knowledge_article", **key, major=True)
    await ask("archive_knowledge_article", **key)
    await ask("restore_knowledge_article", **key, version_number=1)
    for _ in range(3):
        await ask("delete_knowledge_article", **key)
    assert "error e-17" in await ask("search_suggestions", q="err", language="en_US")


async def naming(ask: Ask) -> None:
    """The synonym tools of the tooling toolset."""
    made = await ask("create_synonym_group", group_name="Stdio", synonyms="stdin, stdout", languages="en_US")
    group = value(made, "id")
    assert group in await ask("list_synonym_groups")
    assert "stdout" in await ask("get_synonym_group", id=group)
    group = value(await ask("update_synonym_group", id=group, synonyms="stdin, stderr"), "id")
    await ask("delete_synonym_group", id=group)


async def serving(ask: Ask) -> None:
    opened = await ask("create_case", subject="Over stdio", description="Error E-42 on the panel", priority="High")
    case = {"case_id": value(opened, "id")}
    assert "Empty: ContactId" in opened
    await ask("update_case", **case, fields={"Status": "Working"})
    await ask("categorize_case", **case, type="Electrical", reason="Breakdown", internal_comments="Seen before")
    await ask("add_case_comment", **case, body="Clean the coolant sensor.", published=True)
    assert "logged on the case" in await ask(
        "send_case_email", **case, to_address="kim@stdio.example", subject="Sensor", body="Done?"
    )
    assert value(await ask("get_case", **case), "Type") == "Electrical"
    sources = {row["source"] for row in rows(await ask("get_case_timeline", **case))}
    assert sources == {"comment", "email out", "change"}
    assert "E-42" in rows(await ask("suggest_kb_for_case", **case, attach=True))[0]["title"]
    drafted = await ask("draft_kb_article", **case, title="Stdio sensor", url_name=f"stdio-case-{uuid.uuid4()}")
    assert value(drafted, "linked") == "true"
    logged = await ask("log_interaction", outcome="Case Created", summary="Opened a case", **case)
    assert value(logged, "created") == "true"


async def measuring(ask: Ask) -> None:
    assert "cases created" in await ask("get_case_trends", group_by=["week", "Priority"], chart=True)
    assert "Rate: deflected of all" in await ask("get_deflection_metrics", group_by="topic")
    assert [row["priority"] for row in rows(await ask("get_sla_compliance", priority="High"))] == ["High", "(all)"]


async def acting(ask: Ask) -> None:
    flow = rows(await ask("list_actions", kind="flow"))[0]["action"]
    assert "caseId" in await ask("describe_action", action=flow)
    case = rows(await ask("query", soql="SELECT Id FROM Case LIMIT 1"))[0]["Id"]
    assert "Finished" in await ask("run_action", action=flow, inputs=[{"caseId": case}])


async def loading(ask: Ask) -> None:
    folder = Path(os.environ["SFMCP_EXPORT_DIR"])
    folder.mkdir(exist_ok=True)
    (folder / "stdio.csv").write_text("LastName,Title\nStdio,One\nStdio,Two\n", encoding="utf-8")
    loaded = await ask("bulk_ingest", object="Contact", operation="insert", file="stdio.csv")
    assert value(loaded, "successful") == "2"
    job = {"job_id": json.loads(value(loaded, "jobs"))[0]}
    assert value(await ask("bulk_job_status", **job, wait=True), "state") == "JobComplete"
    successful = Path(value(await ask("bulk_job_results", **job), "successful_file"))
    text = successful.read_text(encoding="utf-8")
    assert [row["Title"] for row in csv.DictReader(io.StringIO(text))] == ["One", "Two"]
    assert value(await ask("bulk_abort_job", job_id=open_job()), "state") == "Aborted"


def open_job() -> str:
    """A job that waits for its rows, as another client of the same org has left it."""
    store = Store(Path(os.environ["SFMCP_STATE_DIR"]) / "demo" / "org.sqlite")
    ada = users.by_username(store, users.ADMIN_USERNAME)
    assert ada
    job = jobs.create(store, ada, "ingest", "66.0", operation="insert", object="Account")
    store.close()
    return job.id


async def filing(ask: Ask) -> None:
    folder = Path(os.environ["SFMCP_EXPORT_DIR"])
    folder.mkdir(exist_ok=True)
    (folder / "stdio plan.txt").write_text("over stdio", encoding="utf-8")
    account = value(await ask("create_record", object="Account", data={"Name": "Files, Ltd."}), "id")
    made = await ask("upload_file", file="stdio plan.txt", record_id=account)
    assert "stdio plan" in await ask("list_files", record_id=account)
    saved = Path(value(await ask("download_file", file_id=value(made, "file_id")), "path"))
    assert saved.read_text(encoding="utf-8") == "over stdio"


async def developing(ask: Ask) -> None:
    names = [row["Name"] for row in rows(await ask("tooling_query", soql="SELECT Id, Name FROM ApexClass"))]
    assert f"class {names[0]}" in await ask("get_apex_source", name=names[0])
    assert value(await ask("execute_apex", code="System.debug('stdio');"), "success") == "true"
    await naming(ask)


CONVERSATIONS: dict[str, Callable[[Ask], Awaitable[None]]] = {
    "schema": finding,
    "query": querying,
    "records": changing,
    "reports": reporting,
    "chatter": chatting,
    "knowledge": publishing,
    "bulk": loading,
    "files": filing,
    "tooling": developing,
    "cases": serving,
    "service_metrics": measuring,
    "actions": acting,
}


@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize("toolset", CONVERSATIONS)
def test_every_tool_of_a_toolset(toolset: str, mode: Literal["legacy", "auto"]) -> None:
    asked = set()

    async def converse() -> None:
        async with Client(server("--toolsets", "all"), mode=mode, elicitation_callback=say_yes) as client:

            async def ask(tool: str, **arguments: Any) -> str:
                asked.add(tool)
                result = await client.call_tool(tool, arguments)
                block = result.content[0]  # an export has a link besides
                assert block.type == "text"
                assert not result.is_error, f"{tool}: {block.text}"
                return block.text

            await CONVERSATIONS[toolset](ask)

    anyio.run(converse)
    assert set(registry.load([toolset])) <= asked


def test_rights_are_those_of_the_user() -> None:
    from salesforce_mcp.demo.local import DemoOrg

    async def call(url: str, token: str, tool: str, arguments: dict[str, Any]) -> str:
        parameters = server()
        parameters.args = ["-m", "salesforce_mcp", "serve"]
        assert parameters.env is not None
        parameters.env |= {"SFMCP_INSTANCE_URL": url, "SFMCP_ACCESS_TOKEN": token}
        async with Client(parameters, elicitation_callback=say_yes) as client:
            (block,) = (await client.call_tool(tool, arguments)).content
            assert block.type == "text"
            return block.text

    with DemoOrg() as org:
        token = {user.username.split(".")[0]: user.access_token for user in org.users}
        made = anyio.run(
            call, org.instance_url, token["ada"], "create_record", {"object": "Account", "data": {"Name": "Ada's"}}
        )
        key = {"object": "Account", "id": value(made, "id")}
        assert "INSUFFICIENT_ACCESS" in anyio.run(call, org.instance_url, token["stan"], "delete_record", key)
        assert anyio.run(call, org.instance_url, token["ada"], "delete_record", key).startswith("Deleted Account")


@pytest.mark.parametrize("era", ["legacy", "auto"])
def test_long_work_tells_how_far_it_is(era: Literal["legacy", "auto"]) -> None:
    async def converse() -> None:
        flags = ("--tools", "export_query,list_reports,run_report,create_records")
        async with Client(server(*flags), mode=era, elicitation_callback=say_yes) as client:

            async def told(tool: str, **arguments: Any) -> list[tuple[float, float | None, str | None]]:
                seen: list[tuple[float, float | None, str | None]] = []

                async def hear(done: float, total: float | None, message: str | None) -> None:
                    seen.append((done, total, message))

                result = await client.call_tool(tool, arguments, progress_callback=hear)
                assert not result.is_error
                assert [done for done, _, _ in seen] == sorted({done for done, _, _ in seen})
                return seen

            soql = "SELECT Id FROM Case"
            for method in ("rest", "bulk"):
                done, total, words = (await told("export_query", soql=soql, format="csv", method=method))[-1]
                assert (done, words) == (total, "rows written")
            reports = (await client.call_tool("list_reports", {"filter": "Pipeline"})).content[0]
            assert isinstance(reports, types.TextContent)
            report = rows(reports.text)[0]["Id"]
            assert (await told("run_report", report_id=report, method="async"))[0][2] == "The report runs."
            records = [{"Name": f"Progress {number}"} for number in range(201)]
            assert (await told("create_records", object="Account", records=records))[-1] == (
                200,
                201,
                "200 of 201 records",
            )

    anyio.run(converse)
