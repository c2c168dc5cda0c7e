"""`sfmcp call` runs one tool as the server would; `sfmcp tools` lists them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesforce_mcp.cli import failures
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import Org, connect
from salesforce_mcp.cli.output import Format, write_json, write_rows
from salesforce_mcp.errors import ExitCode, PolicyError, SfmcpError, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.policy.selection import Selection
    from salesforce_mcp.tools.registry import Tool
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
    add_command(app, tools, "sfmcp tools --toolsets records")


def call(
    tool: Annotated[str, typer.Argument(metavar="TOOL", help="The tool's name, as `sfmcp tools` lists it.")],
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
    write_json(here, None, result.as_dict())
    if getattr(result, "failed", False):
        raise typer.Exit(ExitCode.PARTIAL)


def tools(
    toolsets: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only the tools of these toolsets.", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.", show_default=False)] = False,
) -> None:
    """List the tools: what each does, its toolset, and what it may do in the org.

    Those marked as default are offered to clients without asking for a toolset.
    """
    from salesforce_mcp.tools import registry

    here = environment()
    known = registry.load(toolsets.split(",") if toolsets else registry.TOOLSETS)
    rows = [
        {
            "name": entry.name,
            "toolset": entry.toolset,
            "access": entry.access,
            "default": entry.default,
            "title": entry.title,
            "description": entry.description,
        }
        for entry in known.values()
    ]
    if json:
        write_json(here, None, rows)
        return
    columns = ["tool", "toolset", "access", "default", "does"]
    lines = [
        [row["name"], row["toolset"], row["access"], "yes" if row["default"] else "", _first_sentence(row)]
        for row in rows
    ]
    write_rows(here, Format.TABLE, None, columns, lines)


def _run(here: Environment, name: str, arguments: str, org: str | None, yes: bool) -> Result:
    from salesforce_mcp.policy.runner import run
    from salesforce_mcp.policy.selection import Selection, find
    from salesforce_mcp.tools import registry
    from salesforce_mcp.tools.context import Context
    from salesforce_mcp.tools.pages import PageStore

    tool = find(name, registry.load())
    given = _parse(_read(here, arguments))
    selection = Selection.of()
    if tool.access == "destructive" and not yes and _would_run(tool, given, selection):
        _confirm(here, tool, given)
    context = Context(lambda: connect(org), pages=PageStore())
    return run(tool, given, context, selection=selection)


def _would_run(tool: Tool, arguments: dict[str, Any], selection: Selection) -> bool:
    """Whether it comes to asking at all: the runner says what is wrong with the call, and keeps it in the trail."""
    try:
        selection.check(tool)
        tool.validate(arguments)
    except SfmcpError:
        return False
    return True


def _confirm(here: Environment, tool: Tool, arguments: dict[str, Any]) -> None:
    """Ask at the terminal. Raises PolicyError where nobody can be asked, or when the answer isn't yes."""
    import orjson

    if not here.interactive():
        raise PolicyError(
            f"{tool.name} needs a confirmation, and there is no terminal to ask at.",
            code="CONFIRMATION_REQUIRED",
            hint="Use --yes to confirm.",
        )
    if not here.confirm(f"{tool.title}: {orjson.dumps(arguments).decode()}. Go on?", alternative="Use --yes."):
        raise PolicyError(f"{tool.name} was not confirmed; nothing was sent.", code="NOT_CONFIRMED")


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

    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise UsageError(
            f"The arguments are no JSON: {error.msg} at line {error.lineno}, column {error.colno}.",
            hint="""Quote the object for the shell: '{"object": "Account"}'.""",
        ) from error
    if not isinstance(given, dict):
        raise UsageError("The arguments must be a JSON object.", hint="""For example '{"object": "Account"}'.""")
    return given


def _first_sentence(row: dict[str, Any]) -> str:
    words = " ".join(row["description"].split("\n\n")[0].split())
    return words.split(". ")[0].rstrip(".") or row["title"]
