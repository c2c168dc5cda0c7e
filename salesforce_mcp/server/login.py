"""Logging in through the client: a call that lacks a login hands the user the link, waits, and is done.

The link travels as URL elicitation, which a client shows to its user and keeps from the model. Through 2025-11-25 it is
asked for while the call runs; in the 2026-07-28 era the call ends with what is required, and the client calls again.
Between the two rounds the login goes on listening here. Of calls beside each other one gets the link, the others wait.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from salesforce_mcp.errors import SessionError, SfmcpError

if TYPE_CHECKING:
    from salesforce_mcp.auth.login import PendingLogin

log = logging.getLogger(__name__)

MESSAGE = "Log in to Salesforce in your browser; what you asked for goes on by itself afterwards."
QUESTION = "login"
"""Key of the question in a 2026-07-28 answer."""

BESIDE = 5.0
"""Seconds after a call got the link in which others wait with it. A later one gets the link again: the user may have
lost it."""

Answer = TypeVar("Answer")


class LoginNeeded(SessionError):
    """A call found no session, and can be done again once somebody has logged in."""

    def __init__(self, refusal: SessionError) -> None:
        super().__init__(refusal.message, code=refusal.code, hint=refusal.hint)


class _Login:
    """A login that the user was given the link of. It ends by itself: done, refused, cancelled or out of time."""

    def __init__(self, pending: PendingLogin, refusal: LoginNeeded) -> None:
        self.url = pending.url
        self.name = secrets.token_urlsafe(16)
        self.refusal = refusal
        self.asking = anyio.Lock()
        self._handed_out = float("-inf")
        self.cancelled = threading.Event()
        self.outcome: Future[None] = Future()

    def hand_out(self) -> bool:
        """Whether this call shall show the link, rather than wait with the one that has just got it."""
        now = time.monotonic()
        if now - self._handed_out < BESIDE:
            return False
        self._handed_out = now
        return True

    async def end(self) -> None:
        """Wait for the end. Raises SfmcpError unless somebody is logged in."""
        try:
            await anyio.to_thread.run_sync(self.outcome.result, abandon_on_cancel=True)
        except SfmcpError as error:
            error.hint = error.hint or self.refusal.hint
            raise


class Logins:
    """The logins of one server, one at a time.

    `begin` starts one, `done` is called when one has succeeded.
    """

    def __init__(self, begin: Callable[[], PendingLogin], done: Callable[[], None]) -> None:
        self._begin = begin
        self._done = done
        self._lock = threading.Lock()
        self._current: _Login | None = None
        self._succeeded = 0

    async def through(
        self,
        context: ServerRequestContext[Any],
        params: types.InputResponseRequestParams,
        call: Callable[[], Awaitable[Answer]],
    ) -> Answer | types.InputRequiredResult:
        """Do `call`; where it lacks a login that the user can give through the client, then again.

        Returns what the client must ask the user before it calls again. Raises what `call` raises, LoginNeeded where
        the user can't be asked, or what the login failed with.
        """
        await self._return(params)
        succeeded = self._succeeded
        try:
            return await call()
        except LoginNeeded as refusal:
            if not _takes_links(context):
                raise
            login = await anyio.to_thread.run_sync(self._open, refusal, succeeded)
            if login and context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
                await _ask(login, context)
            elif login and login.hand_out():
                question = types.ElicitRequest(params=types.ElicitRequestURLParams(message=MESSAGE, url=login.url))
                return types.InputRequiredResult(input_requests={QUESTION: question}, request_state=login.name)
            elif login:
                await login.end()
        return await call()

    async def _return(self, params: types.InputResponseRequestParams) -> None:
        """The second round of 2026-07-28: wait for the login that the first one began."""
        answer = (params.input_responses or {}).get(QUESTION)
        login = self._current
        if not login or not isinstance(answer, types.ElicitResult) or params.request_state != login.name:
            return
        if answer.action != "accept":
            login.cancelled.set()
        await login.end()

    def _open(self, refusal: LoginNeeded, succeeded: int) -> _Login | None:
        """The login under way, or a new one; None when one has succeeded since the call that was refused began.

        `succeeded` is how many had by then. Raises the refusal when none can be begun, as it names the command.
        """
        with self._lock:
            if self._succeeded > succeeded:
                return None
            if self._current is None or self._current.outcome.done():
                try:
                    pending = self._begin()
                except SfmcpError as error:
                    log.warning("no login could be begun: %s", error)
                    raise refusal from error
                self._current = _Login(pending, refusal)
                threading.Thread(target=self._wait, args=(pending, self._current), daemon=True).start()
            return self._current

    def _wait(self, pending: PendingLogin, login: _Login) -> None:
        try:
            pending.wait(cancelled=login.cancelled)
            self._done()
        except BaseException as error:  # noqa: BLE001 - raised where the outcome is waited for
            login.outcome.set_exception(error)
        else:
            with self._lock:  # a call that is refused late must not see one without the other
                self._succeeded += 1
                login.outcome.set_result(None)


def _takes_links(context: ServerRequestContext[Any]) -> bool:
    declared = context.session.client_capabilities
    return bool(declared and declared.elicitation and declared.elicitation.url is not None)


async def _ask(login: _Login, context: ServerRequestContext[Any]) -> None:
    """Show the link, once however many calls need the login, and wait until it is over."""
    async with login.asking:
        if not login.outcome.done():
            try:
                answer = await context.session.elicit_url(MESSAGE, login.url, login.name, context.request_id)
            except MCPError as error:
                raise login.refusal from error  # the client would not show it, whatever it declared
            if answer.action != "accept":
                login.cancelled.set()
            await login.end()
            await context.session.send_elicit_complete(login.name, context.request_id)
    await login.end()
