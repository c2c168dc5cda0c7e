"""Which records a user looked at: what /recent, RecentlyViewed and LastViewedDate tell."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo import values
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.schema import SObject

KEPT = 200
"""How many records per user are remembered."""


def mark(context: RequestContext, sobject: SObject, record_id: str, *, viewed: bool = True) -> None:
    """Note that the user viewed a record, or only came across it."""
    moment = values.now()
    with context.store.transaction() as connection:
        connection.execute(
            "INSERT INTO recently_viewed (UserId, RecordId, Type, Name, LastViewedDate, LastReferencedDate)"
            " VALUES (:user, :record, :type, :name, :viewed, :moment) ON CONFLICT (UserId, RecordId) DO UPDATE SET"
            " Name = excluded.Name, LastViewedDate = coalesce(excluded.LastViewedDate, LastViewedDate),"
            " LastReferencedDate = excluded.LastReferencedDate",
            {
                "user": context.user.id,
                "record": record_id,
                "type": sobject.name,
                "name": name_of(context, sobject, record_id),
                "viewed": moment if viewed else None,
                "moment": moment,
            },
        )
        connection.execute(
            "DELETE FROM recently_viewed WHERE UserId = :user AND RecordId IN (SELECT RecordId FROM recently_viewed"
            " WHERE UserId = :user ORDER BY LastReferencedDate DESC LIMIT -1 OFFSET :kept)",
            {"user": context.user.id, "kept": KEPT},
        )


def items(context: RequestContext, sobject: SObject | None, limit: int) -> list[dict[str, Any]]:
    """The records last looked at, of one object or all, the latest first, as `recentItems` has them."""
    condition = "" if sobject is None else " AND Type = :type"
    statement = (
        "SELECT Type, RecordId, Name FROM recently_viewed WHERE UserId = :user"  # noqa: S608
        f"{condition} ORDER BY LastReferencedDate DESC, RecordId DESC LIMIT :limit"
    )
    parameters = {"user": context.user.id, "type": sobject.name if sobject else None, "limit": limit}
    found = []
    for kind, record, name in context.store.connection().execute(statement, parameters).fetchall():
        shown = context.store.objects[kind]
        if context.user.can_read(kind):
            label = shown.name_field.name if shown.name_field else "Name"
            attributes = {"type": kind, "url": context.url(shown, record)}
            found.append({"attributes": attributes, "Id": record, label: name})
    return found


def rename(context: RequestContext, sobject: SObject, record_id: str) -> None:
    """Follow a record's new name."""
    if sobject.can("mruEnabled"):
        context.store.connection().execute(
            "UPDATE recently_viewed SET Name = ? WHERE RecordId = ?", (name_of(context, sobject, record_id), record_id)
        )


def forget(context: RequestContext, record_id: str) -> None:
    """Drop a record that was deleted."""
    context.store.connection().execute("DELETE FROM recently_viewed WHERE RecordId = ?", (record_id,))


def name_of(context: RequestContext, sobject: SObject, record_id: str) -> str | None:
    """The name of a record, None where its object has no name field or the record is gone."""
    field = sobject.name_field
    if field is None:
        return None
    column = field.expression.replace("{t}", "t") if field.expression else f't."{field.name}"'
    statement = f'SELECT {column} FROM "{sobject.name}" t WHERE t.Id = ?'  # noqa: S608 - names of the schema
    row = context.store.connection().execute(statement, (record_id,)).fetchone()
    return str(row[0]) if row and row[0] is not None else None
