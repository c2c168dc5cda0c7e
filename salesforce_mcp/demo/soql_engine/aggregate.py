"""Aggregate queries: GROUP BY, ROLLUP, CUBE, HAVING.

SQLite has no ROLLUP or CUBE, so each set of grouped fields is a SELECT of its own, and UNION ALL puts them together.
Source: SOQL and SOSL Reference, "GROUP BY", "GROUP BY ROLLUP", "GROUP BY CUBE", "GROUPING(fieldName)", "HAVING",
"Aggregate Functions".
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from itertools import product

from salesforce_mcp.demo.soql_engine import refusals
from salesforce_mcp.demo.soql_engine.expressions import Expression, Names
from salesforce_mcp.demo.soql_engine.select import presentation
from salesforce_mcp.demo.soql_engine.shapes import AggregateShape
from salesforce_mcp.demo.soql_engine.statement import Request
from salesforce_mcp.soql.functions import AGGREGATES, DATES
from salesforce_mcp.soql.syntax import FieldPath, FunctionCall, Operand, OrderItem, Query, SelectItem

_SHOWN_ONLY = frozenset({"FORMAT", "CONVERTCURRENCY"})
"""Functions that change how a value is shown, not the value."""


class Grouping:
    """The groups of one query, and what operands mean in them."""

    def __init__(self, names: Names, query: Query) -> None:
        self.names = names
        self.query = query
        self.request: Request = names.statement.request
        self.keys: list[Hashable] = []
        self._operands: list[Operand] = []
        for operand in query.group_by.items if query.group_by else ():
            self._add(operand)
        self.kind = query.group_by.kind if query.group_by else None

    def _add(self, operand: Operand) -> None:
        if isinstance(operand, FunctionCall) and operand.key not in DATES:
            raise refusals.misplaced_function(self.request, operand)
        value = self.names.operand(operand)
        source = value.source
        if isinstance(operand, FieldPath) and source is not None and (source.components or not source.groupable):
            raise refusals.not_groupable(self.request, operand.at, source.name)
        self._operands.append(operand)
        self.keys.append(self.names.key(operand))

    def sets(self) -> Iterator[frozenset[Hashable]]:
        """The sets of fields to group by: one, or with ROLLUP and CUBE also those of the subtotals."""
        if self.kind == "ROLLUP":
            for length in range(len(self.keys), -1, -1):
                yield frozenset(self.keys[:length])
        elif self.kind == "CUBE":
            for kept in product((True, False), repeat=len(self.keys)):
                yield frozenset(key for key, keep in zip(self.keys, kept, strict=True) if keep)
        else:
            yield frozenset(self.keys)

    def group_by_sql(self, grouped: frozenset[Hashable]) -> str:
        """GROUP BY for one set; empty for a grand total."""
        values = [
            self.names.operand(operand).compared
            for operand, key in zip(self._operands, self.keys, strict=True)
            if key in grouped
        ]
        return f" GROUP BY {', '.join(values)}" if values else ""

    def order_of_groups(self, grouped: frozenset[Hashable]) -> Iterator[str]:
        """SQL that puts each subtotal behind what it sums up."""
        for operand, key in zip(self._operands, self.keys, strict=True):
            yield "0" if key in grouped else "1"
            yield self.names.operand(operand).ranked if key in grouped else "NULL"

    def value(self, operand: Operand, grouped: frozenset[Hashable], *, ordered: bool = False) -> Expression:
        """An operand in SELECT, HAVING or ORDER BY: an aggregate, or something that is the same in the whole group."""
        if isinstance(operand, FunctionCall):
            if operand.key in AGGREGATES:
                return self.names.aggregate(operand)
            if operand.key == "GROUPING":
                return self._grouping(operand, grouped)
            if operand.key in _SHOWN_ONLY and len(operand.arguments) == 1:
                inner = operand.arguments[0]
                if isinstance(inner, (FieldPath, FunctionCall)):
                    return self.value(inner, grouped, ordered=ordered)
        value = self.names.operand(operand)
        key = self._key(operand)
        if key is None:
            name = operand.text if isinstance(operand, FieldPath) else value.name
            raise refusals.not_grouped(self.request, operand.at, name, ordered=ordered)
        if key in grouped:
            return value
        return Expression("NULL", value.type, value.name, value.at, value.source)

    def _key(self, operand: Operand) -> Hashable | None:
        """The grouped key that fixes a value: its own, or that of the field in toLabel() or in a function of a date."""
        key = self.names.key(operand)
        if key in self.keys:
            return key
        if isinstance(operand, FunctionCall) and operand.arguments and isinstance(operand.arguments[0], FieldPath):
            inner = operand.arguments[0]
            if operand.key == "TOLABEL" or self.names.field(inner).type == "date":
                return self._key(inner)
        return None

    def _grouping(self, call: FunctionCall, grouped: frozenset[Hashable]) -> Expression:
        inner = call.arguments[0] if len(call.arguments) == 1 else None
        if self.kind is None or not isinstance(inner, FieldPath):
            raise refusals.misplaced_function(self.request, call)
        key = self._key(inner)
        if key is None:
            raise refusals.not_grouped(self.request, call.at, inner.text)
        return Expression("0" if key in grouped else "1", "int", "GROUPING", call.at)

    # --- The SELECT list ---

    def add_to(self, shape: AggregateShape, grouped: frozenset[Hashable]) -> None:
        """Fill the shape with the SELECT list, as it is for one set of grouped fields."""
        unnamed = 0
        for item in self.query.fields:
            if not isinstance(item, SelectItem):
                raise refusals.malformed("Only root queries support aggregate expressions")
            value = self.value(item.expression, grouped)
            key = item.alias
            if key is None and isinstance(item.expression, FieldPath):
                key = value.source.name if value.source else value.name
            if key is None:
                key = f"expr{unnamed}"
                unnamed += 1
            if key in shape.columns:
                raise refusals.duplicate_alias(key)
            shape.columns[key] = value.sql
            convert = presentation(self.request, item.expression, value)
            if convert is not None:
                shape.converters[key] = convert

    def order(self, items: tuple[OrderItem, ...], grouped: frozenset[Hashable]) -> list[str]:
        """The columns to order by, as they are for one set of grouped fields."""
        if not items:
            return list(self.order_of_groups(grouped)) if self.kind else []
        return [self.value(item.expression, grouped, ordered=True).ranked for item in items]


def direction(item: OrderItem) -> str:
    """ASC or DESC, and where missing values go: first, unless the query says otherwise."""
    last = item.nulls == "LAST"
    if item.descending:
        return "DESC" if last else "DESC NULLS FIRST"
    return "ASC NULLS LAST" if last else "ASC"
