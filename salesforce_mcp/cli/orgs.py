"""`sfmcp orgs` and `whoami`: which logins there are, and who they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesforce_mcp.cli.commands import Group
from salesforce_mcp.cli.completion import kept_aliases
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import Org as OrgOption
from salesforce_mcp.cli.options import counting_as
from salesforce_mcp.cli.progress import Progress
from salesforce_mcp.errors import PolicyError, SalesforceError, SessionError

if TYPE_CHECKING:
    from salesforce_mcp.auth.orgs import Org
    from salesforce_mcp.salesforce.client import Client

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(cls=Group, help=orgs.__doc__, epilog="Examples:\n\nsfmcp orgs\n\nsfmcp orgs default dev")
    group.callback(invoke_without_command=True)(orgs)
    group.command("default", epilog="Example: sfmcp orgs default dev")(default)
    group.command("rename", epilog="Example: sfmcp orgs rename dev sandbox")(rename)
    app.add_typer(group, name="orgs")
    app.command("whoami", epilog="Example: sfmcp whoami --org dev")(whoami)


def orgs(context: typer.Context, json: Json = False) -> None:
    """List the logins: user, org, kind of org, flow, and whether the keyring holds the session."""
    if context.invoked_subcommand:
        return
    from salesforce_mcp.auth import orgs as book

    here = environment()
    known = book.load()
    rows = [_row(org, default=org.alias == known.default) for org in known.by_alias.values()]
    if json:
        _print_json(here, rows)
        return
    if not rows:
        here.say("Nobody is logged in. `sfmcp login` logs in; `--org demo` is the built-in demo org.")
        return
    from salesforce_mcp.cli.table import TableWriter

    columns = ("alias", "username", "environment", "org_id", "instance_url", "flow", "session")
    width = here.width if here.stdout.isatty() else None
    table = TableWriter(here.stdout.write, columns, width=width, colour=here.colour(here.stdout))
    shown = [{**row, "alias": f"{row['alias']} *" if row["default"] else row["alias"]} for row in rows]
    table.write([[marked(name, row[name]) for row in shown] for name in columns])
    table.close()
    here.stdout.flush()
    here.say("* is the default.")
    if any(row["session"] == "unknown" for row in rows):
        here.say("The keyring can't be asked: `sfmcp doctor` says why.")


def default(
    org: Annotated[
        str, typer.Argument(metavar="ALIAS", help="The login.", show_default=False, autocompletion=kept_aliases)
    ],
) -> None:
    """Make a login the default: the one used where --org names none."""
    from salesforce_mcp.auth import orgs as book

    with book.changing() as known:
        known.default = known.find(org).alias
    environment().say(f"{org} is the default now.")


def rename(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="The login.", show_default=False, autocompletion=kept_aliases)
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Its new alias.", show_default=False)],
) -> None:
    """Give a login another alias."""
    from salesforce_mcp.auth import login as logins

    logins.rename(old, new)
    environment().say(f"{old} is called {new} now.")


def whoami(org: OrgOption = None, json: Json = False) -> None:
    """Show the user behind a session, as the org itself sees it."""
    from salesforce_mcp.auth import identity

    here = environment()
    with counting_as("get_user_info", org) as admission, Progress(here):
        client = admission.context.client
        session = client.session
        user = client.get(identity.USERINFO)
        found = identity.told(session.instance_url, user, _organization(client))
        if found["environment"] == "unknown":
            found["environment"] = session.environment
    shown = {"alias": session.alias, **found, "instance_url": session.instance_url}
    if json:
        _print_json(here, shown)
        return
    for name, value in shown.items():
        if value:
            here.write(f"{name + ':':<14}{marked(name, value)}")


def _organization(client: Client) -> dict[str, Any]:
    """The org's record; empty where the user, or the policy, doesn't let it be seen."""
    from salesforce_mcp.auth.identity import ORGANIZATION

    names = ", ".join(client.readable("Organization", ORGANIZATION))
    try:
        return next(iter(client.query(f"SELECT {names} FROM Organization").records), {})  # noqa: S608 - names of ours
    except PolicyError:
        return {}
    except SalesforceError as error:
        if error.status == 403:  # no use of the API at all
            raise
        return {}


def marked(name: str, value: Any) -> Any:
    """The value of a field, a production org in capitals, so that nobody overlooks it."""
    return "PRODUCTION" if name == "environment" and value == "production" else value


def _row(org: Org, *, default: bool) -> dict[str, Any]:
    return {
        "alias": org.alias,
        "default": default,
        "username": org.username,
        "org_id": org.org_id,
        "environment": org.environment,
        "instance_url": org.instance_url,
        "login_url": org.login_url,
        "flow": org.flow,
        "client_id": org.client_id,
        "session": _session_state(org),
    }


def _session_state(org: Org) -> str:
    """`kept`, `missing`, or `unknown` where the keyring can't be asked."""
    from salesforce_mcp.auth import keyring_store

    try:
        return "kept" if keyring_store.load(org.alias) else "missing"
    except SessionError:
        return "unknown"


def _print_json(here: Environment, data: Any) -> None:
    import json

    here.write(json.dumps(data, indent=2, ensure_ascii=False))
