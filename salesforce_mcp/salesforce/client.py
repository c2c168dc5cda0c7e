"""One org, as its user may use it: requests, queries, describes.

Everything that talks to an org goes through here, simple-salesforce too (`Client.simple`), and so has the same time
limits, retries, renewal of the session and errors.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

import orjson

from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import NetworkError, SalesforceError, UsageError
from salesforce_mcp.salesforce import caller, faults, hints, pages, selection
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.response import Response
from salesforce_mcp.salesforce.transport import READ_TIMEOUT, Outgoing, Transport

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

    from salesforce_mcp.salesforce.describes import DescribeCache

DEFAULT_API_VERSION = "66.0"

_OBJECT_IN_PATH = re.compile(r"(?:^|/)sobjects/(\w+)")
_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})


class Client:
    """An org over REST. Safe for threads.

    `api_version` ("66.0") overrides what the session pins, SFMCP_API_VERSION and the default.
    """

    def __init__(
        self, session: Session, api_version: str | None = None, *, pause: Callable[[float], None] = caller.pause
    ) -> None:
        self.session = session
        self.pause = pause
        """Sleeps for some seconds, as long as the caller waits."""
        self.transport = Transport(session, pause=pause)
        pinned = api_version or session.api_version or os.environ.get("SFMCP_API_VERSION")
        self._api_version = _version(pinned) if pinned else DEFAULT_API_VERSION
        self._may_lower = not pinned
        self._version_lock = threading.Lock()

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the idle connections."""
        self.transport.close()

    @property
    def api_version(self) -> str:
        """The API version in use, such as "66.0"; lower than the default where the org has turned out to be older."""
        return self._api_version

    # --- Requests ----------------------------------------------------------------------------------------------------

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | str | IO[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        repeatable: bool | None = None,
        unparsed: bool = False,
        about: str | None = None,
    ) -> Response:
        """Send a request and return the answer.

        `path` is below `/services/data/vNN.0` unless it begins with `/services/`. `timeout`: seconds without a byte.
        `repeatable`: sending it twice does no more than sending it once; by default all methods but POST. `unparsed`:
        the caller parses the answer, where otherwise JSON that broke off would be asked for again. `about`: the object
        it is about, for hints, where the path doesn't name it.

        Raises SalesforceError when the org refuses, SessionError when it accepts no session, NetworkError when it can't
        be reached, its answer can't be read, or the outcome is unknown.
        """
        try:
            return self._send(method, path, params, json, data, headers, timeout, repeatable, unparsed)
        except SalesforceError as error:
            named = _OBJECT_IN_PATH.search(path)
            hints.add_hint(error, _Schema(self), object_name=about or (named[1] if named else None))
            raise

    @contextmanager
    def stream(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """GET something large: the answer's headers and its body as it arrives. Raises as `request`."""
        where = path if path.startswith("/services/") else f"/services/data/v{self._api_version}/{path}"
        with self.transport.stream(Outgoing("GET", where, params, headers=headers)) as answer:
            yield answer

    def get(self, path: str, **options: Any) -> Any:
        """GET: the parsed JSON. Options and errors as `request`."""
        return self.request("GET", path, **options).json()

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        """POST: the parsed JSON, None for an empty answer. Options and errors as `request`."""
        return self.request("POST", path, json=json, **options).json()

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        """PATCH: the parsed JSON, None for an empty answer. Options and errors as `request`."""
        return self.request("PATCH", path, json=json, **options).json()

    def put(self, path: str, json: Any = None, **options: Any) -> Any:
        """PUT: the parsed JSON, None for an empty answer. Options and errors as `request`."""
        return self.request("PUT", path, json=json, **options).json()

    def delete(self, path: str, **options: Any) -> Any:
        """DELETE: the parsed JSON, None for an empty answer. Options and errors as `request`."""
        return self.request("DELETE", path, **options).json()

    def _send(
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
        """`request` without hints."""
        if json is not None:
            data, headers = orjson.dumps(json), {"Content-Type": "application/json", **(headers or {})}
        again = method in _IDEMPOTENT if repeatable is None else repeatable

        def send(version: str) -> Response:
            where = path if path.startswith("/services/") else f"/services/data/v{version}/{path.lstrip('/')}"
            return self.transport.send(
                Outgoing(method, where, params, data, headers, timeout or READ_TIMEOUT, again, unparsed)
            )

        version = self._api_version
        try:
            response = send(version)
        except SalesforceError as error:
            if error.status != 404 or path.startswith("/services/") or not self._lower_version(version):
                raise
            response = send(self._api_version)
        if method in ("POST", "PATCH") and response.is_json:
            refusal = faults.of_result(_json_of_write(response, again))
            if refusal:
                raise refusal
        return response

    def _lower_version(self, used: str) -> bool:
        """After a 404: whether the org is older than the default version, and another than `used` is now in use."""
        with self._version_lock:
            if self._may_lower:
                self._may_lower = False
                self._api_version = min(self._api_version, self._newest() or self._api_version, key=float)
            return self._api_version != used

    def _newest(self) -> str | None:
        """The newest version that the org offers; None where it doesn't say."""
        try:
            offered = self.transport.send(Outgoing("GET", "/services/data")).json()
            return max((_version(entry["version"]) for entry in offered), key=float)
        except (SalesforceError, NetworkError, UsageError, LookupError, TypeError, ValueError):
            return None

    # --- Queries -----------------------------------------------------------------------------------------------------

    def query(
        self, soql: str, *, include_deleted: bool = False, batch_size: int | None = None, tooling: bool = False
    ) -> Page:
        """The first page of a query (resources query, queryAll, tooling/query).

        `batch_size`, 200 to 2,000: records wanted in a page; the org may send fewer or more. Raises as `request`.
        """
        resource = "queryAll" if include_deleted else "query"
        options = {"Sforce-Query-Options": f"batchSize={batch_size}"} if batch_size else None
        answer = self.request(
            "GET",
            f"tooling/{resource}" if tooling else resource,
            params={"q": soql},
            headers=options,
            about=selection.read(soql).source,
        )
        return Page.parse(answer.json())

    def next_page(self, next_url: str) -> Page:
        """The page of a `nextRecordsUrl`, or of the part of one below `/services/data/vNN.0/`.

        Raises SalesforceError INVALID_QUERY_LOCATOR when the locator is gone: expired, or its session is over.
        """
        return self.parse_page(self.fetch_page(next_url), next_url)

    def fetch_page(self, next_url: str) -> Response:
        """`next_page`, its answer unparsed."""
        try:
            return self.request("GET", next_url, unparsed=True)
        except faults.FreshTokenRefused as error:
            # A locator belongs to the session that made it; a renewed one is told that it is not valid itself.
            raise SalesforceError(
                "The session that this query ran in is over.",
                status=401,
                code="INVALID_QUERY_LOCATOR",
                hint="Run the query again.",
            ) from error

    def parse_page(self, answer: Response, next_url: str) -> Page:
        """What `fetch_page` brought. A page that broke off on the way is fetched once more."""
        try:
            return Page.parse(answer.json())
        except NetworkError as error:
            if not error.retryable:
                raise
            return Page.parse(self.fetch_page(next_url).json())

    def pages(self, soql: str, *, include_deleted: bool = False, batch_size: int | None = None) -> Iterator[Page]:
        """All pages of a query; the next one is fetched while the caller works on the one it has. Raises as `query`."""
        first = self.query(soql, include_deleted=include_deleted, batch_size=batch_size)
        return pages.follow(first, self)

    # --- What the org has --------------------------------------------------------------------------------------------

    def describe(self, name: str) -> dict[str, Any]:
        """An object's describe (resource sobjects/{name}/describe). It is shared: don't change it.

        Raises SalesforceError, with the nearest names, when there is no such object.
        """
        return self._describes.get(
            name, lambda headers: self.request("GET", f"sobjects/{segment(name)}/describe", headers=headers)
        )

    def describe_global(self) -> dict[str, Any]:
        """What the org's objects are called and what may be done with them (resource sobjects). Don't change it."""
        return self._describes.get("", lambda headers: self.request("GET", "sobjects", headers=headers))

    @cached_property
    def _describes(self) -> DescribeCache:
        from salesforce_mcp.salesforce.describes import open_cache  # a query from the shell needs none

        return open_cache(self.session, self._api_version)

    @cached_property
    def simple(self) -> Salesforce:
        """simple-salesforce for this org, over the same transport. Importing it takes a quarter of a second."""
        from salesforce_mcp.salesforce.facade import simple

        return simple(self)


class _Schema:
    """Describes for hints: a refusal meanwhile gets no hints of its own."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def describe(self, name: str) -> dict[str, Any]:
        return self._get(name, f"sobjects/{segment(name)}/describe")

    def describe_global(self) -> dict[str, Any]:
        return self._get("", "sobjects")

    def _get(self, name: str, path: str) -> dict[str, Any]:
        client = self._client
        return client._describes.get(name, lambda headers: client._send("GET", path, headers=headers))


def _json_of_write(response: Response, repeatable: bool) -> Any:
    """The answer to a write that the org accepted. When it can't be read, the error says that it was done."""
    try:
        return response.json()
    except NetworkError as error:
        if not repeatable:
            error.retryable = False
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
