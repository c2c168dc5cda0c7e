"""How a function becomes a command: its help from the docstring, its examples below."""

from __future__ import annotations

from collections.abc import Callable

import typer


def add_command(app: typer.Typer, function: Callable[..., None], *examples: str, extra_words: bool = False) -> None:
    """Add a command named as the function is (without the underscore that keeps it off a builtin).

    `extra_words`: the function gets the words that are too many, in its context, and refuses them itself.
    """
    app.command(
        function.__name__.rstrip("_"),
        context_settings={"allow_extra_args": extra_words},
        help=unwrapped(function.__doc__ or ""),
        epilog="\n\n".join(["Examples:" if len(examples) > 1 else "Example:", *examples]),
    )(function)


def unwrapped(text: str) -> str:
    """A docstring without the line ends inside its paragraphs: the terminal's width breaks the lines."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n")).strip()
