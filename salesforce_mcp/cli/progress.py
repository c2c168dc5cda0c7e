"""How far a transfer is, on one line of stderr: rows, rate, time left. On terminals, when it takes long."""

from __future__ import annotations

import time

from salesforce_mcp.cli.environment import Environment

PATIENCE = 1.0
"""Seconds after which the line appears."""

EVERY = 0.2
"""Seconds between two changes of it."""

BAR = 20
"""Characters of the bar."""


class Progress:
    """Use as a context manager: what was shown is wiped off at its end. `shown`: False for silence."""

    def __init__(self, here: Environment, *, shown: bool = True) -> None:
        self._stream = here.stderr if shown and here.stderr.isatty() else None
        self._began = time.monotonic()
        self._next = self._began + PATIENCE
        self.rows = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream and self._next > self._began + PATIENCE:
            self._stream.write("\r\x1b[K")
            self._stream.flush()

    def at(self, done: float, total: float | None, words: str = "rows") -> None:
        """`done` rows are through, of `total` in all (None: unknown; `words` then tell more)."""
        self.rows = round(done)
        now = time.monotonic()
        if self._stream is None or now < self._next:
            return
        self._next = now + EVERY
        shown = words if total is None else line(self.rows, round(total), now - self._began)
        self._stream.write(f"\r\x1b[K{shown}")
        self._stream.flush()

    def summary(self) -> str:
        """`5 rows in 0.2 s`."""
        return f"{self.rows:,} {'row' if self.rows == 1 else 'rows'} in {time.monotonic() - self._began:.1f} s"


def line(rows: int, total: int, seconds: float) -> str:
    """`[####----------------] 12,000 of 60,000 rows, 8,500/s, 6 s left`."""
    rate = rows / seconds if seconds else 0.0
    bar = "#" * round(min(rows / total, 1.0) * BAR) if total else ""
    left = f", {(total - rows) / rate:,.0f} s left" if rate and rows < total else ""
    return f"[{bar:-<{BAR}}] {rows:,} of {total:,} rows, {rate:,.0f}/s{left}"
