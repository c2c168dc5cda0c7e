"""SOQL (resources `query`, `queryAll`) and the pages that follow."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.salesforce.binds import bound
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.tools.arguments import Cursor, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import locator_cursor
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.rows import SMALLEST_BATCH, loader

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
    shaper = Shaper(statement)
    page = context.client.query(
        statement,
        include_deleted=include_deleted,
        batch_size=min(max(limit or BATCH, SMALLEST_BATCH), LARGEST_BATCH),
    )
    total = 1 if shaper.selection.counts else page.total_size
    rows = _rows(shaper, page)
    while page.next_url and len(rows) < (limit or 0):
        context.check_cancelled()
        page = context.client.next_page(page.next_url)
        rows += _rows(shaper, page)
    table = Table(shaper.columns, rows, total=total, cursor=locator_cursor(page.next_url))
    return context.pages.first(table, limit)


@tool(title="Query more", default=True)
def query_more(context: Context, cursor: Cursor) -> Table:
    """The rows after those of an earlier answer, by its cursor."""
    return context.pages.read(cursor, loader(context))


def _rows(shaper: Shaper, page: Page) -> list[list[Any]]:
    return [list(row) for row in zip(*shaper.page(page), strict=True)]
