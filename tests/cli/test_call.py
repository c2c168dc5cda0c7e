from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Org, Record, Shell
from tests.salesforce.scripted import ScriptedOrg, ok


def test_a_result_is_one_line_of_json(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Id="001000000000001AAA", Name="Acme")]
    done = sfmcp("call", "query", '{"soql": "SELECT Id, Name FROM Account"}')
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert json.loads(done.stdout) == {
        "columns": ["Id", "Name"],
        "rows": [["001000000000001AAA", "Acme"]],
        "total": 1,
        "returned": 1,
        "cursor": None,
        "notes": [],
    }


def test_arguments_from_a_file_and_from_stdin(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    arguments = '{"soql": "SELECT Id FROM Account WHERE Name = :n", "bind": {"n": "Köln"}}'
    (tmp_path / "arguments.json").write_text(arguments, encoding="utf-8")
    assert sfmcp("call", "query", f"@{tmp_path / 'arguments.json'}").returncode == 0
    assert sfmcp("call", "query", "-", stdin=arguments).returncode == 0
    assert org.asked == ["SELECT Id FROM Account WHERE Name = 'Köln'"] * 2


def test_a_refusal_is_json_too(sfmcp: Shell, org: Org) -> None:
    org.refusal = 400, [{"message": "unexpected token: FORM", "errorCode": "MALFORMED_QUERY"}]
    done = sfmcp("call", "query", '{"soql": "SELECT Id FORM Account"}')
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "message", "fields", "hint", "retryable"}
    assert error["code"] == "MALFORMED_QUERY"
    assert "unexpected token: FORM" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["qery"], "UNKNOWN_TOOL", 2),
        (["query", "{soql}"], "USAGE", 2),
        (["query", "[]"], "USAGE", 2),
        (["query", "@missing.json"], "FILE", 2),
        (["query", "{}"], "INVALID_ARGUMENT", 1),
        (["query", '{"soql": "SELECT Id FROM Case", "limits": 5}'], "INVALID_ARGUMENT", 1),
        (["get_record", '{"object": "Account", "id": "../x"}'], "INVALID_ARGUMENT", 1),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_sent(
    sfmcp: Shell, org: Org, arguments: list[str], code: str, exit_code: int
) -> None:
    done = sfmcp("call", *arguments)
    assert done.returncode == exit_code
    assert json.loads(done.stdout)["error"]["code"] == code
    assert org.paths == []


def test_an_unknown_tool_names_the_nearest(sfmcp: Shell) -> None:
    assert "Did you mean create_record" in json.loads(sfmcp("call", "creat_record").stdout)["error"]["hint"]


def test_no_session(sfmcp: Shell) -> None:
    done = sfmcp("call", "query", '{"soql": "SELECT Id FROM Case"}')
    assert done.returncode == 3
    assert json.loads(done.stdout)["error"]["code"] == "NO_SESSION"


def test_what_destroys_needs_a_yes(sfmcp: Shell, org: Org) -> None:
    arguments = ["call", "delete_record", '{"object": "Case", "id": "500000000000001AAA"}']
    refused = sfmcp(*arguments)
    assert refused.returncode == 4
    assert json.loads(refused.stdout)["error"]["code"] == "CONFIRMATION_REQUIRED"
    assert org.paths == []
    assert sfmcp(*arguments, "--yes").returncode == 0
    assert org.paths == ["/services/data/v66.0/sobjects/Case/500000000000001AAA"]


def test_read_only_mode_holds_here_too(sfmcp: Shell, org: Org) -> None:
    sfmcp.environment["SFMCP_READ_ONLY"] = "1"
    done = sfmcp("call", "update_record", '{"object": "Case", "id": "500000000000001AAA", "data": {"Status": "New"}}')
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "NOT_ALLOWED"
    assert org.paths == []


def test_the_trail_has_a_line(sfmcp: Shell, org: Org, private_folders: Path) -> None:
    sfmcp("call", "query", '{"soql": "SELECT Id FROM Account WHERE Name = \'secret\'"}')
    lines = (private_folders / "state" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0])["tool"] == "query"
    assert "secret" not in lines[0]


def test_tools_are_listed(sfmcp: Shell) -> None:
    done = sfmcp("tools")
    lines = done.stdout.splitlines()
    assert lines[0].split() == ["tool", "toolset", "access", "default", "tokens", "does"]
    deletion = next(line for line in lines if line.startswith("delete_record "))
    assert deletion.split()[1:4] == ["records", "destructive", "yes"]


def test_states_are_listed_once_they_differ(sfmcp: Shell) -> None:
    sfmcp("tools", "deny", "delete_record")
    lines = sfmcp("tools").stdout.splitlines()
    assert lines[0].split() == ["tool", "toolset", "access", "default", "state", "tokens", "does"]
    assert next(line for line in lines if line.startswith("delete_record ")).split()[4] == "denied"
    assert next(line for line in lines if line.startswith("query ")).split()[4] == "approved"


def test_tools_as_json(sfmcp: Shell) -> None:
    listed = json.loads(sfmcp("tools", "--json", "--toolsets", "query, files").stdout)
    assert {entry["toolset"] for entry in listed} == {"query", "files"}
    keys = {"name", "toolset", "access", "default", "state", "tokens", "title", "description", "arguments"}
    assert set(listed[0]) == keys
    query = next(entry for entry in listed if entry["name"] == "query")
    assert query["arguments"]["required"] == ["soql"]


def test_a_toolset_that_does_not_exist(sfmcp: Shell) -> None:
    done = sfmcp("tools", "--toolsets", "querry")
    assert done.returncode == 2
    assert "There is no toolset 'querry'" in done.stderr


@pytest.mark.parametrize("number", ["12345678901234567890.12", "999999999999999999", "1234567890123456789012", "0.1"])
def test_numbers_are_those_of_the_org_and_of_the_caller(sfmcp: Shell, number: str) -> None:
    with ScriptedOrg() as org:
        sfmcp.environment.update(SFMCP_INSTANCE_URL=org.url, SFMCP_ACCESS_TOKEN="token-1")
        record = f'{{"Big": {number}, "Amounts": {{"value": {number}}}}}'.encode()
        org.on("GET query", ok(b'{"totalSize": 1, "done": true, "records": [' + record + b"]}"))
        org.on("POST sobjects/Account", ok({"id": "001000000000001AAA", "success": True, "errors": []}, 201))
        read = sfmcp("call", "query", '{"soql": "SELECT Big, Amounts FROM Account"}')
        written = sfmcp("call", "create_record", f'{{"object": "Account", "data": {{"Big": {number}}}}}')
        assert f'"rows":[[{number},{{"value":{number}}}]]' in read.stdout
        assert written.returncode == 0
        assert org.seen[-1].body == f'{{"Big":{number}}}'.encode()
        soql = "SELECT Id FROM Account WHERE Big = :n"
        asked = sfmcp("call", "query", f'{{"soql": "{soql}", "bind": {{"n": {number}}}}}')
        assert asked.returncode == 0
        assert org.seen[-1].query["q"] == f"SELECT Id FROM Account WHERE Big = {number}"
