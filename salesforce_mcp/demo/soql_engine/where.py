"""WHERE and HAVING as SQL.

SOQL's logic has two values: a comparison is true or false, never unknown. A missing value differs from every value
(`!=` and NOT IN are true for it), is neither less nor greater, and counts as false in a checkbox. Source: SOQL and SOSL
Reference, "Comparison Operators", "Logical Operators", "Use null in WHERE", "Query Multi-Select Picklists".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from salesforce_mcp.demo.soql_engine import refusals, values
from salesforce_mcp.demo.soql_engine.expressions import Expression
from salesforce_mcp.demo.soql_engine.statement import Request, Statement, all_of, any_of
from salesforce_mcp.demo.soql_engine.values import Span
from salesforce_mcp.soql.syntax import (
    And,
    Comparison,
    Condition,
    FunctionCall,
    Not,
    Operand,
    Or,
    SemiJoin,
    String,
    Value,
    ValueList,
)

Resolve = Callable[[Operand], Expression]
CompileSemiJoin = Callable[[Statement, Expression, Comparison], str]

_ORDERED = frozenset({"<", "<=", ">", ">="})
_EQUALITY_ONLY = frozenset({"reference", "boolean", "multipicklist"})
"""A record's own Id has an order: clients page through large objects with `WHERE Id > ... ORDER BY Id`."""
_NOT_LIKE = frozenset({
    "id", "reference", "boolean", "int", "double", "currency", "percent", "date", "datetime", "time", "multipicklist",
})  # fmt: skip


