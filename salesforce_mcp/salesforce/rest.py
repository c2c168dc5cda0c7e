"""Requests to an org's REST API, in the version that it offers."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import NetworkError, SalesforceError, UsageError
from salesforce_mcp.salesforce import faults
from salesforce_mcp.salesforce.response import Response, to_json
from salesforce_mcp.salesforce.transport import READ_TIMEOUT, Outgoing, Transport

DEFAULT_API_VERSION = "66.0"

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


class Rest:
    """The REST API of one org. Safe for threads.

    `api_version` is the version in use, such as "66.0". Unless the caller, the session or SFMCP_API_VERSION set it, it
    is lowered to the org's newest when the org turns out to be older than the default.
    """

    def __init__(self, session: Session, api_version: str | None, pause: Callable[[float], None]) -> None:
        self.transport = Transport(session, pause=pause)
        pinned = api_version or session.api_version or os.environ.get("SFMCP_API_VERSION")
        if not pinned:
            self._pinned_by = None
        elif pinned == api_version:
            self._pinned_by = "The program"
        else:
            self._pinned_by = f"{session.alias} in orgs.toml" if session.api_version else "SFMCP_API_VERSION"
        self.api_version = _version(pinned) if pinned else DEFAULT_API_VERSION
        self._unproven = True
        self._too_new: str | None = None
        self._lock = threading.Lock()

    def send(
        self,
        method: str,
        path: str,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | str | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        repeatable: bool | None = None,
        unparsed: bool = False,
    ) -> Response:
        """Send a request; see `Client.request`, which adds hints to the errors."""
        if json is not None:
            data, headers = to_json(json), {"Content-Type": "application/json", **(headers or {})}
        again = method in _IDEMPOTENT if repeatable is None else repeatable

        def send() -> Response:
            where = self._resource(path)
            return self.transport.send(
                Outgoing(method, where, params, data, headers, timeout or READ_TIMEOUT, again, unparsed)
            )

        version = self.api_version
        try:
            response = send()
        except SalesforceError as error:
            if error.status != 404 or path.startswith("/services/"):
                raise
            if not self._lower_version(version):
                error.hint = error.hint or self._too_new
                raise
            response = send()
        self._unproven = self._unproven and path.startswith("/services/")  # an answer: the org has this version
        if method in ("POST", "PATCH") and response.is_json:
            refusal = faults.of_result(_json_of_write(response, again))
            if refusal:
                raise refusal
        return response

    @contextmanager
    def stream(
        self, path: str, params: Mapping[str, Any] | None, headers: Mapping[str, str] | None
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """GET something large: the answer's headers and its body as it arrives."""
        with self.transport.stream(Outgoing("GET", self._resource(path), params, headers=headers)) as answer:
            yield answer

    def _resource(self, path: str) -> str:
        return path if path.startswith("/services/") else f"/services/data/v{self.api_version}/{path.lstrip('/')}"

    def _lower_version(self, used: str) -> bool:
        """After a 404: whether the org is older than the default version, and another than `used` is now in use.

        A version that somebody set stays, and `_too_new` tells who.
        """
        with self._lock:
            if self._unproven:
                self._unproven = False
                newest = self._newest()
                if newest and float(newest) < float(self.api_version):
                    if self._pinned_by:
                        wanted = f"{self._pinned_by} asks for API version {self.api_version}"
                        self._too_new = f"{wanted}, and the org offers up to {newest}."
                    else:
                        self.api_version = newest
            return self.api_version != used

    def _newest(self) -> str | None:
        """The newest version that the org offers; None where it doesn't say."""
        try:
            offered = self.transport.send(Outgoing("GET", "/services/data")).json()
            return max((_version(entry["version"]) for entry in offered), key=float)
        except (SalesforceError, NetworkError, UsageError, LookupError, TypeError, ValueError):
            return None


def _json_of_write(response: Response, repeatable: bool) -> Any:
    """The answer to a write that the org accepted. When it can't be read, the error says that it was done."""
    try:
        return response.json()
    except NetworkError as error:
        if not repeatable:
            error.retryable = False
            error.uncertain = True
            error.hint = f"The org accepted the request (HTTP {response.status}): look before you send it again."
        raise


def _version(text: str) -> str:
    """`66.0` for `66`, `66.0` or `v66.0`. Raises UsageError for anything else."""
    match = re.fullmatch(r"v?(\d{1,3})(?:\.0)?", str(text).strip())
    if not match:
        raise UsageError(
            f"{text!r} is not an API version.", hint="Give it like 66.0, for example in SFMCP_API_VERSION."
        )
    return f"{match[1]}.0"
