"""Rows on their way out: which format, to stdout or to a file that is put in place once it is whole."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce import formats
    from salesforce_mcp.salesforce.export import FileFormat
    from salesforce_mcp.salesforce.packing import Out
    from salesforce_mcp.salesforce.rows import Block

OTHERS = frozenset({"xlsx", "xls", "ods", "tsv", "xml", "db", "sqlite", "arrow", "feather", "avro", "orc"})
"""Suffixes that promise what isn't written here; a file called so must not hold CSV unless that was asked for."""

Rows = Sequence[Sequence[Any]]


class Format(StrEnum):
    """How rows are written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    JSONL = "jsonl"
    PARQUET = "parquet"


class Writer(Protocol):
    """Takes the rows of one result, a page at a time."""

    def write(self, block: Block) -> None:
        """Add a page."""

    def close(self) -> None:
        """Write what ends the result."""


def chosen_format(here: Environment, form: Format | None, output: Path | None) -> Format:
    """The format asked for; else what the file's name says; else a table on a terminal and CSV anywhere else.

    Raises UsageError for a name that promises a compression that isn't written here.
    """
    from salesforce_mcp.salesforce import packing

    name = packing.bare(output) if output else Path()
    if form is not None:
        return form
    if output is None:
        return Format.TABLE if here.stdout.isatty() else Format.CSV
    suffix = name.suffix.lower().removeprefix(".")
    if suffix in OTHERS:
        raise UsageError(
            f"{suffix} is no format that is written here.", hint=f"Formats: {', '.join(Format)}. Spreadsheets open csv."
        )
    return Format(suffix) if suffix in list(Format) else Format.CSV


def file_format(form: Format) -> FileFormat:
    """The format of a file that can be gone on with after an interruption. Raises UsageError for the others."""
    if form is Format.CSV:
        return "csv"
    if form is Format.JSONL:
        return "jsonl"
    if form is Format.PARQUET:
        return "parquet"
    raise UsageError(f"This can be written as csv, jsonl or parquet, not as {form}.")


def write_pages(
    here: Environment, form: Format, path: Path | None, pages: Iterable[tuple[Sequence[str], Block]]
) -> None:
    """Write pages (at least one, each with the same columns) to stdout, or to a file that appears when it is whole."""
    with whole_file(path) if path else nullcontext() as file:
        writer: Writer | None = None
        for columns, block in pages:
            writer = writer or open_writer(here, form, file, columns)
            writer.write(block)
            if file is None:
                here.stdout.flush()
        if writer:
            writer.close()


def write_rows(here: Environment, form: Format, path: Path | None, columns: Sequence[str], rows: Rows) -> None:
    """Write rows that are all there."""
    block: Block = list(zip(*rows, strict=True)) or [() for _ in columns]
    write_pages(here, form, path, [(columns, block)])


def write_json(here: Environment, path: Path | None, value: Any) -> None:
    """Write one JSON value: indented for people, on one line for programs."""
    from salesforce_mcp.salesforce.response import to_json

    indent = path is None and here.stdout.isatty()
    with whole_file(path) if path else nullcontext(here.data) as out:
        out.write(to_json(value, indent=indent) + b"\n")


def open_writer(here: Environment, form: Format, file: Out | None, columns: Sequence[str]) -> Writer:
    """A writer to a file or, without one, to stdout."""
    if form is Format.TABLE:
        from salesforce_mcp.cli.table import TableWriter

        if file is not None:
            return TableWriter(lambda text: file.write(text.encode()), columns)
        width = here.width if here.stdout.isatty() else None
        return TableWriter(here.stdout.write, columns, width=width, colour=here.colour(here.stdout))
    out = file or here.data
    if form is Format.JSON:
        return _JsonArray(out, columns)
    if form is Format.PARQUET:
        raise UsageError("This can't be written as parquet; the rows of a query or an export can.")
    from salesforce_mcp.salesforce import formats

    return _Endless(formats.open_writer(form, out, columns))


@contextmanager
def whole_file(path: Path) -> Iterator[Out]:
    """A file beside `path` that takes its place at the end, and is removed when anything goes wrong.

    Only the user may read it, and it is gzip where its name ends so. A pipe or a device is written to directly. Raises
    SfmcpError where it can't be.
    """
    from salesforce_mcp.salesforce.packing import Packer, is_packed, private, unwritable

    special = path.exists() and not path.is_file()
    if not special:
        path = path.resolve()  # what a link points to is replaced, not the link
    beside = path if special else path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        file = path.open("wb") if special else private(beside)
    except OSError as error:
        raise unwritable(path, error) from error
    try:
        with file:
            packer = Packer(file) if is_packed(path) else None
            yield packer or file
            if packer:
                packer.end()
        if not special:
            beside.replace(path)
    except BaseException as error:
        if not special:
            beside.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            raise unwritable(path, error) from error
        raise


class _Endless:
    """A writer of a format that needs no end."""

    def __init__(self, writer: formats.RowWriter) -> None:
        self._writer = writer

    def write(self, block: Block) -> None:
        """Add a page."""
        self._writer.write(block)

    def close(self) -> None:
        """Nothing is left to write."""


class _JsonArray:
    """One JSON array, an object a line, with dotted names; every value keeps its type."""

    def __init__(self, out: Out, columns: Sequence[str]) -> None:
        self._out = out
        self._columns = tuple(columns)
        self._before = b"[\n"

    def write(self, block: Block) -> None:
        """Add a page."""
        from salesforce_mcp.salesforce.response import to_json

        rows = [to_json(dict(zip(self._columns, row, strict=True))) for row in zip(*block, strict=True)]
        if rows:
            self._out.write(self._before + b",\n".join(rows))
            self._before = b",\n"

    def close(self) -> None:
        """End the array."""
        self._out.write(b"[]\n" if self._before == b"[\n" else b"\n]\n")
