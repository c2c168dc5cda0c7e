"""`sfmcp import`: the rows of a file into an org, and what became of each of them."""

from __future__ import annotations

import csv
import tempfile
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.localized import count
from salesforce_mcp.cli.options import Bulk, Org, Quiet, counting_as
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.salesforce.loading.results import Outcome
    from salesforce_mcp.salesforce.loading.source import CsvFile

COLLECTIONS_UP_TO = 2_000
"""Rows up to which collections of 200 are quicker than a bulk job, which takes seconds to start."""


class Operation(StrEnum):
    """What to do with the rows."""

    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


_TOOLS = {
    Operation.INSERT: "create_records",
    Operation.UPDATE: "update_records",
    Operation.UPSERT: "upsert_records",
    Operation.DELETE: "delete_records",
}
"""The tools that the operations count as when they go by collections."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_command(
        app,
        import_,
        "sfmcp import --org demo contacts.csv --object Contact --operation insert",
        "sfmcp import stock.jsonl --object Merchandise__c --operation upsert --external-id MerchandiseExtID__c",
    )


def import_(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="CSV with a header of API names, or JSON Lines (.jsonl); *.gz is gzip."),
    ],
    object: Annotated[str, typer.Option("--object", metavar="OBJECT", help="The object that the rows are records of.")],
    operation: Annotated[Operation, typer.Option(help="What to do with them.")],
    external_id: Annotated[
        str | None,
        typer.Option(metavar="FIELD", help="For upsert: the external Id field that tells records.", show_default=False),
    ] = None,
    bulk: Bulk = None,
    results: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder of the result files; by default that of FILE.", show_default=False),
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Answer yes where a confirmation is needed.", show_default=False)
    ] = False,
    org: Org = None,
    quiet: Quiet = False,
) -> None:
    """Write the rows of a file as records: insert, update, upsert or delete them.

    The columns are checked before anything is sent. An empty cell leaves a field as it is, #N/A empties it; a parent
    can be named by an external Id, as in a column Account.Ext__c. Up to 2,000 rows go by collections, more by Bulk API
    2.0 jobs; after an interruption the same command goes on with its jobs.

    Three files tell what became of each row: FILE's name with .successful.csv, .failed.csv (with the reason) and
    .unprocessed.csv. Exits with 6 when not all rows were written.
    """
    from salesforce_mcp.cli.call import ask_at_terminal
    from salesforce_mcp.policy.shell import confirm_load
    from salesforce_mcp.salesforce.loading import source
    from salesforce_mcp.salesforce.packing import bare

    here = environment()
    if file == Path("-"):
        raise UsageError(
            "An import needs a file.",
            hint="Write stdin into one: the result files are named after it, and stand there.",
        )
    folder = results or file.resolve().parent
    if not folder.is_dir():
        raise UsageError(f"There is no folder {folder}.", code="FILE")
    with tempfile.TemporaryDirectory() as scratch:
        name = bare(file)
        with Progress(here, "Reading the file", shown=not quiet):
            if name.suffix.lower() in (".jsonl", ".ndjson"):
                from salesforce_mcp.salesforce.loading.rows import jsonl_to_csv

                content = jsonl_to_csv(file, Path(scratch) / "rows.csv")
            else:
                content = source.scan(file)
        by_bulk = content.rows > COLLECTIONS_UP_TO if bulk is None else bulk
        tool = "bulk_ingest" if by_bulk else _TOOLS[operation]
        with counting_as(tool, org, quiet=quiet) as admission:
            arguments = {"object": object, "operation": operation.value, "file": file.name}
            confirm = None if yes else partial(ask_at_terminal, here)
            confirm_load(tool, arguments, content.rows, admission, confirm)
            client = admission.context.client
            with Progress(here, shown=not quiet) as progress:
                outcome = _load(client, content, object, operation, external_id, by_bulk, folder, name.stem, progress)
            if not outcome.complete:
                admission.outcome = "PARTIAL_FAILURE"
    if not quiet or not outcome.complete:
        here.say(_words(outcome, content.rows))
    if not outcome.complete:
        raise typer.Exit(ExitCode.PARTIAL)


def _load(
    client: Client,
    content: CsvFile,
    object_name: str,
    operation: Operation,
    external_id: str | None,
    bulk: bool,
    folder: Path,
    stem: str,
    progress: Progress,
) -> Outcome:
    from salesforce_mcp.salesforce.loading import bulk as by_bulk
    from salesforce_mcp.salesforce.loading import collections as by_collections
    from salesforce_mcp.salesforce.loading import header
    from salesforce_mcp.salesforce.loading.results import free_paths

    header.check(client, object_name, operation.value, content.columns, external_id)
    load = by_bulk.load if bulk else by_collections.load
    return load(
        client,
        content,
        object_name,
        operation.value,
        free_paths(folder, stem),
        external_id=external_id,
        progress=progress.at,
    )


def _first_reason(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file)).get("sf__Error", "")


def _words(outcome: Outcome, total: int) -> str:
    """How many rows ended in which way, by which method, and where they are."""
    way = "Bulk API 2.0" if outcome.method == "bulk" else "REST"
    jobs = f" (job {', '.join(outcome.jobs)})" if outcome.jobs else ""
    lines = [*outcome.notes, f"{count(outcome.rows['successful'])} of {count(total, 'row')} done, by {way}{jobs}."]
    if outcome.resumed:
        lines.insert(0, "Went on with the jobs of an import that was interrupted.")
    for kind, path in outcome.files.items():
        if outcome.rows[kind]:
            lines.append(f"{count(outcome.rows[kind])} {kind}: {path}")
            if kind == "failed":
                lines.append(f"The first: {_first_reason(path)}")
    return "\n".join(lines)
