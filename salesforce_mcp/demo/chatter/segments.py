"""The body of a post or comment: from the message segments of a request to text, and from stored text to segments.

Links and topics are parsed out of text, as Salesforce does; a mention is a place in the text that is kept apart, since
nothing in `@Priya Raman` says where the name ends. Source: Connect REST API Developer Guide, "Message Body Input",
"Message Segment Input" and "Message Segment" of each type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from salesforce_mcp.demo import state, users
from salesforce_mcp.demo.chatter import people
from salesforce_mcp.demo.chatter.viewer import GROUP, USER, Viewer, identifier
from salesforce_mcp.demo.errors import ApiError

MAX_MENTIONS = 25
MAX_LENGTH = 10_000
_KIND = "mentions"
_TOKEN = re.compile(
    r"(?<!\S)(?P<link>(?:https?|ftp)://\S*[^\s.,;:!?)\]'\"])|(?<![\w#&/])#(?:\[(?P<words>[^\]\n]+)\]|(?P<word>\w+))"
)


@dataclass
class Message:
    """A body: its text, and the mentions in it as (place, Id, name), in order."""

    text: str = ""
    mentions: list[tuple[int, str, str]] = field(default_factory=list)
    ends_with_link: bool = False

    def add(self, text: str, *, link: bool = False) -> None:
        """Add text; a link gets a space on each side where it would touch other text."""
        if self.text and (link or self.ends_with_link) and not (self.text[-1].isspace() or text[:1].isspace()):
            self.text += " "
        self.text += text
        self.ends_with_link = link

    @property
    def topics(self) -> list[str]:
        """Names of the topics that the text is tagged with."""
        return [tag for kind, _, tag in _pieces(self) if kind == "Hashtag"]


def read(viewer: Viewer, body: Any) -> Message:
    """The body of a request: `{"messageSegments": [{"type": "Text", "text": "..."}, ...]}`."""
    segments = body.get("messageSegments") if isinstance(body, dict) else None
    if not isinstance(segments, list) or not segments:
        raise wrong_body("Specify at least one message segment in body.messageSegments.")
    message = Message()
    for segment in segments:
        kind = str(segment.get("type", "")).lower() if isinstance(segment, dict) else ""
        if kind not in _READERS:
            raise wrong_body(f"Invalid message segment type: {kind or segment}")
        _READERS[kind](viewer, segment, message)
    return checked(message)


def checked(message: Message) -> Message:
    """The message; refused when it says nothing or too much."""
    if not message.text.strip():
        raise wrong_body("The body of a feed item or comment can't be empty.")
    if len(message.text) > MAX_LENGTH:
        text = f"Body: data value too large: (max length={MAX_LENGTH})"
        raise ApiError(400, "STRING_TOO_LONG", text, ["Body"])
    if len(message.mentions) > MAX_MENTIONS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"You can include up to {MAX_MENTIONS} mentions.")
    return message


def wrong_body(message: str) -> ApiError:
    """A request body that isn't what the resource takes."""
    return ApiError(400, "POST_BODY_PARSE_ERROR", message)


def keep(viewer: Viewer, record: str, message: Message) -> None:
    """Keep the mentions of a post or comment; its text is a column."""
    if message.mentions:
        state.put(viewer.context.store, _KIND, record, {"mentions": message.mentions})


def mentioning(viewer: Viewer, user: str) -> list[str]:
    """Ids of the posts and comments that mention a user."""
    kept = state.items(viewer.context.store, _KIND)
    return [record for record, value in kept if any(each[1] == user for each in value["mentions"])]


def write(viewer: Viewer, record: str, text: str | None) -> dict[str, Any]:
    """The body in an answer."""
    kept = state.get(viewer.context.store, _KIND, record) or {"mentions": []}
    pieces = _pieces(Message(text or "", [tuple(each) for each in kept["mentions"]]))
    return body([_segment(viewer, *piece) for piece in pieces])


def body(segments: list[dict[str, Any]]) -> dict[str, Any]:
    """Segments with their text together."""
    return {"isRichText": False, "messageSegments": segments, "text": "".join(each["text"] for each in segments)}


def entity_link(shown: dict[str, Any]) -> dict[str, Any]:
    """A segment that names a user, group or record, of which `shown` is the summary."""
    reference = {"id": shown["id"], "url": shown["url"]}
    return {"motif": shown["motif"], "reference": reference, "text": shown["name"] or "", "type": "EntityLink"}


def text_segment(text: str) -> dict[str, Any]:
    """A segment of mere text."""
    return {"text": text, "type": "Text"}


def _read_text(viewer: Viewer, segment: dict[str, Any], message: Message) -> None:
    message.add(_given(segment, "text"))


def _read_link(viewer: Viewer, segment: dict[str, Any], message: Message) -> None:
    message.add(_given(segment, "url"), link=True)


def _read_tag(viewer: Viewer, segment: dict[str, Any], message: Message) -> None:
    tag = _given(segment, "tag").partition("]")[0]
    message.add(f"#{tag}" if re.fullmatch(r"\w+", tag) else f"#[{tag}]")


def _read_mention(viewer: Viewer, segment: dict[str, Any], message: Message) -> None:
    if segment.get("username"):
        user = users.by_username(viewer.context.store, str(segment["username"]))
        if user is None:
            raise ApiError(400, "INVALID_ID_FIELD", f"Invalid identifier: {segment['username']}")
        record = user.id
    else:
        record = identifier(_given(segment, "id"), USER, GROUP)
    shown = people.subject(viewer, record)
    message.add(f"@{shown['name']}")
    message.mentions.append((len(message.text) - len(shown["name"]) - 1, record, shown["name"]))


_READERS = {"text": _read_text, "link": _read_link, "hashtag": _read_tag, "mention": _read_mention}


def _given(segment: dict[str, Any], name: str) -> str:
    value = segment.get(name)
    if not isinstance(value, str) or not value:
        raise wrong_body(f"The message segment needs a value for {name}.")
    return value


def _pieces(message: Message) -> Iterator[tuple[str, str, str]]:
    """The parts of a body: type, text, and the url, tag or Id that belongs to it."""
    start = 0
    for place, record, name in message.mentions:
        yield from _parsed(message.text[start:place])
        yield "Mention", f"@{name}", record
        start = place + len(name) + 1
    yield from _parsed(message.text[start:])


def _parsed(text: str) -> Iterator[tuple[str, str, str]]:
    start = 0
    for match in _TOKEN.finditer(text):
        if match.start() > start:
            yield "Text", text[start : match.start()], ""
        if match["link"]:
            yield "Link", match["link"], match["link"]
        else:
            tag = (match["words"] or match["word"]).strip()
            yield "Hashtag", f"#{tag}", tag
        start = match.end()
    if start < len(text):
        yield "Text", text[start:], ""


def _segment(viewer: Viewer, kind: str, text: str, value: str) -> dict[str, Any]:
    if kind == "Link":
        return {"text": text, "type": kind, "url": value}
    if kind == "Hashtag":
        tag = quote(value, safe="")
        return {
            "tag": value,
            "text": text,
            "topicUrl": viewer.url(f"connect/topics?exactMatch=true&q={tag}"),
            "type": kind,
            "url": viewer.url(f"chatter/feed-elements?q=%23{tag}"),
        }
    if kind == "Mention":
        shown = people.subject(viewer, value)
        return {"accessible": viewer.sees(value), "name": text[1:], "record": shown, "text": text, "type": kind}
    return text_segment(text)
