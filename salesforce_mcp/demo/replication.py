"""Which records changed in a span of time: `/updated` and `/deleted`.

Source: REST API Developer Guide, "sObject Get Updated" and "sObject Get Deleted". Seconds are ignored; spans start at
most 30 days ago.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.records import visible_rows
from salesforce_mcp.demo.schema import SObject

_MOST_DAYS = 30


def updated(context: RequestContext, sobject: SObject, start: str | None, end: str | None) -> dict[str, Any]:
    """Ids of the records that were created or changed."""
    rows, covered = _changed(context, sobject, start, end, deleted=False)
    return {"ids": [record for record, _ in rows], "latestDateCovered": covered}


def deleted(context: RequestContext, sobject: SObject, start: str | None, end: str | None) -> dict[str, Any]:
    """Ids of the records that were deleted, and when."""
    rows, covered = _changed(context, sobject, start, end, deleted=True)
    earliest = _stored(datetime.now(UTC) - timedelta(days=_MOST_DAYS))
    return {
        "deletedRecords": [{"deletedDate": moment, "id": record} for record, moment in rows],
        "earliestDateAvailable": earliest,
        "latestDateCovered": covered,
    }


def _changed(
    context: RequestContext, sobject: SObject, start: str | None, end: str | None, *, deleted: bool
) -> tuple[list[tuple[str, str]], str]:
    """Id and moment of each change, and until when changes are covered."""
    if not sobject.can("replicateable") or (deleted and sobject.field("IsDeleted") is None):
        raise ApiError(400, "INVALID_TYPE", f"object type '{sobject.name}' is not replicateable")
    first, last = _moment("start", start), _moment("end", end)
    now = datetime.now(UTC)
    if last <= first:
        message = "endDate must chronologically follow startDate by more than one minute"
        raise ApiError(400, "INVALID_REPLICATION_DATE", message)
    if first < now - timedelta(days=_MOST_DAYS, minutes=1):
        message = f"startDate cannot be more than {_MOST_DAYS} days ago"
        raise ApiError(400, "INVALID_REPLICATION_DATE", message)
    stamp = "SystemModstamp" if sobject.field("SystemModstamp") else "LastModifiedDate"
    condition, parameters = visible_rows(context, sobject)
    if sobject.field("IsDeleted"):
        condition += f" AND t.IsDeleted = {int(deleted)}"
    statement = (
        f'SELECT t.Id, t."{stamp}" FROM "{sobject.name}" t'  # noqa: S608 - names of the schema
        f' WHERE t."{stamp}" >= :first AND t."{stamp}" < :last AND {condition} ORDER BY t."{stamp}"'
    )
    span = {"first": _stored(first), "last": _stored(last)}
    rows = context.store.connection().execute(statement, {**parameters, **span}).fetchall()
    return rows, _stored(min(last, now.replace(second=0, microsecond=0)))


def _moment(name: str, text: str | None) -> datetime:
    if not text:
        raise ApiError(400, "MISSING_ARGUMENT", f"The {name} parameter is required")
    try:
        # A plus sign that was not percent-encoded arrives as a space.
        moment = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        message = f"Invalid value for the {name} parameter: {text}"
        raise ApiError(400, "INVALID_REPLICATION_DATE", message) from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def _stored(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%S}.000+0000"
