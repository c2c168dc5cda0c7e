"""A whole query as blocks of rows, one page in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.columns import Columns, Reader
from salesforce_mcp.salesforce.pages import Page, complete_children, follow
from salesforce_mcp.salesforce.rows import Block, Shaper

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

LOCATOR_GONE = frozenset({"INVALID_QUERY_LOCATOR", "INVALID_QUERY_CURSOR"})


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a result. `block` holds their values by column; `total` counts the rows of the whole result.

    `next_url` is the page that follows (None: this is the last one).
    """

    columns: list[str]
    block: Block
    rows: int
    total: int
    next_url: str | None


def slices(client: Client, soql: str, *, include_deleted: bool = False) -> Iterator[Slice]:
    """All rows of a query, child rows included. The first slice comes as soon as the first page is there.

    There is at least one slice. Raises as `Client.query`; when the org lets go of the query halfway, the error says how
    many rows are safe.
    """
    return shaped(client, client.query(soql, include_deleted=include_deleted), Shaper(soql))


def shaped(client: Client, page: Page, shaper: Shaper) -> Iterator[Slice]:
    """This page and all that follow it, shaped. Raises as `slices`."""
    done = 0
    first: Page | Columns = page
    try:
        for each in follow(first, client, Reader(shaper).read):
            if isinstance(each, Columns):
                block, rows = each.block, each.rows
            else:
                if shaper.selection.children:
                    complete_children(each.records, client)
                block = shaper.page(each)
                rows = len(block[0]) if block else len(each.records)
            total = rows if shaper.selection.counts else each.total_size
            yield Slice(shaper.columns, block, rows, total, each.next_url)
            done += rows
    except SalesforceError as error:
        if error.code in LOCATOR_GONE:
            error.hint = f"The first {done:,} rows that were read are right; run the query again for the others."
        raise
