"""A whole query into a file: by REST pages or a Bulk API 2.0 job, resumable, never looking whole when it isn't."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import orjson

from salesforce_mcp.errors import PolicyError, SalesforceError, UsageError
from salesforce_mcp.salesforce import bulk2, formats, partitions
from salesforce_mcp.salesforce.download import Download
from salesforce_mcp.salesforce.packing import PACKED, is_packed
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.partfile import PartFile
from salesforce_mcp.salesforce.response import exact_loads
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.salesforce.stream import LOCATOR_GONE, shaped
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

Method = Literal["auto", "rest", "bulk"]
FileFormat = Literal["csv", "jsonl", "parquet"]

BULK_FROM = 50_000
"""Rows from which a bulk job is the quicker way: it takes seconds to start, a REST page of 2,000 rows half of one."""

_GONE = LOCATOR_GONE | {"NOT_FOUND", "ROW_LIMIT"}
"""Why an interrupted export can't be gone on with: by a policy, rows that another process read can't be counted."""

Progress = Callable[[float, float | None, str], None]
"""Called with rows done, rows in all (None: unknown) and a few words; may raise to stop."""


@dataclass(slots=True)
class Summary:
    """What an export did.

    `resumed`: rows that an interrupted run had left. `files`: how many were written. `notes`: why this method was used,
    what else to know.
    """

    path: Path
    rows: int
    columns: list[str]
    method: Literal["rest", "bulk"]
    resumed: int = 0
    files: int = 1
    notes: list[str] = field(default_factory=list)


def export(
    client: Client,
    soql: str,
    path: Path,
    *,
    form: FileFormat = "csv",
    method: Method = "auto",
    include_deleted: bool = False,
    partition_rows: int | None = None,
    progress: Progress = lambda done, total, words: None,
) -> Summary:
    """Write all rows of a query to `path`, which appears when it is whole. CSV and JSON Lines are gzip where it ends in
    `.gz`.

    `partition_rows`: `path` is a folder of files with so many rows each. After an interruption the same call goes on
    where it stopped, as long as Salesforce keeps the query (two days) or the job (seven). Raises what `Client.query`
    raises, UsageError when the file can't be written or the extra `parquet` is missing.
    """
    packed = is_packed(path)
    if path.is_symlink():
        path = path.resolve()  # what a link points to is replaced, not the link
    if not partition_rows:
        _check(path)
    if form == "parquet":
        from salesforce_mcp.salesforce import parquet

        parquet.require()
        if packed:
            raise UsageError("Parquet files are compressed inside.", hint=f"Name it {path.stem}.")
    if partition_rows:
        partitions.check(path)
    session = client.session
    identity = [session.instance_url, session.username, soql, form, method, include_deleted]
    digest = hashlib.sha256(orjson.dumps(identity)).hexdigest()
    written: formats.Format = "jsonl" if form == "parquet" else form
    final = form == written and not partition_rows
    with PartFile(path, digest, packed=packed and final).opened() as file:
        summary = _Export(client, soql, written, include_deleted, progress, file).run(method)
        if not final:
            whole = {"whole": summary.rows, "columns": summary.columns, "method": summary.method}
            with file.taken(whole) as rows:
                progress(summary.rows, None, f"{counted(summary.rows, 'row')} here; writing {form}")
                summary.files = _make(client, soql, rows, path, form, summary.columns, partition_rows)
        return summary


def _check(path: Path) -> None:
    """Raise UsageError where something that isn't a file stands in its place."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", code="FILE", hint="Name a file in it.")
    if path.exists() and not path.is_file():
        raise UsageError(
            f"{path} is no file that can be replaced.", code="FILE", hint="`sfmcp query` writes to pipes and devices."
        )


def _make(
    client: Client, soql: str, rows: Path, path: Path, form: FileFormat, columns: Sequence[str], size: int | None
) -> int:
    """Turn rows into the file or the folder that was asked for; return the number of files."""
    if size is None:
        from salesforce_mcp.salesforce import parquet

        fresh = path.with_name(f"{path.name}.new")
        parquet.convert(client, soql, rows, iter([fresh]), columns)
        fresh.replace(path)
        return 1
    packed = is_packed(path)
    with partitions.folder(path) as folder:
        files = partitions.names(folder, f".{form}{PACKED if packed else ''}")
        if form == "parquet":
            from salesforce_mcp.salesforce import parquet

            parquet.convert(client, soql, rows, files, columns, size)
        else:
            partitions.split(rows, files, size, header=form == "csv", packed=packed)
        return len(list(folder.iterdir()))


