"""The session of `--org demo`: the org runs in this process, and hands out tokens for the asking."""

from __future__ import annotations

from salesforce_mcp.auth.session import Session
from salesforce_mcp.demo.local import open_demo
from salesforce_mcp.demo.users import ADMIN_USERNAME


class DemoSession(Session):
    """The demo org's administrator. Making one starts the org."""

    alias = "demo"
    username = ADMIN_USERNAME
    environment = "demo"

    def __init__(self) -> None:
        self._instance_url, self._token = open_demo()

    @property
    def instance_url(self) -> str:
        return self._instance_url

    def access_token(self) -> str:
        return self._token

    def renew(self, rejected: str) -> str:
        """Needed after `sfmcp demo reset`, which ends all sessions."""
        if self._token == rejected:
            self._token = open_demo(renew=True)[1]
        return self._token
