"""Chatter groups: who is in them, and joining them.

Source: Connect REST API Developer Guide, "Groups Resources", "Group Memberships Resources", "Group Detail", "Group
Member Page".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.chatter import people
from salesforce_mcp.demo.chatter.paging import Page, illegal, one_of
from salesforce_mcp.demo.chatter.viewer import GROUP, MEMBER, Viewer, found, identifier, moment, no_access, user_id
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.soql_engine.values import like_text
from salesforce_mcp.demo.values import now

_NAMES = (
    "Id", "Name", "Description", "CollaborationType", "OwnerId", "CanHaveGuests", "IsArchived", "IsAutoArchiveDisabled",
    "IsBroadcast", "InformationTitle", "InformationBody", "LastFeedModifiedDate",
)  # fmt: skip
_ROLES = {"Admin": "GroupManager", "Standard": "StandardMember"}
_STORED_ROLES = {shown: stored for stored, shown in _ROLES.items()}
_REQUESTS = "group requests"
_SELECT = f"SELECT {', '.join(_NAMES)} FROM CollaborationGroup"  # noqa: S608 - constant


def summary(viewer: Viewer, record: str) -> dict[str, Any]:
    """A group as shown where it is the parent of a post."""
    return _summary(viewer, _group(viewer, record))


def detail(viewer: Viewer, text: str) -> dict[str, Any]:
    """One group."""
    return _detail(viewer, _group(viewer, identifier(text, GROUP)))


def listed(viewer: Viewer) -> dict[str, Any]:
    """A page of the org's groups, by name; unlisted ones only for their members."""
    page = Page.of(viewer.call, "chatter/groups")
    status = one_of(viewer.call, "archiveStatus", ("NotArchived", "Archived", "All"))
    archived = {"All": "", "Archived": " AND IsArchived = 1", "NotArchived": " AND IsArchived = 0"}[status]
    where, parameters = _matching(viewer)
    mine = "Id IN (SELECT CollaborationGroupId FROM CollaborationGroupMember WHERE MemberId = ?)"
    statement = (
        f"{_SELECT} WHERE (CollaborationType <> 'Unlisted' OR {mine}){archived}{where} ORDER BY Name, Id {page.limit}"
    )
    rows = viewer.rows(statement, viewer.user.id, *parameters)
    return {**page.urls(len(rows)), "groups": [_detail(viewer, _named(row)) for row in rows[: page.size]]}


def of_user(viewer: Viewer, text: str) -> dict[str, Any]:
    """A page of the groups that a user is in."""
    member = user_id(viewer, text)
    people.summary(viewer, member)
    page = Page.of(viewer.call, f"chatter/users/{member}/groups")
    where, parameters = _matching(viewer)
    mine = "SELECT CollaborationGroupId FROM CollaborationGroupMember WHERE MemberId = ?"
    rows = viewer.rows(f"{_SELECT} WHERE Id IN ({mine}){where} ORDER BY Name, Id {page.limit}", member, *parameters)
    shown = _detail if viewer.call.version_number >= 45 else _summary
    groups = [shown(viewer, _named(row)) for row in rows[: page.size]]
    total = viewer.number("SELECT count(*) FROM CollaborationGroupMember WHERE MemberId = ?", member)
    return {**page.urls(len(rows)), "groups": groups, "total": total}


def members(viewer: Viewer, text: str) -> dict[str, Any]:
    """A page of a group's members."""
    group = _group(viewer, identifier(text, GROUP))
    record = group["Id"]
    if not viewer.sees(record):
        raise no_access()
    page = Page.of(viewer.call, f"chatter/groups/{record}/members", most=1000)
    rows = viewer.rows(
        "SELECT m.Id, m.MemberId, m.CollaborationRole, m.LastFeedAccessDate FROM CollaborationGroupMember m"  # noqa: S608
        f' JOIN "User" u ON u.Id = m.MemberId WHERE CollaborationGroupId = ? ORDER BY u.LastName, m.Id {page.limit}',
        record,
    )
    own = viewer.memberships.get(record)
    return {
        **page.urls(len(rows)),
        "members": [_member(viewer, group, *row) for row in rows[: page.size]],
        "myMembership": viewer.reference(own[0] if own else None, "group-memberships"),
        "totalMemberCount": _size(viewer, record),
    }


