"""`sfmcp login` and `logout`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli import orgs
from salesforce_mcp.cli.completion import kept_aliases
from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.errors import SessionError, SfmcpError, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.auth.grant import Secrets
    from salesforce_mcp.auth.orgs import Org


class FlowChoice(StrEnum):
    """The ways to log in that can be asked for."""

    WEB = "web"
    DEVICE = "device"
    JWT = "jwt"
    CLIENT_CREDENTIALS = "client-credentials"
    PASSWORD = "password"  # noqa: S105 - the name of a flow
    SOAP = "soap"


class PromptChoice(StrEnum):
    """What the login page may not skip."""

    LOGIN = "login"
    CONSENT = "consent"


def register(app: typer.Typer) -> None:
    """Add the commands of this module and of `cli.orgs`: they belong together."""
    app.command(
        "login",
        epilog="Examples:\n\nsfmcp login --client-id 3MVG9...\n\n"
        "sfmcp login --org dev --domain acme--dev --client-id 3MVG9...\n\n"
        "\b\nsfmcp login --org ci --flow jwt --username ci@acme.com --jwt-key-file ci.pem --client-id 3MVG9...",
    )(login)
    app.command("logout", epilog="Example: sfmcp logout dev")(logout)
    orgs.register(app)


def login(
    org: Annotated[
        str | None,
        typer.Option(
            "--org",
            "-o",
            metavar="ALIAS",
            help="Name for this login, by default the domain's.",
            show_default=False,
            autocompletion=kept_aliases,
        ),
    ] = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Log in to a sandbox.", show_default=False)] = False,
    domain: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="The org's My Domain name: acme, or acme--dev.", show_default=False),
    ] = None,
    login_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Another login address.", show_default=False)
    ] = None,
    client_id: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Consumer key of your External Client App; SFMCP_CLIENT_ID.", show_default=False
        ),
    ] = None,
    flow: Annotated[
        FlowChoice | None, typer.Option(help="How to log in; web is the browser.", show_default="web")
    ] = None,
    from_sf: Annotated[
        str | None,
        typer.Option(metavar="ALIAS", help="Take the session of this org from the Salesforce CLI.", show_default=False),
    ] = None,
    username: Annotated[
        str | None, typer.Option(metavar="USER", help="For jwt, password and soap.", show_default=False)
    ] = None,
    jwt_key_file: Annotated[
        str | None, typer.Option(metavar="FILE", help="Private key for jwt, PEM.", show_default=False)
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(metavar="SCOPE", help="OAuth scope; repeatable.", show_default="api refresh_token"),
    ] = None,
    prompt: Annotated[
        PromptChoice | None,
        typer.Option(help="Ask for the password, or for consent, in any case.", show_default=False),
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(
            min=1, max=65535, metavar="N", help="Port of the callback URL, as the app knows it.", show_default="1717"
        ),
    ] = None,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the link and open nothing.", show_default=False)
    ] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(metavar="HOST", help="Trust this host, which isn't Salesforce's.", show_default=False),
    ] = None,
    rotate_secret: Annotated[
        bool,
        typer.Option("--rotate-secret", help="Replace the client secret and keep the login.", show_default=False),
    ] = False,
) -> None:
    """Log in to an org: in the browser, or by another flow for machines.

    What you give is remembered: the next `sfmcp login --org ALIAS` needs nothing else. Tokens are kept in the keyring
    of the operating system. The client secret, if the app needs one, is asked for or taken from SFMCP_CLIENT_SECRET.
    """
    from salesforce_mcp.auth import orgs as book
    from salesforce_mcp.cli.login_settings import Wishes, ask_settings, settings

    here = environment()
    wishes = Wishes(
        alias=org,
        sandbox=sandbox,
        domain=domain,
        login_url=login_url,
        client_id=client_id,
        flow=flow.value if flow else None,
        from_sf=from_sf,
        username=username,
        key_file=jwt_key_file,
        scopes=scope or (),
        port=port,
        allowed_hosts=allow_host or (),
    )
    known = book.load()
    chosen = settings(wishes, known)
    if rotate_secret:
        _rotate(known.find(chosen.alias), here)
        return
    done = _log_in(ask_settings(chosen, here), here, prompt=prompt.value if prompt else None, open_link=not no_browser)
    _say_logged_in(done, here)


def logout(
    org: Annotated[
        str | None,
        typer.Argument(metavar="[ALIAS]", help="The login to end.", show_default=False, autocompletion=kept_aliases),
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="End all logins.", show_default=False)] = False,
) -> None:
    """Log out: revoke the tokens in the org, and delete them and the login's settings here."""
    from salesforce_mcp.auth import login as logins
    from salesforce_mcp.auth import orgs as book

    here = environment()
    known = book.load()
    if everything == bool(org):
        raise UsageError("Name one login, or --all.", hint=f"Logins: {', '.join(known.by_alias) or 'none'}.")
    if everything and not known.by_alias:
        here.say("Nobody is logged in.")
    left: SfmcpError | None = None
    for alias in list(known.by_alias) if everything else [org or ""]:
        problem = logins.forget(alias)
        left = problem or left
        revoked = "its tokens are revoked" if problem is None else "its tokens could not be revoked"
        here.say(f"Logged out of {alias}; {revoked}.")
    if left:
        left.hint = "Revoke them in Salesforce: My Settings > Connections, or Setup > Connected Apps OAuth Usage."
        raise left


