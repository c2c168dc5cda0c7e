"""Rows of a file as records of the REST API: CSV cells get the types of their fields, JSON values have theirs."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from salesforce_mcp.salesforce.loading import source
from salesforce_mcp.salesforce.loading.source import CsvFile
from salesforce_mcp.salesforce.response import exact_loads, to_json

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

SET_NULL = "#N/A"
"""The cell that empties a field, as in Bulk API; an empty cell leaves it as it is."""

_JSON_LINES = "JSON Lines: one object a line, with API names as its keys."

Row = tuple[list[str], dict[str, Any]]
"""A row's cells, as they stand in the file, and the record that they make."""


def from_csv(client: Client, file: CsvFile, object_name: str) -> Iterator[Row]:
    """The rows of a CSV file. A cell that isn't of its field's type stays text, for Salesforce to refuse."""
    kinds = {field["name"].lower(): field["type"] for field in client.describe(object_name)["fields"]}
    convert = [_CONVERTERS.get(kinds.get(name.lower(), ""), str) for name in file.columns]
    for cells in source.read_rows(file):
        record: dict[str, Any] = {}
        for name, to, cell in zip(file.columns, convert, cells, strict=False):
            if cell:
                _set(record, name, None if cell == SET_NULL else to(cell))
        yield cells, record


def jsonl_to_csv(path: Path, target: Path) -> CsvFile:
    """Write JSON Lines, an object a row, as CSV: null is `#N/A`, a parent `{"Owner": {"Email": ...}}` a column.

    Raises UsageError for what isn't JSON Lines, and for values that a cell can't hold.
    """
    columns = dict.fromkeys(name for cells in _json_rows(path) for name in cells)
    with target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for cells in _json_rows(path):
            writer.writerow([cells.get(name, "") for name in columns])
    return source.scan(target)


def _json_rows(path: Path) -> Iterator[dict[str, str]]:
    with source.opened(path) as file:
        yield from _parsed(path, file)


def _parsed(path: Path, lines: Iterable[bytes]) -> Iterator[dict[str, str]]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = exact_loads(line)
        except orjson.JSONDecodeError as error:
            raise source.unreadable(path, f"line {number} is no JSON ({error.msg})", _JSON_LINES) from None
        if not isinstance(row, dict):
            raise source.unreadable(path, f"line {number} is no JSON object", _JSON_LINES)
        yield dict(_cells(path, number, row))


def _cells(path: Path, number: int, row: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in row.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and not prefix:
            kind = value.get("attributes", {}).get("type") if isinstance(value.get("attributes"), dict) else None
            yield from _cells(path, number, value, f"{kind}:{name}." if kind else f"{name}.")
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield prefix + name, ";".join(value) or SET_NULL
        elif isinstance(value, (dict, list)):
            raise source.unreadable(path, f"line {number}: {prefix}{name} is not one value", _JSON_LINES)
        else:
            yield prefix + name, _text(value)


def _text(value: Any) -> str:
    if value is None or value == "":
        return SET_NULL
    return value if isinstance(value, str) else to_json(value).decode()


def _set(record: dict[str, Any], name: str, value: Any) -> None:
    """Put a value into the record; `Type:Parent.Field` into its parent."""
    kind, _, path = name.rpartition(":")
    relationship, dot, field = path.partition(".")
    if not dot:
        record[name] = value
    elif value is not None:
        attributes = {"attributes": {"type": kind}} if kind else {}
        record[relationship] = {**attributes, field: value}


def _boolean(cell: str) -> Any:
    return {"true": True, "1": True, "false": False, "0": False}.get(cell.lower(), cell)


def _number(cell: str) -> Any:
    try:
        number = exact_loads(cell)
    except orjson.JSONDecodeError:
        return cell
    return number if type(number) in (int, float, Decimal) else cell  # `null` and `true` are JSON too


_CONVERTERS: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "int": _number,
    "double": _number,
    "currency": _number,
    "percent": _number,
}
