from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg, error, ok
from tests.tools.conftest import Call
from tests.tools.demo import Demo

POST = "0D5000000000001"


def test_a_post_is_where_it_belongs_and_says_what_it_should(demo: Demo, standard: Demo) -> None:
    stan = standard.structure("get_chatter_user")["id"]
    account = demo.structure("create_record", object="Account", data={"Name": "Chatty"})["id"]
    message = f"@[{stan}] <b>50%</b> off \\ 'today' for #[Chatty Deals], https://x.example/?a=1&b=2"
    made = demo.structure("post_to_chatter", subject_id=account, message=message, visibility="InternalUsers")
    assert made["mentions"] == [stan]
    assert made["topics"] == ["Chatty Deals"]
    assert made["visibility"] == "InternalUsers"
    stored = demo.rows(f"SELECT ParentId, Body, Visibility FROM FeedItem WHERE Id = '{made['id']}'")[0]
    assert (stored["ParentId"], stored["Visibility"]) == (account, "InternalUsers")
    assert stored["Body"].startswith("@Stan Standard <b>50%</b> off \\ 'today' for #[Chatty Deals], https://x.example")
    to_stan = standard.structure("get_chatter_feed", feed_type="to")
    assert made["id"] in [row[0] for row in to_stan["rows"]]


def test_a_like_counts_once_and_a_comment_reads_as_written(demo: Demo, standard: Demo) -> None:
    post = demo.structure("post_to_chatter", subject_id="me", message="Like this")["id"]
    first = standard.structure("like_feed_element", id=post)
    assert standard.structure("like_feed_element", id=post)["id"] == first["id"]
    words = 'It\'s <done> & "dusted"'
    comment = standard.structure("post_comment", id=post, message=words)
    assert comment["text"] == words
    demo.call("like_feed_element", id=comment["id"])
    answer = demo.structure("get_feed_element", id=post)
    assert answer["post"]["likes"] == "Stan Standard likes this."
    rows = answer["comments"]["rows"]
    assert [(row[2], row[3], row[4]) for row in rows] == [("Stan Standard", words, 1)]


def test_what_is_sent(org: ScriptedOrg, call: Call) -> None:
    org.on("POST chatter/feed-elements", ok({"id": POST, "body": {"text": "Hi"}}, 201))
    assert call("post_to_chatter", subject_id="me", message="Hi").as_dict()["id"] == POST
    segments = [{"type": "Text", "text": "Hi"}]
    body = {"feedElementType": "FeedItem", "subjectId": "me", "body": {"messageSegments": segments}}
    assert org.seen[-1].json() == body
    org.on(f"POST chatter/feed-elements/{POST}/capabilities/comments/items", ok({"id": "0D7000000000001"}, 201))
    call("post_comment", id=POST, message="Hi")
    assert org.seen[-1].json() == {"body": {"messageSegments": segments}}


def test_a_post_is_not_sent_twice_when_its_outcome_is_unknown(org: ScriptedOrg, call: Call) -> None:
    org.on("POST chatter/feed-elements", error(500, "UNKNOWN_EXCEPTION", "An unexpected error occurred."))
    with pytest.raises(SalesforceError):
        call("post_to_chatter", subject_id="me", message="Hi")
    assert org.count("POST", "feed-elements") == 1


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("post_to_chatter", {"subject_id": "you", "message": "x"}),
        ("post_to_chatter", {"subject_id": "me", "message": "x", "visibility": "Everyone"}),
        ("post_comment", {"id": "me", "message": "x"}),
        ("like_feed_element", {"id": "001000000000001AAA"}),
        ("get_feed_element", {"id": "x"}),
        ("get_chatter_user", {"id": "ada"}),
        ("get_chatter_group", {"id": "../x"}),
        ("join_chatter_group", {"id": ""}),
        ("list_chatter_groups", {"member": "x"}),
        ("list_topics", {"limit": 0}),
    ],
)
def test_wrong_arguments_never_leave(org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call(tool, **arguments)
    assert not org.seen


@pytest.mark.parametrize("visibility", ["PrivateAccess", "Unlisted"])
def test_a_group_that_is_not_public_is_asked(org: ScriptedOrg, call: Call, visibility: str) -> None:
    group = {"id": "0F9000000000001", "name": "Deals", "myRole": "NotAMember", "visibility": visibility}
    org.on("GET chatter/groups/0F9000000000001", ok(group))
    org.on("POST chatter/groups/0F9000000000001/members/requests", ok({"status": "Pending"}, 201))
    assert call("join_chatter_group", id="0F9000000000001").as_dict()["request"] == "Pending"


def test_recorded_groups_and_users_are_understood(org: ScriptedOrg, call: Call, recorded: Any) -> None:
    raw = recorded("GET chatter/groups", "chatter-groups-get-success-response")["groups"][0]
    row = call("list_chatter_groups").as_dict()["rows"][0]
    assert row[:4] == [raw["id"], raw["name"], raw["description"], "PublicAccess"]
    raw = recorded("GET chatter/users", "chatter-community-users")["users"][0]
    assert call("list_chatter_users").as_dict()["rows"][0][:2] == [raw["id"], raw["name"]]
    raw = recorded("GET chatter/users/me/groups", "chatter-users-groups-get-id-success-response")
    assert call("list_chatter_groups", member="me").as_dict()["total"] == raw["total"]
    raw = recorded("GET connect/topics", "chatter-doc-trending-topics")["topics"]
    assert [row[1] for row in call("list_topics").as_dict()["rows"]] == [topic["name"] for topic in raw]
