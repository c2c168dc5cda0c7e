"""`/jobs/query` and `/jobs/ingest`: Bulk API 2.0.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Bulk API 2.0 Query" and "Bulk API 2.0 Ingest"; shapes as recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from salesforce_mcp.demo import bodies, records
from salesforce_mcp.demo.bulk import background, dialect, extract, jobs, load
from salesforce_mcp.demo.bulk.jobs import FINISHED, Area, Job, Kind
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.rights import Action

LISTED = 1_000
PARALLEL = 5
"""Urls in one answer of `resultPages`."""
CSV_TYPE = {"Content-Type": "text/csv"}
_SHAPE: dict[str, bodies.Shape] = dict.fromkeys(
    ("assignmentRuleId", "columnDelimiter", "contentType", "externalIdFieldName", "lineEnding", "object", "operation"),
    str,
)
_NEEDED: dict[str, tuple[Action, ...]] = {
    "insert": ("create",),
    "update": ("edit",),
    "upsert": ("create", "edit"),
    "delete": ("delete",),
    "hardDelete": ("delete",),
}


def create_query(call: Call) -> Reply:
    body = call.json_object()
    bodies.check(body, _SHAPE)
    operation, soql = body.get("operation"), body.get("query")
    if operation not in ("query", "queryAll"):
        raise _invalid_job(f"Operation {operation} is not supported for a query job")
    if not isinstance(soql, str) or not soql.strip():
        raise ApiError(400, "MALFORMED_QUERY", "SOQL query is required")
    plan, _ = extract.compile_job(call.store, call.user, soql, operation, call.version)
    form = _form(body)
    name = plan.sobject.name
    job = jobs.create(
        call.store, call.user, "query", call.version, operation=operation, object=name, query=soql, **form
    )
    background.submit(call.store, job)
    return Reply(body=job.made())


def create_ingest(call: Call) -> Reply:
    """Open a job; of a multipart request the CSV too, which closes it at once."""
    parts = {part.name: part.data for part in call.parts()}
    if parts:
        try:
            body: Any = orjson.loads(parts.get("job", b"{}"))
        except orjson.JSONDecodeError:
            raise ApiError(400, "JSON_PARSER_ERROR", "The part 'job' must be a JSON object.") from None
    else:
        body = call.json_object()
    job = _open(call, body)
    if "content" in parts:
        jobs.put_upload(call.store, job, parts["content"])
        job.state = "UploadComplete"
        jobs.save(call.store, job)
        background.submit(call.store, job)
        return Reply(body=job.short())
    return Reply(body=job.made())


def upload(call: Call) -> Reply:
    """PUT the CSV, once."""
    job = _find(call, "ingest")
    with call.store.transaction():
        if job.state != "Open":
            raise _wrong_state(f"Job is in state {job.state}: data can only be uploaded to a job in state Open")
        if jobs.has_upload(call.store, job.id):
            message = (
                f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the current Job then"
                " create a new Job and make sure you only do 'PUT' once on a given Job."
            )
            raise ApiError(400, "CLIENTINPUTERROR", message)
        jobs.put_upload(call.store, job, call.body)
    return Reply(201)


def change(call: Call, kind: Kind) -> Reply:
    """PATCH the state: UploadComplete for an open ingest job, Aborted for any that isn't finished."""
    wanted = call.json_object().get("state")
    with call.store.transaction():
        job = _find(call, kind)
        if wanted == "UploadComplete" and kind == "ingest":
            if job.state != "Open":
                raise _wrong_state(f"Closing already {_finished(job)} Job not allowed")
            if job.user_id != call.user.id:
                raise ApiError(400, "INVALIDUSER", "Only the user who created a job can close it")
        elif wanted == "Aborted":
            if job.state in FINISHED:
                raise _wrong_state(f"Aborting already {_finished(job)} Job not allowed")
        else:
            raise _wrong_state(f"Job state {wanted} is not supported")
        job.state = wanted
        jobs.save(call.store, job)
    background.submit(call.store, job)
    return Reply(body=job.short())


