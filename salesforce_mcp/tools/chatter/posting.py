"""Posts, comments and likes (resources `chatter/feed-elements`, `chatter/comments`)."""

from __future__ import annotations

from typing import Literal

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import RecordId
from salesforce_mcp.tools.chatter import connect, feeds
from salesforce_mcp.tools.chatter.connect import COMMENT, ITEM, SubjectId
from salesforce_mcp.tools.chatter.segments import Message, parse
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record


@tool(title="Post to Chatter", access="write")
def post_to_chatter(
    context: Context,
    subject_id: SubjectId,
    message: Message,
    visibility: Literal["AllUsers", "InternalUsers"] | None = None,
) -> Record:
    """Post to a record, group or user (`me`: your profile). In `message`, @[Id] mentions a user or group, #topic or
    #[two words] tags, links stay links.
    """
    body = {
        "feedElementType": "FeedItem",
        "subjectId": subject_id,
        "body": {"messageSegments": parse(message)},
        **({"visibility": visibility} if visibility else {}),
    }
    posted = feeds.describe(connect.post(context, "chatter/feed-elements", body))
    kept = ("id", "created", "parent", "parentId", "visibility", "text", "mentions", "topics")
    return Record({name: posted[name] for name in kept}, summary=f"Posted {posted['id']}.")


@tool(title="Comment on a Chatter post", access="write")
def post_comment(context: Context, id: RecordId, message: Message) -> Record:
    """Comment on a post. `message` as in post_to_chatter."""
    path = f"chatter/feed-elements/{segment(id)}/capabilities/comments/items"
    made = connect.post(context, path, {"body": {"messageSegments": parse(message)}})
    shown = dict(zip(feeds.COMMENT_COLUMNS, feeds.comment_row(made), strict=True))
    return Record({"id": made["id"], "post": id, "text": shown["text"]}, summary=f"Commented: {made['id']}.")


@tool(title="Like a Chatter post", access="write", idempotent=True)
def like_feed_element(context: Context, id: RecordId) -> Record:
    """Like a post or a comment."""
    if id.startswith(COMMENT):
        path = f"chatter/comments/{segment(id)}/likes"
    elif id.startswith(ITEM):
        path = f"chatter/feed-elements/{segment(id)}/capabilities/chatter-likes/items"
    else:
        raise ArgumentError(f"id: {id} is neither a post (0D5...) nor a comment (0D7...).", fields=("id",))
    like = connect.post(context, path)
    return Record({"id": like["id"], "liked": id}, summary=f"Liked {id}.")
