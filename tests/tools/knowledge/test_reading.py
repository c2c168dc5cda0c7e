from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.salesforce.scripted import ScriptedOrg, ok, page
from tests.tools.conftest import Call
from tests.tools.demo import Demo

ARTICLE = "kA0xx000000000LCAQ"


def titles(demo: Demo, **arguments: Any) -> list[str]:
    table = demo.structure("list_knowledge_articles", page_size=100, **arguments)
    place = next(index for index, name in enumerate(table["columns"]) if name.lower() == "title")
    return [row[place] for row in table["rows"]]


def test_online_articles_are_those_of_the_language(demo: Demo) -> None:
    for language in ("en_US", "de"):
        soql = f"SELECT Title FROM Knowledge__kav WHERE PublishStatus = 'Online' AND Language = '{language}'"
        expected = sorted(each["Title"] for each in demo.rows(soql))
        assert sorted(titles(demo, language=language)) == expected
    assert titles(demo) == titles(demo, language="en-US")


def test_drafts_and_archived_ones_are_for_those_who_manage_them(demo: Demo, standard: Demo) -> None:
    drafts = "SELECT Title FROM KnowledgeArticleVersion WHERE PublishStatus = 'Draft' AND Language = 'en_US'"
    assert sorted(titles(demo, status="Draft")) == sorted(each["Title"] for each in demo.rows(drafts))
    assert titles(demo, status="Draft", q="hybrid") == ["Hybrid systems with battery storage (draft)"]
    assert "Warranty terms since 2019" in titles(demo, status="Archived")
    assert titles(standard, status="Draft") == titles(standard, status="Archived") == []
    assert titles(standard) == titles(demo)


def test_pages_go_on_in_the_same_language(demo: Demo) -> None:
    whole = titles(demo, language="de")
    table = demo.structure("list_knowledge_articles", language="de", page_size=2)
    seen = [row[2] for row in table["rows"]]
    while table["cursor"]:
        table = demo.structure("list_knowledge_articles", cursor=table["cursor"])
        seen += [row[2] for row in table["rows"]]
    assert seen == whole
    assert len(seen) > 2


def test_hostile_words_are_only_looked_for(demo: Demo) -> None:
    for q in ("' OR Title != '", "{battery}", 'a"b', "x\\", "%", "battery\n) RETURNING User(Id"):
        for status in ("Online", "Draft"):
            found: list[str] = []
            with suppress(SalesforceError):
                found = titles(demo, q=q, status=status)
            assert len(found) < 10


def test_reading_for_others_is_no_view(demo: Demo) -> None:
    table = demo.structure("list_knowledge_articles", q="vibration")
    article = table["rows"][0][0]
    before = demo.structure("get_knowledge_article", article_id=article)["views"]
    assert demo.structure("get_knowledge_article", article_id=article)["views"] == before


def test_an_article_is_read_in_a_language_or_by_its_version(demo: Demo) -> None:
    soql = (
        "SELECT Id, KnowledgeArticleId, Title FROM Knowledge__kav"
        " WHERE Language = 'de' AND PublishStatus = 'Online' LIMIT 1"
    )
    german = demo.rows(soql)[0]
    article = german["KnowledgeArticleId"]
    assert demo.structure("get_knowledge_article", article_id=article, language="de")["title"] == german["Title"]
    assert demo.structure("get_knowledge_article", article_id=article)["title"] != german["Title"]
    assert demo.structure("get_knowledge_article", article_id=german["Id"])["Title"] == german["Title"]


def test_what_is_not_online_is_read_as_a_record(demo: Demo, standard: Demo) -> None:
    archived = demo.rows("SELECT KnowledgeArticleId FROM Knowledge__kav WHERE Title LIKE 'Warranty terms%'")[0]
    key = {"article_id": archived["KnowledgeArticleId"]}
    assert demo.structure("get_knowledge_article", **key)["PublishStatus"] == "Archived"
    with pytest.raises(SalesforceError) as refused:
        standard.call("get_knowledge_article", **key)
    assert refused.value.code == "NOT_FOUND"