class Conditions:
    """Compiles the conditions of one clause; `resolve` says what an operand is there."""

    def __init__(self, statement: Statement, resolve: Resolve, semi_join: CompileSemiJoin) -> None:
        self.statement = statement
        self.request: Request = statement.request
        self.resolve = resolve
        self.semi_join = semi_join

    def compile(self, condition: Condition) -> str:
        """SQL that is true where the condition is; elsewhere it is false or NULL."""
        if isinstance(condition, And):
            return all_of([self.compile(each) for each in condition.conditions]) or "1"
        if isinstance(condition, Or):
            return any_of([self.compile(each) for each in condition.conditions]) or "0"
        if isinstance(condition, Not):
            return f"({self.compile(condition.condition)}) IS NOT TRUE"
        return self._comparison(condition)

    def _comparison(self, node: Comparison) -> str:
        expression = self.resolve(node.left)
        self._check_operator(node, expression)
        right = node.right
        if isinstance(right, SemiJoin):
            return self.semi_join(self.statement, expression, node)
        if isinstance(right, ValueList):
            if node.operator in ("INCLUDES", "EXCLUDES"):
                return self._includes(node, expression, right)
            return self._in(node, expression, right)
        if node.operator == "LIKE":
            return self._like(expression, right)
        return self._compare(expression, node.operator, values.literal(self.request, expression, right))

    def _check_operator(self, node: Comparison, expression: Expression) -> None:
        source = expression.source
        direct = not isinstance(node.left, FunctionCall)
        if direct and source is not None and not (source.filterable and not source.components):
            raise refusals.not_filterable(self.request, expression.at, source.name, source.type)
        kind, operator = expression.type, node.operator
        multiple = kind == "multipicklist"
        if (
            (operator in _ORDERED and kind in _EQUALITY_ONLY)
            or (operator == "LIKE" and kind in _NOT_LIKE)
            or (operator in ("INCLUDES", "EXCLUDES") and not multiple)
        ):
            raise refusals.invalid_operator(self.request, expression.at, kind)
        if isinstance(node.left, FunctionCall) and node.left.key == "DISTANCE" and operator not in _ORDERED:
            raise refusals.placed(self.request, expression.at, "DISTANCE supports only the operators > and <")

    def _compare(self, expression: Expression, operator: str, value: Any) -> str:
        sql = expression.compared
        if expression.type == "boolean":
            value = int(bool(value))  # a null is false
        if value is None:
            return _against_null(sql, operator)
        if isinstance(value, Span):
            return self._compare_span(sql, operator, value)
        if expression.type == "multipicklist":
            same = self._same_choices(expression, value)
            return same if operator == "=" else f"({same}) IS NOT TRUE"
        if _beyond_ascii(expression, value):
            sql, value = f"sf_fold({expression.sql})", value.casefold()
        placeholder = self.statement.bind(value)
        if operator == "!=":
            return f"({sql} IS NOT {placeholder})"
        return f"({sql} {operator} {placeholder})"

    def _compare_span(self, sql: str, operator: str, span: Span) -> str:
        start, end = self.statement.bind(span.start), self.statement.bind(span.end)
        if operator == "=":
            return f"({sql} >= {start} AND {sql} < {end})"
        if operator == "!=":
            return f"({sql} >= {start} AND {sql} < {end}) IS NOT TRUE"
        if operator == "<":
            return f"({sql} < {start})"
        if operator == "<=":
            return f"({sql} < {end})"
        if operator == ">=":
            return f"({sql} >= {start})"
        return f"({sql} > {start})" if span.open_end else f"({sql} >= {end})"

    def _in(self, node: Comparison, expression: Expression, right: ValueList) -> str:
        plain, other = [], []
        has_null = False
        for each in right.values:
            value = values.literal(self.request, expression, each)
            if value is None:
                has_null = True
            elif isinstance(value, Span) or expression.type == "multipicklist" or _beyond_ascii(expression, value):
                other.append(self._compare(expression, "=", value))
            else:
                plain.append(value)
        sql = expression.compared
        if plain:
            other.append(f"{sql} IN {self.statement.bind_list(plain)}")
        if has_null:
            other.append(self._compare(expression, "=", None))
        found = any_of(other) or "0"
        return f"({found})" if node.operator == "IN" else f"({found}) IS NOT TRUE"

    def _like(self, expression: Expression, right: Value) -> str:
        if not isinstance(right, String):
            raise refusals.wrong_value_type(self.request, expression.at, expression.name, expression.type)
        pattern = right.like
        sql = expression.sql
        if not pattern.isascii():
            sql, pattern = f"sf_fold({sql})", pattern.casefold()
        return f"({sql} LIKE {self.statement.bind(pattern)} ESCAPE '\\')"

    def _includes(self, node: Comparison, expression: Expression, right: ValueList) -> str:
        alternatives = []
        for each in right.values:
            if not isinstance(each, String):
                raise refusals.wrong_value_type(self.request, expression.at, expression.name, expression.type)
            choices = [self._has_choice(expression, choice) for choice in _choices(each.value)]
            alternatives.append(all_of(choices) or "0")
        found = any_of(alternatives) or "0"
        return f"({found})" if node.operator == "INCLUDES" else f"({found}) IS NOT TRUE"

    def _same_choices(self, expression: Expression, value: str) -> str:
        """Exactly these choices, in whatever order they are written."""
        choices = _choices(value)
        count = f"length({expression.sql}) - length(replace({expression.sql}, ';', '')) = {len(choices) - 1}"
        return all_of([count, *(self._has_choice(expression, each) for each in choices)]) or "0"

    def _has_choice(self, expression: Expression, choice: str) -> str:
        pattern = self.statement.bind(f"%;{values.like_text(choice)};%")
        return f"';' || {expression.sql} || ';' LIKE {pattern} ESCAPE '\\'"


def _choices(value: str) -> list[str]:
    return [each for each in value.split(";") if each]


def _against_null(sql: str, operator: str) -> str:
    if operator == "=":
        return f"({sql} IS NULL)"
    return f"({sql} IS NOT NULL)" if operator == "!=" else "(0)"


def _beyond_ascii(expression: Expression, value: Any) -> bool:
    """SQLite ignores the case of ASCII letters only; for others both sides are folded."""
    return isinstance(value, str) and not value.isascii() and expression.ignores_case
