"""`sfmcp search`: the records that SOSL finds."""

from __future__ import annotations

from typing import Annotated

import typer

from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.options import FailEmpty, Form, Org, OutputFile, Quiet, StatementFile, counting_as
from salesforce_mcp.cli.output import chosen_format, write_rows
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.cli.statement import read_statement, refuse_more
from salesforce_mcp.errors import ExitCode


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    example = 'sfmcp search --org demo "FIND {pump} RETURNING Case(CaseNumber, Subject), Account(Name)"'
    add_command(app, search, example, extra_words=True)


def search(
    context: typer.Context,
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
    refuse_more(context.args)
    statement = read_statement(here, sosl, file)
    chosen = chosen_format(here, form, output)
    with counting_as("search", org, quiet=quiet) as admission, Progress(here, shown=not quiet):
        answer = admission.context.client.get("search", params={"q": statement})
    # Before API version 37.0 the answer is the array itself.
    found = answer if isinstance(answer, list) else answer["searchRecords"]
    records = [{"object": record["attributes"]["type"], **record} for record in found]
    shaper = Shaper()
    rows = shaper.rows(records)
    write_rows(here, chosen, output, shaper.columns, rows)
    if not quiet and here.stderr.isatty():
        from salesforce_mcp.cli.localized import count

        here.say(count(len(rows), "record"))
    if fail_empty and not rows:
        raise typer.Exit(ExitCode.EMPTY)
