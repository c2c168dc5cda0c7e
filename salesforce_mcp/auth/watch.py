"""Answers' bodies as they come, and a time limit for whole ones.

A read timeout alone never ends an answer that sends a byte now and then. `adapter` limits heads.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesforce_mcp.errors import NetworkError

if TYPE_CHECKING:
    import requests

_GLANCE = 1.0
"""Seconds between two looks at the clock."""


def pieces_of(answer: requests.Response, size: int) -> Iterator[bytes]:
    """The body as it comes. Raises requests' RequestException, also for chunks that are none (of negative length), and
    for compressed bodies that end too early.
    """
    try:
        yield from answer.iter_content(size)
    except ValueError as error:
        from requests.exceptions import ChunkedEncodingError

        raise ChunkedEncodingError(error) from error
    if _ended_early(answer):
        from requests.exceptions import ContentDecodingError

        raise ContentDecodingError("The compressed body is not whole.")


def _ended_early(answer: requests.Response) -> bool:
    """Whether gzip ended before its end. urllib3 takes that for the whole body, whose last rows would be missing."""
    decoder = getattr(answer.raw, "_decoder", None)
    unpacking = getattr(decoder, "_obj", None)
    first = getattr(decoder, "_state", None) == 0  # after the first member anything may follow, and is no matter
    return first and unpacking is not None and not unpacking.eof and answer.raw.tell() > 0


@dataclass(eq=False)
class _Open:
    shut: Callable[[], object]
    end: float
    late: bool = False


class Watch:
    """Ends answers that take too long, from a thread that runs while there are some. Safe for threads."""

    def __init__(self) -> None:
        self._open: set[_Open] = set()
        self._lock = threading.Lock()
        self._running = False

    @contextmanager
    def limited(self, shut: Callable[[], object], seconds: float, error: Callable[[], Exception]) -> Iterator[None]:
        """Read inside. When that isn't over by then, `shut` is called, which must end it, and `error` raised."""
        watched = _Open(shut, time.monotonic() + seconds)
        with self._lock:
            self._open.add(watched)
            if not self._running:
                self._running = True
                threading.Thread(target=self._run, daemon=True, name="sfmcp-watch").start()
        try:
            yield
        except Exception as broken:
            if watched.late:
                raise error() from broken
            raise
        finally:
            with self._lock:
                self._open.discard(watched)
        if watched.late:
            raise error()

    def _run(self) -> None:
        while True:
            time.sleep(_GLANCE)
            with self._lock:
                if not self._open:
                    self._running = False
                    return
                late = [each for each in self._open if each.end < time.monotonic()]
                for each in late:
                    each.late = True
                    with suppress(OSError, ValueError, RuntimeError):  # it has just ended by itself
                        each.shut()


WATCH = Watch()
"""Shared by all connections of this process."""


def whole(answer: requests.Response, seconds: float) -> AbstractContextManager[None]:
    """Read the answer's body inside. Raises NetworkError TIMEOUT when it wasn't there whole by then."""
    words = f"The answer had not arrived whole after {seconds:.0f} seconds."
    return WATCH.limited(answer.raw.shutdown, seconds, lambda: NetworkError(words, code="TIMEOUT"))
