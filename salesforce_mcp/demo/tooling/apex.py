"""Anonymous Apex: the org runs `System.debug`, assertions and `throw`, and says of all else that it can't.

Nothing is ever reported as run that wasn't. Source: Tooling API, "REST Resources" (executeAnonymous); Apex Developer
Guide, "Anonymous Blocks"; shapes as recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"
    r"|(?P<text>'(?:[^'\\\n]|\\.)*')"
    r"|(?P<word>[A-Za-z_]\w*)|(?P<number>\d+(?:\.\d+)?)|(?P<sign>==|!=|[-+*/().,;<>=!&|{}\[\]:?])",
    re.DOTALL,
)
_ASSERT = re.compile(r"(?i)system\s*\.\s*assert\s*\(\s*(true|false)\s*(?:,\s*('(?:[^'\\]|\\.)*')\s*)?\)")
_ASSERT_EQUALS = re.compile(
    r"(?i)system\s*\.\s*assert(Not)?Equals\s*\(\s*('(?:[^'\\]|\\.)*'|[\w.]+)\s*,\s*('(?:[^'\\]|\\.)*'|[\w.]+)\s*\)"
)
_DEBUG = re.compile(r"(?is)system\s*\.\s*debug\s*\(.*\)")
_THROW = re.compile(r"(?i)throw\s+new\s+(?:System\s*\.\s*)?(\w*Exception)\s*\(\s*('(?:[^'\\]|\\.)*')?\s*\)")
_CLOSING = {")": "(", "]": "[", "}": "{"}


@dataclass
class _Problem(Exception):
    line: int
    column: int
    message: str


@dataclass(frozen=True)
class _Statement:
    text: str
    line: int
    column: int


def execute(code: str) -> dict[str, Any]:
    """What `executeAnonymous` answers."""
    try:
        statements = list(_statements(code))
        for statement in statements:
            _check(statement)
    except _Problem as problem:
        return _answer(compiled=False, line=problem.line, column=problem.column, problem=problem.message)
    for statement in statements:
        raised = _run(statement.text)
        if raised:
            trace = f"AnonymousBlock: line {statement.line}, column {statement.column}"
            return _answer(line=statement.line, column=statement.column, exception=raised, trace=trace)
    return _answer()


def _answer(
    *,
    compiled: bool = True,
    line: int = -1,
    column: int = -1,
    problem: str | None = None,
    exception: str | None = None,
    trace: str | None = None,
) -> dict[str, Any]:
    return {
        "line": line,
        "column": column,
        "compiled": compiled,
        "success": compiled and exception is None,
        "compileProblem": problem,
        "exceptionStackTrace": trace,
        "exceptionMessage": exception,
    }


def _statements(code: str) -> Iterator[_Statement]:
    """The statements, each without its semicolon."""
    at, begin = 0, None
    opened: list[str] = []
    while at < len(code):
        match = _TOKEN.match(code, at)
        if match is None:
            raise _problem(code, at, f"Unexpected token '{code[at]}'.")
        piece, kind = match[0], match.lastgroup
        if kind != "blank":
            begin = at if begin is None else begin
        if piece in _CLOSING.values():
            opened.append(piece)
        elif piece in _CLOSING and (not opened or opened.pop() != _CLOSING[piece]):
            raise _problem(code, at, f"Unexpected token '{piece}'.")
        elif piece == ";" and not opened:
            if begin is not None and begin < at:
                yield _Statement(code[begin:at], *_place(code, begin))
            begin = None
        at = match.end()
    if opened or begin is not None:
        raise _problem(code, len(code), "Unexpected token '<EOF>'.")


def _check(statement: _Statement) -> None:
    patterns = (_DEBUG, _ASSERT, _ASSERT_EQUALS, _THROW)
    if not any(pattern.fullmatch(statement.text.strip()) for pattern in patterns):
        message = "The demo org runs System.debug, System.assert and throw; it has no compiler for other Apex."
        raise _Problem(statement.line, statement.column, message)


def _run(text: str) -> str | None:
    """The exception that a statement throws, as its message has it."""
    text = text.strip()
    if found := _ASSERT.fullmatch(text):
        if found[1].lower() == "true":
            return None
        return "System.AssertException: Assertion Failed" + (f": {found[2][1:-1]}" if found[2] else "")
    if found := _ASSERT_EQUALS.fullmatch(text):
        negated, expected, actual = found.groups()
        if (expected == actual) != bool(negated):
            return None
        shown = ", ".join(
            f"{name}: {value.strip(chr(39))}" for name, value in (("Expected", expected), ("Actual", actual))
        )
        return f"System.AssertException: Assertion Failed: {'Same value' if negated else shown}"
    if found := _THROW.fullmatch(text):
        return f"System.{found[1]}: {found[2][1:-1] if found[2] else 'Script-thrown exception'}"
    return None


def _problem(code: str, at: int, message: str) -> _Problem:
    return _Problem(*_place(code, at), message)


def _place(code: str, at: int) -> tuple[int, int]:
    """Line and column, from 1."""
    before = code[:at]
    return before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
