"""The results of a bulk query job into a file: sets of rows fetched side by side, written in order.

A set waits for its turn, a large one in a nameless file beside the target; after each there is a checkpoint.
"""

from __future__ import annotations

import codecs
import csv
import tempfile
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce import bulk2, formats
from salesforce_mcp.salesforce.background import Pending
from salesforce_mcp.salesforce.field_types import column_types
from salesforce_mcp.salesforce.partfile import PartFile
from salesforce_mcp.salesforce.response import exact_number
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

ATTEMPTS = 4
"""How often one set is asked for when it breaks off on the way."""

PARALLEL = 4
"""Sets on their way at once."""

LONGEST_HEAD = 1 << 20
"""Bytes of a header; 800 columns of the longest names have a tenth."""

_ROWS = 2000
"""Rows converted at once."""

_IN_MEMORY = 12 << 20
"""Bytes of a set that wait in memory; what is more waits on the disk."""


class _Waiting:
    """The CSV of a set until its turn comes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunks: list[bytes] = []
        self._more: IO[bytes] | None = None
        self._closed = False

    def fill(self, chunks: Iterator[bytes]) -> None:
        """Take what comes, in place of what was taken before; ends early when it is closed meanwhile."""
        self._empty()
        size = 0
        for chunk in chunks:
            if self._closed:
                break
            size += len(chunk)
            if size <= _IN_MEMORY:
                self._chunks.append(chunk)
                continue
            self._more = self._more or tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115 - see close
            self._more.write(chunk)
        if self._closed:
            self._empty()

    def read(self) -> Iterator[bytes]:
        """All of it, from the beginning."""
        yield from self._chunks
        if self._more:
            self._more.seek(0)
            while chunk := self._more.read(1 << 20):
                yield chunk

    def close(self) -> None:
        """It is no longer needed."""
        self._closed = True
        self._empty()

    def _empty(self) -> None:
        self._chunks = []
        if self._more:
            self._more.close()
            self._more = None


@dataclass(frozen=True, slots=True)
class _Set:
    """One set of rows. `content`: its CSV; `locator`: its own, where sets are listed; else `following`: the next's."""

    content: _Waiting
    rows: int
    locator: str | None = None
    following: str | None = None


