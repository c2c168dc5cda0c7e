"""What a command may know of the place it runs in: streams, terminal, width, colour.

Commands use `environment()` alone, never `sys` or `print`, so that tests can put another one in its place. stdout
carries data; everything said to people goes to stderr.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from salesforce_mcp.errors import UsageError

_STEERING = re.compile(r"(?!\x1b\[[\d;]*m)[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Controls, but for tabs, line ends and what begins our own colours."""


class Environment:
    """The streams of this process, or others given in their place."""

    def __init__(self, stdin: TextIO | None = None, stdout: TextIO | None = None, stderr: TextIO | None = None) -> None:
        self.stdin = stdin or sys.stdin
        self.stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr

    @property
    def data(self) -> BinaryIO:
        """stdout for bytes: data formats are UTF-8 with the line ends of the format, on every platform."""
        self.stdout.flush()
        return self.stdout.buffer

    @property
    def width(self) -> int:
        """Columns of the terminal that stdout, or at least stderr, is on; 80 where it can't be told."""
        import shutil

        try:
            of_stderr = os.get_terminal_size(self.stderr.fileno()).columns
        except (OSError, ValueError):
            of_stderr = 0
        return shutil.get_terminal_size((of_stderr or 80, 24)).columns  # a container's terminal may say that it has 0

    @property
    def debug(self) -> bool:
        """SFMCP_DEBUG is set: tracebacks are wanted."""
        return os.environ.get("SFMCP_DEBUG", "") not in ("", "0")

    def colour(self, stream: TextIO) -> bool:
        """Colour is for terminals that can, and only where NO_COLOR (https://no-color.org) isn't set."""
        return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"

    def interactive(self) -> bool:
        """There is a person to ask: both the questions (stderr) and the answers (stdin) are on a terminal."""
        return self.stdin.isatty() and self.stderr.isatty()

    def read(self) -> bytes:
        """All of stdin."""
        return self.stdin.buffer.read()

    def write(self, text: str) -> None:
        """Put data on stdout, a line end added."""
        self.stdout.write(_shown(self.stdout, text) + "\n")

    def say(self, text: str, *, as_it_is: bool = False) -> None:
        """Tell the person something, on stderr. `as_it_is`: its lines mean something, and are never broken."""
        self.stderr.write((_shown(self.stderr, text) if as_it_is else self._fitted(text)) + "\n")
        self.stderr.flush()

    def ask(self, question: str, *, secret: bool = False, alternative: str) -> str:
        """Ask at the terminal and return the answer, stripped. `secret`: it isn't shown while it is typed.

        Raises UsageError where there is no terminal; `alternative` says what to do then, as in "Use --yes.".
        """
        if not self.interactive():
            raise UsageError(f"This needs an answer and there is no terminal to ask: {question}", hint=alternative)
        if secret:
            import getpass

            return getpass.getpass(f"{question} ", self.stderr).strip()
        self.stderr.write(f"{self._fitted(question)} ")
        self.stderr.flush()
        answer = self.stdin.readline()
        if not answer:
            raise KeyboardInterrupt
        return answer.strip()

    def confirm(self, question: str, *, alternative: str) -> bool:
        """Ask yes or no at the terminal; anything but yes is no. Raises as `ask` does."""
        return self.ask(f"{question} [y/N]", alternative=alternative).lower() in ("y", "yes")

    def _fitted(self, text: str) -> str:
        """A message for stderr: on a terminal, its lines break between words."""
        if not self.stderr.isatty():
            return text
        from salesforce_mcp.cli.wrapping import wrapped

        return wrapped(_shown(self.stderr, text), self.width)


def _shown(stream: TextIO, text: str) -> str:
    """What an org or a file says must not steer a terminal; anywhere else it stays as it is."""
    return _STEERING.sub("", text) if stream.isatty() else text


_replaced: Environment | None = None


def environment() -> Environment:
    """The surroundings of the running command."""
    return _replaced or Environment()


@contextmanager
def replaced(other: Environment) -> Iterator[Environment]:
    """Put another environment in place, for tests."""
    global _replaced
    before, _replaced = _replaced, other
    try:
        yield other
    finally:
        _replaced = before
