"""A CSV file into an org by ingest jobs of Bulk API 2.0: as many as its size needs, each followed to its end.

The jobs that were begun are noted in the state folder. After an interruption the same import of the same content goes
on with them, so that no row is sent twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from salesforce_mcp import folders
from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError, UsageError
from salesforce_mcp.salesforce import ingest
from salesforce_mcp.salesforce.ingest import IngestJob, Kind, Operation
from salesforce_mcp.salesforce.loading import source
from salesforce_mcp.salesforce.loading.results import Outcome, ResultFiles
from salesforce_mcp.salesforce.loading.source import CsvFile, Part
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

ATTEMPTS = 4
"""How often a part is sent, or a result asked for, when the connection breaks."""

_SERVER_ERROR = 500
"""HTTP status from which it was the server that failed."""

Progress = Callable[[float, float | None, str], None]
"""Called with rows done, rows in all and a few words; may raise to stop."""


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

    Raises what the client raises. When jobs are under way by then, the hint names them: they go on at Salesforce, and
    the same call follows them to their end.
    """
    identity = [client.session.instance_url, client.session.username, object_name, operation, external_id, file.digest]
    with _Notes(hashlib.sha256(orjson.dumps(identity)).hexdigest()).opened() as notes:
        work = _Load(client, file, notes, progress)
        try:
            outcome = work.run(object_name, operation, external_id, paths)
        except SfmcpError as error:
            work.name_jobs(error)
            raise
        notes.remove()
        return outcome


class _Load:
    def __init__(self, client: Client, file: CsvFile, notes: _Notes, progress: Progress) -> None:
        self._client = client
        self._file = file
        self._notes = notes
        self._progress = progress
        self._done = 0

    def run(self, object_name: str, operation: Operation, external_id: str | None, paths: dict[Kind, Path]) -> Outcome:
        outcome = Outcome(paths, "bulk", resumed=bool(self._notes.jobs))
        sent = sum(job["rows"] for job in self._notes.jobs)
        for part in source.parts(self._file, skip=sent):
            last = part.first + part.rows
            self._progress(0, None, f"Sending rows {part.first + 1:,} to {last:,} of {self._file.rows:,}")
            job = self._send(part, object_name, operation, external_id)
            self._notes.add(job.id, part.rows)
            ingest.close(self._client, job)
        with ResultFiles(paths).opened() as files:
            for noted in self._notes.jobs:
                outcome.jobs.append(noted["id"])
                self._collect(self._wait(noted["id"]), noted["rows"], files, outcome)
        return outcome

    def name_jobs(self, error: SfmcpError) -> None:
        """Say which jobs go on without us."""
        if not self._notes.jobs:
            return
        named = ", ".join(job["id"] for job in self._notes.jobs)
        words = (
            f"Begun at Salesforce: {named}. The same import goes on with them; bulk_job_status tells how far they are."
        )
        error.hint = f"{error.hint} {words}" if error.hint else words

    def _send(self, part: Part, object_name: str, operation: Operation, external_id: str | None) -> IngestJob:
        """A job with the part's rows, not closed yet: until then it does nothing, and may be given up for another."""
        for attempt in range(1, ATTEMPTS + 1):
            job = ingest.create(
                self._client, object_name, operation, external_id=external_id, delimiter=self._file.delimiter_name
            )
            try:
                part.content.seek(0)
                ingest.upload(self._client, job, part.content)
            except (NetworkError, SalesforceError) as error:
                refused = isinstance(error, SalesforceError) and (error.status or 0) < _SERVER_ERROR
                if refused or attempt == ATTEMPTS:
                    raise
                self._client.pause(float(attempt))
            else:
                return job
        raise AssertionError("unreachable")

    def _wait(self, job_id: str) -> IngestJob:
        try:
            job = ingest.find(self._client, job_id)
        except SalesforceError as error:
            if error.status == 404:
                self._notes.remove()
                error.hint = "Salesforce no longer has this job: look what it did before the file is imported anew."
            raise
        if job.state == "Open":  # interrupted between sending and closing
            ingest.close(self._client, job)
            job = ingest.find(self._client, job_id)

        def look(seen: IngestJob) -> None:
            self._progress(self._done + seen.processed, self._file.rows, f"{counted(seen.processed, 'row')} processed")

        return ingest.wait(self._client, job, look)

    def _collect(self, job: IngestJob, rows: int, files: ResultFiles, outcome: Outcome) -> None:
        for kind in ingest.KINDS:
            self._fetch(job, kind, files)
        outcome.rows["successful"] += job.processed - job.failed
        outcome.rows["failed"] += job.failed
        outcome.rows["unprocessed"] += max(rows - job.processed, 0)
        if job.state != "JobComplete":
            outcome.notes.append(f"Job {job.id} ended as {job.state}{f': {job.error}' if job.error else ''}.")
        self._done += rows
        self._progress(self._done, self._file.rows, "rows processed")

    def _fetch(self, job: IngestJob, kind: Kind, files: ResultFiles) -> None:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with ingest.results(self._client, job, kind) as chunks:
                    files.append(kind, chunks)
                return
            except NetworkError:
                if attempt == ATTEMPTS:
                    raise
                self._client.pause(float(attempt))


class _Notes:
    """Which jobs an import has begun, in a file of the state folder."""

    def __init__(self, name: str) -> None:
        folder = folders.state_dir() / "imports"
        folder.mkdir(mode=0o700, exist_ok=True)
        self._path = folder / f"{name}.json"
        self.jobs: list[dict[str, Any]] = []

    @contextmanager
    def opened(self) -> Iterator[_Notes]:
        """Have the notes for oneself. Raises UsageError when the same import is running elsewhere."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._path.with_suffix(".lock"), timeout=0, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise UsageError("The same import of this file is running already.", code="RUNNING") from error
        try:
            if self._path.exists():
                self.jobs = orjson.loads(self._path.read_bytes())
            yield self
        finally:
            lock.release()

    def add(self, job_id: str, rows: int) -> None:
        """A job has its rows."""
        self.jobs.append({"id": job_id, "rows": rows})
        folders.write_private(self._path, orjson.dumps(self.jobs))

    def remove(self) -> None:
        """All is done."""
        self._path.unlink(missing_ok=True)
