"""Sub-requests of Composite and Graph: references between them, and what becomes of them when one fails.

Source: REST API Developer Guide, "Composite Request Body" and "Composite Subrequest Result".
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson

from salesforce_mcp.demo import bodies
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import JSON_TYPE

if TYPE_CHECKING:
    from salesforce_mcp.demo.http import Call, Reply

METHODS = ("POST", "PUT", "PATCH", "GET", "DELETE")
INHERITED_HEADERS = frozenset({"accept", "authorization", "content-type"})
REFERENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*")
NULLS_ALLOWED_FROM = 52.0
"""From this version on a reference may lead to null, and a bad reference id fails the whole request."""
ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
_REFERENCE = re.compile(r"@\{([^}]*)\}")
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_KEPT_HEADERS = ("Location", "ETag", "Last-Modified")


class RolledBack(Exception):
    """Leaves a transaction whose work must not stay."""


@dataclass(frozen=True, slots=True)
class Subrequest:
    """One of the requests inside a request. `depends_on` are the reference ids that it mentions."""

    method: str
    url: str
    reference_id: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def depends_on(self) -> set[str]:
        return set(_mentioned([self.url, self.body]))


@dataclass(slots=True)
class Outcome:
    """What became of a sub-request."""

    reference_id: str | None
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """True for a refusal, and for a collection of which any record failed."""
        return self.status >= 300 or (
            isinstance(self.body, list) and any(isinstance(r, dict) and r.get("success") is False for r in self.body)
        )

    def describe(self) -> dict[str, Any]:
        return {
            "body": self.body,
            "httpHeaders": self.headers,
            "httpStatusCode": self.status,
            "referenceId": self.reference_id,
        }


def parse(call: Call, entries: Any) -> list[Subrequest]:
    """The sub-requests of a body; refuses what isn't well formed, before anything is done."""
    if not isinstance(entries, list) or not entries:
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "At least 1 subrequest is required")
    requests = [_parse(call, entry) for entry in entries]
    seen: set[str] = set()
    for request in requests:
        if request.reference_id in seen:
            raise ApiError(400, "INVALID_INPUT", f"Duplicate referenceId provided: {request.reference_id}")
        seen.add(request.reference_id)
    return requests


def _parse(call: Call, entry: Any) -> Subrequest:
    if not isinstance(entry, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "A subrequest must be a JSON object.")
    # The guide's own examples write referenceID too.
    reference_id = str(entry.get("referenceId") or entry.get("referenceID") or "")
    method, url = entry.get("method"), entry.get("url")
    if method not in METHODS or not isinstance(url, str) or not reference_id:
        raise ApiError(400, "INVALID_INPUT", "A subrequest needs a valid method, url and referenceId.")
    if not url.startswith("/services/data/v"):
        raise ApiError(400, "INVALID_INPUT", f"The URL of a subrequest must start with /services/data/vXX.X/: {url}")
    if call.version_number >= NULLS_ALLOWED_FROM and not REFERENCE_ID.fullmatch(reference_id):
        raise ApiError(400, "INVALID_INPUT", _illegal(reference_id))
    bodies.check(entry, {"httpHeaders": dict})
    headers = {name: str(value) for name, value in (entry.get("httpHeaders") or {}).items()}
    if INHERITED_HEADERS & {name.lower() for name in headers}:
        raise ApiError(400, "INVALID_INPUT", "A subrequest can't set Accept, Authorization or Content-Type.")
    return Subrequest(method, url, reference_id, entry.get("body"), headers)


def run(call: Call, request: Subrequest, done: dict[str, Any]) -> Outcome:
    """Run one sub-request; `done` holds the bodies of those before it, by reference id."""
    try:
        url = _in_url(call, request.url, done)
        body = _in_body(call, request.body, done)
    except ApiError as error:
        return Outcome(request.reference_id, error.status, error.body())
    reply = call.dispatch(request.method, url, body, request.headers)
    outcome = _outcome(request.reference_id, reply)
    if outcome.status < 300:
        done[request.reference_id] = outcome.body
    return outcome


