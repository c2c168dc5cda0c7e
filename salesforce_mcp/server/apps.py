"""MCP Apps: what a tool answered, shown to the person as a page in the client.

The extension `io.modelcontextprotocol/ui` (2026-01-26): a client that announces it gets the page's address with the
tools that have one, reads the page as a resource and shows it in a frame of its own, which hands it the answer. What
the page shows is in the answer's `_meta`, which no model reads.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mcp_types as types

from salesforce_mcp.charts import drawing
from salesforce_mcp.server.declarations import cleaned
from salesforce_mcp.server.text import visible
from salesforce_mcp.tools.results import Record, Result, Sections, Table

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from salesforce_mcp.charts.plot import Plot
    from salesforce_mcp.tools.registry import Tool

EXTENSION = "io.modelcontextprotocol/ui"
MIME_TYPE = "text/html;profile=mcp-app"
PAGE = "ui://sfmcp/result.html"
DATA = "sfmcp/result"
"""Where in `_meta` the page finds what it shows."""

_NEXT = {"refresh_dashboard": {"tool": "get_dashboard", "argument": "dashboard_id"}}
"""What the page asks for once it has shown a tool's answer."""
_TOTALS = ("Total", "(all)")
"""How the last row of a table begins when it sums up the others."""


def known_to(context: ServerRequestContext[Any]) -> bool:
    """Whether the client announced that it shows such pages."""
    capabilities = context.session.client_capabilities
    settings = (capabilities.extensions or {}).get(EXTENSION) if capabilities else None
    return settings is not None and MIME_TYPE in (settings.get("mimeTypes") or ())


def declared(tool: Tool) -> dict[str, Any] | None:
    """The `_meta` of a tool's declaration, for clients that know apps."""
    return {"ui": {"resourceUri": PAGE}} if tool.app else None


def read() -> types.ReadResourceResult:
    """The page. It needs nothing from the network, so no domains are named for its content security policy."""
    page = types.TextResourceContents(
        uri=PAGE, mime_type=MIME_TYPE, text=_page(), _meta={"ui": {"prefersBorder": True}}
    )
    return types.ReadResourceResult(contents=[page])


def content(tool: Tool, result: Result, offered: Container[str]) -> dict[str, Any]:
    """What the page shows of a result that was rendered: the same rows, and a chart of each part that has one.

    `offered`: names of the tools that the page may call.
    """
    parts = result.parts if isinstance(result, Sections) else [("", result)]
    summary = result.summary if isinstance(result, Record | Sections) else None
    answer: dict[str, Any] = {
        "kind": tool.app,
        "title": tool.title,
        "summary": summary,
        "notes": [] if isinstance(result, Table) else result.notes,
        "parts": [_part(name, part) for name, part in parts],
    }
    following = _NEXT.get(tool.name)
    if following and following["tool"] in offered and len(parts) == 1:
        answer["next"] = following
    found: dict[str, Any] = cleaned(answer)
    return found


def _part(name: str, part: Table | Record) -> dict[str, Any]:
    if isinstance(part, Record):
        return {"name": name, "fields": part.fields}
    return {
        "name": name or part.title or "",
        "columns": part.columns,
        "rows": part.rows,
        "total": part.total,
        "more": part.cursor is not None,
        "totals": len(part.rows) > 1 and part.cursor is None and part.rows[-1][0] in _TOTALS,
        "notes": part.notes,
        "chart": _chart(part.plot, name) if part.plot else None,
    }


def _chart(plot: Plot, heading: str) -> dict[str, Any]:
    """The plot in two widths, or what has to be installed for it. What the heading above it says isn't said twice."""
    missing = drawing.missing()
    if missing:
        return {"missing": missing}
    plot = plot.with_texts(visible)
    shown = replace(plot, title="") if plot.title == heading else plot
    widths = {"wide": drawing.WIDE, "narrow": drawing.NARROW}
    return {
        "title": plot.title,
        "svg": {name: drawing.svg(shown, drawing.OF_THE_PAGE, width) for name, width in widths.items()},
    }


@cache
def _page() -> str:
    folder = Path(__file__).with_name("page")
    page, style, script = ((folder / f"page.{suffix}").read_text(encoding="utf-8") for suffix in ("html", "css", "js"))
    return page.replace("/* page.css */", style).replace("/* page.js */", script)
