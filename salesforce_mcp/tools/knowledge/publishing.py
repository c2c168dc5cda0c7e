"""Publishing articles (resource `knowledgeManagement/articleVersions`)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.knowledge import versions
from salesforce_mcp.tools.knowledge.versions import ArticleId, Version
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record

_MASTER = "knowledgeManagement/articleVersions/masterVersions"


@tool(title="Publish knowledge article", access="write", calls="2", asks="publish")
def publish_knowledge_article(context: Context, article_id: ArticleId, major: bool = False) -> Record:
    """Put an article's draft online, in place of the online version. `major` counts the version up and keeps the
    old one as archived.
    """
    draft = versions.need(versions.find(context, article_id), "Draft", _nothing_to_publish)
    change = {"publishStatus": "Online", **({"versionNumber": "NextVersion"} if major else {})}
    context.client.patch(versions.resource(draft), change)
    return Record({**_without_number(draft), "status": "Online"}, summary=f"Published {versions.named(draft)}.")


@tool(title="Archive knowledge article", access="destructive", calls="2", asks="publish")
def archive_knowledge_article(context: Context, article_id: ArticleId) -> Record:
    """Take an online article off; restore_knowledge_article brings it back as a draft."""
    online = versions.need(
        versions.find(context, article_id), "Online", lambda _: "Only an online article is archived."
    )
    context.client.patch(versions.resource(online), {"publishStatus": "Archived"})
    return Record({**versions.shown(online), "status": "Archived"}, summary=f"Archived {versions.named(online)}.")


@tool(title="Restore knowledge article", access="write", calls="2")
def restore_knowledge_article(
    context: Context, article_id: ArticleId, version_number: Annotated[int, Field(ge=1)] | None = None
) -> Record:
    """Make a draft of an archived version: the latest, or that of `version_number`."""
    found = versions.find(context, article_id)
    archived = versions.need(found, "Archived", lambda _: "create_article_draft makes a draft of an online article.")
    number = version_number or archived["VersionNumber"]
    return _draft(context, archived, {"versionNumber": number}, f"Restored version {number} of")


@tool(title="Edit an online article as draft", access="write", calls="2")
def create_article_draft(context: Context, article_id: ArticleId) -> Record:
    """Make a draft of an online article, which stays online until the draft is published."""
    found = versions.find(context, article_id)
    online = versions.need(found, "Online", lambda _: "restore_knowledge_article makes a draft of an archived article.")
    draft = versions.pick(found, "Draft")
    if draft:
        hint = f"Change that one with update_knowledge_article: {draft['Id']}."
        raise versions.wrong_state(f"{versions.named(online)} has a draft already.", hint)
    return _draft(context, online, {}, "Made a draft of")


def _draft(context: Context, source: Version, more: dict[str, Any], done: str) -> Record:
    made = context.client.post(_MASTER, {"articleId": source["KnowledgeArticleId"], **more})
    fields = {**_without_number(source), "version_id": made["id"], "status": "Draft"}
    return Record(fields, summary=f"{done} {versions.named(source)}: {made['id']}.")


def _without_number(version: Version) -> dict[str, Any]:
    """What tells an article from others; what its number will be, the org decides."""
    return {name: value for name, value in versions.shown(version).items() if name != "version"}


def _nothing_to_publish(found: list[Version]) -> str:
    if versions.pick(found, "Online"):
        return "It is published. create_article_draft makes a draft to change."
    return "restore_knowledge_article makes a draft of an archived version, which can be published."
