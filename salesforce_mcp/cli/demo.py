"""`sfmcp demo`: the whole of it shown in one command; the demo org for other clients; its reset."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesforce_mcp.cli.commands import Group, add_command, unwrapped
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.progress import Progress

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store


NEXT_STEPS = (
    'query --org demo "SELECT Name, Industry FROM Account LIMIT 5"',
    "describe --org demo Case",
    "login    # your own org",
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=Group, help=unwrapped(demo.__doc__ or ""), epilog="Example:\n\nsfmcp demo")
    group.callback(invoke_without_command=True)(demo)
    add_command(group, serve, "sfmcp demo serve", "sfmcp demo serve --port 8443 --tls --json")
    add_command(group, reset, "sfmcp demo reset")
    app.add_typer(group, name="demo")


def demo(context: typer.Context) -> None:
    """See an AI client work with Salesforce, without an org: a small one is built in.

    Starts the demo org and the server, lets a real MCP client ask, change and report, and ends with the block to paste
    into the configuration of Claude Desktop or Cursor.
    """
    if context.invoked_subcommand:
        return
    from salesforce_mcp.cli.conversation import run_conversation
    from salesforce_mcp.cli.program import as_typed, client_block
    from salesforce_mcp.cli.stage import Stage

    began = time.monotonic()
    stage = Stage(environment())
    stage.title("sfmcp demo", "An AI client asks a small Salesforce org that is built in. All of it runs here.")
    with stage.waiting("Making the demo org"):
        _store().close()
    stage.ready(
        "Demo org", "accounts, contacts, deals, cases and reports of a made-up company", time.monotonic() - began
    )
    run_conversation(stage)
    stage.closing(
        time.monotonic() - began,
        client_block(["serve", "--org", "demo"]),
        {"Claude Desktop": "Settings, Developer, Edit Config", "Cursor": "~/.cursor/mcp.json"},
        [f"{as_typed()} {words}" for words in NEXT_STEPS],
    )


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port on loopback; 0: any free one.")] = 8025,
    tls: Annotated[
        bool, typer.Option("--tls", help="https, with a certificate made for loopback.", show_default=False)
    ] = False,
    scale: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="ROWS", help="Make its largest tables about this long, for measuring.", show_default=False
        ),
    ] = None,
    json: Annotated[
        bool, typer.Option("--json", help="Print one line of JSON for programs once it listens.", show_default=False)
    ] = False,
) -> None:
    """Keep the demo org running for other clients: REST, OAuth, a login page. Ctrl-C ends it."""
    import orjson

    from salesforce_mcp.demo.local import DemoOrg
    from salesforce_mcp.demo.server import keep_running

    here = environment()
    waiting = Progress(here, "Making the demo org")
    with waiting, DemoOrg(port=port, tls=tls, scale=scale) as org:
        org.ready()
        waiting.hide()
        facts = org.describe()
        here.write(orjson.dumps(facts).decode() if json else _for_people(facts))
        here.stdout.flush()
        if not json:
            here.say("Ctrl-C ends it.")
        keep_running()


def reset() -> None:
    """Give the demo org its first data back. What was changed in it is lost."""
    here = environment()
    with Progress(here, "Making the demo org"):
        store = _store()
        store.reset(scale=1)
        store.close()
    here.say("The demo org is as it was at first.")


def _store() -> Store:
    """The data of `--org demo`; they are made when there are none yet."""
    from salesforce_mcp.demo.local import FILE, data_folder
    from salesforce_mcp.demo.store import Store

    return Store(data_folder() / FILE)


def _for_people(facts: dict[str, Any]) -> str:
    """What `--json` prints, as lines."""
    lines = [f"The demo org listens at {facts['instance_url']}"]
    rows = [("client id", facts["client_id"]), ("client secret", facts["client_secret"])]
    rows += [("certificate", facts["certificate"])] if "certificate" in facts else []
    for user in facts["users"]:
        rows += [("user", user["username"]), ("  password", user["password"]), ("  token", user["access_token"])]
    return "\n".join([*lines, *(f"  {name:<14} {value}" for name, value in rows)])
