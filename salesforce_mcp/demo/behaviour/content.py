"""Files, attachments, Chatter, topics and Knowledge articles."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath

from salesforce_mcp.demo.behaviour.save import Save, missing
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.values import now


def content_version(save: Save) -> None:
    """A version takes title and type from its path, and replaces the one before it."""
    values = save.values
    if save.old is not None:
        return
    data = values.get("VersionData")
    if data is None and not values.get("ContentUrl"):
        raise missing("VersionData")
    path = PurePosixPath((values.get("PathOnClient") or "").replace("\\", "/"))
    if not values.get("PathOnClient") and not values.get("ContentUrl"):
        raise missing("PathOnClient")
    extension = path.suffix.removeprefix(".").lower() or None
    save.default("Title", path.stem or values.get("ContentUrl"))
    kind = (extension or "UNKNOWN").upper() if data is not None else "LINK"
    values.update(
        FileExtension=extension, FileType={"TXT": "TEXT", "DOCX": "WORD_X"}.get(kind, kind), IsLatest=1,
        ContentSize=len(data or b""), Checksum=hashlib.md5(data or b"", usedforsecurity=False).hexdigest(),
        ContentModifiedDate=now(), ContentModifiedById=save.context.user.id,
    )  # fmt: skip
    document = values.get("ContentDocumentId")
    if document is None:
        values["VersionNumber"] = "1"
        shared = {name: values.get(name) for name in ("Title", "Description", "OwnerId")}
        values["ContentDocumentId"] = save.writer.insert("ContentDocument", shared)
        return
    newest = save.look_up(
        "SELECT Id, VersionNumber FROM ContentVersion WHERE ContentDocumentId = ? AND IsLatest = 1", document
    )
    values["VersionNumber"] = str(int(newest[1]) + 1) if newest else "1"
    if newest:
        save.writer.modify("ContentVersion", newest[0], {"IsLatest": 0})


def content_document(save: Save) -> None:
    """The document shows its newest version, and is linked to its owner and where it was published first."""
    values = save.values
    document = values["ContentDocumentId"]
    if not values["IsLatest"]:
        return
    same = ("Title", "Description", "FileType", "FileExtension", "ContentSize", "ContentModifiedDate")
    shown = {name: values.get(name) for name in same}
    save.writer.modify("ContentDocument", document, {**shown, "LatestPublishedVersionId": values["Id"]})
    if save.old is None and values["VersionNumber"] == "1":
        link = {"ContentDocumentId": document, "Visibility": "AllUsers"}
        save.writer.insert("ContentDocumentLink", {**link, "LinkedEntityId": values["OwnerId"], "ShareType": "I"})
        location = values.get("FirstPublishLocationId")
        if location and location != values["OwnerId"]:
            save.writer.insert("ContentDocumentLink", {**link, "LinkedEntityId": location, "ShareType": "V"})


def attachment(save: Save) -> None:
    body = save.values.get("Body")
    save.values["BodyLength"] = len(body) if body is not None else 0


def feed_item(save: Save) -> None:
    if save.old is None and "Type" not in save.given:
        save.values["Type"] = "LinkPost" if save.values.get("LinkUrl") else "TextPost"
    if save.old is not None:
        save.values["LastEditById"], save.values["LastEditDate"] = save.context.user.id, now()


def feed_comment(save: Save) -> None:
    parent = save.look_up("SELECT ParentId FROM FeedItem WHERE Id = ?", save.values.get("FeedItemId"))
    save.values["ParentId"] = parent[0] if parent else None


def article_version(save: Save) -> None:
    """A new version is the draft of a new article, unless the platform names one; only drafts can be changed; url names
    are unique by language.
    """
    values = save.values
    if save.old is not None and save.old["PublishStatus"] != "Draft":
        message = "You can't edit the article because it isn't a draft."
        raise ApiError(400, "INVALID_OPERATION", message, [])
    twin = save.look_up(
        "SELECT Id FROM Knowledge__kav WHERE UrlName = ? AND Language = ? AND IsDeleted = 0 AND Id IS NOT ?"
        " AND KnowledgeArticleId IS NOT ? AND PublishStatus <> 'Archived'",
        values.get("UrlName"), values.get("Language"), values.get("Id"), values.get("KnowledgeArticleId"),
    )  # fmt: skip
    if twin:
        message = f"duplicate value found: UrlName duplicates value on record with id: {twin[0]}"
        raise ApiError(400, "DUPLICATE_VALUE", message, ["UrlName"])
    if save.old is None and not values.get("KnowledgeArticleId"):
        values["KnowledgeArticleId"] = save.writer.insert("KnowledgeArticle", {"MasterLanguage": values["Language"]})
        save.default("ArticleTotalViewCount", 0)


def topic_assignment(save: Save) -> None:
    sobject = save.context.store.objects.by_id(save.values["EntityId"])
    save.values["EntityType"] = sobject.name if sobject else None
