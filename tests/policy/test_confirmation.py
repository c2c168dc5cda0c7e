from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp import folders
from salesforce_mcp.errors import PolicyError, SalesforceError, SfmcpError
from salesforce_mcp.policy.confirmation import LIFETIME, Question, Tokens
from salesforce_mcp.tools import registry
from tests.policy.conftest import Desk

Sit = Callable[..., Desk]
MAIL = {"emailSubject": "Hi", "emailBody": "There", "recipientAddresses": ["kim@acme.example"]}
READ = {"method": "GET", "url": "limits", "reference_id": "r"}
DELETE = {"method": "DELETE", "url": "sobjects/Account/001000000000001AAA", "reference_id": "d"}
EMAIL = {"method": "POST", "url": "actions/standard/emailSimple", "body": {}, "reference_id": "e"}
CHANGE = {"method": "PATCH", "url": "sobjects/Account/001000000000001AAA", "body": {"Name": "x"}, "reference_id": "c"}
APEX = {"method": "GET", "url": "tooling/executeAnonymous?anonymousBody=1", "reference_id": "a"}
APEX_REST = {"method": "GET", "url": "/services/apexrest/mine"}
NESTED = {"method": "POST", "url": "tooling/composite/batch", "reference_id": "n"}


def asked(desk: Desk, tool: str, **arguments: Any) -> tuple[str, ...] | None:
    """The kinds of action that a call is asked about; None when it isn't."""
    seen: list[tuple[str, ...]] = []

    def confirm(question: Question) -> None:
        seen.append(question.kinds)
        raise PolicyError("No.", code="NOT_CONFIRMED")

    try:
        desk.call(tool, confirm=confirm, **arguments)
    except PolicyError as error:
        if error.code != "NOT_CONFIRMED":
            raise
    return seen[0] if seen else None


@pytest.mark.parametrize(
    ("tool", "arguments", "kinds"),
    [
        ("delete_record", {"object": "Account", "id": "001000000000001AAA"}, ("delete",)),
        ("delete_records", {"object": "Account", "ids": ["001000000000001AAA"] * 3}, ("delete",)),
        ("crm_delete", {"resource": "deal", "id": "006000000000001AAA"}, ("delete",)),
        ("composite", {"requests": [READ]}, None),
        ("composite", {"requests": [READ, DELETE]}, ("delete",)),
        ("composite", {"requests": [EMAIL, DELETE]}, ("email", "delete")),
        ("composite", {"requests": [{**EMAIL, "url": "Actions/Standard/emailSimple"}]}, ("email",)),
        (
            "composite",
            {"requests": [{**EMAIL, "url": "/services/data/v66.0/Actions/standard/emailSimple"}]},
            ("email",),
        ),
        ("composite", {"requests": [{**EMAIL, "url": "quickActions/SendEmail"}]}, ("action",)),
        ("composite", {"requests": [{**EMAIL, "url": "sobjects/Case/quickActions/SendEmail"}]}, ("action",)),
        ("composite", {"requests": [{**EMAIL, "url": "process/approvals"}]}, ("action",)),
        ("composite", {"requests": [APEX]}, ("apex",)),
        ("composite_batch", {"requests": [{"method": "POST", "url": "tooling/RunTestsSynchronous"}]}, ("apex",)),
        ("composite", {"requests": [{**NESTED, "body": {"batchRequests": [APEX]}}]}, ("apex",)),
        ("execute_apex", {"code": "System.debug(1);"}, ("apex",)),
        ("run_action", {"action": "standard/emailSimple", "inputs": [MAIL]}, ("email",)),
        ("run_action", {"action": "flow/Escalate_Case", "inputs": [{"caseId": "500000000000001AAA"}] * 2}, ("action",)),
        (
            "composite",
            {"requests": [{**NESTED, "body": {"batchRequests": [{"method": "DELETE", "url": "x/y"}]}}]},
            ("delete",),
        ),
        ("composite_batch", {"requests": [{"method": "delete", "url": DELETE["url"]}]}, ("delete",)),
        ("composite_graph", {"graphs": [{"graph_id": "g", "requests": [DELETE]}]}, ("delete",)),
        ("publish_knowledge_article", {"article_id": "kA0000000000001"}, ("publish",)),
        ("archive_knowledge_article", {"article_id": "kA0000000000001"}, ("publish",)),
        (
            "send_case_email",
            {"case_id": "500000000000001AAA", "to_address": "a@example.com", "subject": "s", "body": "b"},
            ("email",),
        ),
    ],
)
def test_what_goes_far_is_asked_about(
    desk: Sit, tool: str, arguments: dict[str, Any], kinds: tuple[str, ...] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    assert asked(desk(), tool, **arguments) == kinds


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("execute_apex", {"code": "System.debug(1);"}, "APEX_NOT_ALLOWED"),
        ("crm_delete", {"resource": "pipeline", "id": "001000000000001AAA"}, "INVALID_ARGUMENT"),
        ("run_action", {"action": "flow/Escalate_Case", "inputs": [{"case": 1}]}, "INVALID_ARGUMENT"),
        ("run_action", {"action": "flow/Escalates_Case", "inputs": [{}]}, "NOT_FOUND"),
    ],
)
def test_nobody_is_asked_about_what_is_refused_anyway(
    desk: Sit, tool: str, arguments: dict[str, Any], code: str
) -> None:
    with pytest.raises(SfmcpError) as refusal:
        asked(desk(), tool, **arguments)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "part",
    [
        APEX,
        {**APEX, "url": "/services/data/v60.0/tooling/%65xecuteAnonymous/?anonymousBody=1"},
        {**APEX, "url": "Tooling/ExecuteAnonymous?anonymousBody=1"},
        {**NESTED, "body": {"batchRequests": [APEX]}},
    ],
)
def test_composite_requests_run_apex_only_where_it_is_on(
    desk: Sit, part: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[str, dict[str, Any]]] = [
        ("composite", {"requests": [READ, part]}),
        ("composite_batch", {"requests": [{name: part[name] for name in part if name != "reference_id"}]}),
        ("composite_graph", {"graphs": [{"graph_id": "g", "requests": [part]}]}),
    ]
    there = desk("")
    for tool, arguments in calls:
        assert there.refused(tool, **arguments) == "APEX_NOT_ALLOWED"
    with pytest.raises(PolicyError, match="APEX_NOT_ALLOWED"):
        there.client.post("composite", {"compositeRequest": [{"referenceId": "a", **APEX_REST}]})
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")
    there.call(*calls[0][:1], **calls[0][1])


