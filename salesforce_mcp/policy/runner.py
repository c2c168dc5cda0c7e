"""How a tool is run, the same for the server and for `sfmcp call`: decide, validate, confirm, call, leave a trail."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy import confirmation
from salesforce_mcp.policy.admission import admitted
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.confirmation import Confirm, Question
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce import caller
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
    with admitted(tool, context, selection=selection, policies=policies or Policies(), trail=trail) as admission:
        values = tool.validate(arguments)
        asked = confirmation.decide(tool, values, admission.rules)
        if tool.fits:
            tool.fits(context, values)
            context.check_cancelled()
        if asked and confirm:
            confirm(Question(tool, arguments, *asked, lambda: context.client))
        with _one_of(admission.rules.concurrent):
            try:
                result = tool.function(context, **values)
            except OSError as error:  # a full disk, a folder that is gone: what the tools foresee has words of its own
                where = f": {error.filename}" if error.filename else ""
                words = f"{error.strerror or type(error).__name__}{where}"
                raise SfmcpError(f"This computer failed: {words}.", code="SYSTEM") from error
        result.notes += caller.current().notes()
        if warning := admission.warning():
            result.notes.append(warning)
        if result.failed:
            admission.outcome = "PARTIAL_FAILURE"
        return result


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
