"""Posts and comments: how they are shown, made and deleted.

Source: Connect REST API Developer Guide, "Feed Item", "Feed Element Capabilities", "Comment", "Comment Page",
and the resources of each.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.chatter import likes, people, segments, topics
from salesforce_mcp.demo.chatter.paging import link, whole_number
from salesforce_mcp.demo.chatter.viewer import COMMENT, GROUP, ITEM, Viewer, found, identifier, moment, no_access
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.values import now

ITEM_COLUMNS = (
    "Id", "ParentId", "Type", "Body", "Title", "LinkUrl", "InsertedById", "CreatedDate", "LastModifiedDate", "Status",
    "Visibility", "LastEditById", "LastEditDate", "Revision", "BestCommentId",
)  # fmt: skip
_COMMENT_COLUMNS = (
    "Id", "FeedItemId", "ParentId", "CommentBody", "CommentType", "InsertedById", "CreatedDate", "Status",
    "LastEditById", "LastEditDate", "Revision", "ThreadLevel", "ThreadParentId",
)  # fmt: skip
RECENT_COMMENTS = 3
_VISIBILITIES = ("AllUsers", "InternalUsers")


def item_row(viewer: Viewer, text: str) -> dict[str, Any]:
    """The stored columns of a post that the user may see."""
    statement = f"SELECT {', '.join(ITEM_COLUMNS)} FROM FeedItem WHERE Id = ? AND IsDeleted = 0"  # noqa: S608
    row = found(viewer.row(statement, identifier(text, ITEM)))
    item = dict(zip(ITEM_COLUMNS, row, strict=True))
    if not viewer.sees(item["ParentId"]):
        raise found(None)
    return item


def post(viewer: Viewer, given: dict[str, Any]) -> str:
    """Post to a user, group or record; answers the Id."""
    if given.get("feedElementType") != "FeedItem":
        raise segments.wrong_body("feedElementType must be FeedItem.")
    parent = str(given.get("subjectId") or "")
    parent = viewer.user.id if parent.lower() == "me" else identifier(parent)
    visibility = given.get("visibility") or _VISIBILITIES[0]
    if visibility not in _VISIBILITIES:
        raise segments.wrong_body(f"Invalid value for visibility: {visibility}")
    people.subject(viewer, parent)
    if not viewer.sees(parent):
        raise no_access() if parent.startswith(GROUP) else found(None)
    message = segments.read(viewer, given.get("body"))
    data: dict[str, Any] = {"ParentId": parent, "Body": message.text, "Visibility": visibility}
    attached = given.get("capabilities") or {}
    if attached.get("link"):
        data |= {"LinkUrl": attached["link"].get("url"), "Title": attached["link"].get("urlName")}
    if attached.get("questionAndAnswers"):
        data |= {"Type": "QuestionPost", "Title": attached["questionAndAnswers"].get("questionTitle")}
    with viewer.context.store.transaction():
        record = records.create(viewer.context, "FeedItem", data)
        segments.keep(viewer, record, message)
        topics.tag(viewer, record, message.topics)
        if parent.startswith(GROUP):
            Saver(viewer.context).modify("CollaborationGroup", parent, {"LastFeedModifiedDate": now()})
    return record


def comment(viewer: Viewer, item: dict[str, Any], given: dict[str, Any]) -> str:
    """Comment on a post; answers the comment's Id."""
    message = segments.read(viewer, given.get("body"))
    data: dict[str, Any] = {"FeedItemId": item["Id"], "CommentBody": message.text}
    if given.get("threadParentId"):
        above = _comment_row(viewer, str(given["threadParentId"]))
        data |= {"ThreadParentId": above["Id"], "ThreadLevel": (above["ThreadLevel"] or 0) + 1}
    with viewer.context.store.transaction():
        record = records.create(viewer.context, "FeedComment", data)
        segments.keep(viewer, record, message)
        topics.tag(viewer, item["Id"], message.topics)
        Saver(viewer.context).modify("FeedItem", item["Id"], {})
    return record


