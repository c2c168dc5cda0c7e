"""Users as Chatter shows them: summaries beside posts, details by themselves, photos, what they follow.

Source: Connect REST API Developer Guide, "User Summary", "User Detail", "Photo", "Motif", "Following Page"; recorded
answers.
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.chatter.paging import Page
from salesforce_mcp.demo.chatter.viewer import GROUP, SUBSCRIPTION, TOPIC, USER, Viewer, found, identifier, user_id
from salesforce_mcp.demo.soql_engine.values import like_text

_COLUMNS = (
    "Id, Username, FirstName, LastName, Title, CompanyName, IsActive, CommunityNickname, Email, Phone, MobilePhone,"
    " Fax, Street, City, State, PostalCode, Country, ManagerId, AboutMe"
)
_PHONES = (("Work", "Phone"), ("Mobile", "MobilePhone"), ("Fax", "Fax"))


def motif(icon: str, color: str | None) -> dict[str, Any]:
    """The icons that stand for a kind of record."""
    return {
        "color": color,
        "largeIconUrl": f"/img/icon/{icon}64.png",
        "mediumIconUrl": f"/img/icon/{icon}32.png",
        "smallIconUrl": f"/img/icon/{icon}16.png",
        "svgIconUrl": None,
    }


def photo(viewer: Viewer, resource: str, owner: str) -> dict[str, Any]:
    """The photo of a user or group who has uploaded none."""
    base, prefix = viewer.call.base_url, owner[:3]
    email = f"{base}/img/userprofile/default_profile"
    return {
        "fullEmailPhotoUrl": f"{email}_200_v2.png?fromEmail=1",
        "largePhotoUrl": f"{base}/profilephoto/{prefix}/F",
        "mediumPhotoUrl": f"{base}/profilephoto/{prefix}/M",
        "photoVersionId": None,
        "smallPhotoUrl": f"{base}/profilephoto/{prefix}/T",
        "standardEmailPhotoUrl": f"{email}_31_v1.png?fromEmail=1",
        "url": viewer.url(f"{resource}/{owner}/photo"),
    }


def banner(viewer: Viewer, resource: str, owner: str) -> dict[str, Any]:
    """The banner of a user or group who has uploaded none."""
    return {
        "bannerPhotoUrl": f"{viewer.call.base_url}/profilephoto/{owner[:3]}/C",
        "bannerPhotoVersionId": None,
        "url": viewer.url(f"{resource}/{owner}/banner-photo"),
    }


def summary(viewer: Viewer, record: str) -> dict[str, Any]:
    """A user as shown beside what they wrote."""
    return _summary(viewer, _user(viewer, record))


def detail(viewer: Viewer, text: str) -> dict[str, Any]:
    """A user, by Id or `me`."""
    return _detail(viewer, _user(viewer, user_id(viewer, text)))


def listed(viewer: Viewer) -> dict[str, Any]:
    """A page of all users, by name; `q` is the beginning of a name or of one of its words."""
    page = Page.of(viewer.call, "chatter/users")
    wanted = viewer.call.query.get("q", "").replace("*", "").strip()
    where, parameters = "", tuple[str, ...]()
    if wanted:
        where = "WHERE ' ' || coalesce(FirstName || ' ', '') || LastName LIKE ? ESCAPE '\\'"
        parameters = (f"% {like_text(wanted)}%",)
    statement = f'SELECT {_COLUMNS} FROM "User" {where} ORDER BY LastName, FirstName, Id {page.limit}'  # noqa: S608
    rows = [_named(row) for row in viewer.rows(statement, *parameters)]
    users = [_detail(viewer, row) for row in rows[: page.size]]
    return {**page.tokens(len(rows)), **page.urls(len(rows)), "users": users}


def following(viewer: Viewer, text: str) -> dict[str, Any]:
    """A page of the people, groups and records that a user follows."""
    follower = user_id(viewer, text)
    _user(viewer, follower)
    page = Page.of(viewer.call, f"chatter/users/{follower}/following")
    where = "FROM EntitySubscription WHERE SubscriberId = ? AND IsDeleted = 0"
    rows = viewer.rows(f"SELECT Id, ParentId {where} ORDER BY CreatedDate DESC, Id {page.limit}", follower)
    items = [
        _subscription(viewer, record, parent, follower) for record, parent in rows[: page.size] if viewer.sees(parent)
    ]
    total = viewer.number(f"SELECT count(*) {where}", follower)
    return {**page.tokens(len(rows)), **page.urls(len(rows)), "following": items, "total": total}


def subscription(viewer: Viewer, text: str) -> dict[str, Any]:
    """Who follows what."""
    statement = "SELECT Id, ParentId, SubscriberId FROM EntitySubscription WHERE Id = ? AND IsDeleted = 0"
    record, parent, follower = found(viewer.row(statement, identifier(text, SUBSCRIPTION)))
    if not viewer.sees(parent):
        raise found(None)
    return _subscription(viewer, record, parent, follower)


def subject(viewer: Viewer, record: str) -> dict[str, Any]:
    """What is followed, liked or posted to: a user, a group or another record."""
    if record.startswith(USER):
        return summary(viewer, record)
    if record.startswith(GROUP):
        from salesforce_mcp.demo.chatter import groups

        return groups.summary(viewer, record)
    return record_summary(viewer, record)


def record_summary(viewer: Viewer, record: str) -> dict[str, Any]:
    """A record that is neither a user nor a group."""
    from salesforce_mcp.demo import recent

    sobject = viewer.context.store.objects.by_id(record)
    name = recent.name_of(viewer.context, sobject, record) if sobject else None
    resource = f"connect/topics/{record}" if record.startswith(TOPIC) else f"chatter/records/{record}"
    labels = {"label": sobject.label, "labelPlural": sobject.label_plural} if sobject else None
    return {
        "entityLabel": labels,
        "id": record,
        "motif": motif(sobject.name.removesuffix("__c").lower() if sobject else "custom", None),
        "mySubscription": viewer.reference(viewer.following.get(record), "subscriptions"),
        "name": name,
        "type": sobject.name if sobject else None,
        "url": viewer.url(resource),
    }


def _subscription(viewer: Viewer, record: str, parent: str, follower: str) -> dict[str, Any]:
    return {
        "id": record,
        "subject": subject(viewer, parent),
        "subscriber": summary(viewer, follower),
        "url": viewer.url(f"chatter/subscriptions/{record}"),
    }


def _user(viewer: Viewer, record: str) -> dict[str, Any]:
    row = viewer.row(f'SELECT {_COLUMNS} FROM "User" WHERE Id = ?', record)  # noqa: S608 - constant
    return _named(found(row))


def _named(row: Any) -> dict[str, Any]:
    return dict(zip((name.strip() for name in _COLUMNS.split(",")), row, strict=True))


def _summary(viewer: Viewer, user: dict[str, Any]) -> dict[str, Any]:
    record = user["Id"]
    name = " ".join(filter(None, (user["FirstName"], user["LastName"])))
    return {
        "additionalLabel": None,
        "communityNickname": user["CommunityNickname"],
        "companyName": user["CompanyName"],
        "displayName": name,
        "firstName": user["FirstName"],
        "id": record,
        "isActive": bool(user["IsActive"]),
        "isInThisCommunity": True,
        "lastName": user["LastName"],
        "motif": motif("profile", "65CAE4"),
        "mySubscription": viewer.reference(viewer.following.get(record), "subscriptions"),
        "name": name,
        "outOfOffice": {"message": ""},
        "photo": photo(viewer, "connect/user-profiles", record),
        "reputation": None,
        "title": user["Title"],
        "type": "User",
        "url": viewer.url(f"chatter/users/{record}"),
        "userType": "Internal",
    }


def _detail(viewer: Viewer, user: dict[str, Any]) -> dict[str, Any]:
    record = user["Id"]
    numbers = [
        {"label": kind, "phoneNumber": user[column], "phoneType": kind} for kind, column in _PHONES if user[column]
    ]
    manager = viewer.row('SELECT FirstName, LastName FROM "User" WHERE Id = ?', user["ManagerId"])
    return {
        **_summary(viewer, user),
        "aboutMe": user["AboutMe"],
        "address": _address(user),
        "bannerPhoto": banner(viewer, "connect/user-profiles", record),
        "chatterActivity": _activity(viewer, record),
        "chatterInfluence": {"percentile": "0.0", "rank": 1},
        "email": user["Email"],
        "followersCount": viewer.number(
            "SELECT count(*) FROM EntitySubscription WHERE ParentId = ? AND IsDeleted = 0", record
        ),
        "followingCounts": _following_counts(viewer, record),
        "groupCount": viewer.number("SELECT count(*) FROM CollaborationGroupMember WHERE MemberId = ?", record),
        "hasChatter": True,
        "managerId": user["ManagerId"],
        "managerName": " ".join(filter(None, manager)) if manager else None,
        "phoneNumbers": numbers,
        "thanksReceived": None,
        "username": user["Username"],
    }


def _address(user: dict[str, Any]) -> dict[str, Any]:
    town = " ".join(filter(None, (user["State"], user["PostalCode"])))
    lines = (user["Street"], ", ".join(filter(None, (user["City"], town))), user["Country"])
    return {
        "city": user["City"],
        "country": user["Country"],
        "formattedAddress": "\n".join(filter(None, lines)),
        "state": user["State"],
        "street": user["Street"],
        "zip": user["PostalCode"],
    }


def _activity(viewer: Viewer, record: str) -> dict[str, int]:
    mine = "SELECT Id FROM FeedItem WHERE InsertedById = ? AND IsDeleted = 0"
    return {
        "commentCount": viewer.number(
            "SELECT count(*) FROM FeedComment WHERE InsertedById = ? AND IsDeleted = 0", record
        ),
        "commentReceivedCount": viewer.number(
            f"SELECT count(*) FROM FeedComment WHERE FeedItemId IN ({mine}) AND InsertedById <> ? AND IsDeleted = 0",  # noqa: S608
            record,
            record,
        ),
        "likeReceivedCount": viewer.number(
            f"SELECT count(*) FROM FeedLike WHERE FeedEntityId IN ({mine}) AND IsDeleted = 0",  # noqa: S608
            record,
        ),
        "postCount": viewer.number("SELECT count(*) FROM FeedItem WHERE InsertedById = ? AND IsDeleted = 0", record),
    }


def _following_counts(viewer: Viewer, record: str) -> dict[str, int]:
    people, total = viewer.row(
        "SELECT count(*) FILTER (WHERE ParentId LIKE '005%'), count(*) FROM EntitySubscription"
        " WHERE SubscriberId = ? AND IsDeleted = 0",
        record,
    )
    return {"people": people, "records": total - people, "total": total}
