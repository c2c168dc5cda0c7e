"""Snapshots of whole answers: what a model reads when it uses a toolset's tools one after the other on a fresh org."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

from tests.tools.demo import Demo

ANSWERS = Path(__file__).parent / "answers"
_PASSING = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?(Z|\+0000)"), "<moment>"),
    (re.compile(r'"(next|kept|query)/\w+-\d+"'), '"<cursor>"'),
    (re.compile(r"http://127\.0\.0\.1:\d+"), "<org>"),
    (re.compile(r"(?<=: )\S*[/\\\\]export[/\\\\]"), "<exports>/"),
    (re.compile(r"milliseconds: \d+"), "milliseconds: <passed>"),
    (re.compile(r"\b(\w{3})5g0\w{12}\b"), r"<\1>"),
)
"""What differs from day to day, or with the org's other data: moments, cursors, Ids, the port, folders."""


class Transcript:
    """A conversation, compared with the one that was kept."""

    def __init__(self, name: str, *, update: bool) -> None:
        self._path = ANSWERS / f"{name}.txt"
        self._update = update
        self._lines: list[str] = []

    def ask(self, demo: Demo, tool: str, **arguments: Any) -> str:
        """Call a tool; the text that a model gets."""
        text = demo.shown(tool, **arguments)
        self._lines.append(f"$ {tool} {json.dumps(arguments, ensure_ascii=False)}\n{text.rstrip()}\n")
        return text

    def check(self) -> None:
        """Compare. With --update-snapshots, or where nothing was kept yet, keep this one."""
        said = "\n".join(self._lines)
        for pattern, shown in _PASSING:
            said = pattern.sub(shown, said)
        if self._update or (not self._path.exists() and not os.environ.get("CI")):
            self._path.parent.mkdir(exist_ok=True)
            self._path.write_text(said, encoding="utf-8")
        assert self._path.exists(), f"there is no {self._path.name}: run pytest with --update-snapshots"
        assert said == self._path.read_text(encoding="utf-8")
