"""A case's type and reason."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce import composite
from salesforce_mcp.salesforce.composite import Part
from salesforce_mcp.soql.suggest import nearest
from salesforce_mcp.tools.cases.arguments import CaseId, Text
from salesforce_mcp.tools.cases.working import case_path
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record
from salesforce_mcp.tools.schema.fields import active_values, choose


@tool(title="Categorize case", access="write", calls="1, and describes once")
def categorize_case(
    context: Context,
    case_id: CaseId,
    type: Text,
    reason: Text,
    subject: Text | None = None,
    internal_comments: Text | None = None,
) -> Record:
    """Set a case's type and reason, and where given its subject, and add an internal comment: all or nothing."""
    describe = context.client.describe("Case")
    data = {"Type": _value(describe, "Type", type), "Reason": _value(describe, "Reason", reason)}
    data |= {"Subject": subject} if subject else {}
    parts = [Part("case", case_path(case_id), method="PATCH", body=data)]
    if internal_comments:
        comment = {"ParentId": case_id, "CommentBody": internal_comments, "IsPublished": False}
        parts.append(Part("comment", "sobjects/CaseComment", method="POST", body=comment))
    answers = composite.send(context.client, parts, all_or_none=True)
    shown = {"id": case_id, **data}
    if internal_comments:
        shown["comment_id"] = answers["comment"].get()["id"]
    return Record(shown, summary=f"Categorized case {case_id}: {data['Type']}, {data['Reason']}.")


def _value(describe: dict[str, Any], name: str, given: str) -> str:
    """The org's active value that is meant, whatever its case. Raises ArgumentError that lists them."""
    (field,) = choose(describe, [name])
    values = active_values(field)
    for value in values:
        if value.lower() == given.strip().lower():
            return value
    near = nearest(given, values)
    raise ArgumentError(
        f"{name.lower()}: {given[:80]!r} is not an active value of {name}; these are: {', '.join(values)}.",
        fields=(name.lower(),),
        hint=f"Did you mean {' or '.join(near)}?" if near else None,
    )
