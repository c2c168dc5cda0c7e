"""What the rest of sfmcp knows of a login: where the org is, and a token that it accepts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Literal

from salesforce_mcp.errors import SessionError

Environment = Literal["production", "sandbox", "developer", "demo", "unknown"]
"""`developer` is a Developer Edition org, `demo` the built-in one, `unknown` an org that could not be told apart."""


class Session(ABC):
    """A way into one org.

    `alias` is the org's name in orgs.toml, None for a session that comes from the environment. `username` and `org_id`
    (18 characters) may be None until a token was asked for. `api_version` is what orgs.toml pins for this org, such as
    "64.0"; None: the default.
    """

    alias: str | None = None
    username: str | None = None
    org_id: str | None = None
    environment: Environment = "unknown"
    api_version: str | None = None

    @property
    @abstractmethod
    def instance_url(self) -> str:
        """`scheme://host[:port]` without a slash at the end.

        Unattended logins learn it from the token answer, so asking may log in (and raise what `access_token` does).
        """

    @abstractmethod
    def access_token(self) -> str:
        """A token to try. Logs in where there is none yet. Raises SessionError or NetworkError."""

    @abstractmethod
    def renew(self, rejected: str) -> str:
        """A token other than `rejected`, which the org answered with 401.

        One renewal runs at a time, over threads and processes; the others take its result. Raises SessionError with
        the command that mends it, or NetworkError.
        """


class GivenSession(Session):
    """A token that somebody else obtained: used as it is, it can't be renewed."""

    def __init__(
        self, instance_url: str, token: str, *, environment: Environment, alias: str | None = None, remedy: str
    ) -> None:
        self._instance_url = instance_url
        self._token = token
        self._remedy = remedy
        self.environment = environment
        self.alias = alias

    @property
    def instance_url(self) -> str:
        return self._instance_url

    def access_token(self) -> str:
        return self._token

    def renew(self, rejected: str) -> str:
        raise SessionError("The org no longer accepts this access token.", code="INVALID_SESSION_ID", hint=self._remedy)
