"""The one text that every client gets for a result: a summary line, then CSV for rows or `field: value` for a record.

Columns stand once, empty ones are left out and named. A result over the budget of tokens is cut at a row, with a cursor
that goes on with the next.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from salesforce_mcp.charts import drawing
from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.server.text import cell, compact, visible, words
from salesforce_mcp.server.tokens import estimate, fits
from salesforce_mcp.tools.pages import PageStore
from salesforce_mcp.tools.registry import Tool
from salesforce_mcp.tools.results import Record, Result, Sections, Table, plots
from salesforce_mcp.wording import counted

SUMMARY_RESERVE = 200
"""Tokens kept back for the summary line and the cursor."""

LEAST_FOR_A_PART = 400
"""Tokens below which a section isn't begun: of a table only the cursor is shown."""

AT_ONCE = 50
"""Rows that are written and weighed together: weighing a block is quicker than its lines one by one."""

LONGEST_CELL = 2000
"""Characters of one value that are always shown when a single row or record is over the budget by itself."""
_LENGTHS = (32_000, 16_000, 8_000, 4_000)
"""As many are shown where the budget holds them."""


@dataclass(frozen=True)
class Rendered:
    """`text` for the model; `result` as it was shown, so that structured content is cut at the same row.

    `picture` is a PNG where one was asked for, `page` what the page of the tool shows where the client has one.
    """

    text: str
    result: Result
    picture: bytes | None = None
    page: dict[str, Any] | None = None


def render(result: Result, tool: Tool, pages: PageStore, budget: int) -> Rendered:
    """Turn a result into at most about `budget` tokens of text. What doesn't fit is kept in `pages`."""
    text, shown = _render(result, tool, pages, budget)
    return Rendered(visible(text), shown)


def picture(result: Result) -> bytes | None:
    """The charts of a result as a PNG, where they were asked for."""
    if isinstance(result, Record) or not result.picture:
        return None
    return drawing.png([plot.with_texts(visible) for plot in plots(result)])


def render_error(error: SfmcpError) -> str:
    """Code, message, fields and hint."""
    return visible(str(error))


def _render(result: Result, tool: Tool, pages: PageStore, budget: int) -> tuple[str, Result]:
    if isinstance(result, Table):
        return _table(result, tool, pages, budget)
    if isinstance(result, Record):
        return _record(result, budget), result
    return _sections(result, tool, pages, budget)


def _sections(result: Sections, tool: Tool, pages: PageStore, budget: int) -> tuple[str, Result]:
    blocks = [words(result.summary, *result.notes)]
    left = budget - estimate(blocks[0])
    parts: list[tuple[str, Table | Record]] = []
    for name, part in result.parts:
        if left < LEAST_FOR_A_PART and isinstance(part, Table) and part.rows:
            part = pages.cut(part, 0)
        text, shown = _render(part, tool, pages, max(left, LEAST_FOR_A_PART))
        blocks.append(f"# {name}\n{text.rstrip()}")
        left -= estimate(blocks[-1])
        parts.append((name, shown if isinstance(shown, Table | Record) else part))
    return "\n\n".join(filter(None, blocks)), replace(result, parts=parts)


def _record(record: Record, budget: int) -> str:
    head = words(record.summary, *record.notes)
    empty = [name for name, value in record.fields.items() if value is None or value == ""]
    lines = [f"{name}: {_line(value)}" for name, value in record.fields.items() if name not in empty]
    if empty:
        lines.append(f"Empty: {', '.join(empty)}")
    text = "\n".join(filter(None, [head, *lines]))
    if fits(text, budget):
        return text
    room = budget - SUMMARY_RESERVE - estimate(head)
    whole = lines
    for most in (*_LENGTHS, LONGEST_CELL):
        lines = [_cut_text(line, most) for line in whole]
        if fits("\n".join(lines), room):
            break
    shown = _lines_within(lines, room) or 1
    if shown < len(lines):
        first = lines[shown].split(":", 1)[0]
        left = counted(len(lines) - shown, "more field")
        lines[shown:] = [f"Left out: {left}, from {first} on; name those you need."]
    return "\n".join(filter(None, [head, *lines]))


