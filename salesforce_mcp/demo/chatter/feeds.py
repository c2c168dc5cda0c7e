"""Feeds: which posts each of them shows, and how they are gone through.

A page token is the moment and the Id of the page's first post, as in Salesforce's own, so that new posts on top shift
nothing. Source: Connect REST API Developer Guide, "Feeds Resources" and each feed's page.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from salesforce_mcp.demo.chatter import elements, segments
from salesforce_mcp.demo.chatter.paging import DEFAULT_SIZE, illegal, link, one_of, whole_number
from salesforce_mcp.demo.chatter.viewer import GROUP, TOPIC, USER, Viewer, found, identifier, no_access, own_id, user_id
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.soql_engine.values import like_text

MAX_SIZE = 100
_ORDERS = {"CreatedDateDesc": "CreatedDate", "LastModifiedDateDesc": "LastModifiedDate"}
_TOKEN = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z,(0D5[0-9A-Za-z]{15})")
_STREAMED = 200


class Chosen:
    """A condition on posts, `f`, with its parameters; `owner` is the feed's segment in urls."""

    def __init__(self, owner: str, condition: str = "1", *parameters: Any) -> None:
        self.owner = owner
        self.condition = condition
        self.parameters = parameters


def page(viewer: Viewer, kind: str, owner: str | None = None) -> dict[str, Any]:
    """A page of a feed; `kind` and `owner` are its path segments."""
    chosen = _FEEDS[kind](viewer, owner or "")
    path = "/".join(filter(None, ("chatter/feeds", kind, chosen.owner, "feed-elements")))
    return _page(viewer, chosen, path)


def directory(viewer: Viewer, kind: str, owner: str | None = None) -> dict[str, Any]:
    """Where a feed's posts are."""
    chosen = _FEEDS[kind](viewer, owner or "")
    path = "/".join(filter(None, ("chatter/feeds", kind, chosen.owner, "feed-elements")))
    return {
        "feedElementPostUrl": viewer.url("chatter/feed-elements"),
        "feedElements": None,
        "feedElementsUrl": viewer.url(path),
        "isModifiedUrl": None,
        "pinnedFeedElementsUrl": None,
        "redirectedFeedFilter": None,
        "redirectedFeedSort": None,
        "redirectedFeedType": None,
        "respectsMute": kind == "news",
    }


def search(viewer: Viewer) -> dict[str, Any]:
    """Posts of the whole company that hold the words of `q`."""
    if not viewer.call.query.get("q"):
        raise ApiError(400, "MISSING_ARGUMENT", "q")
    return _page(viewer, Chosen(""), "chatter/feed-elements")


def _company(viewer: Viewer, owner: str) -> Chosen:
    return Chosen("")


def _news(viewer: Viewer, owner: str) -> Chosen:
    """What the user follows or is in, and what they or others wrote to their profile."""
    me = own_id(viewer, owner)
    parents = [me, *viewer.following, *viewer.memberships]
    return Chosen(me, f"(f.ParentId IN ({_marks(parents)}) OR f.InsertedById = ?)", *parents, me)


def _record(viewer: Viewer, owner: str) -> Chosen:
    """The feed of one record or group; of `me`, that of all records the user follows."""
    if owner.lower() == "me":
        parents = [each for each in viewer.following if each[:3] not in (USER, GROUP)]
        return Chosen(viewer.user.id, f"f.ParentId IN ({_marks(parents)})", *parents)
    record = identifier(owner)
    if record.startswith(USER) and record != viewer.user.id:
        raise no_access()
    if not viewer.sees(record):
        raise no_access() if record.startswith(GROUP) else found(None)
    return Chosen(record, "f.ParentId = ?", record)


def _to(viewer: Viewer, owner: str) -> Chosen:
    """Where the user is mentioned, and what was posted to them; their own posts once somebody commented."""
    me = own_id(viewer, owner)
    mentions = _mentions(viewer, me)
    commented = "EXISTS (SELECT 1 FROM FeedComment c WHERE c.FeedItemId = f.Id AND c.IsDeleted = 0)"
    condition = f"(f.Id IN ({_marks(mentions)}) OR (f.ParentId = ? AND (f.InsertedById <> ? OR {commented})))"
    return Chosen(me, condition, *mentions, me, me)


def _user_profile(viewer: Viewer, owner: str) -> Chosen:
    """What a user wrote, what was posted to them, and where they are mentioned."""
    person = user_id(viewer, owner)
    if not viewer.sees(person):
        raise found(None)
    mentions = _mentions(viewer, person)
    condition = f"(f.InsertedById = ? OR f.ParentId = ? OR f.Id IN ({_marks(mentions)}))"
    return Chosen(person, condition, person, person, *mentions)


