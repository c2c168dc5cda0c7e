"""The call that requests are made for: whether anybody still waits for it, and how many requests it has spent.

It travels in a context variable, so that the transport needs no parameter for it and threads made for a call inherit
it (`background.Pending`, `anyio.to_thread`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_GLANCE = 0.1
"""Seconds between two looks at whether the caller still waits."""


class Caller:
    """`check` raises when the caller took the call back; `requests` counts what was sent to the org.

    `unchecked`: the policy lets this call make requests whose answers can't be checked. `left_out`: fields that it
    would have shown, had the policy let it; `cleaned`: something was taken out of an answer.
    """

    def __init__(self, check: Callable[[], None] = lambda: None) -> None:
        self.check = check
        self.unchecked = False
        self.left_out: dict[str, None] = {}
        self.cleaned = False
        self.requests = 0
        self._lock = threading.Lock()

    def notes(self) -> list[str]:
        """What the policy left out, in words."""
        found = [f"Left out by policy: {', '.join(self.left_out)}."] if self.left_out else []
        return [*found, "The policy hides fields or records, which are left out."] if self.cleaned else found

    def count(self) -> None:
        """One more request is about to leave."""
        with self._lock:
            self.requests += 1


_current: ContextVar[Caller] = ContextVar("caller")
_nobody = Caller()


def current() -> Caller:
    """The caller of this context; one that never gives up where none was named."""
    return _current.get(_nobody)


@contextmanager
def calling(check: Callable[[], None]) -> Iterator[Caller]:
    """Name the caller for everything that is done inside."""
    caller = Caller(check)
    token = _current.set(caller)
    try:
        yield caller
    finally:
        _current.reset(token)


def pause(seconds: float) -> None:
    """Sleep, as long as the caller waits. Raises what its `check` raises."""
    end = time.monotonic() + seconds
    check = current().check
    check()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, _GLANCE))
        check()