def delete(viewer: Viewer, kind: str, row: dict[str, Any]) -> None:
    """Delete a post or comment: one's own, or as an administrator any."""
    if row["InsertedById"] != viewer.user.id and not viewer.user.is_admin:
        raise no_access()
    records.delete(viewer.context, kind, row["Id"])


def show_item(viewer: Viewer, item: dict[str, Any]) -> dict[str, Any]:
    """A post with its capabilities."""
    record, author, parent = item["Id"], item["InsertedById"], item["ParentId"]
    actor, above = people.summary(viewer, author), people.subject(viewer, parent)
    count = whole_number(viewer.call, "recentCommentCount", RECENT_COMMENTS, 0, 25)
    return {
        "actor": actor,
        "body": segments.write(viewer, record, item["Body"]),
        "capabilities": _capabilities(viewer, item, count),
        "clientInfo": None,
        "createdDate": moment(item["CreatedDate"]),
        "event": item["Type"] in ("CreateRecordEvent", "TrackedChange"),
        "feedElementType": "FeedItem",
        "hasVerifiedComment": False,
        "header": _header(actor, above),
        "id": record,
        "isDeleteRestricted": author != viewer.user.id and not viewer.user.is_admin,
        "isSharable": True,
        "modifiedDate": moment(item["LastModifiedDate"]),
        "originalFeedItem": None,
        "originalFeedItemActor": None,
        "parent": above,
        "photoUrl": actor["photo"]["smallPhotoUrl"],
        "relativeCreatedDate": _ago(item["CreatedDate"]),
        "type": item["Type"],
        "url": viewer.url(f"chatter/feed-elements/{record}"),
        "visibility": item["Visibility"],
    }


def show_comment(viewer: Viewer, row: dict[str, Any]) -> dict[str, Any]:
    """A comment."""
    record, author = row["Id"], row["InsertedById"]
    parent = people.subject(viewer, row["ParentId"])
    return {
        "body": segments.write(viewer, record, row["CommentBody"]),
        "capabilities": {"edit": _edit(viewer, row, "comments"), "status": _status(row)},
        "clientInfo": None,
        "createdDate": moment(row["CreatedDate"]),
        "feedElement": viewer.reference(row["FeedItemId"], "feed-elements"),
        "id": record,
        "isDeleteRestricted": author != viewer.user.id and not viewer.user.is_admin,
        "likes": likes.page(viewer, record, f"chatter/comments/{record}/likes"),
        "likesMessage": likes.message(viewer, record),
        "myLike": viewer.reference(likes.my_like(viewer, record), "likes"),
        "parent": {"id": parent["id"], "url": parent["url"]},
        "relativeCreatedDate": _ago(row["CreatedDate"]),
        "threadLevel": row["ThreadLevel"] or 0,
        "threadParentId": row["ThreadParentId"],
        "type": row["CommentType"],
        "url": viewer.url(f"chatter/comments/{record}"),
        "user": people.summary(viewer, author),
    }


def comment_row(viewer: Viewer, text: str) -> dict[str, Any]:
    """The stored columns of a comment that the user may see."""
    row = _comment_row(viewer, text)
    item_row(viewer, row["FeedItemId"])
    return row


def comment_page(viewer: Viewer, item: str, size: int, before: str | None = None) -> dict[str, Any]:
    """The latest comments of a post, oldest of them first; a page token is the comment that the page ends with."""
    path = f"chatter/feed-elements/{item}/capabilities/comments/items"
    where, parameters = "FeedItemId = ? AND IsDeleted = 0", [item]
    total = viewer.number(f"SELECT count(*) FROM FeedComment WHERE {where}", item)  # noqa: S608
    if before:
        where += " AND (CreatedDate, Id) <= (SELECT CreatedDate, Id FROM FeedComment WHERE Id = ?)"
        parameters.append(identifier(before, COMMENT))
    statement = (
        f"SELECT {', '.join(_COMMENT_COLUMNS)} FROM FeedComment WHERE {where}"  # noqa: S608
        f" ORDER BY CreatedDate DESC, Id DESC LIMIT {size + 1}"
    )
    rows = [dict(zip(_COMMENT_COLUMNS, row, strict=True)) for row in viewer.rows(statement, *parameters)]
    following = rows[size]["Id"] if len(rows) > size else None
    kept = {} if size == RECENT_COMMENTS else {"pageSize": str(size)}
    return {
        "currentPageToken": before,
        "currentPageUrl": viewer.url(link(path, {**({"page": before} if before else {}), **kept})),
        "items": [show_comment(viewer, row) for row in reversed(rows[:size])],
        "nextPageToken": following,
        "nextPageUrl": viewer.url(link(path, {"page": following, **kept})) if following else None,
        "previousPageToken": None,
        "previousPageUrl": None,
        "total": total,
    }


