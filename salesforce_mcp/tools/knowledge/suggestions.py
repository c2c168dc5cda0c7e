"""Suggestions while typing (resources `search/suggestSearchQueries`, `search/suggestTitleMatches`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge.versions import Status
from salesforce_mcp.tools.knowledge.writing import ArticleType
from salesforce_mcp.tools.language import Language
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table

Query = Annotated[str, Field(min_length=1, max_length=250)]
"""What was typed; Salesforce suggests nothing for fewer than three letters (one in Chinese, Japanese, Korean)."""

MORE = "The org has more suggestions: type more."


@tool(title="Suggest searches")
def search_suggestions(
    context: Context,
    q: Query,
    language: Language,
    channel: Literal["AllChannels", "App", "Pkb", "Csp", "Prm"] | None = None,
) -> Table:
    """What others searched Knowledge for, beginning with `q` (three letters or more)."""
    params = {"q": q, "language": language, **({"channel": channel} if channel else {})}
    answer = context.client.get("search/suggestSearchQueries", params=params)
    rows = [[text] for text in _texts(answer["autoSuggestResults"])]
    return Table(["suggestion"], rows, total=_total(answer, rows), notes=_notes(answer))


@tool(title="Suggest article titles", calls="1 or 2")
def suggest_article_titles(
    context: Context, q: Query, language: Language, publish_status: Status, article_type: ArticleType | None = None
) -> Table:
    """Articles whose title holds the words of `q` (three letters or more; the last word may be unfinished)."""
    params = {"q": q, "language": language, "publishStatus": publish_status}
    if article_type:
        params["articleTypes"] = context.client.describe(article_type)["keyPrefix"]
    answer = context.client.get("search/suggestTitleMatches", params=params)
    columns = ["KnowledgeArticleId", "Id", "Title", "UrlName"]
    rows = [[article.get(name) for name in columns] for article in answer["autoSuggestResults"]]
    return Table(columns, rows, total=_total(answer, rows), notes=_notes(answer))


def _texts(results: list[Any]) -> Iterator[str]:
    """The suggested texts: numbered keys of an object, or texts."""
    for each in results:
        if isinstance(each, dict):
            yield from (text for text in each.values() if isinstance(text, str))
        else:
            yield str(each)


def _total(answer: dict[str, Any], rows: list[list[Any]]) -> int | None:
    return None if answer.get("hasMoreResults") else len(rows)


def _notes(answer: dict[str, Any]) -> list[str]:
    return [MORE] if answer.get("hasMoreResults") else []
