"""When a request is sent again, and what is said of one whose outcome is unknown.

A read and an idempotent write are repeated after whatever may pass: a dropped connection, a timeout, 429, 500, 502,
503, 504, a query that timed out. Any other write is repeated only where nothing was done: the request never left, or
the answer proves it (401, 429, REQUEST_LIMIT_EXCEEDED for concurrency, UNABLE_TO_LOCK_ROW).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce import faults
from salesforce_mcp.salesforce.response import Response

ATTEMPTS = 5
DEADLINE = 240.0
"""Seconds from the first sending after which nothing is sent again."""

LONGEST_PAUSE = 30.0
"""Seconds that an org may ask us to wait (Retry-After); asked for more, we say so instead of waiting."""

_PASSING_STATUS = frozenset({500, 502, 503, 504})
_PASSING_CODES = frozenset({"QUERY_TIMEOUT", "SERVER_UNAVAILABLE"})
_NOTHING_DONE_CODES = frozenset({"UNABLE_TO_LOCK_ROW"})

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Attempt(Generic[Answer]):
    """How one sending ended: with an answer, or with an error.

    `transient`: it may go better next time. `harmless`: surely nothing was done in the org. `pause`: seconds that the
    org asks us to wait.
    """

    answer: Answer | None = None
    error: SfmcpError | None = None
    transient: bool = False
    harmless: bool = False
    pause: float = 0.0

    @property
    def unknown(self) -> bool:
        """It may have been done, or not."""
        return self.transient and not self.harmless

    def again(self, repeatable: bool) -> bool:
        """Whether it is safe and worthwhile to send it once more."""
        return self.transient and (repeatable or self.harmless) and self.pause <= LONGEST_PAUSE


def refused(response: Response) -> Attempt[Answer]:
    """The attempt that ended with this answer, whose status is 300 or higher."""
    error = faults.of_response(response)
    pause = retry_after(response)
    if response.status == 429 or _concurrency(error) or error.code in _NOTHING_DONE_CODES:
        return Attempt(error=error, transient=True, harmless=True, pause=pause)
    passing = response.status in _PASSING_STATUS and faults.soap_code(response) is None
    if passing or error.code in _PASSING_CODES:
        return Attempt(error=error, transient=True, pause=pause)
    return Attempt(error=error)


def persist(
    attempt: Callable[[], Attempt[Answer]], *, repeatable: bool, pause: Callable[[float], None]
) -> Attempt[Answer]:
    """Make the attempt until it succeeds, fails for good, or the bounds are reached. `pause` sleeps.

    The waits grow from 0.25 s to at most 8 s, each of random length below that, or as long as the org asks.
    """
    start = time.monotonic()
    first = attempt()
    if not first.again(repeatable):
        return first

    from tenacity import RetryCallState, Retrying, retry_if_result, wait_random_exponential

    backoff = wait_random_exponential(multiplier=0.25, max=8)
    waiting = [first]  # the attempt that was made before tenacity, which costs 17 ms to import, was needed

    def last(state: RetryCallState) -> Attempt[Answer]:
        if state.outcome is None:
            raise RuntimeError("no attempt was made")
        result: Attempt[Answer] = state.outcome.result()
        return result

    def enough(state: RetryCallState) -> bool:
        return state.attempt_number >= ATTEMPTS or time.monotonic() - start >= DEADLINE

    loop = Retrying(
        sleep=pause,
        wait=lambda state: max(backoff(state), last(state).pause),
        stop=enough,
        retry=retry_if_result(lambda result: result.again(repeatable)),
        retry_error_callback=last,
    )
    return loop(lambda: waiting.pop() if waiting else attempt())


def explain(attempt: Attempt[Answer], *, write: bool, repeatable: bool) -> SfmcpError:
    """The error of a failed attempt, with what may be done next."""
    error = attempt.error or NetworkError("The request failed.")
    if not attempt.transient:
        return error
    error.uncertain = write and attempt.unknown
    if not error.uncertain:
        error.retryable = True
        if attempt.pause:
            seconds = round(attempt.pause)
            error.hint = f"Try again in {seconds} second{'s' * (seconds != 1)}."
    elif repeatable:
        error.retryable = True
        error.hint = "Whether it was done is not known; doing it again does no harm."
    else:
        error.hint = (
            "Whether it was done is not known. Look for the record with a query before you try again; an upsert with "
            "an external Id could be repeated without harm."
        )
    return error


def doubt(error: SfmcpError) -> None:
    """Say of a write's error that the same write was sent before and may have been done then."""
    error.uncertain = True
    words = "It was sent before, and whether it was done then is not known: look before you do it again."
    error.hint = f"{error.hint} {words}" if error.hint else words


def retry_after(response: Response) -> float:
    """Seconds that the answer asks to wait (RFC 9110, Retry-After: seconds or a date); 0 when it doesn't."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return 0.0


def _concurrency(error: SfmcpError) -> bool:
    """Too many requests at this moment; the limit of 24 hours has the same code and says `TotalRequests`."""
    return (
        isinstance(error, SalesforceError)
        and error.code == "REQUEST_LIMIT_EXCEEDED"
        and error.message.lstrip().startswith("Concurrent")
    )
