"""Files of rows: private to the user, and compressed where the name says so (`rows.csv.gz`)."""

from __future__ import annotations

import errno
import os
import stat
import zlib
from pathlib import Path
from typing import BinaryIO, Protocol

from salesforce_mcp.errors import SfmcpError, UsageError

PACKED = ".gz"
OTHERS = frozenset({".bz2", ".xz", ".zst", ".lz4", ".br", ".zip", ".7z"})
"""Names that promise what isn't written or read here."""

_OF_THE_DISK = frozenset(
    getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG", "EIO", "ESTALE") if hasattr(errno, name)
)

_LEVEL = 4
"""Of 9: a file that is a tenth larger than at the usual 6, in half the time."""


def is_packed(path: Path) -> bool:
    """Whether the name says gzip. Raises UsageError for other compressions."""
    suffix = path.suffix.lower()
    if suffix in OTHERS:
        raise UsageError(f"{path.name}: the only compression is gzip.", hint=f"Name the file *{PACKED}.")
    return suffix == PACKED


def bare(path: Path) -> Path:
    """The name without `.gz`. Raises UsageError for other compressions."""
    return path.with_suffix("") if is_packed(path) else path


def unwritable(what: object, error: OSError, hint: str | None = None) -> SfmcpError:
    """What to raise where `what`, a path as a rule, can't be written.

    FILE is for the user to mend (no such folder, no right to), exit code 2; SYSTEM is the disk's failing, 1.
    """
    words = f"{what} cannot be written: {error.strerror or type(error).__name__}."
    if error.errno in _OF_THE_DISK:
        return SfmcpError(words, code="SYSTEM", hint=hint)
    return UsageError(words, code="FILE", hint=hint)


class Out(Protocol):
    """Where bytes are written."""

    def write(self, content: bytes, /) -> int:
        """Add bytes."""


class Packer:
    """Writes gzip into a file. What lies between two calls of `end` can be read by itself (a member, RFC 1952)."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._member = _member()
        self._begun = False

    def write(self, content: bytes) -> int:
        """Add bytes."""
        self._begun = True
        self._file.write(self._member.compress(content))
        return len(content)

    def end(self) -> None:
        """All that was written so far can be read; in a file with nothing in it, that nothing."""
        if self._begun or not self._file.tell():
            self._file.write(self._member.flush())
            self.drop()

    def drop(self) -> None:
        """Forget what was written since `end`; the caller cuts the file off."""
        self._member = _member()
        self._begun = False


def private(path: Path, flags: int = os.O_TRUNC) -> BinaryIO:
    """A file that only the user may read, made when it isn't there, for reading and writing.

    Raises OSError for what isn't a file of its own: a link, also a hard one, a pipe, a device.
    """
    binary = getattr(os, "O_BINARY", 0)  # Windows would make CR LF of every line feed
    own = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | binary | own | flags & ~os.O_TRUNC, 0o600)
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
        os.close(handle)
        raise OSError(errno.EEXIST, "something else has its name", str(path))
    file = os.fdopen(handle, "r+b")
    if flags & os.O_TRUNC:
        file.truncate()
    return file


def _member() -> zlib._Compress:
    return zlib.compressobj(_LEVEL, zlib.DEFLATED, 31)
