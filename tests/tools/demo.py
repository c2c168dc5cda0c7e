"""Tools on the demo org, over HTTP, as its administrator and as its user with fewer rights."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.server.render import render
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.results import Result


class Demo:
    """Calls tools as one user of a demo org."""

    def __init__(self, org: DemoOrg, user: int = 0) -> None:
        self.org = org
        token = org.users[user].access_token
        self.client = Client(GivenSession(org.instance_url, token, environment="demo", remedy=""))
        self.pages = PageStore()

    def call(self, tool: str, **arguments: Any) -> Result:
        """Run a tool as the server would, up to its result."""
        context = Context(lambda: self.client, pages=self.pages)
        return run(registry.load()[tool], arguments, context, selection=Selection())

    def structure(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What `sfmcp call` prints."""
        return self.call(tool, **arguments).as_dict()

    def shown(self, tool: str, **arguments: Any) -> str:
        """The text that a model gets."""
        return render(self.call(tool, **arguments), registry.load()[tool], self.pages, 8000).text

    def rows(self, soql: str) -> list[dict[str, Any]]:
        """The records of a query, as Salesforce gives them."""
        return [record for page in self.client.pages(soql) for record in page.records]