def _line(value: object) -> str:
    """A value on one line. Text with line ends is quoted, so that it cannot pass for further fields."""
    text = cell(value)
    return compact(text) if isinstance(value, str) and ("\n" in text or "\r" in text) else text


def _table(table: Table, tool: Tool, pages: PageStore, budget: int) -> tuple[str, Table]:
    kept, empty = _columns(table)
    (header,) = _csv([[table.columns[index] for index in kept]])
    left = max(1, budget - SUMMARY_RESERVE - estimate(header))
    lines = _lines_up_to(table, kept, left)
    notes = list(table.notes)
    if table.rows and not lines:
        lines, most = _cut_row([cell(table.rows[0][index]) for index in kept], left)
        notes.append(f"Values over {most} characters are cut.")
    if len(lines) < len(table.rows):
        table = pages.cut(table, len(lines))
        notes.append(_over_budget(tool, budget))
    if empty and table.rows:
        notes.append(f"Empty columns left out: {', '.join(empty)}.")
    summary = words(_count(table), *_more(table, tool), *notes)
    return (f"{summary}\n{header}{''.join(lines)}" if table.rows and kept else summary), table


def _columns(table: Table) -> tuple[list[int], list[str]]:
    """The places of the columns that have a value in some row, and the names of the others."""
    kept, empty = [], []
    for index, name in enumerate(table.columns):
        if any(row[index] is not None and row[index] != "" for row in table.rows):
            kept.append(index)
        else:
            empty.append(name)
    return kept, empty


def _lines_up_to(table: Table, kept: list[int], budget: int) -> list[str]:
    """A line of CSV for each row, as many as the budget holds."""
    lines: list[str] = []
    for start in range(0, len(table.rows), AT_ONCE):
        block = _csv([cell(row[index]) for index in kept] for row in table.rows[start : start + AT_ONCE])
        cost = estimate("".join(block))
        if cost > budget:
            return lines + block[: _lines_within(block, budget)]
        lines += block
        budget -= cost
    return lines


class _Lines(list[str]):
    """What csv.writer takes for a file: it writes a row at a time."""

    write = list[str].append


def _csv(rows: Iterable[list[str]]) -> list[str]:
    """A line of CSV for each row."""
    lines = _Lines()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines


def _lines_within(lines: list[str], budget: int) -> int:
    for shown, line in enumerate(lines):
        budget -= estimate(line)
        if budget < 0:
            return shown
    return len(lines)


def _count(table: Table) -> str:
    rows = f"{len(table.rows)} row{'' if len(table.rows) == 1 else 's'}"
    of = f" of {table.total}" if table.total is not None and table.total != len(table.rows) else ""
    return f"{table.title}: {rows}{of}." if table.title else f"{rows}{of}."


def _more(table: Table, tool: Tool) -> list[str]:
    if not table.cursor:
        return []
    with_tool = tool.name if "cursor" in tool.arguments.model_fields else "query_more"
    return [f'More follow: {with_tool} with cursor "{table.cursor}".']


def _over_budget(tool: Tool, budget: int) -> str:
    whole = "; export_query, or `sfmcp query` in a shell, gives all rows" if tool.toolset == "query" else ""
    return f"Cut to about {budget} tokens{whole}."


def _cut_row(cells: list[str], budget: int) -> tuple[list[str], int]:
    """The line of a row that is over the budget by itself, with as much of its values as the budget holds."""
    for most in (*_LENGTHS, LONGEST_CELL):
        lines = _csv([[_cut_text(each, most) for each in cells]])
        if fits(lines[0], budget):
            break
    return lines, most


def _cut_text(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return f"{text[:most]}... ({len(text) - most} more characters)"
