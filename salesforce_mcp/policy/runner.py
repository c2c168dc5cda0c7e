"""How a tool is run, the same for the server and for `sfmcp call`: decide, validate, call, leave a line of audit."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Result


def run(
    tool: Tool,
    arguments: Mapping[str, Any],
    context: Context,
    *,
    selection: Selection,
    trail: Trail | None = None,
) -> Result:
    """Run one call.

    `selection` decides whether the tool may run. `trail` gets a line whatever the outcome; by default `audit.jsonl` in
    the state folder. Raises ArgumentError and PolicyError before anything is sent, and what the tool itself raises.
    """
    began = time.monotonic()
    outcome = "INTERNAL_ERROR"
    try:
        selection.check(tool)
        result = tool.function(context, **tool.validate(arguments))
        outcome = "PARTIAL_FAILURE" if getattr(result, "failed", False) else "ok"
    except SfmcpError as error:
        outcome = error.code
        raise
    else:
        return result
    finally:
        (trail or Trail()).write(tool, context, outcome=outcome, seconds=time.monotonic() - began)