class _Export:
    def __init__(
        self,
        client: Client,
        soql: str,
        form: formats.Format,
        include_deleted: bool,
        progress: Progress,
        file: PartFile,
    ) -> None:
        self._client = client
        self._soql = soql
        self._form = form
        self._include_deleted = include_deleted
        self._progress = progress
        self._file = file
        self._notes: list[str] = []

    def run(self, method: Method) -> Summary:
        return self._resume() or self._begin(method)

    def _resume(self) -> Summary | None:
        """Go on where an interrupted run stopped; None when there was none, or what it needs is gone."""
        kept = self._file.checkpoint
        if "whole" in kept:
            return Summary(self._file.path, kept["whole"], kept["columns"], kept["method"], kept["whole"])
        try:
            if "job" in kept:
                return self._bulk(bulk2.find(self._client, kept["job"], kept["version"]))
            if "next" in kept:
                return self._rest(self._client.next_page(kept["next"]))
        except (SalesforceError, PolicyError) as error:
            if error.code not in _GONE:
                raise
            self._notes.append("An interrupted export could not be gone on with, so this one began anew.")
            self._file.restart()
        return None

    def _begin(self, method: Method) -> Summary:
        if method != "rest" and bulk2.refuses(self._soql):
            self._notes.append("By REST: Bulk API 2.0 takes no grouping, aggregates, OFFSET, TYPEOF or child queries.")
            method = "rest"
        if method == "bulk" and (job := self._create_job()):
            return self._bulk(job)
        first = self._client.query(self._soql, include_deleted=self._include_deleted)
        if method == "auto" and first.total_size >= BULK_FROM and (job := self._create_job()):
            self._notes.append(f"By Bulk API 2.0, since there are {first.total_size:,} rows.")
            return self._bulk(job)
        return self._rest(first)

    def _create_job(self) -> bulk2.QueryJob | None:
        """A bulk job; None where the org runs none for this user or this query, which REST may still answer."""
        try:
            return bulk2.create(self._client, self._soql, include_deleted=self._include_deleted)
        except SalesforceError as error:
            self._notes.append(f"By REST: Bulk API 2.0 refused the query ({error.code}).")
            return None

    def _rest(self, page: Page) -> Summary:
        kept = self._file.checkpoint
        shaper = Shaper(self._soql, columns=kept.get("columns"))
        resumed = done = int(kept.get("rows", 0))
        writer: formats.RowWriter | None = None
        for part in shaped(self._client, page, shaper):
            writer = writer or formats.open_writer(self._form, self._file.out, part.columns, header=not kept)
            writer.write(part.block)
            done += part.rows
            if part.next_url:
                self._file.save({"next": part.next_url, "rows": done, "columns": part.columns})
            self._progress(done, part.total, "rows written")
        return Summary(self._file.path, done, shaper.columns, "rest", resumed, notes=self._notes)

    def _bulk(self, job: bulk2.QueryJob) -> Summary:
        resumed = int(self._file.checkpoint.get("rows", 0))
        download = Download(self._client, job, self._file, self._form, self._soql, self._progress)
        rows, columns = download.run()
        if rows and rows != download.counted:
            self._notes.append(f"Salesforce counted {counted(download.counted, 'record')}, but {rows:,} came.")
        return Summary(self._file.path, rows, columns, "bulk", resumed, notes=self._notes)


def sample(path: Path, form: FileFormat, count: int = 3) -> list[dict[str, Any]]:
    """The first rows of an exported file."""
    if form == "parquet":
        from salesforce_mcp.salesforce import parquet

        return parquet.sample(path, count)
    with path.open(encoding="utf-8", newline="") as file:
        if form == "csv":
            return [dict(row) for row in islice(csv.DictReader(file), count)]
        return [exact_loads(line) for line in islice(file, count)]
