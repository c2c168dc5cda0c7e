"""Fields and functions of a statement as SQL, with the type that their values have.

Source: SOQL and SOSL Reference, "SOQL SELECT Functions", "Date Functions" and "Location-Based SOQL Queries".
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

from salesforce_mcp.demo.schema import NUMBER_TYPES, Field, FieldType, SObject
from salesforce_mcp.demo.soql_engine import refusals
from salesforce_mcp.demo.soql_engine.rows import Row, compares_as_text
from salesforce_mcp.demo.soql_engine.statement import Statement
from salesforce_mcp.soql.syntax import Argument, FieldPath, FunctionCall, Node, Number, Operand, Source, String

DEEPEST = 5
"""Relationships that a path may follow from child to parent."""

_MONTH = "CAST(substr({x}, 6, 2) AS INTEGER)"
_DAY = "CAST(substr({x}, 9, 2) AS INTEGER)"
_DAY_OF_YEAR = "CAST(strftime('%j', substr({x}, 1, 10)) AS INTEGER)"
_YEAR = "CAST(substr({x}, 1, 4) AS INTEGER)"
_FISCAL_MONTH = "((" + _MONTH + " - {start} + 12) % 12 + 1)"
_DATE_FUNCTIONS = {
    "CALENDAR_YEAR": _YEAR,
    "CALENDAR_QUARTER": f"(({_MONTH} + 2) / 3)",
    "CALENDAR_MONTH": _MONTH,
    "DAY_IN_MONTH": _DAY,
    "DAY_IN_WEEK": "(CAST(strftime('%w', substr({x}, 1, 10)) AS INTEGER) + 1)",
    "DAY_IN_YEAR": _DAY_OF_YEAR,
    "DAY_ONLY": "substr({x}, 1, 10)",
    "FISCAL_MONTH": _FISCAL_MONTH,
    "FISCAL_QUARTER": f"(({_FISCAL_MONTH} + 2) / 3)",
    "FISCAL_YEAR": f"({_YEAR} - ({_MONTH} < {{start}}) + {{later}})",
    "HOUR_IN_DAY": "CAST(substr({x}, 12, 2) AS INTEGER)",
    "WEEK_IN_MONTH": f"(({_DAY} + 6) / 7)",
    "WEEK_IN_YEAR": f"(({_DAY_OF_YEAR} + 6) / 7)",
}
_INSTANTS_ONLY = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})


@dataclass(frozen=True)
class Expression:
    """Something with a value in each row.

    `name` is what messages call it; `source` is the field it was made from, if one.
    """

    sql: str
    type: FieldType
    name: str
    at: int
    source: Field | None = None
    entity: str = ""
    """The object that the field belongs to."""

    @property
    def ignores_case(self) -> bool:
        """True for text, unless the field is case sensitive."""
        return compares_as_text(self.type) and not (self.source and self.source.case_sensitive)

    @property
    def compared(self) -> str:
        """The SQL to compare, group and sort by: text without regard to case, a missing boolean as false."""
        if self.type == "boolean":
            return f"coalesce({self.sql}, 0)"
        if self.ignores_case:
            return f"{self.sql} COLLATE NOCASE"
        return self.sql

    @property
    def ranked(self) -> str:
        """The SQL to sort by where picklists keep the order of their values instead of the alphabet's."""
        if self.type != "picklist" or self.source is None or not self.source.picklist_values:
            return self.compared
        ranks = " ".join(
            f"WHEN '{each.value.replace(chr(39), chr(39) * 2)}' THEN '{place:04d}'"
            for place, each in enumerate(self.source.picklist_values)
        )
        return f"(CASE {self.sql} {ranks} ELSE '9999' END || {self.sql})"


