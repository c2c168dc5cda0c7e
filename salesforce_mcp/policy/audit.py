"""The trail: one line of JSON for each tool call, in `audit.jsonl` in the state folder. Never values, never tokens.

Several processes write it. When it has grown to `ROTATE_AT` it becomes `audit.1.jsonl`, that one `audit.2.jsonl`, and
so on; the last is dropped.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.policy.locking import locked

if TYPE_CHECKING:
    from salesforce_mcp.auth.session import Session
    from salesforce_mcp.policy.admission import Known

FILE = "audit.jsonl"
ROTATE_AT = 10_000_000
"""Bytes: some forty thousand calls."""
KEPT = 9
"""Files beside the one that is written."""

log = logging.getLogger(__name__)


class Trail:
    """A file that several processes and threads append to."""

    def __init__(self, path: Path | None = None, *, rotate_at: int = ROTATE_AT) -> None:
        self._path = path
        self._rotate_at = rotate_at

    def write(self, tool: Known, session: Session | None, *, outcome: str, seconds: float, requests: int) -> None:
        """Append a line: time (UTC), org, user, tool, access, outcome (`ok` or an error's code), ms, API calls spent.

        `session` is the login that was used, None when the call ended before it needed one. A trail that cannot be
        written is said in the log and does not fail the call, which may have changed the org already.
        """
        line = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            # Asking a session that sent nothing for its address could begin a login.
            "org": session.alias or (session.instance_url if requests else None) if session else None,
            "org_id": session.org_id if session else None,
            "user": session.username if session else None,
            "tool": tool.name,
            "access": tool.access,
            "outcome": outcome,
            "ms": round(seconds * 1000),
            "api_calls": requests,
        }
        try:
            self._append(self._path or folders.state_dir() / FILE, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        except (OSError, SfmcpError) as error:
            log.warning("The audit trail cannot be written: %s", error)

    def read(self) -> Iterator[dict[str, Any]]:
        """All lines, the oldest first; one that a crash cut off is left out."""
        path = self._path or folders.state_dir() / FILE
        for each in [*(_older(path, number) for number in range(KEPT, 0, -1)), path]:
            try:
                lines = each.read_bytes().splitlines()
            except FileNotFoundError:
                continue
            for line in lines:
                try:
                    entry = json.loads(line)
                except ValueError:
                    continue
                if isinstance(entry, dict):
                    yield entry

    def _append(self, path: Path, line: bytes) -> None:
        # Windows has no atomic append, and rotating needs to be alone anyway.
        with locked(path.with_name(f"{path.name}.lock")):
            if path.exists() and path.stat().st_size + len(line) > self._rotate_at:
                _rotate(path)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0), 0o600)
            try:
                end = os.fstat(handle).st_size
                try:
                    if os.write(handle, line) < len(line):
                        raise OSError("the line was cut off: is the disk full?")
                except OSError:
                    with suppress(OSError):
                        os.ftruncate(handle, end)  # half a line would spoil the next one
                    raise
            finally:
                os.close(handle)


def _older(path: Path, number: int) -> Path:
    return path.with_name(f"{path.stem}.{number}{path.suffix}")


def _rotate(path: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        older = _older(path, number)
        if older.exists():
            older.replace(_older(path, number + 1))
    path.replace(_older(path, 1))
