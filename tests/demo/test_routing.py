"""Finding resources: literal before named, refusals, and modules that are loaded when they are needed."""

from __future__ import annotations

import importlib
import pkgutil
from collections import defaultdict

import pytest

from salesforce_mcp.demo import routes
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, Route
from salesforce_mcp.demo.routing import AREAS, Router


def handler(name: str) -> Route:
    def handle(call: Call) -> Reply:
        return Reply(body=name)

    method, path = name.split()
    return Route(method, path, handle)


@pytest.fixture(scope="module")
def router() -> Router:
    names = ["GET /a/{x}", "GET /a/b", "POST /a/{x}/c", "GET /a/b/{y}", "DELETE /a/{x}", "GET /files/{path:rest}"]
    return Router(handler(name) for name in names)


@pytest.mark.parametrize(
    ("method", "path", "route", "params"),
    [
        ("GET", "/a/b", "/a/b", {}),
        ("GET", "/a/b/", "/a/b", {}),
        ("GET", "//a//", None, {}),
        ("HEAD", "/a/b", "/a/b", {}),
        ("GET", "/a/z", "/a/{x}", {"x": "z"}),
        ("GET", "/a/b%2Fc%20d", "/a/{x}", {"x": "b/c d"}),
        ("POST", "/a/b/c", "/a/{x}/c", {"x": "b"}),
        ("DELETE", "/a/b", "/a/{x}", {"x": "b"}),
        ("GET", "/files/one/two", "/files/{path:rest}", {"path": "one/two"}),
    ],
)
def test_which_route(router: Router, method: str, path: str, route: str | None, params: dict[str, str]) -> None:
    if route is None:
        with pytest.raises(ApiError) as caught:
            router.find(method, path)
        assert caught.value.status == 404
        return
    found, values = router.find(method, path)
    assert (found.path, values) == (route, params)


def test_a_wrong_method_names_those_of_all_routes(router: Router) -> None:
    with pytest.raises(ApiError) as caught:
        router.find("PUT", "/a/b")
    assert caught.value.message == "HTTP Method 'PUT' not allowed. Allowed are DELETE,GET,HEAD"


def test_a_path_twice() -> None:
    with pytest.raises(ValueError, match="twice"):
        Router([handler("GET /a/{x}"), handler("GET /a/{y}")])


def test_areas_name_all_their_modules() -> None:
    """A module that adds to an area without being named there would be found or not, as others were loaded before."""
    modules = defaultdict(set)
    for module in pkgutil.iter_modules(routes.__path__):
        for route in importlib.import_module(f"{routes.__name__}.{module.name}").routes:
            segments = route.path.strip("/").split("/")
            if segments[:2] == ["services", "data"]:
                modules[segments[3] if len(segments) > 3 else ""].add(module.name)
    assert {area: set(names) for area, names in AREAS.items()} == {area: modules[area] for area in AREAS}
