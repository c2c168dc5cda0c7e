"""Many records from a CSV file by Bulk API 2.0 (resource jobs/ingest), and the jobs that do it."""

from __future__ import annotations

import csv
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator

from salesforce_mcp import folders
from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.salesforce.faults import shortened
from salesforce_mcp.salesforce.ingest import Operation
from salesforce_mcp.salesforce.loading.source import DELIMITERS
from salesforce_mcp.tools.arguments import FieldName, ObjectName, check_id
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.localfiles import LocalFile, readable
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record
from salesforce_mcp.wording import counted

_SHOWN = {
    "operation": "operation",
    "object": "object",
    "state": "state",
    "processed": "numberRecordsProcessed",
    "failed": "numberRecordsFailed",
    "external_id_field": "externalIdFieldName",
    "created": "createdDate",
    "milliseconds": "totalProcessingTime",
    "error": "errorMessage",
}
"""What is told of a job, and what Salesforce calls it."""


_REASONS = 5
"""Reasons of failed rows that an answer names: the model may not be able to read the file that has them all."""
_LOOKED_AT = 1000


def _check_job_id(value: str) -> str:
    if not check_id(value).startswith("750"):
        raise ValueError("Ids of bulk jobs begin with 750")
    return value


JobId = Annotated[str, AfterValidator(_check_job_id)]
"""Id of a bulk job."""


@tool(title="Load a CSV file", access="destructive", calls="about 8 for each 100 MB", asks="bulk")
def bulk_ingest(
    context: Context,
    object: ObjectName,
    operation: Operation,
    file: LocalFile,
    external_id_field: FieldName | None = None,
) -> Record:
    """Write the rows of a local CSV file (API names as header; `#N/A` sets null) as records by Bulk API 2.0. For more
    rows than `create_records` and its like take. Waits, then says where the successful, failed and unprocessed rows
    are. When interrupted, the same call goes on. Only files below the allowed folders.
    """
    from salesforce_mcp.salesforce.loading import bulk, header, source
    from salesforce_mcp.salesforce.loading.results import free_paths
    from salesforce_mcp.salesforce.packing import bare

    path = readable(file)
    content = source.scan(path, folders.open_resolved)
    header.check(context.client, object, operation, content.columns, external_id_field)
    outcome = bulk.load(
        context.client,
        content,
        object,
        operation,
        free_paths(context.export_dir, f"{bare(path).stem}-{operation}"),
        external_id=external_id_field,
        progress=context.progress,
    )
    notes = list(outcome.notes)
    if outcome.resumed:
        notes.append("Went on with the jobs of an import that was interrupted.")
    fields: dict[str, Any] = {"jobs": outcome.jobs}
    fields.update(outcome.rows.items())
    fields |= {f"{kind}_file": str(path) for kind, path in outcome.files.items()}
    if outcome.rows["failed"]:
        fields["reasons"] = _reasons(outcome.files["failed"], content.delimiter)
    return Record(
        fields,
        summary=f"{outcome.rows['successful']:,} of {counted(content.rows, 'row')} done.",
        notes=notes,
        failed=not outcome.complete,
        files=list(outcome.files.values()),
    )


@tool(title="Bulk job status")
def bulk_job_status(context: Context, job_id: JobId, wait: bool = False) -> Record:
    """How far a bulk job (ingest or query) is. `wait`: until it has ended."""
    from salesforce_mcp.salesforce import ingest

    client = context.client
    try:
        job = ingest.find(client, job_id)
    except SalesforceError as error:
        if error.status != 404:
            raise
        return _shown(client.get(f"jobs/query/{job_id}"))
    if wait:
        job = ingest.wait(
            client, job, lambda seen: context.progress(seen.processed, None, counted(seen.processed, "row"))
        )
    return _shown(job.info)


@tool(title="Bulk job results", calls="4")
def bulk_job_results(context: Context, job_id: JobId) -> Record:
    """Write an ended ingest job's successful, failed and unprocessed rows to local CSV files, and say where they are.
    Failed rows have their reason in `sf__Error`.
    """
    from salesforce_mcp.salesforce import ingest
    from salesforce_mcp.salesforce.loading.results import ResultFiles, free_paths

    client = context.client
    job = ingest.find(client, job_id)
    if not job.finished:
        raise ArgumentError(
            f"The job is still in state {job.state}.", fields=("job_id",), hint="bulk_job_status waits with wait=true."
        )
    paths = free_paths(context.export_dir, f"{job.object}-{job.operation}-{job.id}")
    with ResultFiles(paths).opened() as files:
        for kind in ingest.KINDS:
            context.check_cancelled()
            with ingest.results(client, job, kind) as chunks:
                files.append(kind, chunks)
    shown = _shown(job.info)
    shown.fields |= {f"{kind}_file": str(path) for kind, path in paths.items()}
    names = {name: sign for sign, name in DELIMITERS.items()}
    shown.fields["reasons"] = _reasons(paths["failed"], names.get(str(job.info.get("columnDelimiter")), ","))
    shown.files = list(paths.values())
    return shown


@tool(title="Abort a bulk job", access="write", idempotent=True)
def bulk_abort_job(context: Context, job_id: JobId) -> Record:
    """Stop a bulk job (ingest or query). Records that it has written stay written."""
    from salesforce_mcp.salesforce import ingest

    client = context.client
    try:
        job = ingest.find(client, job_id)
    except SalesforceError as error:
        if error.status != 404:
            raise
        return _shown(client.patch(f"jobs/query/{job_id}", {"state": "Aborted"}))
    return _shown(ingest.abort(client, job).info)


def _shown(info: dict[str, Any]) -> Record:
    return Record({"job_id": info["id"], **{name: info[key] for name, key in _SHOWN.items() if key in info}})


def _reasons(failed: Path, delimiter: str) -> list[str]:
    """Why the first of the failed rows were refused, each reason once."""
    with failed.open(encoding="utf-8", newline="") as file:
        rows = islice(csv.DictReader(file, delimiter=delimiter), _LOOKED_AT)
        found = dict.fromkeys(shortened(str(row.get("sf__Error"))) for row in rows)
    return list(found)[:_REASONS]
