"""What a resource of the demo org is written in: Call in, Reply out, and a Route that names both.

A module of `demo.routes` exposes `routes: list[Route]`; each handler is a plain synchronous function::

    def describe(call: Call) -> Reply:
        return Reply(body=describe_object(call.store, call.user, call.params["object"]))

    routes = [resource("GET", "/sobjects/{object}/describe", describe)]

Handlers raise `demo.errors.ApiError` to refuse. They never see sockets or threads, so that Composite, Batch, Tree and
Graph run the same handlers in-process, inside one transaction, through `Call.dispatch`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import orjson

from salesforce_mcp.demo import multipart
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.multipart import Part

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

Handler = Callable[["Call"], "Reply"]

DATA_ROOT = "/services/data/{version}"
JSON_TYPE = "application/json;charset=UTF-8"
HTML_TYPE = "text/html; charset=UTF-8"
XML_TYPE = "text/xml; charset=utf-8"


@dataclass(slots=True)
class Reply:
    """An answer. `body`: None (empty), JSON-ready data, bytes as they are, or an iterator of bytes to stream.

    Bytes are sent as JSON unless `headers` say otherwise. A header whose value has several lines is sent once a line.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one resource.

    `path` is a template of the whole path. `{name}` stands for one segment, `{name:rest}` for all that follow; literal
    segments win over named ones. `session` says whether a valid access token is needed.
    """

    method: str
    path: str
    handler: Handler
    session: bool = True


def resource(method: str, path: str, handler: Handler, *, session: bool = True) -> Route:
    """A Route below `/services/data/vNN.N`, as most are; `path` starts with a slash."""
    return Route(method, DATA_ROOT + path, handler, session)


@dataclass(slots=True)
class Call:
    """One request, or one sub-request of a composite resource.

    `path` is the path as sent (percent-encoded), without the query; `params` hold the named segments of the route,
    decoded; `query` the query string's parameters (the last of equal names wins), `query_pairs` all of them in order;
    `headers` have lower-case names. `version` is the API version asked for, as "66.0". `session_user` and `token` are
    those of the session; None for a route without one. `base_url` is scheme://host:port as the client addressed it.
    `payload` is the body of a sub-request, parsed already. `api_usage` is how many requests the org has had today, and
    may have.
    """

    store: Store
    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    params: Mapping[str, str] = field(default_factory=dict)
    version: str = "66.0"
    session_user: User | None = None
    token: str | None = None
    base_url: str = ""
    dispatcher: Callable[[Call], Reply] | None = None
    payload: Any = None
    api_usage: tuple[int, int] = (0, 0)
    query_pairs: Sequence[tuple[str, str]] = ()

    @property
    def user(self) -> User:
        """The user of the session; a route that needs no session must not ask."""
        if self.session_user is None:
            raise invalid_session()
        return self.session_user

    @property
    def version_number(self) -> float:
        return float(self.version)

    @property
    def version_path(self) -> str:
        """`/services/data/v66.0`: what urls in answers start with."""
        return f"/services/data/v{self.version}"

    def json(self) -> Any:
        """The body as JSON, None if there is none; a broken one is refused with JSON_PARSER_ERROR."""
        if self.payload is not None:
            return self.payload
        if not self.body.strip():
            return None
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError as error:
            raise ApiError(400, "JSON_PARSER_ERROR", _parser_message(error)) from None

    def json_object(self) -> dict[str, Any]:
        """The body as a JSON object; none, or anything else, is refused."""
        data = self.json()
        if data is None:
            message = "The HTTP entity body is required, but this request has no entity body."
            raise ApiError(400, "JSON_PARSER_ERROR", message)
        if not isinstance(data, dict):
            message = "The HTTP entity body must be a JSON object at [line:1, column:1]"
            raise ApiError(400, "JSON_PARSER_ERROR", message)
        return data

    def form(self) -> dict[str, str]:
        """The body as a form, URL-encoded or multipart; of equal names the last."""
        parts = self.parts()
        if parts:
            return {part.name: part.data.decode("utf-8", "replace") for part in parts}
        return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))

    def parts(self) -> list[Part]:
        """The parts of a multipart body, such as the JSON and the file of an upload; none for other bodies."""
        return multipart.parse(self.headers.get("content-type", ""), self.body)

    def dispatch(self, method: str, url: str, payload: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Run another resource in this thread, as this user: `url` is a path with its query.

        A refusal comes back as a Reply with Salesforce's error array, never as an exception. The caller opens the
        transaction, and rolls back by raising out of it.
        """
        if self.dispatcher is None:
            raise RuntimeError("This call was made without a routing table.")
        path, _, query = url.partition("?")
        pairs = parse_qsl(query, keep_blank_values=True)
        sub_call = Call(
            store=self.store,
            method=method.upper(),
            path=path,
            query=dict(pairs),
            query_pairs=pairs,
            headers={name.lower(): value for name, value in (headers or {}).items()},
            session_user=self.session_user,
            token=self.token,
            base_url=self.base_url,
            dispatcher=self.dispatcher,
            payload=payload,
        )
        return self.dispatcher(sub_call)


def invalid_session() -> ApiError:
    """What an access token that is missing, unknown, expired or revoked is answered with."""
    return ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def _parser_message(error: orjson.JSONDecodeError) -> str:
    """Salesforce's parser names the character and where it stands."""
    where = f"at [line:{error.lineno}, column:{error.colno}]"
    rest = error.doc[error.pos : error.pos + 1]
    if not rest:
        return f"Unexpected end-of-input: expected a valid value {where}"
    return f"Unexpected character ('{rest}' (code {ord(rest)})): expected a valid value {where}"
