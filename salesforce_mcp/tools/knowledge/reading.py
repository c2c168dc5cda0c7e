"""Articles as readers get them (resource `support/knowledgeArticles`); drafts and archived ones as records."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.salesforce.rows import Shaper, flat
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools import language as languages
from salesforce_mcp.tools import nextpage
from salesforce_mcp.tools.arguments import Cursor
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge import versions
from salesforce_mcp.tools.knowledge.versions import ArticleId, Status
from salesforce_mcp.tools.language import Language
from salesforce_mcp.tools.pages import NEXT
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table
from salesforce_mcp.tools.rows import loader, select

Channel = Literal["App", "Pkb", "Csp", "Prm"]
ARTICLES = "support/knowledgeArticles"
COLUMNS = ["id", "articleNumber", "title", "urlName", "summary", "lastPublishedDate", "viewCount", "categories"]
_VERSION_FIELDS = [
    "Id", "KnowledgeArticleId", "ArticleNumber", "Title", "UrlName", "Summary", "VersionNumber", "LastModifiedDate",
]  # fmt: skip
MOST_FOUND = 200
"""Drafts or archived articles that a search returns."""


@tool(title="List knowledge articles", calls="1 or 2")
def list_knowledge_articles(
    context: Context,
    q: str | None = None,
    channel: Channel | None = None,
    page_size: Annotated[int, Field(ge=1, le=100)] = 20,
    language: Language | None = None,
    status: Status = "Online",
    cursor: Cursor | None = None,
) -> Table:
    """Knowledge articles: all, the latest first, or those found by `q` (full text). Online ones by default, in your own
    language. `channel`: App internal, Pkb public, Csp customers, Prm partners.
    """
    if cursor and not cursor.startswith(NEXT):
        return context.pages.read(cursor, loader(context))
    if cursor:
        path, params, asked = nextpage.read(cursor, re.compile(ARTICLES))
        return _page(context, path, params, asked)
    asked = language or languages.of_user(context)
    if status != "Online":
        return _unpublished(context, q, channel, page_size, asked, status)
    given = {"q": q, "channel": channel, "pageSize": page_size}
    return _page(context, ARTICLES, {name: value for name, value in given.items() if value}, asked)


@tool(title="Get knowledge article", calls="2 or 3")
def get_knowledge_article(
    context: Context, article_id: ArticleId, channel: Channel | None = None, language: Language | None = None
) -> Record:
    """One article with all its fields: the online version (in `language`, by default your own), or where there is none
    its draft or archived one. A version's own Id (ka0...) gets that version.
    """
    if article_id.startswith(versions.VERSION):
        return _version(context, versions.find(context, article_id)[0])
    asked = language or languages.of_user(context)
    # Reading for somebody else's sake is not a view.
    params = {"updateViewStat": "false", **({"channel": channel} if channel else {})}
    try:
        article = context.client.get(
            f"{ARTICLES}/{segment(article_id)}", params=params, headers=languages.header(asked)
        )
    except SalesforceError as error:
        if error.status != 404 or channel:
            raise
        found = versions.find(context, article_id)
        return _version(context, next((each for each in found if each["Language"] == asked), found[0]))
    return Record(_article(article))


def _page(context: Context, path: str, params: dict[str, Any], asked: str) -> Table:
    answer = context.client.get(path, params=params, headers=languages.header(asked))
    rows = [_row(article) for article in answer["articles"]]
    following = nextpage.make(answer.get("nextPageUrl"), asked)
    total = len(rows) if following is None and answer.get("pageNumber", 1) == 1 else None
    return Table(COLUMNS, rows, total=total, cursor=following, notes=[f"Language: {asked}."])


def _row(article: dict[str, Any]) -> list[Any]:
    return [*(article.get(name) for name in COLUMNS[:-1]), "; ".join(_categories(article))]


def _categories(article: dict[str, Any]) -> list[str]:
    return [
        f"{group['groupName']}: {category['categoryName']}"
        for group in article.get("categoryGroups") or []
        for category in group.get("selectedCategories") or []
    ]


def _article(article: dict[str, Any]) -> dict[str, Any]:
    """An online article: what identifies it, its views, then the fields of its layout."""
    kept = ("id", "articleNumber", "articleType", "title", "urlName", "summary", "versionNumber", "lastPublishedDate")
    fields = {name: article.get(name) for name in kept}
    fields |= {"views": article.get("allViewCount"), "categories": _categories(article)}
    known = {"title", "urlname", "summary"}
    layout = {
        item["name"]: item.get("value")
        for item in article.get("layoutItems") or []
        if item["name"].lower() not in known
    }
    return {**fields, **layout}


def _version(context: Context, version: versions.Version) -> Record:
    """A version as a record of its article type."""
    path = f"sobjects/{segment(version['ArticleType'])}/{segment(version['Id'])}"
    status = version["PublishStatus"]
    return Record(flat([context.client.get(path)])[0], summary=f"{status} version {version['VersionNumber']}.")


def _unpublished(
    context: Context, q: str | None, channel: str | None, limit: int, language: str, status: Status
) -> Table:
    """Drafts, or the latest archived versions."""
    where = bind("PublishStatus = :status AND Language = :language", {"status": status, "language": language})
    where += " AND IsLatestVersion = true"
    if channel:
        where += f" AND IsVisibleIn{channel} = true"
    names = context.client.readable(versions.OBJECT, _VERSION_FIELDS)
    if not q:
        soql = f"SELECT {', '.join(names)} FROM {versions.OBJECT} WHERE {where} ORDER BY LastModifiedDate DESC"  # noqa: S608
        return _noted(select(context, soql, limit), language)
    wanted = {"name": versions.OBJECT, "fields": names, "where": where, "limit": MOST_FOUND}
    answer = context.client.post("parameterizedSearch", {"q": q, "in": "ALL", "sobjects": [wanted]}, repeatable=True)
    found = answer["searchRecords"] if isinstance(answer, dict) else answer
    shaper = Shaper()
    rows = shaper.rows(found)
    table = Table(shaper.columns, rows, total=len(rows))
    if len(rows) == MOST_FOUND:
        table.notes.append(f"A search returns at most {MOST_FOUND}: search for more words.")
    return _noted(context.pages.first(table, limit), language)


def _noted(table: Table, language: str) -> Table:
    table.notes.append(f"Language: {language}.")
    return table
