"""Bars made of letters, which any client can show."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 20
_EIGHTHS = " ▏▎▍▌▋▊▉"


def bars(values: Sequence[float | None], whole: float | None = None) -> list[str]:
    """A bar for each value, to eighths of a letter; the largest, or `whole`, has the full width."""
    most = whole or max((value for value in values if value), default=0)
    return [_bar(value / most) if value and most else "" for value in values]


def _bar(share: float) -> str:
    eighths = max(1, round(share * WIDTH * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
