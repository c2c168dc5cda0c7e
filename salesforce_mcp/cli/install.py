"""`sfmcp install` and `uninstall`: sfmcp in the configuration of an AI client."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Any

import typer

from salesforce_mcp.cli.clients import CLIENTS, Client, Configuration, is_ours
from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.completion import aliases
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.program import lasting_program
from salesforce_mcp.errors import UsageError

FOLDERS = ("SFMCP_CONFIG_DIR", "SFMCP_STATE_DIR", "SFMCP_EXPORT_DIR", "SFMCP_POLICY")
"""Variables that hold a path: a program started from a desktop doesn't have the shell's."""

Named = Annotated[
    str,
    typer.Argument(
        metavar="CLIENT", help=", ".join(CLIENTS) + ".", show_default=False, autocompletion=lambda: list(CLIENTS)
    ),
]
ServerName = Annotated[str, typer.Option("--name", metavar="NAME", help="What the client calls this server.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    add_command(
        app,
        install,
        "sfmcp install claude-desktop --org demo",
        "sfmcp install vscode --org prod --read-only --toolsets service",
        "sfmcp install cursor --print",
    )
    add_command(app, uninstall, "sfmcp uninstall claude-desktop")


def install(
    client: Named = "",
    org: Annotated[
        str | None,
        typer.Option(
            "--org",
            "-o",
            metavar="ALIAS",
            help="The org to serve: an alias of `sfmcp login`, or demo. Without it the default org of the time.",
            show_default=False,
            autocompletion=aliases,
        ),
    ] = None,
    toolsets: Annotated[
        str | None,
        typer.Option(metavar="A,B", help="Offer these toolsets, or all; as `sfmcp serve` has it.", show_default=False),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Offer no tool that changes data.", show_default=False)
    ] = False,
    name: ServerName = "salesforce",
    print_: Annotated[
        bool, typer.Option("--print", help="Only print what belongs into the file.", show_default=False)
    ] = False,
) -> None:
    """Add sfmcp to an AI client's configuration, with the full path of this program.

    The change is shown; everything else in the file stays as it is, comments and order too, and a copy of the old file
    is kept beside it. Doing it again changes only what is different.
    """
    from salesforce_mcp.cli import client_file
    from salesforce_mcp.cli.jsonc import merge

    here = environment()
    configuration = _configuration(client)
    change = {configuration.of.key: {name: _entry(configuration.of, org, toolsets, read_only)}}
    if print_:
        here.write(json.dumps(change, indent=2, ensure_ascii=False))
        here.say(f"{configuration.client} reads it from {configuration.path}")
        return
    old = client_file.read(configuration)
    _check_ours(configuration, old, name)
    if _apply(here, configuration, old, merge(old, change)):
        here.say(f"Restart {configuration.client} to have its tools.")
    _mind_the_login(here, org)


def uninstall(client: Named = "", name: ServerName = "salesforce") -> None:
    """Take sfmcp out of an AI client's configuration; everything else in the file stays as it is."""
    from salesforce_mcp.cli import client_file
    from salesforce_mcp.cli.jsonc import remove

    here = environment()
    configuration = _configuration(client)
    old = client_file.read(configuration)
    _check_ours(configuration, old, name)
    if name not in client_file.servers(configuration, old):
        here.say(f"{configuration.client} has no server named {name!r} in {configuration.path}.")
        return
    _apply(here, configuration, old, remove(old, configuration.of.key, name))


def _configuration(name: str) -> Configuration:
    client = CLIENTS.get(name)
    if client is None:
        from salesforce_mcp.soql.suggest import nearest

        like = nearest(name, CLIENTS)
        meant = f"Did you mean {' or '.join(like)}? " if like else ""
        problem = f"{name!r} is no client that is known here." if name else "Name the AI client."
        raise UsageError(
            problem, hint=f"{meant}Clients: {', '.join(CLIENTS)}. For others, --print with any of them shows the block."
        )
    return Configuration(client, client.file(Path.home(), os.environ))


def _entry(client: Client, org: str | None, toolsets: str | None, read_only: bool) -> dict[str, Any]:
    """What starts the server: full paths, and nothing from this shell that the client won't have."""
    org = org or os.environ.get("SFMCP_ORG")
    command, *before = lasting_program()
    arguments = [*before, "serve"]
    if org:
        arguments += ["--org", org]
    if toolsets is not None:
        from salesforce_mcp.policy.selection import Selection

        Selection.of(toolsets=toolsets).offered()  # refuses names that don't exist
        arguments += ["--toolsets", toolsets]
    if read_only:
        arguments.append("--read-only")
    entry: dict[str, Any] = {"type": "stdio"} if client.typed else {}
    entry |= {"command": command, "args": arguments}
    variables = {name: str(Path(os.environ[name]).expanduser().absolute()) for name in FOLDERS if os.environ.get(name)}
    return {**entry, "env": variables} if variables else entry


def _check_ours(configuration: Configuration, text: str, name: str) -> None:
    """Raise UsageError when another program's server has this name."""
    from salesforce_mcp.cli import client_file

    found = client_file.servers(configuration, text).get(name)
    if found is not None and not is_ours(found):
        raise UsageError(
            f"{configuration.client} has a server named {name!r} already, and that isn't sfmcp. Nothing was changed.",
            hint="Choose another name with --name.",
        )


def _apply(here: Environment, configuration: Configuration, old: str, new: str) -> bool:
    """Write the change and tell of it; False when there is nothing to change."""
    from salesforce_mcp.cli import client_file

    if new == old:
        here.say(f"{configuration.path} is as it should be already.")
        return False
    if not configuration.path.parent.is_dir():
        here.say(f"{configuration.client} has no settings here yet; making {configuration.path.parent}")
    backup = client_file.write(configuration, old, new)
    client_file.show(here, configuration.path, old, new)
    here.say(f"Changed {configuration.path}" + (f"; the old one is {backup.name}" if backup else ""))
    return True


def _mind_the_login(here: Environment, org: str | None) -> None:
    """Say so when the server would find nobody logged in."""
    from salesforce_mcp.auth import orgs

    org = org or os.environ.get("SFMCP_ORG")
    logins = orgs.load()
    if org != orgs.RESERVED and (org or logins.default) not in logins.by_alias:
        alias = f" --org {org}" if org else ""
        here.say(f"There is no such login yet: run `sfmcp login{alias}`, or install with --org demo to try it.")
