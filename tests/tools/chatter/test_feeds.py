from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

ACCOUNT = "001000000000001AAA"
GROUP = "0F9000000000001"
USER = "005000000000001"


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"feed_type": "news"}, "news/me/feed-elements"),
        ({"feed_type": "news", "subject_id": "ME"}, "news/me/feed-elements"),
        ({"feed_type": "to"}, "to/me/feed-elements"),
        ({"feed_type": "company"}, "company/feed-elements"),
        ({"feed_type": "record", "subject_id": ACCOUNT}, f"record/{ACCOUNT}/feed-elements"),
        ({"feed_type": "group", "subject_id": GROUP}, f"record/{GROUP}/feed-elements"),
        ({"feed_type": "user-profile"}, "user-profile/me/feed-elements"),
        ({"feed_type": "user-profile", "subject_id": USER}, f"user-profile/{USER}/feed-elements"),
    ],
)
def test_a_feed_has_its_owner(org: ScriptedOrg, call: Call, arguments: dict[str, str], path: str) -> None:
    org.on(f"GET chatter/feeds/{path}", ok({"elements": [], "nextPageUrl": None}))
    assert call("get_chatter_feed", **arguments).as_dict()["total"] == 0
    assert org.seen[-1].headers["X-Chatter-Entity-Encoding"] == "false"


@pytest.mark.parametrize(
    "arguments",
    [
        {"feed_type": "record"},
        {"feed_type": "group"},
        {"feed_type": "group", "subject_id": ACCOUNT},
        {"feed_type": "group", "subject_id": "me"},
        {"feed_type": "news", "subject_id": USER},
        {"feed_type": "to", "subject_id": USER},
        {"feed_type": "company", "subject_id": USER},
        {"feed_type": "user-profile", "subject_id": ACCOUNT},
        {"feed_type": "record", "subject_id": "../../limits"},
        {"feed_type": "everything"},
        {"feed_type": "company", "limit": 101},
        {"feed_type": "company", "cursor": "next/aaaa"},
    ],
)
def test_a_feed_without_its_owner_is_never_asked_for(org: ScriptedOrg, call: Call, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call("get_chatter_feed", **arguments)
    assert not org.seen


@pytest.mark.parametrize(
    "case", ["chatter-news-feed-items-get-success-response", "chatter-chatterbackbone-news-feed-data"]
)
def test_recorded_pages_are_understood(recorded: Callable[[str, str], Any], call: Call, case: str) -> None:
    """Of versions before 31.0, where items, comments and likes lay elsewhere."""
    raw = recorded("GET chatter/feeds/news/me/feed-elements", case)
    table = call("get_chatter_feed", feed_type="news").as_dict()
    assert [row[0] for row in table["rows"]] == [item["id"] for item in raw["items"]]
    shown = [dict(zip(table["columns"], row, strict=True)) for row in table["rows"]]
    for item, row in zip(raw["items"], shown, strict=True):
        assert (row["author"], row["parentId"]) == (item["actor"]["name"], item["parent"]["id"])
        assert (row["text"], row["created"]) == (item["body"]["text"], item["createdDate"])
        assert (row["likes"], row["comments"]) == (item["likes"]["total"], item["comments"]["total"])


def test_a_recorded_post_is_understood(recorded: Callable[[str, str], Any], call: Call) -> None:
    post = "0D5x00000001g6tCAA"
    raw = recorded(f"GET chatter/feed-elements/{post}", "chatter-feed-items-get-id-success-response")
    answer = call("get_feed_element", id=post).as_dict()
    assert answer["post"]["text"] == "I love #frogs"
    assert [row[0] for row in answer["comments"]["rows"]] == [each["id"] for each in raw["comments"]["comments"]]


def test_pages_go_on_where_they_ended(demo: Demo) -> None:
    whole = [row[0] for row in demo.structure("get_chatter_feed", feed_type="company", limit=100)["rows"]]
    table = demo.structure("get_chatter_feed", feed_type="company", limit=33)
    seen = [row[0] for row in table["rows"]]
    while table["cursor"] and len(seen) < len(whole):
        table = demo.structure("get_chatter_feed", feed_type="company", cursor=table["cursor"])
        seen += [row[0] for row in table["rows"]]
    assert seen[: len(whole)] == whole


def test_a_page_cut_by_the_budget_goes_on_with_the_next_row(demo: Demo) -> None:
    from salesforce_mcp.server.render import render
    from salesforce_mcp.tools import registry

    tool = registry.load()["get_chatter_feed"]
    page = demo.call("get_chatter_feed", feed_type="company", limit=50)
    whole = [row[0] for row in page.as_dict()["rows"]]
    shown = render(page, tool, demo.pages, 1_200).result.as_dict()
    seen = [row[0] for row in shown["rows"]]
    assert 0 < len(seen) < 50
    rest = demo.structure("get_chatter_feed", feed_type="company", cursor=shown["cursor"])
    assert seen + [row[0] for row in rest["rows"]] == whole
    following = demo.structure("get_chatter_feed", feed_type="company", cursor=rest["cursor"])
    assert not {row[0] for row in following["rows"]} & set(whole)


def test_a_cursor_is_for_its_own_list(demo: Demo) -> None:
    cursor = demo.structure("get_chatter_feed", feed_type="company", limit=1)["cursor"]
    for tool, more in (
        ("list_topics", {}),
        ("list_chatter_users", {}),
        ("get_feed_element", {"id": "0D5000000000001"}),
        ("list_knowledge_articles", {}),
    ):
        with pytest.raises(ArgumentError, match="another list"):
            demo.call(tool, **more, cursor=cursor)


def test_further_comments(demo: Demo) -> None:
    post = demo.structure("post_to_chatter", subject_id="me", message="Many words")["id"]
    made = [demo.structure("post_comment", id=post, message=f"c{number}")["id"] for number in range(30)]
    comments = demo.structure("get_feed_element", id=post)["comments"]
    assert ([row[0] for row in comments["rows"]], comments["total"]) == (made[5:], 30)
    older = demo.structure("get_feed_element", id=post, cursor=comments["cursor"])
    assert [row[0] for row in older["rows"]] == made[:5]


def test_a_private_groups_feed_is_refused(demo: Demo, standard: Demo) -> None:
    deals = demo.structure("list_chatter_groups", q="Deal Desk")["rows"][0][0]
    assert demo.structure("get_chatter_feed", feed_type="group", subject_id=deals)["rows"]
    with pytest.raises(SalesforceError) as refused:
        standard.call("get_chatter_feed", feed_type="group", subject_id=deals)
    assert refused.value.code == "INSUFFICIENT_ACCESS"
