"""Reading feeds (resources `chatter/feeds/...`) and single posts (`chatter/feed-elements/{id}`)."""

from __future__ import annotations

from typing import Any, Literal

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import Cursor, RecordId
from salesforce_mcp.tools.chatter import connect
from salesforce_mcp.tools.chatter.connect import GROUP, USER, PageSize, SubjectId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Sections, Table

FeedType = Literal["news", "company", "record", "to", "user-profile", "group"]
COLUMNS = ["id", "created", "author", "parent", "parentId", "type", "text", "likes", "comments"]
COMMENT_COLUMNS = ["id", "created", "author", "text", "likes"]
MOST_COMMENTS = 25
"""Comments that come with a post at most."""

_FEED = r"chatter/feeds/[a-z-]+(?:/\w+)?/feed-(?:elements|items)"
_COMMENTS = r"chatter/feed-elements/\w+/capabilities/comments/items"


@tool(title="Chatter feed")
def get_chatter_feed(
    context: Context,
    feed_type: FeedType,
    subject_id: SubjectId | None = None,
    limit: PageSize = 25,
    cursor: Cursor | None = None,
) -> Table:
    """Posts of a feed, the newest first. `record` and `group` take `subject_id`; `user-profile` may (default: your own
    profile); `news` and `to` (mentions of you and posts to you) are always yours; `company` is everybody's.
    """
    return connect.page(
        context,
        _path(feed_type, subject_id),
        {"pageSize": limit},
        cursor,
        columns=COLUMNS,
        row=_row,
        keys=("elements", "items"),
        resource=_FEED,
    )


@tool(title="Chatter post")
def get_feed_element(context: Context, id: RecordId, cursor: Cursor | None = None) -> Table | Sections:
    """One post with its topics, likes and latest comments."""
    if cursor:
        return connect.page(
            context,
            "",
            {},
            cursor,
            columns=COMMENT_COLUMNS,
            row=comment_row,
            keys=("items",),
            resource=_COMMENTS,
        )
    path = f"chatter/feed-elements/{segment(id)}"
    element = connect.get(context, path, {"recentCommentCount": MOST_COMMENTS})
    comments = _comments(element)
    parts: list[tuple[str, Table | Record]] = [("post", Record(describe(element)))]
    return Sections([*parts, ("comments", comments)] if comments.rows else parts)


def describe(element: dict[str, Any]) -> dict[str, Any]:
    """What there is to say of a post, besides its comments."""
    capabilities = element.get("capabilities", {})
    likes = capabilities.get("chatterLikes") or element
    topics = (capabilities.get("topics") or {}).get("items", [])
    parent = element.get("parent") or {}
    return {
        "id": element["id"],
        "type": element.get("type"),
        "created": element.get("createdDate"),
        "author": connect.name(element.get("actor")),
        "parent": parent.get("name"),
        "parentId": parent.get("id"),
        "visibility": element.get("visibility"),
        "title": (capabilities.get("questionAndAnswers") or {}).get("questionTitle"),
        "text": connect.message(element.get("body")),
        "mentions": [
            (part.get("record") or part.get("user") or {}).get("id") or part.get("name")
            for part in (element.get("body") or {}).get("messageSegments", [])
            if part.get("type") == "Mention"
        ],
        "link": (capabilities.get("link") or {}).get("url"),
        "topics": [topic["name"] for topic in topics],
        "likes": connect.message(likes.get("likesMessage")),
        "likedByMe": likes.get("isLikedByCurrentUser"),
    }


def comment_row(comment: dict[str, Any]) -> list[Any]:
    """A comment as a row of COMMENT_COLUMNS."""
    return [
        comment["id"],
        comment.get("createdDate"),
        connect.name(comment.get("user")),
        connect.message(comment.get("body")),
        (comment.get("likes") or {}).get("total"),
    ]


def _comments(element: dict[str, Any]) -> Table:
    """The comments that came with a post: before version 32.0 in a place of their own, under another name."""
    page = (element.get("capabilities", {}).get("comments") or {}).get("page") or element.get("comments") or {}
    return connect.table(page, COMMENT_COLUMNS, comment_row, ("items", "comments"))


def _row(element: dict[str, Any]) -> list[Any]:
    capabilities = element.get("capabilities", {})
    parent = element.get("parent") or {}
    likes = (capabilities.get("chatterLikes") or {}).get("page") or element.get("likes") or {}
    comments = (capabilities.get("comments") or {}).get("page") or element.get("comments") or {}
    return [
        element["id"],
        element.get("createdDate"),
        connect.name(element.get("actor")),
        parent.get("name"),
        parent.get("id"),
        element.get("type"),
        connect.message(element.get("body")),
        likes.get("total"),
        comments.get("total"),
    ]


def _path(feed_type: str, subject: str | None) -> str:
    """The feed's path, with its owner."""
    if feed_type == "company":
        _refuse(subject, "The company feed is everybody's: leave out subject_id.")
        return "chatter/feeds/company/feed-elements"
    if feed_type in ("news", "to"):
        _refuse(None if subject == "me" else subject, f"The {feed_type} feed is always your own: leave out subject_id.")
        return f"chatter/feeds/{feed_type}/me/feed-elements"
    if feed_type == "user-profile":
        _refuse(subject if subject and not subject.startswith((USER, "me")) else None, "Give the Id of a user.")
        return f"chatter/feeds/user-profile/{segment(subject or 'me')}/feed-elements"
    if subject is None:
        raise _wrong(f"The {feed_type} feed needs the Id of its {feed_type}.")
    _refuse(subject if feed_type == "group" and not subject.startswith(GROUP) else None, "Give the Id of a group.")
    return f"chatter/feeds/record/{segment(subject)}/feed-elements"


def _refuse(subject: str | None, message: str) -> None:
    if subject is not None:
        raise _wrong(message)


def _wrong(message: str) -> ArgumentError:
    return ArgumentError(f"subject_id: {message}", fields=("subject_id",))
