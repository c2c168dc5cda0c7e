"""Tools on a loopback org that answers from a script or with recorded answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.server.render import render
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.results import Result
from tests.salesforce.scripted import ScriptedOrg, ScriptedSession, ok
from tests.tools.demo import Demo


class Call(Protocol):
    def __call__(self, tool: str, **arguments: Any) -> Result: ...


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with ScriptedOrg() as running:
        yield running


@pytest.fixture
def client(org: ScriptedOrg) -> Iterator[Client]:
    with Client(ScriptedSession(org.url), pause=lambda seconds: None) as made:
        yield made


@pytest.fixture
def pages() -> PageStore:
    return PageStore()


@pytest.fixture
def call(client: Client, pages: PageStore) -> Call:
    """Run a tool as the server would, up to its result."""

    def run_tool(tool: str, **arguments: Any) -> Result:
        context = Context(lambda: client, pages=pages)
        return run(registry.load()[tool], arguments, context, selection=Selection())

    return run_tool


@pytest.fixture
def shown(call: Call, pages: PageStore) -> Callable[..., str]:
    """Run a tool and return the text that a model gets."""

    def run_tool(tool: str, budget: int = 8000, **arguments: Any) -> str:
        return render(call(tool, **arguments), registry.load()[tool], pages, budget).text

    return run_tool


@pytest.fixture
def recorded(org: ScriptedOrg, sample: Callable[[str], dict[str, Any]]) -> Callable[[str, str], Any]:
    """Answer a request with a recorded case; returns its body."""

    def answer(request: str, case: str) -> Any:
        response = sample(case)["response"]
        org.on(request, ok(response["body"], response["status"]))
        return response["body"]

    return answer


@pytest.fixture(scope="session")
def demo_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    """One demo org for all tools' tests; each leaves it as it found it, or minds only what it made."""
    with DemoOrg(tmp_path_factory.mktemp("tools-demo")) as org:
        yield org


@pytest.fixture
def demo(demo_org: DemoOrg) -> Demo:
    """The demo org as its administrator."""
    return Demo(demo_org)


@pytest.fixture
def standard(demo_org: DemoOrg) -> Demo:
    """The demo org as its user with fewer rights."""
    return Demo(demo_org, user=1)
