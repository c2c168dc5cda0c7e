"""Many records (resource `composite/sobjects`): 200 in a call, and one outcome for each record, in order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, Any, TypeVar

from pydantic import Field

from salesforce_mcp.errors import ArgumentError, SfmcpError
from salesforce_mcp.salesforce import collections
from salesforce_mcp.salesforce.collections import CALL, Outcomes
from salesforce_mcp.salesforce.faults import shortened
from salesforce_mcp.tools.arguments import FieldName, ObjectName, RecordData, RecordId, check_id
from salesforce_mcp.tools.context import Cancelled, Context
from salesforce_mcp.tools.records.bodies import as_body
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Table
from salesforce_mcp.wording import counted

MAX_RECORDS = 2000
"""Records in one tool call; more is work for the Bulk API."""

NAMED = 20
"""Records that failed which the first line names: of many records, a client may not be shown all."""

Item = TypeVar("Item")

Records = Annotated[list[RecordData], Field(min_length=1, max_length=MAX_RECORDS)]


@tool(title="Create records", access="write", calls="1 for each 200 records")
def create_records(context: Context, object: ObjectName, records: Records, all_or_none: bool = False) -> Table:
    """Create up to 2,000 records of one object; one outcome for each, in order."""

    def send(part: Sequence[dict[str, Any]]) -> Outcomes:
        return collections.create(context.client, object, [as_body(each) for each in part], all_or_none=all_or_none)

    return _run(context, records, send, all_or_none=all_or_none)


@tool(title="Update records", access="write", idempotent=True, calls="1 for each 200 records", asks="update_many")
def update_records(context: Context, object: ObjectName, records: Records, all_or_none: bool = False) -> Table:
    """Change up to 2,000 records of one object, each with its `Id` and the fields to change; outcomes in order."""
    ids = [_take_id(record, place) for place, record in enumerate(records)]

    def send(part: Sequence[dict[str, Any]]) -> Outcomes:
        return collections.update(context.client, object, [as_body(each) for each in part], all_or_none=all_or_none)

    return _run(context, records, send, all_or_none=all_or_none, keys=ids)


@tool(title="Upsert records", access="write", idempotent=True, calls="1 for each 200 records", asks="update_many")
def upsert_records(
    context: Context,
    object: ObjectName,
    external_id_field: FieldName,
    records: Records,
    all_or_none: bool = False,
) -> Table:
    """Create or update up to 2,000 records of one object by the external Id in each; outcomes in order."""
    wanted = external_id_field.lower()
    for place, record in enumerate(records):
        if not any(name.lower() == wanted and value not in (None, "") for name, value in record.items()):
            raise ArgumentError(f"records.{place} has no {external_id_field}.", fields=("records",))

    def send(part: Sequence[dict[str, Any]]) -> Outcomes:
        return collections.upsert(
            context.client, object, external_id_field, [as_body(each) for each in part], all_or_none=all_or_none
        )

    return _run(context, records, send, all_or_none=all_or_none)


@tool(title="Delete records", access="destructive", idempotent=True, calls="1 for each 200 records")
def delete_records(
    context: Context,
    object: ObjectName,
    ids: Annotated[list[RecordId], Field(min_length=1, max_length=MAX_RECORDS)],
    all_or_none: bool = False,
) -> Table:
    """Move up to 2,000 records of one object to the recycle bin; one outcome for each, in order."""
    prefix = context.client.describe(object).get("keyPrefix")
    # The resource takes Ids of any object: one of another object would go without a question.
    strangers = [id for id in ids if prefix and not id.startswith(prefix)]
    if strangers:
        raise ArgumentError(
            f"Not Ids of {object} (which begin with {prefix}): {', '.join(strangers[:5])}.", fields=("ids",)
        )

    def send(part: Sequence[str]) -> Outcomes:
        return collections.delete(context.client, part, all_or_none=all_or_none)

    return _run(context, ids, send, all_or_none=all_or_none, keys=ids)


def _run(
    context: Context,
    items: Sequence[Item],
    send: Callable[[Sequence[Item]], Outcomes],
    *,
    all_or_none: bool,
    keys: Sequence[str] = (),
) -> Table:
    """Send the items, 200 at a time, and make a row of each outcome. `keys`: their Ids, for those that failed.

    When a later call fails as a whole, what was done before it is not lost: its records carry the error, and those
    after it were not sent.
    """
    if all_or_none and len(items) > CALL:
        raise ArgumentError(
            f"all_or_none holds for at most {CALL} records, and these are {len(items)}.",
            fields=("all_or_none",),
            hint="Split them into calls of your own, or leave it out.",
        )
    rows: list[list[Any]] = []
    notes: list[str] = []
    for start in range(0, len(items), CALL):
        part = items[start : start + CALL]
        context.progress(start, len(items), f"{start} of {counted(len(items), 'record')}")
        try:
            outcomes = send(part)
        except Cancelled:
            raise
        except SfmcpError as error:
            if start == 0:
                raise
            notes.append(collections.stopped(start, error))
            outcomes = [collections.failure(error)] * len(part)
            outcomes += [_NOT_SENT] * (len(items) - start - len(part))
        rows.extend(_row(start + place, outcome, keys) for place, outcome in enumerate(outcomes))
        if notes:
            break
    done = sum(row[2] for row in rows)
    failed = [str(row[0]) for row in rows if not row[2]]
    which = f": index {', '.join(failed[:NAMED])}{' and others' * (len(failed) > NAMED)}" if failed and done else ""
    notes.insert(0, f"{done} done, {len(failed)} failed{which}.")
    columns = ["index", "id", "ok", "created", "error", "message", "fields"]
    return Table(columns, rows, total=len(rows), notes=notes, failed=done < len(rows))


def _take_id(record: dict[str, Any], place: int) -> str:
    """The record's Id, which stays in it as `id`. Raises ArgumentError for a missing or wrong one."""
    names = [name for name in record if name.lower() == "id"]
    if len(names) != 1:
        raise ArgumentError(f"records.{place} needs its Id.", fields=("records",), hint='As in {"Id": "001...", ...}.')
    value = record.pop(names[0])
    try:
        record["id"] = check_id(str(value))
    except ValueError as error:
        raise ArgumentError(f"records.{place}: {error}.", fields=("records",)) from None
    return str(value)


_NOT_SENT = {"success": False, "errors": [{"statusCode": "NOT_SENT", "message": None, "fields": []}]}


def _row(place: int, outcome: dict[str, Any], keys: Sequence[str]) -> list[Any]:
    errors = outcome.get("errors") or []
    return [
        place,
        outcome.get("id") or (keys[place] if keys else None),
        bool(outcome["success"]),
        outcome.get("created") if outcome["success"] else None,
        "; ".join(dict.fromkeys(error["statusCode"] for error in errors)) or None,
        shortened("; ".join(error["message"] for error in errors if error["message"])) or None,
        ", ".join(dict.fromkeys(name for error in errors for name in error.get("fields") or ())) or None,
    ]
