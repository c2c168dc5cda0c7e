"""JSON with comments and last commas, as editors keep their settings: read, and changed in place.

A change touches nothing but the members it is about: the order, comments, blanks and line ends of everything else stay
as they are, byte for byte. (A JSON library would write the file anew.)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_BLANK = re.compile(r"[ \t\r\n\ufeff]+")
_COMMENT = re.compile(r"//[^\r\n]*|/\*.*?\*/", re.DOTALL)
_DEEPEST = 200


class JsoncError(ValueError):
    """The text is no JSON; the message says where."""

    def __init__(self, what: str, text: str, at: int) -> None:
        row = text.count("\n", 0, at) + 1
        column = at - (text.rfind("\n", 0, at) + 1) + 1
        super().__init__(f"line {row}, column {column}: {what}")


@dataclass(slots=True)
class _Member:
    """`"name": value`; `comma` is where a comma follows."""

    name: str
    start: int
    value: _Node
    comma: int | None = None


@dataclass(slots=True)
class _Node:
    """A value and where it stands in the text; `members` are those of an object, a name that comes twice twice."""

    start: int
    end: int
    content: Any
    members: list[_Member] | None = None

    def find(self, name: str) -> _Member | None:
        """The member that counts: the last of this name."""
        return next((member for member in reversed(self.members or ()) if member.name == name), None)


def loads(text: str, *, comments: bool = True) -> Any:
    """The value that `text` holds; None for an empty text. Raises JsoncError.

    Without `comments` it is JSON as RFC 8259 has it: no comments, no last commas.
    """
    return _Parser(text, comments).whole().content


def merge(text: str, change: Mapping[str, Any]) -> str:
    """`text`, an object, with the members of `change` added or replaced, objects in it likewise.

    Raises JsoncError, also where `change` has an object and the text another kind of value.
    """
    root = _Parser(text, comments=True).whole()
    if root.members is None and root.content is None and root.start == root.end:
        text, root = "{}\n", _Node(0, 2, {}, [])
    style = _Style.of(text, root)
    # From the last place in the text to the first, so that the places of those to come stay right.
    for start, end, new in sorted(_changes(text, root, change, style, 0), key=lambda edit: edit[:2], reverse=True):
        text = text[:start] + new + text[end:]
    return text


def remove(text: str, *path: str) -> str:
    """`text` without the member that `path` leads to, and without its comma; as it is where there is none."""
    node: _Node | None = _Parser(text, comments=True).whole()
    for name in path[:-1]:
        member = node.find(name) if node else None
        node = member.value if member else None
    member = node.find(path[-1]) if node else None
    if node is None or member is None or node.members is None:
        return text
    index = next(place for place, each in enumerate(node.members) if each is member)
    start, end = member.start, member.value.end if member.comma is None else member.comma + 1
    before_it = text[:start].rstrip(" \t")
    alone = before_it.endswith("\n") and text[end:].lstrip(" \t")[:1] in ("\r", "\n")
    if alone:
        start = len(before_it.removesuffix("\n").removesuffix("\r"))
    elif member.comma is None:
        start = len(before_it)
    else:
        end = len(text) - len(text[end:].lstrip(" \t"))
    text = text[:start] + text[end:]
    before = node.members[index - 1].comma if index and member.comma is None else None
    text = text if before is None else text[:before] + text[before + 1 :]
    return remove(text, *path)  # a name may stand there twice


@dataclass(frozen=True, slots=True)
class _Style:
    """How the text is laid out: what a level is indented by, and how lines end."""

    indent: str
    line_end: str

    @classmethod
    def of(cls, text: str, root: _Node) -> _Style:
        line_end = "\r\n" if "\r\n" in text else "\n"
        first = root.members[0].start if root.members else 0
        margin = text[text.rfind("\n", 0, first) + 1 : first]
        return cls(margin if margin and not margin.strip() else "  ", line_end)

    def line(self, depth: int) -> str:
        return self.line_end + self.indent * depth

    def dumps(self, value: Any, depth: int, *, flat: bool) -> str:
        """A value as text, flat where its neighbours share a line. Lists of plain values always are."""
        if flat or not value or not isinstance(value, dict):
            return json.dumps(value, ensure_ascii=False)
        members = (
            f"{json.dumps(name, ensure_ascii=False)}: {self.dumps(each, depth + 1, flat=False)}"
            for name, each in value.items()
        )
        return "{" + self.line(depth + 1) + ("," + self.line(depth + 1)).join(members) + self.line(depth) + "}"


def _changes(
    text: str, node: _Node, change: Mapping[str, Any], style: _Style, depth: int
) -> Iterator[tuple[int, int, str]]:
    """What to put between which places."""
    if node.members is None:
        raise JsoncError("an object was expected here", text, node.start)
    added = {}
    for name, value in change.items():
        member = node.find(name)
        if member is None:
            added[name] = value
        elif isinstance(value, Mapping):
            yield from _changes(text, member.value, value, style, depth + 1)
        elif member.value.content != value or type(member.value.content) is not type(value):
            yield member.value.start, member.value.end, style.dumps(value, depth + 1, flat=True)
    if added:
        yield from _additions(text, node, added, style, depth)


def _additions(
    text: str, node: _Node, added: Mapping[str, Any], style: _Style, depth: int
) -> Iterator[tuple[int, int, str]]:
    """New members behind the last, and behind the comments that follow it."""
    close = node.end - 1
    content_end = len(text[:close].rstrip())
    inside = text[node.start + 1 : close]
    flat = bool(node.members) and "\n" not in inside
    between = " " if flat else style.line(depth + 1)
    members = [
        f"{json.dumps(name, ensure_ascii=False)}: {style.dumps(value, depth + 1, flat=flat)}"
        for name, value in added.items()
    ]
    new = between + ("," + between).join(members)
    if node.members and node.members[-1].comma is not None:
        new += ","
    if not flat and "\n" not in text[content_end:close]:
        yield content_end, close, new + style.line(depth)
    else:
        yield content_end, content_end, new
    if node.members and node.members[-1].comma is None:
        last = node.members[-1].value.end
        yield last, last, ","


class _Parser:
    """Reads a text into nodes."""

    def __init__(self, text: str, comments: bool) -> None:
        self.text = text
        self.comments = comments
        self.scalar = json.JSONDecoder(parse_constant=_no_constant).raw_decode

    def whole(self) -> _Node:
        at = self._skip(0)
        if at == len(self.text):
            return _Node(at, at, None)
        node = self._value(at, 0)
        at = self._skip(node.end)
        if at != len(self.text):
            raise JsoncError("nothing was expected after the end", self.text, at)
        return node

    def _value(self, at: int, depth: int) -> _Node:
        if depth > _DEEPEST:
            raise JsoncError("this is nested too deep", self.text, at)
        first = self.text[at : at + 1]
        if first == "{":
            return self._object(at, depth)
        if first == "[":
            return self._list(at, depth)
        try:
            content, end = self.scalar(self.text, at)
        except json.JSONDecodeError as error:
            raise JsoncError(
                "a value was expected" if error.msg == "Expecting value" else error.msg, self.text, error.pos
            ) from None
        except _NoConstantError as error:
            raise JsoncError(f"{error} is no JSON", self.text, at) from None
        return _Node(at, end, content)

    def _object(self, start: int, depth: int) -> _Node:
        members: list[_Member] = []
        at = self._skip(start + 1)
        while self._another("}", at, first=not members):
            if self.text[at] != '"':
                raise JsoncError('a name in " was expected', self.text, at)
            name = self._value(at, depth)
            colon = self._skip(name.end)
            if self.text[colon : colon + 1] != ":":
                raise JsoncError("a colon was expected", self.text, colon)
            member = _Member(name.content, at, self._value(self._skip(colon + 1), depth + 1))
            members.append(member)
            at, member.comma = self._after(member.value.end, "}")
        return _Node(start, at + 1, {member.name: member.value.content for member in members}, members)

    def _list(self, start: int, depth: int) -> _Node:
        values: list[Any] = []
        at = self._skip(start + 1)
        while self._another("]", at, first=not values):
            node = self._value(at, depth + 1)
            values.append(node.content)
            at, _ = self._after(node.end, "]")
        return _Node(start, at + 1, values)

    def _another(self, close: str, at: int, *, first: bool) -> bool:
        """Whether another member begins here, rather than the end."""
        if at >= len(self.text):
            raise JsoncError(f"the text ends before its {close}", self.text, at)
        if self.text[at] != close:
            return True
        if not first and not self.comments and self.text[:at].rstrip().endswith(","):
            raise JsoncError("a comma stands before the end", self.text, at)
        return False

    def _after(self, end: int, close: str) -> tuple[int, int | None]:
        """Where the next member or the end is, and where the comma before it."""
        at = self._skip(end)
        if self.text[at : at + 1] == ",":
            return self._skip(at + 1), at
        if self.text[at : at + 1] not in (close, ""):
            raise JsoncError(f"a comma or {close} was expected", self.text, at)
        return at, None

    def _skip(self, at: int) -> int:
        """Past blanks and comments."""
        while True:
            if blank := _BLANK.match(self.text, at):
                at = blank.end()
            elif self.comments and (comment := _COMMENT.match(self.text, at)):
                at = comment.end()
            else:
                return at


class _NoConstantError(Exception):
    """NaN or an infinity, which Python's decoder would take."""


def _no_constant(name: str) -> Any:
    raise _NoConstantError(name)
