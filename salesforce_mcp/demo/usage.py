"""The org's daily API requests: what `Sforce-Limit-Info` and the limits resource tell.

Each process counts in memory and adds to the org's number now and then: a write a request would make every reader wait
for whoever writes.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from salesforce_mcp.demo import state

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store

DAILY_REQUESTS = 115_000
"""100,000 of an Enterprise Edition and 1,000 for each of 15 user licences. It is told, not enforced."""
FLUSH_EVERY = 50
_KIND = "usage"


class Usage:
    """The count of one org, seen from one process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._day = ""
        self._known = 0
        self._pending = 0

    def count(self) -> tuple[int, int]:
        """Count one request; the numbers of the answer's header: used, and the most a day."""
        with self._lock:
            today = datetime.now(UTC).date().isoformat()
            if today != self._day:
                self._day, self._known, self._pending = today, self._load(today), 0
            self._pending += 1
            if self._pending >= FLUSH_EVERY:
                self._flush()
            return self._known + self._pending, DAILY_REQUESTS

    def flush(self) -> None:
        """Add what was counted here to the org's number."""
        with self._lock:
            if self._pending:
                self._flush()

    def _flush(self) -> None:
        with self._store.transaction():
            self._known = self._load(self._day) + self._pending
            state.put(self._store, _KIND, self._day, {"used": self._known})
        self._pending = 0

    def _load(self, day: str) -> int:
        saved = state.get(self._store, _KIND, day)
        return int(saved["used"]) if saved else 0
