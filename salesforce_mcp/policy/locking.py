"""A lock on an open file, between threads and processes of one machine.

The operating system's own, since a query from the shell takes it: the filelock package needs asyncio, whose import
takes longer than all that is locked here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_LOCK, 1)

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock that the file `path` stands for; it is made where it is missing, and stays. Raises OSError.

    Gives its descriptor: what is kept in this file itself needs no other.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
    try:
        _lock(handle)
        try:
            yield handle
        finally:
            _unlock(handle)
    finally:
        os.close(handle)
