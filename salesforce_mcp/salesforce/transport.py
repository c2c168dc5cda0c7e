"""How requests leave for one org: the token, connections, time limits, retries, and what is refused here.

Nothing goes anywhere but to the session's own address: redirects aren't followed, and plain http is for loopback alone.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import requests
from requests import exceptions

from salesforce_mcp.auth.adapter import never_left
from salesforce_mcp.auth.hosts import is_loopback
from salesforce_mcp.auth.session import Session
from salesforce_mcp.auth.watch import pieces_of, whole
from salesforce_mcp.errors import NetworkError, SfmcpError, UsageError
from salesforce_mcp.salesforce import caller, faults, retries
from salesforce_mcp.salesforce.pool import SessionPool
from salesforce_mcp.salesforce.response import Response
from salesforce_mcp.salesforce.retries import Attempt

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 130.0
"""Seconds without a byte. Salesforce itself ends a query after 120."""

ANSWER_TIMEOUT = 600.0
"""Seconds in which an answer that is read into memory must have arrived."""

MAX_BODY = 128 * 1024 * 1024
"""Bytes of one answer that are read into memory, decompressed. Larger things are streamed."""

_CHUNK = 1 << 18
"""Bytes taken from the connection at once, at most; decompressing many small pieces takes longer."""

_READS = frozenset({"GET", "HEAD"})

_log = logging.getLogger(__name__)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request. `path` begins with a slash; `body` is sent as it is, a file from its present place."""

    method: str
    path: str
    params: Mapping[str, Any] | None = None
    body: bytes | str | IO[bytes] | None = None
    headers: Mapping[str, str] | None = None
    timeout: float = READ_TIMEOUT
    repeatable: bool = True
    """Sending it twice leaves the org as sending it once would."""
    unparsed: bool = False
    """The caller parses the answer itself: JSON that broke off isn't noticed here."""

    @property
    def is_write(self) -> bool:
        return self.method not in _READS


class Transport:
    """Sends requests to the org of a session. Safe for threads."""

    def __init__(self, session: Session, *, pause: Callable[[float], None] = caller.pause) -> None:
        self._session = session
        self._pause = pause
        self._pool = SessionPool()
        self.api_usage: tuple[int, int] | None = None
        """API calls of the last 24 hours and how many are allowed, as the latest answer said (Sforce-Limit-Info)."""

    def send(self, request: Outgoing) -> Response:
        """The org's answer, with a status below 300 or 304.

        Raises SalesforceError when it refuses, SessionError when it accepts no token, NetworkError when it can't be
        reached or its answer can't be read.
        """
        rewind = _rewind(request.body)
        unknown = False

        def once(token: str) -> Attempt[Response]:
            rewind()
            return self._once(request, token)

        def attempt() -> Attempt[Response]:
            nonlocal unknown
            outcome = self._authorized(once)
            if not outcome.transient and unknown:
                outcome = _after_unknown(request, outcome)
            unknown = unknown or outcome.unknown
            return outcome

        try:
            outcome = retries.persist(attempt, repeatable=request.repeatable, pause=self._pause)
            return _settle(outcome, request)
        except SfmcpError as error:
            if unknown and request.is_write and not error.uncertain:
                retries.doubt(error)
            raise

    @contextmanager
    def stream(self, request: Outgoing) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """The answer's headers and its body as it arrives. Raises as `send` does, the iterator too."""
        with ExitStack() as stack:

            def attempt() -> Attempt[requests.Response]:
                return self._authorized(lambda token: self._open(request, token, stack))

            answer = _settle(retries.persist(attempt, repeatable=request.repeatable, pause=self._pause), request)
            yield answer.headers, _chunks(answer)

    def close(self) -> None:
        """Close the idle connections."""
        self._pool.close()

    def _authorized(self, once: Callable[[str], Attempt[Answer]]) -> Attempt[Answer]:
        """Send with a token; when the org refuses it, renew it and send again, once: a 401 means nothing was done."""
        caller.current().check()
        token = self._session.access_token()
        outcome = once(token)
        if isinstance(outcome.error, faults.FreshTokenRefused):
            outcome = once(self._session.renew(token))
        return outcome

    def _once(self, request: Outgoing, token: str) -> Attempt[Response]:
        with ExitStack() as stack:
            opened = self._open(request, token, stack)
            if opened.answer is None:
                return Attempt(None, opened.error, opened.transient, opened.harmless, opened.pause)
            try:
                response = Response(opened.answer.status_code, opened.answer.headers, _read(opened.answer))
                if response.is_json and request.repeatable and not request.unparsed:
                    response.json()  # cut off by something on the way, it may arrive whole the next time
            except exceptions.RequestException as error:
                return _broken(error)
            except NetworkError as error:
                return Attempt(error=error, transient=error.retryable)
        return Attempt(response)

    def _open(self, request: Outgoing, token: str, stack: ExitStack) -> Attempt[requests.Response]:
        """Send it, and leave the answer's body on the way; it is closed with the stack."""
        started = time.monotonic()
        caller.current().count()
        address = _secure(self._session.instance_url)
        session = stack.enter_context(self._pool.borrow(address))
        try:
            answer = stack.enter_context(
                session.request(
                    request.method,
                    address + request.path,
                    params=request.params,
                    data=request.body,
                    headers=request.headers,
                    auth=_Bearer(token),
                    timeout=(CONNECT_TIMEOUT, request.timeout),
                    allow_redirects=False,
                    stream=True,
                )
            )
            self._note(request, answer, started)
            if answer.status_code < 300 or answer.status_code == 304:
                return Attempt(answer)
            return retries.refused(Response(answer.status_code, answer.headers, _read(answer)))
        except exceptions.SSLError as error:
            if _untrusted(error) and self._pool.trust_system(session):
                return self._open(request, token, stack)  # refused in the handshake: nothing was sent
            return _broken(error)
        except exceptions.RequestException as error:
            return _broken(error)
        except NetworkError as error:
            return Attempt(error=error)

    def _note(self, request: Outgoing, answer: requests.Response, started: float) -> None:
        usage = re.search(r"api-usage=(\d+)/(\d+)", answer.headers.get("Sforce-Limit-Info", ""))
        if usage:
            self.api_usage = int(usage[1]), int(usage[2])
        # Neither query, headers nor bodies: they hold data and tokens.
        taken = (time.monotonic() - started) * 1000
        path = request.path.partition("?")[0]
        _log.debug("%s %s: %d in %.0f ms", request.method, path, answer.status_code, taken)


