"""Full text: SOSL (resource `search`) and search without it (`parameterizedSearch`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from salesforce_mcp.errors import NetworkError
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.tools.arguments import FieldPaths, Limit, ObjectName
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Result, Sections, Table
from salesforce_mcp.wording import counted

DEFAULT_LIMIT = 20
SOSL_LIMIT = 2000
"""Records that one search returns at most."""

USUAL_FIELDS = {
    "Account": ["Id", "Name", "Industry"],
    "Contact": ["Id", "Name", "Email"],
    "Lead": ["Id", "Name", "Company"],
    "Opportunity": ["Id", "Name", "StageName"],
    "Case": ["Id", "CaseNumber", "Subject", "Status"],
}
"""The objects that are searched when none is named, and what tells their records apart."""


@tool(title="Search records (SOSL)", default=True)
def search(context: Context, sosl: str) -> Result:
    """Full-text search over several objects with SOSL, as in
    FIND {pump AND leak*} IN ALL FIELDS RETURNING Case(CaseNumber, Subject LIMIT 10), Account(Name).
    """
    found = _found(context.client.get("search", params={"q": sosl}))
    notes = [f"Salesforce returns at most {SOSL_LIMIT} records."] if len(found) >= SOSL_LIMIT else []
    return _by_object(found, notes)


@tool(title="Search records")
def search_records(
    context: Context,
    text: str,
    objects: list[ObjectName] | None = None,
    fields: FieldPaths | None = None,
    limit: Limit = DEFAULT_LIMIT,
) -> Result:
    """Full-text search without SOSL. `fields` are those to return of each object; `limit` is for all objects together.
    Without `objects`: accounts, contacts, leads, opportunities and cases. For conditions use query.
    """
    wanted = [
        {"name": name, "fields": fields or _telling_fields(context, name)}
        for name in objects or _searchable(context, USUAL_FIELDS)
    ]
    # One more than wanted tells whether there are more.
    most = min(limit + 1, SOSL_LIMIT)
    body = {"q": text, "in": "ALL", "sobjects": wanted, "overallLimit": most, "defaultLimit": most}
    found = _found(context.client.post("parameterizedSearch", body, repeatable=True))
    notes = ["More were found: search for more words, or raise `limit`."] if len(found) > limit else []
    return _by_object(found[:limit], notes)


def _found(answer: Any) -> list[dict[str, Any]]:
    """The records of an answer: `{searchRecords: [...]}`, before version 37.0 the bare array."""
    found = answer.get("searchRecords") if isinstance(answer, dict) else answer
    if not isinstance(found, list) or not all(isinstance(record, dict) for record in found):
        raise NetworkError("The org's answer to the search has no records.", code="UNEXPECTED_ANSWER")
    return found


def _by_object(found: list[dict[str, Any]], notes: list[str]) -> Result:
    """A table for each object, in the order of the answer."""
    groups: dict[str, list[dict[str, Any]]] = {}
    for record in found:
        attributes = record.get("attributes")
        kind = attributes.get("type") if isinstance(attributes, dict) else None
        groups.setdefault(str(kind or "record"), []).append(record)
    tables = [(name, _table(records)) for name, records in groups.items()]
    if len(tables) > 1:
        return Sections(tables, summary=f"{counted(len(found), 'record')}.", notes=notes)
    name, table = tables[0] if tables else (None, Table([], [], total=0))
    table.title, table.notes = name, notes
    return table


def _table(records: list[dict[str, Any]]) -> Table:
    shaper = Shaper()
    rows = shaper.rows(records)
    return Table(shaper.columns, rows, total=len(rows))


def _searchable(context: Context, names: Iterable[str]) -> list[str]:
    """Those of the objects that this user may search."""
    known = {entry["name"] for entry in context.client.describe_global()["sobjects"] if entry.get("searchable")}
    return [name for name in names if name in known]


def _telling_fields(context: Context, name: str) -> list[str]:
    """What to show of an object's records: Id and name, of the usual objects a little more."""
    if name in USUAL_FIELDS:
        return USUAL_FIELDS[name]
    fields = context.client.describe(name)["fields"]
    return ["Id", *(field["name"] for field in fields if field.get("nameField"))]
