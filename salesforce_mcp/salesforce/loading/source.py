"""A CSV file as Bulk API 2.0 takes it: read once to know what is in it, then in parts that a job can hold.

Rows are told apart by their quotes alone and go on as they are, but with LF at their ends, whatever the file has there.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import shlex
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.packing import is_packed

MAX_PART = 100_000_000
"""Bytes of CSV in one job: Salesforce takes 150 MB after it has made Base64 of them."""

DELIMITERS = {",": "COMMA", ";": "SEMICOLON", "\t": "TAB", "|": "PIPE", "^": "CARET", "`": "BACKQUOTE"}
"""Characters and how a job calls them. None can be part of a column's name."""

_BOM = b"\xef\xbb\xbf"


Opening = Callable[[Path], IO[bytes]]
"""Opens a file for reading, each time that it is read; raises OSError."""


def _as_named(path: Path) -> IO[bytes]:
    return path.open("rb")


@dataclass(frozen=True, slots=True)
class CsvFile:
    """What is in a CSV file. `digest` changes with its content."""

    path: Path
    columns: list[str]
    delimiter: str
    rows: int
    digest: str
    opening: Opening = _as_named

    @property
    def delimiter_name(self) -> str:
        return DELIMITERS[self.delimiter]


@dataclass(slots=True)
class Part:
    """Rows for one job: a file with the header and `rows` rows, from row `first` of the whole (0 is the first)."""

    content: IO[bytes]
    first: int
    rows: int


def scan(path: Path, opening: Opening = _as_named) -> CsvFile:
    """Read a file through. Raises UsageError when it isn't CSV in UTF-8 with a header and at least one row."""
    digest = hashlib.sha256()
    count = -1
    columns: list[str] = []
    delimiter = ","
    with opened(path, opening) as file:
        for raw in raw_rows(file):
            digest.update(raw)
            count += 1
            try:
                text = raw.decode()
            except UnicodeDecodeError:
                raise _not_utf8(path, raw, count) from None
            if not count:
                delimiter, columns = _header(path, text)
            elif (b'"' in raw or text.count(delimiter) >= len(columns)) and any(
                _cells(text, delimiter)[len(columns) :]
            ):
                hint = f'A cell with {delimiter!r} in it is put in "quotes".'
                raise unreadable(path, f"row {count} has more cells than the header", hint)
    if count < 1:
        raise unreadable(path, "it has no rows below a header")
    return CsvFile(path, columns, delimiter, count, digest.hexdigest(), opening)


def _header(path: Path, text: str) -> tuple[str, list[str]]:
    """The delimiter and the columns."""
    if text.lower().startswith("sep="):
        raise unreadable(path, "its first line is meant for Excel (sep=); take that line out")
    delimiter = next((character for character in text if character in DELIMITERS), ",")
    try:
        return delimiter, [name.strip() for name in next(csv.reader([text], delimiter=delimiter))]
    except csv.Error as error:
        raise unreadable(path, f"its header is no CSV ({error})") from None


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter))
    except csv.Error:
        return []  # such as a cell larger than Python's module takes: Salesforce may take it


def _not_utf8(path: Path, raw: bytes, row: int) -> UsageError:
    begins = b"" if row else raw  # what a file is shows at its beginning alone
    if begins.startswith(b"PK"):
        return unreadable(path, "it is a workbook or an archive", hint="Save the sheet as CSV UTF-8.")
    encoding = "UTF-16" if begins.startswith((b"\xff\xfe", b"\xfe\xff")) else "WINDOWS-1252"
    words = "it is UTF-16" if encoding == "UTF-16" else f"row {row} is not UTF-8" if row else "its header is not UTF-8"
    hint = f"Save it as CSV UTF-8, or convert it, as in: iconv -f {encoding} -t UTF-8 {shlex.quote(path.name)}"
    return unreadable(path, words, hint=hint)


def parts(source: CsvFile, skip: int = 0, size: int = MAX_PART) -> Iterator[Part]:
    """The file in parts of at most `size` bytes, without the first `skip` rows. Each part is closed after its turn.

    Raises UsageError for a row that no part can hold.
    """
    with opened(source.path, source.opening) as file:
        rows = raw_rows(file)
        header = next(rows)
        waiting: bytes | None = None
        at = 0
        for raw in rows:
            if at < skip:
                at += 1
                continue
            waiting = raw
            break
        while waiting is not None:
            with _scratch() as content:
                content.write(header)
                written, count = len(header), 0
                while waiting is not None and (written + len(waiting) <= size or not count):
                    if len(header) + len(waiting) > size:
                        raise unreadable(source.path, f"row {at + count + 1} is larger than a job can hold")
                    content.write(waiting)
                    written += len(waiting)
                    count += 1
                    waiting = next(rows, None)
                content.seek(0)
                yield Part(content, at, count)
                at += count


def read_rows(source: CsvFile) -> Iterator[list[str]]:
    """The cells of each row, without the header."""
    with opened(source.path, source.opening) as file:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        rows = (row for row in csv.reader(text, delimiter=source.delimiter) if row)
        try:
            next(rows)
            yield from rows
        except csv.Error as error:
            raise unreadable(source.path, str(error)) from None


def unreadable(path: Path, reason: str, hint: str = "CSV in UTF-8 with a header of API names.") -> UsageError:
    """A file whose content is of no use."""
    return UsageError(f"{path} cannot be imported: {reason}.", code="FILE", hint=hint)


@contextmanager
def _scratch() -> Iterator[IO[bytes]]:
    try:
        with tempfile.TemporaryFile() as file:
            yield file
    except OSError as error:
        raise UsageError(
            f"A part of the file cannot be written to {tempfile.gettempdir()}: {error.strerror}.",
            code="FILE",
            hint="Make room there, or name another folder with TMPDIR.",
        ) from error


@contextmanager
def opened(path: Path, opening: Opening = _as_named) -> Iterator[IO[bytes]]:
    """The file, unpacked where its name says that it is packed. Raises UsageError when it can't be read."""
    packed = is_packed(path)
    try:
        file = opening(path)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or type(error).__name__}.", code="FILE") from error
    with file:
        if not packed:
            yield file
            return
        try:
            with gzip.open(file) as unpacked:
                yield cast("IO[bytes]", unpacked)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise unreadable(path, "it is no gzip file, or not the whole of one") from error


def raw_rows(file: IO[bytes]) -> Iterator[bytes]:
    """Each row as it stands, but ended by LF; empty lines don't count. A quote that is open takes in further lines.

    Raises UsageError for a row larger than MAX_PART, and for a quote that never ends.
    """
    count = 0
    pieces: list[bytes] = []
    size = 0
    quoted = False
    first = True
    for line in iter(partial(file.readline, MAX_PART), b""):
        if first:
            first, line = False, line.removeprefix(_BOM)
        quoted ^= bool(line.count(b'"') % 2)
        pieces.append(line)
        if quoted or len(line) == MAX_PART:
            size += len(line)
            if size >= MAX_PART:
                raise UsageError(
                    "A row of the file is larger than 100 MB: is there a quote that never ends?", code="FILE"
                )
            continue
        size = 0
        row = b"".join(pieces).rstrip(b"\r\n")
        pieces.clear()
        if row:
            count += 1
            yield row + b"\n"
    if pieces and quoted:
        where = f"row {count}" if count else "the header"
        raise UsageError(f"In the file, a quote is opened in {where} and never closed.", code="FILE")
    if pieces:
        yield b"".join(pieces).rstrip(b"\r\n") + b"\n"
