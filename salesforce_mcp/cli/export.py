"""`sfmcp export`: all rows of a query or an object to a file, going on where an interrupted run stopped."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote_plus

import typer

from salesforce_mcp.cli import completion
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.localized import count
from salesforce_mcp.cli.options import Binds, Bulk, Form, IncludeDeleted, Org, Quiet, counting_as
from salesforce_mcp.cli.output import chosen_format, file_format
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.cli.statement import bound_statement, explained, read_binds, read_statement
from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.salesforce.export import Summary

OBJECT = re.compile(r"[A-Za-z]\w*", re.ASCII)

LONGEST_URL = 16_000
"""Bytes of an encoded statement that surely fit into a URL; Salesforce takes 16,384, the path included."""

LEFT_OUT = frozenset({"address", "location", "base64"})
"""Types that an export of an object leaves out: compound fields, whose parts are fields too, and file contents."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_command(
        app,
        export,
        "sfmcp export --org demo Opportunity --output opportunities.csv",
        'sfmcp export "SELECT Id, Subject FROM Case WHERE IsClosed = false" --output open-cases.jsonl.gz',
        "sfmcp export Task --output tasks.parquet --partition-rows 1000000",
    )


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="SOQL | OBJECT",
            help="A statement, - to read one from stdin, or an object: all its fields.",
            autocompletion=completion.object_or_statement,
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            metavar="FILE", help="The file, which appears once all rows are in it. Its name tells the format."
        ),
    ],
    bind: Binds = None,
    form: Form = None,
    include_deleted: IncludeDeleted = False,
    bulk: Bulk = None,
    partition_rows: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Write a folder of files with so many rows each, for Spark, Dask or DuckDB.",
            show_default=False,
        ),
    ] = None,
    org: Org = None,
    quiet: Quiet = False,
) -> None:
    """Write all rows of a query, or of an object, to a file.

    After an interruption the same command goes on where it stopped. Many rows come by a Bulk API 2.0 job, others by
    REST; the summary on stderr says which.
    """
    from salesforce_mcp.salesforce.export import export as write

    here = environment()
    if output == Path("-"):
        raise UsageError("An export goes into a file.", hint="`sfmcp query` writes rows to stdout.")
    kind = file_format(chosen_format(here, form, output))
    values = read_binds(bind or ())
    if values and OBJECT.fullmatch(what):
        raise UsageError("--bind is for a statement, and an object has none.")
    with counting_as("export_query", org, quiet=quiet) as admission, explained(values):
        client = admission.context.client
        if OBJECT.fullmatch(what):
            statement = _all_fields(client, what)
        else:
            statement = bound_statement(client, read_statement(here, what, None), values)
        if bulk is None and len(quote_plus(statement)) > LONGEST_URL:
            bulk = True
        with Progress(here, shown=not quiet) as progress:
            summary = write(
                client,
                statement,
                output,
                form=kind,
                method="auto" if bulk is None else "bulk" if bulk else "rest",
                include_deleted=include_deleted,
                partition_rows=partition_rows,
                progress=progress.at,
            )
    if not quiet:
        here.say("\n".join([*summary.notes, _words(summary)]))


def _words(summary: Summary) -> str:
    """`5 rows, 3 columns, by REST: accounts.csv`."""
    resumed = f" ({count(summary.resumed)} of them by an interrupted run)" if summary.resumed else ""
    way = "Bulk API 2.0" if summary.method == "bulk" else "REST"
    files = f" ({summary.files} files)" if summary.files > 1 else ""
    rows, columns = count(summary.rows, "row"), count(len(summary.columns), "column")
    return f"{rows}{resumed}, {columns}, by {way}: {summary.path}{files}"


def _all_fields(client: Client, name: str) -> str:
    """A statement for all fields of an object that can be read into columns."""
    describe = client.describe(name)
    fields = [field["name"] for field in describe["fields"] if field["type"] not in LEFT_OUT]
    if not fields:
        raise UsageError(f"{name} has no fields that you can read.")
    return f"SELECT {', '.join(fields)} FROM {describe['name']}"  # noqa: S608 - names as the org itself spells them
