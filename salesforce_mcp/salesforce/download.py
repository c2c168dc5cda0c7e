"""The results of a bulk query job into a file, a set at a time, with a checkpoint after each."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce import bulk2, formats
from salesforce_mcp.salesforce.field_types import column_types
from salesforce_mcp.salesforce.partfile import PartFile
from salesforce_mcp.salesforce.response import exact_number

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

ATTEMPTS = 4
"""How often one set is asked for when it breaks off on the way."""

_ROWS = 2000
"""Rows converted at once."""


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
        self._locator: str | None = file.checkpoint.get("locator")

    def run(self) -> tuple[int, list[str]]:
        """The number of rows and the columns of the whole file. Raises as `bulk2.wait` and `Client.stream`."""
        self._save()
        self._job = bulk2.wait(
            self._client, self._job, lambda records: self._progress(0, None, f"Salesforce has read {records:,} records")
        )
        while not self._columns or self._locator:
            self._next_set()
        return self._rows, self._columns

    def _next_set(self) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with bulk2.results(self._client, self._job, self._locator) as (count, following, chunks):
                    columns = self._write(chunks)
                break
            except NetworkError:
                self._file.roll_back()
                if attempt == ATTEMPTS:
                    raise
                self._client.pause(float(attempt))
        self._columns, self._locator = columns, following
        self._rows += count
        self._save()
        self._progress(self._rows, self._job.records, "rows written")

    def _save(self) -> None:
        self._file.save(
            {
                "job": self._job.id,
                "version": self._job.api_version,
                "locator": self._locator,
                "rows": self._rows,
                "columns": self._columns,
            }
        )

    def _write(self, chunks: Iterator[bytes]) -> list[str]:
        """Write one set; return its columns. The header goes into the file only with the first set."""
        head, rest = split_head(chunks)
        columns = next(csv.reader([head.decode()]), [])
        if self._form == "csv":
            self._copy(head, rest)
        else:
            self._convert(columns, rest)
        return columns

    def _copy(self, head: bytes, rest: Iterator[bytes]) -> None:
        out = self._file.out
        last = b""
        for chunk in chain([] if self._columns else [head], rest):
            out.write(chunk)
            last = chunk or last
        if last and not last.endswith(b"\n"):
            out.write(b"\n")

    def _convert(self, columns: list[str], rest: Iterator[bytes]) -> None:
        """CSV knows only text: give each column the type that its field has."""
        convert = [_CONVERTERS.get(kind, _text) for kind in column_types(self._client, self._soql, columns)]
        writer = formats.open_writer(self._form, self._file.out, columns)
        rows = csv.reader(_lines(rest))
        while some := list(islice(rows, _ROWS)):
            by_column = zip(*some, strict=True)
            writer.write([list(map(to, column)) for to, column in zip(convert, by_column, strict=True)])


def split_head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first line, and what follows it."""
    begin = b""
    for chunk in chunks:
        begin += chunk
        if b"\n" in begin:
            break
    head, newline, rest = begin.partition(b"\n")
    return head + newline, chain([rest], chunks)


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
