"""Waiting for work that Salesforce does on its own: asked again, less and less often, with progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.caller import pause
from salesforce_mcp.tools.context import Context

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 5.0
PATIENCE = 600.0
"""Seconds after which a call gives up."""

Answer = TypeVar("Answer")


def wait(context: Context, poll: Callable[[], Answer | None], *, what: str) -> Answer:
    """Call `poll` until it returns something.

    Raises NetworkError STILL_RUNNING after PATIENCE seconds, and what `poll` raises.
    """
    began = time.monotonic()
    interval = FIRST_PAUSE
    while True:
        answer = poll()
        if answer is not None:
            return answer
        waited = time.monotonic() - began
        if waited > PATIENCE:
            raise NetworkError(
                f"{what} still runs after {PATIENCE:.0f} seconds.",
                code="STILL_RUNNING",
                hint="Try again later.",
                retryable=True,
            )
        context.progress(waited, None, f"{what} runs.")
        pause(interval)
        interval = min(interval * 1.5, LONGEST_PAUSE)
