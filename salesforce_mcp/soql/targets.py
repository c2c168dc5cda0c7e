"""What a statement reads: objects, fields, and what its binds are compared with.

Nothing is looked up: a child query's object is known only by its relationship (`Contacts`), a parent's only by the path
to it (`Account.Owner`). Who has describes can follow both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesforce_mcp.soql.functions import AGGREGATES
from salesforce_mcp.soql.syntax import (
    Bind,
    ChildQuery,
    Comparison,
    FieldPath,
    FieldsGroup,
    FunctionCall,
    Node,
    Query,
    SemiJoin,
    Source,
    TypeOf,
    ValueList,
    children,
    walk,
)

if TYPE_CHECKING:
    from salesforce_mcp.soql.syntax import Operand


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A field that a statement reads.

    `object` is the API name after FROM of the query that the field stands in, or of the one around it; `children` are
    the child relationships from there to the query; `path` are the relationships to parents and then the field, without
    alias. A FIELDS(ALL) has the path `("FIELDS(ALL)",)`. In a TYPEOF, `type` is the WHEN that the field belongs to.
    `function` is what a bind's field is wrapped in (`DAY_ONLY`).
    """

    object: str
    children: tuple[str, ...]
    path: tuple[str, ...]
    at: int
    type: str | None = None
    function: str | None = None


def main_object(query: Query) -> str:
    """The object after the statement's own FROM."""
    return query.source.text


def objects(query: Query) -> list[str]:
    """The objects after FROM, each once, the main one first: those of semi-joins too, not of child queries."""
    found = [main_object(query)]
    found += (node.query.source.text for node in walk(query) if isinstance(node, SemiJoin))
    return list(dict.fromkeys(found))


def fields(query: Query) -> Iterator[FieldUse]:
    """Every field that the statement names, in whatever clause, in the order of the source."""
    for scope, node in _scoped(query, Scope.of(query)):
        match node:
            case FieldPath():
                yield scope.use(node)
            case FieldsGroup(group=group):
                yield FieldUse(scope.object, scope.children, (f"FIELDS({group})",), node.at)
            case TypeOf(relationship=relationship, whens=whens, otherwise=otherwise):
                base = scope.use(relationship).path
                for when in whens:
                    for field in when.fields:
                        yield FieldUse(scope.object, scope.children, (*base, *field.names), field.at, when.object)
                for field in otherwise:
                    yield FieldUse(scope.object, scope.children, (*base, *field.names), field.at)


def bound_fields(query: Query) -> dict[str, list[FieldUse]]:
    """For each bind that is compared with a field, those fields. LIMIT and OFFSET compare with none."""
    found: dict[str, list[FieldUse]] = {}
    for scope, node in _scoped(query, Scope.of(query)):
        if not isinstance(node, Comparison):
            continue
        field, function = _compared(node.left)
        if field is None:
            continue
        use = scope.use(field, function)
        values = node.right.values if isinstance(node.right, ValueList) else (node.right,)
        for value in values:
            if isinstance(value, Bind):
                found.setdefault(value.name, []).append(use)
    return found


def is_aggregate(query: Query) -> bool:
    """Whether the rows are groups: there is a GROUP BY, or an aggregate function is selected."""
    return query.group_by is not None or any(
        isinstance(node, FunctionCall) and node.key in AGGREGATES
        for item in query.fields
        if not isinstance(item, ChildQuery)
        for node in walk(item)
    )


@dataclass(frozen=True, slots=True)
class Scope:
    """The query around a field, and what the first name of a path may be there instead of a relationship.

    `prefixes` has the query's own object and the aliases, in lower case, each with the relationships it stands for.
    """

    object: str
    children: tuple[str, ...]
    prefixes: dict[str, tuple[str, ...]]

    @classmethod
    def of(cls, query: Query) -> Scope:
        source = query.source
        scope = cls(source.text, (), _prefixes(source))
        for related in query.related:
            scope.add(related)
        return scope

    def child(self, query: Query) -> Scope:
        """`FROM Contacts`, or `FROM Account.Contacts` in which the first name is the outer query's object."""
        return Scope(self.object, (*self.children, query.source.names[-1]), _prefixes(query.source))

    def add(self, related: Source) -> None:
        """`FROM Contact c, c.Account a`: a path that begins with `a` goes by way of Account."""
        path = self.strip(related.names)
        if related.alias:
            self.prefixes[related.alias.lower()] = path

    def strip(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The path from the query's object: `a.Name` becomes `Name`, or `Account.Name` where `a` is a parent."""
        way = self.prefixes.get(names[0].lower())
        return names if way is None or len(names) == 1 else (*way, *names[1:])

    def use(self, field: FieldPath, function: str | None = None) -> FieldUse:
        return FieldUse(self.object, self.children, self.strip(field.names), field.at, function=function)


def _prefixes(source: Source) -> dict[str, tuple[str, ...]]:
    names = (source.names[-1], source.alias)
    return {name.lower(): () for name in names if name}


def _scoped(node: Node, scope: Scope) -> Iterator[tuple[Scope, Node]]:
    """The nodes below, each with the scope of its query; what is inside a TYPEOF is left to the caller."""
    for below in children(node):
        yield scope, below
        match below:
            case ChildQuery(query=query):
                yield from _scoped(query, scope.child(query))
            case SemiJoin(query=query):
                yield from _scoped(query, Scope.of(query))
            case TypeOf() | Source():
                continue
            case _:
                yield from _scoped(below, scope)


def _compared(left: Operand) -> tuple[FieldPath | None, str | None]:
    """The field on the left of a comparison, and the function around it."""
    match left:
        case FieldPath():
            return left, None
        case FunctionCall(arguments=(FieldPath() as field,)):
            return field, left.key
        case FunctionCall(arguments=(FunctionCall(arguments=(FieldPath() as field,)),)):
            return field, left.key
    return None, None
