"""A request as policies see it, and the requests inside of a composite one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from salesforce_mcp.policy.view import unchecked

_VERSION = re.compile(r"/?(?:services/data/)?v\d+(?:\.\d+)?/", re.IGNORECASE)


@dataclass(frozen=True)
class Call:
    """A request, or a part of a composite one. `path`: the segments below the version, decoded."""

    method: str
    path: tuple[str, ...]
    params: Mapping[str, Any]
    body: Any
    part: bool
    """It stands in a composite request: its answer can be handed on to other parts before anybody cleans it."""

    @classmethod
    def of(cls, method: str, path: str, params: Mapping[str, Any] | None, body: Any, *, part: bool = False) -> Call:
        """From what is sent."""
        before, _, query = path.partition("?")
        resource = _VERSION.sub("", before, count=1) if _VERSION.match(before) else before
        given = {**dict(parse_qsl(query, keep_blank_values=True)), **(params or {})}
        if len(given) != len({name.lower() for name in given}) or len(parse_qsl(query)) > len(dict(parse_qsl(query))):
            raise unchecked("a parameter is given twice")
        if any(name.lower() == "_httpmethod" for name in given):
            raise unchecked("a parameter names another method")
        segments = tuple(map(unquote, resource.strip("/").split("/")))
        if any(each in (".", "..") or not set(each).isdisjoint("/\\") for each in segments) or "" in segments[1:]:
            raise unchecked("the path isn't plain")
        return cls(method.upper(), segments, given, body, part)


def parts_of(rest: Sequence[str], body: Any) -> list[Call]:
    """The requests inside a composite one, a batch or graphs. Raises PolicyError for other shapes."""
    try:
        match rest:
            case ():
                given = [(each["method"], each["url"], each.get("body")) for each in body["compositeRequest"]]
            case ("batch",):
                given = [(each["method"], each["url"], each.get("richInput")) for each in body["batchRequests"]]
            case _:
                given = [
                    (each["method"], each["url"], each.get("body"))
                    for graph in body["graphs"]
                    for each in graph["compositeRequest"]
                ]
    except (KeyError, TypeError, AttributeError):
        raise unchecked("the composite request has another shape than is known here") from None
    return [Call.of(method, url, None, content, part=True) for method, url, content in given]


def records_of(body: Any) -> list[Any]:
    """The `records` of a collection or a tree. Raises PolicyError where there are none."""
    if not isinstance(body, Mapping) or not isinstance(body.get("records"), list):
        raise unchecked("there are no `records`")
    records: list[Any] = body["records"]
    return records


def inside(call: Call) -> Iterator[Call]:
    """The requests inside of a composite one, those of its parts too. Raises as `parts_of`."""
    match tuple(each.lower() for each in call.path):
        case ("composite", *rest) | ("tooling", "composite", *rest) if rest in ([], ["batch"], ["graph"]):
            for part in parts_of(rest, call.body):
                yield part
                yield from inside(part)
        case _:
            return


def runs_apex(call: Call) -> bool:
    """Whether it runs Apex that it names or carries: anonymous Apex, its tests, Apex REST."""
    path = [each.lower() for each in call.path]
    match path[1:] if path[0] == "services" else path:
        case ["tooling", name, *_]:
            return name == "executeanonymous" or name.startswith("runtests")
        case ["apexrest", *_]:
            return True
        case _:
            return False
