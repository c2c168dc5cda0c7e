"""The life of an article: draft, online, archived, and back to a draft.

An article (KnowledgeArticle, kA0) has versions (Knowledge__kav, ka0): at most one draft and one online version in each
language, and archived ones. What is done here goes past the checks of record writes, as Salesforce's publishing service
does. Source: Knowledge Developer Guide, "Manage Knowledge with REST APIs", "PublishingService Methods",
"KnowledgeArticleVersion".
"""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.ids import full_id
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.values import now

ARTICLE_TYPE = "Knowledge__kav"
_SELECTION = "Knowledge__DataCategorySelection"
_NOT_COPIED = frozenset(
    {
        "Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp",
        "LastPublishedDate", "ArchivedDate", "ArchivedById", "OwnerId",
    }
)  # fmt: skip
WRONG_STATE = (
    "You can't perform this action. Be sure the action is valid for the current state of the article, and that you"
    " have permission to perform it."
)

Version = dict[str, Any]


def publish(context: RequestContext, version_id: str, *, major: bool = False) -> None:
    """Put a draft online in place of the online version.

    A minor change overwrites what was online; a major one archives it and counts the version up.
    """
    version = _version(context, version_id, "Draft")
    with context.store.transaction():
        before = _find(context, version["KnowledgeArticleId"], "Online", version["Language"])
        number = 1 if before is None else before["VersionNumber"] + major
        writer = Saver(context)
        if before is not None and major:
            writer.modify(ARTICLE_TYPE, before["Id"], {**_archived(context), "IsLatestVersion": 0})
        elif before is not None:
            writer.modify(ARTICLE_TYPE, before["Id"], {"IsDeleted": 1})
        else:
            number = max(number, _newest(context, version) + 1)
        stamp = now()
        first = version["FirstPublishedDate"] or stamp
        dates = {"FirstPublishedDate": first, "LastPublishedDate": stamp}
        state = {"PublishStatus": "Online", "VersionNumber": number, "IsLatestVersion": 1}
        writer.modify(ARTICLE_TYPE, version["Id"], {**state, **dates})
        shown = {**dates, "ArchivedDate": None, "ArchivedById": None}
        writer.modify("KnowledgeArticle", version["KnowledgeArticleId"], shown)


def archive(context: RequestContext, version_id: str) -> None:
    """Take an online version off; with the master go its translations."""
    version = _version(context, version_id, "Online")
    with context.store.transaction():
        writer = Saver(context)
        gone = _archived(context)
        also = _all(context, version["KnowledgeArticleId"], "Online") if version["IsMasterLanguage"] else [version]
        for each in also:
            writer.modify(ARTICLE_TYPE, each["Id"], gone)
        if version["IsMasterLanguage"]:
            dates = {name: gone[name] for name in ("ArchivedDate", "ArchivedById")}
            writer.modify("KnowledgeArticle", version["KnowledgeArticleId"], dates)


def unpublish(context: RequestContext, version_id: str) -> None:
    """Make the online version a draft; refused where there is a draft already."""
    version = _version(context, version_id, "Online")
    if _find(context, version["KnowledgeArticleId"], "Draft", version["Language"]):
        raise wrong_state()
    with context.store.transaction():
        Saver(context).modify(ARTICLE_TYPE, version["Id"], {"PublishStatus": "Draft"})


def create_draft(context: RequestContext, article_id: str, number: int | None = None) -> str:
    """A draft of the online version, or of an archived one; answers its Id.

    `number` is that of the archived version to go back to; without it the online version is taken, or where the article
    is archived its latest version. Refused where there is a draft already.
    """
    article = _article(context, article_id)
    if number is not None:
        archived = _all(context, article, "Archived")
        source = next((each for each in archived if each["VersionNumber"] == number), None)
    else:
        source = _find(context, article, "Online") or _find(context, article, "Archived")
    if source is None:
        raise not_found() if number is not None else wrong_state()
    if _find(context, article, "Draft", source["Language"]):
        raise wrong_state()
    with context.store.transaction():
        writer = Saver(context)
        copied = {name: value for name, value in source.items() if name not in _NOT_COPIED}
        state = {"PublishStatus": "Draft", "VersionNumber": _newest(context, source) + 1, "IsLatestVersion": 1}
        draft = writer.insert(ARTICLE_TYPE, {**copied, **state})
        if source["PublishStatus"] == "Archived":
            writer.modify(ARTICLE_TYPE, source["Id"], {"IsLatestVersion": 0})
        _copy_categories(context, writer, source["Id"], draft)
    return draft


