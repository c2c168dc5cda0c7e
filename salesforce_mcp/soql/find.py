"""The text between the braces of FIND, as words, phrases and operators.

Source: SOQL and SOSL Reference, "FIND {SearchQuery}". Reserved characters that have no role where they stand are taken
as they are: the Reference wants them escaped, but a hyphen or an apostrophe in a word is too common to refuse.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from salesforce_mcp.soql.search_syntax import AllOf, AnyOf, Find, Term, Without

MAX_LENGTH = 10_000
MAX_LENGTH_WITH_OPERATORS = 4_000
_MAX_DEPTH = 100

_BLANKS = re.compile(r"\s*")
_TOKEN = re.compile(
    r"""(?P<mark>[()]) | "(?P<phrase>[^"\\]*(?:\\.[^"\\]*)*)" | (?P<word>(?:[^\s()"\\]|\\.)+)""",
    re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r"\\(?P<escaped>.)|(?P<plain>.)", re.DOTALL)
_WILDCARDS = {"*": "%", "?": "_"}
_LITERALS = frozenset("%_\\")


class FindError(ValueError):
    """The text is no search; `offset` is within it."""

    def __init__(self, sentence: str, offset: int) -> None:
        super().__init__(sentence)
        self.offset = offset


@dataclass
class _Group:
    """An open parenthesis: the branches that OR parts, and what the next term is to the branch."""

    at: int
    branches: list[list[Find]] = field(default_factory=lambda: [[]])
    operator: str | None = None

    def add(self, node: Find) -> None:
        branch = self.branches[-1]
        branch.append(Without(node, at=node.at) if self.operator == "NOT" else node)
        self.operator = None

    def operate(self, word: str, offset: int) -> None:
        """AND, OR, or the NOT of AND NOT."""
        branch = self.branches[-1]
        if word == "NOT":
            if self.operator != "AND":
                raise FindError("NOT is allowed only after AND", offset)
        elif not branch or self.operator:
            raise FindError(f"{word} stands between two terms", offset)
        if word == "OR":
            self.branches.append([])
        else:
            self.operator = word

    def close(self, offset: int) -> Find:
        if self.operator or not self.branches[-1]:
            raise FindError("A term is missing", offset)
        alternatives = [_one_or(AllOf, branch) for branch in self.branches]
        return _one_or(AnyOf, alternatives)


def parse_find(text: str, at: int = 0) -> Find | None:
    """The search of a text whose first character is at `at` in the statement.

    Beyond 4,000 characters there are no operators: any of the words will do. Beyond 10,000 nothing is found: None.
    Raises FindError.
    """
    if len(text) > MAX_LENGTH:
        return None
    if len(text) > MAX_LENGTH_WITH_OPERATORS:
        return _any_word(text, at)
    groups = [_Group(at)]
    end = _after_blanks(text, 0)
    while end < len(text):
        match = _TOKEN.match(text, end)
        if match is None:
            raise FindError("A quotation mark is missing", end)
        kind = match.lastgroup or ""
        start, end = match.start(kind), _after_blanks(text, match.end())
        if kind == "mark":
            _bracket(groups, match["mark"], at, start)
        elif kind == "word" and match["word"].upper() in ("AND", "OR", "NOT"):
            groups[-1].operate(match["word"].upper(), start)
        else:
            groups[-1].add(_term(match[kind], kind == "phrase", at + start))
    if len(groups) > 1:
        raise FindError("A closing parenthesis is missing", groups[-1].at - at)
    return groups[0].close(end)


def _after_blanks(text: str, start: int) -> int:
    match = _BLANKS.match(text, start)
    return match.end() if match else start


def _bracket(groups: list[_Group], mark: str, at: int, start: int) -> None:
    if mark == "(":
        if len(groups) > _MAX_DEPTH:
            raise FindError("The search is too complicated", start)
        groups.append(_Group(at + start))
    elif len(groups) == 1:
        raise FindError("A parenthesis is closed that was not opened", start)
    else:
        node = groups.pop().close(start)
        groups[-1].add(node)


def _any_word(text: str, at: int) -> Find | None:
    terms: list[Find] = [
        _term(match["word"], False, at + match.start("word"))
        for match in _TOKEN.finditer(text)
        if match["word"] and match["word"].upper() not in ("AND", "OR", "NOT")
    ]
    return _one_or(AnyOf, terms) if terms else None


def _term(source: str, phrase: bool, at: int) -> Term:
    text: list[str] = []
    like: list[str] = []
    for piece in _PIECE.finditer(source):
        character = piece["escaped"] or piece["plain"]
        text.append(character)
        if character in _LITERALS:
            like.append(f"\\{character}")
        else:
            like.append(_WILDCARDS.get(character, character) if piece["plain"] else character)
    return Term("".join(text), "".join(like), phrase, at=at)


def _one_or(kind: type[AllOf | AnyOf], nodes: list[Find]) -> Find:
    return nodes[0] if len(nodes) == 1 else kind(tuple(nodes), at=nodes[0].at)
