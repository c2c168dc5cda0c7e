"""A login kept in the keyring: its session, and the renewal that all processes share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from salesforce_mcp import folders
from salesforce_mcp.auth import keyring_store, orgs
from salesforce_mcp.auth.grant import Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.session import Session
from salesforce_mcp.errors import SessionError

PATIENCE = 180
"""Seconds to wait for another process's renewal: longer than its requests can take."""


class StoredSession(Session):
    """The session of an org in orgs.toml.

    Renewing is: lock, reload, renew, save. Whoever waited for the lock finds the new token when it reloads, so that
    any number of processes and threads that share a login through an expiry make one request. That matters all the
    more as Salesforce can rotate refresh tokens: each one then works once.
    """

    def __init__(self, org: Org) -> None:
        self._org = org
        self._secrets: Secrets | None = None
        self._unsaved: Secrets | None = None
        self._gate = threading.RLock()
        self.alias = org.alias
        self.username = org.username
        self.org_id = org.org_id
        self.environment = org.environment
        self.api_version = org.api_version

    @property
    def instance_url(self) -> str:
        return self._org.instance_url

    def access_token(self) -> str:
        with self._gate:
            self._secrets = self._secrets or self._load()
            return self._secrets.access_token

    def renew(self, rejected: str) -> str:
        from concurrent.futures import ThreadPoolExecutor

        with self._gate:
            if self._secrets and self._secrets.access_token != rejected:
                return self._secrets.access_token  # another thread was first
            with renewing(self._org.alias):
                secrets = self._unsaved or self._load()
                if secrets.access_token in ("", rejected):
                    # In a thread of its own, which an interrupt does not end: a refresh token that was used and whose
                    # successor was not saved is a login lost.
                    with ThreadPoolExecutor(max_workers=1) as pool:
                        secrets = pool.submit(self._renew_and_save, secrets).result()
            self._secrets = secrets
            return secrets.access_token

    def _load(self) -> Secrets:
        secrets = load_secrets(self._org)
        if secrets is None:
            raise missing(self._org)
        return secrets

    def _renew_and_save(self, secrets: Secrets) -> Secrets:
        from salesforce_mcp.auth import renewal, web

        mark = interruption_mark(self._org.alias)
        interrupted = mark.exists()
        mark.touch(mode=0o600)
        try:
            grant = renewal.obtain(self._org, secrets)
        except web.NotSent:
            if not interrupted:
                mark.unlink(missing_ok=True)
            raise
        except SessionError as refusal:
            newer = keyring_store.load(self._org.alias)
            if newer and newer.refresh_token != secrets.refresh_token:
                return newer  # somebody logged in again meanwhile
            if not interrupted:
                mark.unlink(missing_ok=True)
            elif refusal.code == "invalid_grant":
                raise self._lost() from refusal
            raise
        renewed = secrets.renewed(grant)
        if renewed.instance_url != self._org.instance_url:
            self._moved(renewed.instance_url)
        try:
            keyring_store.save(self._org.alias, renewed)
        except SessionError:
            # This process goes on with the new tokens and tries again next time; the mark tells the others why theirs
            # no longer work.
            self._unsaved = renewed
        else:
            self._unsaved = None
            mark.unlink(missing_ok=True)
        return renewed

    def _moved(self, instance_url: str) -> None:
        """Salesforce has moved the org to another instance."""
        self._org = replace(self._org, instance_url=instance_url)
        with orgs.changing() as book:
            book.put(self._org)

    def _lost(self) -> SessionError:
        return SessionError(
            "An earlier renewal of this login was cut off before its new refresh token was saved, and the org no "
            "longer accepts the old one.",
            code="invalid_grant",
            hint=f"Log in again with `{self._org.login_command}`.",
        )


def load_secrets(org: Org) -> Secrets | None:
    """The secrets of a login; None when there are none.

    Raises SessionError when they are for other addresses than `org` has: no secret is sent where it wasn't before.
    """
    secrets = keyring_store.load(org.alias)
    if secrets and (secrets.instance_url, secrets.login_url) != (org.instance_url, org.login_url):
        raise SessionError(
            f"The login in the keyring is for another address than orgs.toml names for {org.alias}.",
            hint=f"Log in again with `{org.login_command}`; a running server must be started again.",
        )
    return secrets


def missing(org: Org) -> SessionError:
    """What to say when the keyring holds nothing of a login."""
    return SessionError(f"The login of {org.alias} is not in the keyring.", hint=f"Log in with `{org.login_command}`.")


@contextmanager
def renewing(alias: str) -> Iterator[None]:
    """Keep other processes from renewing or replacing this login meanwhile. Raises SessionError after PATIENCE."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(_folder() / f"{alias}.lock", timeout=PATIENCE, mode=0o600):
            yield
    except Timeout as error:
        raise SessionError(
            f"Another process has been renewing the login of {alias} for too long.",
            code="BUSY",
            hint="Try again; end a process of sfmcp that hangs.",
            retryable=True,
        ) from error


def interruption_mark(alias: str) -> Path:
    """A file that exists from before a renewal's request until its result is saved. It is empty."""
    return _folder() / f"{alias}.renewing"


def _folder() -> Path:
    folder = folders.state_dir() / "logins"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
