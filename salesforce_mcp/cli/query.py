"""`sfmcp query` and `sfmcp search`: rows to stdout or a file, all of them, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.options import FailEmpty, Form, IncludeDeleted, Org, OutputFile, Quiet, StatementFile, connect
from salesforce_mcp.cli.output import chosen_format, write_pages, write_rows
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.cli.statement import bound_statement, read_binds, read_statement
from salesforce_mcp.errors import ExitCode

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.rows import Block
    from salesforce_mcp.salesforce.stream import Slice


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(
        epilog="Examples:\n\n"
        'sfmcp query --org demo "SELECT Name, Industry FROM Account LIMIT 5"\n\n'
        'sfmcp query "SELECT Id FROM Contact WHERE Email = :mail" --bind mail=ada@example.com\n\n'
        "sfmcp query --file open-cases.soql --output open-cases.csv\n\n"
        'echo "SELECT Id, Name FROM Lead" | sfmcp query - --format jsonl | head -3'
    )(query)
    app.command(
        epilog='Example: sfmcp search --org demo "FIND {pump} RETURNING Case(CaseNumber, Subject), Account(Name)"'
    )(search)


def query(
    soql: Annotated[
        str | None,
        typer.Argument(metavar="SOQL", help="The statement, or - to read it from stdin.", show_default=False),
    ] = None,
    file: StatementFile = None,
    bind: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=TEXT",
            help="The value for :NAME in the statement, quoted safely; NAME:=JSON for numbers, true, null and lists.",
            show_default=False,
        ),
    ] = None,
    form: Form = None,
    output: OutputFile = None,
    include_deleted: IncludeDeleted = False,
    org: Org = None,
    quiet: Quiet = False,
    fail_empty: FailEmpty = False,
) -> None:
    """Run SOQL and write all rows, as they come.

    Columns stand in the order of the SELECT; a parent's are dotted (Account.Name) in every format, child rows are a
    list in their cell. Values stay as Salesforce gave them.
    """
    from salesforce_mcp.salesforce.stream import slices

    here = environment()
    statement = read_statement(here, soql, file)
    values = read_binds(bind or ())
    form = chosen_format(here, form, output)
    client = connect(org)
    statement = bound_statement(client, statement, values)
    # Where the rows themselves pass by on the terminal, a line about them would only be in the way.
    with Progress(here, shown=not quiet and (output is not None or not here.stdout.isatty())) as progress:
        parts = slices(client, statement, include_deleted=include_deleted)
        write_pages(here, form, output, _pages(parts, progress))
    if not quiet and here.stderr.isatty():
        here.say(progress.summary())
    if fail_empty and not progress.rows:
        raise typer.Exit(ExitCode.EMPTY)


def search(
    sosl: Annotated[
        str | None,
        typer.Argument(metavar="SOSL", help="The statement, or - to read it from stdin.", show_default=False),
    ] = None,
    file: StatementFile = None,
    form: Form = None,
    output: OutputFile = None,
    org: Org = None,
    quiet: Quiet = False,
    fail_empty: FailEmpty = False,
) -> None:
    """Search with SOSL and write the records found: the object that each is of, and its fields."""
    from salesforce_mcp.salesforce.rows import Shaper

    here = environment()
    statement = read_statement(here, sosl, file)
    form = chosen_format(here, form, output)
    with Progress(here, shown=False) as progress:
        answer = connect(org).get("search", params={"q": statement})
        # Up to API version 36 the answer is the array itself.
        found = answer if isinstance(answer, list) else answer["searchRecords"]
        records = [{"object": record["attributes"]["type"], **record} for record in found]
        progress.add(len(records), len(records))
    shaper = Shaper()
    rows = shaper.rows(records)
    write_rows(here, form, output, shaper.columns, rows)
    if not quiet and here.stderr.isatty():
        here.say(progress.summary())
    if fail_empty and not records:
        raise typer.Exit(ExitCode.EMPTY)


def _pages(slices: Iterable[Slice], progress: Progress) -> Iterator[tuple[Sequence[str], Block]]:
    """The columns and values of each part of a result; the progress moves on once a part is written."""
    for part in slices:
        yield part.columns, part.block
        progress.add(part.rows, part.total)
