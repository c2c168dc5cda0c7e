"""Commands of the shell that do what a tool does: each counts as that tool, and is decided about and told of as its
calls are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from salesforce_mcp.policy.admission import Admission, Known, admitted
from salesforce_mcp.policy.selection import Selection

if TYPE_CHECKING:
    from salesforce_mcp.policy.confirmation import Confirm
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.tools.context import Context
    from salesforce_mcp.tools.registry import Tool


@dataclass(frozen=True)
class _Named:
    """A tool, without importing what it is made of."""

    name: str
    toolset: str
    access: str


TOOLS = {
    each.name: each
    for each in (
        _Named("query", "query", "read"),
        _Named("search", "query", "read"),
        _Named("export_query", "query", "read"),
        _Named("list_objects", "schema", "read"),
        _Named("describe_object", "schema", "read"),
        _Named("get_user_info", "schema", "read"),
        _Named("list_reports", "reports", "read"),
        _Named("run_report", "reports", "read"),
        _Named("create_records", "records", "write"),
        _Named("update_records", "records", "write"),
        _Named("upsert_records", "records", "write"),
        _Named("delete_records", "records", "destructive"),
        _Named("bulk_ingest", "bulk", "destructive"),
    )
}
"""The tools that commands count as."""


@contextmanager
def counting_as(name: str, context: Context, policies: Policies) -> Iterator[Admission]:
    """What a command does inside counts as a call of this tool. Raises as `admitted`."""
    tool: Known = _declared(name) if policies.reviewed else TOOLS[name]
    with admitted(tool, context, selection=Selection.of(), policies=policies) as admission:
        yield admission


def confirm_load(
    name: str, arguments: Mapping[str, Any], rows: int, admission: Admission, confirm: Confirm | None
) -> None:
    """Have it confirmed that the `rows` rows of a file are written, where the policy wants that.

    `arguments`: the `operation` and what else the question is to say. Raises PolicyError.
    """
    from salesforce_mcp.policy.confirmation import Question, judge, of_load

    tool = _declared(name)
    asked = judge(tool, of_load(arguments["operation"], rows, bulk=name == "bulk_ingest"), admission.rules)
    if asked and confirm:
        confirm(Question(tool, arguments, *asked, lambda: admission.context.client))


def _declared(name: str) -> Tool:
    from salesforce_mcp.tools import registry

    return registry.load([TOOLS[name].toolset])[name]
