"""The recycle bin: deleting takes along what belongs to a record, undeleting brings it all back.

What a deletion did is kept in `server_state` under the kind `deletion`, keyed by the record that was asked for: the
records that went with it, and the look-ups that were cleared.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo import recent, state, values
from salesforce_mcp.demo.behaviour.sales import total_opportunity
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.saving import Saver
from salesforce_mcp.demo.schema import SObject

_KIND = "deletion"
_SHOWN = 5
"""How many of the records that are in the way a refusal names."""


@dataclass
class _Plan:
    """What goes: Ids by object in the order they were met, and the look-ups to clear (object, field, Ids)."""

    doomed: dict[str, list[str]] = field(default_factory=dict)
    cleared: list[tuple[str, str, list[str]]] = field(default_factory=list)
    in_the_way: list[tuple[SObject, list[str]]] = field(default_factory=list)

    def has(self, sobject: str, record: str) -> bool:
        return record in self.doomed.get(sobject, ())


def delete(context: RequestContext, sobject: SObject, row: dict[str, Any]) -> None:
    """Delete a record with all that belongs to it; DELETE_FAILED when others depend on it."""
    record = str(row["Id"])
    if sobject.name == "Knowledge__kav" and row["PublishStatus"] == "Online":
        message = "Published articles can't be deleted. Archive the article first."
        raise ApiError(400, "INVALID_OPERATION", message, [])
    plan = _Plan()
    _collect(context, sobject, record, plan)
    for child, blockers in plan.in_the_way:
        left = [each for each in blockers if not plan.has(child.name, each)]
        if left:
            raise _in_the_way(context, sobject, record, child, left)
    _carry_out(context, plan)
    if sobject.can("undeletable"):
        state.put(context.store, _KIND, record, {"doomed": plan.doomed, "cleared": plan.cleared})
    if sobject.name == "OpportunityLineItem":
        total_opportunity(context, row["OpportunityId"], Saver(context))


def undelete(context: RequestContext, sobject: SObject, record: str) -> None:
    """Bring a record back, with what was deleted and cleared along with it."""
    kept = state.get(context.store, _KIND, record)
    if kept is None or not sobject.can("undeletable"):
        if sobject.field("IsDeleted") is None:
            raise not_found()
        raise ApiError(400, "UNDELETE_FAILED", "Entity is not in the recycle bin", [])
    connection, moment = context.store.connection(), values.now()
    for name, records in kept["doomed"].items():
        _mark(context, context.store.objects[name], records, deleted=0)
    for name, column, pairs in kept["cleared"]:
        for child in pairs:
            statement = f'UPDATE "{name}" SET "{column}" = ?, SystemModstamp = ? WHERE Id = ? AND "{column}" IS NULL'  # noqa: S608
            connection.execute(statement, (record, moment, child))
    state.remove(context.store, _KIND, record)


def purge(context: RequestContext, record: str) -> None:
    """Remove for good what a deletion has put into the recycle bin."""
    kept = state.get(context.store, _KIND, record)
    if kept is None:
        return
    connection = context.store.connection()
    for name, doomed in kept["doomed"].items():
        connection.executemany(f'DELETE FROM "{name}" WHERE Id = ?', [(each,) for each in doomed])  # noqa: S608
    state.remove(context.store, _KIND, record)


def _collect(context: RequestContext, sobject: SObject, record: str, plan: _Plan) -> None:
    """Add a record, and what goes with it, to the plan."""
    if plan.has(sobject.name, record):
        return
    plan.doomed.setdefault(sobject.name, []).append(record)
    objects, connection = context.store.objects, context.store.connection()
    for relationship in objects.children(sobject.name):
        child = objects[relationship.child_object]
        if child.view is not None or not (relationship.name or relationship.on_delete != "clear"):
            continue
        reference = child.field(relationship.field)
        if reference is None or not reference.stored:
            continue
        alive = "AND IsDeleted = 0" if child.field("IsDeleted") else ""
        statement = f'SELECT Id FROM "{child.name}" WHERE "{reference.name}" = ? {alive}'  # noqa: S608
        found = [each for (each,) in connection.execute(statement, (record,)).fetchall()]
        if not found:
            continue
        if relationship.on_delete == "cascade":
            for each in found:
                _collect(context, child, each, plan)
        elif relationship.on_delete == "restrict":
            plan.in_the_way.append((child, found))
        else:
            plan.cleared.append((child.name, reference.name, found))


def _carry_out(context: RequestContext, plan: _Plan) -> None:
    connection = context.store.connection()
    for name, column, records in plan.cleared:
        left = [each for each in records if not plan.has(name, each)]
        statement = f'UPDATE "{name}" SET "{column}" = NULL WHERE Id = ?'  # noqa: S608 - names of the schema
        connection.executemany(statement, [(each,) for each in left])
    for name, records in plan.doomed.items():
        _mark(context, context.store.objects[name], records, deleted=1)
        for record in records:
            recent.forget(context, record)


def _mark(context: RequestContext, sobject: SObject, records: list[str], *, deleted: int) -> None:
    """Into the recycle bin or out of it; records of objects without one are gone for good."""
    connection = context.store.connection()
    if sobject.field("IsDeleted") is None:
        if deleted:
            connection.executemany(f'DELETE FROM "{sobject.name}" WHERE Id = ?', [(each,) for each in records])  # noqa: S608
        return
    stamps = {"LastModifiedDate": values.now(), "SystemModstamp": values.now(), "LastModifiedById": context.user.id}
    changed = {"IsDeleted": deleted, **{name: value for name, value in stamps.items() if sobject.field(name)}}
    assignments = ", ".join(f'"{name}" = ?' for name in changed)
    statement = f'UPDATE "{sobject.name}" SET {assignments} WHERE Id = ?'  # noqa: S608 - names of the schema
    connection.executemany(statement, [(*changed.values(), each) for each in records])


def _in_the_way(
    context: RequestContext, sobject: SObject, record: str, child: SObject, blockers: list[str]
) -> ApiError:
    name = recent.name_of(context, sobject, record) or record
    shown = ", ".join(recent.name_of(context, child, each) or each for each in blockers[:_SHOWN])
    kind = child.label_plural.lower()
    message = (
        f"Your attempt to delete {name} could not be completed because it is associated with the following {kind}.:"
        f" {shown}\n"
    )
    return ApiError(400, "DELETE_FAILED", message, [])
