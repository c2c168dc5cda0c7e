"""Ingest jobs: each row of the uploaded CSV becomes a record, 200 to a transaction.

Source: Bulk API 2.0 Developer Guide, "Prepare CSV Files", "Relationship Fields in a Header Row (2.0)", "Get Job Failed
Record Results"; wording of errors as recorded, or as clients have reported it.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import deletion, records, values
from salesforce_mcp.demo.bulk import dialect, jobs
from salesforce_mcp.demo.bulk.jobs import Job
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import Field, SObject

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

CHUNK = 200
"""Rows of one transaction: each chunk of 200 records is one at Salesforce too."""
MAX_HEADER = 32_000
SET_NULL = "#N/A"
_DELETES = ("delete", "hardDelete")
_XSD = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "date",
    "datetime": "dateTime",
    "time": "time",
}


class JobFailed(Exception):
    """Nothing (more) of the job can be done; the message becomes the job's `errorMessage`."""


@dataclass(frozen=True)
class Column:
    """A column of the upload: a field, or a parent named by one of its fields (`Owner.Email`, `Lead:Who.Email`)."""

    name: str
    place: int
    field: Field | None
    relationship: str | None = None
    parent_field: str | None = None
    parent_type: str | None = None

    def value(self, text: str) -> Any:
        """What the cell sets; ApiError for text that isn't of the field's type."""
        if text == SET_NULL:
            return None
        if self.relationship is not None:
            attributes = {"attributes": {"type": self.parent_type}} if self.parent_type else {}
            return {**attributes, self.parent_field: text}
        field = self.field
        if field is None or field.type not in _XSD:
            return text
        if field.type == "boolean" and text in ("0", "1"):
            return text == "1"
        try:
            values.to_storage(field, text)
        except ApiError:
            message = (
                f"Failed to deserialize field at col {self.place}. Due to, '{text}' is not a valid value for the type"
                f" xsd:{_XSD[field.type]}"
            )
            raise ApiError(400, "INVALID_FIELD", message, [field.name]) from None
        return text


def run(store: Store, user: User, job: Job, go_on: Callable[[Job, int], bool]) -> None:
    """Work through the upload from where an earlier run stopped. `go_on` is told, within each chunk's transaction, how
    many rows are done, and says whether the job is still wanted. Raises JobFailed.
    """
    context = RequestContext(store, user, job.version)
    sobject = store.objects[job.object]
    rows = _rows(store, job)
    columns = _header(context, sobject, job, next(rows, []))
    _write_headers(store, job, columns)
    rows = islice(rows, job.processed, None)
    with store.acting_as(user.id):
        while True:
            try:
                chunk = list(islice(rows, CHUNK))
            except csv.Error as error:
                raise JobFailed(f"InvalidBatch : Failed to parse the CSV content: {error}") from None
            except UnicodeDecodeError:
                raise JobFailed("InvalidBatch : The CSV content is not valid UTF-8") from None
            if not chunk:
                return
            with store.transaction():
                current = jobs.load(store, job.id)
                if current is None or current.state != "InProgress" or current.worker != job.worker:
                    return
                job.failed += _write(context, job, columns, chunk)
                if not go_on(job, job.processed + len(chunk)):
                    return


def unprocessed(store: Store, job: Job) -> Iterator[bytes]:
    """The rows that were not worked at, below their header."""
    try:
        rows = _rows(store, job)
        header = next(rows, [])
        yield dialect.line(header, job.delimiter, job.line_ending).encode()
        if job.state == "JobComplete":
            return
        for row in islice(rows, job.processed, None):
            yield dialect.line(row, job.delimiter, job.line_ending).encode()
    except (JobFailed, csv.Error, UnicodeDecodeError):
        yield jobs.upload(store, job.id)  # it could not even be read


def _rows(store: Store, job: Job) -> Iterator[list[str]]:
    try:
        return dialect.read(jobs.upload(store, job.id), job.delimiter, job.line_ending)
    except dialect.WrongLineEnding:
        message = f"LineEnding is invalid on user data. Current LineEnding setting is {job.line_ending}"
        raise JobFailed(f"ClientInputError : {message}") from None