def show(call: Call, kind: Kind) -> Reply:
    job = _find(call, kind)
    background.submit(call.store, job)  # its process may be gone
    return Reply(body=job.info())


def show_all(call: Call, kind: Kind) -> Reply:
    """All jobs, a thousand at a time; `queryLocator` names where to go on."""
    found = jobs.mine(call.store, call.user, kind)
    own_type = "V2Query" if kind == "query" else "V2Ingest"
    if call.query.get("jobType", own_type) != own_type:
        found = []
    start = call.query.get("queryLocator", "").rpartition("-")[2]
    first = int(start) if start.isdigit() else 0
    done = len(found) <= first + LISTED
    following = f"{call.version_path}/jobs/{kind}?queryLocator=01g000000000000AAA-{first + LISTED}"
    return Reply(
        body={
            "done": done,
            "records": [job.listed() for job in found[first : first + LISTED]],
            "nextRecordsUrl": None if done else following,
        }
    )


def delete(call: Call, kind: Kind) -> Reply:
    job = _find(call, kind)
    if job.state not in FINISHED and not (kind == "ingest" and job.state == "UploadComplete"):
        message = "Error encountered when deleting the job because the job is not terminated"
        raise ApiError(400, "API_ERROR", message)
    jobs.remove(call.store, job)
    return Reply(204)


def query_results(call: Call) -> Reply:
    """One set of rows; `Sforce-Locator` names the next."""
    job = _complete(call, "query")
    first = extract.offset_of(call.query["locator"]) if call.query.get("locator") else 0
    asked = call.query.get("maxRecords", "")
    count = min(max(int(asked), 1) if asked.isdigit() else extract.PAGE, max(job.processed - first, 0))
    following = extract.locator(first + count) if first + count < job.processed else "null"
    headers = {**CSV_TYPE, "Sforce-Locator": following, "Sforce-NumberOfRecords": str(count)}
    return Reply(body=extract.results(call.store, call.user, job, first, count), headers=headers)


def result_pages(call: Call) -> Reply:
    """The urls of up to five sets of rows, to be fetched side by side."""
    job = _complete(call, "query")
    root = f"{call.version_path}/jobs/query/{job.id}"
    first = extract.offset_of(call.query["locator"]) if call.query.get("locator") else 0
    offsets = range(first, max(job.processed, 1), extract.PAGE)
    pages = [{"resultUrl": f"{root}/results?locator={extract.locator(at)}"} for at in offsets[:PARALLEL]]
    done = len(offsets) <= PARALLEL
    following = {} if done else {"nextRecordsUrl": f"{root}/resultPages?locator={extract.locator(offsets[PARALLEL])}"}
    return Reply(body={"resultPages": pages, **following, "done": done})


def ingest_results(call: Call, area: Area) -> Reply:
    job = _find(call, "ingest")
    if job.state not in FINISHED:
        raise _wrong_state(f"Results are not available while the job is in state {job.state}")
    return Reply(body=_stream(call, job, area), headers=CSV_TYPE)


def unprocessed_records(call: Call) -> Reply:
    job = _find(call, "ingest")
    if job.state not in FINISHED:
        raise _wrong_state(f"Results are not available while the job is in state {job.state}")
    return Reply(body=load.unprocessed(call.store, job), headers=CSV_TYPE)


def _open(call: Call, body: Any) -> Job:
    """Check what an ingest job is to do, and make it."""
    if not isinstance(body, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "The HTTP entity body must be a JSON object at [line:1, column:1]")
    bodies.check(body, _SHAPE)
    operation, name = body.get("operation"), body.get("object")
    if operation not in _NEEDED:
        raise _invalid_job(f"Operation {operation} is not supported for an ingest job")
    sobject = call.store.objects.get(name) if isinstance(name, str) else None
    if sobject is None or not call.user.can_read(sobject.name):
        raise _invalid_job(f"Unable to find object: {name}")
    for action in _NEEDED[operation]:
        if not call.user.can(sobject, action):
            raise _invalid_job(f"No {'update' if action == 'edit' else action} access for object:{sobject.name}")
    if operation == "hardDelete" and not call.user.is_admin:
        message = (
            "hardDelete operation requires special user profile permission, please contact your system administrator"
        )
        raise ApiError(400, "FEATURENOTENABLED", f"FeatureNotEnabled : {message}")
    external_id = _external_id(call, sobject.name, operation, body.get("externalIdFieldName"))
    return jobs.create(
        call.store,
        call.user,
        "ingest",
        call.version,
        operation=operation,
        object=sobject.name,
        external_id=external_id,
        assignment_rule=body.get("assignmentRuleId"),
        **_form(body),
    )


