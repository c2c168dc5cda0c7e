"""`sfmcp query`: all rows of a statement to stdout or a file, streamed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli import completion
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import (
    Binds,
    Bulk,
    FailEmpty,
    Form,
    IncludeDeleted,
    Org,
    OutputFile,
    Quiet,
    StatementFile,
    counting_as,
)
from salesforce_mcp.cli.output import Format, chosen_format, file_format, write_pages
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.cli.statement import bound_statement, explained, read_binds, read_statement, refuse_more
from salesforce_mcp.errors import ExitCode

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.salesforce.export import FileFormat
    from salesforce_mcp.salesforce.rows import Block


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_command(
        app,
        query,
        'sfmcp query --org demo "SELECT Name, Industry FROM Account LIMIT 5"',
        'sfmcp query "SELECT Id FROM Contact WHERE Email = :mail" --bind mail=ada@example.com',
        "sfmcp query --file open-cases.soql --output open-cases.csv",
        'echo "SELECT Id, Name FROM Lead" | sfmcp query - --format jsonl | head -3',
        extra_words=True,
    )


def query(
    context: typer.Context,
    soql: Annotated[
        str | None,
        typer.Argument(
            metavar="SOQL",
            help="The statement, or - to read it from stdin.",
            show_default=False,
            autocompletion=completion.statement,
        ),
    ] = None,
    file: StatementFile = None,
    bind: Binds = None,
    form: Form = None,
    output: OutputFile = None,
    include_deleted: IncludeDeleted = False,
    bulk: Bulk = None,
    org: Org = None,
    quiet: Quiet = False,
    fail_empty: FailEmpty = False,
) -> None:
    """Run SOQL and write all rows, as they come.

    Columns stand in the order of the SELECT; a parent's are dotted (Account.Name) in every format, child rows are a
    list in their cell. Values stay as Salesforce gave them.
    """
    here = environment()
    refuse_more(context.args)
    statement = read_statement(here, soql, file)
    values = read_binds(bind or ())
    chosen = chosen_format(here, form, output)
    progress = Progress(here, shown=not quiet)
    with counting_as("query", org, quiet=quiet) as admission, progress, explained(values):
        client = admission.context.client
        statement = bound_statement(client, statement, values)
        if bulk or chosen is Format.PARQUET:
            chosen = Format.CSV if form is None and chosen is Format.TABLE else chosen
            _by_file(here, client, statement, file_format(chosen), bool(bulk), output, include_deleted, progress)
        else:
            pages = _pages(client, statement, include_deleted, progress)
            if output is None and here.stdout.isatty():
                pages = _announced(pages, progress)
            write_pages(here, chosen, output, pages)
    if not quiet and here.stderr.isatty():
        here.say(progress.summary())
    if fail_empty and not progress.rows:
        raise typer.Exit(ExitCode.EMPTY)


def _pages(
    client: Client, statement: str, include_deleted: bool, progress: Progress
) -> Iterator[tuple[Sequence[str], Block]]:
    """The columns and values of each part of a result; the progress moves on once a part is written."""
    from salesforce_mcp.salesforce.stream import slices

    done = 0
    for part in slices(client, statement, include_deleted=include_deleted):
        yield part.columns, part.block
        done += part.rows
        progress.at(done, part.total)


def _announced(
    pages: Iterator[tuple[Sequence[str], Block]], progress: Progress
) -> Iterator[tuple[Sequence[str], Block]]:
    """Where the rows themselves pass by on the terminal, a line about them would only be in the way."""
    for page in pages:
        progress.hide()
        yield page


def _by_file(
    here: Environment,
    client: Client,
    statement: str,
    form: FileFormat,
    bulk: bool,
    output: Path | None,
    include_deleted: bool,
    progress: Progress,
) -> None:
    """Write what is only there when it is whole: the results of a bulk job, Parquet. For stdout by way of a file."""
    import shutil
    import tempfile

    from salesforce_mcp.salesforce.export import export

    with tempfile.TemporaryDirectory() as folder:
        path = output or Path(folder, "rows")
        done = export(
            client,
            statement,
            path,
            form=form,
            method="bulk" if bulk else "rest",
            include_deleted=include_deleted,
            progress=progress.at,
        )
        if output is None:
            progress.hide()
            with path.open("rb") as rows:
                shutil.copyfileobj(rows, here.data)
    progress.rows = done.rows
