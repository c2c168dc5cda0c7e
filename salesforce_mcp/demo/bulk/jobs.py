"""Bulk jobs and their data, in the org's file, so that any process of the org can show, run or finish them.

A job is a row of `server_state`. Its data are further rows, a part each: the CSV that was uploaded in slices of bytes,
results as JSON lists of CSV lines. Source: Bulk API 2.0 Developer Guide, "Create a Job", "Get Information About an
Ingest Job", "Get Information About a Query Job", "Limits" (jobs and results are kept for seven days).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import orjson

from salesforce_mcp.demo import state, values
from salesforce_mcp.demo.errors import not_found
from salesforce_mcp.demo.schema import record_id

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

Kind = Literal["query", "ingest"]
Area = Literal["data", "rows", "successful", "failed"]
"""What was uploaded; the rows of a query; the results of an ingest job."""

LIFETIME = 7 * 86_400.0
FINISHED = frozenset({"JobComplete", "Failed", "Aborted"})
WAITING = frozenset({"UploadComplete", "InProgress"})
"""States of a job that is, or should be, at work."""
LEASE = 20.0
"""Seconds after which another process takes over a job that nobody has worked at since."""
_KIND, _PARTS = "bulk-job", "bulk-part"
_SLICE = 1_000_000


@dataclass
class Job:
    """One job. `version` is the API version that made it; `milliseconds` is how long it has been worked at.

    `rows` counts the rows of a query's result. `worker` has it until `lease` (seconds since 1970) is over.
    """

    id: str
    kind: Kind
    user_id: str
    operation: str
    object: str
    version: str
    state: str
    created: str
    modified: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id: str | None = None
    assignment_rule: str | None = None
    query: str | None = None
    processed: int = 0
    failed: int = 0
    error: str | None = None
    milliseconds: int = 0
    worker: str | None = None
    lease: float = 0.0

    def short(self) -> dict[str, Any]:
        """What creating, closing and aborting answer."""
        names = {"externalIdFieldName": self.external_id, "assignmentRuleId": self.assignment_rule}
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": self.created,
            "systemModstamp": self.modified,
            "state": self.state,
            **{name: value for name, value in names.items() if value},
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
        }

    def made(self) -> dict[str, Any]:
        """What creating it answers: how to upload, and how the CSV is written."""
        return {**self.short(), **self._content_url(), **self._form()}

    def listed(self) -> dict[str, Any]:
        """An entry in the list of all jobs."""
        kind = "V2Query" if self.kind == "query" else "V2Ingest"
        return {**self.short(), "jobType": kind, **self._content_url(), **self._form()}

    def info(self) -> dict[str, Any]:
        """All there is to know about it."""
        info = self.listed()
        if self.kind == "query":
            info["numberRecordsProcessed"] = self.processed
        elif self.state != "Open":
            info |= {"numberRecordsProcessed": self.processed, "numberRecordsFailed": self.failed}
        info |= {"retries": 0, "totalProcessingTime": self.milliseconds}
        if self.kind == "query":
            info["isPkChunkingSupported"] = True
        else:
            info |= {"apiActiveProcessingTime": self.milliseconds, "apexProcessingTime": 0}
        return {**info, "errorMessage": self.error} if self.error else info

    def _form(self) -> dict[str, str]:
        return {"lineEnding": self.line_ending, "columnDelimiter": self.delimiter}

    def _content_url(self) -> dict[str, str]:
        if self.state != "Open":
            return {}
        return {"contentUrl": f"services/data/v{self.version}/jobs/ingest/{self.id}/batches"}


def create(store: Store, user: User, kind: Kind, version: str, **given: Any) -> Job:
    """A new job of the user: Open for ingest, UploadComplete for a query."""
    moment = values.now()
    with store.transaction():
        number = store.next_number("BulkJob")
        state_name = "UploadComplete" if kind == "query" else "Open"
        job = Job(
            id=record_id("750", number),
            kind=kind,
            user_id=user.id,
            version=version,
            state=state_name,
            created=moment,
            modified=moment,
            **given,
        )
        state.put(store, _KIND, job.id, asdict(job), lifetime=LIFETIME)
    return job


def load(store: Store, job_id: str) -> Job | None:
    """The job as it is now."""
    found = state.get(store, _KIND, job_id)
    return Job(**found) if found else None


def find(store: Store, user: User, kind: Kind, job_id: str) -> Job:
    """The job, if the user may know of it: one's own, or all for an administrator. A short Id will do."""
    job = load(store, job_id) or next((each for each in _all(store) if each.id[:15] == job_id), None)
    if job is None or job.kind != kind or not (user.is_admin or job.user_id == user.id):
        raise not_found()
    return job


