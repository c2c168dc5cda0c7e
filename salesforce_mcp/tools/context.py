"""What a running tool may use: the org, progress, cancellation, the pages it keeps for later."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp import folders
from salesforce_mcp.errors import SfmcpError

if TYPE_CHECKING:
    from salesforce_mcp.auth.session import Session
    from salesforce_mcp.salesforce.caller import Caller
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.tools.pages import PageStore

Progress = Callable[[float, float | None, str], None]
"""Called with done, total (None: unknown) and a few words."""


class Cancelled(SfmcpError):
    """The caller took the call back."""

    default_code = "CANCELLED"


class DeadlinePassed(SfmcpError):
    """The call has taken as long as a call may."""

    default_code = "DEADLINE"


class Context:
    """One call's surroundings.

    `connect` gives the org's client and is called at first use, so that a tool refused for its arguments needs no
    session. `pages` outlives the call: what was fetched and not yet shown; without any, the call has its own. `limit`:
    seconds that the call may take; None: as long as it wants.
    """

    def __init__(
        self,
        connect: Callable[[], Client],
        *,
        pages: PageStore | None = None,
        progress: Progress | None = None,
        cancelled: threading.Event | None = None,
        limit: float | None = None,
    ) -> None:
        self._connect = connect
        self._pages = pages
        self._progress = progress
        self._cancelled = cancelled or threading.Event()
        self._limit = limit
        self._began = time.monotonic()
        self.caller: Caller | None = None
        """Who the requests are made for, once the call has begun."""

    @cached_property
    def client(self) -> Client:
        """The org. Raises SessionError when there is no login."""
        return self._connect()

    @cached_property
    def pages(self) -> PageStore:
        """What was fetched and not yet shown."""
        from salesforce_mcp.tools.pages import PageStore

        return self._pages or PageStore()

    @property
    def session(self) -> Session | None:
        """The login that this call has used so far, None when it has not come to need one."""
        return self.client.session if "client" in self.__dict__ else None

    @property
    def requests(self) -> int:
        """API calls that the call has spent so far."""
        return self.caller.requests if self.caller else 0

    @property
    def seconds(self) -> float:
        """How long the call has taken so far."""
        return time.monotonic() - self._began

    @cached_property
    def export_dir(self) -> Path:
        """The only folder that tools write files to."""
        return folders.export_dir()

    def progress(self, done: float, total: float | None = None, message: str = "") -> None:
        """Tell the caller how far the work is; raises Cancelled when the caller no longer waits."""
        self.check_cancelled()
        if self._progress:
            self._progress(done, total, message)

    def check_cancelled(self) -> None:
        """Raise Cancelled when the caller took the call back, DeadlinePassed when it takes too long.

        Long work asks before each request.
        """
        if self._cancelled.is_set():
            raise Cancelled("The call was cancelled.")
        if self._limit is not None and self.seconds > self._limit:
            raise DeadlinePassed(
                f"The call took longer than {self._limit / 60:.0f} minutes, which is the most that one may take.",
                hint="What was done stays done. Exports and bulk loads go on where they stopped when called again.",
                retryable=True,
            )
