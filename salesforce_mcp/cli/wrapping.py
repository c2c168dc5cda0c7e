"""Messages on a terminal break between words, where the terminal itself would break inside of them."""

from __future__ import annotations

import re

from salesforce_mcp.cli.table import display_width

_STYLE = re.compile(r"\x1b\[[\d;]*m")


def wrapped(text: str, width: int) -> str:
    """The text in lines of at most `width` columns; a longer word, such as an address, stays whole.

    Indented lines stay as they are, and so does a line with a caret below it.
    """
    lines = text.split("\n")
    below = [*lines[1:], ""]
    return "\n".join(
        line if line[:1].isspace() or under.strip() == "^" else _wrapped(line, width)
        for line, under in zip(lines, below, strict=True)
    )


def _wrapped(line: str, width: int) -> str:
    if display_width(_STYLE.sub("", line)) <= width:
        return line
    out, room = "", width
    for word in line.split(" "):
        size = display_width(_STYLE.sub("", word))
        if out and size >= room:
            out, room = f"{out}\n{word}", width - size
        elif out:
            out, room = f"{out} {word}", room - size - 1
        else:
            out, room = word, width - size
    return out
