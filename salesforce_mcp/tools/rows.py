"""Lists that come from a query: read through the page store, so that they can be gone on with."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import Load, locator_cursor
from salesforce_mcp.tools.results import Table

SMALLEST_BATCH = 200
"""Records that Salesforce puts on a page of a query at least."""


def first(
    context: Context,
    statement: str,
    limit: int | None,
    *,
    batch_size: int | None = None,
    include_deleted: bool = False,
    tooling: bool = False,
) -> Table:
    """The first rows of any query, `limit` of them or the org's first page, and the cursor of the others."""
    shaper = Shaper(statement)
    page = context.client.query(statement, include_deleted=include_deleted, batch_size=batch_size, tooling=tooling)
    total = 1 if shaper.selection.counts else page.total_size
    rows = _rows(shaper, page)
    while page.next_url and len(rows) < (limit or 0):
        context.check_cancelled()
        page = context.client.next_page(page.next_url)
        rows += _rows(shaper, page)
    return context.pages.first(Table(shaper.columns, rows, total=total, cursor=locator_cursor(page.next_url)), limit)


def _rows(shaper: Shaper, page: Page) -> list[list[Any]]:
    return [list(row) for row in zip(*shaper.page(page), strict=True)]


def select(context: Context, soql: str, limit: int) -> Table:
    """The first `limit` rows of a query."""
    page = context.client.query(soql, batch_size=max(SMALLEST_BATCH, limit))
    shaper = Shaper(soql)
    rows = shaper.rows(page.records)
    table = Table(shaper.columns, rows, total=page.total_size, cursor=locator_cursor(page.next_url))
    return context.pages.first(table, limit)


def loader(context: Context) -> Load:
    """What fetches further pages of such a list for the page store."""

    def load(locator: str, columns: list[str] | None) -> Table:
        page = context.client.next_page(locator)
        shaper = Shaper(columns=columns)
        rows = shaper.rows(page.records)
        return Table(shaper.columns, rows, total=page.total_size, cursor=locator_cursor(page.next_url))

    return load
