"""From the syntax tree of a query to a plan that SQLite can run.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax" and the chapters on its clauses.
"""
# ruff: noqa: S608 - names are those of the schema, values are bound

from __future__ import annotations

from functools import partial

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import ID_TYPES, SObject
from salesforce_mcp.demo.soql_engine import catalogue, categories, refusals, scopes
from salesforce_mcp.demo.soql_engine.aggregate import Grouping, direction
from salesforce_mcp.demo.soql_engine.expressions import Expression, Names, own_names
from salesforce_mcp.demo.soql_engine.plans import AggregatePlan, ChildPlan, CountPlan, Plan, RecordPlan, source
from salesforce_mcp.demo.soql_engine.rows import Join, RecordRow
from salesforce_mcp.demo.soql_engine.select import SelectList, record_shape
from salesforce_mcp.demo.soql_engine.semijoins import compile_semi_join
from salesforce_mcp.demo.soql_engine.shapes import AggregateShape
from salesforce_mcp.demo.soql_engine.statement import Request, Statement
from salesforce_mcp.demo.soql_engine.where import Conditions, Resolve
from salesforce_mcp.soql.functions import DATES
from salesforce_mcp.soql.syntax import (
    And,
    ChildQuery,
    Comparison,
    Condition,
    DataCategories,
    FieldPath,
    FunctionCall,
    Number,
    OrderItem,
    Query,
    SelectItem,
    Source,
    String,
    ValueList,
)
from salesforce_mcp.soql.targets import is_aggregate

_FILTERED_BY = {"ContentDocumentLink": frozenset({"id", "contentdocumentid", "linkedentityid"})}
"""Objects that have to be filtered by one of these fields ("SOQL Object Limits and Limitations")."""
_DEEP_CHILDREN_SINCE = 58.0
"""The API version since when subqueries may have subqueries."""


def compile_query(request: Request, query: Query) -> Plan:
    """The plan of a statement; ApiError where Salesforce would refuse it."""
    sobject = find_object(request, query.source)
    _require_filter(sobject, query)
    catalogue.check(sobject, query)
    if _is_count(query):
        return CountPlan(_Compiler(request, query, sobject).plan)
    if is_aggregate(query) or _selects_date_function(query):
        return _aggregate(_Compiler(request, query, sobject))
    return compile_records(request, query, sobject)


def compile_count(request: Request, query: Query) -> CountPlan:
    """How many rows a query's FROM and WHERE find, whatever it selects."""
    return CountPlan(_Compiler(request, query, find_object(request, query.source)).plan)


def compile_records(request: Request, query: Query, sobject: SObject, level: int = 0) -> RecordPlan:
    """The plan of a query that gives records, its subqueries included."""
    compiler = _Compiler(request, query, sobject)
    plan = compiler.plan
    plan.order = compiler.order()
    chosen = SelectList(plan, compiler.names)
    for selection in query.fields:
        if isinstance(selection, ChildQuery):
            key, child = _child(request, compiler, selection, level)
            if key in plan.shape.columns:
                raise refusals.duplicate_field(key)
            plan.shape.add(key, "NULL", None)
            plan.children[key] = child
        else:
            chosen.add(selection)
    plan.finish()
    return plan


def find_object(request: Request, named: Source) -> SObject:
    """The object that FROM names; unknown where there is none or the user may not know of it."""
    found = request.objects.get(named.text)
    if found is None or not request.user.can_read(found.name):
        raise refusals.unknown_object(request, named.at, named.text)
    if not found.can("queryable"):
        sentence = f"entity type {found.name} does not support query"
        raise ApiError(400, "INVALID_TYPE_FOR_OPERATION", sentence)
    return found


def _require_filter(sobject: SObject, query: Query) -> None:
    """Refuse a query of an object that Salesforce lets nobody list."""
    wanted = _FILTERED_BY.get(sobject.name)
    if wanted is None:
        return
    conditions = query.where.conditions if isinstance(query.where, And) else (query.where,)
    for each in conditions:
        match each:
            case Comparison(left=FieldPath(names=(*_, name)), operator="=" | "IN", right=String() | ValueList()):
                if name.lower() in wanted:
                    return
    raise refusals.malformed(
        f"Implementation restriction: {sobject.name} requires a filter by a single Id on ContentDocumentId or"
        " LinkedEntityId using the equals operator or multiple Id's using the IN operator."
    )


class _Compiler:
    """FROM, WHERE, ORDER BY and LIMIT of one SELECT."""

    def __init__(self, request: Request, query: Query, sobject: SObject) -> None:
        self.request = request
        self.query = query
        statement = Statement(request)
        alias = statement.new_table()
        joins: list[Join] = []
        row = RecordRow(statement, sobject, alias, joins)
        self.names = Names(statement, row, own_names(sobject, query.source))
        for related in query.related:
            self.names.add_shortcut(related)
        self.plan = RecordPlan(statement, sobject, alias, record_shape(request, row), joins)
        self.plan.visible = statement.visible(sobject, alias)
        self.plan.limit, self.plan.offset = self._range()
        self.plan.conditions = self._conditions()

    def _conditions(self) -> list[str]:
        query, plan, request = self.query, self.plan, self.request
        alias = plan.alias
        conditions = [plan.visible] if plan.visible else []
        if plan.sobject.field("IsDeleted") and not request.include_deleted:
            conditions.append(f'{alias}."IsDeleted" = 0')
        if query.scope is not None:
            conditions += scopes.conditions(plan.statement, plan.sobject, alias, query.scope)
        for clause in query.with_:
            if isinstance(clause, DataCategories):
                conditions += categories.conditions(plan.statement, plan.sobject, alias, clause)
        if query.where is not None:
            conditions.append(_conditions(plan.statement, self.names.operand, query.where))
        return conditions

    def _range(self) -> tuple[int | None, int]:
        return _whole(self.query.limit), _whole(self.query.offset) or 0

    def order(self) -> list[str]:
        """ORDER BY, made unambiguous: without it pages could overlap."""
        terms = []
        for item in self.query.order_by:
            value = self.names.operand(item.expression)
            source = value.source
            if isinstance(item.expression, FieldPath) and source and (source.components or not source.sortable):
                raise refusals.not_sortable(self.request, item.at, source.name)
            if isinstance(item.expression, FunctionCall) and item.expression.key == "TOLABEL":
                raise refusals.misplaced_function(self.request, item.expression)
            terms.append(f"{value.ranked} {direction(_settled(item, value))}")
        last = "Id" if self.plan.sobject.view is not None else "rowid"
        return [*terms, f"{self.plan.alias}.{last}"]


