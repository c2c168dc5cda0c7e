"""A whole query into a file below the export folder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from salesforce_mcp.salesforce import selection
from salesforce_mcp.salesforce.binds import bound
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record
from salesforce_mcp.wording import counted

SAMPLE = 3


@tool(title="Export query to a file", default=True, calls="1 per 2,000 rows, or a bulk job")
def export_query(
    context: Context,
    soql: str,
    format: Literal["csv", "jsonl", "parquet"] = "csv",
    method: Literal["auto", "rest", "bulk"] = "auto",
    bind: dict[str, Any] | None = None,
) -> Record:
    """Write all rows of a query to a local file; returns path, row count, columns and a few rows. For results too large
    to read here. `method` auto takes Bulk API 2.0 for many rows.
    """
    from salesforce_mcp.salesforce.export import export, sample

    statement = bound(context.client, soql, bind or {})
    path = _free_path(context.export_dir, statement, format)
    done = export(context.client, statement, path, form=format, method=method, progress=context.progress)
    fields = {
        "path": str(done.path),
        "rows": done.rows,
        "columns": done.columns,
        "method": done.method,
        "sample": sample(done.path, format, SAMPLE),
    }
    notes = list(done.notes)
    if done.resumed:
        notes.append(f"{counted(done.resumed, 'row')} had been written by an export that was interrupted.")
    return Record(fields, summary=f"{counted(done.rows, 'row')} written.", notes=notes, files=[done.path])


def _free_path(folder: Path, statement: str, form: str) -> Path:
    """A file that isn't there yet. The same statement gets the same name until it is whole, and so is gone on with."""
    source = selection.read(statement).source or "query"
    stem = f"{source[:80]}-{hashlib.sha256(statement.encode()).hexdigest()[:8]}"
    path, number = folder / f"{stem}.{form}", 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.{form}"
    return path
