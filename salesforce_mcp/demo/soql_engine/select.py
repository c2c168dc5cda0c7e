"""The SELECT list of a query that gives records: fields, parents, functions, FIELDS(), TYPEOF.

Source: SOQL and SOSL Reference, "SELECT", "Relationship Queries", "TYPEOF".
"""

from __future__ import annotations

from salesforce_mcp.demo.schema import Field, SObject
from salesforce_mcp.demo.soql_engine import formats, refusals
from salesforce_mcp.demo.soql_engine.expressions import Expression, Names
from salesforce_mcp.demo.soql_engine.plans import RecordPlan, TypeOfPlan
from salesforce_mcp.demo.soql_engine.rows import Join, NameRow, RecordRow, Row
from salesforce_mcp.demo.soql_engine.shapes import (
    BlobPart,
    CompoundPart,
    Convert,
    RecordShape,
    converter,
    name_url,
    record_url,
)
from salesforce_mcp.demo.soql_engine.statement import Request, Statement
from salesforce_mcp.soql.syntax import (
    FieldPath,
    FieldsGroup,
    FunctionCall,
    Operand,
    SelectItem,
    TypeOf,
    TypeOfWhen,
)

_BY_FIELD_NAME = frozenset({"TOLABEL", "FORMAT", "CONVERTCURRENCY"})
"""Functions whose result is called like the field, unless there is an alias."""


def record_shape(request: Request, row: Row) -> RecordShape:
    """An empty shape for a row: of its object, or of `Name` behind a polymorphic reference."""
    if isinstance(row, RecordRow):
        return RecordShape(row.entity, record_url(request.data_root, row.entity), row.id_sql)
    return RecordShape(row.entity, name_url(request.data_root, request.objects), row.id_sql)


class SelectList:
    """Fills a plan's shape with what a SELECT list asks for."""

    def __init__(self, plan: RecordPlan, names: Names) -> None:
        self.plan = plan
        self.names = names
        self.statement: Statement = plan.statement
        self.request: Request = plan.statement.request
        self._shapes: dict[tuple[str, ...], RecordShape] = {(): plan.shape}
        self._unnamed = 0

    def add(self, selection: SelectItem | FieldsGroup | TypeOf) -> None:
        """One part of the list. Subqueries are for the compiler of whole queries to add."""
        if isinstance(selection, FieldsGroup):
            self._add_group(selection)
        elif isinstance(selection, TypeOf):
            self._add_switch(selection)
        elif isinstance(selection.expression, FieldPath):
            self.add_path(selection.expression)
        else:
            self._add_function(selection.expression, selection.alias)

    def add_path(self, path: FieldPath) -> None:
        """A field, of the record or of a parent."""
        relationships, row, found = self.names.locate(path)
        shape = self._shape(relationships, path)
        if found.name in shape.columns:
            raise refusals.duplicate_field(path.text)
        _add_field(self.request, shape, row, found)

    def _shape(self, relationships: tuple[str, ...], path: FieldPath) -> RecordShape:
        """The shape of a parent, made when it is first needed."""
        if relationships not in self._shapes:
            outer = self._shape(relationships[:-1], path)
            _, row = self.names.follow(relationships, path)
            shape = record_shape(self.request, row)
            if relationships[-1] in outer.columns:
                raise refusals.duplicate_field(relationships[-1])
            outer.add_part(relationships[-1], shape)
            self._shapes[relationships] = shape
        return self._shapes[relationships]

    def _add_function(self, call: FunctionCall, alias: str | None) -> None:
        value = self.names.operand(_unwrapped(call))
        convert = presentation(self.request, call, value)
        if alias or call.key not in _BY_FIELD_NAME:
            key = alias or f"expr{self._unnamed}"
            self._unnamed += 0 if alias else 1
            self._put(self.plan.shape, key, value, convert)
            return
        path = _path_in(call)
        relationships, _, found = self.names.locate(path)
        self._put(self._shape(relationships, path), found.name, value, convert)

    def _put(self, shape: RecordShape, key: str, value: Expression, convert: Convert | None) -> None:
        if key in shape.columns:
            raise refusals.duplicate_field(key)
        shape.add(key, value.sql, convert)

    # --- FIELDS() ---

    def _add_group(self, group: FieldsGroup) -> None:
        shape = self.plan.shape
        for found in self.plan.sobject.fields:
            wanted = group.group == "ALL" or found.custom == (group.group == "CUSTOM")
            if wanted and self.names.row.field(found.name) is not None:
                if found.name in shape.columns:
                    raise refusals.duplicate_field(found.name)
                _add_field(self.request, shape, self.names.row, found)
        if not shape.columns:
            raise refusals.placed(self.request, group.at, f"{self.plan.sobject.name} has no custom fields")

    # --- TYPEOF ---

    def _add_switch(self, switch: TypeOf) -> None:
        names = self.names.own_path(switch.relationship.names)
        relationships, row = self.names.follow(names, switch.relationship)
        if not isinstance(row, NameRow):
            raise refusals.placed(self.request, switch.at, f"cannot use typeof on relationship {names[-1]}")
        holder = self._shape(relationships[:-1], switch.relationship)
        if relationships[-1] in holder.columns:
            raise refusals.duplicate_field(relationships[-1])
        holder.add(relationships[-1], row.id_sql, None)
        plans = {target.name: self._switch_plan(target, switch) for target in row.targets}
        kept = {name: plan for name, plan in plans.items() if plan is not None}
        self.plan.switches.append(TypeOfPlan(relationships, kept))
        known = {target.name.lower() for target in row.targets}
        for when in switch.whens:
            if when.object.lower() not in known:
                raise refusals.unknown_object(self.request, when.at, when.object)

    def _switch_plan(self, target: SObject, switch: TypeOf) -> RecordPlan | None:
        """What to fetch of records of one object: the fields of its WHEN, or those of ELSE."""
        when = next((each for each in switch.whens if each.object.lower() == target.name.lower()), None)
        fields = when.fields if isinstance(when, TypeOfWhen) else switch.otherwise
        if not fields:
            return None
        statement = Statement(self.request)
        alias = statement.new_table()
        joins: list[Join] = []
        own = RecordRow(statement, target, alias, joins)
        row: Row = own
        if when is None:
            row = NameRow(statement, (target,), own.id_sql, joins)
        shape = RecordShape(target.name, record_url(self.request.data_root, target.name), own.id_sql)
        visible = statement.visible(target, alias)
        plan = RecordPlan(statement, target, alias, shape, joins, visible=visible)
        chosen = SelectList(plan, Names(statement, row))
        for path in fields:
            chosen.add_path(path)
        plan.finish()
        return plan


