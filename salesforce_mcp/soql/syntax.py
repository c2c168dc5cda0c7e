"""The syntax tree of a SOQL statement: what was written, before anything is looked up in an org.

Query
├── fields      SelectItem (FieldPath or FunctionCall, with alias), FieldsGroup, TypeOf, ChildQuery
├── source      Source; `related` holds the further ones of `FROM Contact c, c.Account a`
├── scope       Scope
├── where       And, Or, Not, Comparison
├── with_       AccessMode, DataCategories, WithSetting
├── group_by    GroupBy, then `having`: a condition as in `where`
├── order_by    OrderItem
└── limit, offset, for_, update, all_rows

Names stand as they were written; keywords, operators and date literals are in upper case. `at` is the offset of a
node's first character in the source, for messages that point at it; it takes no part in comparisons of nodes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Node:
    """Anything in the tree."""

    at: int = field(default=0, compare=False, kw_only=True)


# --- Fields and functions ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldPath(Node):
    """`Account.Owner.Name`: relationships from child to parent, then a field. The first name may be an alias."""

    names: tuple[str, ...]

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class FunctionCall(Node):
    """`COUNT()`, `FORMAT(convertCurrency(Amount))`, `DISTANCE(Loc__c, GEOLOCATION(37.7, -122.4), 'mi')`."""

    name: str
    arguments: tuple[Argument, ...]

    @property
    def key(self) -> str:
        """The name in upper case: what to compare with, since SOQL ignores case."""
        return self.name.upper()


# --- Values --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class String(Node):
    """A quoted string.

    `value` is the text with its escapes decoded. `like` is the same as a pattern for LIKE: `%` and `_` are wildcards
    there, and a backslash before `%`, `_` or a backslash makes it literal (SQL's `ESCAPE '\\'`).
    """

    value: str
    like: str


@dataclass(frozen=True, slots=True)
class Number(Node):
    """`value` is an int where there is neither point nor exponent and it has 64 bits; `text` is as written."""

    value: int | float
    text: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    pass


@dataclass(frozen=True, slots=True)
class Date(Node):
    """`2024-05-31`."""

    value: date


@dataclass(frozen=True, slots=True)
class DateTime(Node):
    """`2024-05-31T10:00:00Z`; always with a zone."""

    value: datetime


@dataclass(frozen=True, slots=True)
class Time(Node):
    """`10:30:00.000Z`, without a zone: Salesforce's time fields are UTC."""

    value: time


@dataclass(frozen=True, slots=True)
class DateLiteral(Node):
    """`TODAY`, or `LAST_N_DAYS:30` with `n` 30. The name is in upper case."""

    name: str
    n: int | None = None


@dataclass(frozen=True, slots=True)
class Currency(Node):
    """`USD5000.01`: an ISO currency code, in upper case, and an amount."""

    code: str
    amount: int | float


@dataclass(frozen=True, slots=True)
class Bind(Node):
    """`:name`, to be replaced by a value before the statement is sent."""

    name: str


# --- Conditions ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ValueList(Node):
    """`('a', 'b')`, never empty."""

    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class SemiJoin(Node):
    """The query in `Id IN (SELECT AccountId FROM Contact)`."""

    query: Query


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`left operator right`.

    `right` is a ValueList, SemiJoin or Bind after IN, NOT IN, INCLUDES and EXCLUDES; otherwise a single value.
    """

    left: Operand
    operator: Operator
    right: Value | ValueList | SemiJoin


@dataclass(frozen=True, slots=True)
class And(Node):
    """Two conditions or more. Parentheses leave no node of their own."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """Two conditions or more."""

    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    condition: Condition


# --- SELECT list ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SelectItem(Node):
    """`Name`, or `COUNT(Id) total`."""

    expression: Operand
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class FieldsGroup(Node):
    """`FIELDS(ALL)`."""

    group: Literal["ALL", "STANDARD", "CUSTOM"]


@dataclass(frozen=True, slots=True)
class TypeOfWhen(Node):
    """`WHEN Account THEN Phone, Industry`."""

    object: str
    fields: tuple[FieldPath, ...]


@dataclass(frozen=True, slots=True)
class TypeOf(Node):
    """`TYPEOF What WHEN Account THEN Phone ELSE Name END`; without ELSE `otherwise` is empty."""

    relationship: FieldPath
    whens: tuple[TypeOfWhen, ...]
    otherwise: tuple[FieldPath, ...]


@dataclass(frozen=True, slots=True)
class ChildQuery(Node):
    """`(SELECT LastName FROM Contacts)` in a SELECT list."""

    query: Query


# --- Other clauses -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Source(Node):
    """What follows FROM: an object, a child relationship in a ChildQuery, or a relationship path (`a.Contacts`)."""

    names: tuple[str, ...]
    alias: str | None = None

    @property
    def text(self) -> str:
        return ".".join(self.names)


@dataclass(frozen=True, slots=True)
class Scope(Node):
    """`USING SCOPE mine`; the name as written."""

    name: str


@dataclass(frozen=True, slots=True)
class AccessMode(Node):
    """`WITH SECURITY_ENFORCED`, `WITH USER_MODE`, `WITH SYSTEM_MODE`."""

    mode: Literal["SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"]


@dataclass(frozen=True, slots=True)
class DataCategory(Node):
    """`Geography__c AT (usa__c, uk__c)`."""

    group: str
    operator: Literal["AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW"]
    categories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DataCategories(Node):
    """`WITH DATA CATEGORY ... AND ...`: every one of them holds."""

    filters: tuple[DataCategory, ...]


@dataclass(frozen=True, slots=True)
class WithSetting(Node):
    """`WITH RecordVisibilityContext (maxDescriptorPerRecord=100, supportsDomains=true)`."""

    name: str
    settings: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class GroupBy(Node):
    """`GROUP BY a, b`; `kind` is ROLLUP or CUBE for `GROUP BY ROLLUP(a, b)`, else None."""

    items: tuple[Operand, ...]
    kind: Literal["ROLLUP", "CUBE"] | None = None


@dataclass(frozen=True, slots=True)
class OrderItem(Node):
    """`nulls` is None where nothing was written: Salesforce then puts nulls first, whatever the direction."""

    expression: Operand
    descending: bool = False
    nulls: Literal["FIRST", "LAST"] | None = None


@dataclass(frozen=True, slots=True)
class Query(Node):
    """A SELECT statement, on its own or inside another."""

    fields: tuple[Selection, ...]
    source: Source
    related: tuple[Source, ...] = ()
    scope: Scope | None = None
    where: Condition | None = None
    with_: tuple[With, ...] = ()
    group_by: GroupBy | None = None
    having: Condition | None = None
    order_by: tuple[OrderItem, ...] = ()
    limit: Number | Bind | None = None
    offset: Number | Bind | None = None
    for_: tuple[Literal["VIEW", "REFERENCE", "UPDATE"], ...] = ()
    update: tuple[Literal["TRACKING", "VIEWSTAT"], ...] = ()
    all_rows: bool = False


Operand: TypeAlias = FieldPath | FunctionCall
Value: TypeAlias = String | Number | Boolean | Null | Date | DateTime | Time | DateLiteral | Currency | Bind
Argument: TypeAlias = FieldPath | FunctionCall | Value
Condition: TypeAlias = And | Or | Not | Comparison
Selection: TypeAlias = SelectItem | FieldsGroup | TypeOf | ChildQuery
With: TypeAlias = AccessMode | DataCategories | WithSetting
Operator: TypeAlias = Literal[
    "=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN", "INCLUDES", "EXCLUDES"
]  # `<>` is given as `!=`


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below this one, in the order of the source."""
    for name in node.__dataclass_fields__:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):  # a WithSetting's name and value
                    yield from (part for part in item if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """This node and all below it, in the order of the source: subqueries too."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(list(children(node))))
