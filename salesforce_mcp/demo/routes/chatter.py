"""`/chatter` and the parts of `/connect` that belong to it: feeds, posts, comments, likes, users, groups, topics.

Source: Connect REST API Developer Guide, "Chatter REST API Resources". Answers are those of version 31.0 and later.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesforce_mcp.demo import bodies
from salesforce_mcp.demo.chatter import elements, feeds, groups, likes, paging, people, segments, topics
from salesforce_mcp.demo.chatter.encoding import encoded
from salesforce_mcp.demo.chatter.viewer import LIKE, Viewer, identifier
from salesforce_mcp.demo.http import Call, Handler, Reply, Route, resource

Body = dict[str, Any]


def _shows(show: Callable[[Viewer], Body]) -> Handler:
    """A handler that answers what a function makes for the user of the call."""

    def handler(call: Call) -> Reply:
        return encoded(call, Reply(body=show(Viewer(call))))

    return handler


def _replies(reply: Callable[[Viewer], Reply]) -> Handler:
    """A handler whose function makes the whole reply."""

    def handler(call: Call) -> Reply:
        return encoded(call, reply(Viewer(call)))

    return handler


def _given(call: Call) -> Body:
    """The body of a request; what it leaves out may stand in the query string, as Connect allows for flat values."""
    body: Body = call.json_object() if call.json() is not None else {}
    return {**call.query, **body}


def _message(call: Call) -> Body:
    """The body of a post or comment; `text` alone is a message of one segment."""
    given = _given(call)
    if "body" not in given and given.get("text"):
        given["body"] = {"messageSegments": [{"type": "Text", "text": given["text"]}]}
    return given


# --- Posts -----------------------------------------------------------------------------------------------------------


def _item(viewer: Viewer) -> Body:
    return elements.item_row(viewer, viewer.call.params["item"])


def post(viewer: Viewer) -> Reply:
    record = elements.post(viewer, _message(viewer.call))
    return Reply(201, elements.show_item(viewer, elements.item_row(viewer, record)))


def several(viewer: Viewer) -> Reply:
    def one(viewer: Viewer, text: str) -> Body:
        return elements.show_item(viewer, elements.item_row(viewer, text))

    return paging.batch(viewer, viewer.call.params["ids"], one)


def delete_post(viewer: Viewer) -> Reply:
    elements.delete(viewer, "FeedItem", _item(viewer))
    return Reply(204)


def comments(viewer: Viewer) -> Body:
    item = _item(viewer)
    size = paging.whole_number(viewer.call, "pageSize", elements.RECENT_COMMENTS, 1, 100)
    return elements.comment_page(viewer, item["Id"], size, viewer.call.query.get("page"))


def comment(viewer: Viewer) -> Reply:
    record = elements.comment(viewer, _item(viewer), _message(viewer.call))
    return Reply(201, elements.show_comment(viewer, elements.comment_row(viewer, record)))


def show_comment(viewer: Viewer) -> Body:
    return elements.show_comment(viewer, elements.comment_row(viewer, viewer.call.params["comment"]))


def delete_comment(viewer: Viewer) -> Reply:
    elements.delete(viewer, "FeedComment", elements.comment_row(viewer, viewer.call.params["comment"]))
    return Reply(204)


# --- Likes -----------------------------------------------------------------------------------------------------------


def _like_page(viewer: Viewer, entity: str, path: str) -> Body:
    number = paging.whole_number(viewer.call, "page", 0, 0, 100_000)
    size = paging.whole_number(viewer.call, "pageSize", paging.DEFAULT_SIZE, 1, 100)
    return likes.page(viewer, entity, path, number, size)


def item_likes(viewer: Viewer) -> Body:
    record = _item(viewer)["Id"]
    return _like_page(viewer, record, f"chatter/feed-elements/{record}/capabilities/chatter-likes/items")


def like(viewer: Viewer) -> Reply:
    return Reply(201, likes.show(viewer, likes.like(viewer, _item(viewer)["Id"])))


def set_like(viewer: Viewer) -> Body:
    """PATCH: `isLikedByCurrentUser` likes or takes the like back."""
    record = _item(viewer)["Id"]
    wanted = _given(viewer.call).get("isLikedByCurrentUser")
    if str(wanted).lower() not in ("true", "false"):
        raise segments.wrong_body("isLikedByCurrentUser must be true or false.")
    mine = likes.my_like(viewer, record)
    if str(wanted).lower() == "true":
        likes.like(viewer, record)
    elif mine is not None:
        likes.unlike(viewer, mine)
    return item_likes(viewer)


def comment_likes(viewer: Viewer) -> Body:
    record = elements.comment_row(viewer, viewer.call.params["comment"])["Id"]
    return _like_page(viewer, record, f"chatter/comments/{record}/likes")


def like_comment(viewer: Viewer) -> Reply:
    record = elements.comment_row(viewer, viewer.call.params["comment"])["Id"]
    return Reply(201, likes.show(viewer, likes.like(viewer, record)))


def unlike(viewer: Viewer) -> Reply:
    likes.unlike(viewer, identifier(viewer.call.params["like"], LIKE))
    return Reply(204)


# --- Users and groups ------------------------------------------------------------------------------------------------


def join(viewer: Viewer) -> Reply:
    """Add a member; one who is in the group already stays so."""
    given = _given(viewer.call)
    bodies.check(given, {"userId": str, "role": str})
    member, new = groups.join(viewer, viewer.call.params["group"], given.get("userId"), given.get("role"))
    return Reply(201 if new else 200, member)


def ask_to_join(viewer: Viewer) -> Reply:
    asked = groups.request(viewer, viewer.call.params["group"])
    return Reply(204) if asked is None else Reply(201, asked)


def leave(viewer: Viewer) -> Reply:
    groups.leave(viewer, viewer.call.params["membership"])
    return Reply(204)


def photo(viewer: Viewer) -> Body:
    person = people.detail(viewer, viewer.call.params["user"])
    shown: Body = person["photo"]
    return shown


def communities(viewer: Viewer) -> Body:
    """The demo org has no Experience Cloud sites."""
    return {"communities": [], "total": 0}


def _feed_routes() -> list[Route]:
    made = [
        resource("GET", "/chatter/feeds/company", _shows(lambda viewer: feeds.directory(viewer, "company"))),
        resource("GET", "/chatter/feeds/company/feed-elements", _shows(lambda viewer: feeds.page(viewer, "company"))),
    ]
    for kind in feeds.OWNED:
        path = f"/chatter/feeds/{kind}/{{owner}}"

        def show_directory(viewer: Viewer, kind: str = kind) -> Body:
            return feeds.directory(viewer, kind, viewer.call.params["owner"])

        def show_page(viewer: Viewer, kind: str = kind) -> Body:
            return feeds.page(viewer, kind, viewer.call.params["owner"])

        made += [
            resource("GET", path, _shows(show_directory)),
            resource("GET", f"{path}/feed-elements", _shows(show_page)),
        ]
    return made


_ITEM, _COMMENT = "/chatter/feed-elements/{item}", "/chatter/comments/{comment}"
_LIKES, _COMMENTS = f"{_ITEM}/capabilities/chatter-likes", f"{_ITEM}/capabilities/comments"

routes = [
    *_feed_routes(),
    resource("GET", "/chatter/feed-elements", _shows(feeds.search)),
    resource("POST", "/chatter/feed-elements", _replies(post)),
    resource("GET", "/chatter/feed-elements/batch/{ids}", _replies(several)),
    resource("GET", _ITEM, _shows(lambda viewer: elements.show_item(viewer, _item(viewer)))),
    resource("DELETE", _ITEM, _replies(delete_post)),
    resource("GET", _LIKES, _shows(lambda viewer: likes.capability(viewer, _item(viewer)["Id"]))),
    resource("GET", f"{_LIKES}/items", _shows(item_likes)),
    resource("POST", f"{_LIKES}/items", _replies(like)),
    resource("PATCH", f"{_LIKES}/items", _shows(set_like)),
    resource("GET", _COMMENTS, _shows(lambda viewer: {"page": comments(viewer)})),
    resource("GET", f"{_COMMENTS}/items", _shows(comments)),
    resource("POST", f"{_COMMENTS}/items", _replies(comment)),
    resource("GET", _COMMENT, _shows(show_comment)),
    resource("DELETE", _COMMENT, _replies(delete_comment)),
    resource("GET", f"{_COMMENT}/likes", _shows(comment_likes)),
    resource("POST", f"{_COMMENT}/likes", _replies(like_comment)),
    resource(
        "GET",
        "/chatter/likes/{like}",
        _shows(lambda viewer: likes.show(viewer, viewer.call.params["like"])),
    ),
    resource("DELETE", "/chatter/likes/{like}", _replies(unlike)),
    resource("GET", "/chatter/users", _shows(people.listed)),
    resource(
        "GET",
        "/chatter/users/batch/{ids}",
        _replies(lambda viewer: paging.batch(viewer, viewer.call.params["ids"], people.detail)),
    ),
    resource("GET", "/chatter/users/{user}", _shows(lambda viewer: people.detail(viewer, viewer.call.params["user"]))),
    resource("GET", "/chatter/users/{user}/photo", _shows(photo)),
    resource("GET", "/connect/user-profiles/{user}/photo", _shows(photo)),
    resource(
        "GET",
        "/chatter/users/{user}/following",
        _shows(lambda viewer: people.following(viewer, viewer.call.params["user"])),
    ),
    resource(
        "GET",
        "/chatter/users/{user}/groups",
        _shows(lambda viewer: groups.of_user(viewer, viewer.call.params["user"])),
    ),
    resource(
        "GET",
        "/chatter/subscriptions/{subscription}",
        _shows(lambda viewer: people.subscription(viewer, viewer.call.params["subscription"])),
    ),
    resource("GET", "/chatter/groups", _shows(groups.listed)),
    resource(
        "GET", "/chatter/groups/{group}", _shows(lambda viewer: groups.detail(viewer, viewer.call.params["group"]))
    ),
    resource(
        "GET",
        "/chatter/groups/{group}/members",
        _shows(lambda viewer: groups.members(viewer, viewer.call.params["group"])),
    ),
    resource("POST", "/chatter/groups/{group}/members", _replies(join)),
    resource("POST", "/chatter/groups/{group}/members/requests", _replies(ask_to_join)),
    resource(
        "GET",
        "/chatter/group-memberships/batch/{ids}",
        _replies(lambda viewer: paging.batch(viewer, viewer.call.params["ids"], groups.membership)),
    ),
    resource(
        "GET",
        "/chatter/group-memberships/{membership}",
        _shows(lambda viewer: groups.membership(viewer, viewer.call.params["membership"])),
    ),
    resource("DELETE", "/chatter/group-memberships/{membership}", _replies(leave)),
    resource("GET", "/connect/topics", _shows(topics.listed)),
    resource("GET", "/connect/topics/trending", _shows(topics.trending)),
    resource(
        "GET", "/connect/topics/{topic}", _shows(lambda viewer: topics.detail(viewer, viewer.call.params["topic"]))
    ),
    resource("GET", "/connect/communities", _shows(communities)),
]
