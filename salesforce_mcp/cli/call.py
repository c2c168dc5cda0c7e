"""`sfmcp call` runs one tool as the server would."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesforce_mcp.cli import completion, failures
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import Org
from salesforce_mcp.cli.output import write_json
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.errors import ExitCode, PolicyError, SfmcpError, UsageError
from salesforce_mcp.server.text import visible

if TYPE_CHECKING:
    from salesforce_mcp.policy.confirmation import Question
    from salesforce_mcp.tools.results import Result


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    add_command(
        app,
        call,
        """sfmcp call describe_object '{"object": "Account"}' --org demo""",
        "sfmcp call create_record @case.json",
        """jq -n '{soql: "SELECT Id FROM Case LIMIT 5"}' | sfmcp call query -""",
    )


def call(
    tool: Annotated[
        str,
        typer.Argument(
            metavar="TOOL", help="The tool's name, as `sfmcp tools` lists it.", autocompletion=completion.tools
        ),
    ],
    arguments: Annotated[
        str, typer.Argument(metavar="[JSON | @FILE | -]", help="Its arguments: a JSON object, a file, or - for stdin.")
    ] = "{}",
    org: Org = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Answer yes where a confirmation is needed.", show_default=False)
    ] = False,
) -> None:
    """Run any tool exactly as the server would and print its result as JSON.

    A failure is printed as {"error": {"code", "message", "fields", "hint", "retryable"}}, and the exit code says its
    kind.
    """
    here = environment()
    try:
        result = _run(here, tool, arguments, org, yes)
    except SfmcpError as error:
        write_json(here, None, {"error": error.as_dict()})
        if not here.stdout.isatty():
            here.say(failures.describe(error, colour=here.colour(here.stderr)))
        raise typer.Exit(error.exit_code) from error
    write_json(here, None, result.as_dict() | _picture(result))
    if getattr(result, "failed", False):
        raise typer.Exit(ExitCode.PARTIAL)


def _run(here: Environment, name: str, arguments: str, org: str | None, yes: bool) -> Result:
    from salesforce_mcp import api
    from salesforce_mcp.policy.confirmation import CONFIRM

    given = _parse(_read(here, arguments))
    given.pop(CONFIRM, None)  # what a model confirms, the terminal asks
    with Progress(here) as progress:

        def ask(question: Question) -> None:
            progress.hide()
            ask_at_terminal(here, question)

        with api.Org(org, confirm=None if yes else ask) as opened:
            return opened.run(name, given)


def ask_at_terminal(here: Environment, question: Question) -> None:
    """Ask at the terminal. Raises PolicyError where nobody can be asked, or when the answer isn't yes."""
    if not here.interactive():
        raise PolicyError(
            f"{question.tool.name} needs a confirmation, and there is no terminal to ask at.",
            code="CONFIRMATION_REQUIRED",
            hint="Use --yes to confirm.",
        )
    if not here.confirm(f"{visible(question.text)}\nGo on?", alternative="Use --yes."):
        raise PolicyError(f"{question.tool.name} was not confirmed; nothing was sent.", code="NOT_CONFIRMED")


def _picture(result: Result) -> dict[str, str]:
    """The PNG of a chart that was asked for, in Base64."""
    from salesforce_mcp.server.render import picture

    png = picture(result)
    return {"chart_png": b64encode(png).decode()} if png else {}


def _read(here: Environment, arguments: str) -> str | bytes:
    """The JSON text: as given, from stdin (-) or from a file (@name)."""
    if arguments == "-":
        return here.read()
    if arguments.startswith("@"):
        from pathlib import Path

        try:
            return Path(arguments[1:]).read_bytes()
        except OSError as error:
            raise UsageError(f"{arguments[1:]} cannot be read: {error.strerror}.", code="FILE") from error
    return arguments


def _parse(text: str | bytes) -> dict[str, Any]:
    import orjson

    from salesforce_mcp.salesforce.response import exact_loads

    try:
        given = exact_loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(
            f"The arguments are no JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="""Quote the object for the shell: '{"object": "Account"}'.""",
        ) from error
    if not isinstance(given, dict):
        raise UsageError("The arguments must be a JSON object.", hint="""For example '{"object": "Account"}'.""")
    return given
