"""Logging in and out: from settings to an entry in orgs.toml and its secrets in the keyring."""

from __future__ import annotations

import os
import threading
from contextlib import closing
from dataclasses import replace
from urllib.parse import urlsplit

from salesforce_mcp.auth import hosts, identity, keyring_store, orgs, pages, renewal
from salesforce_mcp.auth.authorization_code import Authorization
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.identity import Identity
from salesforce_mcp.auth.loopback import Listener
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.resolve import allowed_hosts
from salesforce_mcp.auth.stored import interruption_mark, load_secrets, missing, renewing
from salesforce_mcp.errors import NetworkError, SessionError, SfmcpError

TIME_LIMIT = 600.0
"""Seconds for somebody to log in with the browser: single sign-on and a second factor take their time."""

NO_CALLBACK = (
    "If the page showed an error instead: redirect_uri_mismatch means that the app's callback URL must be exactly "
    "{callback}; invalid_client_id, that the client id is wrong or the app younger than ten minutes; "
    "OAUTH_APPROVAL_ERROR_GENERIC, that the app is not installed, or the user not approved for it. "
    "If user name and password were refused, the user may belong to a sandbox: --sandbox."
)


NO_ACCESS = (
    "An administrator gives the user the permission API Enabled, and the app the scope api (Manage user data via "
    "APIs). Professional Edition must buy API access."
)


class PendingLogin:
    """A login that somebody finishes in a browser, at `url`. It listens for that from its making to `close`.

    The link may be shown to the user, but not to a model: whoever opens it can log in as somebody else.
    """

    def __init__(self, org: Org, secrets: Secrets, *, prompt: str | None = None) -> None:
        keyring_store.describe()  # before the user goes to the browser: without a keyring it would be in vain
        self._org = org
        self._secrets = secrets
        self._authorization = Authorization(org, prompt=prompt)
        self.url = self._authorization.url
        self._listener = Listener(org.port, self._authorization.state)
        try:
            self._authorization.check()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Stop listening. A login that isn't finished then never will be."""
        self._listener.close()

    def wait(self, timeout: float = TIME_LIMIT, cancelled: threading.Event | None = None) -> Org:
        """Wait for the user, store the login, and return it. Once only; it ends with `close`.

        Raises SessionError when refused, timed out or cancelled, NetworkError, UsageError for an untrusted host.
        """
        with closing(self._listener):
            try:
                callback = self._listener.wait(timeout, cancelled)
            except SessionError as error:
                if error.code == "LOGIN_TIMEOUT":
                    error.hint = NO_CALLBACK.format(callback=self._org.callback_url)
                raise
        try:
            grant = self._authorization.finish(callback, self._secrets)
            org = keep(self._org, self._secrets, grant)
        except SfmcpError as error:
            callback.reply(pages.failure(error))
            raise
        except BaseException:
            callback.reply("")
            raise
        host = urlsplit(org.instance_url).hostname or ""
        callback.reply(pages.success(org.username or "", host, production=org.environment == "production"))
        return org


def start_login(alias: str | None = None) -> PendingLogin:
    """Begin a browser login, for whoever can't type `sfmcp login`.

    The settings are those of an earlier login, by default of the default org; without one, SFMCP_CLIENT_ID and
    SFMCP_LOGIN_URL. For the MCP server, which shows `url` to the user through the client and then calls `wait`. Raises
    SessionError NO_SESSION when neither says enough or the flow needs no browser; UsageError PORT_BUSY; NetworkError.
    """
    book = orgs.load()
    known = book.by_alias.get(alias or book.default or "")
    if known is None:
        return PendingLogin(*_from_environment(alias or ""))
    if known.flow != "web":
        raise SessionError(
            f"The login of {known.alias} is renewed without a browser.", hint=f"Log in with `{known.login_command}`."
        )
    return PendingLogin(known, load_secrets(known) or Secrets(login_url=known.login_url))


def unattended(org: Org, secrets: Secrets) -> Org:
    """Log in without a browser (jwt, client-credentials, password, soap, sf) and keep it. Raises as the flow does."""
    keyring_store.describe()
    return keep(org, secrets, renewal.obtain(org, secrets))


