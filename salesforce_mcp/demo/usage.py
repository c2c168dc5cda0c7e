"""The org's daily API requests: what `Sforce-Limit-Info` and the limits resource tell.

Each process counts in memory and adds to the org's number now and then: a write a request would make every reader wait
for whoever writes.
"""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from salesforce_mcp.demo import state
from salesforce_mcp.demo.store import BUSY_TIMEOUT

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
        """Write, unless somebody else is writing: a count is not worth a wait, and there will be another time."""
        connection = self._store.connection()
        connection.execute("PRAGMA busy_timeout = 0")
        try:
            with self._store.transaction():
                used = self._load(self._day) + self._pending
                state.put(self._store, _KIND, self._day, {"used": used})
        except sqlite3.OperationalError:
            return
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT * 1000)}")
        self._known, self._pending = used, 0

    def _load(self, day: str) -> int:
        saved = state.get(self._store, _KIND, day)
        return int(saved["used"]) if saved else 0
