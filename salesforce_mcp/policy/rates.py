"""How fast an org is asked: so many requests a second and a minute, all processes of this machine together.

The moments of the latest requests stand in a file per org. Whoever comes when a window is full reserves the moment at
which it opens again, and sleeps until then. In no window there are ever more requests than are allowed.
"""

from __future__ import annotations

import hashlib
import logging
import os
import time
from array import array
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from salesforce_mcp import folders
from salesforce_mcp.errors import PolicyError, UsageError
from salesforce_mcp.policy.locking import locked

LONGEST_WAIT = 30.0
"""Seconds that a request waits for its turn; then it is refused, with the moment to come back."""

log = logging.getLogger(__name__)


class Limiter:
    """Gives requests to one org their turn. `windows`: pairs of how many and in how many seconds."""

    def __init__(self, org: str, windows: Sequence[tuple[int, float]], *, folder: Path | None = None) -> None:
        self._windows = windows
        self._kept = max(count for count, _ in windows)
        self._name = hashlib.sha256(org.encode()).hexdigest()[:24]
        self._folder = folder

    def wait(self, pause: Callable[[float], None]) -> None:
        """Sleep, with `pause`, until it is this request's turn. Raises PolicyError RATE_LIMITED when that is far off.

        Where the moments can't be kept, requests go ahead: a full disk or no folder is no reason to lose the org.
        """
        try:
            seconds = self.reserve(time.time())
        except (OSError, UsageError) as error:
            log.debug("the rate of requests can't be kept: %s", error)
            return
        if seconds > 0:
            pause(seconds)

    def reserve(self, now: float) -> float:
        """Take a turn; the seconds until it. `now` is in seconds since the epoch."""
        folder = self._folder or folders.state_dir() / "rates"
        folder.mkdir(mode=0o700, exist_ok=True)
        with locked(folder / self._name) as file:
            moments = _read(file)
            # Moments far ahead were written before the clock was set back.
            if moments and moments[-1] > now + 2 * LONGEST_WAIT:
                moments = array("d")
            turn = max([now, *moments[-1:]])
            for count, seconds in self._windows:
                if len(moments) >= count:
                    turn = max(turn, moments[-count] + seconds)
            if turn - now > LONGEST_WAIT:
                raise _too_fast(turn, self._windows)
            moments.append(turn)
            _write(file, moments[-self._kept :])
        return turn - now


def _read(file: int) -> array[float]:
    moments = array("d")
    kept = os.read(file, os.fstat(file).st_size)
    moments.frombytes(kept[: len(kept) - len(kept) % moments.itemsize])
    return moments


def _write(file: int, moments: array[float]) -> None:
    """In place: a new file that takes the old one's takes ten times as long, and half a moment is passed over."""
    os.lseek(file, 0, os.SEEK_SET)
    os.ftruncate(file, os.write(file, moments.tobytes()))


def _too_fast(turn: float, windows: Sequence[tuple[int, float]]) -> PolicyError:
    when = datetime.fromtimestamp(turn, UTC).strftime("%H:%M:%S UTC")
    limits = " and ".join(f"{count:,} in {seconds:g} seconds" for count, seconds in windows)
    return PolicyError(
        f"The limit of requests to this org is reached ({limits}, all processes of this machine together).",
        code="RATE_LIMITED",
        hint=f"Go on at {when}.",
        retryable=True,
    )