@dataclass
class Names:
    """What the names in one SELECT (or subquery) stand for."""

    statement: Statement
    row: Row
    own_names: frozenset[str] = frozenset()
    """Names that may stand before a path for the queried object itself: its API name and its alias, lower case."""
    shortcuts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Aliases of parents given in FROM (`FROM Contact c, c.Account a`), lower case, with the path they stand for."""

    def own_path(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The path without the object's own name or alias before it."""
        first = names[0].lower()
        if len(names) > 1 and first in self.shortcuts:
            return self.shortcuts[first] + names[1:]
        return names[1:] if len(names) > 1 and first in self.own_names else names

    def add_shortcut(self, source: Source) -> None:
        """Learn an alias for a parent that is named in FROM after the object."""
        names = self.own_path(source.names)
        self.follow(names, source)
        if source.alias:
            self.shortcuts[source.alias.lower()] = names

    def follow(self, relationships: tuple[str, ...], node: Node) -> tuple[tuple[str, ...], Row]:
        """Walk from child to parent: the relationships as the org spells them, and the row at their end."""
        request = self.statement.request
        if len(relationships) > DEEPEST:
            raise refusals.too_many_levels(request, node.at)
        row: Row = self.row
        spelled = []
        for name in relationships:
            step = row.parent(name)
            if step is None:
                raise refusals.unknown_relationship(request, node.at, name)
            spelled.append(step[0])
            row = step[1]
        return tuple(spelled), row

    def locate(self, path: FieldPath) -> tuple[tuple[str, ...], Row, Field]:
        """Relationships, row and field that a path leads to."""
        names = self.own_path(path.names)
        relationships, row = self.follow(names[:-1], path)
        found = row.field(names[-1])
        if found is None:
            raise refusals.unknown_field(self.statement.request, path.at, names[-1], row.entity)
        return relationships, row, found

    def field(self, path: FieldPath) -> Expression:
        """The value of a field."""
        _, row, found = self.locate(path)
        if found.components:
            return Expression("NULL", found.type, found.name, path.at, found, row.entity)
        return Expression(row.column(found), found.type, found.name, path.at, found, row.entity)

    def key(self, operand: Operand | Argument) -> Hashable:
        """What is equal for two spellings of the same field or function."""
        if isinstance(operand, FieldPath):
            return tuple(name.lower() for name in self.own_path(operand.names))
        if isinstance(operand, FunctionCall):
            return (operand.key, *(self.key(each) for each in operand.arguments))
        return operand

    def operand(self, operand: Operand) -> Expression:
        """A field or function that has a value in every row: no aggregate."""
        if isinstance(operand, FieldPath):
            return self.field(operand)
        if operand.key in _DATE_FUNCTIONS:
            return self._date_function(operand)
        if operand.key == "DISTANCE":
            return self._distance(operand)
        if operand.key == "TOLABEL":
            return self._label(operand)
        if operand.key in ("FORMAT", "CONVERTCURRENCY"):
            return self.field(self._only_path(operand))
        raise refusals.misplaced_function(self.statement.request, operand)

    def _only_path(self, call: FunctionCall) -> FieldPath:
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], FieldPath):
            raise refusals.misplaced_function(self.statement.request, call)
        return call.arguments[0]

    def _date_function(self, call: FunctionCall) -> Expression:
        request = self.statement.request
        inner = call.arguments[0] if len(call.arguments) == 1 else None
        local = isinstance(inner, FunctionCall) and inner.key == "CONVERTTIMEZONE"
        path = self._only_path(inner if local and isinstance(inner, FunctionCall) else call)
        value = self.field(path)
        wanted = ("datetime",) if local or call.key in _INSTANTS_ONLY else ("date", "datetime")
        if value.type not in wanted:
            raise refusals.wrong_function_type(request, call, value.name)
        sql = value.sql
        if local:
            sql = f"sf_local({sql}, {self.statement.bind(request.calendar.zone.key)})"
        calendar = request.calendar
        later = int(calendar.named_by_end and calendar.fiscal_start > 1)
        text = _DATE_FUNCTIONS[call.key].format(x=sql, start=calendar.fiscal_start, later=later)
        kind: FieldType = "date" if call.key == "DAY_ONLY" else "int"
        return Expression(text, kind, value.name, call.at, value.source)

    def _distance(self, call: FunctionCall) -> Expression:
        request = self.statement.request
        if len(call.arguments) != 3 or not isinstance(call.arguments[0], FieldPath):
            raise refusals.misplaced_function(request, call)
        here, there, unit = call.arguments
        if not isinstance(unit, String) or unit.value.lower() not in ("mi", "km"):
            raise refusals.misplaced_function(request, call)
        points = [*self._point(here, call), *self._point(there, call)]
        sql = f"sf_distance({', '.join(points)}, {self.statement.bind(unit.value.lower())})"
        return Expression(sql, "double", "DISTANCE", call.at)

    def _point(self, argument: Argument, call: FunctionCall) -> list[str]:
        """Latitude and longitude of a location or address field, or of GEOLOCATION()."""
        request = self.statement.request
        if isinstance(argument, FunctionCall) and argument.key == "GEOLOCATION":
            numbers = [each.value for each in argument.arguments if isinstance(each, Number)]
            if len(numbers) == 2 == len(argument.arguments):
                return [self.statement.bind(float(each)) for each in numbers]
        if isinstance(argument, FieldPath):
            _, row, found = self.locate(argument)
            parts = [name for name in found.components if name.lower().endswith(_POINT_ENDINGS)]
            sides = [row.field(name) for name in parts]
            if len(sides) == 2 and sides[0] and sides[1]:
                return [row.column(sides[0]), row.column(sides[1])]
            raise refusals.wrong_function_type(request, call, found.name)
        raise refusals.misplaced_function(request, call)

    def _label(self, call: FunctionCall) -> Expression:
        """toLabel(): the label of a picklist value; the value itself where it has none."""
        value = self.field(self._only_path(call))
        labels = {each.value: each.label for each in (value.source.picklist_values if value.source else ())}
        changed = {raw: label for raw, label in labels.items() if raw != label}
        if not changed or value.type == "multipicklist":
            return Expression(value.sql, "string", value.name, call.at, value.source)
        cases = " ".join(
            f"WHEN {self.statement.bind(raw)} THEN {self.statement.bind(label)}" for raw, label in changed.items()
        )
        return Expression(f"(CASE {value.sql} {cases} ELSE {value.sql} END)", "string", value.name, call.at)

    def aggregate(self, call: FunctionCall) -> Expression:
        """COUNT() and its like, over the rows of a group."""
        request = self.statement.request
        if call.key == "COUNT" and not call.arguments:
            return Expression("count(*)", "int", "COUNT", call.at)
        inner = call.arguments[0] if len(call.arguments) == 1 else None
        if not isinstance(inner, FieldPath):
            raise refusals.misplaced_function(request, call)
        value = self.field(inner)
        if not _aggregates(value, call.key):
            raise refusals.not_aggregatable(request, call, value.name)
        if call.key in ("COUNT", "COUNT_DISTINCT"):
            distinct = "DISTINCT " if call.key == "COUNT_DISTINCT" else ""
            return Expression(f"count({distinct}{value.compared})", "int", value.name, call.at)
        if call.key == "AVG":
            return Expression(f"avg({value.sql})", "double", value.name, call.at)
        if call.key in ("MIN", "MAX") and value.ranked != value.compared:
            sql = f"substr({call.key.lower()}({value.ranked}), 5)"
            return Expression(sql, value.type, value.name, call.at)
        argument = value.compared if call.key in ("MIN", "MAX") else value.sql
        return Expression(f"{call.key.lower()}({argument})", value.type, value.name, call.at)


_POINT_ENDINGS = ("latitude", "longitude", "latitude__s", "longitude__s")
_NEVER_AGGREGATED = frozenset(
    {"base64", "boolean", "time", "address", "location", "anyType", "encryptedstring", "multipicklist", "complexvalue"}
)


def _aggregates(value: Expression, function: str) -> bool:
    """Whether the function takes fields of this type ("Support for Field Types in Aggregate Functions")."""
    if value.type in _NEVER_AGGREGATED or (value.source and not value.source.aggregatable):
        return False
    return function not in ("AVG", "SUM") or value.type in NUMBER_TYPES


def own_names(sobject: SObject, source: Source) -> frozenset[str]:
    """What may stand before a path for the object itself."""
    return frozenset({sobject.name.lower(), *([source.alias.lower()] if source.alias else [])})
