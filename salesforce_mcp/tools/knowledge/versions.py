"""Which versions an article has. An article (`kA0...`) has a draft, an online version, archived ones, by language.

Every tool takes the Id of the article or of one of its versions (`ka0...`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import AfterValidator

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.soql.binding import bind
from salesforce_mcp.tools.arguments import check_id, quoted
from salesforce_mcp.tools.context import Context

Status = Literal["Draft", "Online", "Archived"]
Version = dict[str, Any]

ARTICLE, VERSION = "kA", "ka"
"""What the Ids of articles and of their versions begin with."""

OBJECT = "KnowledgeArticleVersion"
FIELDS = (
    "Id", "KnowledgeArticleId", "ArticleNumber", "ArticleType", "Title", "PublishStatus", "VersionNumber", "Language",
    "IsMasterLanguage", "IsLatestVersion",
)  # fmt: skip


def _check(value: str) -> str:
    check_id(value)
    if not value.startswith((ARTICLE, VERSION)):
        raise ValueError(f"{quoted(value)} is neither an article (kA0...) nor a version of one (ka0...)")
    return value


ArticleId = Annotated[str, AfterValidator(_check)]
"""Id of an article, or of one of its versions."""


def find(context: Context, article_id: str) -> list[Version]:
    """The versions that are meant: the one with this Id, or all of the article, in its own language first.

    Raises SalesforceError NOT_FOUND when there are none that the user may see.
    """
    column = "Id" if article_id.startswith(VERSION) else "KnowledgeArticleId"
    names = ", ".join(context.client.readable(OBJECT, FIELDS))
    soql = f"SELECT {names} FROM {OBJECT} WHERE {column} = :id ORDER BY VersionNumber DESC"  # noqa: S608 - names of ours
    found = context.client.query(bind(soql, {"id": article_id})).records
    if not found:
        raise SalesforceError(
            f"There is no article with Id {article_id} that you may see.",
            code="NOT_FOUND",
            hint="list_knowledge_articles shows them; drafts and archived ones take the right to manage articles.",
        )
    return sorted(found, key=lambda version: not version["IsMasterLanguage"])


def pick(versions: list[Version], status: Status) -> Version | None:
    """The version of this status, the newest one in the article's own language."""
    return next((version for version in versions if version["PublishStatus"] == status), None)


def need(versions: list[Version], status: Status, hint: Callable[[list[Version]], str]) -> Version:
    """The version of this status. Raises SalesforceError that says what there is instead, and what to do."""
    found = pick(versions, status)
    if found is None:
        article = versions[0]
        there = " and ".join(dict.fromkeys(version["PublishStatus"].lower() for version in versions))
        lacks = {"Draft": "has no draft", "Online": "is not online", "Archived": "is not archived"}[status]
        raise wrong_state(f"{named(article)} {lacks}: it is {there}.", hint(versions))
    return found


def wrong_state(message: str, hint: str) -> SalesforceError:
    """What an article's present state doesn't allow."""
    return SalesforceError(message, code="INVALID_ARTICLE_STATE", hint=hint)


def named(version: Version) -> str:
    """How people call an article."""
    return f"{version.get('Title') or version['Id']} ({version.get('ArticleNumber') or 'no number'})"


def resource(version: Version) -> str:
    """The path of a version in the management of Knowledge."""
    kind = "masterVersions" if version["IsMasterLanguage"] else "translations"
    return f"knowledgeManagement/articleVersions/{kind}/{version['Id']}"


def shown(version: Version) -> dict[str, Any]:
    """What tells a version from others."""
    names = {
        "article_id": "KnowledgeArticleId",
        "version_id": "Id",
        "article_number": "ArticleNumber",
        "title": "Title",
        "status": "PublishStatus",
        "version": "VersionNumber",
        "language": "Language",
    }
    return {name: version.get(field) for name, field in names.items()}
