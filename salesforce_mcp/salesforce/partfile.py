"""A file in the making: written aside, put in place when it is whole, and gone on with after an interruption.

Beside `rows.csv` lie `rows.csv.part`, the rows so far, and `rows.csv.part.json`, how far they reach. What was written
after the last checkpoint is cut off before going on. The files are private to the user and hold no query and no secret.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.packing import Out, Packer, private, unwritable

_SOON = 0.5
"""Seconds until a checkpoint is on the disk: replacing the file that holds it takes a tenth of a page's time."""


class PartFile:
    """The rows of one result on their way into `path`.

    `identity` tells which result: an interrupted file of another one is begun anew. `packed`: the file is gzip.
    `checkpoint` is what was saved last, empty for a new file; `out` is where to write.
    """

    def __init__(self, path: Path, identity: str, *, packed: bool = False) -> None:
        self.path = path
        self.checkpoint: dict[str, Any] = {}
        self.out: Out
        self._file: BinaryIO
        self._packer: Packer | None = None
        self._packed = packed
        self._in_place = True
        self._identity = identity
        self._saved = 0
        self._unnoted: dict[str, Any] | None = None
        self._noted = -_SOON
        self._part = path.with_name(f"{path.name}.part")
        self._state = path.with_name(f"{path.name}.part.json")

    @contextmanager
    def opened(self) -> Iterator[PartFile]:
        """Open it for writing; when all went well, it takes its place. Raises SfmcpError when it can't be written."""
        begun = False
        try:
            with self._locked():
                self.checkpoint = self._load()
                with self._tidied(), self._open() as self._file:
                    self._packer = Packer(self._file) if self._packed else None
                    self.out = self._packer or self._file
                    begun = True
                    try:
                        yield self
                    except BaseException:
                        with suppress(OSError):  # what was noted before still holds
                            self._note()
                        raise
                    if self._packer:
                        self._packer.end()
                if self._in_place:
                    self._part.replace(self.path)
                else:
                    self._part.unlink()
                self._state.unlink(missing_ok=True)
        except OSError as error:
            hint = "Rows already written are kept beside it: the same export goes on from there." if begun else None
            raise unwritable(self.path, error, hint) from error

    @contextmanager
    def _tidied(self) -> Iterator[None]:
        """Leave nothing behind that another run could not go on with."""
        made = not os.path.lexists(self._part)
        try:
            yield
        except BaseException:
            if made and not self._state.exists():
                with suppress(OSError):
                    self._part.unlink(missing_ok=True)
            raise

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        if not self.path.parent.is_dir():
            raise UsageError(f"There is no folder {self.path.parent}.", code="FILE")
        name = self.path.with_name(f"{self.path.name}.part.lock")
        lock = FileLock(name, timeout=0, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise UsageError(f"Another export is writing {self.path}.", code="FILE") from error
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes it itself, when it is released
                name.unlink()
            lock.release()

    def save(self, checkpoint: dict[str, Any]) -> None:
        """All that was written so far is right; this tells how to go on after it.

        It is noted on the disk at once or soon after, and however the writing ends short of the process being killed.
        """
        if self._packer:
            self._packer.end()
        self._saved = self._file.tell()
        self._unnoted = {"identity": self._identity, "bytes": self._saved, "checkpoint": checkpoint}
        if time.monotonic() - self._noted >= _SOON:
            self._note()

    @contextmanager
    def taken(self, checkpoint: dict[str, Any]) -> Iterator[Path]:
        """All rows are written: where to read them. Whoever takes them makes what belongs at `path`."""
        self.save(checkpoint)
        self._note()
        self._file.flush()
        yield self._part
        self._in_place = False

    def _note(self) -> None:
        if self._unnoted is None:
            return
        self._file.flush()
        fresh = self._state.with_suffix(".new")
        with private(fresh, os.O_TRUNC) as file:
            file.write(orjson.dumps(self._unnoted))
        fresh.replace(self._state)
        self._unnoted = None
        self._noted = time.monotonic()

    def restart(self) -> None:
        """Throw away what was written."""
        self.checkpoint = {}
        self._unnoted = None
        self._state.unlink(missing_ok=True)
        self._saved = 0
        if self._packer:
            self._packer.drop()
        self._file.flush()
        self._file.truncate(0)
        self._file.seek(0)

    def _load(self) -> dict[str, Any]:
        """The checkpoint of an interrupted run of the same result."""
        try:
            if not all(stat.S_ISREG(path.lstat().st_mode) for path in (self._state, self._part)):
                return {}  # links and pipes are nothing of ours
            content = orjson.loads(self._state.read_bytes())
            size = content["bytes"]
            if content["identity"] != self._identity or self._part.stat().st_size < size:
                return {}
            checkpoint: dict[str, Any] = dict(content["checkpoint"])
        except (OSError, ValueError, LookupError, TypeError):
            return {}
        self._saved = size
        return checkpoint

    def _open(self) -> BinaryIO:
        out = private(self._part, 0 if self.checkpoint else os.O_TRUNC)
        if self.checkpoint:
            out.truncate(self._saved)
        out.seek(self._saved)
        return out
