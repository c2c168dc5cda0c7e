"""What changed in a span of time (resources `sobjects/{object}/updated` and `sobjects/{object}/deleted`)."""

from __future__ import annotations

from typing import Literal

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Cursor, Limit, Moment, ObjectName
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table


@tool(title="Get changed records")
def get_changed_records(
    context: Context,
    object: ObjectName,
    start: Moment,
    end: Moment,
    kind: Literal["updated", "deleted"] = "updated",
    limit: Limit = 2000,
    cursor: Cursor | None = None,
) -> Table:
    """Ids of records that were created or changed, or deleted, between two moments of the last 30 days (15 for
    deleted), as in 2026-01-31T09:00:00Z.
    """
    if cursor:
        return context.pages.read(cursor)
    if start >= end:
        raise ArgumentError("start must come before end.", fields=("start", "end"))
    answer = context.client.get(f"sobjects/{segment(object)}/{kind}", params={"start": start, "end": end})
    notes = [f"Covered until {answer['latestDateCovered']}: begin there next time."]
    if kind == "updated":
        columns, rows = ["id"], [[id] for id in answer["ids"]]
    else:
        columns = ["id", "deletedDate"]
        rows = [[each["id"], each["deletedDate"]] for each in answer["deletedRecords"]]
        notes.append(f"Deletions are known since {answer['earliestDateAvailable']}.")
    return context.pages.first(Table(columns, rows, total=len(rows), notes=notes), limit)