def membership(viewer: Viewer, text: str) -> dict[str, Any]:
    """One membership."""
    row = viewer.row(
        "SELECT CollaborationGroupId, Id, MemberId, CollaborationRole, LastFeedAccessDate FROM CollaborationGroupMember"
        " WHERE Id = ?",
        identifier(text, MEMBER),
    )
    group, *member = found(row)
    if not viewer.sees(group):
        raise found(None)
    return _member(viewer, _group(viewer, group), *member)


def join(viewer: Viewer, text: str, member_text: str | None, role: str | None) -> tuple[dict[str, Any], bool]:
    """Add a member; answers the membership and whether it is new.

    Anyone may join a public group. For others, and to add someone else, it takes the owner, a manager or an
    administrator.
    """
    group = _group(viewer, identifier(text, GROUP))
    member = user_id(viewer, member_text or "me")
    people.summary(viewer, member)
    stored = _STORED_ROLES.get(role or "StandardMember")
    if stored is None:
        raise illegal("role", str(role))
    may_manage = _manages(viewer, group)
    if group["CollaborationType"] != "Public" and not may_manage:
        message = "The group is private. Request to join it with /members/requests."
        raise ApiError(403, "INSUFFICIENT_ACCESS_OR_READONLY", message)
    if not may_manage and (member != viewer.user.id or stored != "Standard"):
        raise no_access()
    statement = "SELECT Id FROM CollaborationGroupMember WHERE CollaborationGroupId = ? AND MemberId = ?"
    existing = viewer.row(statement, group["Id"], member)
    if existing:
        return membership(viewer, existing[0]), False
    with viewer.context.store.transaction():
        record = Saver(viewer.context).insert(
            "CollaborationGroupMember",
            {"CollaborationGroupId": group["Id"], "MemberId": member, "CollaborationRole": stored},
        )
    return membership(viewer, record), True


def leave(viewer: Viewer, text: str) -> None:
    """End a membership: one's own, or as a manager another's; the owner stays."""
    record = identifier(text, MEMBER)
    group_id, member = found(
        viewer.row("SELECT CollaborationGroupId, MemberId FROM CollaborationGroupMember WHERE Id = ?", record)
    )
    group = _group(viewer, group_id)
    if member == group["OwnerId"] or (member != viewer.user.id and not _manages(viewer, group)):
        raise no_access()
    with viewer.context.store.transaction() as connection:
        connection.execute("DELETE FROM CollaborationGroupMember WHERE Id = ?", (record,))


def request(viewer: Viewer, text: str) -> dict[str, Any] | None:
    """Ask to join a private group; None for one who is in it."""
    group = _group(viewer, identifier(text, GROUP))
    record = group["Id"]
    if record in viewer.memberships:
        return None
    if group["CollaborationType"] == "Public":
        raise ApiError(400, "INVALID_OPERATION", "The group is public: anyone can join it.")
    key = f"{record}/{viewer.user.id}"
    store = viewer.context.store
    asked = state.get(store, _REQUESTS, key)
    if asked is None:
        asked = {"created": now()}
        state.put(store, _REQUESTS, key, asked)
    return {
        "createdDate": moment(asked["created"]),
        "id": f"{record}-{viewer.user.id}",
        "lastUpdateDate": moment(asked["created"]),
        "requestedGroup": {"id": record, "url": viewer.url(f"chatter/groups/{record}")},
        "responseMessage": None,
        "status": "Pending",
        "url": viewer.url(f"chatter/group-membership-requests/{record}-{viewer.user.id}"),
        "user": people.summary(viewer, viewer.user.id),
    }


def _group(viewer: Viewer, record: str) -> dict[str, Any]:
    group = _named(found(viewer.row(f"{_SELECT} WHERE Id = ?", record)))
    if group["CollaborationType"] == "Unlisted" and not viewer.sees(record):
        raise found(None)
    return group


