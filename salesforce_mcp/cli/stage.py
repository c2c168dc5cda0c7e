"""How the demo's conversation looks: boxes and colour on a terminal, plain lines elsewhere."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from rich.box import ROUNDED
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.wording import counted

WIDEST = 110
"""Columns that the conversation takes at most; longer lines are hard to read."""

SOQL_WORDS = ("SELECT", "FROM", "WHERE", "GROUP BY", "ORDER BY", "LIMIT", "DESC", "NULLS LAST", "AND")


class Stage:
    """Shows the parts of the conversation as they come."""

    def __init__(self, here: Environment) -> None:
        self._boxes = here.stdout.isatty()
        self._console = Console(
            file=here.stdout, width=min(here.width, WIDEST) if self._boxes else WIDEST, highlight=False, emoji=False
        )

    def title(self, name: str, words: str) -> None:
        """What is about to be seen."""
        self._print()
        self._print(Text.assemble((name, "bold cyan"), "  ", words))
        self._print()

    def waiting(self, words: str) -> AbstractContextManager[Any]:
        """Says what is being waited for, as long as it lasts; on terminals only."""
        return self._console.status(words, spinner="dots")

    def ready(self, what: str, detail: str, seconds: float) -> None:
        """A part that is up and running."""
        mark = "●" if self._boxes else "*"
        self._print(
            Text.assemble((f"{mark} ", "green"), (what, "bold"), f"  {detail}", (f"  {_duration(seconds)}", "dim"))
        )

    def question(self, words: str) -> None:
        """What a person says to the client."""
        self._print()
        self._print(Text.assemble(("❯ " if self._boxes else "> ", "bold cyan"), (words, "bold")))

    def call(self, tool: str, arguments: Mapping[str, Any]) -> None:
        """The tool call that the client makes of it."""
        if set(arguments) == {"soql"}:
            shown = textwrap.wrap(arguments["soql"], self._console.width - 6)
        else:
            shown = textwrap.wrap(json.dumps(arguments, ensure_ascii=False), self._console.width - 6)
        self._print(Text.assemble("  ", (tool, "magenta")))
        for line in shown:
            words = Text(f"    {line}")
            words.highlight_words(SOQL_WORDS, "cyan")
            self._print(words)

    def asked(self, words: str, answer: str) -> None:
        """What the server asks the user through the client, and the user's answer."""
        mark = "?"
        for line in words.splitlines():
            for part in textwrap.wrap(line, self._console.width - 6):
                self._print(Text.assemble((f"  {mark} ", "yellow"), part))
                mark = " "
        self._print(Text.assemble("    ", (answer, "bold yellow")))

    def answer(self, text: str, seconds: float, *, lines: int, failed: bool = False) -> None:
        """What the model reads, cut after `lines` lines."""
        all_lines = text.rstrip().split("\n")
        shown = all_lines[:lines]
        left = len(all_lines) - len(shown)
        more = f"… and {counted(left, 'more line')}" if left else ""
        if not self._boxes:
            for line in [*shown, *([more] if more else [])]:
                self._print(Text(f"  | {line}"))
            return
        body = Text("\n".join(shown), no_wrap=not failed, overflow="ellipsis")
        if more:
            body.append(f"\n{more}", "dim")
        self._console.print(
            Panel(
                body,
                box=ROUNDED,
                border_style="yellow" if failed else "blue",
                subtitle=Text(_duration(seconds), "dim"),
                subtitle_align="right",
                padding=(0, 1),
            )
        )

    def closing(self, seconds: float, block: str, places: Mapping[str, str], next_steps: list[str]) -> None:
        """The end: total time, the block for the clients' configuration, what to try next."""
        self._print()
        self._print(
            Text.assemble(("Done", "bold green"), f" in {_duration(seconds)}. To ask from your own client, add this to")
        )
        for client, place in places.items():
            self._print(Text.assemble("  ", (client, "bold"), f": {place}"))
        self._print()
        # Without a box and without line breaks, for it to be copied as it stands.
        self._print(Text(block, "green" if self._boxes else ""), wrap=False)
        self._print()
        self._print(Text("Next, in this shell:"))
        for command in next_steps:
            self._print(Text.assemble("  ", (command, "cyan")), wrap=False)

    def _print(self, text: Text | None = None, *, wrap: bool = True) -> None:
        self._console.print(text if text is not None else "", soft_wrap=not wrap or not self._boxes)


def _duration(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
