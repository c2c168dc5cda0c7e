"""One org, as its user may use it: requests, queries, describes.

Everything that talks to an org goes through here, simple-salesforce too (`Client.simple`), and so has the same time
limits, retries, renewal of the session and errors.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any

from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import NetworkError, SalesforceError
from salesforce_mcp.salesforce import caller, faults, hints, pages, selection
from salesforce_mcp.salesforce.guard import OPEN, Asked, Guard
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.response import Response
from salesforce_mcp.salesforce.rest import Rest

if TYPE_CHECKING:
    from simple_salesforce.api import Salesforce

    from salesforce_mcp.salesforce.describes import DescribeCache

_OBJECT_IN_PATH = re.compile(r"(?:^|/)sobjects/(\w+)")


class Client:
    """An org over REST. Safe for threads.

    `api_version` ("66.0") overrides what the session pins, SFMCP_API_VERSION and the default.
    """

    def __init__(
        self,
        session: Session,
        api_version: str | None = None,
        *,
        pause: Callable[[float], None] = caller.pause,
        guard: Guard = OPEN,
    ) -> None:
        self.session = session
        self.pause = pause
        """Sleeps for some seconds, as long as the caller waits."""
        self.guard = guard
        """Asked before every request."""
        self._rest = Rest(session, api_version, pause)
        self.transport = self._rest.transport
        self._opening = threading.Lock()
        self._opened: DescribeCache | None = None

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
        return self._rest.api_version

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
        be reached, its answer can't be read, or the outcome is unknown; PolicyError when the guard refuses.
        """
        clean = self.guard.before(self, Asked(method, path, params, data if json is None else json))
        try:
            answer = self._rest.send(method, path, params, json, data, headers, timeout, repeatable, unparsed)
            return answer.cleaned(clean) if clean else answer
        except SalesforceError as error:
            self.explain(error, path, about)
            raise

    def explain(self, error: SalesforceError, path: str, about: str | None = None) -> None:
        """Add a hint to an error that came for this path, perhaps in a composite answer. `about` as in `request`."""
        named = _OBJECT_IN_PATH.search(path)
        schema = _Schema(self, tooling=path.startswith("tooling/"))
        hints.add_hint(error, schema, path=path, object_name=about or (named[1] if named else None))

    @contextmanager
    def stream(
        self, path: str, *, params: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """GET something large: the answer's headers and its body as it arrives. Raises as `request`."""
        asked = Asked("GET", path, params, streamed=True)
        self.guard.before(self, asked)
        with self._rest.stream(path, params, headers) as (answered, chunks):
            yield answered, self.guard.passing(self, asked, chunks)

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

    # --- Queries -----------------------------------------------------------------------------------------------------

    def query(
        self,
        soql: str,
        *,
        include_deleted: bool = False,
        batch_size: int | None = None,
        tooling: bool = False,
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
        return pages.read(answer)

    def next_page(self, next_url: str) -> Page:
        """The page of a `nextRecordsUrl`, or of the part of one below `/services/data/vNN.0/`.

        Raises SalesforceError INVALID_QUERY_LOCATOR when the locator is gone: expired, or its session is over.
        """
        return self.parse_page(self.fetch_page(next_url), next_url, pages.read)

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

    def parse_page(self, answer: Response, next_url: str, parse: Callable[[Response], pages.Each]) -> pages.Each:
        """What `fetch_page` brought. A page that broke off on the way is fetched once more."""
        try:
            return parse(answer)
        except NetworkError as error:
            if not error.retryable:
                raise
            return parse(self.fetch_page(next_url))

    def pages(self, soql: str, *, include_deleted: bool = False, batch_size: int | None = None) -> Iterator[Page]:
        """All pages of a query; the next one is fetched while the caller works on the one it has. Raises as `query`."""
        first = self.query(soql, include_deleted=include_deleted, batch_size=batch_size)
        return pages.follow(first, self, pages.read)

    def readable(self, of: str, names: Sequence[str]) -> list[str]:
        """Which of these fields of an object, or paths to its parents' fields, may be asked for, in their order.

        For fields that nobody asked for by name: what the guard hides is left out, and the caller is told. Where
        nothing but the Id would be left, they are returned all, for the guard to refuse what asks for them.
        """
        return self.guard.readable(self, of, names)

    # --- What the org has --------------------------------------------------------------------------------------------

    def describe(self, name: str) -> dict[str, Any]:
        """An object's describe (resource sobjects/{name}/describe). It is shared: don't change it.

        Raises SalesforceError, with the nearest names, when there is no such object.
        """
        return self.guard.shown(
            self,
            self._describes.get(
                name, lambda headers: self.request("GET", f"sobjects/{segment(name)}/describe", headers=headers)
            ),
        )

    def describe_global(self) -> dict[str, Any]:
        """What the org's objects are called and what may be done with them (resource sobjects). Don't change it."""
        return self.guard.shown(
            self, self._describes.get("", lambda headers: self.request("GET", "sobjects", headers=headers))
        )

    def whole_describe(self, name: str) -> dict[str, Any]:
        """A describe with what the guard hides, for the guard itself and never for an answer. Raises as `describe`."""
        return self._describes.get(name, lambda headers: self.look(f"sobjects/{segment(name)}/describe", headers))

    def whole_list(self) -> dict[str, Any]:
        """The list of all objects, as `whole_describe`."""
        return self._describes.get("", lambda headers: self.look("sobjects", headers))

    def look(self, path: str, headers: Mapping[str, str] | None = None) -> Response:
        """GET without asking the guard: for what it has to know itself, and for what hints say."""
        return self._rest.send("GET", path, headers=headers)

    @property
    def _describes(self) -> DescribeCache:
        with self._opening:  # from Python 3.12 on, two threads could each get a cached_property of their own
            if self._opened is None:
                from salesforce_mcp.salesforce.describes import open_cache  # a query from the shell needs none

                self._opened = open_cache(self.session, self._rest.api_version)
            return self._opened

    @cached_property
    def simple(self) -> Salesforce:
        """simple-salesforce for this org, over the same transport. Importing it takes a quarter of a second."""
        from salesforce_mcp.salesforce.facade import simple

        return simple(self)


class _Schema:
    """Describes for hints: a refusal meanwhile gets no hints of its own."""

    def __init__(self, client: Client, *, tooling: bool) -> None:
        self._client = client
        self._tooling = tooling

    def describe(self, name: str) -> dict[str, Any]:
        if self._tooling:
            whole = self._client.look(f"tooling/sobjects/{segment(name)}/describe").json()
            return self._client.guard.shown(self._client, whole)
        return self._client.guard.shown(self._client, self._client.whole_describe(name))

    def describe_global(self) -> dict[str, Any]:
        return self._client.guard.shown(self._client, self._client.whole_list())
