"""What takes long says so, on one line of stderr: rows, rate, time left; or what is waited for. On terminals alone."""

from __future__ import annotations

import os
import threading
import time

from salesforce_mcp.cli.environment import Environment

PATIENCE = 1.0
"""Seconds after which the line appears."""

EVERY = 0.25
"""Seconds between two changes of it."""

BAR = 20
"""Characters of the bar."""


class Progress:
    """Use as a context manager: what was shown is wiped off at its end, or at `hide`.

    `waiting` says what is being waited for until the first `at`. `shown`: False for silence.
    """

    def __init__(self, here: Environment, waiting: str = "Waiting for the org", *, shown: bool = True) -> None:
        # A dumb terminal can't take a line back.
        self._stream = here.stderr if shown and here.stderr.isatty() and os.environ.get("TERM") != "dumb" else None
        self._here = here
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._state: tuple[float, float | None, str] = (0, None, waiting)
        self._first: tuple[float, float] | None = None
        self.rows = 0

    def __enter__(self) -> Progress:
        if self._stream:
            # A thread of its own: the longest waits are those in which nothing is heard.
            self._thread = threading.Thread(target=self._draw, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.hide()

    def at(self, done: float, total: float | None, words: str = "rows") -> None:
        """`done` rows are through, of `total` in all (None: unknown; `words` then tell more)."""
        self.rows = round(done)
        if total is not None and self._first is None:
            # From here on rows flow: before, a job was waited for, or an interrupted run had left some.
            self._first = done, time.monotonic()
        self._state = (done, total, words)

    def hide(self) -> None:
        """Wipe the line off, and show none again."""
        self._ended.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def summary(self) -> str:
        """`5 rows in 0.2 s`."""
        from salesforce_mcp.cli.localized import count  # for terminals alone, and scripts shall start fast

        return f"{count(self.rows, 'row')} in {time.monotonic() - self._began:.1f} s"

    def _draw(self) -> None:
        if self._ended.wait(PATIENCE) or not self._stream:
            return
        while True:
            now = time.monotonic()
            done, total, words = self._state
            if total is None or self._first is None:
                shown = f"{words}, {now - self._began:.0f} s"
            else:
                rows, began = self._first
                shown = line(round(done), round(total), (done - rows) / max(now - began, EVERY))
            # A line that is broken by the terminal's edge can't be wiped off.
            self._stream.write(f"\r\x1b[K{shown[: self._here.width - 1]}")
            self._stream.flush()
            if self._ended.wait(EVERY):
                break
        self._stream.write("\r\x1b[K")
        self._stream.flush()


def line(rows: int, total: int, rate: float) -> str:
    """`[####----------------] 12,000 of 60,000 rows, 8,500/s, 6 s left`. `rate`: rows a second, 0 when unknown."""
    from salesforce_mcp.cli.localized import count

    bar = "#" * round(min(rows / total, 1.0) * BAR) if total else ""
    shown = f"[{bar:-<{BAR}}] {count(rows)} of {count(total, 'row')}"
    if not rate:
        return shown
    left = f", {count(round((total - rows) / rate))} s left" if rows < total else ""
    return f"{shown}, {count(round(rate))}/s{left}"