def halted(request: Subrequest, message: str = ROLLED_BACK) -> Outcome:
    """The outcome of a sub-request that was undone, or not begun, because of another."""
    return Outcome(request.reference_id, 400, ApiError(400, "PROCESSING_HALTED", message).body())


def after_rollback(requests: list[Subrequest], outcomes: list[Outcome]) -> list[Outcome]:
    """All outcomes once the first failure has undone everything: that failure as it is, the others halted."""
    failures = {outcome.reference_id: outcome for outcome in outcomes if outcome.failed}
    return [failures.get(request.reference_id) or halted(request) for request in requests]


def json_body(reply: Reply) -> Any:
    """The body of a sub-request's answer as data; refuses resources that answer with anything but JSON."""
    if reply.headers.get("Content-Type", JSON_TYPE).startswith("application/json"):
        if isinstance(reply.body, bytes):
            return orjson.loads(reply.body)
        if reply.body is None or isinstance(reply.body, (dict, list, str)):
            return reply.body
    raise ApiError(400, "INVALID_INPUT", "This resource doesn't answer with JSON and can't be used in a subrequest.")


def _outcome(reference_id: str, reply: Reply) -> Outcome:
    try:
        body = json_body(reply)
    except ApiError as error:
        return Outcome(reference_id, error.status, error.body())
    headers = {name: reply.headers[name] for name in _KEPT_HEADERS if name in reply.headers}
    return Outcome(reference_id, reply.status, body, headers)


def _in_url(call: Call, url: str, done: dict[str, Any]) -> str:
    def value(match: re.Match[str]) -> str:
        found = _look_up(call, match[1], done)
        return quote("" if found is None else _text(found), safe="")

    return _REFERENCE.sub(value, url)


def _in_body(call: Call, value: Any, done: dict[str, Any]) -> Any:
    """The value with all references replaced; one that is the whole string keeps its type."""
    if isinstance(value, dict):
        return {name: _in_body(call, item, done) for name, item in value.items()}
    if isinstance(value, list):
        return [_in_body(call, item, done) for item in value]
    if not isinstance(value, str) or "@{" not in value:
        return value
    whole = _REFERENCE.fullmatch(value)
    if whole:
        return _look_up(call, whole[1], done)
    return _REFERENCE.sub(lambda match: _text(_look_up(call, match[1], done)), value)


def _look_up(call: Call, reference: str, done: dict[str, Any]) -> Any:
    """The value of `ref.records[0].Id`; names are case-sensitive."""
    steps = list(_STEP.finditer(reference))
    name = steps[0][1] if steps else reference
    value: Any = done
    for step in steps:
        try:
            value = value[int(step[2])] if step[2] is not None else value[step[1]]
        except (KeyError, IndexError, TypeError):
            raise _no_value(call, reference, name) from None
    if value is None and call.version_number < NULLS_ALLOWED_FROM:
        raise _no_value(call, reference, name)
    return value


def _no_value(call: Call, reference: str, name: str) -> ApiError:
    message = f"Invalid reference specified. No value for {reference} found in {name}."
    if call.version_number >= NULLS_ALLOWED_FROM:
        message = f"{message} {_illegal(reference)}"
    return ApiError(400, "PROCESSING_HALTED", message)


def _illegal(reference: str) -> str:
    return (
        f"Provided referenceId ('{reference}') must start with a letter or a number, and it can contain only letters, "
        "numbers and underscores ('_')."
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _mentioned(value: Any) -> list[str]:
    if isinstance(value, str):
        return [re.split(r"[.\[]", match[1])[0] for match in _REFERENCE.finditer(value)]
    if isinstance(value, dict):
        return _mentioned(list(value.values()))
    if isinstance(value, list):
        return [name for item in value for name in _mentioned(item)]
    return []
