"""`sfmcp report`: Salesforce's reports in the shell. The tools do the work; here it is only shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.commands import Group, add_command
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import Form, Org, OutputFile, Quiet, counting_as
from salesforce_mcp.cli.output import Format, chosen_format, write_json, write_rows
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.errors import SalesforceError

if TYPE_CHECKING:
    from salesforce_mcp.policy.admission import Admission
    from salesforce_mcp.tools.results import Table

ID = re.compile(r"00O[A-Za-z0-9]{12}([A-Za-z0-9]{3})?", re.ASCII)

MOST = 2000
"""Reports that are listed at once."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        no_args_is_help=True,
        help="List and run the org's reports.",
        epilog="Example:\n\nsfmcp report list --org demo",
    )
    add_command(group, list_, "sfmcp report list --org demo --filter pipeline")
    add_command(
        group,
        run,
        'sfmcp report run --org demo "Open Cases by Priority"',
        "sfmcp report run 00O000000000001AAA --totals --format csv",
        'sfmcp report run "Open Cases by Priority" --chart cases.png',
    )
    app.add_typer(group, name="report")


def list_(
    name: Annotated[
        str | None,
        typer.Option("--filter", metavar="TEXT", help="Only reports with this in their name.", show_default=False),
    ] = None,
    form: Form = None,
    output: OutputFile = None,
    org: Org = None,
) -> None:
    """List all reports that you may see."""
    from salesforce_mcp.tools.reports import listing

    here = environment()
    with counting_as("list_reports", org) as admission, Progress(here):
        table = listing.list_reports(admission.context, filter=name, limit=MOST)
    write_rows(here, chosen_format(here, form, output), output, table.columns, table.rows)


def run(
    report: Annotated[str, typer.Argument(metavar="REPORT", help="Its Id, or its name.")],
    totals: Annotated[
        bool, typer.Option("--totals", help="The totals even where there are detail rows.", show_default=False)
    ] = False,
    chart: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Draw the totals instead: into a .png or .svg file, or in the terminal with -.",
            show_default=False,
        ),
    ] = None,
    form: Form = None,
    output: OutputFile = None,
    org: Org = None,
    quiet: Quiet = False,
) -> None:
    """Run a report and write its detail rows, or its totals where it has none.

    On a terminal both are shown, and --format json gives both. With --chart a chart takes their place, unless --output
    or --format asks for them too.
    """
    from salesforce_mcp.cli import chart as charts
    from salesforce_mcp.tools.reports.running import run_report
    from salesforce_mcp.tools.results import Table

    here = environment()
    chosen = chosen_format(here, form, output)
    if chart:
        charts.check(chart)
    waiting = Progress(here, "Running the report", shown=not quiet)
    with counting_as("run_report", org, quiet=quiet) as admission, waiting:
        result = run_report(admission.context, _report_id(admission, report))
    tables = {name: part for name, part in result.parts if isinstance(part, Table)}
    if chart:
        plot = tables["totals"].plot
        if plot is None:
            raise SalesforceError(
                "This report has no groups to compare.", code="NO_CHART", hint="Run it without --chart for its rows."
            )
        charts.write(here, chart, plot)
    if not chart or output or form:
        _write(here, tables, chosen, output, totals=totals)
    if not quiet:
        here.say("\n".join([result.summary or "", *result.notes]))


def _write(here: Environment, tables: dict[str, Table], chosen: Format, output: Path | None, *, totals: bool) -> None:
    if chosen is Format.JSON:
        write_json(here, output, {name: part.as_dict() for name, part in tables.items()})
    elif chosen is Format.TABLE and output is None and not totals:
        _show(here, tables)
    else:
        table = tables["totals"] if totals else tables.get("details", tables["totals"])
        write_rows(here, chosen, output, table.columns, table.rows)


def _show(here: Environment, tables: dict[str, Table]) -> None:
    """All tables, the totals last, where the eye is when they have passed by."""
    for name in sorted(tables, key="totals".__eq__):
        here.write(f"{name.capitalize()}")
        write_rows(here, Format.TABLE, None, tables[name].columns, tables[name].rows)
        here.write("")


def _report_id(within: Admission, name: str) -> str:
    """The Id of the report that is meant. Raises SalesforceError when no report, or more than one, has this name."""
    if ID.fullmatch(name):
        return name
    from salesforce_mcp.tools.reports.listing import list_reports

    with counting_as("list_reports", None, quiet=True, within=within) as admission:
        table = list_reports(admission.context, filter=name, limit=MOST)
    exact = [row for row in table.rows if row[1].lower() == name.lower()]
    found = exact or table.rows
    if len(found) == 1:
        return str(found[0][0])
    if not found:
        raise SalesforceError(f"There is no report {name!r}.", code="NOT_FOUND", hint="`sfmcp report list` shows all.")
    choices = "; ".join(f"{row[1]} ({row[0]}, in {row[2]})" for row in found[:5])
    raise SalesforceError(f"More than one report is called like {name!r}.", code="AMBIGUOUS", hint=f"{choices}.")