def _named(row: Any) -> dict[str, Any]:
    return dict(zip(_NAMES, row, strict=True))


def _matching(viewer: Viewer) -> tuple[str, tuple[str, ...]]:
    """The condition that `q` puts on names and descriptions."""
    wanted = viewer.call.query.get("q", "").replace("*", "").strip()
    if not wanted:
        return "", ()
    pattern = f"%{like_text(wanted)}%"
    return " AND (Name LIKE ? ESCAPE '\\' OR Description LIKE ? ESCAPE '\\')", (pattern, pattern)


def _manages(viewer: Viewer, group: dict[str, Any]) -> bool:
    own = viewer.memberships.get(group["Id"])
    return viewer.user.is_admin or group["OwnerId"] == viewer.user.id or (own is not None and own[1] == "Admin")


def _size(viewer: Viewer, record: str) -> int:
    return viewer.number("SELECT count(*) FROM CollaborationGroupMember WHERE CollaborationGroupId = ?", record)


def _role(group: dict[str, Any], member: str, stored: str) -> str:
    return "GroupOwner" if group["OwnerId"] == member else _ROLES.get(stored, "StandardMember")


def _my_role(viewer: Viewer, group: dict[str, Any]) -> str:
    own = viewer.memberships.get(group["Id"])
    if own:
        return _role(group, viewer.user.id, own[1])
    asked = state.get(viewer.context.store, _REQUESTS, f"{group['Id']}/{viewer.user.id}")
    return "PrivateRequested" if asked else "NotAMember"


def _member(
    viewer: Viewer, group: dict[str, Any], record: str, member: str, role: str, accessed: str | None
) -> dict[str, Any]:
    return {
        "id": record,
        "lastFeedAccessDate": moment(accessed),
        "role": _role(group, member, role),
        "url": viewer.url(f"chatter/group-memberships/{record}"),
        "user": people.summary(viewer, member),
    }


def _summary(viewer: Viewer, group: dict[str, Any]) -> dict[str, Any]:
    record, kind = group["Id"], group["CollaborationType"]
    own = viewer.memberships.get(record)
    archived = bool(group["IsArchived"])
    return {
        "additionalLabel": "Archived" if archived else None if kind == "Public" else kind,
        "announcement": None,
        "bannerPhoto": people.banner(viewer, "chatter/groups", record),
        "canHaveChatterGuests": bool(group["CanHaveGuests"]),
        "community": None,
        "description": group["Description"],
        "emailToChatterAddress": None,
        "id": record,
        "isArchived": archived,
        "isAutoArchiveDisabled": bool(group["IsAutoArchiveDisabled"]),
        "isBroadcast": bool(group["IsBroadcast"]),
        "lastFeedElementPostDate": moment(group["LastFeedModifiedDate"]),
        "memberCount": _size(viewer, record),
        "motif": people.motif("groups", "779EB2"),
        "myRole": _my_role(viewer, group),
        "mySubscription": viewer.reference(own[0] if own else None, "group-memberships"),
        "name": group["Name"],
        "owner": people.summary(viewer, group["OwnerId"]),
        "photo": people.photo(viewer, "chatter/groups", record),
        "type": "CollaborationGroup",
        "url": viewer.url(f"chatter/groups/{record}"),
        "visibility": "PublicAccess" if kind == "Public" else f"{kind}Access" if kind == "Private" else kind,
    }


def _detail(viewer: Viewer, group: dict[str, Any]) -> dict[str, Any]:
    information = {"text": group["InformationBody"], "title": group["InformationTitle"]}
    return {
        **_summary(viewer, group),
        "fileCount": viewer.number(
            "SELECT count(*) FROM ContentDocumentLink WHERE LinkedEntityId = ? AND IsDeleted = 0", group["Id"]
        ),
        "information": information if viewer.sees(group["Id"]) else None,
        "pendingRequests": None if group["CollaborationType"] == "Public" else 0,
    }