def test_the_language_is_the_users_own_unless_given(org: ScriptedOrg, call: Call) -> None:
    org.on("GET /services/oauth2/userinfo", ok({"language": "de", "locale": "de_DE"}))
    org.on("GET support/knowledgeArticles", ok({"articles": [], "nextPageUrl": None, "pageNumber": 1}))
    call("list_knowledge_articles")
    assert org.seen[-1].headers["Accept-Language"] == "de"
    call("list_knowledge_articles", language="pt-br", q="a&b", channel="Csp", page_size=5)
    assert org.seen[-1].headers["Accept-Language"] == "pt-BR"
    assert org.seen[-1].query == {"q": "a&b", "channel": "Csp", "pageSize": "5"}
    assert org.count("GET", "userinfo") == 1


def test_a_printed_article_is_understood(recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call) -> None:
    raw = recorded(f"GET support/knowledgeArticles/{ARTICLE}", "knowledge-doc-articles-details")
    article = call("get_knowledge_article", article_id=ARTICLE, language="en_US").as_dict()
    assert (article["title"], article["versionNumber"], article["views"]) == (raw["title"], 7, 17)
    assert article["IsOutOfDate"] == "false"
    assert org.seen[-1].query == {"updateViewStat": "false"}


def test_suggestions_are_understood(org: ScriptedOrg, call: Call) -> None:
    results = {"autoSuggestResults": [{"0": "apple", "1": "apple banana"}], "hasMoreResults": True}
    org.on("GET search/suggestSearchQueries", ok(results))
    table = call("search_suggestions", q="app", language="en_US", channel="Pkb").as_dict()
    assert ([row[0] for row in table["rows"]], table["total"]) == (["apple", "apple banana"], None)
    assert org.seen[-1].query == {"q": "app", "language": "en_US", "channel": "Pkb"}
    article = {"attributes": {}, "Id": "ka0", "UrlName": "u", "Title": "t", "KnowledgeArticleId": "kA0"}
    org.on("GET search/suggestTitleMatches", ok({"autoSuggestResults": [article], "hasMoreResults": False}))
    org.on("GET sobjects/FAQ__kav/describe", ok({"name": "FAQ__kav", "keyPrefix": "ka7", "fields": []}))
    given = {"q": "app", "language": "de", "publish_status": "Draft", "article_type": "FAQ__kav"}
    assert call("suggest_article_titles", **given).as_dict()["rows"] == [["kA0", "ka0", "t", "u"]]
    assert org.seen[-1].query == {"q": "app", "language": "de", "publishStatus": "Draft", "articleTypes": "ka7"}


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_knowledge_articles", {"channel": "Web"}),
        ("list_knowledge_articles", {"page_size": 101}),
        ("list_knowledge_articles", {"language": "English"}),
        ("list_knowledge_articles", {"language": "en\r\nX: y"}),
        ("list_knowledge_articles", {"status": "Deleted"}),
        ("get_knowledge_article", {"article_id": "001000000000001"}),
        ("get_knowledge_article", {"article_id": "oil-leak"}),
        ("get_knowledge_article", {"article_id": f"{ARTICLE}/../x"}),
        ("search_suggestions", {"q": "x" * 251, "language": "de"}),
        ("search_suggestions", {"q": "", "language": "de"}),
        ("search_suggestions", {"q": "oil"}),
        ("suggest_article_titles", {"q": "oil", "language": "de", "publish_status": "online"}),
        ("suggest_article_titles", {"q": "oil", "language": "de", "publish_status": "Online", "article_type": "Case"}),
    ],
)
def test_wrong_arguments_never_leave(org: ScriptedOrg, call: Call, tool: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        call(tool, **arguments)
    assert not org.seen


def test_the_ids_reach_soql_bound(org: ScriptedOrg, call: Call) -> None:
    org.on("GET query", page())
    with pytest.raises(SalesforceError, match="no article"):
        call("publish_knowledge_article", article_id=ARTICLE)
    assert org.seen[-1].query["q"].endswith(f"WHERE KnowledgeArticleId = '{ARTICLE}' ORDER BY VersionNumber DESC")
