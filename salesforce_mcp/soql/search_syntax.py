"""The syntax tree of a SOSL statement; what it shares with SOQL stands in syntax.py.

Search
├── find        Term, AllOf, AnyOf, Without: the text between the braces
├── group       ALL, NAME, EMAIL, PHONE or SIDEBAR of `IN ... FIELDS`
├── returning   Returned: an object with its fields, WHERE, ORDER BY, LIMIT, OFFSET
├── with_       DataCategories, AccessMode, WithSetting (DIVISION, NETWORK, SNIPPET, HIGHLIGHT, METADATA, ...)
└── limit, update
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from salesforce_mcp.soql.syntax import Bind, Condition, Node, Number, OrderItem, SelectItem, With


@dataclass(frozen=True, slots=True)
class Term(Node):
    """A word, or a phrase in quotes whose words stand in this order.

    `text` is decoded, wildcards as written. `like` is the same as a pattern for LIKE: `%` for `*`, `_` for `?`, and a
    backslash before `%`, `_` or a backslash that is meant literally.
    """

    text: str
    like: str
    phrase: bool = False


@dataclass(frozen=True, slots=True)
class AllOf(Node):
    """Two or more, joined by AND or by nothing."""

    conditions: tuple[Find, ...]


@dataclass(frozen=True, slots=True)
class AnyOf(Node):
    """Two or more, joined by OR."""

    conditions: tuple[Find, ...]


@dataclass(frozen=True, slots=True)
class Without(Node):
    """What follows AND NOT; always in an AllOf, never its first."""

    condition: Find


@dataclass(frozen=True, slots=True)
class Returned(Node):
    """`Account (Id, Name WHERE ... USING ListView=Mine ORDER BY ... LIMIT 5 OFFSET 5)`; `fields` may be empty."""

    object: str
    fields: tuple[SelectItem, ...] = ()
    where: Condition | None = None
    list_view: str | None = None
    order_by: tuple[OrderItem, ...] = ()
    limit: Number | Bind | None = None
    offset: Number | Bind | None = None


@dataclass(frozen=True, slots=True)
class Search(Node):
    """A FIND statement. `find` is None where the text is too long to be searched for: there are no results then."""

    find: Find | None
    group: Literal["ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"] = "ALL"
    returning: tuple[Returned, ...] = ()
    with_: tuple[With, ...] = ()
    limit: Number | Bind | None = None
    update: tuple[Literal["TRACKING", "VIEWSTAT"], ...] = ()


Find: TypeAlias = Term | AllOf | AnyOf | Without
