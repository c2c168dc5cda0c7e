"""Answers of another shape than their reader was written for: a list for an object, a number for a text, a key gone.

Readers take answers as Salesforce documents them. What else an org may send (a proxy, another program at its address,
a hostile one) is told in one place instead of in each of them.
"""

from __future__ import annotations

import csv
import logging
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.caller import Caller

_MISREADINGS = (LookupError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError, csv.Error)

log = logging.getLogger(__name__)


@contextmanager
def understood(caller: Caller, *, writes: bool) -> Iterator[None]:
    """Raise NetworkError UNEXPECTED_ANSWER for what goes wrong in reading once the org has been asked.

    `writes`: the call may have changed something by then.
    """
    try:
        yield
    except _MISREADINGS as error:
        if not caller.requests:
            raise
        log.debug("an answer could not be read", exc_info=True)
        # The error's own words may hold data: only its kind and place are told.
        raise NetworkError(
            f"The org's answer is not as Salesforce documents it ({type(error).__name__}{place(error)}).",
            code="UNEXPECTED_ANSWER",
            hint="Whether anything was changed is not known: look before you try again." if writes else None,
        ) from error


def place(error: BaseException) -> str:
    """` in FILE, line N` of the line of ours that was running last; nothing where none was."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "salesforce_mcp" in frame.filename]
    return f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
