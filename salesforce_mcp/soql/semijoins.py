"""What Salesforce refuses about semi-joins (`Id IN (SELECT ...)`), as far as no schema is needed.

Source: SOQL and SOSL Reference, "Comparison Operators"; the wording from messages that people quote. Where none was
found, the sentence is plain and ours.
"""

from __future__ import annotations

from collections.abc import Iterator

from salesforce_mcp.soql.functions import AGGREGATES
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.syntax import (
    And,
    Comparison,
    Condition,
    FieldPath,
    FunctionCall,
    Node,
    Not,
    Or,
    Query,
    SelectItem,
    SemiJoin,
    walk,
)

_MAX_SEMI_JOINS = 2
_NOT_NESTED = (
    "Semi join sub-selects are only allowed at the top level WHERE expressions and not in nested WHERE expressions."
)


def check_semi_joins(query: Query, soql: str) -> None:
    """Raise SoqlError for the semi-joins in one query's WHERE and HAVING."""
    for found in _semi_joins(query.having):
        raise SoqlError("Semi-joins are only supported in WHERE clauses", soql=soql, offset=found.at)
    everywhere = list(_semi_joins(query.where))
    for found in everywhere:
        _check_one(found, query, soql)
    _check_place(query.where, soql)
    if len(everywhere) > _MAX_SEMI_JOINS:
        last = everywhere[_MAX_SEMI_JOINS]
        raise SoqlError(f"Maximum {_MAX_SEMI_JOINS} semi join sub-selects are allowed", soql=soql, offset=last.at)


def _semi_joins(condition: Condition | None) -> Iterator[Comparison]:
    """The comparisons with a semi-join, not those inside another one."""
    waiting: list[Node] = [condition] if condition else []
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Comparison) and isinstance(node.right, SemiJoin):
            yield node
        elif isinstance(node, And | Or):
            waiting = [*node.conditions, *waiting]
        elif isinstance(node, Not):
            waiting.insert(0, node.condition)


def _check_place(where: Condition | None, soql: str) -> None:
    """A semi-join stands alone in WHERE, or is one of the conditions that its AND joins."""
    top = where.conditions if isinstance(where, And) else (where,)
    for condition in top:
        if isinstance(condition, Comparison):
            continue
        for found in _semi_joins(condition):
            if condition is where and isinstance(condition, Or):
                raise SoqlError(
                    "Semi join sub-selects are not allowed with the 'OR' operator", soql=soql, offset=found.at
                )
            raise SoqlError(_NOT_NESTED, soql=soql, offset=found.at)


def _check_one(found: Comparison, outer: Query, soql: str) -> None:
    right = found.right
    if not isinstance(right, SemiJoin):
        return
    inner = right.query
    for node in walk(inner):
        if node is not right and isinstance(node, SemiJoin):
            raise SoqlError("Nesting of semi join sub-selects is not supported", soql=soql, offset=node.at)
    _check_selected(inner, soql)
    if inner.source.text.lower() == outer.source.text.lower():
        sentence = "The inner and outer selects should not be on the same object type"
        raise SoqlError(sentence, soql=soql, offset=inner.source.at)
    for clause, present in (
        ("ORDER BY", inner.order_by),
        ("LIMIT", inner.limit is not None),
        ("OFFSET", inner.offset is not None),
        ("FOR", inner.for_),
    ):
        if present:
            raise SoqlError(f"{clause} is not allowed in a semi join sub-select", soql=soql, offset=inner.at)


def _check_selected(inner: Query, soql: str) -> None:
    item = inner.fields[0]
    match item:
        case SelectItem(expression=FieldPath(names=names)) if len(inner.fields) == 1:
            own = {inner.source.text.lower(), (inner.source.alias or "").lower()}
            if len(names) > 2 or (len(names) == 2 and names[0].lower() not in own):
                sentence = (
                    f"The inner select field '{'.'.join(names)}' cannot have more than one level of relationships"
                )
                raise SoqlError(sentence, soql=soql, offset=item.at)
        case SelectItem(expression=FunctionCall(key=key)) if key in AGGREGATES:
            raise SoqlError(f"{key} is not allowed in a semi join sub-select", soql=soql, offset=item.at)
        case _:
            raise SoqlError("A semi join sub-select selects exactly one field", soql=soql, offset=item.at)
