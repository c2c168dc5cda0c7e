"""The demo org inside this process: for `--org demo`, for tests, and for whoever wants one around."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from salesforce_mcp import folders

if TYPE_CHECKING:
    from salesforce_mcp.demo.faults import Faults
    from salesforce_mcp.demo.journal import Journal

FILE = "org.sqlite"
LONG = 30 * 86_400
"""Seconds that the access tokens live which the org hands out itself."""


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Someone who can log in."""

    username: str
    password: str
    security_token: str
    access_token: str


class DemoOrg:
    """A running demo org; a context manager, or `start()` and `stop()`.

    `path` is the folder of its data (by default the one that `--org demo` uses), `scale` about how many rows its
    largest tables hold (None: as they are), `port` 0 any free one, `tls` serves https with a certificate made for
    loopback (`certificate` is its file). `definitions` are files with objects of your own, in the notation of
    demo/objects.py. Several orgs, in several processes too, may share a folder and so their data.
    """

    def __init__(
        self,
        path: Path | None = None,
        *,
        scale: int | None = None,
        port: int = 0,
        tls: bool = False,
        definitions: Sequence[Path] = (),
    ) -> None:
        self.path = path or data_folder()
        self._scale = scale
        self._port = port
        self._tls = tls
        self._definitions = definitions
        self.certificate: Path | None = None
        self._users: tuple[DemoUser, ...] = ()

    def __enter__(self) -> DemoOrg:
        """Start, and wait until the org is loaded: what hinders it is raised here, not met as a refused connection."""
        self.start()
        try:
            self.ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Seed the data if need be, and listen."""
        from salesforce_mcp.demo.objects import standard_objects
        from salesforce_mcp.demo.server import Server
        from salesforce_mcp.demo.store import Store

        key: Path | None = None
        if self._tls:
            from salesforce_mcp.demo.certificate import ensure

            self.certificate, key = ensure(self.path)
        objects = standard_objects(*self._definitions)
        self.store = Store(self.path / FILE, scale=self._scale, objects=objects)
        try:
            self._server = Server(self.store, port=self._port, certificate=self.certificate, key=key)
        except BaseException:
            self.store.close()
            raise

    def stop(self) -> None:
        """Answer what was begun, then stop; the data stays."""
        self._server.stop()
        self.store.close()

    def ready(self) -> None:
        """Wait until the server is loaded, which `start` doesn't; raises if it could not be."""
        self._server.ready()

    @property
    def instance_url(self) -> str:
        return self._server.url

    @property
    def client_id(self) -> str:
        """Consumer key of the confidential app that every demo org has."""
        from salesforce_mcp.demo.oauth.apps import DEMO_CLIENT_ID

        return DEMO_CLIENT_ID

    @property
    def client_secret(self) -> str:
        from salesforce_mcp.demo.oauth.apps import DEMO_SECRET

        return DEMO_SECRET

    @property
    def users(self) -> tuple[DemoUser, ...]:
        """The administrator and the standard user, each with an access token that lives for a month."""
        if not self._users:
            from salesforce_mcp.demo.oauth.passwords import SECURITY_TOKEN
            from salesforce_mcp.demo.users import PASSWORDS

            self._users = tuple(
                DemoUser(username, password, SECURITY_TOKEN, self.access_token(username))
                for username, password in PASSWORDS.items()
            )
        return self._users

    @property
    def faults(self) -> Faults:
        """The faults that this server is to show; see demo/faults.py."""
        return self._server.faults

    @property
    def journal(self) -> Journal:
        """What this server was asked."""
        return self._server.journal

    def access_token(self, username: str) -> str:
        """A new access token for a user, good for a month."""
        from salesforce_mcp.demo import users
        from salesforce_mcp.demo.oauth import apps, tokens
        from salesforce_mcp.demo.store import writable

        user = users.by_username(self.store, username)
        if user is None:
            raise LookupError(f"The demo org has no user {username}.")
        with writable(self.path):
            return tokens.issue(self.store, user, self.client_id, apps.SCOPES, lifetime=LONG)

    def describe(self) -> dict[str, Any]:
        """What programs need to reach the org: the line that `sfmcp demo serve --json` prints."""
        people = [
            {"username": user.username, "password": user.password, "access_token": user.access_token}
            for user in self.users
        ]
        line = {
            "instance_url": self.instance_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "users": people,
        }
        return {**line, "certificate": str(self.certificate)} if self.certificate else line


def data_folder() -> Path:
    """Where the demo org of `--org demo` keeps its data."""
    return folders.state_dir() / "demo"


_running: tuple[DemoOrg, str] | None = None
_lock = threading.Lock()


def open_demo(*, renew: bool = False) -> tuple[str, str]:
    """Instance URL and access token of the org of `--org demo`, started in this process when first asked for.

    It answers on a free port for as long as the process lives; its data lie in the state folder, which all processes
    share. The user is the administrator. `renew`: with a new token, as a reset of the org ends those given out.
    """
    from salesforce_mcp.demo.users import ADMIN_USERNAME

    global _running
    with _lock:
        if _running is None:
            org = DemoOrg()
            org.start()
            _running = org, org.access_token(ADMIN_USERNAME)
        elif renew:
            _running = _running[0], _running[0].access_token(ADMIN_USERNAME)
        org, token = _running
    return org.instance_url, token


def close_demo() -> None:
    """Stop what `open_demo` started, if it did; the data stays."""
    global _running
    with _lock:
        if _running is not None:
            _running[0].stop()
            _running = None
