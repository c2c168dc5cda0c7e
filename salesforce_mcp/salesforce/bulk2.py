"""Query jobs of Bulk API 2.0 (resource jobs/query): Salesforce runs the query in its own time, the rows come as CSV."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce import caller, selection
from salesforce_mcp.salesforce.paths import segment

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between two looks at a job, growing from the first to the longest."""

PAGE = 100_000
"""Records in one set of results: few enough that a set is soon fetched again when it broke off."""

PARALLEL_FROM = 58.0
"""API version from which a job's results can be fetched side by side."""

_REFUSED = re.compile(r"(?i)\bGROUP\s+BY\b|\bOFFSET\s+\d|\bTYPEOF\b|\b(?:COUNT|COUNT_DISTINCT|SUM|AVG|MIN|MAX)\s*\(")


@dataclass(frozen=True, slots=True)
class QueryJob:
    """A query job. `api_version` is the one it was made in, which its results must be asked for in (else 409)."""

    id: str
    api_version: str
    state: str
    records: int
    error: str | None

    @property
    def path(self) -> str:
        return f"/services/data/v{self.api_version}/jobs/query/{segment(self.id)}"


def create(client: Client, soql: str, *, include_deleted: bool = False) -> QueryJob:
    """Start a job. Raises SalesforceError when Bulk API can't run the query or isn't enabled."""
    operation = "queryAll" if include_deleted else "query"
    # A second job instead of one does no harm but to the day's allowance, so that it may be repeated.
    body = client.post("jobs/query", {"operation": operation, "query": soql}, repeatable=True)
    return _read(body, client.api_version)


def find(client: Client, job_id: str, api_version: str) -> QueryJob:
    """A job that was started earlier. Raises SalesforceError NOT_FOUND when it is gone."""
    return _look(client, QueryJob(job_id, api_version, "InProgress", 0, None))


def wait(client: Client, job: QueryJob, progress: Callable[[int], None]) -> QueryJob:
    """Wait until the job is complete; `progress` is told how many records it has processed.

    Raises SalesforceError when the job failed or was aborted. When the caller takes the call back, the job is aborted.
    """
    pause = FIRST_PAUSE
    while job.state in ("UploadComplete", "InProgress", "Open"):
        try:
            progress(job.records)
            client.pause(pause)
        except SfmcpError:
            abort(client, job)
            raise
        pause = min(pause * 1.5, LONGEST_PAUSE)
        job = _look(client, job)
    if job.state != "JobComplete":
        raise _failed(job)
    return job


def abort(client: Client, job: QueryJob) -> None:
    """Tell Salesforce that the job is no longer needed, if it will hear it."""
    with caller.calling(lambda: None):  # the call that is being given up may still do this
        try:
            client.patch(job.path, {"state": "Aborted"})
        except SfmcpError:
            return  # it ends by itself, and its results are deleted after seven days


def locators(client: Client, job: QueryJob) -> Iterator[str]:
    """The locators of all sets of a complete job's results, in order, to be fetched side by side (resultPages).

    None at all where the org has no such resource, or lists nothing that is understood: there each set tells the next.
    Raises as `Client.request` when the list breaks off.
    """
    url: str | None = f"{job.path}/resultPages" if float(job.api_version) >= PARALLEL_FROM else None
    begun = False
    while url:
        try:
            body = client.get(url)
        except SalesforceError:
            if begun:
                raise
            return
        # Names as in the guide, and as clients have met them (node-sf-bulk2 1.0, aiosalesforce).
        links = [link.get("resultUrl") or link.get("resultLink") for link in body.get("resultPages") or []]
        links = links or [link.get("resultLink") for link in body.get("resultChunks") or []]
        found = [_locator(link) for link in links]
        following = _locator(body.get("nextRecordsUrl") or body.get("nextRecordUrl"))
        if None in found or not (body.get("done") or following):
            if begun:
                raise NetworkError("The org's list of results breaks off.", code="UNEXPECTED_ANSWER")
            return
        yield from filter(None, found)
        begun = True
        url = None if body.get("done") else f"{job.path}/resultPages?{urlencode({'locator': following})}"


def _locator(url: Any) -> str | None:
    """The locator in a link, which may be a whole URL or a part of one."""
    found = parse_qs(urlsplit(url).query).get("locator") if isinstance(url, str) else None
    return found[0] if found else None


@contextmanager
def results(
    client: Client, job: QueryJob, locator: str | None, *, most: int | None = PAGE
) -> Iterator[tuple[int, str | None, Iterator[bytes]]]:
    """One set of a complete job's results: its number of records, the locator of the next set, the CSV with its header.

    `locator` None: the first set. Locators stay the same as long as the job exists, seven days. `most`: records wanted;
    None leaves it to the org, as for `locators`.
    """
    params = {**({"maxRecords": most} if most else {}), **({"locator": locator} if locator else {})}
    with client.stream(f"{job.path}/results", params=params, headers={"Accept": "text/csv"}) as (headers, chunks):
        following = headers.get("Sforce-Locator")
        count = headers.get("Sforce-NumberOfRecords", "")
        yield int(count) if count.isdigit() else 0, None if following in (None, "", "null") else following, chunks


def refuses(soql: str) -> bool:
    """Whether Bulk API 2.0 takes no such query: grouping, aggregates, OFFSET, TYPEOF, child queries."""
    without_strings = re.sub(r"'(?:[^'\\]|\\.)*'", "''", soql)
    return bool(_REFUSED.search(without_strings) or selection.read(soql).children)


def _look(client: Client, job: QueryJob) -> QueryJob:
    return _read(client.get(job.path), job.api_version)


def _read(body: Any, api_version: str) -> QueryJob:
    """A job's information. Its own `apiVersion` is left aside: recorded ones are not always that of the path."""
    try:
        return QueryJob(
            str(body["id"]),
            api_version,
            str(body["state"]),
            int(body.get("numberRecordsProcessed") or 0),
            body.get("errorMessage"),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise NetworkError("The org's answer is no query job.", code="UNEXPECTED_ANSWER") from error


def _failed(job: QueryJob) -> SalesforceError:
    words = job.error or f"The query job {job.id} ended as {job.state}."
    code = re.match(r"([A-Z][A-Z_]{3,}|\w+)\s*:\s", words)
    return SalesforceError(words, code=code[1] if code else "BULK_JOB_FAILED")
