"""Rows that a SOQL field path walks over: the record itself, its parents, and the `Name` of a polymorphic parent.

Source: SOQL and SOSL Reference, "Relationship Queries"; Object Reference, "Name".
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from salesforce_mcp.demo.schema import NUMBER_TYPES, Field, FieldType, SObject
from salesforce_mcp.demo.soql_engine.statement import Statement, quoted

_BINARY_TYPES = NUMBER_TYPES | {"id", "reference", "boolean", "date", "datetime", "time", "base64"}
_NAME_OBJECT = "Name"


@dataclass(frozen=True, slots=True)
class Join:
    """A parent's table in the FROM clause."""

    alias: str
    sql: str


def needed(joins: Sequence[Join], used: str) -> str:
    """The joins whose tables the SQL `used` mentions, and those that they need themselves.

    SQLite drops a useless join only where no other hangs on it.
    """
    kept: list[str] = []
    for join in reversed(joins):
        if f"{join.alias}." in used:
            kept.insert(0, join.sql)
            used += join.sql
    return " ".join(kept)


class Row(Protocol):
    """A record that a path has led to."""

    @property
    def entity(self) -> str:
        """The object's name, as messages call it."""

    @property
    def id_sql(self) -> str:
        """SQL of the record's Id; NULL when there is no record."""

    def field(self, name: str) -> Field | None:
        """The field that this user may read, or None."""

    def column(self, field: Field) -> str:
        """SQL of the field's value."""

    def parent(self, relationship: str) -> tuple[str, Row] | None:
        """The relationship's own spelling and the record it leads to, or None if there is no such relationship."""


@dataclass
class RecordRow:
    """A row of one object's table, under an alias; `joins` collects what has to be added to the FROM clause."""

    statement: Statement
    sobject: SObject
    alias: str
    joins: list[Join]

    def __post_init__(self) -> None:
        self._parents: dict[str, tuple[str, Row]] = {}

    @property
    def entity(self) -> str:
        return self.sobject.name

    @property
    def id_sql(self) -> str:
        return f'{self.alias}."Id"'

    def field(self, name: str) -> Field | None:
        found = self.sobject.field(name)
        return found if found and self.statement.request.user.can_read_field(self.sobject.name, found.name) else None

    def column(self, field: Field) -> str:
        return column_of(self.alias, field)

    def parent(self, relationship: str) -> tuple[str, Row] | None:
        key = relationship.lower()
        if key not in self._parents:
            reference = self.sobject.parent(relationship)
            if reference is None or reference.relationship_name is None or self.field(reference.name) is None:
                return None
            row = related(self.statement, reference.reference_to, self.column(reference), self.joins)
            if row is None:
                return None
            self._parents[key] = (reference.relationship_name, row)
        return self._parents[key]


@dataclass
class NameRow:
    """The parent of a polymorphic reference, seen as the object `Name`: what its possible objects have in common.

    Each field is a CASE over the Id's key prefix, so that a row costs one look-up instead of one join per object.
    """

    statement: Statement
    targets: tuple[SObject, ...]
    id_sql: str
    joins: list[Join]
    entity: str = _NAME_OBJECT

    def field(self, name: str) -> Field | None:
        return self.statement.request.objects[_NAME_OBJECT].field(name)

    def column(self, field: Field) -> str:
        if field.name == "Id":
            return self.id_sql
        if field.name == "Type":
            return self._by_target(self._type_of)
        return self._by_target(lambda target: self._look_up(target, field.name))

    def parent(self, relationship: str) -> tuple[str, Row] | None:
        reference = self.statement.request.objects[_NAME_OBJECT].parent(relationship)
        if reference is None or reference.relationship_name is None:
            return None
        row = related(self.statement, reference.reference_to, self.column(reference), self.joins)
        return (reference.relationship_name, row) if row else None

    def _type_of(self, target: SObject) -> str:
        """The name of the object, but a queue is called so and no Group."""
        name = self.statement.bind(target.name)
        if target.name != "Group":
            return name
        return f"coalesce((SELECT 'Queue' FROM \"Group\" AS g WHERE g.Id = {self.id_sql} AND g.Type = 'Queue'), {name})"

    def _look_up(self, target: SObject, name: str) -> str | None:
        field = target.name_field if name == "Name" else target.field(name)
        if field is None or not self.statement.request.user.can_read_field(target.name, field.name):
            return None
        alias = self.statement.new_table()
        condition = f'{alias}."Id" = {self.id_sql}'
        if visible := self.statement.visible(target, alias):
            condition += f" AND {visible}"
        return f"(SELECT {column_of(alias, field)} FROM {quoted(target.name)} AS {alias} WHERE {condition})"

    def _by_target(self, value: Callable[[SObject], str | None]) -> str:
        cases = [
            f"WHEN {self.statement.bind(target.key_prefix)} THEN {sql}"
            for target in self.targets
            if (sql := value(target)) is not None
        ]
        if not cases:
            return "NULL"
        return f"(CASE substr({self.id_sql}, 1, 3) {' '.join(cases)} END)"


def related(statement: Statement, names: tuple[str, ...], id_sql: str, joins: list[Join]) -> Row | None:
    """The row that a reference leads to; None when the org or this user knows none of its objects."""
    user, objects = statement.request.user, statement.request.objects
    targets = tuple(found for name in names if (found := objects.get(name)) and user.can_read(found.name))
    if not targets:
        return None
    if len(names) > 1:
        return NameRow(statement, targets, id_sql, joins)
    alias = statement.new_table()
    condition = f'{alias}."Id" = {id_sql}'
    if visible := statement.visible(targets[0], alias):
        condition += f" AND {visible}"
    joins.append(Join(alias, f"LEFT JOIN {quoted(targets[0].name)} AS {alias} ON {condition}"))
    return RecordRow(statement, targets[0], alias, joins)


def column_of(alias: str, field: Field) -> str:
    """SQL of a field's value in a row of its table."""
    if field.expression is not None:
        return f"({field.expression.replace('{t}', alias)})"
    return f"{alias}.{quoted(field.name)}"


def compares_as_text(field_type: FieldType) -> bool:
    """True for types whose values compare without regard to case."""
    return field_type not in _BINARY_TYPES