class Download:
    """Waits for a job and writes its results to the file, from the file's checkpoint on."""

    def __init__(
        self,
        client: Client,
        job: bulk2.QueryJob,
        file: PartFile,
        form: formats.Format,
        soql: str,
        progress: Callable[[float, float | None, str], None],
    ) -> None:
        self._client = client
        self._job = job
        self._file = file
        self._form = form
        self._soql = soql
        self._progress = progress
        self._columns: list[str] = file.checkpoint.get("columns", [])
        self._rows = int(file.checkpoint.get("rows", 0))

    def run(self) -> tuple[int, list[str]]:
        """The number of rows and the columns of the whole file. Raises as `bulk2.wait` and `Client.stream`."""
        self._save(self._file.checkpoint)
        self._job = bulk2.wait(
            self._client,
            self._job,
            lambda records: self._progress(records, None, f"Salesforce has read {counted(records, 'record')}"),
        )
        with closing(self._sets()) as sets:
            for each in sets:
                self._write(each.content.read())
                self._rows += each.rows
                self._save({"done": each.locator, "following": each.following})
                self._progress(self._rows, self._job.records, "rows written")
        return self._rows, self._columns

    @property
    def counted(self) -> int:
        """How many rows there are by Salesforce's own count, once the job is complete."""
        return self._job.records

    def _sets(self) -> Generator[_Set]:
        """The sets that the file doesn't have yet."""
        kept = self._file.checkpoint
        if kept.get("following"):
            yield from self._one_after_the_other(kept["following"])
            return
        locators = bulk2.locators(self._client, self._job)
        if kept.get("done"):
            if kept["done"] not in locators:  # looks as far as it, so that those behind it are left
                self._file.restart()
                self._columns, self._rows = [], 0
                locators = bulk2.locators(self._client, self._job)
        elif self._columns:  # one after the other, and the last one was there
            return
        begun = False
        for each in self._side_by_side(locators):
            begun = True
            yield each
        if not begun and not self._columns:
            yield from self._one_after_the_other(None)

    def _side_by_side(self, locators: Iterator[str]) -> Iterator[_Set]:
        waiting: deque[tuple[_Waiting, Pending[_Set]]] = deque()
        try:
            for locator in locators:
                content = _Waiting(self._file.path.parent)
                waiting.append((content, Pending(partial(self._fetch, locator, content))))
                if len(waiting) == PARALLEL:
                    yield waiting[0][1].result()
                    waiting.popleft()[0].close()
            while waiting:
                yield waiting[0][1].result()
                waiting.popleft()[0].close()
        finally:
            for content, _ in waiting:
                content.close()  # which stops what is still being fetched

    def _one_after_the_other(self, locator: str | None) -> Iterator[_Set]:
        """Where the org doesn't list the sets."""
        while True:
            with closing(_Waiting(self._file.path.parent)) as content:
                fetched = self._fetch(locator, content, bulk2.PAGE)
                yield fetched
            if not fetched.following:
                return
            locator = fetched.following

    def _fetch(self, locator: str | None, content: _Waiting, most: int | None = None) -> _Set:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with bulk2.results(self._client, self._job, locator, most=most) as (rows, following, chunks):
                    content.fill(chunks)
                return _Set(content, rows, following=following) if most else _Set(content, rows, locator)
            except NetworkError:
                if attempt == ATTEMPTS:
                    raise
                self._client.pause(float(attempt))
        raise AssertionError("unreachable")

    def _save(self, where: dict[str, Any]) -> None:
        self._file.save(
            {
                "job": self._job.id,
                "version": self._job.api_version,
                "done": where.get("done"),
                "following": where.get("following"),
                "rows": self._rows,
                "columns": self._columns,
            }
        )

    def _write(self, chunks: Iterator[bytes]) -> None:
        """Write one set. The header goes into the file only with the first set."""
        head, rest = split_head(chunks)
        columns = next(csv.reader([head.decode()]), [])
        begun = bool(self._columns)
        if begun and columns != self._columns:
            rest = chain([head], rest)  # no header
        self._columns = self._columns or columns
        if self._form == "csv":
            self._copy(rest if begun else chain([head], rest))
        else:
            self._convert(rest)

    def _copy(self, chunks: Iterator[bytes]) -> None:
        last = b""
        for chunk in chunks:
            self._file.out.write(chunk)
            last = chunk or last
        if last and not last.endswith(b"\n"):
            self._file.out.write(b"\n")

    def _convert(self, chunks: Iterator[bytes]) -> None:
        """CSV knows only text: give each column the type that its field has."""
        convert = [_CONVERTERS.get(kind, _text) for kind in column_types(self._client, self._soql, self._columns)]
        writer = formats.open_writer(self._form, self._file.out, self._columns)
        rows = csv.reader(_lines(chunks))
        while some := list(islice(rows, _ROWS)):
            by_column = zip(*some, strict=True)
            writer.write([list(map(to, column)) for to, column in zip(convert, by_column, strict=True)])


def split_head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line, and what follows it. Raises NetworkError where there is none."""
    begin = b""
    for chunk in chunks:
        begin += chunk
        if b"\n" in chunk:
            break
        if len(begin) > LONGEST_HEAD:
            raise no_csv()
    head, newline, rest = begin.partition(b"\n")
    return head + newline, chain([rest], chunks)


def no_csv() -> NetworkError:
    """For what goes on without a line's end where a header should be."""
    return NetworkError("The org's answer is no CSV: its first line does not end.", code="UNEXPECTED_ANSWER")


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in lines:
            yield line + "\n"
    if rest:
        yield rest


def _text(value: str) -> Any:
    return value or None


def _boolean(value: str) -> Any:
    return {"true": True, "false": False}.get(value.lower())


def _whole(value: str) -> Any:
    return int(value) if value else None


def _number(value: str) -> Any:
    return exact_number(value) if value else None


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "int": _whole,
    "long": _whole,
    "double": _number,
    "currency": _number,
    "percent": _number,
}
"""By type of the describe; all others are text."""
