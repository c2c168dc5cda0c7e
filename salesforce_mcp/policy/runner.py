"""How a tool is run, the same for the server and for `sfmcp call`: decide, validate, confirm, call, leave a trail."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy import confirmation
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.confirmation import Confirm, Question
from salesforce_mcp.policy.gate import used_percent
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.rules import Rules
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.caller import calling
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Result

PATIENCE = 30.0
"""Seconds that a call waits while as many run as the policy lets run at once."""

_running = threading.Condition()
_count = 0


def run(
    tool: Tool,
    arguments: Mapping[str, Any],
    context: Context,
    *,
    selection: Selection,
    policies: Policies | None = None,
    confirm: Confirm | None = None,
    trail: Trail | None = None,
) -> Result:
    """Run one call.

    `selection` and `policies` decide whether the tool may run; `confirm` is asked about what is to be confirmed, and
    without it nothing is asked. `trail` gets a line whatever the outcome; by default `audit.jsonl` in the state folder.
    Raises PolicyError and ArgumentError before anything is sent, and what the tool itself raises.
    """
    began = time.monotonic()
    outcome = "INTERNAL_ERROR"
    policies = policies or Policies()
    with calling(context.check_cancelled) as caller:
        try:
            selection.check(tool)
            rules = _rules(tool, context, policies)
            values = tool.validate(arguments)
            caller.unchecked = rules.data.active and rules.data.may_run_unchecked(tool.name)
            _ask(tool, arguments, values, context, rules, confirm)
            with _one_of(rules.concurrent):
                result = tool.function(context, **values)
            _warn(result, context, rules)
            outcome = "PARTIAL_FAILURE" if result.failed else "ok"
        except SfmcpError as error:
            outcome = error.code
            raise
        else:
            return result
        finally:
            seconds = time.monotonic() - began
            context.requests = caller.requests
            (trail or Trail()).write(tool, context.session, outcome=outcome, seconds=seconds, requests=caller.requests)


def refuse(tool: Tool, reason: str) -> PolicyError:
    """The error for a tool that may not run."""
    return PolicyError(f"{tool.name} is not allowed here: {reason}.", code="NOT_ALLOWED")


def _rules(tool: Tool, context: Context, policies: Policies) -> Rules:
    """The rules for this call. What is refused for every org needs no session. Raises PolicyError."""
    reason = policies.refusal(tool, policies.before_login())
    if reason:
        raise refuse(tool, reason)
    rules = policies.rules(context.client) if policies.needs_org else policies.before_login()
    reason = rules.refusal(tool)
    if reason:
        raise refuse(tool, reason)
    return rules


def _ask(
    tool: Tool,
    arguments: Mapping[str, Any],
    values: Mapping[str, Any],
    context: Context,
    rules: Rules,
    confirm: Confirm | None,
) -> None:
    asked = confirmation.decide(tool, values, rules)
    if asked and confirm:
        confirm(Question(tool, arguments, *asked, lambda: context.client))


@contextmanager
def _one_of(most: int) -> Iterator[None]:
    """Wait for one of the places for calls that run at once. Raises PolicyError BUSY when none becomes free."""
    global _count
    with _running:
        if not _running.wait_for(lambda: _count < most, PATIENCE):
            raise PolicyError(
                f"{most} calls are running, as many as are allowed at once.",
                code="BUSY",
                hint="Go on when one of them has ended.",
                retryable=True,
            )
        _count += 1
    try:
        yield
    finally:
        with _running:
            _count -= 1
            _running.notify()


def _warn(result: Result, context: Context, rules: Rules) -> None:
    """Say when the org's API calls of the day run low."""
    used = used_percent(context.client) if context.session else None
    if used is not None and used >= rules.daily_warning:
        result.notes.append(f"{used:.0f}% of the org's API calls of 24 hours are used.")
