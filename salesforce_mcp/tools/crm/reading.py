"""Listing and reading CRM resources, as SOQL on their objects."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from salesforce_mcp.charts.plot import plot
from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError
from salesforce_mcp.salesforce.binds import bound
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.soql.binding import like_escape
from salesforce_mcp.soql.suggest import nearest
from salesforce_mcp.tools.arguments import Cursor, FieldNames, Limit, Picture, RecordId
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.crm.vocabulary import VOCABULARY, Entry, Operation, Resource
from salesforce_mcp.tools.pages import locator_cursor
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table
from salesforce_mcp.tools.rows import loader

Where = Annotated[dict[str, Any], Field(min_length=1)]
_LARGEST = 2000
_BOTH = ("Task", "Event")
"""What an activity is."""


@tool(title="List CRM resources", calls="1 a page; activity, pipeline 2", app="result")
def crm_list(
    context: Context,
    resource: Resource,
    where: Where | None = None,
    fields: FieldNames | None = None,
    order_by: str | None = None,
    limit: Limit = 50,
    cursor: Cursor | None = None,
    chart: Picture | None = None,
) -> Table:
    """List contacts, deals and the like under plain field names. `where` as in {"stage": "Prospecting", "name":
    "Acme*", "ownerId": ["005...", "005..."]}; `order_by` as in "-amount"; `chart` of the pipeline alone. For anything
    else use query.
    """
    if cursor:
        return context.pages.read(cursor, loader(context))
    entry = permit(resource, "list")
    if chart and (resource != "pipeline" or fields):
        raise ArgumentError("chart: only the whole pipeline has one.", fields=("chart",))
    order = _order(resource, entry, order_by)
    if resource != "activity":
        table = _query(context, resource, entry, where, fields, order, max(limit, 200))
        if resource == "pipeline" and not fields:
            _add_deals(context, table)
            table.picture = chart is not None and table.plot is not None
        return context.pages.first(table, limit)
    tables = [_query(context, resource, _of(entry, kind), where, fields, order, _LARGEST) for kind in _BOTH]
    rows = [[kind.lower(), *row] for kind, table in zip(_BOTH, tables, strict=True) for row in table.rows]
    columns = ["kind", *tables[0].columns]
    notes = tables[0].notes + [
        f"Only the first {_LARGEST} {kind.lower()}s are here: narrow with where."
        for kind, table in zip(_BOTH, tables, strict=True)
        if table.cursor
    ]
    by, descending = (order_by or "-createdAt").lstrip("-"), (order_by or "-createdAt").startswith("-")
    if by in columns:
        place = columns.index(by)
        rows.sort(key=lambda row: ((row[place] is None) != descending, row[place] or ""), reverse=descending)
    return context.pages.first(
        Table(columns, rows, total=sum(table.total or 0 for table in tables), notes=notes), limit
    )


def _add_deals(context: Context, table: Table) -> None:
    """How many deals are in each stage and what they are worth, as columns; and the open ones as a chart."""
    soql = "SELECT StageName s, COUNT(Id) n, SUM(Amount) a FROM Opportunity GROUP BY StageName"
    try:
        found = context.client.query(soql).records
    except (SalesforceError, PolicyError) as error:
        table.notes.append(f"The deals in each stage are left out ({error.code}: {error.message}).")
        return
    deals = {record["s"]: [record["n"], record["a"]] for record in found}
    known = table.columns
    stages = [dict(zip(known, row, strict=True)) for row in table.rows]
    table.columns = [*known, "deals", "amount"]
    table.rows = [
        [*row, *deals.get(stage.get("stage"), [0, None])] for row, stage in zip(table.rows, stages, strict=True)
    ]
    table.plot = plot(
        "Open deals by stage",
        "amount",
        (
            (str(stage.get("name")), row[-1], None)
            for row, stage in zip(table.rows, stages, strict=True)
            if not stage.get("closed")
        ),
    )


@tool(title="Get CRM resource")
def crm_get(context: Context, resource: Resource, id: RecordId, fields: FieldNames | None = None) -> Record:
    """One contact, deal or the like by its Id, under plain field names."""
    entry = permit(resource, "get")
    if resource == "activity":
        entry = _of(entry, "Event" if id.startswith("00U") else "Task")
    table = _query(context, resource, entry, {"id": id}, fields, "", 200)
    if not table.rows:
        raise SalesforceError(f"There is no {resource} {id}, or you may not see it.", code="NOT_FOUND")
    return Record(dict(zip(table.columns, table.rows[0], strict=True)), notes=table.notes)


def permit(resource: Resource, operation: Operation) -> Entry:
    """The resource's entry. Raises ArgumentError that lists what can be done with it."""
    entry = VOCABULARY[resource]
    if operation not in entry.operations:
        raise ArgumentError(
            f"resource: {resource} has no {operation}; it can be used with {', '.join(entry.operations)}.",
            fields=("resource",),
        )
    return entry


