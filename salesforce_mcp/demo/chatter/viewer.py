"""What one user may see of Chatter, for the length of one request.

Source: Connect REST API Developer Guide, "Groups Resources", "Record Feed Resource", "Status Codes and Error
Responses".
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.ids import full_id

USER, GROUP, ITEM, COMMENT, LIKE = "005", "0F9", "0D5", "0D7", "0I0"
TOPIC, MEMBER, SUBSCRIPTION = "0TO", "0FB", "0E8"
"""Key prefixes of what Chatter's resources are about."""


class Viewer:
    """The user of a call, with what is looked up about them once."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.context = RequestContext.of(call)
        self.user = call.user
        self.connection = call.store.connection()
        self._seen: dict[str, bool] = {}

    @cached_property
    def following(self) -> dict[str, str]:
        """Ids of what the user follows, each with the subscription's Id."""
        statement = "SELECT ParentId, Id FROM EntitySubscription WHERE SubscriberId = ? AND IsDeleted = 0"
        return dict(self.connection.execute(statement, (self.user.id,)).fetchall())

    @cached_property
    def memberships(self) -> dict[str, tuple[str, str]]:
        """Ids of the user's groups, each with the membership's Id and role."""
        statement = (
            "SELECT CollaborationGroupId, Id, CollaborationRole FROM CollaborationGroupMember WHERE MemberId = ?"
        )
        rows = self.connection.execute(statement, (self.user.id,)).fetchall()
        return {group: (record, role) for group, record, role in rows}

    @cached_property
    def private_groups(self) -> frozenset[str]:
        """Groups whose posts only members and administrators see."""
        rows = self.connection.execute("SELECT Id FROM CollaborationGroup WHERE CollaborationType <> 'Public'")
        return frozenset(group for (group,) in rows.fetchall())

    def url(self, path: str) -> str:
        """The url of a resource below `/services/data/vNN.0/`."""
        return f"{self.call.version_path}/{path}"

    def reference(self, record: str | None, kind: str) -> dict[str, str] | None:
        """A reference to a resource of Chatter (`subscriptions`, `likes`); None for None."""
        return None if record is None else {"id": record, "url": self.url(f"chatter/{kind}/{record}")}

    def sees(self, record: str) -> bool:
        """Whether the user may see a user, a group's posts, or a record."""
        known = self._seen.get(record)
        if known is None:
            known = self._seen[record] = self._may_see(record)
        return known

    def rows(self, statement: str, *parameters: Any) -> list[Any]:
        """All rows of a query."""
        return self.connection.execute(statement, parameters).fetchall()

    def row(self, statement: str, *parameters: Any) -> Any:
        """The first row of a query, or None."""
        return self.connection.execute(statement, parameters).fetchone()

    def number(self, statement: str, *parameters: Any) -> int:
        """The first column of the first row, as a whole number."""
        return int(self.row(statement, *parameters)[0])

    def _may_see(self, record: str) -> bool:
        if record.startswith(GROUP):
            return self.user.is_admin or record not in self.private_groups or record in self.memberships
        sobject = self.context.store.objects.by_id(record)
        if sobject is None or not self.user.can_read(sobject.name):
            return False
        return records.is_visible(self.context, sobject, record)


def identifier(text: str, *prefixes: str) -> str:
    """An Id of one of these kinds in its long form; refused as Connect does: malformed or another kind's is 400."""
    whole = full_id(text)
    if whole is None or (prefixes and whole[:3] not in prefixes):
        raise ApiError(400, "INVALID_ID_FIELD", f"Invalid identifier: {text}")
    return whole


def user_id(viewer: Viewer, text: str) -> str:
    """The Id of a user, or the alias `me`."""
    return viewer.user.id if text.lower() == "me" else identifier(text, USER)


def own_id(viewer: Viewer, text: str) -> str:
    """The Id of the user of the call, where another's is refused."""
    found = user_id(viewer, text)
    if found != viewer.user.id:
        raise no_access()
    return found


def no_access() -> ApiError:
    """What the user may not do."""
    message = "You do not have the level of access necessary to perform the operation you requested."
    return ApiError(403, "INSUFFICIENT_ACCESS", message)


def found(row: Any) -> Any:
    """The row; refused with 404 if there is none."""
    if row is None:
        raise not_found()
    return row


def moment(stamp: str | None) -> str | None:
    """A stored moment as Connect writes it: `2026-01-31T09:00:00.000Z`."""
    return None if stamp is None else stamp.replace("+0000", "Z")
