"""Ingest jobs of Bulk API 2.0 (resource jobs/ingest): CSV goes up, Salesforce writes the records in its own time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Literal

from salesforce_mcp.errors import NetworkError, SalesforceError
from salesforce_mcp.salesforce.paths import segment

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

Operation = Literal["insert", "update", "upsert", "delete", "hardDelete"]
Kind = Literal["successful", "failed", "unprocessed"]
KINDS: dict[Kind, str] = {
    "successful": "successfulResults",
    "failed": "failedResults",
    "unprocessed": "unprocessedrecords",
}
"""What becomes of rows, and the resource that lists them."""

FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two looks at a job, growing from the first to the longest."""


@dataclass(frozen=True, slots=True)
class IngestJob:
    """An ingest job. `processed` counts the rows that were worked at, `failed` those of them that failed."""

    id: str
    object: str
    operation: str
    state: str
    processed: int
    failed: int
    error: str | None
    info: dict[str, Any]
    """All that Salesforce says about it."""

    @property
    def path(self) -> str:
        return f"jobs/ingest/{segment(self.id)}"

    @property
    def finished(self) -> bool:
        return self.state in FINISHED


def create(
    client: Client, object_name: str, operation: Operation, *, external_id: str | None = None, delimiter: str = "COMMA"
) -> IngestJob:
    """Open a job for CSV whose lines end with LF. Raises SalesforceError where the org or the user can't have one."""
    body: dict[str, Any] = {
        "object": object_name,
        "operation": operation,
        "contentType": "CSV",
        "lineEnding": "LF",
        "columnDelimiter": delimiter,
    }
    if external_id:
        body["externalIdFieldName"] = external_id
    # A second open job instead of one does nothing, so that it may be asked for again.
    return _read(client.post("jobs/ingest", body, repeatable=True))


def upload(client: Client, job: IngestJob, content: IO[bytes]) -> None:
    """Send the CSV, once: a job takes no second sending, so after a NetworkError it is of no more use."""
    client.request(
        "PUT",
        f"{job.path}/batches",
        data=content,
        headers={"Content-Type": "text/csv"},
        repeatable=False,
        unparsed=True,
    )


def close(client: Client, job: IngestJob) -> None:
    """Say that all is sent: Salesforce begins. Safe to repeat."""
    try:
        client.patch(job.path, {"state": "UploadComplete"})
    except (SalesforceError, NetworkError):
        if find(client, job.id).state == "Open":
            raise


def find(client: Client, job_id: str) -> IngestJob:
    """A job as it is now. Raises SalesforceError NOT_FOUND when there is none, or it is gone (after seven days)."""
    return _read(client.get(f"jobs/ingest/{segment(job_id)}"))


def wait(client: Client, job: IngestJob, progress: Callable[[IngestJob], None]) -> IngestJob:
    """Wait until the job has ended, one way or another; `progress` sees it at each look, and may raise to stop."""
    pause = FIRST_PAUSE
    while not job.finished:
        progress(job)
        client.pause(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
        job = find(client, job.id)
    return job


def abort(client: Client, job: IngestJob) -> IngestJob:
    """Stop a job; what it has done stays done. Raises SalesforceError INVALIDJOBSTATE when it has ended."""
    return _read(client.patch(job.path, {"state": "Aborted"}))


@contextmanager
def results(client: Client, job: IngestJob, kind: Kind) -> Iterator[Iterator[bytes]]:
    """The CSV of the rows that ended this way, as it arrives."""
    with client.stream(f"{job.path}/{KINDS[kind]}", headers={"Accept": "text/csv"}) as (_, chunks):
        yield chunks


def _read(body: Any) -> IngestJob:
    try:
        return IngestJob(
            id=str(body["id"]),
            object=str(body["object"]),
            operation=str(body["operation"]),
            state=str(body["state"]),
            processed=int(body.get("numberRecordsProcessed") or 0),
            failed=int(body.get("numberRecordsFailed") or 0),
            error=body.get("errorMessage"),
            info=body,
        )
    except (LookupError, TypeError, ValueError) as error:
        raise NetworkError("The org's answer is no ingest job.", code="UNEXPECTED_ANSWER") from error
