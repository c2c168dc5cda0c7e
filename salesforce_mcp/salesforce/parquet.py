"""Rows as a Parquet file, typed as the org's describes say.

A Parquet file is whole or nothing, so rows are fetched as JSON Lines, which an interrupted export can go on with, and
converted at the end. pyarrow comes with the extra `parquet` and is imported here alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from salesforce_mcp import extras
from salesforce_mcp.errors import UsageError
from salesforce_mcp.salesforce import partitions
from salesforce_mcp.salesforce.field_types import UNKNOWN, column_types
from salesforce_mcp.salesforce.packing import private

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

ROWS = 20_000
"""Rows converted at once: a row group of the file."""


def require() -> None:
    """Raise UsageError where pyarrow isn't installed, before any work is done."""
    if command := extras.missing("parquet"):
        raise UsageError(
            "Parquet needs the extra `parquet` (pyarrow).", code="EXTRA_MISSING", hint=f"Install it with: {command}"
        )


def convert(
    client: Client, soql: str, source: Path, files: Iterator[Path], columns: Sequence[str], size: int | None = None
) -> None:
    """Make Parquet files of `size` rows (None: one of all) of the JSON Lines in `source`, the rows of the query.

    What isn't a field, such as an aggregate, has the type of its values; what is nested is compact JSON.
    """
    import pyarrow
    import pyarrow.parquet

    kinds = column_types(client, soql, columns)
    kinds = _settle(source, columns, kinds)
    schema = pyarrow.schema([(name, _arrow_type(kind)) for name, kind in zip(columns, kinds, strict=True)])
    convert_cell: list[Callable[[Any], Any]] = [_CONVERTERS.get(kind, _text) for kind in kinds]
    with source.open("rb") as lines:
        for path, mine in zip(files, partitions.shares(lines, size), strict=False):
            with private(path) as out, pyarrow.parquet.ParquetWriter(out, schema) as writer:
                for rows in _batches(mine):
                    cells = [
                        [None if (value := row[name]) is None else to(value) for row in rows]
                        for name, to in zip(columns, convert_cell, strict=True)
                    ]
                    arrays = [pyarrow.array(each, type=field.type) for each, field in zip(cells, schema, strict=True)]
                    writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))


def sample(path: Path, count: int) -> list[dict[str, Any]]:
    """The first rows of a file, as JSON could have them."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=count):
            return [{name: _json(value) for name, value in row.items()} for row in batch.to_pylist()]
    return []


def _settle(source: Path, columns: Sequence[str], kinds: Sequence[str]) -> list[str]:
    """The kinds, those that no describe tells by looking at all values."""
    open_columns = [name for name, kind in zip(columns, kinds, strict=True) if kind == UNKNOWN]
    seen: dict[str, set[type]] = {name: set() for name in open_columns}
    if open_columns:
        with source.open("rb") as lines:
            for rows in _batches(lines):
                for name in open_columns:
                    seen[name].update({type(row[name]) for row in rows})
    return [
        _kind(seen[name] - {type(None)}) if name in seen else kind for name, kind in zip(columns, kinds, strict=True)
    ]


def _kind(types: set[type]) -> str:
    if types == {bool}:
        return "boolean"
    if types == {int}:
        return "long"
    return "double" if types and types <= {int, float} else UNKNOWN


def _arrow_type(kind: str) -> Any:
    import pyarrow

    types = {
        "boolean": pyarrow.bool_(),
        "int": pyarrow.int64(),
        "long": pyarrow.int64(),
        "double": pyarrow.float64(),
        "currency": pyarrow.float64(),
        "percent": pyarrow.float64(),
        "date": pyarrow.date32(),
        "datetime": pyarrow.timestamp("ms", tz="UTC"),
        "time": pyarrow.time32("ms"),
    }
    return types.get(kind, pyarrow.string())


def _batches(lines: Iterator[bytes]) -> Iterator[list[dict[str, Any]]]:
    while rows := list(map(orjson.loads, islice(lines, ROWS))):
        yield rows


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value)


def _time(value: str) -> time:
    return time.fromisoformat(value).replace(tzinfo=None)


def _json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, (date, time)) else value


_CONVERTERS: dict[str, Callable[[Any], Any]] = {
    "boolean": bool,
    "int": int,
    "long": int,
    "double": float,
    "currency": float,
    "percent": float,
    "date": date.fromisoformat,
    "datetime": _moment,
    "time": _time,
}
