"""The policies of this machine and user: read once, asked for every call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, cast
from urllib.parse import quote

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy import files
from salesforce_mcp.policy.rules import Rules, Target, combine, imaginable, needs_target, needs_username

if TYPE_CHECKING:
    from salesforce_mcp.policy.admission import Known
    from salesforce_mcp.policy.approval import Approvals
    from salesforce_mcp.policy.files import Layer
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.tools.registry import Tool

_ORGANIZATION = "SELECT IsSandbox, OrganizationType FROM Organization"


class Policies:
    """Rules for each org, and the approvals of tools. Safe for threads."""

    def __init__(self, layers: Sequence[Layer] = (), approvals: Approvals | None = None) -> None:
        self._layers = layers
        self._general = combine(layers, Target())
        self._found: dict[int, tuple[Client, Rules]] = {}
        self._approvals = approvals

    @classmethod
    def load(cls) -> Policies:
        """Those of the files (see `files`) and the reviews (see `approval`). Raises UsageError for a mistake."""
        layers = files.load()
        if not layers and not any(path.exists() for path, _ in files.approvals()):
            return cls()
        from salesforce_mcp.policy.approval import Approvals

        return cls(layers, Approvals.load(layers))

    @property
    def reviewed(self) -> bool:
        """Reviews have a say: decisions need whole tools, with their arguments."""
        return self._approvals is not None and self._approvals.active

    @cached_property
    def approvals(self) -> Approvals:
        """What reviews said of tools."""
        from salesforce_mcp.policy.approval import Approvals

        return self._approvals or Approvals.load()

    @property
    def needs_org(self) -> bool:
        """The rules depend on the org or the user, so that no call can be judged without a session."""
        return needs_target(self._layers)

    def rules(self, client: Client) -> Rules:
        """What holds for the org and user of this client. Asks the org only for what profiles need to know."""
        if not self.needs_org:
            return self._general
        known = self._found.get(id(client))
        if known is None or known[0] is not client:
            known = self._found[id(client)] = client, combine(self._layers, self._target(client))
        return known[1]

    def known(self, target: Target) -> Rules:
        """What holds for an org and user that are known without asking. Raises PolicyError where too little is."""
        if self.needs_org and (target.username is None or target.environment == "unknown"):
            raise PolicyError("Which profiles of the policy hold isn't known here.", code="UNCHECKED")
        return combine(self._layers, target)

    def before_login(self, alias: str | None = None) -> Rules:
        """What surely holds before there is a session: for lists of tools."""
        if alias is None or not self.needs_org:
            return self._general
        environment = "demo" if alias == "demo" else None
        return combine(self._layers, Target(alias=alias, environment=environment))

    def allowed(self, tools: Mapping[str, Tool], alias: str | None) -> dict[str, Tool]:
        """Those of the tools that may be offered. `alias`: the org that the server is for, where it is named."""
        rules = self.before_login(alias)
        return {name: tool for name, tool in tools.items() if self.refusal(tool, rules) is None}

    def may_ask(self, tool: Tool) -> bool:
        """Whether calls of this tool may have to be confirmed, in whichever org."""
        from salesforce_mcp.policy.confirmation import may_ask

        return any(may_ask(tool, rules) for rules in (self._general, *imaginable(self._layers)))

    def refusal(self, tool: Known, rules: Rules) -> str | None:
        """Why this tool may not run; None when it may. `tool` has to be whole only where reviews have a say."""
        reason = rules.refusal(tool)
        if reason or not self.reviewed:
            return reason
        return self.approvals.refusal(cast("Tool", tool))

    def _target(self, client: Client) -> Target:
        session = client.session
        environment: str = session.environment
        if environment == "unknown":
            answer = client.look(f"query?q={quote(_ORGANIZATION)}").json()
            environment = "sandbox" if answer["records"][0]["IsSandbox"] else "production"
        username = session.username
        if username is None and needs_username(self._layers):
            username = str(client.look("/services/oauth2/userinfo").json()["preferred_username"])
            session.username = username
        return Target(session.alias, environment, username)
