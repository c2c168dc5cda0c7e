"""Tools and clients on a demo org, behind a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp import folders
from salesforce_mcp.auth.session import Environment, GivenSession
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.confirmation import Confirm
from salesforce_mcp.policy.gate import Gate
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore


class Desk:
    """One user of a demo org, held to the policy that the files say at the time."""

    def __init__(self, org: DemoOrg, *, alias: str | None = None, environment: Environment = "demo") -> None:
        token = org.users[0].access_token
        session = GivenSession(org.instance_url, token, environment=environment, alias=alias, remedy="")
        self.policies = Policies.load()
        self.client = Client(session, guard=Gate(self.policies))
        self.pages = PageStore()

    def call(self, tool: str, *, confirm: Confirm | None = None, **arguments: Any) -> dict[str, Any]:
        """Run a tool as the server would; the structure of its result."""
        context = Context(lambda: self.client, pages=self.pages)
        result = run(
            registry.load()[tool], arguments, context, selection=Selection(), policies=self.policies, confirm=confirm
        )
        return result.as_dict()

    def refused(self, tool: str, **arguments: Any) -> str:
        """The code that the policy refuses a call with."""
        with pytest.raises(PolicyError) as refusal:
            self.call(tool, **arguments)
        return refusal.value.code


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the machine's."""
    folder = tmp_path / "machine"
    monkeypatch.setattr(folders, "machine_dir", lambda: folder)
    return folder


@pytest.fixture
def write_policy() -> Callable[[str], Path]:
    """Write the user's policy.toml."""

    def write(text: str) -> Path:
        path = folders.config_dir() / "policy.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture(scope="session")
def demo_org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path_factory.mktemp("policy-demo")) as org:
        yield org


@pytest.fixture
def desk(demo_org: DemoOrg, write_policy: Callable[[str], Path]) -> Callable[..., Desk]:
    """Sit down at the demo org under this policy."""

    def sit(policy: str = "", **session: Any) -> Desk:
        write_policy(policy)
        return Desk(demo_org, **session)

    return sit