def _groups(viewer: Viewer, owner: str) -> Chosen:
    """The feed of all groups that the user is in."""
    me = own_id(viewer, owner)
    return Chosen(me, f"f.ParentId IN ({_marks([*viewer.memberships])})", *viewer.memberships)


def _people(viewer: Viewer, owner: str) -> Chosen:
    """The feed of all people whom the user follows."""
    me = own_id(viewer, owner)
    followed = [each for each in viewer.following if each.startswith(USER)]
    return Chosen(me, f"f.ParentId IN ({_marks(followed)})", *followed)


def _topics(viewer: Viewer, owner: str) -> Chosen:
    """The posts that are tagged with a topic."""
    topic = identifier(owner, TOPIC)
    tagged = "SELECT EntityId FROM TopicAssignment WHERE TopicId = ? AND IsDeleted = 0"
    return Chosen(topic, f"f.Id IN ({tagged})", topic)


_FEEDS: Mapping[str, Callable[[Viewer, str], Chosen]] = {
    "company": _company,
    "groups": _groups,
    "news": _news,
    "people": _people,
    "record": _record,
    "to": _to,
    "topics": _topics,
    "user-profile": _user_profile,
}
OWNED = tuple(kind for kind in _FEEDS if kind != "company")
"""Feeds with an owner in their path."""


def _marks(values: list[str]) -> str:
    return ", ".join("?" * len(values))


def _mentions(viewer: Viewer, user: str) -> list[str]:
    """Ids of the posts in which a user is mentioned, or on which in a comment."""
    entities = segments.mentioning(viewer, user)
    statement = f"SELECT FeedItemId FROM FeedComment WHERE IsDeleted = 0 AND Id IN ({_marks(entities)})"  # noqa: S608
    return [*entities, *(row[0] for row in viewer.rows(statement, *entities))]


def _page(viewer: Viewer, chosen: Chosen, path: str) -> dict[str, Any]:
    call = viewer.call
    size = whole_number(call, "pageSize", DEFAULT_SIZE, 1, MAX_SIZE)
    order = _ORDERS[one_of(call, "sort", tuple(_ORDERS))]
    token = call.query.get("page")
    items: list[dict[str, Any]] = []
    following = None
    for item in _visible(viewer, chosen, order, token):
        if len(items) == size:
            following = f"{item[order][:19]}Z,{item['Id']}"
            break
        items.append(item)
    kept = {name: call.query[name] for name in ("pageSize", "q", "sort", "recentCommentCount") if call.query.get(name)}
    return {
        "currentPageToken": token,
        "currentPageUrl": viewer.url(link(path, {**({"page": token} if token else {}), **kept})),
        "elements": [elements.show_item(viewer, item) for item in items],
        "isModifiedToken": None,
        "isModifiedUrl": None,
        "nextPageToken": following,
        "nextPageUrl": viewer.url(link(path, {"page": following, **kept})) if following else None,
        "updatesToken": None,
        "updatesUrl": None,
    }


def _visible(viewer: Viewer, chosen: Chosen, order: str, token: str | None) -> Iterator[dict[str, Any]]:
    """The posts from a token on, the newest first, without those whose parent the user may not see."""
    conditions, parameters = ["f.IsDeleted = 0", chosen.condition], list(chosen.parameters)
    if token:
        match = _TOKEN.fullmatch(token)
        if not match:
            raise illegal("page", token)
        conditions.append(f"(f.{order}, f.Id) <= (?, ?)")
        parameters += [f"{match[1]}.000+0000", match[2]]
    for word in _words(viewer.call.query.get("q", "")):
        commented = "SELECT FeedItemId FROM FeedComment WHERE CommentBody LIKE ? ESCAPE '\\' AND IsDeleted = 0"
        conditions.append(f"(f.Body LIKE ? ESCAPE '\\' OR f.Title LIKE ? ESCAPE '\\' OR f.Id IN ({commented}))")
        parameters += [word] * 3
    columns = ", ".join(f"f.{name}" for name in elements.ITEM_COLUMNS)
    statement = (
        f"SELECT {columns} FROM FeedItem f WHERE {' AND '.join(conditions)}"  # noqa: S608 - names of the schema
        f" ORDER BY f.{order} DESC, f.Id DESC"
    )
    cursor = viewer.connection.execute(statement, parameters)
    while rows := cursor.fetchmany(_STREAMED):
        for row in rows:
            item = dict(zip(elements.ITEM_COLUMNS, row, strict=True))
            if viewer.sees(item["ParentId"]):
                yield item


def _words(text: str) -> list[str]:
    """The patterns that the words of a search stand for; two letters are the least."""
    words = text.split()
    for word in words:
        if len(word.replace("*", "").replace("?", "")) < 2:
            raise illegal("q", text)
    return [f"%{like_text(word).replace('*', '%').replace('?', '_')}%" for word in words]