def _settled(item: OrderItem, value: Expression) -> OrderItem:
    """NULLS LAST has no effect on a lookup ("ORDER BY")."""
    if value.type in ID_TYPES and item.nulls is not None:
        return OrderItem(item.expression, item.descending, None, at=item.at)
    return item


def _conditions(statement: Statement, resolve: Resolve, condition: Condition) -> str:
    return Conditions(statement, resolve, _semi_join).compile(condition)


def _semi_join(statement: Statement, outer: Expression, node: Comparison) -> str:
    return compile_semi_join(statement, outer, node, _inner)


def _inner(statement: Statement, query: Query) -> tuple[Names, str]:
    """A semi-join's query inside the statement of the outer one: what its names mean, and its SQL from FROM on."""
    request = statement.request
    sobject = find_object(request, query.source)
    alias = statement.new_table()
    joins: list[Join] = []
    names = Names(statement, RecordRow(statement, sobject, alias, joins), own_names(sobject, query.source))
    conditions = [statement.visible(sobject, alias)]
    if sobject.field("IsDeleted") and not request.include_deleted:
        conditions.append(f'{alias}."IsDeleted" = 0')
    if query.where is not None:
        conditions.append(_conditions(statement, names.operand, query.where))
    return names, source(sobject, alias, joins, conditions)


def _child(request: Request, outer: _Compiler, selection: ChildQuery, level: int) -> tuple[str, ChildPlan]:
    """A subquery of the SELECT list, with the key of its results."""
    query = selection.query
    parent = outer.plan.sobject
    names = outer.names.own_path(query.source.names)
    link = request.objects.child(parent.name, names[0]) if len(names) == 1 else None
    child = request.objects.get(link.child_object) if link else None
    if link is None or link.name is None or child is None or not request.user.can_read(child.name):
        raise refusals.unknown_child_relationship(request, query.source.at, ".".join(names))
    if level and request.version < _DEEP_CHILDREN_SINCE:
        raise refusals.placed(request, query.at, "First level of nesting supported only.")
    return link.name, ChildPlan(compile_records(request, query, child, level + 1), link.field)


def _aggregate(compiler: _Compiler) -> AggregatePlan:
    query, plan = compiler.query, compiler.plan
    grouping = Grouping(compiler.names, query)
    shapes = []
    selects = []
    ordered = 0
    for grouped in grouping.sets():
        shape = AggregateShape()
        grouping.add_to(shape, grouped)
        order = grouping.order(query.order_by, grouped)
        having = ""
        if query.having is not None:
            resolve = partial(grouping.value, grouped=grouped)
            having = f" HAVING {_conditions(plan.statement, resolve, query.having)}"
        grouped_by = grouping.group_by_sql(grouped)
        columns = [*shape.columns.values(), *(f"{sql} AS o{place}" for place, sql in enumerate(order))]
        ordered = len(order)
        shapes.append(shape)
        # SQLite wants a GROUP BY before HAVING; grouping by NULL leaves the rows together.
        selects.append((columns, grouped_by or (" GROUP BY NULL" if having else ""), having))
    sql = " UNION ALL ".join(
        f"SELECT {', '.join(columns)}"
        f" {source(plan.sobject, plan.alias, plan.joins, plan.conditions, ''.join([*columns, grouped_by, having]))}"
        f"{grouped_by}{having}"
        for columns, grouped_by, having in selects
    )
    sql = f"SELECT * FROM ({sql})"
    directions = [direction(item) for item in query.order_by] or ["ASC"] * ordered
    if ordered:
        sql += f" ORDER BY {', '.join(f'o{place} COLLATE NOCASE {way}' for place, way in enumerate(directions))}"
    if plan.limit is not None or plan.offset:
        sql += f" LIMIT {-1 if plan.limit is None else plan.limit} OFFSET {plan.offset}"
    return AggregatePlan(plan.statement, sql, shapes[0], plan.limit)


def _is_count(query: Query) -> bool:
    """True for SELECT COUNT(), which stands alone."""
    match query.fields:
        case (SelectItem(expression=FunctionCall(key="COUNT", arguments=())),):
            return query.group_by is None
    return False


def _selects_date_function(query: Query) -> bool:
    """A date function has to be grouped by, so one makes the query an aggregate one."""
    return any(
        isinstance(each, SelectItem) and isinstance(each.expression, FunctionCall) and each.expression.key in DATES
        for each in query.fields
    )


def _whole(number: object) -> int | None:
    return int(number.value) if isinstance(number, Number) else None