def _external_id(call: Call, sobject: str, operation: str, name: Any) -> str | None:
    if operation != "upsert":
        if name:
            raise _invalid_job(f"External ID field can only be used with upsert, not with {operation}")
        return None
    try:
        return records.external_id_field(RequestContext.of(call), call.store.objects[sobject], str(name or "")).name
    except ApiError:
        message = (
            f"InvalidJob : Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field"
            f" for {sobject}"
        )
        raise _invalid_job(message) from None


def _form(body: dict[str, Any]) -> dict[str, str]:
    """How the CSV is written."""
    if body.get("contentType", "CSV") != "CSV":
        raise _invalid_job("The only content type supported is CSV")
    delimiter, line_ending = body.get("columnDelimiter") or "COMMA", body.get("lineEnding") or "LF"
    if delimiter not in dialect.DELIMITERS:
        raise _invalid_job(f"Unknown columnDelimiter: {delimiter}")
    if line_ending not in dialect.LINE_ENDINGS:
        raise _invalid_job(f"Unknown lineEnding: {line_ending}")
    return {"delimiter": delimiter, "line_ending": line_ending}


def _find(call: Call, kind: Kind) -> Job:
    return jobs.find(call.store, call.user, kind, call.params["job"])


def _complete(call: Call, kind: Kind) -> Job:
    """A job whose results may be had, in the version that made it."""
    job = _find(call, kind)
    if job.version != call.version:
        message = f"Results must be requested in the API version that created the job: {job.version}"
        raise ApiError(409, "API_ERROR", message)
    if job.state != "JobComplete":
        raise _wrong_state(f"Results are not available while the job is in state {job.state}")
    return job


def _stream(call: Call, job: Job, area: Area) -> Iterator[bytes]:
    return ("".join(part).encode() for part in jobs.lines(call.store, job.id, area))


def _finished(job: Job) -> str:
    return {"JobComplete": "Completed"}.get(job.state, job.state)


def _wrong_state(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOBSTATE", message)


def _invalid_job(message: str) -> ApiError:
    return ApiError(400, "INVALIDJOB", f"InvalidJob : {message}")


_JOB = "/jobs/ingest/{job}"
_QUERY = "/jobs/query/{job}"
routes = [
    resource("POST", "/jobs/query", create_query),
    resource("GET", "/jobs/query", lambda call: show_all(call, "query")),
    resource("GET", _QUERY, lambda call: show(call, "query")),
    resource("PATCH", _QUERY, lambda call: change(call, "query")),
    resource("DELETE", _QUERY, lambda call: delete(call, "query")),
    resource("GET", f"{_QUERY}/results", query_results),
    resource("GET", f"{_QUERY}/resultPages", result_pages),
    resource("POST", "/jobs/ingest", create_ingest),
    resource("GET", "/jobs/ingest", lambda call: show_all(call, "ingest")),
    resource("GET", _JOB, lambda call: show(call, "ingest")),
    resource("PATCH", _JOB, lambda call: change(call, "ingest")),
    resource("DELETE", _JOB, lambda call: delete(call, "ingest")),
    resource("PUT", f"{_JOB}/batches", upload),
    resource("GET", f"{_JOB}/successfulResults", lambda call: ingest_results(call, "successful")),
    resource("GET", f"{_JOB}/failedResults", lambda call: ingest_results(call, "failed")),
    resource("GET", f"{_JOB}/unprocessedrecords", unprocessed_records),
    # The guide spells it in lower case, clients as the other two; Salesforce takes both.
    resource("GET", f"{_JOB}/unprocessedRecords", unprocessed_records),
]
