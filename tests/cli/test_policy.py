"""Policies as the shell meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from salesforce_mcp.policy import approval
from salesforce_mcp.policy.shell import TOOLS
from salesforce_mcp.tools import registry
from tests.cli.conftest import Org, Record, Shell


@pytest.fixture
def policy(private_folders: Path) -> Path:
    folder = private_folders / "config"
    folder.mkdir(exist_ok=True)
    return folder / "policy.toml"


def test_nothing_starts_with_a_mistake(sfmcp: Shell, org: Org, policy: Path) -> None:
    policy.write_text("raed_only = true\n", encoding="utf-8")
    for arguments in (
        ["query", "SELECT Id FROM Account"],
        ["call", "query", '{"soql": "SELECT Id FROM Account"}'],
        ["serve"],
        ["tools"],
    ):
        done = sfmcp(*arguments)
        assert done.returncode == 2, arguments
        assert f"{policy}, line 1: raed_only" in done.stderr
    assert org.paths == []


@pytest.mark.parametrize(
    "command",
    [
        ["query", "SELECT Email FROM Contact"],
        ["query", "SELECT Email FROM Contact", "--bulk"],
        ["export", "SELECT Email FROM Contact", "--output", "rows.csv"],
        ["search", "FIND {a} RETURNING Contact(Email)"],
        ["call", "query", '{"soql": "SELECT Email FROM Contact"}'],
    ],
)
def test_denied_fields_do_not_leave_by_any_command(
    sfmcp: Shell, org: Org, policy: Path, command: list[str], tmp_path: Path
) -> None:
    policy.write_text('deny_fields = ["Contact.Email"]', encoding="utf-8")
    done = sfmcp(*[word.replace("rows.csv", str(tmp_path / "rows.csv")) for word in command])
    assert done.returncode == 4
    assert "FIELD_DENIED" in done.stderr
    assert org.asked == []


def test_describe_and_export_of_an_object_leave_them_out(sfmcp: Shell, policy: Path, tmp_path: Path) -> None:
    policy.write_text('deny_fields = ["Contact.Email"]\ndeny_objects = ["Lead"]', encoding="utf-8")
    shown = sfmcp("describe", "--org", "demo", "Contact", "--format", "json").stdout
    names = [field["name"] for field in json.loads(shown)["fields"]]
    assert "LastName" in names
    assert "Email" not in names
    assert sfmcp("describe", "--org", "demo", "Lead").returncode == 4
    rows = tmp_path / "rows.csv"
    assert sfmcp("export", "--org", "demo", "Contact", "--output", str(rows)).returncode == 0
    header = rows.read_text(encoding="utf-8").splitlines()[0].split(",")
    assert "LastName" in header
    assert "Email" not in header


def test_whoami_tells_what_may_be_told(sfmcp: Shell, policy: Path) -> None:
    policy.write_text('deny_fields = ["User.Email", "Organization.Name"]', encoding="utf-8")
    shown = json.loads(sfmcp("whoami", "--org", "demo", "--json").stdout)
    assert shown["username"]
    assert shown["environment"] == "demo"
    assert (shown["email"], shown["org_name"]) == (None, None)


COMMANDS = {
    "query": ["query", "SELECT Id FROM Account"],
    "search": ["search", "FIND {a} RETURNING Account"],
    "export_query": ["export", "SELECT Id FROM Account", "--output", "ROWS"],
    "list_objects": ["describe"],
    "describe_object": ["describe", "Account"],
    "get_user_info": ["whoami"],
    "list_reports": ["report", "list"],
    "run_report": ["report", "run", "00O000000000001AAA"],
    "create_records": ["import", "FILE", "--object", "Account", "--operation", "insert"],
    "update_records": ["import", "FILE", "--object", "Account", "--operation", "update"],
    "upsert_records": ["import", "FILE", "--object", "Account", "--operation", "upsert", "--external-id", "Id"],
    "delete_records": ["import", "FILE", "--object", "Account", "--operation", "delete", "--yes"],
    "bulk_ingest": ["import", "FILE", "--object", "Account", "--operation", "update", "--bulk"],
}


def test_commands_are_declared_as_their_tools_are() -> None:
    declared = registry.load()
    assert set(COMMANDS) == set(TOOLS)
    for name, known in TOOLS.items():
        assert (known.toolset, known.access) == (declared[name].toolset, declared[name].access)


@pytest.mark.parametrize("tool", COMMANDS)
def test_a_command_counts_as_its_tool(
    sfmcp: Shell, org: Org, policy: Path, tool: str, tmp_path: Path, private_folders: Path
) -> None:
    policy.write_text(f'deny_tools = ["{tool}"]', encoding="utf-8")
    assert "NOT_ALLOWED" in sfmcp(*words(tool, tmp_path)).stderr
    assert org.paths == []
    (line,) = (private_folders / "state" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    assert (json.loads(line)["tool"], json.loads(line)["outcome"]) == (tool, "NOT_ALLOWED")


@pytest.mark.parametrize("tool", ["query", "bulk_ingest"])
def test_toolsets_and_reviews_hold_for_commands(
    sfmcp: Shell, org: Org, policy: Path, tool: str, tmp_path: Path
) -> None:
    known = registry.load()[tool]
    policy.write_text(f'deny_toolsets = ["{known.toolset}"]', encoding="utf-8")
    assert sfmcp(*words(tool, tmp_path)).returncode == 4
    policy.unlink()
    approval.record(policy.parent / "approvals.json", [known], "pending", before={known: "approved"})
    refused = sfmcp(*words(tool, tmp_path))
    assert refused.returncode == 4
    assert f"sfmcp tools approve {tool}" in refused.stderr
    assert org.paths == []


def words(tool: str, folder: Path) -> list[str]:
    """The command that counts as this tool."""
    (folder / "in.csv").write_text("Id,Name\n001000000000001AAA,Acme\n", encoding="utf-8")
    places = {"ROWS": str(folder / "rows.csv"), "FILE": str(folder / "in.csv")}
    return [places.get(word, word) for word in COMMANDS[tool]]


def test_variables_hold_for_commands_too(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("Name\nAcme\n", encoding="utf-8")
    sfmcp.environment["SFMCP_READ_ONLY"] = "1"
    assert "read-only mode" in sfmcp("import", str(rows), "--object", "Account", "--operation", "insert").stderr
    sfmcp.environment["SFMCP_TOOLSETS"] = "cases"
    assert sfmcp("query", "SELECT Id FROM Account").returncode == 4
    assert org.paths == []


def test_what_a_command_did_stands_in_the_trail(sfmcp: Shell, org: Org, tmp_path: Path) -> None:
    org.records = [{"attributes": {"type": "Account"}, "Id": "001000000000001AAA"}]
    sfmcp("query", "SELECT Id FROM Account")
    sfmcp("query", "SELECT Id FROM Account WHERE Name = 'nobody'", "--fail-empty")
    sfmcp("export", "SELECT Id FROM Account", "--output", str(tmp_path / "rows.csv"))
    org.refusal = 400, [{"message": "unexpected token", "errorCode": "MALFORMED_QUERY"}]
    sfmcp("query", "SELECT Id FROM")
    lines = json.loads(sfmcp("audit", "--json").stdout)
    assert [(line["tool"], line["outcome"]) for line in lines] == [
        ("query", "ok"),
        ("query", "ok"),
        ("export_query", "ok"),
        ("query", "MALFORMED_QUERY"),
    ]
    assert lines[0]["api_calls"] == 1
    assert "nobody" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("text", "heavy"),
    [
        (None, ("pydantic", "confirmation", "approval", "policy.model")),
        ("[limits]\nrows = 9\n", ("pydantic", "confirmation", "soql.parser")),
        ('deny_fields = ["Lead.Email"]', ("pydantic", "confirmation")),
    ],
)
def test_a_query_loads_no_more_than_its_policy_takes(
    sfmcp: Shell, org: Org, policy: Path, text: str | None, heavy: tuple[str, ...]
) -> None:
    if text:
        policy.write_text(text, encoding="utf-8")
    code = (
        f"import atexit, sys; from salesforce_mcp.cli.main import main; heavy = {heavy};"
        "atexit.register(lambda: print([each for each in sys.modules if any(map(each.__contains__, heavy))]));"
        "main(['query', 'SELECT Id FROM Account'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=sfmcp.all_variables(), check=False
    )
    assert len(org.asked) == 1
    assert done.stdout.splitlines()[-1] == "[]"


def test_imports_are_held_to_it(sfmcp: Shell, org: Org, policy: Path, tmp_path: Path) -> None:
    rows = tmp_path / "rows.csv"
    rows.write_text("Id,Name\n001000000000001AAA,Acme\n001000000000002AAA,Apex\n", encoding="utf-8")
    update = ["import", str(rows), "--object", "Account", "--operation", "update"]
    policy.write_text("read_only = true", encoding="utf-8")
    assert sfmcp(*update).returncode == 4
    policy.write_text("[confirm]\nany_change = 'deny'", encoding="utf-8")
    assert "DENIED" in sfmcp(*update, "--yes").stderr
    policy.write_text("[limits]\nupdates = 1", encoding="utf-8")
    asked = sfmcp(*update)
    assert asked.returncode == 4
    assert "CONFIRMATION_REQUIRED" in asked.stderr
    assert org.paths == []


def test_what_the_policy_denies_no_yes_allows(sfmcp: Shell, org: Org, policy: Path) -> None:
    policy.write_text("[confirm]\ndelete = 'deny'", encoding="utf-8")
    done = sfmcp("call", "delete_record", '{"object": "Case", "id": "500000000000001AAA"}', "--yes")
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["code"] == "DENIED"
    assert org.paths == []


def test_tools_are_reviewed_in_the_shell(sfmcp: Shell, org: Org, private_folders: Path) -> None:
    def states() -> dict[str, str]:
        return {entry["name"]: entry["state"] for entry in json.loads(sfmcp("tools", "--json").stdout)}

    assert set(states().values()) == {"approved"}
    assert sfmcp("tools", "deny", "delete_*", "composite").returncode == 0
    assert sfmcp("tools", "pending", "create_record").returncode == 0
    after = states()
    assert (after["delete_record"], after["composite"], after["create_record"]) == ("denied", "denied", "pending")
    assert after["query"] == "approved"
    refused = sfmcp("call", "create_record", '{"object": "Account", "data": {"Name": "x"}}')
    assert refused.returncode == 4
    assert "sfmcp tools approve create_record" in refused.stderr
    assert sfmcp("tools", "approve", "create_record").returncode == 0
    assert states()["create_record"] == "approved"
    unknown = sfmcp("tools", "approve", "creat_record")
    assert unknown.returncode == 2
    assert "Did you mean create_record" in unknown.stderr
    assert org.paths == []


def test_tools_that_the_policy_denies_are_listed_so(sfmcp: Shell, policy: Path) -> None:
    policy.write_text('deny_tools = ["delete_*"]\ndeny_toolsets = ["chatter"]', encoding="utf-8")
    found = {entry["name"]: entry["state"] for entry in json.loads(sfmcp("tools", "--json").stdout)}
    assert (found["delete_record"], found["post_to_chatter"], found["query"]) == ("denied", "denied", "approved")


def test_a_review_needs_a_terminal(sfmcp: Shell) -> None:
    done = sfmcp("tools", "review")
    assert done.returncode == 2
    assert "sfmcp tools approve" in done.stderr


def test_the_trail_is_filtered_and_counted(sfmcp: Shell, org: Org, record: Record) -> None:
    sfmcp("call", "query", '{"soql": "SELECT Id FROM Account"}')
    sfmcp("call", "query", '{"soql": "SELECT Id FROM Account"}')
    sfmcp("call", "query", '{"sql": ""}')
    sfmcp("call", "delete_record", '{"object": "Case", "id": "500000000000001AAA"}')
    lines = json.loads(sfmcp("audit", "--json").stdout)
    assert [line["outcome"] for line in lines] == ["ok", "ok", "INVALID_ARGUMENT", "CONFIRMATION_REQUIRED"]
    (refused,) = json.loads(sfmcp("audit", "--json", "--outcome", "refused", "--since", "1h").stdout)
    assert refused["tool"] == "delete_record"
    counted = json.loads(sfmcp("audit", "--json", "--by", "tool").stdout)
    assert counted[0]["tool"] == "query"
    assert (counted[0]["calls"], counted[0]["failed"], counted[0]["refused"]) == (3, 1, 0)
    assert json.loads(sfmcp("audit", "--json", "--since", "2999-01-01").stdout) == []
    for wrong in ("yesterday", "0001-01-01"):
        assert sfmcp("audit", "--since", wrong).returncode == 2
    assert sfmcp("audit").stdout.splitlines()[0].split()[:4] == ["time", "org", "user", "tool"]
