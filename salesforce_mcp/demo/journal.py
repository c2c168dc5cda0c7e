"""What the org was asked, for tests that count requests: method, path and status, never tokens, queries or bodies."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request. `status` is 0 when the connection was closed without an answer; `grant` is an OAuth grant type."""

    method: str
    path: str
    status: int
    grant: str | None = None


class Journal:
    """The last requests of one running org."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._total = 0

    def add(self, entry: Entry) -> None:
        with self._lock:
            self._total += 1
            self._entries.append(entry)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._total = 0

    def describe(self, method: str = "*", path: str = "*", grant: str | None = None) -> dict[str, Any]:
        """`{total, count, requests}`: all that were made, those that match, and which they were (the last 10,000)."""
        with self._lock:
            entries, total = list(self._entries), self._total
        matching = [
            {"method": entry.method, "path": entry.path, "status": entry.status}
            | ({"grant_type": entry.grant} if entry.grant else {})
            for entry in entries
            if fnmatchcase(entry.method, method)
            and fnmatchcase(entry.path, path)
            and (grant is None or entry.grant == grant)
        ]
        return {"total": total, "count": len(matching), "requests": matching}
