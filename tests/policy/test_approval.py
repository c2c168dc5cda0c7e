from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from salesforce_mcp import folders
from salesforce_mcp.errors import PolicyError, UsageError
from salesforce_mcp.policy.approval import Approvals, fingerprint, record
from salesforce_mcp.policy.files import APPROVALS, load
from salesforce_mcp.tools import registry
from tests.policy.conftest import Desk

TOOLS = registry.load()
QUERY, CREATE, DELETE = TOOLS["query"], TOOLS["create_record"], TOOLS["delete_record"]


@pytest.mark.parametrize(
    ("policy", "query", "create"),
    [
        ("", "approved", "approved"),
        ("approve = 'reads'", "approved", "pending"),
        ("approve = 'none'", "pending", "pending"),
    ],
)
def test_before_a_review_the_policy_decides(
    write_policy: Callable[[str], Path], policy: str, query: str, create: str
) -> None:
    write_policy(policy)
    approvals = Approvals.load(load())
    assert (approvals.state(QUERY), approvals.state(CREATE)) == (query, create)


def test_after_a_review_what_is_new_or_changed_is_pending() -> None:
    path = folders.config_dir() / APPROVALS
    record(path, [DELETE], "denied", before={QUERY: "approved", CREATE: "approved"})
    approvals = Approvals.load()
    assert [approvals.state(tool) for tool in (QUERY, CREATE, DELETE)] == ["approved", "approved", "denied"]
    assert approvals.state(TOOLS["search"]) == "pending"
    assert approvals.state(replace(CREATE, access="destructive")) == "pending"
    assert approvals.state(replace(DELETE, access="write")) == "denied"
    assert approvals.state(replace(CREATE, function=TOOLS["update_record"].function)) == "pending"
    assert approvals.state(replace(CREATE, title="Another title")) == "approved"


def test_the_stricter_of_machine_and_user_counts(machine: Path) -> None:
    record(machine / APPROVALS, [CREATE], "pending", before=dict.fromkeys(TOOLS.values(), "approved"))
    record(folders.config_dir() / APPROVALS, [CREATE], "approved", before=dict.fromkeys(TOOLS.values(), "approved"))
    approvals = Approvals.load()
    assert approvals.state(CREATE) == "pending"
    assert approvals.state(QUERY) == "approved"
    refusal = approvals.refusal(CREATE)
    assert refusal
    assert "administrator" in refusal
    assert "sfmcp tools approve create_record --machine" in refusal


def test_what_waits_for_the_machine_no_user_approves(machine: Path) -> None:
    machine.mkdir()
    (machine / "policy.toml").write_text("approve = 'reads'", encoding="utf-8")
    record(folders.config_dir() / APPROVALS, [CREATE], "approved", before=dict.fromkeys(TOOLS.values(), "approved"))
    approvals = Approvals.load(load())
    assert (approvals.state(QUERY), approvals.state(CREATE)) == ("approved", "pending")
    assert "administrator" in str(approvals.refusal(CREATE))
    record(machine / APPROVALS, [CREATE], "approved", before=dict.fromkeys(TOOLS.values(), "approved"))
    assert Approvals.load(load()).state(CREATE) == "approved"


def test_a_pending_tool_says_who_can_approve_it(desk: Callable[..., Desk]) -> None:
    there = desk("approve = 'reads'")
    with pytest.raises(PolicyError, match="sfmcp tools approve create_record"):
        there.call("create_record", object="Account", data={"Name": "x"})
    assert set(there.policies.allowed({"query": QUERY, "create_record": CREATE}, None)) == {"query"}


@pytest.mark.parametrize(
    "content", ["", "[]", '{"tools": {"query": "approved"}}', '{"tools": {"query": {"state": "x"}}}']
)
def test_a_file_that_is_not_ours_is_refused(content: str) -> None:
    (folders.config_dir() / APPROVALS).write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match="POLICY_FILE"):
        Approvals.load()


def test_a_fingerprint_is_of_what_a_model_sees() -> None:
    assert fingerprint(QUERY) == fingerprint(replace(QUERY, calls="9"))
    assert fingerprint(QUERY) != fingerprint(replace(QUERY, access="write"))
    assert len(json.dumps(fingerprint(QUERY))) < 20
