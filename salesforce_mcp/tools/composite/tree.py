"""Records with their children in one call (resource `composite/tree/{object}`)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import ObjectName, RecordData, quoted
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.records.bodies import as_body
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

MAX_RECORDS, MAX_LEVELS = 200, 5


@tool(title="Create record tree", access="write", calls="1, and describes once")
def composite_tree(
    context: Context, object: ObjectName, records: Annotated[list[RecordData], Field(min_length=1)]
) -> Table:
    """Create records with their children, all or none: up to 200 in five levels, children under the name of their
    relationship, as in {"Name": "Acme", "Contacts": [{"LastName": "Doe"}]}. Errors call them r1, r2, ... in that order.
    """
    numbers = count(1)
    roots = [_node(context.client, object, record, numbers, 1) for record in records]
    made = next(numbers) - 1
    if made > MAX_RECORDS:
        raise ArgumentError(f"records: {made} in all, and {MAX_RECORDS} are the most.", fields=("records",))
    answer = context.client.post(f"composite/tree/{segment(object)}", {"records": roots})
    ids = {each["referenceId"]: each["id"] for each in answer["results"]}
    rows = [
        [node["attributes"]["type"], ids[node["attributes"]["referenceId"]], _name(node)] for node in _flatten(roots)
    ]
    return Table(["object", "id", "name"], rows, total=len(rows), notes=[f"Created {counted(len(rows), 'record')}."])


def _node(client: Client, kind: str, record: dict[str, Any], numbers: Iterator[int], level: int) -> dict[str, Any]:
    """A record as the resource takes it, children included. References are r1, r2, ... in the order given."""
    if level > MAX_LEVELS:
        raise ArgumentError(f"records: more than {MAX_LEVELS} levels.", fields=("records",))
    given = {name: value for name, value in record.items() if name != "attributes"}
    children = {name: value for name, value in given.items() if _is_children(value)}
    fields = as_body({name: value for name, value in given.items() if name not in children})
    node: dict[str, Any] = {"attributes": {"type": kind, "referenceId": f"r{next(numbers)}"}, **fields}
    for relationship, value in children.items():
        child = _child_object(client, kind, relationship)
        rows = value["records"] if isinstance(value, dict) else value
        node[relationship] = {"records": [_node(client, child, row, numbers, level + 1) for row in rows]}
    return node


def _is_children(value: Any) -> bool:
    """A list of records, or Salesforce's own `{"records": [...]}`."""
    rows = value.get("records") if isinstance(value, dict) else value
    return isinstance(rows, list) and bool(rows) and all(isinstance(row, dict) for row in rows)


def _child_object(client: Client, kind: str, relationship: str) -> str:
    known = {
        str(each["relationshipName"]): str(each["childSObject"])
        for each in client.describe(kind)["childRelationships"]
        if each["relationshipName"]
    }
    for name, child in known.items():
        if name.lower() == relationship.lower():
            return child
    from salesforce_mcp.soql.suggest import nearest

    near = ", ".join(nearest(relationship, list(known)))
    raise ArgumentError(
        f"records: {kind} has no child relationship {quoted(relationship)}.",
        fields=("records",),
        hint=f"Did you mean {near}?" if near else None,
    )


def _flatten(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        for value in node.values():
            if isinstance(value, dict) and "records" in value:
                yield from _flatten(value["records"])


def _name(node: dict[str, Any]) -> Any:
    """What people would call the record, as far as the call says."""
    return next((node[key] for key in ("Name", "LastName", "Subject", "Title") if key in node), None)
