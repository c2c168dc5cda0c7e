"""What a login gives, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What must stay secret of one login, and where it may be sent.

    The access token goes to `instance_url` alone, the rest to `login_url` alone: they are kept beside the secrets, so
    that whoever changes orgs.toml can't have a token sent elsewhere. Secrets don't show in a representation.
    """

    login_url: str
    instance_url: str = ""
    access_token: str = field(default="", repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    client_secret: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    security_token: str | None = field(default=None, repr=False)
    key_passphrase: str | None = field(default=None, repr=False)

    def renewed(self, grant: Grant) -> Secrets:
        """With the tokens of a new grant. An answer without a refresh token leaves the old one valid."""
        return replace(
            self,
            instance_url=grant.instance_url,
            access_token=grant.access_token,
            refresh_token=grant.refresh_token or self.refresh_token,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A successful login or renewal.

    `instance_url` is checked: a host that may be trusted. `username` and `org_id` are given by flows that learn them;
    `user_id` and `org_id` else come from the identity URL.
    """

    instance_url: str
    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    username: str | None = None
    org_id: str | None = None