def _header(context: RequestContext, sobject: SObject, job: Job, names: Sequence[str]) -> list[Column]:
    if not names:
        raise JobFailed("InvalidBatch : The batch has no header row")
    if sum(map(len, names)) > MAX_HEADER:
        raise JobFailed(f"InvalidBatch : The header row has more than {MAX_HEADER} characters")
    columns = [_column(context, sobject, name, place) for place, name in enumerate(names)]
    if job.operation in _DELETES and [name.lower() for name in names] != ["id"]:
        raise JobFailed(f"InvalidBatch : InvalidBatch : The '{job.operation}' batch must contain only ids")
    if len({name.lower() for name in names}) < len(names):
        raise JobFailed("InvalidBatch : Duplicate field names in the header row")
    return columns


def _column(context: RequestContext, sobject: SObject, name: str, place: int) -> Column:
    """The column of a header cell; a name that the user doesn't know is not found, as one that isn't there."""
    kind, _, rest = name.rpartition(":")
    relationship, dot, parent_field = rest.partition(".")
    field = sobject.parent(relationship) if dot else sobject.field(name)
    if field is None or not context.user.can_read_field(sobject.name, field.name):
        raise JobFailed(f"InvalidBatch : Field name not found : {name}")
    if not dot:
        return Column(name, place, field)
    if field.polymorphic != bool(kind):
        raise JobFailed(f"InvalidBatch : Field name not found : {name}")
    return Column(name, place, None, relationship, parent_field, kind or None)


def _write_headers(store: Store, job: Job, columns: list[Column]) -> None:
    """Put the header of both result files in front of their rows."""
    names = [column.name for column in columns]
    for area, first in (("successful", "sf__Created"), ("failed", "sf__Error")):
        separator = dialect.DELIMITERS[job.delimiter]
        line = separator.join([f'"sf__Id"{separator}"{first}"', *names]) + dialect.LINE_ENDINGS[job.line_ending]
        jobs.put_lines(store, job.id, area, 0, [line])  # type: ignore[arg-type]


def _write(context: RequestContext, job: Job, columns: list[Column], chunk: list[list[str]]) -> int:
    """Write a chunk's records and results; how many failed."""
    successful: list[str] = []
    failed: list[str] = []
    for row in chunk:
        try:
            if len(row) > len(columns):
                message = f"The row has {len(row)} cells, the header {len(columns)}"
                raise ApiError(400, "INVALID_CSV_ROW", message, [])
            record, created = _one(context, job, columns, row)
            cells = [record, created, *row]
            successful.append(dialect.line(cells, job.delimiter, job.line_ending))
        except ApiError as error:
            cells = [_named(columns, row), _error(error), *row]
            failed.append(dialect.line(cells, job.delimiter, job.line_ending))
    number = job.processed // CHUNK + 1
    jobs.put_lines(context.store, job.id, "successful", number, successful)
    jobs.put_lines(context.store, job.id, "failed", number, failed)
    return len(failed)


def _one(context: RequestContext, job: Job, columns: list[Column], row: list[str]) -> tuple[str, bool]:
    """Write one record; its Id, and whether it is new."""
    body: dict[str, Any] = {}
    for column, text in zip(columns, row, strict=False):
        if text:
            body[column.relationship or (column.field.name if column.field else column.name)] = column.value(text)
    if job.operation == "insert":
        return records.create(context, job.object, body), True
    if job.operation == "upsert" and (job.external_id or "Id").lower() != "id":
        return _upsert(context, job, body)
    record = body.pop("Id", None)
    if record is None:
        if job.operation == "upsert":
            return records.create(context, job.object, body), True
        raise ApiError(400, "MISSING_ARGUMENT", f"Id not specified in an {job.operation} call", [])
    if job.operation in _DELETES:
        records.delete(context, job.object, record)
        if job.operation == "hardDelete":
            deletion.purge(context, record)
    else:
        records.update(context, job.object, record, body)
    return str(record), False


def _upsert(context: RequestContext, job: Job, body: dict[str, Any]) -> tuple[str, bool]:
    name = str(job.external_id)
    value = body.pop(name, None)
    if value is None:
        raise ApiError(400, "MISSING_ARGUMENT", f"{name} not specified", [])
    return records.upsert(context, job.object, name, str(value), body)


def _named(columns: list[Column], row: list[str]) -> str:
    """The Id that a row names itself."""
    place = next((column.place for column in columns if column.name.lower() == "id"), None)
    return row[place] if place is not None and place < len(row) else ""


def _error(error: ApiError) -> str:
    """`CODE:message:fields --`, as `sf__Error` has it."""
    fields = ", ".join(error.fields or [])
    code = "DUPLICATE_EXTERNAL_ID" if error.status == 300 else error.code
    return f"{code}:{error.message}:{f'{fields} ' if fields else ''}--"
