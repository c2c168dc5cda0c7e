"""Values as a model reads them: exact, short, and without characters that nobody can see."""

from __future__ import annotations

import json
import re
from typing import Any

_WHOLE_SECOND_UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000(?:\+0000|Z)")
_BIGGEST_EXACT = 2**53
"""Above this a float no longer holds every whole number, so its own notation stays."""

_INVISIBLE = re.compile(
    "["
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls, but not tab and line ends
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u2028\u2029\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\ud800-\udfff"  # half a pair is no character, and cannot be sent
    "\U000110bd\U000110cd\U00013430-\U00013455\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    "]+"
)
_WRITTEN = re.compile("[\ufe0e\ufe0f]?[\u200c\u200d]?")
"""How emoji, Persian and Indian scripts use invisible characters: a kind of drawing, a joiner or non-joiner."""

_DRAWINGS = "\ufe0e\ufe0f"
_KEYCAP = "\u20e3"

_CONTROLS = bytes(code for code in range(128) if _INVISIBLE.match(chr(code)))
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def visible(text: str) -> str:
    """The text without control, invisible and bidirectional formatting characters.

    They let a record show a person one thing and tell a model another. Those that writing needs stay.
    """
    if text.isascii():  # by far the most, and for them there is a quick way
        return text.encode().translate(None, _CONTROLS).decode()
    return _INVISIBLE.sub(_as_written, text)


def _as_written(found: re.Match[str]) -> str:
    """The characters that were found where they are part of writing, otherwise nothing.

    A joiner stands between two letters or pictures, a kind of drawing after one.
    """
    invisible, (start, end) = found[0], found.span()
    before, after = found.string[start - 1 : start], found.string[end : end + 1]
    if not _WRITTEN.fullmatch(invisible) or (before.isascii() and after != _KEYCAP):
        return ""
    return invisible if invisible[-1] in _DRAWINGS or (after and not after.isascii()) else ""


def shorten(value: Any) -> Any:
    """The same value with fewer characters, nested too.

    `.000+0000` and `.000Z` become `Z`, `1000000.0` becomes `1000000`.
    """
    if isinstance(value, str):
        return f"{value[:19]}Z" if len(value) in (24, 28) and _WHOLE_SECOND_UTC.fullmatch(value) else value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < _BIGGEST_EXACT else value
    if isinstance(value, dict):
        return {key: shorten(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [shorten(item) for item in value]
    return value


def words(*sentences: str | None) -> str:
    """Sentences one after the other, their moments as short as those of the rows."""
    return _WHOLE_SECOND_UTC.sub(lambda found: shorten(found[0]), " ".join(filter(None, sentences)))


def cell(value: Any) -> str:
    """A value in a CSV cell: nothing for null, true and false, compact JSON for what is nested."""
    value = shorten(value)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return compact(value)


def compact(value: Any) -> str:
    """JSON without spaces."""
    try:
        return _JSON.encode(value)
    except TypeError:  # numbers that no float holds
        from salesforce_mcp.salesforce.response import to_json

        return to_json(value).decode()
