"""Threads for handlers: few, reused, and never in the way of the process's end.

`concurrent.futures` joins its threads when the interpreter exits, so a long query of the org would hold up a command
that was interrupted. These are daemons.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")

_Job = tuple[Callable[[], Any], asyncio.AbstractEventLoop, "asyncio.Future[Any]"]


class Workers:
    """At most `count` threads; one is added only when all others are busy."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._free = 0
        self._lock = threading.Lock()

    async def run(self, job: Callable[[], T]) -> T:
        """Run a function in a thread; its result, or its exception."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        with self._lock:
            if self._free:
                self._free -= 1
            elif len(self._threads) < self._count:
                thread = threading.Thread(target=self._work, name="demo-org-worker", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._jobs.put((job, loop, future))
        return await future

    def close(self, timeout: float = 5.0) -> None:
        """Let the threads finish what they do; those that take longer are left behind."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout)

    def _work(self) -> None:
        while (entry := self._jobs.get()) is not None:
            job, loop, future = entry
            try:
                result, error = job(), None
            except BaseException as caught:  # noqa: BLE001 - handed to whoever waits
                result, error = None, caught
            with self._lock:
                self._free += 1
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, future, result, error)


def _settle(future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
    if future.cancelled():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
