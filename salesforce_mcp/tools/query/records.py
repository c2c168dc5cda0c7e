"""SOQL (resources `query`, `queryAll`) and the pages that follow."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.salesforce.binds import bound
from salesforce_mcp.tools.arguments import Cursor, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.rows import SMALLEST_BATCH, first, loader

BATCH = 1000
"""Records asked for in one page: what an answer can hold, and rarely more than twice that."""

LARGEST_BATCH = 2000
"""Records that Salesforce puts on a page at most."""


@tool(title="Query records", default=True)
def query(
    context: Context,
    soql: str,
    bind: dict[str, Any] | None = None,
    limit: Limit | None = None,
    include_deleted: bool = False,
) -> Table:
    """Run SOQL. Put values through `bind`: `WHERE Name = :n` with {"n": "O'Neil"}. Parents are columns
    (Account.Name), child rows JSON. `limit`: rows per answer; the count of all is told. Full text: search. All rows to
    a file: export_query.
    """
    statement = bound(context.client, soql, bind or {})
    batch = min(max(limit or BATCH, SMALLEST_BATCH), LARGEST_BATCH)
    return first(context, statement, limit, batch_size=batch, include_deleted=include_deleted)


@tool(title="Query more", default=True)
def query_more(context: Context, cursor: Cursor) -> Table:
    """The rows after those of an earlier answer, by its cursor."""
    return context.pages.read(cursor, loader(context))
