"""CSV as bulk jobs read and write it. Source: Bulk API 2.0 Developer Guide, "Prepare CSV Files"."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


class WrongLineEnding(ValueError):
    """The data ends its lines otherwise than the job says."""


def line(cells: Iterable[Any], delimiter: str, line_ending: str) -> str:
    """One row with all cells in quotes, as Salesforce writes them."""
    joined = f'"{DELIMITERS[delimiter]}"'.join([text(cell).replace('"', '""') for cell in cells])
    return f'"{joined}"{LINE_ENDINGS[line_ending]}'


def text(value: Any) -> str:
    """A value of the REST API as text: nothing for null, true and false, moments with `Z`."""
    if isinstance(value, str):
        return value[:-5] + "Z" if len(value) == 28 and value.endswith("+0000") and value[10] == "T" else value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (int, float)) else orjson.dumps(value).decode()


def read(content: bytes, delimiter: str, line_ending: str) -> Iterator[list[str]]:
    """The rows of an upload, the header first; empty lines don't count.

    Raises WrongLineEnding, UnicodeDecodeError and csv.Error.
    """
    head = content[: content.find(b"\n") + 1]
    if head and head.endswith(b"\r\n") != (line_ending == "CRLF"):
        raise WrongLineEnding
    stream = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    return (row for row in csv.reader(stream, delimiter=DELIMITERS[delimiter]) if row)
