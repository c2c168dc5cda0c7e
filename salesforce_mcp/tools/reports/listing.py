"""Which reports and dashboards there are. By SOQL: the analytics resources list only what was viewed recently."""

from __future__ import annotations

from salesforce_mcp.soql.binding import like_escape, quote
from salesforce_mcp.tools.arguments import Cursor, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.tools.rows import loader, select

DEFAULT_LIMIT = 100


@tool(title="List reports", default=True)
def list_reports(
    context: Context,
    filter: str | None = None,
    folder: str | None = None,
    recent: bool = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor | None = None,
) -> Table:
    """All reports you may see, by name; `filter` is part of a name, `folder` a folder's name; `recent` lists those you
    viewed last.
    """
    if cursor:
        return context.pages.read(cursor, loader(context))
    conditions = [_like("Name", filter)] if filter else []
    names = ("Id", "Name", "FolderName", "Format", "LastRunDate", "Description")
    return _list(context, "Report", names, conditions, folder, recent, limit)


@tool(title="List dashboards")
def list_dashboards(
    context: Context,
    filter: str | None = None,
    folder: str | None = None,
    recent: bool = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor | None = None,
) -> Table:
    """All dashboards you may see, by title; `filter` is part of a title, `folder` a folder's name."""
    if cursor:
        return context.pages.read(cursor, loader(context))
    conditions = [_like("Title", filter)] if filter else []
    names = ("Id", "Title", "FolderName", "Description")
    return _list(context, "Dashboard", names, conditions, folder, recent, limit)


def _list(
    context: Context,
    of: str,
    names: tuple[str, ...],
    conditions: list[str],
    folder: str | None,
    recent: bool,
    limit: int,
) -> Table:
    if folder:
        conditions.append(f"FolderName = {quote(folder)}")
    if recent:
        conditions.append("LastViewedDate != null")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    order = "LastViewedDate DESC" if recent else f"{names[1]}, Id"
    shown = ", ".join(context.client.readable(of, names))
    return select(context, f"SELECT {shown} FROM {of}{where} ORDER BY {order}", limit)  # noqa: S608 - names of ours


def _like(field: str, text: str) -> str:
    return f"{field} LIKE '%{like_escape(text)}%'"
