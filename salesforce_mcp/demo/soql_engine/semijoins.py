"""Semi-joins and anti-joins: `Id IN (SELECT AccountId FROM Contact)`.

What needs no schema to be refused is refused before, by soql.checks. Source: SOQL and SOSL Reference, "Comparison
Operators".
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from collections.abc import Callable

from salesforce_mcp.demo.schema import ID_TYPES
from salesforce_mcp.demo.soql_engine import refusals
from salesforce_mcp.demo.soql_engine.expressions import Expression, Names
from salesforce_mcp.demo.soql_engine.statement import Statement
from salesforce_mcp.soql.syntax import Comparison, FieldPath, Query, SelectItem, SemiJoin

CompileInner = Callable[[Statement, Query], tuple[Names, str]]
"""The names of an inner query, and its SQL from FROM on."""


def compile_semi_join(statement: Statement, outer: Expression, node: Comparison, inner: CompileInner) -> str:
    """The condition. A row whose own field is empty is in no list, and so passes NOT IN."""
    request = statement.request
    right = node.right
    assert isinstance(right, SemiJoin)  # noqa: S101 - that is why we are here
    names, source_sql = inner(statement, right.query)
    item = right.query.fields[0]
    if not isinstance(item, SelectItem) or not isinstance(item.expression, FieldPath):
        raise refusals.placed(request, item.at, "semi join sub-selects can only query id fields")
    selected = names.field(item.expression)
    for each in (outer, selected):
        if each.type not in ID_TYPES:
            sentence = f"semi join sub-selects can only query id fields, cannot use: '{each.name}'"
            raise refusals.placed(request, each.at, sentence)
    if not _prefixes(statement, outer) & _prefixes(statement, selected):
        sentence = (
            f"The selected field '{selected.name}' in the subquery and the left operand field in the where expression"
            f" in the outer query '{outer.name}' should point to the same object type"
        )
        raise refusals.placed(request, outer.at, sentence)
    found = f"{outer.sql} IN (SELECT {selected.sql} {source_sql})"
    if node.operator == "IN":
        return f"({found})"
    # NULLs in the inner query would make NOT IN unknown for every row.
    without_nulls = f"SELECT picked FROM (SELECT {selected.sql} AS picked {source_sql}) WHERE picked IS NOT NULL"
    return f"({outer.sql} IN ({without_nulls})) IS NOT TRUE"


def _prefixes(statement: Statement, expression: Expression) -> set[str]:
    """The key prefixes of the Ids that a field can hold; an object's view shares the prefix of its records."""
    source = expression.source
    names = (expression.entity,) if expression.type == "id" or source is None else source.reference_to
    objects = statement.request.objects
    return {(found.key_prefix if (found := objects.get(name)) else None) or name for name in names}
