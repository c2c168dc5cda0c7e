"""The check of passwords, with and without the security token that Salesforce sends by email."""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesforce_mcp.demo import settings, users

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

SECURITY_TOKEN = "DemoSecurityToken24xyzAB"  # noqa: S105 - like the passwords, it guards nothing
"""The same for all users."""


def check(store: Store, username: str, password: str) -> User | None:
    """The user, if name and password are right: the password alone, or followed by the security token.

    Where the org's settings ask for the security token, the password alone is not enough. Whether the user is active
    is for the caller to see.
    """
    bare = password.removesuffix(SECURITY_TOKEN)
    if bare == password and settings.load(store).security_token_required:
        return None
    return users.authenticate(store, username, bare)
