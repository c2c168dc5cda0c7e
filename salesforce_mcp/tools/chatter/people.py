"""Users, groups and topics (resources `chatter/users`, `chatter/groups`, `connect/topics`)."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Cursor, RecordId
from salesforce_mcp.tools.chatter import connect
from salesforce_mcp.tools.chatter.connect import PageSize, SubjectId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table

USER_COLUMNS = ["id", "name", "title", "companyName", "email", "isActive"]
GROUP_COLUMNS = ["id", "name", "description", "visibility", "memberCount", "myRole", "owner"]
TOPIC_COLUMNS = ["id", "name", "description", "talkingAbout"]
_MEMBER_ROLES = ("GroupOwner", "GroupManager", "StandardMember")


@tool(title="Chatter user")
def get_chatter_user(context: Context, id: SubjectId = "me") -> Record:
    """A user's Chatter profile: contact data, manager, who follows whom, how active."""
    user = connect.get(context, f"chatter/users/{segment(id)}")
    kept = (
        "id",
        "name",
        "username",
        "title",
        "companyName",
        "email",
        "aboutMe",
        "isActive",
        "managerId",
        "managerName",
    )
    fields = {name: user.get(name) for name in kept}
    fields["phones"] = [
        f"{number.get('phoneType') or number.get('type')}: {number.get('phoneNumber') or number.get('number')}"
        for number in user.get("phoneNumbers") or []
    ]
    address = user.get("address") or {}
    fields["address"] = ", ".join(
        filter(None, (address.get(part) for part in ("street", "zip", "city", "state", "country")))
    )
    counts = {name: user.get(name) for name in ("followersCount", "groupCount")}
    following = (user.get("followingCounts") or {}).get("total")
    return Record({**fields, **counts, "followingCount": following, **(user.get("chatterActivity") or {})})


@tool(title="Chatter users")
def list_chatter_users(
    context: Context, q: str | None = None, limit: PageSize = 25, cursor: Cursor | None = None
) -> Table:
    """Users by name; `q` is part of a name. The Ids are those for mentions."""
    return connect.page(
        context,
        "chatter/users",
        _params(q, limit),
        cursor,
        columns=USER_COLUMNS,
        row=lambda user: [user.get(name) for name in USER_COLUMNS],
        keys=("users",),
        resource="chatter/users",
    )


@tool(title="Chatter groups")
def list_chatter_groups(
    context: Context,
    q: str | None = None,
    member: SubjectId | None = None,
    limit: PageSize = 25,
    cursor: Cursor | None = None,
) -> Table:
    """Groups by name; `q` is in name or description, `member` (a user Id or `me`) lists those a user is in."""
    return connect.page(
        context,
        f"chatter/users/{segment(member)}/groups" if member else "chatter/groups",
        _params(q, limit),
        cursor,
        columns=GROUP_COLUMNS,
        row=lambda group: [*(group.get(name) for name in GROUP_COLUMNS[:-1]), connect.name(group.get("owner"))],
        keys=("groups",),
        resource=r"chatter/groups|chatter/users/\w+/groups",
    )


@tool(title="Chatter group")
def get_chatter_group(context: Context, id: RecordId) -> Record:
    """One group: what it is for, who owns it, whether you are in it."""
    group = _group(context, id)
    information = group.get("information") or {}
    return Record(
        {
            **{name: group.get(name) for name in GROUP_COLUMNS[:-1]},
            "owner": connect.name(group.get("owner")),
            "information": " ".join(filter(None, (information.get("title"), information.get("text")))),
            "lastPost": group.get("lastFeedElementPostDate") or group.get("lastFeedItemPostDate"),
            "isArchived": group.get("isArchived"),
            "isBroadcast": group.get("isBroadcast"),
        }
    )


@tool(title="Join a Chatter group", access="write", idempotent=True, calls="1 to 3")
def join_chatter_group(context: Context, id: RecordId) -> Record:
    """Join a public group; a private one is asked to let you in, and its managers decide."""
    group = _group(context, id)
    name, role = group["name"], group.get("myRole")
    if role in _MEMBER_ROLES:
        return Record({"id": id, "name": name, "myRole": role}, summary=f"You are in {name} already.")
    path = f"chatter/groups/{segment(id)}/members"
    if group.get("visibility") != "PublicAccess":
        request = connect.post(context, f"{path}/requests") or {}
        status = request.get("status", "Accepted")
        return Record({"id": id, "name": name, "request": status}, summary=f"Asked to join {name}: {status}.")
    me = connect.get(context, "chatter/users/me")
    membership = connect.post(context, path, {"userId": me["id"]})
    return Record({"id": id, "name": name, "myRole": membership["role"]}, summary=f"Joined {name}.")


@tool(title="Topics")
def list_topics(context: Context, q: str | None = None, limit: PageSize = 25, cursor: Cursor | None = None) -> Table:
    """Topics, the most popular first; `q` is part of a name."""
    return connect.page(
        context,
        "connect/topics",
        _params(q, limit),
        cursor,
        columns=TOPIC_COLUMNS,
        row=lambda topic: [topic.get(name) for name in TOPIC_COLUMNS],
        keys=("topics",),
        resource="connect/topics",
    )


def _group(context: Context, record: str) -> dict[str, Any]:
    group: dict[str, Any] = connect.get(context, f"chatter/groups/{segment(record)}")
    return group


def _params(q: str | None, limit: int) -> dict[str, Any]:
    return {"pageSize": limit, **({"q": q} if q else {})}