def presentation(request: Request, call: Operand, value: Expression) -> Convert | None:
    """How a value is shown: FORMAT() makes text of it."""
    if isinstance(call, FunctionCall) and call.key == "FORMAT":
        scale = value.source.scale if value.source else 0
        calendar = request.calendar
        return formats.formatter(value.type, scale, calendar.locale, calendar.zone, request.user.currency)
    return converter(value.source, value.type)


def _add_field(request: Request, shape: RecordShape, row: Row, found: Field) -> None:
    """A field under its own name."""
    if found.components:
        shape.add_part(found.name, CompoundPart(found, lambda name: _component(row, name)))
    elif found.type == "base64" and isinstance(row, RecordRow):
        url = record_url(request.data_root, row.entity)
        shape.add_part(found.name, BlobPart(row.id_sql, row.column(found), found.name, url))
    else:
        shape.add(found.name, row.column(found), converter(found, found.type))


def _component(row: Row, name: str) -> str:
    found = row.field(name)
    return row.column(found) if found else "NULL"


def _unwrapped(call: FunctionCall) -> Operand:
    """The operand inside FORMAT() and convertCurrency(), which only change how a value is shown."""
    inner: Operand = call
    while isinstance(inner, FunctionCall) and inner.key in ("FORMAT", "CONVERTCURRENCY") and len(inner.arguments) == 1:
        argument = inner.arguments[0]
        if not isinstance(argument, (FieldPath, FunctionCall)):
            break
        inner = argument
    return inner


def _path_in(call: FunctionCall) -> FieldPath:
    """The field that a function is about."""
    argument = call.arguments[0]
    while isinstance(argument, FunctionCall):
        argument = argument.arguments[0]
    assert isinstance(argument, FieldPath)  # noqa: S101 - the function was compiled before
    return argument
