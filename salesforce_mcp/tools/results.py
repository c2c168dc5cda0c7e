"""What a tool returns. The server renders these as text, `sfmcp call` prints them as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from salesforce_mcp.charts.plot import Plot


@dataclass(slots=True)
class Table:
    """Rows under columns.

    `total` is how many there are in all (None: unknown). `cursor` goes on after the last row (None: no more).
    `notes` are sentences for the reader: what was left out, which method was used. `title` names what the rows are
    when it isn't obvious, as in "Detail rows". `at` is the cursor of the first row, where the rows are kept.
    `failed`: part of the work failed; the answer is then marked as an error, with everything in it. `plot` shows all
    rows as a chart, for those who can see one; `picture`: one was asked for.
    """

    columns: list[str]
    rows: list[list[Any]]
    total: int | None = None
    cursor: str | None = None
    notes: list[str] = field(default_factory=list)
    title: str | None = None
    at: str | None = None
    failed: bool = False
    plot: Plot | None = None
    picture: bool = False

    def __post_init__(self) -> None:
        # What a table is made of may be the org's: better here than in the rendering.
        if not all(isinstance(name, str) for name in self.columns):
            raise TypeError("The name of a column is no text.")
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError("A row has more or fewer values than there are columns.")

    def as_dict(self) -> dict[str, Any]:
        """The structure that `sfmcp call` prints."""
        return {
            "columns": self.columns,
            "rows": self.rows,
            "total": self.total,
            "returned": len(self.rows),
            "cursor": self.cursor,
            "notes": self.notes,
        }


@dataclass(slots=True)
class Record:
    """One thing, as fields. Nested values are shown as compact JSON. `failed` as in a table.

    `files` were written below the export folder, and are named in `fields` too: clients get links to them.
    """

    fields: dict[str, Any]
    summary: str | None = None
    notes: list[str] = field(default_factory=list)
    failed: bool = False
    files: list[Path] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The structure that `sfmcp call` prints."""
        return {**self.fields, **({"notes": self.notes} if self.notes else {})}


@dataclass(slots=True)
class Sections:
    """Several named parts in one answer, such as a report's totals and its detail rows. `picture` as in a table."""

    parts: Sequence[tuple[str, Table | Record]]
    summary: str | None = None
    notes: list[str] = field(default_factory=list)
    failed: bool = False
    picture: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The structure that `sfmcp call` prints."""
        body: dict[str, Any] = {name: part.as_dict() for name, part in self.parts}
        return {**body, **({"notes": self.notes} if self.notes else {})}


Result = Table | Record | Sections


def plots(result: Result) -> list[Plot]:
    """What charts of the result show, a plot for each part that has one."""
    parts = [part for _, part in result.parts] if isinstance(result, Sections) else [result]
    return [part.plot for part in parts if isinstance(part, Table) and part.plot]