def _comment_row(viewer: Viewer, text: str) -> dict[str, Any]:
    statement = f"SELECT {', '.join(_COMMENT_COLUMNS)} FROM FeedComment WHERE Id = ? AND IsDeleted = 0"  # noqa: S608
    return dict(zip(_COMMENT_COLUMNS, found(viewer.row(statement, identifier(text, COMMENT))), strict=True))


def _capabilities(viewer: Viewer, item: dict[str, Any], comments: int) -> dict[str, Any]:
    record = item["Id"]
    shown: dict[str, Any] = {
        "associatedActions": {"platformActionGroups": []},
        "bookmarks": {"isBookmarkedByCurrentUser": False},
        "chatterLikes": likes.capability(viewer, record),
        "comments": {"page": comment_page(viewer, record, comments)},
        "edit": _edit(viewer, item, "feed-elements"),
        "mute": {"isMutedByMe": False},
        "status": _status(item),
        "topics": {"canAssignTopics": True, "items": topics.of_record(viewer, record)},
    }
    if item["LinkUrl"]:
        shown["link"] = {"url": item["LinkUrl"], "urlName": item["Title"] or item["LinkUrl"]}
    if item["Type"] == "QuestionPost":
        best = item["BestCommentId"]
        shown["questionAndAnswers"] = {
            "bestAnswer": show_comment(viewer, _comment_row(viewer, best)) if best else None,
            "bestAnswerSelectedBy": None,
            "canCurrentUserSelectOrRemoveBestAnswer": item["InsertedById"] == viewer.user.id or viewer.user.is_admin,
            "candidateAnswers": None,
            "escalatedCase": None,
            "questionTitle": item["Title"],
        }
    return shown


def _edit(viewer: Viewer, row: dict[str, Any], resource: str) -> dict[str, Any]:
    editor = row["LastEditById"]
    return {
        "isEditRestricted": row["InsertedById"] != viewer.user.id and not viewer.user.is_admin,
        "isEditableByMeUrl": viewer.url(f"chatter/{resource}/{row['Id']}/capabilities/edit/is-editable-by-me"),
        "lastEditedBy": people.detail(viewer, editor) if editor else None,
        "lastEditedDate": moment(row["LastEditDate"]),
        "latestRevision": row["Revision"] or 1,
        "relativeLastEditedDate": _ago(row["LastEditDate"]) if row["LastEditDate"] else None,
    }


def _status(row: dict[str, Any]) -> dict[str, Any]:
    return {"feedEntityStatus": row["Status"], "isApprovableByMe": False}


def _header(actor: dict[str, Any], parent: dict[str, Any]) -> dict[str, Any]:
    """`Group - Author`, or the author alone on their own profile."""
    author = segments.entity_link(actor)
    if actor["id"] == parent["id"]:
        return segments.body([author])
    return segments.body([segments.entity_link(parent), segments.text_segment(" - "), author])


def _ago(stamp: str) -> str:
    """How long ago, as people say it: 5m ago, 3h ago, Yesterday; the date when it is longer."""
    created = datetime.fromisoformat(stamp[:19]).replace(tzinfo=UTC)
    present = datetime.now(UTC)
    minutes = int((present - created).total_seconds() // 60)
    if minutes < 1:
        return "Just Now"
    if minutes < 60:
        return f"{minutes}m ago"
    if created.date() == present.date():
        return f"{minutes // 60}h ago"
    if (present.date() - created.date()).days == 1:
        return "Yesterday"
    return f"{created:%B} {created.day}, {created.year}"
