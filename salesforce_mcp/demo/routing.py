"""Find the handler of a path: a tree of path segments, shared by HTTP and the composite resources."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import unquote

from salesforce_mcp.demo import versions
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call, Reply, Route


@dataclass(slots=True)
class _Node:
    literals: dict[str, _Node] = field(default_factory=dict)
    named: _Node | None = None
    rest: _Node | None = None
    routes: dict[str, tuple[Route, tuple[str, ...]]] = field(default_factory=dict)


AREAS = {
    "": ("versions",),
    "analytics": ("analytics",),
    "jobs": ("bulk",),
    "limits": ("limits",),
    "query": ("query",),
    "queryAll": ("query",),
    "sobjects": ("sobjects", "quick_actions", "suggested"),
}
"""The modules behind the resources that commands begin with, by the segment after the API version. Each must name all
modules that add to it; resources that aren't here load all modules."""


class Router:
    """All routes of the org: those given, and those of the modules of `demo.routes`.

    Modules are imported when one of their resources is first asked for, since a command that runs one query should
    not wait for Chatter.
    """

    def __init__(self, routes: Iterable[Route] = (), package: str = "salesforce_mcp.demo.routes") -> None:
        self._root = _Node()
        self._package = package
        self._waiting = {module.name for module in pkgutil.iter_modules(importlib.import_module(package).__path__)}
        self._loading = threading.RLock()
        for route in routes:
            self._add(route)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route and its named segments, decoded; refuses with NOT_FOUND or METHOD_NOT_ALLOWED.

        A trailing slash makes no difference, HEAD is answered as GET.
        """
        segments = [unquote(segment) for segment in path.strip("/").split("/")]
        if self._waiting:
            self._load(segments)
        matches = list(_walk(self._root, segments))
        if not matches:
            raise not_found()
        for node, values in matches:
            found = node.routes.get("GET" if method == "HEAD" else method)
            if found:
                route, names = found
                return route, dict(zip(names, values, strict=True))
        allowed = {name for node, _ in matches for name in node.routes}
        if "GET" in allowed:
            allowed.add("HEAD")
        message = f"HTTP Method '{method}' not allowed. Allowed are {','.join(sorted(allowed))}"
        raise ApiError(405, "METHOD_NOT_ALLOWED", message)

    def prepare(self, call: Call) -> Route:
        """Find the call's route and fill in its parameters and API version."""
        route, params = self.find(call.method, call.path)
        call.params = params
        if "version" in params:
            call.version = versions.parse(params["version"], call.path)
        return route

    def dispatch(self, call: Call) -> Reply:
        """Run a sub-request of a composite resource; a refusal becomes its Reply."""
        try:
            return self.prepare(call).handler(call)
        except ApiError as error:
            return error_reply(error)

    def _load(self, segments: list[str]) -> None:
        """Import the modules that may have this path."""
        below_data = segments[:2] == ["services", "data"]
        area = AREAS.get(segments[3] if len(segments) > 3 else "") if below_data else None
        with self._loading:
            for name in self._waiting & set(area) if area else set(self._waiting):
                for route in importlib.import_module(f"{self._package}.{name}").routes:
                    self._add(route)
                self._waiting.discard(name)

    def _add(self, route: Route) -> None:
        node = self._root
        names: list[str] = []
        for segment in route.path.strip("/").split("/"):
            if segment.startswith("{"):
                name, _, kind = segment[1:-1].partition(":")
                names.append(name)
                if kind == "rest":
                    node.rest = node.rest or _Node()
                    node = node.rest
                else:
                    node.named = node.named or _Node()
                    node = node.named
            else:
                node = node.literals.setdefault(segment, _Node())
        if route.method in node.routes:
            raise ValueError(f"{route.method} {route.path} is routed twice")
        node.routes[route.method] = (route, tuple(names))


def _walk(node: _Node, segments: list[str], values: tuple[str, ...] = ()) -> Iterable[tuple[_Node, tuple[str, ...]]]:
    """Every node that the path leads to, the most literal first."""
    if not segments:
        if node.routes:
            yield node, values
        return
    head, *tail = segments
    if head in node.literals:
        yield from _walk(node.literals[head], tail, values)
    if node.named and head:
        yield from _walk(node.named, tail, (*values, head))
    if node.rest:
        yield node.rest, (*values, "/".join(segments))


def error_reply(error: ApiError) -> Reply:
    headers = {"WWW-Authenticate": "Token"} if error.status == 401 else {}
    return Reply(error.status, error.body(), headers)