def _log_in(org: Org, here: Environment, *, prompt: str | None, open_link: bool) -> Org:
    from salesforce_mcp.auth import keyring_store
    from salesforce_mcp.auth import login as logins
    from salesforce_mcp.auth import orgs as book
    from salesforce_mcp.auth.password import ENDS
    from salesforce_mcp.cli.login_settings import ask_secrets

    if org.flow in ("password", "soap"):
        here.say(f"Warning: {ENDS}")
    before = book.load().by_alias.get(org.alias)
    kept = keyring_store.load(org.alias) if before and before.client_id == org.client_id else None
    secrets = ask_secrets(org, kept if kept and kept.login_url == org.login_url else None, here)
    if org.flow == "web":
        return _log_in_by_browser(org, secrets, here, prompt=prompt, open_link=open_link)
    if org.flow == "device":
        return _log_in_by_device(org, secrets, here)
    return logins.unattended(org, secrets)


def _log_in_by_browser(org: Org, secrets: Secrets, here: Environment, *, prompt: str | None, open_link: bool) -> Org:
    from contextlib import closing

    from salesforce_mcp.auth.login import PendingLogin

    with closing(PendingLogin(org, secrets, prompt=prompt)) as pending:
        opened = open_link and _open(pending.url)
        here.say("Log in with the browser that opens now. If none does, open:" if opened else "Open in a browser:")
        here.say(pending.url)
        here.say("Waiting for you to come back from there. Ctrl-C stops.")
        return pending.wait()


def _log_in_by_device(org: Org, secrets: Secrets, here: Environment) -> Org:
    from salesforce_mcp.auth import device, keyring_store
    from salesforce_mcp.auth import login as logins

    keyring_store.describe()
    invitation = device.invite(org)
    here.say(f"Open {invitation.url} in a browser, on any device, and enter the code {invitation.user_code}")
    here.say("Waiting for that, at most ten minutes. Ctrl-C stops.")
    return logins.keep(org, secrets, device.wait(org, invitation))


def _rotate(org: Org, here: Environment) -> None:
    from salesforce_mcp.auth import login as logins
    from salesforce_mcp.cli.login_settings import ask_client_secret

    if org.flow not in ("web", "client-credentials", "password"):
        raise SessionError(f"The login of {org.alias} (flow {org.flow}) uses no client secret.")
    logins.replace_client_secret(org, ask_client_secret(here))
    here.say(f"The new client secret works, and is kept for {org.alias}.")


def _open(url: str) -> bool:
    """Open a link; False where there is no browser with a window."""
    import os
    import sys
    import webbrowser

    windows = sys.platform in ("win32", "darwin") or any(
        os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    )
    return windows and webbrowser.open(url)


def _say_logged_in(org: Org, here: Environment) -> None:
    from salesforce_mcp.auth import orgs as book

    kind = orgs.marked("environment", org.environment)
    here.say(f"Logged in as {org.username} at {org.instance_url} ({kind}). Its alias is {org.alias}.")
    if org.environment == "production":
        here.say("This is a production org: what is changed in it is real.")
    if book.load().default == org.alias:
        here.say("It is the default: commands use it without --org.")
