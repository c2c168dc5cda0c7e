"""What one SOQL statement is compiled with: who asks, what for, and the values to bind."""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from salesforce_mcp.demo.schema import SObject, SObjects
    from salesforce_mcp.demo.soql_engine.dates import Calendar
    from salesforce_mcp.demo.users import User

_FEW = 50


@dataclass(frozen=True)
class Request:
    """Who runs a statement, and how.

    `source` is the statement itself, for messages that point into it. `data_root` is what urls of records start with:
    `/services/data/v66.0`, with `/tooling` behind it for the Tooling API.
    """

    objects: SObjects
    user: User
    calendar: Calendar
    source: str
    data_root: str
    include_deleted: bool = False
    version: float = 66.0
    provide: Callable[[SObject], None] = lambda sobject: None
    """Called with each object that a statement reads."""


@dataclass
class Statement:
    """One SQL statement in the making: its parameters and the names of its tables."""

    request: Request
    values: dict[str, Any] = field(default_factory=dict)
    tables: int = 0

    def bind(self, value: Any) -> str:
        """A placeholder for a value."""
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f":{name}"

    def bind_list(self, values: Sequence[Any]) -> str:
        """What follows IN: placeholders for a few values, for many a JSON array, which has no limit on their number."""
        if len(values) <= _FEW:
            return f"({', '.join(self.bind(each) for each in values)})"
        return f"(SELECT value FROM json_each({self.bind(orjson.dumps(list(values)).decode())}))"

    def new_table(self) -> str:
        """A table alias that is not in use."""
        self.tables += 1
        return f"t{self.tables}"

    def visible(self, sobject: SObject, alias: str) -> str | None:
        """The condition under which the user may see a row, None if every row. Asked for all objects that are read."""
        self.request.provide(sobject)
        return self.request.user.visible_rows(self.request.objects, sobject, alias, self.bind)


def quoted(name: str) -> str:
    """An SQL identifier. Object and field names hold no quotes, but several are SQL keywords."""
    return f'"{name}"'


def all_of(conditions: Iterable[str | None]) -> str | None:
    """The conditions joined by AND, or None without any."""
    return _joined([each for each in conditions if each], "AND")


def any_of(conditions: Iterable[str]) -> str | None:
    """The conditions joined by OR, or None without any."""
    return _joined(list(conditions), "OR")


def _joined(conditions: list[str], operator: str) -> str | None:
    """A balanced tree, since SQLite limits the depth of an expression to 1,000."""
    if not conditions:
        return None
    if len(conditions) == 1:
        return conditions[0]
    middle = len(conditions) // 2
    left, right = _joined(conditions[:middle], operator), _joined(conditions[middle:], operator)
    return f"({left} {operator} {right})"
