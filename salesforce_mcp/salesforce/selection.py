"""Which columns a SELECT asks for, read from its text.

Records alone don't tell: a parent that is null in all of them hides its fields. The SELECT list is read here without
the full grammar, which takes longer to load than a query takes to run; what isn't understood is taken from the records.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_WORD = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_][\w.]*|[(),]|\S", re.ASCII)
_AFTER_FROM = frozenset(
    {"USING", "WHERE", "WITH", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "FOR", "UPDATE", "ALL"}
)
_AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX", "GROUPING"})
_TRANSPARENT = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY"})
"""Functions whose value comes under the name of their field."""

Tokens = list[str]


@dataclass(frozen=True, slots=True)
class Selection:
    """`columns`: names as they come in the answer, in the order asked for. `children`: child relationships among them.

    `source`: the object after FROM. `counts`: it is a `SELECT COUNT()`, whose answer is `totalSize` and no records.
    """

    columns: tuple[str, ...]
    children: tuple[str, ...]
    source: str | None
    counts: bool = False


def read(soql: str) -> Selection:
    """Read a statement's SELECT list. Never fails: of something else than SOQL it finds nothing."""
    tokens = _WORD.findall(soql)
    if not tokens or tokens[0].upper() != "SELECT":
        return Selection((), (), None)
    end = _from(tokens)
    source, prefixes = _sources(tokens[end + 1 :])
    items = list(_split(tokens[1:end]))
    grouped = _grouped(tokens[end:]) or any(_function(item) in _AGGREGATES for item in items)
    reader = _Reader(prefixes, grouped)
    for item in items:
        reader.add(item)
    counts = [word.upper() for word in tokens[1:end]] == ["COUNT", "(", ")"]
    return Selection(tuple(dict.fromkeys(reader.columns)), tuple(reader.children), source, counts)


class _Reader:
    """Turns the items of a SELECT list into column names."""

    def __init__(self, prefixes: dict[str, str], grouped: bool) -> None:
        self.columns: list[str] = []
        self.children: list[str] = []
        self._prefixes = prefixes
        self._grouped = grouped
        self._expressions = 0

    def add(self, item: Tokens) -> None:
        function = _function(item)
        if item[0] == "(":
            self._child(item)
        elif item[0].upper() == "TYPEOF" and len(item) > 2:
            self._typeof(item)
        elif function is None:
            self._field(item)
        elif function == "FIELDS":
            return  # the records tell
        elif item[-1] != ")":
            self.columns.append(item[-1])
        elif function in _TRANSPARENT and not self._grouped:
            self.add(item[2:-1])
        elif not (function == "COUNT" and len(item) == 3):
            self.columns.append(f"expr{self._expressions}")
            self._expressions += 1

    def _field(self, item: Tokens) -> None:
        if len(item) > 1:
            self.columns.append(item[-1])
        elif self._grouped:
            self.columns.append(item[0].rsplit(".", 1)[-1])
        else:
            self.columns.append(self._path(item[0]))

    def _child(self, item: Tokens) -> None:
        end = _from(item[1:]) + 2
        if end < len(item):
            name = item[end].rsplit(".", 1)[-1]
            self.columns.append(name)
            self.children.append(name)

    def _typeof(self, item: Tokens) -> None:
        """`TYPEOF What WHEN Account THEN Phone, Name ELSE Id END`: each field that some type gives."""
        fields = False
        for word in item[2:]:
            key = word.upper()
            if key in ("THEN", "ELSE"):
                fields = True
            elif key in ("WHEN", "END"):
                fields = False
            elif fields and word != ",":
                self.columns.append(f"{item[1]}.{word}")

    def _path(self, path: str) -> str:
        """The path without the alias or the name of the statement's own object."""
        first, dot, rest = path.partition(".")
        parent = self._prefixes.get(first.lower()) if dot else None
        if parent is None:
            return path
        return f"{parent}.{rest}" if parent else rest


def _from(tokens: Tokens) -> int:
    """The place of FROM outside parentheses; the end where there is none."""
    depth = 0
    for at, word in enumerate(tokens):
        depth += (word == "(") - (word == ")")
        if not depth and word.upper() == "FROM":
            return at
    return len(tokens)


def _split(tokens: Tokens) -> Iterator[Tokens]:
    """The items between commas; those inside parentheses or a TYPEOF part nothing."""
    item: Tokens = []
    depth = 0
    for word in tokens:
        depth += (word.upper() in ("(", "TYPEOF")) - (word.upper() in (")", "END"))
        if word == "," and depth <= 0:
            if item:
                yield item
            item = []
        else:
            item.append(word)
    if item:
        yield item


def _sources(tokens: Tokens) -> tuple[str | None, dict[str, str]]:
    """The object after FROM, and what stands for it or a parent in paths: `FROM Contact c, c.Account a`."""
    prefixes: dict[str, str] = {}
    source = None
    for item in _split(_until_clause(tokens)):
        if source is None:
            source = item[0]
            prefixes[source.lower()] = ""
            path = ""
        else:
            path = item[0].partition(".")[2]
        if len(item) > 1:
            prefixes[item[-1].lower()] = path
    return source, prefixes


def _until_clause(tokens: Tokens) -> Tokens:
    kept: Tokens = []
    for word in tokens:
        if word.upper() in _AFTER_FROM and kept and kept[-1] != ",":
            break
        if word.upper() != "AS":
            kept.append(word)
    return kept


def _grouped(tokens: Tokens) -> bool:
    words = (word.upper() for word in tokens)
    return ("GROUP", "BY") in pairwise(words)


def _function(item: Tokens) -> str | None:
    """The name of the function that the item calls, in upper case."""
    return item[0].upper() if len(item) > 1 and item[1] == "(" else None
