"""Knowledge articles: published, translated, drafted and archived versions, their categories and cases."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.seeding.customers import World
from salesforce_mcp.demo.seeding.writer import DAY, Writer, load

_VERSION = (
    "Id KnowledgeArticleId OwnerId IsLatestVersion IsMasterLanguage ValidationStatus PublishStatus VersionNumber"
    " FirstPublishedDate LastPublishedDate ArchivedById ArchivedDate IsVisibleInPkb IsVisibleInCsp Language Title"
    " UrlName Summary Question__c Answer__c MasterVersionId ArticleTotalViewCount"
)


def seed(writer: Writer, world: World) -> None:
    """Every fifth published article has an archived first version, every seventh a draft of the next one."""
    articles = load("articles")
    author = writer.users["sofia"]
    parents: list[tuple[Any, ...]] = []
    versions: list[tuple[Any, ...]] = []
    selections: list[tuple[Any, ...]] = []
    for number, (record, article) in enumerate(
        zip(writer.ids("KnowledgeArticle", len(articles)), articles, strict=True)
    ):
        status = article.get("status", "Online")
        created = -(500 - number * 15) * DAY + 900
        published = created + 3 * DAY
        last = published + 100 * DAY if number % 5 == 0 and status == "Online" else published
        archived = writer.stamp(published + 30 * DAY) if status == "Archived" else None
        draft = status == "Draft"
        parents.append(
            (
                record, f"{1000 + number:09d}", "en_US", None if draft else writer.stamp(published),
                None if draft else writer.stamp(last), archived, author if archived else None,
                writer.stamp(created), author, writer.stamp(last), author,
            )
        )  # fmt: skip
        for version in _versions(article, number, status):
            version_id = writer.ids("Knowledge__kav", 1)[0]
            moment = writer.stamp(created if version["PublishStatus"] == "Draft" else last)
            online = version["PublishStatus"] != "Draft"
            gone = version["PublishStatus"] == "Archived"
            master = versions[-1][0] if version["Language"] != "en_US" else None
            versions.append(
                (
                    version_id, record, author, version["IsLatestVersion"], version["Language"] == "en_US",
                    "Validated" if online else "Not Validated", version["PublishStatus"], version["VersionNumber"],
                    writer.stamp(published) if online else None, moment if online else None, author if gone else None,
                    moment if gone else None, number % 3 == 0, number % 2 == 0, version["Language"], version["Title"],
                    version["UrlName"], article["summary"], article["question"], article["answer"], master,
                    (37 * number) % 400, writer.stamp(created), author, moment, author,
                )
            )  # fmt: skip
            for group, category in (("Geography", article["geography"]), ("Product", article["product"])):
                selection = writer.ids("Knowledge__DataCategorySelection", 1)[0]
                selections.append((selection, version_id, group, category.replace(" ", "_"), moment))
    writer.insert_audited(
        "KnowledgeArticle",
        "Id ArticleNumber MasterLanguage FirstPublishedDate LastPublishedDate ArchivedDate ArchivedById",
        parents,
    )
    writer.counts["KnowledgeArticle.ArticleNumber"] = 1000 + len(parents) - 1
    writer.insert_audited("Knowledge__kav", _VERSION, versions)
    writer.insert(
        "Knowledge__DataCategorySelection",
        "Id ParentId DataCategoryGroupName DataCategoryName SystemModstamp",
        selections,
    )
    _attach(writer, world, [parent[0] for parent in parents[:12]])


def _versions(article: dict[str, str], number: int, status: str) -> list[dict[str, Any]]:
    """The versions of an article, the older first; a translation follows its master."""
    base = {"Language": "en_US", "Title": article["title"], "UrlName": article["url"]}
    online = status == "Online"
    made: list[dict[str, Any]] = []
    if online and number % 5 == 0:
        made.append({**base, "PublishStatus": "Archived", "VersionNumber": 1, "IsLatestVersion": 0})
    current = 2 if made else 1
    made.append({**base, "PublishStatus": status, "VersionNumber": current, "IsLatestVersion": 1})
    if "de" in article:
        translated = {"Language": "de", "Title": article["de"], "UrlName": f"{article['url']}-de"}
        made.append({**translated, "PublishStatus": "Online", "VersionNumber": 1, "IsLatestVersion": 1})
    if online and number % 7 == 3:
        made.append({**base, "PublishStatus": "Draft", "VersionNumber": current + 1, "IsLatestVersion": 1})
    return made


def _attach(writer: Writer, world: World, articles: list[str]) -> None:
    agent = writer.users["lena"]
    rows = []
    for number, record in enumerate(writer.ids("CaseArticle", 60)):
        stamp = writer.stamp(writer.past(30))
        article = articles[number % len(articles)]
        rows.append(
            (
                record,
                world.cases[number * 7 % len(world.cases)],
                article,
                1,
                number % 3 == 0,
                stamp,
                agent,
                stamp,
                agent,
            )
        )
    writer.insert_audited("CaseArticle", "Id CaseId KnowledgeArticleId ArticleVersionNumber IsSharedByEmail", rows)
