"""The tools from Python, without MCP: `from salesforce_mcp import connect`.

A call goes the way of `sfmcp call`: the same arguments and results, the same policy, limits and trail.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PartialFailure, PolicyError
from salesforce_mcp.policy.policies import Policies
from salesforce_mcp.policy.runner import run
from salesforce_mcp.policy.selection import Selection, find
from salesforce_mcp.tools import registry
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import PageStore

if TYPE_CHECKING:
    from salesforce_mcp.policy.confirmation import Confirm, Question
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.tools.results import Result

Ask = Callable[[str], bool]
"""Shown what a call is about to do; whether it may."""


def connect(org: str | None = None, *, read_only: bool = False, confirm: Ask | None = None) -> Org:
    """An org's tools. Nothing is sent before the first call.

    `org` is an alias of `sfmcp login`, or `demo` for the built-in demo org; by default SFMCP_ORG, what SFMCP_*
    configures, or the default org. `read_only` refuses tools that change data. `confirm` is asked about calls that the
    policy wants confirmed, deletions as a rule; without it they are refused.

    Raises UsageError for a mistake in a policy or in the environment.
    """
    return Org(org, read_only=read_only, confirm=_asking(confirm))


class Org:
    """One org's tools; `connect` makes one. A context manager. Threads may share it."""

    def __init__(self, org: str | None, *, read_only: bool = False, confirm: Confirm | None) -> None:
        self._org = org
        self._selection = Selection.of(read_only=read_only)
        self._policies = Policies.load()
        self._confirm = confirm
        self._pages = PageStore()
        self._lock = threading.Lock()
        self._client: Client | None = None

    def call(self, tool: str, /, **arguments: Any) -> dict[str, Any]:
        """Run a tool; `sfmcp tools --json` lists them with their arguments.

        Returns what `sfmcp call` prints, but no pictures. A table is {"columns", "rows", "total", "returned", "cursor",
        "notes"}; where `cursor` isn't None, `call("query_more", cursor=...)` gives the rows after these. Other results
        are objects.

        Raises SfmcpError: UsageError for an unknown tool and for wrong arguments, PolicyError for what isn't allowed or
        not confirmed, SessionError where there is no login, NetworkError, SalesforceError with Salesforce's own code,
        and PartialFailure, whose `result` holds the outcome of every record.
        """
        result = self.run(tool, arguments)
        if result.failed:
            notes = " ".join(result.notes)
            raise PartialFailure(f"{tool}: part of it failed. {notes}".rstrip(), result=result.as_dict())
        return result.as_dict()

    def run(self, tool: str, arguments: Mapping[str, Any]) -> Result:
        """Run a tool, up to its result; a partial failure is a result as well. Raises as `call`."""
        declared = find(tool, registry.load())
        context = Context(self._connected, pages=self._pages)
        return run(
            declared, arguments, context, selection=self._selection, policies=self._policies, confirm=self._confirm
        )

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            client, self._client = self._client, None
        if client:
            client.close()

    def __enter__(self) -> Org:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                from salesforce_mcp.auth.resolve import open_session
                from salesforce_mcp.policy.gate import Gate
                from salesforce_mcp.salesforce.client import Client

                self._client = Client(open_session(self._org), guard=Gate(self._policies))
            return self._client


def _asking(ask: Ask | None) -> Confirm:
    def confirm(question: Question) -> None:
        if ask is None:
            raise PolicyError(
                f"{question.tool.name} needs a confirmation, and nobody can be asked.",
                code="CONFIRMATION_REQUIRED",
                hint="Give connect() a function for `confirm`; lambda text: True confirms everything.",
            )
        if not ask(question.text):
            raise PolicyError(f"{question.tool.name} was not confirmed; nothing was sent.", code="NOT_CONFIRMED")

    return confirm
