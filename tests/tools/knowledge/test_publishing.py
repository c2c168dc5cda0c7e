from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg
from tests.tools.conftest import Call
from tests.tools.demo import Demo

ARTICLE = "kA0000000000001"
_numbers = itertools.count(1)


@pytest.fixture
def article(demo: Demo) -> Iterator[str]:
    """A draft of our own."""
    made = demo.structure("create_knowledge_article", title="Own", url_name=f"own-{next(_numbers)}")
    assert made["status"] == "Draft"
    yield made["article_id"]
    if any(status == "Online" for status, _ in state(demo, made["article_id"])):
        demo.call("archive_knowledge_article", article_id=made["article_id"])
    while state(demo, made["article_id"]):
        demo.call("delete_knowledge_article", article_id=made["article_id"])


def state(demo: Demo, article: str) -> set[tuple[str, int]]:
    """Status and number of an article's versions."""
    soql = f"SELECT PublishStatus, VersionNumber FROM KnowledgeArticleVersion WHERE KnowledgeArticleId = '{article}'"
    return {(each["PublishStatus"], each["VersionNumber"]) for each in demo.rows(soql)}


def readers_see(demo: Demo, article: str) -> str | None:
    """The title that readers get."""
    try:
        title: str = demo.client.get(f"support/knowledgeArticles/{article}", headers={"Accept-Language": "en-US"})[
            "title"
        ]
    except SalesforceError:
        return None
    return title


def refused(demo: Demo, tool: str, **arguments: Any) -> SalesforceError:
    with pytest.raises(SalesforceError) as caught:
        demo.call(tool, **arguments)
    return caught.value


def test_published_changed_archived_restored(demo: Demo, standard: Demo, article: str) -> None:
    key = {"article_id": article}
    assert (state(demo, article), readers_see(standard, article)) == ({("Draft", 1)}, None)
    demo.call("publish_knowledge_article", **key)
    assert (state(demo, article), readers_see(standard, article)) == ({("Online", 1)}, "Own")
    demo.call("create_article_draft", **key)
    demo.call("update_knowledge_article", **key, title="Better", fields={"Summary": "s"})
    assert (state(demo, article), readers_see(standard, article)) == ({("Online", 1), ("Draft", 2)}, "Own")
    demo.call("publish_knowledge_article", **key, major=True)
    assert (state(demo, article), readers_see(standard, article)) == ({("Archived", 1), ("Online", 2)}, "Better")
    demo.call("archive_knowledge_article", **key)
    assert (state(demo, article), readers_see(standard, article)) == ({("Archived", 1), ("Archived", 2)}, None)
    restored = demo.structure("restore_knowledge_article", **key)
    assert demo.structure("get_knowledge_article", article_id=restored["version_id"])["Title"] == "Better"
    demo.call("publish_knowledge_article", article_id=restored["version_id"])
    assert readers_see(standard, article) == "Better"


def test_an_older_version_is_restored_by_its_number(demo: Demo, article: str) -> None:
    key = {"article_id": article}
    demo.call("publish_knowledge_article", **key)
    demo.call("create_article_draft", **key)
    demo.call("update_knowledge_article", **key, title="Worse")
    demo.call("publish_knowledge_article", **key, major=True)
    restored = demo.structure("restore_knowledge_article", **key, version_number=1)
    assert demo.structure("get_knowledge_article", article_id=restored["version_id"])["Title"] == "Own"
    error = refused(demo, "restore_knowledge_article", **key, version_number=1)
    assert error.code == "INVALID_OPERATION"


def test_an_online_article_is_not_deleted_and_the_error_says_what_to_do(demo: Demo, article: str) -> None:
    demo.call("publish_knowledge_article", article_id=article)
    error = refused(demo, "delete_knowledge_article", article_id=article)
    assert error.code == "INVALID_ARTICLE_STATE"
    assert "archive_knowledge_article" in str(error.hint)
    draft = demo.structure("create_article_draft", article_id=article)["version_id"]
    assert draft in str(refused(demo, "delete_knowledge_article", article_id=article).hint)
    demo.call("delete_knowledge_article", article_id=draft)
    assert state(demo, article) == {("Online", 1)}


@pytest.mark.parametrize(
    ("published", "tool", "arguments", "hint"),
    [
        (False, "archive_knowledge_article", {}, "Only an online article"),
        (False, "create_article_draft", {}, "restore_knowledge_article"),
        (False, "restore_knowledge_article", {}, "create_article_draft"),
        (True, "publish_knowledge_article", {}, "create_article_draft"),
        (True, "update_knowledge_article", {"title": "x"}, "create_article_draft"),
        (True, "restore_knowledge_article", {}, "create_article_draft"),
    ],
)
def test_what_the_state_does_not_allow(
    demo: Demo, article: str, published: bool, tool: str, arguments: dict[str, Any], hint: str
) -> None:
    if published:
        demo.call("publish_knowledge_article", article_id=article)
    before = state(demo, article)
    error = refused(demo, tool, article_id=article, **arguments)
    assert error.code == "INVALID_ARTICLE_STATE"
    assert hint in str(error.hint)
    assert state(demo, article) == before


def test_a_second_draft_is_refused_with_the_one_there_is(demo: Demo, article: str) -> None:
    demo.call("publish_knowledge_article", article_id=article)
    draft = demo.structure("create_article_draft", article_id=article)["version_id"]
    assert draft in str(refused(demo, "create_article_draft", article_id=article).hint)


def test_rights_hold(demo: Demo, standard: Demo, article: str) -> None:
    with pytest.raises(SalesforceError):
        standard.call("create_knowledge_article", title="x", url_name="not-mine")
    assert refused(standard, "publish_knowledge_article", article_id=article).code == "NOT_FOUND"
    demo.call("publish_knowledge_article", article_id=article)
    for tool in ("archive_knowledge_article", "create_article_draft"):
        assert refused(standard, tool, article_id=article).code == "INSUFFICIENT_ACCESS"
    assert state(demo, article) == {("Online", 1)}


def test_two_articles_cannot_have_one_url_name(demo: Demo, article: str) -> None:
    name = demo.rows(f"SELECT UrlName FROM Knowledge__kav WHERE KnowledgeArticleId = '{article}'")[0]["UrlName"]
    assert refused(demo, "create_knowledge_article", title="Other", url_name=name).code == "DUPLICATE_VALUE"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("create_knowledge_article", {"title": " ", "url_name": "x"}),
        ("create_knowledge_article", {"title": "x"}),
        ("create_knowledge_article", {"title": "x", "url_name": "x", "article_type": "Account"}),
        ("create_knowledge_article", {"title": "x", "url_name": "x", "article_type": "a/b__kav"}),
        ("create_knowledge_article", {"title": "x", "url_name": "x", "fields": {"Title": "y"}}),
        ("create_knowledge_article", {"title": "x", "url_name": "x", "fields": {"No good": "y"}}),
        ("update_knowledge_article", {"article_id": ARTICLE}),
        ("update_knowledge_article", {"article_id": "005000000000001", "title": "x"}),
        ("delete_knowledge_article", {"article_id": "x"}),
        ("restore_knowledge_article", {"article_id": ARTICLE, "version_number": 0}),
        ("publish_knowledge_article", {"article_id": f"{ARTICLE}' OR Id != '"}),
    ],
)
def test_wrong_arguments_never_leave(org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call(tool, **arguments)
    assert not org.seen