def keep(org: Org, secrets: Secrets, grant: Grant) -> Org:
    """Store a login that worked: who it is, the secrets, the settings. Raises SessionError, NetworkError."""
    try:
        found = identity.of_token(grant.instance_url, grant.access_token)
    except SessionError as refusal:
        refusal.message = f"The login worked, but its session is of no use. {refusal.message}"
        refusal.hint = NO_ACCESS
        raise
    org = replace(
        org,
        alias=org.alias or _free_alias(grant.instance_url, found),
        instance_url=grant.instance_url,
        username=found.username,
        org_id=found.org_id,
        environment=found.environment,
    )
    with renewing(org.alias):
        kept = replace(secrets, login_url=org.login_url, refresh_token=None).renewed(grant)
        keyring_store.save(org.alias, kept)
        interruption_mark(org.alias).unlink(missing_ok=True)
    with orgs.changing() as book:
        book.put(org)
    return org


def replace_client_secret(org: Org, client_secret: str) -> None:
    """Put another client secret in the place of the old one, after a renewal with it has worked.

    Raises SessionError when there is no login or the org refuses the secret: then all stays as it was.
    """
    with renewing(org.alias):
        secrets = load_secrets(org)
        if secrets is None:
            raise missing(org)
        changed = replace(secrets, client_secret=client_secret)
        keyring_store.save(org.alias, changed.renewed(renewal.obtain(org, changed)))


def rename(old: str, new: str) -> None:
    """Give a login another alias. Raises SessionError for an unknown one, UsageError for a new one that can't be."""
    with renewing(old):
        secrets = keyring_store.load(old)
        with orgs.changing() as book:
            book.rename(old, new)
            if secrets:
                keyring_store.save(new, secrets)
        keyring_store.delete(old)


def forget(alias: str) -> SfmcpError | None:
    """Log out: delete the secrets here, forget the settings, and revoke the tokens in the org (RFC 7009).

    Returns what kept the tokens from being revoked, None when they are. Raises SessionError for an unknown alias or a
    keyring that can't be used.
    """
    org = orgs.load().find(alias)
    secrets, unread = None, None
    with renewing(alias):
        try:
            secrets = keyring_store.load(alias)
        except keyring_store.DamagedEntry as error:
            unread = error
        keyring_store.delete(alias)
        interruption_mark(alias).unlink(missing_ok=True)
    with orgs.changing() as book:
        book.remove(alias)
    # The Salesforce CLI's session is its own: it stays logged in there.
    return _revoke(secrets) if secrets and org.flow != "sf" else unread


def _revoke(secrets: Secrets) -> NetworkError | None:
    """Revoking a refresh token ends its access tokens too. A token that is dead already counts as revoked."""
    from salesforce_mcp.auth import tokens, web

    token = secrets.refresh_token or secrets.access_token
    try:
        answer = web.post(f"{secrets.login_url}/services/oauth2/revoke", {"token": token})
    except NetworkError as error:
        return error
    return tokens.unusable(secrets.login_url, answer) if answer.status >= 500 else None


def _from_environment(alias: str) -> tuple[Org, Secrets]:
    """What SFMCP_CLIENT_ID, SFMCP_CLIENT_SECRET and SFMCP_LOGIN_URL say of a browser login."""
    client_id = os.environ.get("SFMCP_CLIENT_ID")
    if not client_id:
        raise SessionError("There is no session: nobody is logged in.", hint="Log in with `sfmcp login`.")
    allowed = allowed_hosts()
    login_url = os.environ.get("SFMCP_LOGIN_URL") or hosts.PRODUCTION_LOGIN
    login_url = hosts.origin(login_url, allowed=allowed, what="login URL")
    secrets = Secrets(login_url=login_url, client_secret=os.environ.get("SFMCP_CLIENT_SECRET"))
    return Org(alias=alias, login_url=login_url, client_id=client_id, allowed_hosts=tuple(allowed)), secrets


def _free_alias(instance_url: str, found: Identity) -> str:
    """An alias for a login that was given none: the My Domain name, unless that is another login's."""
    host = urlsplit(instance_url).hostname or ""
    name = "local" if hosts.is_loopback(host) else host.split(".")[0]
    other = orgs.load().by_alias.get(name)
    free = name != orgs.RESERVED and (other is None or other.username == found.username)
    return name if free else found.username
