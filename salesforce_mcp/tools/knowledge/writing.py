"""Drafts of articles: records of the org's article type, made, changed and deleted."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.tools.arguments import RecordData, check_name, quoted
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge import versions
from salesforce_mcp.tools.knowledge.versions import ArticleId
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record
from salesforce_mcp.wording import counted

ARTICLE_TYPE = "Knowledge__kav"


def _check_type(value: str) -> str:
    if not check_name(value).lower().endswith("__kav"):
        raise ValueError(f"{quoted(value)} is no article type; its name ends in __kav, as in {ARTICLE_TYPE}")
    return value


def _check_filled(value: str) -> str:
    if not value.strip():
        raise ValueError("it cannot be empty")
    return value


ArticleType = Annotated[str, AfterValidator(_check_type)]
"""API name of the org's article type."""

Text = Annotated[str, AfterValidator(_check_filled)]
"""Text that says something."""


@tool(title="Create knowledge article", access="write", calls="2")
def create_knowledge_article(
    context: Context,
    title: Text,
    url_name: Text,
    fields: RecordData | None = None,
    article_type: ArticleType = ARTICLE_TYPE,
) -> Record:
    """Create an article as a draft; publish_knowledge_article puts it online. `fields`: its other fields, as in
    {"Summary": "...", "Answer__c": "<p>...</p>"}; describe_object names them. `url_name`: letters, digits and hyphens.
    """
    data = _with(fields, {"Title": title, "UrlName": url_name})
    made = context.client.post(f"sobjects/{segment(article_type)}", data)
    wanted = {"fields": "KnowledgeArticleId,ArticleNumber,PublishStatus"}
    version = context.client.get(f"sobjects/{segment(article_type)}/{segment(made['id'])}", params=wanted)
    return Record(
        {
            "article_id": version.get("KnowledgeArticleId"),
            "version_id": made["id"],
            "article_number": version.get("ArticleNumber"),
            "status": version.get("PublishStatus"),
        },
        summary=f"Created the draft {title!r}.",
    )


@tool(title="Update knowledge article", access="write", idempotent=True, calls="2")
def update_knowledge_article(
    context: Context, article_id: ArticleId, title: Text | None = None, fields: RecordData | None = None
) -> Record:
    """Change an article's draft. An online or archived article needs one first: create_article_draft or
    restore_knowledge_article.
    """
    data = _with(fields, {"Title": title} if title else {})
    if not data:
        raise ArgumentError("Nothing to change: give a title or fields.", fields=("title", "fields"))
    draft = versions.need(versions.find(context, article_id), "Draft", _how_to_draft)
    context.client.patch(f"sobjects/{segment(draft['ArticleType'])}/{segment(draft['Id'])}", data)
    changed = {**versions.shown(draft), **({"title": title} if title else {})}
    return Record(changed, summary=f"Changed the draft: {', '.join(data)}.")


@tool(title="Delete knowledge article", access="destructive", idempotent=True, calls="2")
def delete_knowledge_article(context: Context, article_id: ArticleId) -> Record:
    """Delete an article's draft, or its archived version. An online article has to be archived first
    (archive_knowledge_article).
    """
    found = versions.find(context, article_id)
    online = versions.pick(found, "Online")
    draft = versions.pick(found, "Draft")
    if online is not None:
        also = f" Its draft alone can be deleted as {draft['Id']}." if draft else ""
        hint = f"Archive it with archive_knowledge_article, then delete it.{also}"
        raise versions.wrong_state(f"{versions.named(online)} is online and can't be deleted.", hint)
    version = draft or found[0]
    context.client.delete(versions.resource(version))
    left = len(found) - 1
    notes = [f"The article has {counted(left, 'more version')}."] if left else []
    kind = version["PublishStatus"].lower()
    return Record(
        versions.shown(version), summary=f"Deleted the {kind} version {version['VersionNumber']}.", notes=notes
    )


def _how_to_draft(found: list[versions.Version]) -> str:
    if versions.pick(found, "Online"):
        return "create_article_draft makes a draft of what is online."
    return "restore_knowledge_article makes a draft of the archived version."


def _with(fields: dict[str, Any] | None, own: dict[str, str]) -> dict[str, Any]:
    """The fields of a draft. Raises ArgumentError when one is given twice, with different values."""
    names = {name.lower(): name for name in own}
    for name, value in (fields or {}).items():
        same = names.get(name.lower())
        if same and value != own[same]:
            raise ArgumentError(f"fields: another {same} than the one given by itself.", fields=("fields",))
    return {**{name: value for name, value in (fields or {}).items() if name.lower() not in names}, **own}
