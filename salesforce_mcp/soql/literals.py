"""What literals mean: numbers, and strings with their escapes.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences".
"""

from __future__ import annotations

import math
import re

_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_INT_END = 2**63
_MAX_ROWS = 2**31 - 1
_ESCAPED = {
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "b": "\b",
    "f": "\f",
    '"': '"',
    "'": "'",
    "\\": "\\",
    "%": "%",
    "_": "_",
}
_SPECIAL_TO_LIKE = frozenset("%_\\")


def number(text: str) -> int | float:
    """An int where there is neither point nor exponent and it has 64 bits. ValueError for what no double can hold."""
    value = float(text)
    if math.isinf(value):
        raise ValueError(text)
    return int(text) if text.lstrip("+-").isdigit() and abs(value) < _INT_END else value


def rows(text: str) -> int:
    """The number of LIMIT and OFFSET. ValueError beyond 32 bits."""
    if len(text) > len(str(_MAX_ROWS)) or int(text) > _MAX_ROWS:
        raise ValueError(text)
    return int(text)


def unescape(text: str) -> tuple[str, str]:
    """What stands between quotes, decoded, and the same as a pattern for LIKE.

    In the pattern a backslash makes `%`, `_` and itself literal. Raises ValueError, with Salesforce's sentence, for a
    backslash before anything else.
    """
    if "\\" not in text:
        return text, text
    value: list[str] = []
    like: list[str] = []
    end = 0
    for escape in _ESCAPE.finditer(text):
        code, letter = escape.groups()
        character = chr(int(code, 16)) if code else _ESCAPED.get(letter.lower())
        if character is None:
            raise ValueError(
                f"Invalid string literal '{text}'. Illegal character sequence '{escape.group()}' in string literal."
            )
        plain = text[end : escape.start()]
        value += (plain, character)
        like += (plain, f"\\{character}" if letter in _SPECIAL_TO_LIKE else character)
        end = escape.end()
    value.append(text[end:])
    like.append(text[end:])
    return _join_surrogates("".join(value)), _join_surrogates("".join(like))


def _join_surrogates(text: str) -> str:
    r"""`\ud83d\ude00` is one character; half of such a pair can't be stored and becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
