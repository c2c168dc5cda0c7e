from __future__ import annotations

import pytest

from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context, DeadlinePassed
from tests.salesforce.scripted import ScriptedOrg, ok

JOB = "7505g0000000001AAA"


def test_a_call_that_would_wait_for_ever_ends(org: ScriptedOrg, client: Client) -> None:
    org.on(f"GET jobs/ingest/{JOB}", ok({"id": JOB, "object": "Account", "operation": "insert", "state": "InProgress"}))
    tool = registry.load()["bulk_job_status"]
    context = Context(lambda: client, limit=0.5)
    with pytest.raises(DeadlinePassed, match="which is the most") as caught:
        run(tool, {"job_id": JOB, "wait": True}, context, selection=Selection())
    assert caught.value.retryable