def mine(store: Store, user: User, kind: Kind) -> list[Job]:
    """The jobs of a kind that the user may know of, oldest first."""
    found = [job for job in _all(store) if job.kind == kind and (user.is_admin or job.user_id == user.id)]
    return sorted(found, key=lambda job: job.id)


def save(store: Store, job: Job) -> None:
    """Keep what has changed."""
    job.modified = values.now()
    state.change(store, _KIND, job.id, asdict(job))


def remove(store: Store, job: Job) -> None:
    """Delete a job with its data."""
    with store.transaction():
        state.remove(store, _KIND, job.id)
        clear(store, job.id)


def clear(store: Store, job_id: str, area: Area | None = None) -> None:
    """Delete a job's data, of one area or all."""
    first, last = (_key(job_id, area, 0), _key(job_id, area, 10**9)) if area else (f"{job_id}/", f"{job_id}0")
    with store.transaction() as connection:
        connection.execute("DELETE FROM server_state WHERE kind = ? AND key BETWEEN ? AND ?", (_PARTS, first, last))


def put_upload(store: Store, job: Job, content: bytes) -> None:
    """Keep the CSV of an ingest job."""
    with store.transaction():
        for number, at in enumerate(range(0, len(content), _SLICE)):
            _put(store, _key(job.id, "data", number), content[at : at + _SLICE])


def upload(store: Store, job_id: str) -> bytes:
    """The CSV of an ingest job."""
    rows = store.connection().execute(
        "SELECT value FROM server_state WHERE kind = ? AND key BETWEEN ? AND ? ORDER BY key",
        (_PARTS, _key(job_id, "data", 0), _key(job_id, "data", 10**9)),
    )
    return b"".join(value for (value,) in rows)


def has_upload(store: Store, job_id: str) -> bool:
    """Whether the CSV is there."""
    return _get(store, _key(job_id, "data", 0)) is not None


def put_lines(store: Store, job_id: str, area: Area, number: int, lines: Sequence[str]) -> None:
    """Keep CSV lines, with their line endings, as one part."""
    _put(store, _key(job_id, area, number), orjson.dumps(lines))


def lines(store: Store, job_id: str, area: Area, first: int = 0) -> Iterator[list[str]]:
    """The parts of an area in order, from the part of this number on. Nothing is held open between two of them."""
    key, last = _key(job_id, area, first - 1), _key(job_id, area, 10**9)
    while (
        row := store.connection()
        .execute(
            "SELECT key, value FROM server_state WHERE kind = ? AND key > ? AND key <= ? ORDER BY key LIMIT 1",
            (_PARTS, key, last),
        )
        .fetchone()
    ):
        key = row[0]
        yield orjson.loads(row[1])


def _all(store: Store) -> Iterator[Job]:
    return (Job(**value) for _, value in state.items(store, _KIND))


def _put(store: Store, key: str, content: bytes) -> None:
    with store.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO server_state (kind, key, value, expires) VALUES (?, ?, ?, ?)",
            (_PARTS, key, content, time.time() + LIFETIME),
        )


def _get(store: Store, key: str) -> bytes | None:
    row = (
        store.connection()
        .execute("SELECT value FROM server_state WHERE kind = ? AND key = ?", (_PARTS, key))
        .fetchone()
    )
    return None if row is None else row[0]


def _key(job_id: str, area: Area, number: int) -> str:
    return f"{job_id}/{area}/{number + 1:010d}"
