"""Topics, and what is tagged with them.

Source: Connect REST API Developer Guide, "List of Topics", "Topic", "Trending Topics"; since version
29.0 they are below /connect/topics.
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.chatter.paging import Page, one_of, whole_number
from salesforce_mcp.demo.chatter.viewer import TOPIC, Viewer, found, identifier, moment
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.soql_engine.values import like_text

_TALKING = (
    "(SELECT count(DISTINCT CreatedById) FROM TopicAssignment WHERE TopicId = Topic.Id AND IsDeleted = 0) AS talking"
)
_SELECT = f"SELECT Id, Name, Description, CreatedDate, {_TALKING} FROM Topic"  # noqa: S608 - constant
_ORDERS = {"popularDesc": "talking DESC, Name", "alphaAsc": "Name"}


def listed(viewer: Viewer) -> dict[str, Any]:
    """A page of topics; `q` is in their names, or with `exactMatch` is the name."""
    page = Page.of(viewer.call, "connect/topics", most=100)
    order = _ORDERS[one_of(viewer.call, "sort", tuple(_ORDERS))]
    wanted = viewer.call.query.get("q", "").strip()
    where, parameters = "", tuple[str, ...]()
    if wanted and viewer.call.query.get("exactMatch", "").lower() == "true":
        where, parameters = " WHERE Name = ?", (wanted,)
    elif wanted:
        where, parameters = " WHERE Name LIKE ? ESCAPE '\\'", (f"%{like_text(wanted.replace('*', ''))}%",)
    rows = viewer.rows(f"{_SELECT}{where} ORDER BY {order}, Id {page.limit}", *parameters)
    urls = page.urls(len(rows))
    return {
        "currentPageUrl": urls["currentPageUrl"],
        "nextPageUrl": urls["nextPageUrl"],
        "topics": [_topic(viewer, row) for row in rows[: page.size]],
    }


def trending(viewer: Viewer) -> dict[str, Any]:
    """The topics that most people talk about."""
    most = whole_number(viewer.call, "maxResults", 5, 1, 99)
    rows = viewer.rows(f"{_SELECT} ORDER BY talking DESC, Name LIMIT ?", most)
    return {
        "currentPageUrl": viewer.url(f"connect/topics/trending?maxResults={most}"),
        "nextPageUrl": None,
        "topics": [_topic(viewer, row) for row in rows],
    }


def detail(viewer: Viewer, text: str) -> dict[str, Any]:
    """One topic."""
    return _topic(viewer, found(viewer.row(f"{_SELECT} WHERE Id = ?", identifier(text, TOPIC))))


def of_record(viewer: Viewer, record: str) -> list[dict[str, Any]]:
    """The topics of a post or record."""
    tagged = "SELECT TopicId FROM TopicAssignment WHERE EntityId = ? AND IsDeleted = 0"
    return [_topic(viewer, row) for row in viewer.rows(f"{_SELECT} WHERE Id IN ({tagged}) ORDER BY Name", record)]


def tag(viewer: Viewer, record: str, names: list[str]) -> None:
    """Tag a post with topics; those that aren't there yet are made."""
    writer = Saver(viewer.context)
    for name in dict.fromkeys(names):
        known = viewer.row("SELECT Id FROM Topic WHERE Name = ?", name)
        topic = known[0] if known else writer.insert("Topic", {"Name": name})
        assigned = "SELECT 1 FROM TopicAssignment WHERE TopicId = ? AND EntityId = ? AND IsDeleted = 0"
        if not viewer.row(assigned, topic, record):
            writer.insert("TopicAssignment", {"TopicId": topic, "EntityId": record})


def _topic(viewer: Viewer, row: Any) -> dict[str, Any]:
    record, name, description, created, talking = row
    return {
        "createdDate": moment(created),
        "description": description,
        "id": record,
        "name": name,
        "talkingAbout": talking,
        "url": viewer.url(f"connect/topics/{record}"),
    }
