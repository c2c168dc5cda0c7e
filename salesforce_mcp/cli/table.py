"""Rows as a table for people: streamed, sized by its first page.

On a terminal the table fits the width: wide columns are cut with an ellipsis, and when even that can't help, each row
becomes a block of `field: value` lines; numbers, dates and moments are written as the user does (cli/localized.py). In
a pipe nothing is cut, and values are as Salesforce gave them.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Callable, Sequence
from typing import Any

import orjson

from salesforce_mcp.cli import localized
from salesforce_mcp.cli.localized import Kind

NARROWEST = 8
"""Columns (of the terminal) that a cut column keeps at least; numbers, dates and Ids aren't cut at all."""

LONGEST_NAME = 40
"""Characters of names in the first column that stay whole where there is room."""

LARGEST_WHOLE = 2**53
"""Below this every whole number has a float of its own, so that `5.0` may be shown as `5`."""

GAP = "  "
ELLIPSIS = "…"

_STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Controls, line ends, and what turns the direction of the text around it."""


_NAME = re.compile(r"[A-Za-z][\w.-]*", re.ASCII)


class TableWriter:
    """Hands pages of rows to `put` as text. `width`: columns of the terminal, None: nothing is cut."""

    def __init__(
        self, put: Callable[[str], object], columns: Sequence[str], *, width: int | None = None, colour: bool = False
    ) -> None:
        self._put = put
        self._columns = [_plain(name) for name in columns]
        self._width = width
        self._colour = colour
        self._sizes: list[int] | None = None
        self._kinds: list[Kind | None] = []
        self._right: list[bool] = []
        self._blocks = False

    def write(self, block: Sequence[Sequence[Any]]) -> None:
        """Write a page, given as its columns' values; the first one sizes the columns and writes the head."""
        if self._sizes is None:
            self._kinds = [localized.kind(column) for column in block]
        cells = self._cells(block)
        if self._sizes is None:
            self._measure(cells)
        layout = self._block if self._blocks else self._line
        self._put("".join(layout(row) + "\n" for row in zip(*cells, strict=True)))

    def close(self) -> None:
        """Write the head of a table without rows."""
        if self._sizes is None:
            self._kinds = [None for _ in self._columns]
            self._measure([[] for _ in self._columns])

    def _cells(self, block: Sequence[Sequence[Any]]) -> list[list[str]]:
        plain = [list(map(cell, column)) for column in block]
        if self._width is None:
            return plain
        with localized.users_locale():
            return [
                [localized.shown(kind, value, text) for value, text in zip(column, texts, strict=True)]
                if kind
                else texts
                for kind, column, texts in zip(self._kinds, block, plain, strict=True)
            ]

    def _measure(self, cells: Sequence[Sequence[str]]) -> None:
        heads = list(map(display_width, self._columns))
        values = [max(map(display_width, column), default=0) for column in cells]
        sizes = list(map(max, heads, values))
        self._right = [kind in (Kind.NUMBER, Kind.SMALL_NUMBER) for kind in self._kinds]
        if self._width is not None:
            least = [
                max(value if kind or _all_ids(column) else 0, min(size, NARROWEST))
                for size, value, kind, column in zip(sizes, values, self._kinds, cells, strict=True)
            ]
            room = self._width - len(GAP) * (len(sizes) - 1)
            whole = [max(least[0], sizes[0]), *least[1:]] if cells and _all_names(cells[0]) else least
            fitted = fit(sizes, whole, room) or fit(sizes, least, room)
            self._blocks = fitted is None
            sizes = fitted or sizes
        self._sizes = sizes
        if sizes and not self._blocks:
            head = self._line(list(map(cut, self._columns, sizes)))
            rule = GAP.join("─" * size for size in sizes)
            self._put(f"{self._style(head, '1')}\n{self._style(rule, '2')}\n")

    def _line(self, row: Sequence[str]) -> str:
        sizes = self._sizes or []
        if self._width is not None:
            # A number without its end is a wrong number: the line gets longer instead.
            row = [
                text if right else cut(text, size) for text, size, right in zip(row, sizes, self._right, strict=True)
            ]
        padded = [
            " " * (size - display_width(text)) + text if right else text + " " * (size - display_width(text))
            for text, size, right in zip(row, sizes, self._right, strict=True)
        ]
        return GAP.join(padded).rstrip()

    def _block(self, row: Sequence[str]) -> str:
        """One row as lines; columns without a value are left out."""
        names = max(map(display_width, self._columns))
        room = max((self._width or 80) - names - len(GAP), NARROWEST)
        lines = [
            f"{self._style(name, '1')}{' ' * (names - display_width(name))}{GAP}{cut(text, room)}"
            for name, text in zip(self._columns, row, strict=True)
            if text
        ]
        return "\n".join([*lines, ""])

    def _style(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text


def cell(value: Any) -> str:
    """A value for people, on one line: nothing for null, compact JSON for what is nested, no control characters."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _plain(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST_WHOLE:
        return str(int(value))
    if isinstance(value, (dict, list)):
        return _plain(orjson.dumps(value, default=str).decode())
    return str(value)


def display_width(text: str) -> int:
    """Columns that the text takes on a terminal: two for each wide character, none for marks and joined parts."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, size: int) -> str:
    """The text, shortened with an ellipsis to at most `size` columns of a terminal."""
    if display_width(text) <= size:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, size - 1) + ELLIPSIS


def fit(sizes: Sequence[int], least: Sequence[int], room: int) -> list[int] | None:
    """Shrink the widest columns until all fit into `room`, none below its `least`; None when they don't fit even so."""
    if sum(sizes) <= room:
        return list(sizes)

    def at(level: int) -> list[int]:
        return [max(min(size, level), low) for size, low in zip(sizes, least, strict=True)]

    if sum(at(0)) > room:
        return None
    level = bisect(range(max(sizes)), room, key=lambda tried: sum(at(tried))) - 1
    fitted = at(level)
    spare = room - sum(fitted)
    for place, size in enumerate(sizes):
        if spare and fitted[place] == level < size:
            fitted[place] += 1
            spare -= 1
    return fitted


def _plain(text: str) -> str:
    """Data must not steer the terminal or break the line: line ends become ⏎, tabs a space, other controls ·."""
    if text.isprintable():
        return text
    text = text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\r", "⏎").replace("\t", " ")
    return _STEERING.sub("·", text)


def _all_names(column: Sequence[str]) -> bool:
    """Whether the column holds names as commands take them: of tools, objects, fields, logins."""
    return all(0 < len(text) <= LONGEST_NAME and _NAME.fullmatch(text) for text in column)


def _all_ids(column: Sequence[str]) -> bool:
    """Whether the column holds record Ids, which are of no use without their end."""
    values = [text for text in column if text]
    return bool(values) and all(len(text) == 18 and text.isascii() and text.isalnum() for text in values)
