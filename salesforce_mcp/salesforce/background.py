"""Work done ahead, in a thread that never keeps the process from ending."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from salesforce_mcp.salesforce import caller

Value = TypeVar("Value")

_GLANCE = 0.2
"""Seconds between two looks at Ctrl-C (which can't interrupt a lock on Windows) and at the caller."""


class Pending(Generic[Value]):
    """A value that is being made. Daemon threads, unlike concurrent.futures, don't hold up Ctrl-C or `| head`."""

    def __init__(self, make: Callable[[], Value]) -> None:
        self._done = threading.Event()
        self._value: list[Value] = []
        self._error: BaseException | None = None
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._run, make), daemon=True, name="sfmcp-ahead").start()

    def result(self) -> Value:
        """Wait for the value. Raises what making it raised, or what the caller's check raises."""
        while not self._done.wait(_GLANCE):
            caller.current().check()
        if self._error is not None:
            raise self._error
        return self._value[0]

    def _run(self, make: Callable[[], Value]) -> None:
        try:
            self._value.append(make())
        except BaseException as error:  # noqa: BLE001 - raised again where the value is asked for
            self._error = error
        finally:
            self._done.set()
