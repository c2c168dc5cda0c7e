"""Sessions from environment variables alone: JWT, client credentials, password. Nothing is stored."""

from __future__ import annotations

import os
import threading
from urllib.parse import urlsplit

from salesforce_mcp.auth import hosts
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Flow, Org
from salesforce_mcp.auth.session import Session


class UnattendedSession(Session):
    """Logs in when a token is first wanted, and again when it is rejected. The token lives in memory."""

    def __init__(self, org: Org, secrets: Secrets) -> None:
        self._org = org
        self._secrets = secrets
        self._grant: Grant | None = None
        self._gate = threading.Lock()
        self.username = org.username

    @property
    def instance_url(self) -> str:
        return self._granted().instance_url

    def access_token(self) -> str:
        return self._granted().access_token

    def renew(self, rejected: str) -> str:
        return self._granted(rejected).access_token

    def _granted(self, rejected: str | None = None) -> Grant:
        with self._gate:
            if self._grant is None or self._grant.access_token == rejected:
                from salesforce_mcp.auth import renewal

                self._grant = renewal.obtain(self._org, self._secrets)
                self.username = self._grant.username or self.username
                self.org_id = self._grant.org_id
                self.environment = hosts.environment_of(self._grant.instance_url)
            return self._grant


def from_environment(allowed_hosts: list[str]) -> UnattendedSession | None:
    """The session that SFMCP_* configures, None when it configures none. Raises UsageError for a wrong login URL."""
    flow = _flow()
    if flow is None:
        return None
    login_url = hosts.origin(_login_url() or hosts.PRODUCTION_LOGIN, allowed=allowed_hosts, what="login URL")
    org = Org(
        alias="",
        flow=flow,
        login_url=login_url,
        client_id=os.environ.get("SFMCP_CLIENT_ID"),
        username=os.environ.get("SFMCP_USERNAME"),
        key_file=os.environ.get("SFMCP_JWT_KEY_FILE"),
        allowed_hosts=tuple(allowed_hosts),
    )
    return UnattendedSession(org, environment_secrets(login_url))


def environment_secrets(login_url: str) -> Secrets:
    """The secrets that environment variables hold."""
    return Secrets(
        login_url=login_url,
        client_secret=os.environ.get("SFMCP_CLIENT_SECRET"),
        password=os.environ.get("SFMCP_PASSWORD"),
        security_token=os.environ.get("SFMCP_SECURITY_TOKEN"),
        key_passphrase=os.environ.get("SFMCP_JWT_KEY_PASSPHRASE"),
    )


def _flow() -> Flow | None:
    """The first of JWT, client credentials and password that is configured whole.

    A client id with its secret alone is no unattended login, as `sfmcp login` uses them too: it takes the address of
    an org beside them. And at the shared login hosts, which know no client credentials, a password goes first.
    """
    app = bool(os.environ.get("SFMCP_CLIENT_ID"))
    password = bool(os.environ.get("SFMCP_USERNAME") and os.environ.get("SFMCP_PASSWORD"))
    if os.environ.get("SFMCP_JWT_KEY_FILE"):
        return "jwt"
    if app and os.environ.get("SFMCP_CLIENT_SECRET") and _login_url() and not (password and _shared_host()):
        return "client-credentials"
    if password:
        return "password" if app else "soap"
    return None


def _login_url() -> str | None:
    return os.environ.get("SFMCP_LOGIN_URL") or os.environ.get("SFMCP_INSTANCE_URL")


def _shared_host() -> bool:
    url = (_login_url() or "").strip()
    return urlsplit(url if "//" in url else f"//{url}").hostname in hosts.SHARED_LOGIN_HOSTS
