"""A folder of files with so many rows each, as Spark, Dask and DuckDB read together. It appears when it is whole."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count, islice
from pathlib import Path
from typing import TypeVar

from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce.loading.source import raw_rows
from salesforce_mcp.salesforce.packing import Packer, private

Row = TypeVar("Row")

_PART = re.compile(r"part-\d{5,}\.\w+(\.gz)?")


def check(path: Path) -> None:
    """Raise UsageError when something else than an earlier export is in the folder's place."""
    if path.is_dir() and all(_PART.fullmatch(each.name) for each in path.iterdir()):
        return
    if path.exists():
        raise UsageError(
            f"{path} is there already, and is no folder of part files alone.",
            code="FILE",
            hint="Name another folder, or remove that one.",
        )


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A folder beside `path` that takes its place at the end."""
    fresh, old = path.with_name(f"{path.name}.new"), path.with_name(f"{path.name}.old")
    for left in (fresh, old):
        shutil.rmtree(left, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    yield fresh
    if path.exists():
        path.rename(old)
    fresh.rename(path)
    shutil.rmtree(old, ignore_errors=True)


def names(path: Path, suffix: str) -> Iterator[Path]:
    """`part-00000.csv` and so on, in a folder."""
    return (path / f"part-{number:05}{suffix}" for number in count())


def shares(rows: Iterator[Row], size: int | None) -> Iterator[Iterator[Row]]:
    """The rows of one file after the other, to be used up in turn; at least one, though nothing be in it."""
    first = list(islice(rows, 1))
    while True:
        yield islice(chain(first, rows), size)
        first = list(islice(rows, 1))
        if not first:
            return


def split(source: Path, files: Iterator[Path], size: int, *, header: bool, packed: bool) -> None:
    """Share the rows of CSV (`header`) or JSON Lines among files, each with a header of its own."""
    with source.open("rb") as file:
        rows = raw_rows(file) if header else iter(file)
        head = next(rows, b"") if header else b""
        for path, mine in zip(files, shares(rows, size), strict=False):
            with private(path) as out:
                packer = Packer(out) if packed else None
                target = packer or out
                target.write(head)
                while some := b"".join(islice(mine, 1000)):
                    target.write(some)
                if packer:
                    packer.end()
