"""Knowledge's resources, asked as a plain HTTP client."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.demo.conftest import Web

MANAGED = "/v/knowledgeManagement/articleVersions/masterVersions"
ENGLISH = {"Accept-Language": "en-US"}
_numbers = itertools.count(1)


def records(web: Web, soql: str, token: str = "admin") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = web.get("/v/query", params={"q": soql}, token=token).json()["records"]
    return found


class Article:
    """An article of our own, made as a draft."""

    def __init__(self, web: Web, title: str = "New") -> None:
        self.web = web
        data = {"Title": title, "UrlName": f"made-{next(_numbers)}", "IsVisibleInPkb": True}
        answer = web.post("/v/sobjects/Knowledge__kav", json=data)
        assert answer.status_code == 201, answer.text
        self.first = answer.json()["id"]
        found = records(web, f"SELECT KnowledgeArticleId FROM Knowledge__kav WHERE Id = '{self.first}'")
        self.id = found[0]["KnowledgeArticleId"]

    def versions(self) -> dict[str, tuple[str, int, bool]]:
        fields = "Id, PublishStatus, VersionNumber, IsLatestVersion"
        found = records(self.web, f"SELECT {fields} FROM Knowledge__kav WHERE KnowledgeArticleId = '{self.id}'")
        return {each["Id"]: (each["PublishStatus"], each["VersionNumber"], each["IsLatestVersion"]) for each in found}

    def change(self, version: str, **given: Any) -> int:
        return self.web.send("PATCH", f"{MANAGED}/{version}", json=given).status_code

    def draft(self, **given: Any) -> str:
        answer = self.web.post(MANAGED, json={"articleId": self.id, **given})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def delete(self, version: str) -> int:
        return self.web.send("DELETE", f"{MANAGED}/{version}").status_code

    @property
    def online(self) -> bool:
        return self.web.get(f"/v/support/knowledgeArticles/{self.id}", headers=ENGLISH).status_code == 200


def test_the_life_of_an_article(web: Web) -> None:
    article = Article(web)
    first = article.first
    assert (article.versions(), article.online) == ({first: ("Draft", 1, True)}, False)
    assert article.change(first, publishStatus="online") == 204
    assert (article.versions(), article.online) == ({first: ("Online", 1, True)}, True)
    second = article.draft()
    assert article.versions() == {first: ("Online", 1, True), second: ("Draft", 2, True)}
    assert article.change(second, publishStatus="Online", versionNumber="NextVersion") == 204
    assert article.versions() == {first: ("Archived", 1, False), second: ("Online", 2, True)}
    assert article.change(second, publishStatus="Archived") == 204
    assert (article.versions()[second], article.online) == (("Archived", 2, True), False)
    third = article.draft()
    assert article.versions()[second] == ("Archived", 2, False)
    assert article.versions()[third] == ("Draft", 3, True)
    assert article.change(third, publishStatus="Online") == 204
    assert (article.versions()[third], article.online) == (("Online", 3, True), True)


def test_a_minor_change_leaves_no_old_version(web: Web) -> None:
    article = Article(web)
    article.change(article.first, publishStatus="Online")
    draft = article.draft()
    assert article.change(draft, publishStatus="Online", title="Better") == 204
    assert article.versions() == {draft: ("Online", 1, True)}
    read = web.get(f"/v/support/knowledgeArticles/{article.id}", headers=ENGLISH).json()
    assert (read["title"], read["versionNumber"]) == ("Better", 1)


def test_an_old_version_comes_back_as_a_draft(web: Web) -> None:
    article = Article(web, "First words")
    article.change(article.first, publishStatus="Online")
    article.change(article.draft(), publishStatus="Online", versionNumber="NextVersion", title="Second words")
    draft = article.draft(versionNumber=1)
    assert records(web, f"SELECT Title FROM Knowledge__kav WHERE Id = '{draft}'")[0]["Title"] == "First words"
    assert sorted(status for status, _, _ in article.versions().values()) == ["Archived", "Draft", "Online"]
    assert web.post(MANAGED, json={"articleId": article.id, "versionNumber": 1}).status_code == 400


def test_a_draft_takes_its_categories_along(web: Web) -> None:
    article = Article(web)
    filed = {"ParentId": article.first, "DataCategoryGroupName": "Product", "DataCategoryName": "Pumps"}
    assert web.post("/v/sobjects/Knowledge__DataCategorySelection", json=filed).status_code == 201
    article.change(article.first, publishStatus="Online")
    draft = article.draft()
    copied = f"SELECT DataCategoryName FROM Knowledge__DataCategorySelection WHERE ParentId = '{draft}'"
    assert [each["DataCategoryName"] for each in records(web, copied)] == ["Pumps"]


def test_only_drafts_and_archived_versions_are_deleted(web: Web) -> None:
    article = Article(web)
    article.change(article.first, publishStatus="Online")
    assert article.delete(article.first) == 400
    assert web.send("DELETE", f"/v/sobjects/Knowledge__kav/{article.first}").status_code == 400
    assert article.delete(article.draft()) == 204
    article.change(article.first, publishStatus="Archived")
    assert article.delete(article.first) == 204
    assert article.versions() == {}
    assert records(web, f"SELECT Id FROM KnowledgeArticle WHERE Id = '{article.id}'") == []


def test_what_an_articles_state_does_not_allow(web: Web) -> None:
    article = Article(web)
    assert article.change(article.first, publishStatus="Archived") == 400
    assert article.change(article.first, publishStatus="Nowhere") == 400
    assert article.change(article.first) == 400
    assert article.change("ka0000000000001AAA", publishStatus="Online") == 404
    assert web.post(MANAGED, json={"articleId": article.id}).status_code == 400
    article.change(article.first, publishStatus="Online")
    assert article.change(article.first, publishStatus="Online") == 400
    article.draft()
    assert web.post(MANAGED, json={"articleId": article.id}).status_code == 400
    assert article.change(article.first, publishStatus="draft") == 400


def test_managing_articles_takes_a_right(web: Web) -> None:
    article = Article(web)
    for method, path, given in (
        ("PATCH", f"{MANAGED}/{article.first}", {"publishStatus": "Online"}),
        ("POST", MANAGED, {"articleId": article.id}),
        ("DELETE", f"{MANAGED}/{article.first}", None),
    ):
        assert web.send(method, path, json=given, token="standard").status_code == 403
    soql = f"SELECT Id FROM KnowledgeArticleVersion WHERE Id = '{article.first}'"
    assert (len(records(web, soql)), len(records(web, soql, "standard"))) == (1, 0)
    statuses = "SELECT PublishStatus FROM Knowledge__kav GROUP BY PublishStatus"
    assert [each["PublishStatus"] for each in records(web, statuses, "standard")] == ["Online"]


def listed(web: Web, language: str = "en-US", **query: str) -> list[dict[str, Any]]:
    headers = {"Accept-Language": language}
    answer = web.get("/v/support/knowledgeArticles", headers=headers, params={"pageSize": "100", **query})
    assert answer.status_code == 200, answer.text
    return list(answer.json()["articles"])


def test_articles_are_listed_by_language_and_channel(web: Web) -> None:
    def expected(condition: str) -> set[str]:
        soql = f"SELECT Title FROM Knowledge__kav WHERE PublishStatus = 'Online' AND {condition}"
        return {each["Title"] for each in records(web, soql)}

    assert {each["title"] for each in listed(web)} == expected("Language = 'en_US'")
    assert {each["title"] for each in listed(web, "de")} == expected("Language = 'de'")
    public = expected("Language = 'en_US' AND IsVisibleInPkb = true")
    assert {each["title"] for each in listed(web, channel="Pkb")} == public


def test_lists_are_sorted_and_paged(web: Web) -> None:
    titles = [each["title"] for each in listed(web, sort="Title", order="ASC")]
    assert titles == sorted(titles, key=str.lower)
    seen: list[str] = []
    url: str | None = "/services/data/v66.0/support/knowledgeArticles?pageSize=7&sort=Title&order=ASC"
    while url:
        page = web.get(url, headers=ENGLISH).json()
        seen += [each["title"] for each in page["articles"]]
        url = page["nextPageUrl"]
    assert seen == titles
    dates = [each["lastPublishedDate"] for each in listed(web)]
    assert dates == sorted(dates, reverse=True)


def test_lists_are_searched_and_filtered_by_category(web: Web) -> None:
    assert [each["title"] for each in listed(web, q="vibration")] == ["Reducing vibration above 60% load"]
    assert [each["title"] for each in listed(web, q="vibr*")] == ["Reducing vibration above 60% load"]
    assert listed(web, q="nosuchword") == []
    spare = {each["title"] for each in listed(web, categories='{"Product": "Spare_Parts"}')}
    assert spare == {"Replacing the starter battery", "Which filters fit which model"}
    germany = {each["title"] for each in listed(web, categories='{"Geography": "Germany"}', queryMethod="AT")}
    assert germany == {"Noise limits in residential areas", "Running in parallel with the grid"}


def test_reading_counts_unless_told_not_to(web: Web) -> None:
    path = f"/v/support/knowledgeArticles/{listed(web, q='vibration')[0]['id']}"

    def views(**query: str) -> int:
        return int(web.get(path, headers=ENGLISH, params=query, token="standard").json()["allViewCount"])

    before = views(updateViewStat="false")
    assert [views(), views(), views(updateViewStat="false")] == [before + 1, before + 2, before + 2]


def test_an_article_is_found_by_its_url_name(web: Web) -> None:
    path = "/v/support/knowledgeArticles/oil-leak"
    assert web.get(path, headers=ENGLISH).status_code == 404
    read = web.get(path, headers=ENGLISH, params={"isUrlName": "true"}).json()
    assert read["title"] == "Is it safe to run with an oil leak?"
    items = {item["name"]: (item["type"], item["value"]) for item in read["layoutItems"]}
    assert items["Language"] == ("PICK_LIST", "en_US")
    assert items["IsOutOfDate"] == ("CHECKBOX", "false")
    assert items["Answer__c"][0] == "RICH_TEXT_AREA"


@pytest.mark.parametrize("language", [None, "english", "it", "de,en"])
def test_a_language_of_the_org_has_to_be_named(web: Web, language: str | None) -> None:
    headers = {"Accept-Language": language}
    answer = web.get("/v/support/knowledgeArticles", headers=headers)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_LANGUAGE")


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"pageSize": "101"}, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"pageNumber": "0"}, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"channel": "Web"}, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"sort": "Summary"}, "ILLEGAL_QUERY_PARAMETER_VALUE"),
        ({"categories": "Product"}, "ARGUMENT_OBJECT_PARSE_ERROR"),
        ({"categories": '{"Product":"Pumps","Product":"Generators"}'}, "ARGUMENT_OBJECT_PARSE_ERROR"),
        ({"categories": '{"Product":"Nothing"}'}, "INVALID_FILTER_VALUE"),
    ],
)
def test_wrong_filters_are_refused(web: Web, query: dict[str, str], code: str) -> None:
    answer = web.get("/v/support/knowledgeArticles", headers=ENGLISH, params=query)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, code)


def test_settings_and_categories(web: Web) -> None:
    settings = web.get("/v/knowledgeManagement/settings").json()
    assert [each["name"] for each in settings["languages"]] == ["en_US", "de", "fr"]
    query = {"sObjectName": "KnowledgeArticleVersion"}
    groups = web.get("/v/support/dataCategoryGroups", params=query).json()["categoryGroups"]
    assert [each["name"] for each in groups] == ["Geography", "Product"]
    assert groups[0]["topCategories"][0]["childCategories"] is None
    whole = web.get("/v/support/dataCategoryGroups", params={**query, "topCategoriesOnly": "false"}).json()
    below = whole["categoryGroups"][0]["topCategories"][0]["childCategories"]
    assert [each["name"] for each in below] == ["North_America", "Europe", "Asia"]
    assert web.get(below[1]["url"]).json()["childCategories"][0]["name"] == "France"
    assert web.get("/v/support/dataCategoryGroups").status_code == 400


def titles(web: Web, q: str, token: str = "admin", **query: str) -> list[str]:
    given = {"q": q, "language": "en_US", "publishStatus": "Online", **query}
    answer = web.get("/v/search/suggestTitleMatches", params=given, token=token)
    assert answer.status_code == 200, answer.text
    return [each["Title"] for each in answer.json()["autoSuggestResults"]]


def test_titles_are_suggested(web: Web) -> None:
    assert titles(web, "starter bat") == ["Replacing the starter battery"]
    assert titles(web, "the starter bat") == ["Replacing the starter battery"]
    assert titles(web, '"coolant*"') == ["Error E-42: coolant sensor"]
    assert titles(web, "starter bat sensor") == []
    assert titles(web, "st") == []
    assert titles(web, "error", limit="1") == ["Error E-42: coolant sensor"]
    assert titles(web, "error", articleTypes="ka9") == []
    assert titles(web, "hybrid", publishStatus="Draft") == ["Hybrid systems with battery storage (draft)"]
    assert titles(web, "hybrid", "standard", publishStatus="Draft") == []


def test_searches_are_suggested(web: Web) -> None:
    def suggested(q: str, language: str = "en_US") -> list[str]:
        answer = web.get("/v/search/suggestSearchQueries", params={"q": q, "language": language}).json()
        return [text for each in answer["autoSuggestResults"] for text in each.values()]

    assert suggested("err") == ["error e-17", "error e-42"]
    assert suggested("rator") == []
    assert suggested("feh", "de") == ["fehler e-17", "fehler e-42"]
    listed(web, q="flux capacitor")
    assert suggested("capac") == ["flux capacitor"]


@pytest.mark.parametrize(
    "query", [{}, {"q": "oil"}, {"q": "x" * 251, "language": "de"}, {"q": "oil", "language": "xx"}]
)
def test_suggestions_need_words_and_a_language(web: Web, query: dict[str, str]) -> None:
    for resource in ("suggestTitleMatches", "suggestSearchQueries"):
        given = {**query, "publishStatus": "Online"}
        assert web.get(f"/v/search/{resource}", params=given).status_code == 400
