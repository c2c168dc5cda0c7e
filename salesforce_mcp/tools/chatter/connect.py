"""What the tools of Chatter share: requests to Connect REST, and lists with pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from salesforce_mcp.tools import nextpage
from salesforce_mcp.tools.arguments import check_id
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.pages import NEXT
from salesforce_mcp.tools.results import Table

RAW = {"X-Chatter-Entity-Encoding": "false"}
"""Connect encodes text as HTML unless it is asked not to."""

USER, GROUP, ITEM, COMMENT = "005", "0F9", "0D5", "0D7"
"""Key prefixes."""

Row = Callable[[dict[str, Any]], list[Any]]


def _check_subject(value: str) -> str:
    return "me" if value.lower() == "me" else check_id(value)


SubjectId = Annotated[str, AfterValidator(_check_subject)]
"""Id of a user, group or record, or `me`."""

PageSize = Annotated[int, Field(ge=1, le=100)]
"""Rows wanted at a time."""


def get(context: Context, path: str, params: Mapping[str, Any] | None = None) -> Any:
    """GET a resource of Connect REST."""
    return context.client.get(path, params=params, headers=RAW)


def post(context: Context, path: str, body: dict[str, Any] | None = None) -> Any:
    """POST to a resource of Connect REST."""
    return context.client.post(path, body, headers=RAW)


def page(
    context: Context,
    path: str,
    params: Mapping[str, Any],
    cursor: str | None,
    *,
    columns: list[str],
    row: Row,
    keys: tuple[str, ...],
    resource: str,
) -> Table:
    """One page of a list: the first, or that of a cursor.

    `keys`: where in the answer the items may be. `resource`: a pattern of the paths that this list's pages have.
    """
    if cursor and not cursor.startswith(NEXT):
        return context.pages.read(cursor)
    if cursor:
        path, params, _ = nextpage.read(cursor, re.compile(resource, re.ASCII))
    return table(get(context, path, params), columns, row, keys)


def table(answer: dict[str, Any], columns: list[str], row: Row, keys: tuple[str, ...]) -> Table:
    """An answer's items as rows."""
    listed: Any = next((answer[key] for key in keys if key in answer), None)
    items: list[dict[str, Any]] = listed or []
    total, following = answer.get("total"), nextpage.make(answer.get("nextPageUrl"))
    is_first = not (answer.get("currentPageToken") or answer.get("previousPageUrl"))
    if total is None and following is None and is_first:
        total = len(items)
    return Table(columns, [row(item) for item in items], total=total, cursor=following)


def name(part: dict[str, Any] | None) -> str | None:
    """What a user, group or record is called."""
    return part.get("name") if part else None


def message(part: dict[str, Any] | None) -> str | None:
    """The text of a body."""
    return part.get("text") if part else None
