"""From what was typed, what is known of an earlier login, the environment and a few questions to a login's settings."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.orgs import Flow, Org, Orgs, check_alias
from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.errors import UsageError

if TYPE_CHECKING:
    from salesforce_mcp.auth.grant import Secrets

SECRET_BY_ENVIRONMENT = "Set SFMCP_CLIENT_SECRET."  # noqa: S105 - the name of a variable


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """The options of `sfmcp login` that describe the login; None and empty stand for those not given."""

    alias: str | None = None
    sandbox: bool = False
    domain: str | None = None
    login_url: str | None = None
    client_id: str | None = None
    flow: Flow | None = None
    from_sf: str | None = None
    username: str | None = None
    key_file: str | None = None
    scopes: Sequence[str] = ()
    port: int | None = None
    allowed_hosts: Sequence[str] = ()

    @property
    def same_login(self) -> bool:
        """Nothing says which login: the default one is meant, to be renewed."""
        named = (self.alias, self.domain, self.login_url, self.client_id, self.flow, self.from_sf, self.username)
        return not any(named) and not self.sandbox and not self.key_file


def settings(wishes: Wishes, book: Orgs) -> Org:
    """The settings to log in with. What isn't given stays as it was at the last login under this alias.

    Raises UsageError for options that contradict each other and addresses that aren't trusted.
    """
    if wishes.alias:
        check_alias(wishes.alias)
    alias = wishes.alias or (book.default if wishes.same_login else None) or ""
    before = book.by_alias.get(alias)
    allowed = tuple(wishes.allowed_hosts) or (before.allowed_hosts if before else ()) or _allowed_by_environment()
    base = before or Org(alias=alias, login_url="")
    return replace(
        base,
        flow=_flow(wishes, before),
        login_url=hosts.origin(_login_url(wishes, before), allowed=allowed, what="login URL"),
        client_id=wishes.client_id or base.client_id or os.environ.get("SFMCP_CLIENT_ID"),
        username=wishes.username or base.username or os.environ.get("SFMCP_USERNAME"),
        scopes=_scopes(wishes.scopes) or base.scopes,
        port=wishes.port or base.port,
        key_file=wishes.key_file or base.key_file or os.environ.get("SFMCP_JWT_KEY_FILE"),
        sf_alias=wishes.from_sf or base.sf_alias,
        allowed_hosts=allowed,
    )


def ask_settings(org: Org, here: Environment) -> Org:
    """Ask for what the flow can't do without."""
    if org.flow in ("web", "device", "jwt", "client-credentials", "password") and not org.client_id:
        here.say(
            "The login needs an External Client App of your org (Setup > External Client App Manager)"
            + (f" with the callback URL {org.callback_url}." if org.flow == "web" else ".")
        )
        client_id = here.ask("Its client id (consumer key):", alternative="Use --client-id or SFMCP_CLIENT_ID.")
        org = replace(org, client_id=client_id or None)
    if org.flow in ("jwt", "password", "soap") and not org.username:
        username = here.ask("User name:", alternative="Use --username or SFMCP_USERNAME.")
        org = replace(org, username=username or None)
    return org


def ask_secrets(org: Org, before: Secrets | None, here: Environment) -> Secrets:
    """The secrets that the flow needs: from the environment, from the last login, or asked for."""
    from salesforce_mcp.auth import jwt_bearer
    from salesforce_mcp.auth.unattended import environment_secrets

    secrets = environment_secrets(org.login_url)
    if org.flow in ("web", "client-credentials", "password"):
        secrets = replace(secrets, client_secret=secrets.client_secret or _client_secret(org, before, here))
    else:
        secrets = replace(secrets, client_secret=None)
    if org.flow in ("password", "soap"):
        return _ask_password(secrets, here)
    secrets = replace(secrets, password=None, security_token=None)
    if org.flow != "jwt":
        return replace(secrets, key_passphrase=None)
    if not secrets.key_passphrase and jwt_bearer.is_encrypted(org.key_file):
        kept = before.key_passphrase if before else None
        asked = kept or here.ask("Passphrase of the key:", secret=True, alternative="Set SFMCP_JWT_KEY_PASSPHRASE.")
        secrets = replace(secrets, key_passphrase=asked)
    return secrets


def ask_client_secret(here: Environment) -> str:
    """A new client secret. Raises UsageError for none."""
    question = "New client secret (consumer secret):"
    secret = os.environ.get("SFMCP_CLIENT_SECRET") or here.ask(question, secret=True, alternative=SECRET_BY_ENVIRONMENT)
    if not secret:
        raise UsageError("No client secret was given.", hint=SECRET_BY_ENVIRONMENT)
    return secret


def _client_secret(org: Org, before: Secrets | None, here: Environment) -> str | None:
    """A public app has none, and which kind an app is can't be seen from outside."""
    if before:
        return before.client_secret
    if org.flow == "client-credentials":
        return here.ask("Client secret:", secret=True, alternative=SECRET_BY_ENVIRONMENT)
    if not here.interactive():
        return None
    question = "Client secret (empty if the app requires none):"
    return here.ask(question, secret=True, alternative=SECRET_BY_ENVIRONMENT) or None


def _ask_password(secrets: Secrets, here: Environment) -> Secrets:
    password, token = secrets.password, secrets.security_token
    if not password:
        password = here.ask("Password:", secret=True, alternative="Set SFMCP_PASSWORD.")
        if not token:
            token = here.ask("Security token (empty if not needed):", secret=True, alternative="") or None
    return replace(secrets, password=password, security_token=token, key_passphrase=None)


def _flow(wishes: Wishes, before: Org | None) -> Flow:
    if wishes.from_sf and wishes.flow not in (None, "sf"):
        raise UsageError("--from-sf takes the session of the Salesforce CLI: it goes without --flow.")
    if wishes.from_sf:
        return "sf"
    if wishes.flow:
        return wishes.flow
    if wishes.key_file:
        return "jwt"
    return before.flow if before else "web"


def _login_url(wishes: Wishes, before: Org | None) -> str:
    if wishes.login_url and (wishes.domain or wishes.sandbox):
        raise UsageError("--login-url says it all: it goes without --domain and --sandbox.")
    if wishes.login_url:
        return wishes.login_url
    if wishes.domain:
        return hosts.my_domain(wishes.domain, sandbox=wishes.sandbox)
    if wishes.sandbox:
        return hosts.SANDBOX_LOGIN
    if before:
        return before.login_url
    return os.environ.get("SFMCP_LOGIN_URL") or hosts.PRODUCTION_LOGIN


def _scopes(given: Sequence[str]) -> tuple[str, ...]:
    """Scopes, given one by one or several at once."""
    return tuple(dict.fromkeys(" ".join(given).replace(",", " ").split()))


def _allowed_by_environment() -> tuple[str, ...]:
    from salesforce_mcp.auth.resolve import allowed_hosts

    return tuple(allowed_hosts())