def delete(context: RequestContext, version_id: str) -> None:
    """Delete a draft or an archived version, and the article with its last version; an online one is refused."""
    version = _version(context, version_id)
    if version["PublishStatus"] == "Online":
        raise wrong_state()
    with context.store.transaction():
        records.delete(context, ARTICLE_TYPE, version["Id"])
        left = "SELECT 1 FROM Knowledge__kav WHERE KnowledgeArticleId = ? AND IsDeleted = 0"
        if not context.store.connection().execute(left, (version["KnowledgeArticleId"],)).fetchone():
            Saver(context).modify("KnowledgeArticle", version["KnowledgeArticleId"], {"IsDeleted": 1})


def wrong_state() -> ApiError:
    """What an article's present state doesn't allow."""
    return ApiError(400, "INVALID_OPERATION", WRONG_STATE)


def _may_manage(context: RequestContext) -> None:
    if not context.user.can(context.store.objects[ARTICLE_TYPE], "edit"):
        message = "You do not have the level of access necessary to perform the operation you requested."
        raise ApiError(403, "INSUFFICIENT_ACCESS", message)


def _version(context: RequestContext, version_id: str, status: str | None = None) -> Version:
    """A version that the user may manage, and that has this status."""
    _may_manage(context)
    whole = full_id(version_id)
    rows = _select(context, "Id = ?", whole) if whole else []
    if not rows:
        raise not_found()
    if status and rows[0]["PublishStatus"] != status:
        raise wrong_state()
    return rows[0]


def _article(context: RequestContext, article_id: str) -> str:
    _may_manage(context)
    whole = full_id(article_id)
    statement = "SELECT 1 FROM KnowledgeArticle WHERE Id = ? AND IsDeleted = 0"
    if not whole or not context.store.connection().execute(statement, (whole,)).fetchone():
        raise not_found()
    return whole


def _select(context: RequestContext, condition: str, *parameters: Any) -> list[Version]:
    names = [each.name for each in context.store.objects[ARTICLE_TYPE].stored_fields]
    columns = ", ".join(f'"{name}"' for name in names)
    statement = (
        f"SELECT {columns} FROM Knowledge__kav WHERE {condition} AND IsDeleted = 0"  # noqa: S608 - names of the schema
        " ORDER BY IsMasterLanguage DESC, VersionNumber DESC, Id DESC"
    )
    rows = context.store.connection().execute(statement, parameters).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _all(context: RequestContext, article: str, status: str) -> list[Version]:
    """The article's versions of a status; those in its master language first, of them the newest."""
    return _select(context, "KnowledgeArticleId = ? AND PublishStatus = ?", article, status)


def _find(context: RequestContext, article: str, status: str, language: str | None = None) -> Version | None:
    """The article's version of a status, in its master language if none is named."""
    found = _all(context, article, status)
    if language is None:
        return next((each for each in found if each["IsMasterLanguage"]), None)
    return next((each for each in found if each["Language"] == language), None)


def _newest(context: RequestContext, version: Version) -> int:
    """The highest number of a published version in the version's language, 0 if there was none."""
    statement = (
        "SELECT coalesce(max(VersionNumber), 0) FROM Knowledge__kav WHERE KnowledgeArticleId = ? AND Language = ?"
        " AND PublishStatus <> 'Draft' AND IsDeleted = 0"
    )
    keys = (version["KnowledgeArticleId"], version["Language"])
    return int(context.store.connection().execute(statement, keys).fetchone()[0])


def _archived(context: RequestContext) -> dict[str, Any]:
    return {"PublishStatus": "Archived", "ArchivedDate": now(), "ArchivedById": context.user.id}


def _copy_categories(context: RequestContext, writer: Saver, source: str, draft: str) -> None:
    columns = ("DataCategoryGroupName", "DataCategoryName")
    statement = f"SELECT {', '.join(columns)} FROM {_SELECTION} WHERE ParentId = ? AND IsDeleted = 0"  # noqa: S608
    for row in context.store.connection().execute(statement, (source,)).fetchall():
        writer.insert(_SELECTION, {"ParentId": draft, **dict(zip(columns, row, strict=True))})
