"""How a function becomes a command: its help from the docstring, its examples below."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import typer
from typer.core import TyperGroup


class Group(TyperGroup):
    """Commands with the first sentence of each in full, however long it is."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the overview."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, command.get_short_help_str(1000)) for name, command in commands if command])


def add_command(app: typer.Typer, function: Callable[..., None], *examples: str, extra_words: bool = False) -> None:
    """Add a command named as the function is (without the underscore that keeps it off a builtin).

    `extra_words`: the function gets the words that are too many, in its context, and refuses them itself.
    """
    app.command(
        function.__name__.rstrip("_"),
        context_settings={"allow_extra_args": extra_words},
        help=unwrapped(function.__doc__ or ""),
        # A line end within an example would be one within the command, once it is pasted: \b keeps it whole.
        epilog="\n\n".join(["Examples:" if len(examples) > 1 else "Example:", *(f"\b\n{each}" for each in examples)]),
    )(function)


def unwrapped(text: str) -> str:
    """A docstring without the line ends inside its paragraphs: the terminal's width breaks the lines."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")).strip()
