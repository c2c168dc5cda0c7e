"""Chatter's resources, asked as a plain HTTP client."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.conftest import Web

RAW = {"X-Chatter-Entity-Encoding": "false"}


def ok(web: Web, method: str, path: str, status: int = 200, **options: Any) -> Any:
    answer = web.send(method, f"/v/{path}", **options)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(web: Web, method: str, path: str, **options: Any) -> tuple[int, str]:
    answer = web.send(method, f"/v/{path}", **options)
    return answer.status_code, answer.json()[0]["errorCode"]


def me(web: Web, token: str = "admin") -> str:
    return str(ok(web, "GET", "chatter/users/me", token=token)["id"])


def group(web: Web, name: str) -> str:
    return str(ok(web, "GET", "chatter/groups", params={"q": name})["groups"][0]["id"])


def body(*segments: dict[str, str]) -> dict[str, Any]:
    return {"messageSegments": list(segments)}


def text(words: str) -> dict[str, str]:
    return {"type": "Text", "text": words}


def post(web: Web, subject: str, *segments: dict[str, str], token: str = "admin", **more: Any) -> Any:
    given = {"feedElementType": "FeedItem", "subjectId": subject, "body": body(*segments), **more}
    return ok(web, "POST", "chatter/feed-elements", 201, json=given, token=token)


def ids(web: Web, feed: str, token: str = "admin", **query: str) -> list[str]:
    page = ok(web, "GET", f"chatter/feeds/{feed}/feed-elements", params={"pageSize": "100", **query}, token=token)
    return [element["id"] for element in page["elements"]]


def test_a_message_keeps_its_segments(web: Web) -> None:
    stan = me(web, "standard")
    made = post(
        web,
        "me",
        text("Hello "),
        {"type": "Mention", "id": stan},
        text(", see https://x.example/a?b=1. #E17 #[big deal]"),
        {"type": "Link", "url": "https://y.example"},
        {"type": "Hashtag", "tag": "two words"},
    )
    kinds = [(segment["type"], segment["text"]) for segment in made["body"]["messageSegments"]]
    assert kinds == [
        ("Text", "Hello "),
        ("Mention", "@Stan Standard"),
        ("Text", ", see "),
        ("Link", "https://x.example/a?b=1"),
        ("Text", ". "),
        ("Hashtag", "#E17"),
        ("Text", " "),
        ("Hashtag", "#big deal"),
        ("Text", " "),
        ("Link", "https://y.example"),
        ("Text", " "),
        ("Hashtag", "#two words"),
    ]
    assert made["body"]["messageSegments"][1]["record"]["id"] == stan
    assert made["body"]["text"] == "".join(words for _, words in kinds)
    assert [topic["name"] for topic in made["capabilities"]["topics"]["items"]] == ["big deal", "E17", "two words"]
    assert (
        ok(web, "GET", "connect/topics", params={"q": "TWO WORDS", "exactMatch": "true"})["topics"][0]["talkingAbout"]
        == 1
    )
    assert ok(web, "GET", f"chatter/feed-elements/{made['id']}")["body"] == made["body"]


def test_an_address_is_no_mention_and_a_fragment_no_topic(web: Web) -> None:
    made = post(web, "me", text("ask ada@demo.example about a#b and https://x.example/#top"))
    kinds = [segment["type"] for segment in made["body"]["messageSegments"]]
    assert kinds == ["Text", "Link"]


def test_text_is_encoded_unless_asked_raw(web: Web) -> None:
    words = "\"a\" & 'b' <c> \\d"
    made = post(web, "me", text(words))
    assert made["body"]["text"] == "&quot;a&quot; &amp; &#39;b&#39; &lt;c&gt; &#92;d"
    assert ok(web, "GET", f"chatter/feed-elements/{made['id']}", headers=RAW)["body"]["text"] == words


def test_feeds_have_their_owners(web: Web) -> None:
    ada, stan = me(web), me(web, "standard")
    to_stan = post(web, stan, text("for your profile"))["id"]
    mention = post(web, "me", text("see "), {"type": "mention", "username": "stan.standard@demo.example"})["id"]
    by_stan = post(web, "me", text("my own"), token="standard")["id"]
    assert {to_stan, mention} <= set(ids(web, "to/me", "standard"))
    assert by_stan not in ids(web, "to/me", "standard")
    ok(web, "POST", f"chatter/feed-elements/{by_stan}/capabilities/comments/items", 201, json={"body": body(text("!"))})
    assert by_stan in ids(web, "to/me", "standard")
    assert {to_stan, mention, by_stan} <= set(ids(web, f"user-profile/{stan}"))
    assert mention not in ids(web, "record/me")
    assert {to_stan, mention, by_stan} <= set(ids(web, "company"))
    assert to_stan in ids(web, "news/me", "standard")
    page = ok(web, "GET", "chatter/feeds/news/me/feed-elements")
    assert f"/feeds/news/{ada}/feed-elements" in page["currentPageUrl"]
    assert refused(web, "GET", f"chatter/feeds/news/{stan}/feed-elements") == (403, "INSUFFICIENT_ACCESS")
    assert refused(web, "GET", f"chatter/feeds/record/{stan}/feed-elements") == (403, "INSUFFICIENT_ACCESS")
    assert refused(web, "GET", "chatter/feeds/news/feed-elements/x")[0] == 404


def test_a_record_has_its_feed(web: Web) -> None:
    account = web.get("/v/query", params={"q": "SELECT Id FROM Account LIMIT 1"}).json()["records"][0]["Id"]
    made = post(web, account, text("on the account"))
    assert ids(web, f"record/{account}")[0] == made["id"]
    assert made["parent"]["id"] == account
    assert made["parent"]["type"] == "Account"
    rows = web.get("/v/query", params={"q": f"SELECT Body FROM AccountFeed WHERE Id = '{made['id']}'"}).json()
    assert rows["records"][0]["Body"] == "on the account"


def test_pages_skip_and_repeat_nothing_while_others_post(web: Web) -> None:
    whole = ids(web, "company")
    seen: list[str] = []
    url: str | None = "/services/data/v66.0/chatter/feeds/company/feed-elements?pageSize=15"
    while url:
        page = web.get(url).json()
        seen += [element["id"] for element in page["elements"]]
        url = page["nextPageUrl"]
        if len(seen) == 15:
            post(web, "me", text("in between"))
    assert seen[: len(whole)] == whole


def test_a_search_looks_into_posts_and_comments(web: Web) -> None:
    one = post(web, "me", text("The quokka is loose"))["id"]
    other = post(web, "me", text("What now?"))["id"]
    path = f"chatter/feed-elements/{other}/capabilities/comments/items"
    ok(web, "POST", path, 201, json={"body": body(text("Catch the quokka"))})
    found = ok(web, "GET", "chatter/feed-elements", params={"q": "QUOKKA the"})["elements"]
    assert {element["id"] for element in found} == {one, other}
    assert ids(web, "company", q="quok* loose") == [one]
    assert refused(web, "GET", "chatter/feed-elements") == (400, "MISSING_ARGUMENT")


def test_comments_and_likes(web: Web) -> None:
    item = post(web, "me", text("Like me"))["id"]
    path = f"chatter/feed-elements/{item}/capabilities"
    made = [
        ok(web, "POST", f"{path}/comments/items", 201, json={"body": body(text(f"c{number}"))}, token="standard")["id"]
        for number in range(5)
    ]
    like = ok(web, "POST", f"{path}/chatter-likes/items", 201, token="standard")
    again = ok(web, "POST", f"{path}/chatter-likes/items", 201, token="standard")
    assert like["id"] == again["id"]
    element = ok(web, "GET", f"chatter/feed-elements/{item}")
    page = element["capabilities"]["comments"]["page"]
    assert (page["total"], [comment["id"] for comment in page["items"]]) == (5, made[2:])
    following = web.get(page["nextPageUrl"]).json()
    assert ([comment["id"] for comment in following["items"]], following["nextPageUrl"]) == (made[:2], None)
    likes = element["capabilities"]["chatterLikes"]
    assert (likes["page"]["total"], likes["isLikedByCurrentUser"]) == (1, False)
    assert likes["likesMessage"]["text"] == "Stan Standard likes this."
    own = ok(web, "GET", f"{path}/chatter-likes", token="standard")
    assert (own["isLikedByCurrentUser"], own["likesMessage"]["text"]) == (True, "You like this.")
    assert refused(web, "DELETE", f"chatter/likes/{like['id']}") == (403, "INSUFFICIENT_ACCESS")
    ok(web, "PATCH", f"{path}/chatter-likes/items", params={"isLikedByCurrentUser": "false"}, token="standard")
    assert ok(web, "GET", f"{path}/chatter-likes/items")["total"] == 0
    assert ok(web, "POST", f"chatter/comments/{made[0]}/likes", 201)["likedItem"]["id"] == made[0]
    assert ok(web, "GET", f"chatter/comments/{made[0]}")["likes"]["total"] == 1
    assert ok(web, "GET", f"{path}/chatter-likes/items")["total"] == 0


def test_only_authors_and_administrators_delete(web: Web) -> None:
    item = post(web, "me", text("Mine"))["id"]
    assert refused(web, "DELETE", f"chatter/feed-elements/{item}", token="standard") == (403, "INSUFFICIENT_ACCESS")
    other = post(web, "me", text("Stan's"), token="standard")["id"]
    ok(web, "DELETE", f"chatter/feed-elements/{other}", 204)
    ok(web, "DELETE", f"chatter/feed-elements/{item}", 204)
    assert refused(web, "GET", f"chatter/feed-elements/{item}") == (404, "NOT_FOUND")


def test_a_private_group_is_for_its_members(web: Web) -> None:
    deals = group(web, "Deal Desk")
    item = post(web, deals, text("Secret discount"))["id"]
    for path in (f"chatter/feeds/record/{deals}/feed-elements", f"chatter/groups/{deals}/members"):
        assert refused(web, "GET", path, token="standard") == (403, "INSUFFICIENT_ACCESS")
    assert refused(web, "GET", f"chatter/feed-elements/{item}", token="standard") == (404, "NOT_FOUND")
    assert item not in ids(web, "company", "standard")
    assert item in ids(web, "company")
    given = {"feedElementType": "FeedItem", "subjectId": deals, "body": body(text("x"))}
    refusal = refused(web, "POST", "chatter/feed-elements", json=given, token="standard")
    assert refusal == (403, "INSUFFICIENT_ACCESS")
    path = f"chatter/groups/{deals}/members"
    joining = refused(web, "POST", path, json={"userId": me(web, "standard")}, token="standard")
    assert joining == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert ok(web, "POST", f"{path}/requests", 201, token="standard")["status"] == "Pending"
    assert ok(web, "GET", f"chatter/groups/{deals}", token="standard")["myRole"] == "PrivateRequested"


def test_joining_and_leaving_a_group(web: Web) -> None:
    service, stan = group(web, "Service Team"), me(web, "standard")
    before = ok(web, "GET", f"chatter/groups/{service}", token="standard")
    made = ok(web, "POST", f"chatter/groups/{service}/members", 201, json={"userId": stan}, token="standard")
    assert (made["role"], made["user"]["id"]) == ("StandardMember", stan)
    after = ok(web, "GET", f"chatter/groups/{service}", token="standard")
    assert (before["myRole"], after["myRole"]) == ("NotAMember", "StandardMember")
    assert after["memberCount"] == before["memberCount"] + 1
    own = ok(web, "GET", "chatter/users/me/groups", token="standard")
    assert [each["name"] for each in own["groups"]] == ["All Kestrel", "Service Team"]
    path = f"chatter/groups/{service}/members"
    assert refused(web, "POST", path, json={"userId": me(web)}, token="standard")[0] == 403
    ok(web, "DELETE", f"chatter/group-memberships/{made['id']}", 204, token="standard")
    assert ok(web, "GET", f"chatter/groups/{service}", token="standard")["myRole"] == "NotAMember"


def test_lists_have_numbered_pages(web: Web) -> None:
    first = ok(web, "GET", "chatter/users", params={"pageSize": "4"})
    second = web.get(first["nextPageUrl"]).json()
    assert [len(page["users"]) for page in (first, second)] == [4, 4]
    assert not {user["id"] for user in first["users"]} & {user["id"] for user in second["users"]}
    assert (second["currentPageToken"], second["previousPageToken"]) == (1, 0)
    assert [user["name"] for user in ok(web, "GET", "chatter/users", params={"q": "stan"})["users"]] == [
        "Stan Standard"
    ]


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", "chatter/feeds/record/x/feed-elements", (400, "INVALID_ID_FIELD")),
        ("GET", "chatter/feeds/topics/005000000000001/feed-elements", (400, "INVALID_ID_FIELD")),
        ("GET", "chatter/feed-elements/0D7000000000001", (400, "INVALID_ID_FIELD")),
        ("GET", "chatter/feed-elements/0D5000000000001", (404, "NOT_FOUND")),
        ("GET", "chatter/users/0F9000000000001", (400, "INVALID_ID_FIELD")),
        ("GET", "chatter/users/005000000000001", (404, "NOT_FOUND")),
        ("GET", "chatter/users?pageSize=0", (400, "ILLEGAL_QUERY_PARAMETER_VALUE")),
        ("GET", "chatter/feeds/company/feed-elements?pageSize=101", (400, "ILLEGAL_QUERY_PARAMETER_VALUE")),
        ("GET", "chatter/feeds/company/feed-elements?page=2", (400, "ILLEGAL_QUERY_PARAMETER_VALUE")),
        ("GET", "chatter/feeds/company/feed-elements?sort=Best", (400, "ILLEGAL_QUERY_PARAMETER_VALUE")),
        ("POST", "chatter/feed-elements", (400, "POST_BODY_PARSE_ERROR")),
        ("GET", "chatter/feeds/nothing/me/feed-elements", (404, "NOT_FOUND")),
    ],
)
def test_what_cannot_be(web: Web, method: str, path: str, refusal: tuple[int, str]) -> None:
    assert refused(web, method, path) == refusal


@pytest.mark.parametrize(
    "given",
    [
        {"subjectId": "me", "body": body(text("x"))},
        {"feedElementType": "FeedItem", "subjectId": "me"},
        {"feedElementType": "FeedItem", "subjectId": "me", "body": body(text("  "))},
        {"feedElementType": "FeedItem", "subjectId": "me", "body": body({"type": "Shout", "text": "x"})},
        {"feedElementType": "FeedItem", "subjectId": "me", "body": body({"type": "Mention", "id": "x"})},
        {"feedElementType": "FeedItem", "subjectId": "me", "body": body(text("x" * 10_001))},
        {"feedElementType": "FeedItem", "subjectId": "me", "body": body(text("x")), "visibility": "Nobody"},
        {"feedElementType": "FeedItem", "subjectId": "x", "body": body(text("x"))},
    ],
)
def test_what_cannot_be_posted(web: Web, given: dict[str, Any]) -> None:
    before = ids(web, "company")
    assert refused(web, "POST", "chatter/feed-elements", json=given)[0] == 400
    assert ids(web, "company") == before
