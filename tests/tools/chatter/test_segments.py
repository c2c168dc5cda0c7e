from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.chatter.segments import parse
from tests.salesforce.scripted import ScriptedOrg
from tests.tools.conftest import Call

STAN = "0055g0000000002AAA"


def text(words: str) -> dict[str, str]:
    return {"type": "Text", "text": words}


def tag(words: str) -> dict[str, str]:
    return {"type": "Hashtag", "tag": words}


@pytest.mark.parametrize(
    ("message", "segments"),
    [
        ("Plain.", [text("Plain.")]),
        (f"Hi @[{STAN}]!", [text("Hi "), {"type": "Mention", "id": STAN}, text("!")]),
        ("#E17 and #[two words]", [tag("E17"), text(" and "), tag("two words")]),
        ("#Kühlung", [tag("Kühlung")]),
        (
            "See https://x.example/a?b=1#c. Soon",
            [text("See "), {"type": "Link", "url": "https://x.example/a?b=1#c"}, text(". Soon")],
        ),
        ("ada@demo.example, C#7, a#b, x/#y", [text("ada@demo.example, C#7, a#b, x/#y")]),
        ("a\nb # c @ d", [text("a\nb # c @ d")]),
        ("javascript://x ftp://y", [text("javascript://x ftp://y")]),
    ],
)
def test_a_message_becomes_segments(message: str, segments: list[dict[str, Any]]) -> None:
    assert parse(message) == segments


@pytest.mark.parametrize(
    "message",
    [
        "",
        " \n ",
        "x" * 10_001,
        "@[]",
        "@[Stan]",
        "@[001000000000001AAA]",
        "@[0055g0000000002AAB]",
        f"@[{STAN}/../x]",
        " ".join([f"@[{STAN}]"] * 26),
    ],
)
@pytest.mark.parametrize("tool", ["post_to_chatter", "post_comment"])
def test_what_is_no_message_never_leaves(org: ScriptedOrg, call: Call, tool: str, message: str) -> None:
    about = {"subject_id": "me"} if tool == "post_to_chatter" else {"id": "0D5000000000001"}
    with pytest.raises(ArgumentError, match="message"):
        call(tool, **about, message=message)
    assert not org.seen
