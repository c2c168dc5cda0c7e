"""The trail: one line of JSON for each tool call, in `audit.jsonl` in the state folder. Never values, never tokens."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError

if TYPE_CHECKING:
    from salesforce_mcp.auth.session import Session
    from salesforce_mcp.tools.registry import Tool

FILE = "audit.jsonl"

log = logging.getLogger(__name__)


class Trail:
    """A file that several processes and threads append to."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def write(self, tool: Tool, session: Session | None, *, outcome: str, seconds: float, requests: int) -> None:
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
            _append(self._path or folders.state_dir() / FILE, json.dumps(line, ensure_ascii=False))
        except (OSError, SfmcpError) as error:
            log.warning("The audit trail cannot be written: %s", error)


def _append(path: Path, line: str) -> None:
    from filelock import FileLock

    # Windows has no atomic append, so the lock is what keeps lines of several processes apart.
    with FileLock(f"{path}.lock", timeout=10):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        with open(handle, "a", encoding="utf-8", newline="\n") as file:  # noqa: PTH123 - a descriptor has no path
            file.write(f"{line}\n")
