"""A CSV file into an org by SObject collections (resource composite/sobjects): 200 rows a call, done at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import ArgumentError, SfmcpError
from salesforce_mcp.salesforce import collections
from salesforce_mcp.salesforce.collections import CALL, Outcomes
from salesforce_mcp.salesforce.ingest import Kind, Operation
from salesforce_mcp.salesforce.loading import rows, source
from salesforce_mcp.salesforce.loading.bulk import Progress
from salesforce_mcp.salesforce.loading.results import Outcome, ResultFiles
from salesforce_mcp.salesforce.loading.rows import Row
from salesforce_mcp.salesforce.loading.source import CsvFile

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

_INTERRUPTED = {"statusCode": "INTERRUPTED", "message": "It may have been done, or not.", "fields": []}
_CREATED = {True: "true", False: "false", None: ""}
"""What the file says of `created`; None: it can't be told."""


def load(
    client: Client,
    file: CsvFile,
    object_name: str,
    operation: Operation,
    paths: dict[Kind, Path],
    *,
    external_id: str | None = None,
    progress: Progress = lambda done, total, words: None,
) -> Outcome:
    """Send all rows and write the three result files, at `paths`.

    When a call fails as a whole after others were done, or is interrupted, its rows are in the file of failed ones and
    those behind it in that of unprocessed ones. Raises what the client raises when the first call fails.
    """
    if operation == "delete":
        _check_ids(client, file, object_name)
    outcome = Outcome(paths, "rest")
    waiting = rows.from_csv(client, file, object_name)
    with ResultFiles(paths).opened() as files:
        writer = _Writer(files, file, outcome)
        part: list[Row] = []
        try:
            while part := list(islice(waiting, CALL)):
                done = sum(outcome.rows.values())
                progress(done, file.rows, "rows done")
                try:
                    records = [record for _, record in part]
                    answers = _send(client, object_name, operation, external_id, records)
                except SfmcpError as error:
                    if not done:
                        raise
                    outcome.notes.append(collections.stopped(done + 1, error))
                    answers = [collections.failure(error)] * len(part)
                    writer.write(part, answers)
                    break
                except KeyboardInterrupt:
                    writer.write(part, [{"success": False, "errors": [_INTERRUPTED]}] * len(part))
                    part = []
                    raise
                writer.write(part, answers)
            part = []
        finally:
            if sum(outcome.rows.values()):
                writer.leave(chain(part, waiting))
    progress(file.rows, file.rows, "rows done")
    return outcome


def _send(
    client: Client,
    object_name: str,
    operation: Operation,
    external_id: str | None,
    records: Sequence[dict[str, Any]],
) -> Outcomes:
    if operation == "delete":
        return collections.delete(client, [str(_id(record)) for record in records])
    if operation == "insert":
        return collections.create(client, object_name, records)
    if operation == "upsert":
        return collections.upsert(client, object_name, external_id or "Id", records)
    return collections.update(client, object_name, records)


class _Writer:
    """Writes rows with what became of them, as Bulk API does."""

    def __init__(self, files: ResultFiles, file: CsvFile, outcome: Outcome) -> None:
        self._files = files
        self._delimiter = file.delimiter
        self._outcome = outcome
        self._headers: dict[Kind, list[str]] = {
            "successful": ["sf__Id", "sf__Created", *file.columns],
            "failed": ["sf__Id", "sf__Error", *file.columns],
            "unprocessed": file.columns,
        }

    def write(self, part: Sequence[Row], answers: Sequence[dict[str, Any]]) -> None:
        """Add the rows of one call."""
        if self._headers:
            for kind, header in self._headers.items():
                self._files.write(kind, self._csv([header]))
            self._headers = {}
        found: dict[Kind, list[list[str]]] = {"successful": [], "failed": []}
        for (cells, record), answer in zip(part, answers, strict=True):
            record_id = str(answer.get("id") or _id(record) or "")
            if answer.get("success"):
                created = answer.get("created", not _id(record))
                found["successful"].append([record_id, _CREATED[created], *cells])
            else:
                found["failed"].append([record_id, _errors(answer), *cells])
        for kind, lines in found.items():
            self._files.write(kind, self._csv(lines))
            self._outcome.rows[kind] += len(lines)

    def leave(self, left: Iterator[Row]) -> None:
        """Add the rows that were not sent."""
        for cells, _ in left:
            self._files.write("unprocessed", self._csv([cells]))
            self._outcome.rows["unprocessed"] += 1

    def _csv(self, lines: Sequence[Sequence[str]]) -> bytes:
        text = io.StringIO()
        csv.writer(text, delimiter=self._delimiter, lineterminator="\n").writerows(lines)
        return text.getvalue().encode()


def _check_ids(client: Client, file: CsvFile, object_name: str) -> None:
    """The resource deletes records of any object: refuse a file that names others."""
    prefix = client.describe(object_name).get("keyPrefix")
    strangers = [cells[0] for cells in source.read_rows(file) if prefix and not cells[0].startswith(prefix)]
    if strangers:
        words = f"Not Ids of {object_name} (which begin with {prefix}): {', '.join(strangers[:5])}."
        raise ArgumentError(words, fields=("file",), hint="Nothing was sent.")


def _id(record: dict[str, Any]) -> Any:
    return next((value for name, value in record.items() if name.lower() == "id"), None)


def _errors(answer: dict[str, Any]) -> str:
    """`CODE:message:fields --`, as Bulk API has it."""
    return "; ".join(
        f"{error['statusCode']}:{error['message']}:{', '.join(error.get('fields') or [])} --"
        for error in answer.get("errors") or []
    )
