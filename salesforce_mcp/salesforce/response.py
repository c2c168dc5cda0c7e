"""An org's answer, read whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from salesforce_mcp.errors import NetworkError

MAX_VALUES = 10_000_000
"""Values in one answer; 2,000 records of 800 fields are a sixth."""

MAX_DEPTH = 100
"""Levels of nested JSON; a describe has six."""

_UNREAD = object()

_NO_BRACKETS = bytes(byte for byte in range(256) if chr(byte) not in "[]{}")

_DIGITS = bytes(ord("0") if chr(byte) in "0123456789." else byte for byte in range(256))

_SURE = 16
"""Characters of a number that a float surely holds: 15 digits and a point."""


class Response:
    """`status`: HTTP status; `headers`: names in any case; `content`: the body, decompressed.

    `repeated`: the same write was sent before and that sending's outcome is unknown, so that this answer may be about
    what is done already.
    """

    __slots__ = ("_json", "content", "headers", "repeated", "status")

    def __init__(self, status: int, headers: Mapping[str, str], content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content
        self.repeated = False
        self._json: Any = _UNREAD

    @property
    def is_json(self) -> bool:
        """The answer says that it is JSON."""
        return "json" in self.headers.get("Content-Type", "")

    def json(self) -> Any:
        """The body as JSON, None for an empty one. Raises NetworkError for anything else.

        Numbers that no float holds are a Decimal, or an int of any size.
        """
        if self._json is _UNREAD:
            self._json = self._parse() if self.content else None
        return self._json

    def cleaned(self, clean: Callable[[Any], Any]) -> Response:
        """The same answer with other JSON in it; one that isn't JSON stays as it is."""
        if not self.is_json or not self.content:
            return self
        whole = self.json()
        left = clean(whole)
        if left is whole:
            return self
        cleaned = Response(self.status, self.headers, to_json(left))
        cleaned.repeated = self.repeated
        return cleaned

    def _parse(self) -> Any:
        # Small values take many times their bytes in memory. Commas in texts count too: the bound is generous.
        if len(self.content) > MAX_VALUES and sum(map(self.content.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise NetworkError(
                f"The org's answer holds more than {MAX_VALUES:,} values.",
                code="ANSWER_TOO_LARGE",
                hint="Ask for fewer fields or records.",
            )
        parsed = self._loaded()
        if _may_be_deep(self.content) and _is_deep(parsed):
            raise NetworkError(f"The org's answer is nested deeper than {MAX_DEPTH} levels.", code="UNEXPECTED_ANSWER")
        return parsed

    def _loaded(self) -> Any:
        try:
            return exact_loads(self.content)
        except ValueError:
            pass
        try:
            return _mend(json.loads(self.content.decode("utf-8", "replace"), parse_float=exact_number))
        except (ValueError, RecursionError):
            pass
        if self.content.lstrip()[:1] == b"<":
            raise NetworkError(
                "The org answered with a web page where data was expected.",
                code="NOT_JSON",
                hint="Check the org's address: it should be like https://mycompany.my.salesforce.com.",
            )
        raise NetworkError("The org's answer broke off or is not JSON.", code="NOT_JSON", retryable=True)


def _may_be_deep(content: bytes) -> bool:
    """Whether JSON may be nested deeper than MAX_DEPTH; true as well where brackets in texts make it hard to tell.

    It takes a twentieth of the time of looking at every value.
    """
    left = content.translate(None, _NO_BRACKETS)
    for _ in range(MAX_DEPTH // 2):  # each turn takes away one level or two
        if not left:
            return False
        left = left.replace(b"{}", b"").replace(b"[]", b"")
    return True


def _is_deep(value: Any) -> bool:
    """Whether JSON is nested deeper than any answer of Salesforce's, which the code that reads it may not survive."""
    level = [value]
    for _ in range(MAX_DEPTH):
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [item for items in inner for item in items if type(item) in (dict, list)]
        if not level:
            return False
    return True


def exact_loads(content: bytes | str) -> Any:
    """JSON, with numbers as in `Response.json`. Raises orjson.JSONDecodeError."""
    parsed = orjson.loads(content)
    if not may_be_inexact(content if isinstance(content, bytes) else content.encode()):
        return parsed
    try:
        return json.loads(content, parse_float=exact_number)
    except (ValueError, RecursionError):  # a number of thousands of digits
        return parsed


def to_json(value: Any, *, indent: bool = False) -> bytes:
    """JSON, compact or indented by two, numbers exact: a Decimal or an int of any size too."""
    try:
        return orjson.dumps(value, option=orjson.OPT_INDENT_2 if indent else 0)
    except TypeError:
        import msgspec

        content = msgspec.json.Encoder(decimal_format="number").encode(value)
        return msgspec.json.format(content, indent=2) if indent else content


def may_be_inexact(content: bytes) -> bool:
    """Whether there are more digits in a row than a float surely holds, in a number or inside a string."""
    return b"0" * (_SURE + 1) in content.translate(_DIGITS)


def exact_number(text: str) -> float | Decimal:
    """A JSON number with a fraction or an exponent, as a float where that is the same number."""
    number = float(text)
    if len(text) <= _SURE:
        return number
    try:
        exact = Decimal(text)
    except InvalidOperation:  # an exponent of more than 18 digits
        return number
    return number if Decimal(repr(number)) == exact else exact


def _mend(value: Any) -> Any:
    """JSON without halves of characters, such as a text has that Salesforce cut inside an emoji."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_mend(item) for item in value]
    return value
