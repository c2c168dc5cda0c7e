"""How a tool is run, the same for the server and for `sfmcp call`: decide, validate, confirm, call, leave a trail."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.caller import calling
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Result

Confirm = Callable[[Tool, Mapping[str, Any]], None]
"""Asks whether a destructive call may go ahead; raises PolicyError when it may not."""


def run(
    tool: Tool,
    arguments: Mapping[str, Any],
    context: Context,
    *,
    selection: Selection,
    confirm: Confirm | None = None,
    trail: Trail | None = None,
) -> Result:
    """Run one call.

    `selection` decides whether the tool may run, `confirm` is asked about destructive tools. `trail` gets a line
    whatever the outcome; by default `audit.jsonl` in the state folder. Raises PolicyError and ArgumentError before
    anything is sent, and what the tool itself raises.
    """
    began = time.monotonic()
    outcome = "INTERNAL_ERROR"
    with calling(context.check_cancelled) as caller:
        try:
            selection.check(tool)
            values = tool.validate(arguments)
            if confirm and tool.access == "destructive":
                confirm(tool, values)
            result = tool.function(context, **values)
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
