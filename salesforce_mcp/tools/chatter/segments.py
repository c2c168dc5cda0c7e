"""A message as people write it, as message segments: `@[Id]` mentions, `#topic` and `#[two words]` tag, links link."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator

from salesforce_mcp.tools.arguments import check_id, quoted
from salesforce_mcp.tools.chatter.connect import GROUP, USER

MAX_LENGTH = 10_000
MAX_MENTIONS = 25

_TOKEN = re.compile(
    r"@\[(?P<mention>[^\]\n]*)\]"
    r"|(?<![\w#&/])#(?:\[(?P<words>[^\]\n]+)\]|(?P<word>\w+))"
    r"|(?<!\S)(?P<link>https?://\S+?)(?=[.,;:!?]*(?:\s|\Z))"
)

Segments = list[dict[str, Any]]


def parse(text: str) -> Segments:
    """The segments of a message. Raises ValueError for a mention that names no user or group."""
    segments: Segments = []
    start = 0
    for match in _TOKEN.finditer(text):
        if match.start() > start:
            segments.append(_text(text[start : match.start()]))
        segments.append(_segment(match))
        start = match.end()
    if start < len(text):
        segments.append(_text(text[start:]))
    return segments


def _segment(match: re.Match[str]) -> dict[str, Any]:
    if match["mention"] is not None:
        mentioned = check_id(match["mention"])
        if mentioned[:3] not in (USER, GROUP):
            raise ValueError(f"{quoted(mentioned)} is no user or group, and only these can be mentioned with @[Id]")
        return {"type": "Mention", "id": mentioned}
    if match["link"]:
        return {"type": "Link", "url": match["link"]}
    return {"type": "Hashtag", "tag": match["words"] or match["word"]}


def _text(text: str) -> dict[str, Any]:
    return {"type": "Text", "text": text}


def _check(text: str) -> str:
    if not text.strip():
        raise ValueError("it cannot be empty")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"it has {len(text)} characters; a message has at most {MAX_LENGTH}")
    mentions = sum(segment["type"] == "Mention" for segment in parse(text))
    if mentions > MAX_MENTIONS:
        raise ValueError(f"it mentions {mentions} times; a message has at most {MAX_MENTIONS} mentions")
    return text


Message = Annotated[str, AfterValidator(_check)]
"""Text of a post or comment."""
