"""Likes of posts and comments.

Source: Connect REST API Developer Guide, "Chatter Likes Capability", "Like Page", "Like", "Like Message Body".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.chatter import people, segments
from salesforce_mcp.demo.chatter.paging import DEFAULT_SIZE, link
from salesforce_mcp.demo.chatter.viewer import COMMENT, ITEM, LIKE, Viewer, found, identifier, no_access
from salesforce_mcp.demo.saving import Saver


def like(viewer: Viewer, entity: str) -> str:
    """Like a post or comment; answers the like's Id, that of an earlier one if there is one."""
    mine = my_like(viewer, entity)
    if mine is not None:
        return mine
    item = entity if entity.startswith(ITEM) else None
    with viewer.context.store.transaction():
        return Saver(viewer.context).insert("FeedLike", {"FeedEntityId": entity, "FeedItemId": item})


def unlike(viewer: Viewer, record: str) -> None:
    """Take one's own like back."""
    row = found(viewer.row("SELECT InsertedById FROM FeedLike WHERE Id = ? AND IsDeleted = 0", record))
    if row[0] != viewer.user.id:
        raise no_access()
    records.delete(viewer.context, "FeedLike", record)


def my_like(viewer: Viewer, entity: str) -> str | None:
    """The user's like of a post or comment."""
    statement = "SELECT Id FROM FeedLike WHERE FeedEntityId = ? AND InsertedById = ? AND IsDeleted = 0"
    row = viewer.row(statement, entity, viewer.user.id)
    return row[0] if row else None


def capability(viewer: Viewer, entity: str) -> dict[str, Any]:
    """The capability of being liked."""
    mine = my_like(viewer, entity)
    return {
        "isLikedByCurrentUser": mine is not None,
        "likesMessage": message(viewer, entity),
        "myLike": viewer.reference(mine, "likes"),
        "page": page(viewer, entity, f"chatter/feed-elements/{entity}/capabilities/chatter-likes/items"),
    }


def page(viewer: Viewer, entity: str, path: str, number: int = 0, size: int = DEFAULT_SIZE) -> dict[str, Any]:
    """Who likes a post or comment, the latest first."""
    where = "FROM FeedLike WHERE FeedEntityId = ? AND IsDeleted = 0"
    rows = viewer.rows(
        f"SELECT Id {where} ORDER BY CreatedDate DESC, Id DESC LIMIT {size + 1} OFFSET {number * size}",
        entity,
    )
    more, url = len(rows) > size, viewer.url(path)
    return {
        "currentPageToken": number,
        "currentPageUrl": link(url, {"page": str(number)} if number else {}),
        "items": [show(viewer, row[0]) for row in rows[:size]],
        "nextPageToken": number + 1 if more else None,
        "nextPageUrl": link(url, {"page": str(number + 1)}) if more else None,
        "previousPageToken": number - 1 if number else None,
        "previousPageUrl": link(url, {"page": str(number - 1)}) if number else None,
        "total": viewer.number(f"SELECT count(*) {where}", entity),
    }


def show(viewer: Viewer, text: str) -> dict[str, Any]:
    """A like."""
    statement = "SELECT Id, FeedEntityId, InsertedById FROM FeedLike WHERE Id = ? AND IsDeleted = 0"
    record, entity, author = found(viewer.row(statement, identifier(text, LIKE)))
    return {
        "id": record,
        "likedItem": viewer.reference(entity, "comments" if entity.startswith(COMMENT) else "feed-elements"),
        "url": viewer.url(f"chatter/likes/{record}"),
        "user": people.summary(viewer, author),
    }


def message(viewer: Viewer, entity: str) -> dict[str, Any] | None:
    """`You and 2 others like this.`"""
    mine = my_like(viewer, entity) is not None
    others = viewer.rows(
        "SELECT InsertedById FROM FeedLike WHERE FeedEntityId = ? AND InsertedById <> ? AND IsDeleted = 0"
        " ORDER BY CreatedDate DESC, Id DESC",
        entity,
        viewer.user.id,
    )
    if not mine and not others:
        return None
    named = [segments.text_segment("You")] if mine else []
    named += [segments.entity_link(people.summary(viewer, row[0])) for row in others[: 3 - len(named)]]
    left = len(others) + mine - len(named)
    if left:
        named.append(segments.text_segment(f"{left} other{'' if left == 1 else 's'}"))
    joined = [named[0]]
    for place, each in enumerate(named[1:], 2):
        joined += [segments.text_segment(" and " if place == len(named) else ", "), each]
    verb = " likes this." if len(others) == 1 and not mine else " like this."
    body = segments.body([*joined, segments.text_segment(verb)])
    return {"messageSegments": body["messageSegments"], "text": body["text"]}
