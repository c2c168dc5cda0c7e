"""The org's data: one SQLite file, shared by threads and processes.

The file is seeded when it is first used, and again when the definitions or the seed have changed since. Seeding happens
in another file that takes the place of the old one when it is complete, so a crash leaves nothing half-made, and under
a lock, so that of several processes one seeds and the others wait.

Each thread has a connection. Readers never wait (write-ahead log); writers wait for each other for up to a minute.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp.demo.schema import SObject, SObjects
from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    from salesforce_mcp.demo.users import User

BUSY_TIMEOUT = 60.0
"""Seconds that a writer waits for another."""
_CACHE_KIB = 32_768
_UNREADABLE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_ERROR)
"""No database, a damaged one, or one without the table `facts`."""


@contextmanager
def writable(folder: Path) -> Iterator[None]:
    """Raises UsageError, in words, where the data can't be written: the disk is full, the folder is not ours."""
    try:
        yield
    except (OSError, sqlite3.OperationalError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise UsageError(
            f"The demo org's data cannot be written to {folder}: {why}.",
            code="FOLDER",
            hint="Make room there, or name another folder with SFMCP_STATE_DIR.",
        ) from error


class Store:
    """One org's data.

    `scale` is about how many rows the largest tables hold; None takes the file as it is (1: the standard seed). A file
    of another scale is seeded anew.
    """

    def __init__(self, path: Path, *, scale: int | None = None, objects: SObjects | None = None) -> None:
        if objects is None:
            from salesforce_mcp.demo.objects import standard_objects

            objects = standard_objects()
        self.path = path
        self.objects = objects
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._lock = threading.Lock()
        self.before_close: list[Callable[[], None]] = []
        """What works in the background must stop before its connection is closed."""
        self._seed(scale)

    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit mode; rows are tuples."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
        return connection

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, with the right to write from the start; an inner one rolls back on its own."""
        connection = self.connection()
        depth: int = getattr(self._local, "depth", 0)
        begin, undo, end = (
            (f"SAVEPOINT s{depth}", f"ROLLBACK TO s{depth}; RELEASE s{depth}", f"RELEASE s{depth}")
            if depth
            else ("BEGIN IMMEDIATE", "ROLLBACK", "COMMIT")
        )
        connection.execute(begin)
        self._local.depth = depth + 1
        try:
            yield connection
            connection.execute(end)
        except BaseException:
            for statement in undo.split("; "):
                connection.execute(statement)
            raise
        finally:
            self._local.depth = depth

    @contextmanager
    def acting_as(self, user_id: str) -> Iterator[None]:
        """Work for this user in this thread: LastViewedDate and RecentlyViewed show what this user looked at."""
        before = getattr(self._local, "user_id", None)
        self._local.user_id = user_id
        try:
            yield
        finally:
            self._local.user_id = before

    def tooling(self, user: User) -> Store:
        """The same data with the objects of the Tooling API, as this user knows them."""
        seen = copy(self)
        seen.objects = self.objects.tooling
        if not user.is_admin:
            # Most of it takes the permission View Setup.
            seen.objects = SObjects((each for each in seen.objects if not each.derived), described=self.objects)
        return seen

    def provide(self, sobject: SObject) -> None:
        """Let this thread's statements see an object whose rows aren't stored."""
        if sobject.derived:
            from salesforce_mcp.demo.tables import provide

            provide(self.connection(), self.objects.described, sobject.name)

    def next_number(self, name: str) -> int:
        """The next number of a sequence, given to nobody else; call it inside a transaction."""
        statement = (
            "INSERT INTO sequences (name, value) VALUES (?, 1)"
            " ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value"
        )
        return int(self.connection().execute(statement, (name,)).fetchone()[0])

    def fact(self, name: str) -> str | None:
        """What the file was made with: `scale`, `seeded`."""
        row = self.connection().execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def reset(self, scale: int | None = None) -> None:
        """Seed anew, while others may have the file open; they see the new data from then on."""
        kept = scale if scale is not None else int(self.fact("scale") or 1)
        with self._seeding():
            self._replace(kept)

    def close(self) -> None:
        """Close the connections of all threads, when what works in the background has stopped."""
        while self.before_close:
            self.before_close.pop()()
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False)
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        local = self._local
        connection.create_function("current_user_id", 0, lambda: getattr(local, "user_id", None))
        with self._lock:
            self._open.append(connection)
        return connection

    @contextmanager
    def _seeding(self) -> Iterator[None]:
        from filelock import FileLock

        with writable(self.path.parent):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{self.path}.lock"):
                yield

    def _seed(self, scale: int | None) -> None:
        """Make sure that the file holds what this version of the org expects."""
        if self._is_current(scale):
            return
        with self._seeding():
            if not self._is_current(scale):
                self._replace(1 if scale is None else scale)

    def _is_current(self, scale: int | None) -> bool:
        from salesforce_mcp.demo.seed import version

        made_with = self._made_with()
        return made_with is not None and made_with[0] == version() and scale in (None, made_with[1])

    def _made_with(self) -> tuple[int, int] | None:
        """Version and scale of the file; None where there is none, or one that can't be read."""
        if not self.path.exists():
            return None
        with closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT)) as connection:
            try:
                version = connection.execute("PRAGMA user_version").fetchone()[0]
                scale = connection.execute("SELECT value FROM facts WHERE name = 'scale'").fetchone()[0]
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode not in _UNREADABLE:
                    raise
                return None
        return int(version), int(scale)

    def _set_aside(self) -> None:
        """Keep a file that can't be read, without losing it."""
        for path in (self.path, *(self.path.with_name(self.path.name + end) for end in ("-wal", "-shm"))):
            if path.exists():
                path.replace(path.with_name(f"{path.name}.broken"))

    def _replace(self, scale: int) -> None:
        from salesforce_mcp.demo.seed import seed

        fresh = self.path.with_name(f"{self.path.name}.{os.getpid()}.new")
        fresh.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(fresh, isolation_level=None)) as connection:
                seed(connection, self.objects, scale)
            if self._made_with() is None:
                self._set_aside()
                fresh.replace(self.path)
                return
            # Others may have the old file open: copy into it, in one transaction, rather than pull it from under them.
            with (
                closing(sqlite3.connect(fresh)) as source,
                closing(sqlite3.connect(self.path, timeout=BUSY_TIMEOUT)) as target,
            ):
                source.backup(target)
        finally:
            fresh.unlink(missing_ok=True)
