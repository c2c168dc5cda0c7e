"""A CSV file into an org by SObject collections (resource composite/sobjects): 200 rows a call, done at once."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import ArgumentError, NetworkError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce.ingest import Kind, Operation
from salesforce_mcp.salesforce.loading import rows, source
from salesforce_mcp.salesforce.loading.bulk import Progress
from salesforce_mcp.salesforce.loading.results import Outcome, ResultFiles
from salesforce_mcp.salesforce.loading.rows import Row
from salesforce_mcp.salesforce.loading.source import CsvFile
from salesforce_mcp.salesforce.paths import segment

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

CALL = 200
"""Records in one call."""


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

    When a call fails as a whole after others were done, its rows are in the file of failed ones and those behind it in
    that of unprocessed ones. Raises what the client raises when the first call fails.
    """
    if operation == "delete":
        _check_ids(client, file, object_name)
    outcome = Outcome(paths, "rest")
    send = _Sender(client, object_name, operation, external_id).send
    waiting = rows.from_csv(client, file, object_name)
    with ResultFiles(paths).opened() as files:
        writer = _Writer(files, file, outcome)
        part: list[Row] = []
        try:
            while part := list(islice(waiting, CALL)):
                done = sum(outcome.rows.values())
                progress(done, file.rows, "rows done")
                try:
                    answers = send([record for _, record in part])
                except (SalesforceError, NetworkError) as error:
                    if not done:
                        raise
                    outcome.notes.append(f"Stopped at row {done + 1:,}. {error.message.strip()}")
                    answers = [_failure(error)] * len(part)
                    writer.write(part, answers)
                    break
                writer.write(part, answers)
            part = []
        finally:
            if sum(outcome.rows.values()):
                writer.leave(chain(part, waiting))
    progress(file.rows, file.rows, "rows done")
    return outcome


class _Sender:
    """Sends up to 200 records and returns an outcome for each."""

    def __init__(self, client: Client, object_name: str, operation: Operation, external_id: str | None) -> None:
        self._client = client
        self._object = object_name
        self._operation = operation
        self._external_id = external_id

    def send(self, records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self._answer(records)
        if not isinstance(answer, list) or len(answer) != len(records):
            raise NetworkError("The org's answer doesn't have one outcome for each record.", code="UNEXPECTED_ANSWER")
        return answer

    def _answer(self, records: Sequence[dict[str, Any]]) -> Any:
        if self._operation == "delete":
            ids = ",".join(str(_id(record)) for record in records)
            return self._client.delete("composite/sobjects", params={"ids": ids, "allOrNone": "false"})
        # The type comes first: some references are refused otherwise.
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": self._object}, **record} for record in records],
        }
        if self._operation == "insert":
            return self._client.post("composite/sobjects", body)
        if self._operation == "upsert":
            path = f"composite/sobjects/{segment(self._object)}/{segment(self._external_id or 'Id')}"
            return self._client.patch(path, body)
        return self._client.patch("composite/sobjects", body)


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
                found["successful"].append([record_id, "true" if created else "false", *cells])
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


def _failure(error: SfmcpError) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": error.code, "message": error.message.strip(), "fields": []}]}


def _errors(answer: dict[str, Any]) -> str:
    """`CODE:message:fields --`, as Bulk API has it."""
    return "; ".join(
        f"{error['statusCode']}:{error['message']}:{', '.join(error.get('fields') or [])} --"
        for error in answer.get("errors") or []
    )
