"""`/query?columns=true`: what a statement selects, without running it.

Salesforce documents this parameter nowhere, but answers it, and the `sf` CLI lays out its tables by it. The shape
follows what such clients read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo.query import prepare
from salesforce_mcp.demo.schema import NUMBER_TYPES
from salesforce_mcp.demo.soql_engine.compile import compile_query, find_object
from salesforce_mcp.soql.syntax import ChildQuery, FieldPath, FieldsGroup, SelectItem, TypeOf

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import Field, SObject
    from salesforce_mcp.demo.soql_engine.statement import Request
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User
    from salesforce_mcp.soql.syntax import Query

_APEX_TYPES = {"id": "Id", "reference": "Id", "boolean": "Boolean", "int": "Integer", "date": "Date", "time": "Time"}
_NAMELESS = {"TOLABEL", "FORMAT", "CONVERTCURRENCY", "CONVERTTIMEZONE"}
"""Functions whose result keeps the name of the field inside."""


def describe(store: Store, user: User, soql: str, *, version: str, tooling: bool = False) -> dict[str, Any]:
    """The columns of a statement; refuses it as running it would."""
    request, query = prepare(store, user, soql, version=version, tooling=tooling)
    with store.acting_as(user.id):
        compile_query(request, query)
    sobject = find_object(request, query.source)
    columns = _columns(request, query, sobject)
    return {
        "columnMetadata": columns,
        "entityType": sobject.name,
        "groupBy": query.group_by is not None,
        "idSelected": any(column["columnName"] == "Id" for column in columns),
        "keyPrefix": sobject.key_prefix,
    }


def _columns(request: Request, query: Query, sobject: SObject) -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = []
    unnamed = 0
    for selected in query.fields:
        if isinstance(selected, FieldsGroup):
            columns += [_field(field) for field in sobject.fields if _belongs(field, selected.group)]
        elif isinstance(selected, ChildQuery):
            columns.append(_below(request, selected.query, sobject))
        elif isinstance(selected, TypeOf):
            columns.append(_column(selected.relationship.names[-1], joined=[_column("Name")]))
        else:
            column, unnamed = _selected(request, selected, sobject, query, unnamed)
            columns.append(column)
    return columns


def _selected(
    request: Request, item: SelectItem, sobject: SObject, query: Query, unnamed: int
) -> tuple[dict[str, Any], int]:
    expression = item.expression
    if isinstance(expression, FieldPath):
        names = expression.names
        if len(names) > 1 and names[0].lower() in {(query.source.alias or "").lower(), sobject.name.lower()}:
            names = names[1:]
        return _path(request, names, sobject), unnamed
    inner = expression.arguments[0] if expression.arguments else None
    if expression.key in _NAMELESS and item.alias is None and isinstance(inner, FieldPath):
        return _path(request, inner.names, sobject), unnamed
    if item.alias is None:
        return _column(f"expr{unnamed}", shown=expression.name, aggregate=True), unnamed + 1
    return _column(item.alias, shown=expression.name, aggregate=True), unnamed


def _path(request: Request, names: tuple[str, ...], sobject: SObject) -> dict[str, Any]:
    """A field, or a parent with the field below it."""
    if len(names) == 1:
        field = sobject.field(names[0])
        return _field(field) if field else _column(names[0])
    reference = sobject.parent(names[0])
    if reference is None or not reference.relationship_name:
        return _column(names[0], joined=[_column(names[-1])])
    parent = request.objects["Name" if reference.polymorphic else reference.reference_to[0]]
    below = _path(request, names[1:], parent)
    return _column(reference.relationship_name, joined=[below], foreign_key=reference.name)


def _below(request: Request, query: Query, parent: SObject) -> dict[str, Any]:
    name = query.source.names[-1]
    link = request.objects.child(parent.name, name)
    child = request.objects[link.child_object] if link else parent
    return _column(link.name if link and link.name else name, joined=_columns(request, query, child), aggregate=True)


def _belongs(field: Field, group: str) -> bool:
    return group == "ALL" or (group == "CUSTOM") == field.custom


def _field(field: Field) -> dict[str, Any]:
    number = field.type in NUMBER_TYPES
    apex = _APEX_TYPES.get(field.type) or ("Datetime" if field.type == "datetime" else "Double" if number else "String")
    return {
        **_column(field.name),
        "apexType": apex,
        "booleanType": field.type == "boolean",
        "custom": field.custom,
        "insertable": field.createable,
        "numberType": number,
        "textType": apex == "String",
        "updatable": field.updateable,
    }


def _column(
    name: str,
    *,
    shown: str | None = None,
    aggregate: bool = False,
    joined: list[dict[str, Any]] | None = None,
    foreign_key: str | None = None,
) -> dict[str, Any]:
    return {
        "aggregate": aggregate,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": name.endswith(("__c", "__r")),
        "displayName": shown or name,
        "foreignKeyName": foreign_key,
        "insertable": False,
        "joinColumns": joined or [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    }
