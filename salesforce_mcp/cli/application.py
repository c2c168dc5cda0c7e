"""The typer application: global options, and the command group that the first word names."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from typing import Any

import typer

from salesforce_mcp.cli import completion
from salesforce_mcp.cli.commands import Group
from salesforce_mcp.cli.environment import environment

MODULES = {
    "query": "query",
    "search": "search",
    "export": "export",
    "import": "import_",
    "describe": "describe",
    "report": "report",
    "call": "call",
    "tools": "tools",
    "audit": "audit",
    "login": "login",
    "logout": "login",
    "orgs": "login",
    "whoami": "login",
    "install": "install",
    "uninstall": "install",
    "doctor": "doctor",
    "demo": "demo",
}
"""Commands and the module of this package that registers each, in the order of `sfmcp --help`."""


class _InOrder(Group):
    """Lists the commands in the order of MODULES; typer puts groups last."""

    def list_commands(self, ctx: Any) -> list[str]:
        order = [*MODULES, "serve"]
        return sorted(super().list_commands(ctx), key=order.index)


def application(arguments: Sequence[str]) -> typer.Typer:
    """The application with the one group that `arguments` needs, or with all when they name no known command.

    A group is a module with `register(app)`; importing only one keeps every command's start short. When a shell asks
    what could come next, its line counts for the arguments.
    """
    asked = completion.VARIABLE in os.environ
    command = next((word for word in (completion.words() if asked else arguments) if not word.startswith("-")), "")
    app = typer.Typer(
        cls=_InOrder,
        add_completion=asked or command not in MODULES,
        no_args_is_help=True,
        rich_markup_mode=None,  # tables in boxes break words where the terminal is narrow, and load for longer
        # Rich tracebacks show local variables, and those may hold a token.
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_sfmcp)
    for module in [MODULES[command]] if command in MODULES else dict.fromkeys(MODULES.values()):
        importlib.import_module(f"salesforce_mcp.cli.{module}").register(app)
    app.command(
        "serve",
        add_help_option=False,
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
    )(_serve)
    if set(arguments) <= {"-h", "--help"} and not asked:
        _keep_descriptions(app)
    return app


def _keep_descriptions(app: typer.Typer) -> None:
    """Take the parameters off all commands: the overview shows none, and reading them takes a tenth of its time."""
    for group in app.registered_groups:
        if group.typer_instance:
            _keep_descriptions(group.typer_instance)
    for command in app.registered_commands:
        if command.callback:
            command.callback = _described(command.callback)


def _described(callback: Callable[..., Any]) -> Callable[[], None]:
    def nothing() -> None:
        pass

    nothing.__name__, nothing.__doc__ = callback.__name__, callback.__doc__
    return nothing


def _show_version(asked: bool) -> None:
    if asked:
        from salesforce_mcp import __version__

        environment().write(f"sfmcp {__version__}")
        raise typer.Exit


def _sfmcp(
    version: bool = typer.Option(
        False, "--version", callback=_show_version, is_eager=True, help="Show the version and leave."
    ),
    debug: bool = typer.Option(False, "--debug", help="Show tracebacks; SFMCP_DEBUG=1 does the same."),
) -> None:
    """Salesforce for AI clients and the shell. Try it without an org: sfmcp demo"""
    if debug:
        os.environ["SFMCP_DEBUG"] = "1"


def _serve(context: typer.Context) -> None:
    """Serve the tools to an AI client over stdio (MCP).

    Example: sfmcp serve --org demo
    """
    from salesforce_mcp.server.serve import main as serve

    raise typer.Exit(serve(context.args))