def test_many_changes_are_asked_about_from_a_number_on(desk: Sit) -> None:
    records = [{"Id": "001000000000001AAA", "Name": str(number)} for number in range(3)]
    assert asked(desk(), "update_records", object="Account", records=records) is None
    few = desk("[limits]\nupdates = 2\n")
    assert asked(few, "update_records", object="Account", records=records) == ("update_many",)
    parts = [{**CHANGE, "reference_id": f"c{number}"} for number in range(3)]
    assert asked(few, "composite", requests=parts) == ("update_many",)
    assert asked(few, "composite", requests=parts[:2]) is None


@pytest.mark.parametrize("packed", [False, True])
def test_rows_of_a_file_are_counted_as_they_are_sent(desk: Sit, private_folders: Path, packed: bool) -> None:
    rows = "Id,Name\r\n" + "\r\n\r\n".join(f"001000000000001AAA,{number}" for number in range(3))
    file = folders.export_dir() / ("rows.csv.gz" if packed else "rows.csv")
    file.write_bytes(gzip.compress(rows.encode()) if packed else rows.encode())
    job = {"object": "Account", "operation": "update", "file": file.name}
    assert asked(desk("[limits]\nupdates = 2\n"), "bulk_ingest", **job) == ("update_many",)
    assert asked(desk("[limits]\nupdates = 3\n"), "bulk_ingest", **job) is None


def test_profiles_choose(desk: Sit) -> None:
    delete = {"object": "Account", "id": "001000000000001AAA"}
    policy = """
    [[profiles]]
    name = "production"
    environments = ["production"]
    [profiles.confirm]
    delete = "deny"
    any_change = "ask"
    [[profiles]]
    name = "playground"
    orgs = ["play"]
    [profiles.confirm]
    delete = "never"
    """
    production = desk(policy, environment="production")
    with pytest.raises(PolicyError, match="DENIED"):
        production.call("delete_record", **delete)
    assert asked(production, "create_record", object="Account", data={"Name": "x"}) == ("any_change",)
    assert asked(production, "query", soql="SELECT Id FROM Account LIMIT 1") is None
    with pytest.raises(SalesforceError, match=r"ENTITY_IS_DELETED|NOT_FOUND|INVALID"):
        asked(desk(policy, alias="play"), "delete_record", **delete)


def test_tools_take_a_token_where_some_profile_may_ask(desk: Sit) -> None:
    tools = registry.load()
    assert [desk().policies.may_ask(tools[name]) for name in ("query", "create_record", "delete_record")] == [
        False,
        False,
        True,
    ]
    policy = "[[profiles]]\nname = 'p'\nenvironments = ['production']\n[profiles.confirm]\nany_change = 'ask'\n"
    there = desk(policy).policies
    assert there.may_ask(tools["create_record"])
    assert not there.may_ask(tools["query"])
    assert not desk("[confirm]\ndelete = 'never'\n").policies.may_ask(tools["delete_record"])


def test_a_question_calls_records_by_name(desk: Sit) -> None:
    there = desk()
    name, account = there.call("query", soql="SELECT Name, Id FROM Account ORDER BY Name LIMIT 1")["rows"][0]
    words: list[str] = []

    def confirm(question: Question) -> None:
        words.append(question.text)
        raise PolicyError("No.")

    with pytest.raises(PolicyError):
        there.call("delete_records", confirm=confirm, object="Account", ids=[account])
    assert f'Account "{name}" {account}' in words[0]
    assert "(demo)" in words[0]


def test_a_token_is_good_once_for_its_purpose_and_for_five_minutes() -> None:
    now = 1000.0
    tokens = Tokens(lambda: now)
    good = tokens.issue("this")
    assert tokens.take(good, "this")
    assert not tokens.take(good, "this")
    altered = tokens.issue("this")
    assert not tokens.take(altered, "that")
    assert not tokens.take(altered, "this")
    late = tokens.issue("this")
    now += LIFETIME + 1
    assert not tokens.take(late, "this")
    assert not tokens.take("never issued", "this")


@pytest.mark.parametrize(
    "part",
    [
        {"method": "POST", "url": "sobjects/Account/001000000000001AAA?_HttpMethod=DELETE"},
        {**NESTED, "body": {"batchRequests": [{"method": "POST", "url": "sobjects/Account?_HttpMethod=DELETE"}]}},
        {**NESTED, "body": {"batchRequests": "nonsense"}},
    ],
)
def test_what_cannot_be_told_is_refused(desk: Sit, part: dict[str, Any]) -> None:
    with pytest.raises(PolicyError, match="UNCHECKED"):
        asked(desk(), "composite", requests=[{**part, "reference_id": "p"}])
