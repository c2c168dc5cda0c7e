"""Files (ContentDocument, its ContentVersions, and the ContentDocumentLinks to records)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from salesforce_mcp import folders
from salesforce_mcp.errors import ArgumentError, NetworkError
from salesforce_mcp.salesforce.packing import unwritable
from salesforce_mcp.salesforce.paths import segment
from salesforce_mcp.soql.binding import like_escape, quote
from salesforce_mcp.tools.arguments import Cursor, Limit, RecordId, check_id
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.localfiles import LocalFile, readable
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table
from salesforce_mcp.tools.rows import loader, select
from salesforce_mcp.wording import counted

DEFAULT_LIMIT = 100
DOCUMENT, VERSION = "069", "068"
"""What Ids of files, and of their versions, begin with."""

_SHOWN = ("Title", "FileExtension", "ContentSize", "ContentModifiedDate", "Owner.Name", "LatestPublishedVersionId")


def _check_file_id(value: str) -> str:
    if check_id(value)[:3] not in (DOCUMENT, VERSION):
        raise ValueError(f"Ids of files begin with {DOCUMENT}, of their versions with {VERSION}")
    return value


FileId = Annotated[str, AfterValidator(_check_file_id)]
"""Id of a file (ContentDocument), or of one of its versions."""


@tool(title="List files")
def list_files(
    context: Context,
    record_id: RecordId | None = None,
    filter: str | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor | None = None,
) -> Table:
    """Files on a record, or all that you may see, newest first; `filter` is part of a title."""
    if cursor:
        return context.pages.read(cursor, loader(context))
    if record_id:
        prefix, source = "ContentDocument.", "ContentDocumentLink"
        conditions = [f"LinkedEntityId = {quote(record_id)}"]
        wanted = ["ContentDocumentId", *(prefix + name for name in _SHOWN), "ShareType"]
    else:
        prefix, source, conditions, wanted = "", "ContentDocument", [], ["Id", *_SHOWN]
    if filter:
        conditions.append(f"{prefix}Title LIKE '%{like_escape(filter)}%'")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    names = ", ".join(context.client.readable(source, wanted))
    soql = f"SELECT {names} FROM {source}{where} ORDER BY {prefix}ContentModifiedDate DESC"  # noqa: S608
    return select(context, soql, limit)


@tool(title="Download a file", calls="2")
def download_file(context: Context, file_id: FileId) -> Record:
    """Write a file's newest version, or the version named, below the export folder; returns its path."""
    condition = f"ContentDocumentId = {quote(file_id)} AND IsLatest = true"
    if file_id.startswith(VERSION):
        condition = f"Id = {quote(file_id)}"
    fields = "Id, ContentDocumentId, Title, FileExtension, ContentSize, ContentUrl"
    soql = f"SELECT {fields} FROM ContentVersion WHERE {condition}"  # noqa: S608 - an Id that was checked
    found = context.client.query(soql).records
    if not found:
        raise ArgumentError(f"There is no file {file_id} that you may see.", fields=("file_id",))
    version = found[0]
    if version["ContentUrl"]:
        raise ArgumentError(f"This is a link, not a file: {version['ContentUrl']}", fields=("file_id",))
    with _claimed(context.export_dir, version["Title"], version["FileExtension"]) as path:
        size = _save(context, version, path)
    return Record(
        {"path": str(path), "bytes": size, "file_id": version["ContentDocumentId"], "version": version["Id"]},
        files=[path],
    )


@tool(title="Upload a file", access="write", calls="2")
def upload_file(
    context: Context,
    file: LocalFile,
    record_id: RecordId | None = None,
    title: str | None = None,
    file_id: FileId | None = None,
) -> Record:
    """Put a local file from the allowed folders into the org, on a record if one is named. `file_id`: as the new
    version of that file.
    """
    if file_id and (record_id or not file_id.startswith(DOCUMENT)):
        words = "A new version stays where the file is: name no record" if record_id else "Name the file, not a version"
        raise ArgumentError(f"{words}.", fields=("file_id",))
    path = readable(file)
    entity: dict[str, Any] = {"PathOnClient": path.name, "Title": title or path.stem}
    if record_id:
        entity["FirstPublishLocationId"] = record_id
    if file_id:
        entity["ContentDocumentId"] = file_id
    from salesforce_mcp.salesforce.upload import multipart

    with multipart("entity_content", entity, "VersionData", path) as (content, kind):
        answer = context.client.post("sobjects/ContentVersion", data=content, headers={"Content-Type": kind})
    version = answer["id"]
    made = context.client.get(f"sobjects/ContentVersion/{segment(version)}", params={"fields": "ContentDocumentId"})
    fields = {"file_id": made["ContentDocumentId"], "version": version, "bytes": path.stat().st_size}
    return Record({**fields, **({"record_id": record_id} if record_id else {})})


def _save(context: Context, version: dict[str, Any], path: Path) -> int:
    """Write a version's bytes; how many. The file has them once they are whole."""
    total, done = version["ContentSize"], 0
    with (
        context.client.stream(f"sobjects/ContentVersion/{segment(version['Id'])}/VersionData") as (_, chunks),
        tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", suffix=".part", delete=False) as part,
    ):
        try:
            for chunk in chunks:
                done += part.write(chunk)
                context.progress(done, total, counted(done, "byte"))
            if total is not None and done != total:
                raise NetworkError(
                    f"The file has {counted(total, 'byte')}, but {done:,} came.", code="CONNECTION_LOST", retryable=True
                )
            part.close()
            Path(part.name).replace(path)
        except BaseException:
            part.close()
            Path(part.name).unlink(missing_ok=True)
            raise
    return done


@contextmanager
def _claimed(folder: Path, title: str, extension: str | None) -> Iterator[Path]:
    """A new file, still empty, named as the title is; when it comes to nothing, it goes. Raises UsageError."""
    kind = folders.file_name(extension) if extension and extension.strip(".") else ""
    ending = f".{kind}" if kind else ""
    stem = folders.file_name(title)
    stem = stem.removesuffix(ending) or stem
    number = 1
    while True:
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}{ending}"
        try:
            path.touch(0o600, exist_ok=False)
            break
        except FileExistsError:
            number += 1
        except OSError as error:
            raise unwritable(path, error) from error
    try:
        yield path
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error) from error
        raise