def known(resource: Resource, name: str, names: list[str], argument: str) -> None:
    """Raise ArgumentError, with the nearest names, unless the resource has this name."""
    if name in names:
        return
    near = nearest(name, names)
    raise ArgumentError(
        f"{argument}: {resource} has no {name!r}.",
        fields=(argument,),
        hint=f"Did you mean {', '.join(near)}?" if near else f"It has {', '.join(names)}.",
    )


def _of(entry: Entry, kind: str) -> Entry:
    return Entry(kind, entry.fields, operations=entry.operations, order=entry.order)


def _query(
    context: Context,
    resource: Resource,
    entry: Entry,
    where: Where | None,
    fields: list[str] | None,
    order: str,
    batch: int,
) -> Table:
    """The rows of one object, under plain names; what the user may not read is left out and named."""
    wanted = fields or list(entry.fields)
    for name in wanted:
        known(resource, name, list(entry.fields), "fields")
    readable = _readable(context, entry)
    shown = [name for name in dict.fromkeys(["id", *wanted]) if name in readable]
    hidden = [name for name in wanted if name not in readable]
    if not fields:
        paths = context.client.readable(entry.object, [entry.fields[name] for name in shown])
        shown = [name for name in shown if entry.fields[name] in paths]
    conditions, values = _conditions(resource, entry, where or {})
    soql = f"SELECT {', '.join(entry.fields[name] for name in shown)} FROM {entry.object}"  # noqa: S608 - from the table
    soql += f" WHERE {' AND '.join(conditions)}" if conditions else ""
    soql += f" ORDER BY {order}" if order else ""
    statement = bound(context.client, soql, values)
    page = context.client.query(statement, batch_size=batch)
    rows = Shaper(statement).rows(page.records)
    notes = [f"You may not read: {', '.join(hidden)}."] if hidden else []
    return Table(shown, rows, total=page.total_size, cursor=locator_cursor(page.next_url), notes=notes)


def _readable(context: Context, entry: Entry) -> set[str]:
    """Plain names whose fields the user's describe has; of a path, the reference that it follows."""
    described = context.client.describe(entry.object)["fields"]
    names = {str(each["name"]) for each in described}
    references = {str(each["relationshipName"]) for each in described if each.get("relationshipName")}
    return {
        plain
        for plain, path in entry.fields.items()
        if (path.split(".")[0] in references if "." in path else path in names)
    }


def _conditions(resource: Resource, entry: Entry, where: Where) -> tuple[list[str], dict[str, Any]]:
    """SOQL conditions with binds, and the values. A list is any of; `*` in a text stands for anything."""
    names = {**entry.fields, **entry.links}
    conditions: list[str] = []
    values: dict[str, Any] = {}
    for plain, value in where.items():
        known(resource, plain, list(names), "where")
        if isinstance(value, dict):
            raise ArgumentError(f"where: {plain} takes a value or a list of values.", fields=("where",))
        if isinstance(value, str) and "*" in value:
            pattern = "%".join(like_escape(piece) for piece in re.split(r"\*+", value))
            conditions.append(f"{names[plain]} LIKE '{pattern}'")
            continue
        conditions.append(f"{names[plain]} {'IN' if isinstance(value, list) else '='} :{plain}")
        values[plain] = value
    return conditions, values


def _order(resource: Resource, entry: Entry, order_by: str | None) -> str:
    if order_by is None:
        return entry.order
    plain = order_by.removeprefix("-")
    known(resource, plain, list(entry.fields), "order_by")
    return f"{entry.fields[plain]} {'DESC NULLS LAST' if order_by.startswith('-') else 'ASC NULLS LAST'}"
