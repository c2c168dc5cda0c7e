"""Text to syntax tree: `parse` for SOQL. What is refused is refused in Salesforce's words.

Making the parser from the grammar takes some tenths of a second, so it is made once, when first needed, and its tables
are kept in the state folder for the next process (lark checks them against the grammar and its own version).
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.soql.builder import Builder, Refusal
from salesforce_mcp.soql.messages import SoqlError, SoqlSyntaxError, row_and_column
from salesforce_mcp.soql.syntax import children

if TYPE_CHECKING:
    from salesforce_mcp.soql.syntax import Node, Query

MAX_LENGTH = 100_000
MAX_DEPTH = 100
"""Levels of nested conditions and functions. Salesforce's own measure isn't published; nobody writes this many."""

_NOTHING_BEFORE = re.compile(r"(?:\s|//[^\n]*|/\*[^*]*(?:\*(?!/)[^*]*)*\*/)*")
_MARKS = frozenset("*'")  # characters that Salesforce's lexer knows but that can't stand here


def parse(soql: str) -> Query:
    """The tree of one SELECT statement.

    Raises SoqlSyntaxError where it is not SOQL. What needs no schema but more than the grammar is in checks.py.
    """
    if len(soql) > MAX_LENGTH:
        raise SoqlSyntaxError(f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    query: Query = run(soql, "query")
    return query


def run(text: str, start: str) -> Any:
    """Parse from one of the grammar's starts, `query` or `search`."""
    try:
        tree: Any = _lark().parse(text, start=start)
    except UnexpectedToken as error:
        offset = None if error.token.type == "$END" else error.token.start_pos
        raise _unexpected(text, offset, str(error.token)) from None
    except UnexpectedCharacters as error:
        raise _unreadable(text, error.pos_in_stream or 0) from None
    except Refusal as refusal:
        if not refusal.sentence:
            raise _unexpected(text, refusal.offset, refusal.token) from None
        raise SoqlSyntaxError(refusal.sentence, soql=text, offset=refusal.offset, token=refusal.token) from None
    if text.count("(") > MAX_DEPTH:
        _check_depth(tree)
    return tree


@lru_cache(maxsize=1)
def _lark() -> Lark:
    grammar = files(__package__).joinpath("soql.lark").read_text(encoding="utf-8")
    try:
        folder = folders.state_dir()
        # The tables are pickled: whoever could put others there could have code run.
        cache: str | bool = folders.is_own(folder) and str(folder / "soql.tables")
    except SfmcpError:
        cache = False  # no folder to write to: slower, nothing worse
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=["query", "search"],
        transformer=Builder(),
        cache=cache,
        g_regex_flags=re.ASCII,  # else K, the sign for Kelvin, would be a k where case doesn't matter
    )


def _unexpected(text: str, offset: int | None, token: str) -> SoqlSyntaxError:
    """`unexpected token`: recordings show no position at the end of the statement, and no quotes at its beginning."""
    if offset is None:
        return SoqlSyntaxError("unexpected token: '<EOF>'", token="<EOF>")  # noqa: S106 - no password
    if _NOTHING_BEFORE.fullmatch(text, 0, offset):
        return SoqlSyntaxError(f"unexpected token: {token}", token=token)
    return SoqlSyntaxError(f"unexpected token: '{token}'", soql=text, offset=offset, token=token)


def _unreadable(text: str, offset: int) -> SoqlSyntaxError:
    character = text[offset]
    if character in _MARKS:
        return _unexpected(text, offset, character)
    row, column = row_and_column(text, offset, columns_from=0)
    sentence = f"line {row}:{column} no viable alternative at character '{character}'"
    return SoqlSyntaxError(sentence, soql=text, offset=offset, token=character)


def _check_depth(tree: Node) -> None:
    level: list[Node] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return
    raise SoqlError(
        "Query is either selecting too many fields or the filter conditions are too complicated.",
        code="QUERY_TOO_COMPLICATED",
    )