class _Bearer(requests.auth.AuthBase):
    """The token, put into the request at the last moment, so that no other code of requests' handles it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def _settle(outcome: Attempt[Answer], request: Outgoing) -> Answer:
    if outcome.answer is None:
        raise retries.explain(outcome, write=request.is_write, repeatable=request.repeatable)
    return outcome.answer


def _after_unknown(request: Outgoing, outcome: Attempt[Response]) -> Attempt[Response]:
    """What an answer means when the same write was sent before and that one's outcome is unknown."""
    error = outcome.error
    if request.method == "DELETE" and error is not None and error.code == "ENTITY_IS_DELETED":
        return Attempt(Response(204, {}, b""))
    if outcome.answer is not None:
        outcome.answer.repeated = request.is_write
    return outcome


def _read(answer: requests.Response) -> bytes:
    """The whole body. Raises NetworkError when it is larger than memory should hold."""
    pieces: list[bytes] = []
    size = 0
    with whole(answer, ANSWER_TIMEOUT):
        for piece in pieces_of(answer, _CHUNK):
            size += len(piece)
            if size > MAX_BODY:
                raise NetworkError(
                    f"The org's answer is larger than {MAX_BODY // 1024 // 1024} MB.",
                    code="ANSWER_TOO_LARGE",
                    hint="Ask for fewer fields or records.",
                )
            pieces.append(piece)
    return b"".join(pieces)


def _chunks(answer: requests.Response) -> Iterator[bytes]:
    try:
        yield from pieces_of(answer, _CHUNK)
    except exceptions.RequestException as error:
        raise _broken(error).error or NetworkError("The answer broke off.") from error


def _broken(error: exceptions.RequestException) -> Attempt[Any]:
    """A sending that brought no answer, in our own words: requests' would show addresses and queries."""
    if isinstance(error, exceptions.SSLError) and _untrusted(error):
        return Attempt(
            error=NetworkError(
                "The org's certificate is not trusted.",
                code="CERTIFICATE",
                hint="Behind a company's proxy, name its authority's bundle with REQUESTS_CA_BUNDLE.",
            )
        )
    if never_left(error):
        words = "The org could not be reached: no connection could be made."
        hint = "Check the network, the org's address and HTTPS_PROXY."
        return Attempt(error=NetworkError(words, code="UNREACHABLE", hint=hint), transient=True, harmless=True)
    if isinstance(error, exceptions.Timeout):
        return Attempt(error=NetworkError("The org did not answer in time.", code="TIMEOUT"), transient=True)
    words = "The connection broke before the answer was complete."
    return Attempt(error=NetworkError(words, code="CONNECTION_LOST"), transient=True)


def _untrusted(error: exceptions.SSLError) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _secure(address: str) -> str:
    """The org's address. Raises UsageError for one that a token must not be sent to."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        return address
    raise UsageError(
        "The org's address must begin with https://; plain http is accepted for loopback addresses only.",
        code="INSECURE_ADDRESS",
    )


def _rewind(body: object) -> Callable[[], object]:
    """What to do before each sending, so that a file is sent from the same place every time."""
    seek, tell = getattr(body, "seek", None), getattr(body, "tell", None)
    if seek is None or tell is None:
        return lambda: None
    start = tell()
    return lambda: seek(start)
