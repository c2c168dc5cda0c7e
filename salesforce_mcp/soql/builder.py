"""Builds the syntax tree while the grammar's rules are recognised: a method for each rule, named as in soql.lark.

Each method is handed the rule's parts from left to right: tokens, and what the methods of the rules below returned.
Optional parts that are absent are None.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any, TypeVar

from lark import Token, Transformer

from salesforce_mcp.soql import syntax as tree
from salesforce_mcp.soql.find import FindError, parse_find
from salesforce_mcp.soql.literals import number, rows, unescape
from salesforce_mcp.soql.search_syntax import Returned, Search

_FIELD_GROUPS = frozenset({"ALL", "STANDARD", "CUSTOM"})

_T = TypeVar("_T")


class Refusal(Exception):
    """A token has the right shape but no meaning: parser.py makes a SoqlSyntaxError of it.

    Without a sentence it is an unexpected token.
    """

    def __init__(self, token: Token, offset: int, sentence: str = "") -> None:
        super().__init__(sentence)
        self.token = str(token)
        self.offset = offset
        self.sentence = sentence


class Builder(Transformer[Token, Any]):
    # --- SOQL ---

    def query(self, parts: list[Any]) -> tree.Query:
        select, fields, sources, scope, where, withs, grouping, order_by, *ends = parts
        limit, offset, all_rows, fors, updates, more_fors = ends
        group_by, having = grouping or (None, None)
        return tree.Query(
            fields=fields,
            source=sources[0],
            related=sources[1:],
            scope=scope,
            where=where,
            with_=withs,
            group_by=group_by,
            having=having,
            order_by=order_by or (),
            limit=limit,
            offset=offset,
            for_=fors + (more_fors or ()),
            update=updates or (),
            all_rows=bool(all_rows),
            at=select.start_pos,
        )

    def selections(self, parts: list[tree.Selection]) -> tuple[tree.Selection, ...]:
        return tuple(parts)

    def item(self, parts: list[Any]) -> tree.SelectItem | tree.FieldsGroup:
        expression, alias = parts
        if isinstance(expression, tree.FunctionCall) and expression.key == "FIELDS" and alias is None:
            match expression.arguments:
                case (tree.FieldPath(names=(group,)),) if group.upper() in _FIELD_GROUPS:
                    return tree.FieldsGroup(group.upper(), at=expression.at)  # type: ignore[arg-type]
        return tree.SelectItem(expression, alias, at=expression.at)

    def alias(self, parts: list[Token]) -> str:
        return str(parts[0])

    def child_query(self, parts: list[tree.Query]) -> tree.ChildQuery:
        return tree.ChildQuery(parts[0], at=parts[0].at)

    def path(self, parts: list[Token]) -> tree.FieldPath:
        return tree.FieldPath(tuple(map(str, parts)), at=_start(parts[0]))

    def call(self, parts: list[Any]) -> tree.FunctionCall:
        name, *arguments = parts
        return tree.FunctionCall(str(name), tuple(arguments), at=_start(name))

    def typeof(self, parts: list[Any]) -> tree.TypeOf:
        keyword, relationship, whens, otherwise = parts
        return tree.TypeOf(relationship, whens, otherwise or (), at=_start(keyword))

    def when(self, parts: list[Any]) -> tree.TypeOfWhen:
        keyword, name, fields = parts
        return tree.TypeOfWhen(str(name), fields, at=_start(keyword))

    def source(self, parts: list[Any]) -> tree.Source:
        path, alias = parts
        return tree.Source(path.names, alias and str(alias), at=path.at)

    def scope(self, parts: list[Token]) -> tree.Scope:
        return tree.Scope(str(parts[1]), at=_start(parts[0]))

    # --- Conditions ---

    def and_(self, parts: list[tree.Condition]) -> tree.And:
        return tree.And(tuple(parts), at=parts[0].at)

    def or_(self, parts: list[tree.Condition]) -> tree.Or:
        return tree.Or(tuple(parts), at=parts[0].at)

    def not_(self, parts: list[Any]) -> tree.Not:
        return tree.Not(parts[1], at=_start(parts[0]))

    def compare(self, parts: list[Any]) -> tree.Comparison:
        left, operator, right = parts
        name = operator.upper()
        return tree.Comparison(left, "!=" if name == "<>" else name, right, at=left.at)

    def not_in(self, parts: list[Any]) -> tree.Comparison:
        left, _not, _in, right = parts
        return tree.Comparison(left, "NOT IN", right, at=left.at)

    def value_list(self, parts: list[Any]) -> tree.ValueList:
        return tree.ValueList(tuple(parts[1:]), at=_start(parts[0]))

    def semi_join(self, parts: list[tree.Query]) -> tree.SemiJoin:
        return tree.SemiJoin(parts[0], at=parts[0].at)

    # --- Other clauses ---

    def access_mode(self, parts: list[Token]) -> tree.AccessMode:
        return tree.AccessMode(parts[1].upper(), at=_start(parts[0]))  # type: ignore[arg-type]

    def data_categories(self, parts: list[Any]) -> tree.DataCategories:
        return tree.DataCategories(tuple(parts[1:]), at=_start(parts[0]))

    def category(self, parts: list[Any]) -> tree.DataCategory:
        group, operator, names = parts
        return tree.DataCategory(str(group), operator.upper(), names, at=_start(group))

    def category_names(self, parts: list[Token]) -> tuple[str, ...]:
        return tuple(map(str, parts))

    def with_value(self, parts: list[Any]) -> tree.WithSetting:
        keyword, name, value = parts
        return tree.WithSetting(str(name), ((str(name), value),), at=_start(keyword))

    def with_values(self, parts: list[Any]) -> tree.WithSetting:
        keyword, name, *values = parts
        return tree.WithSetting(str(name), tuple((str(name), value) for value in values), at=_start(keyword))

    def with_settings(self, parts: list[Any]) -> tree.WithSetting:
        keyword, name, *settings = parts
        return tree.WithSetting(str(name), tuple(settings), at=_start(keyword))

    def with_flag(self, parts: list[Token]) -> tree.WithSetting:
        return tree.WithSetting(str(parts[1]), (), at=_start(parts[0]))

    def setting(self, parts: list[Any]) -> tuple[str, tree.Value]:
        return str(parts[0]), parts[1]

    def group_plain(self, parts: list[tree.Operand]) -> tree.GroupBy:
        return tree.GroupBy(tuple(parts), at=parts[0].at)

    def group_totals(self, parts: list[Any]) -> tree.GroupBy:
        kind, *items = parts
        return tree.GroupBy(tuple(items), kind.upper(), at=_start(kind))

    def order_item(self, parts: list[Any]) -> tree.OrderItem:
        expression, direction, nulls = parts
        descending = direction is not None and direction.upper() == "DESC"
        return tree.OrderItem(expression, descending, nulls, at=expression.at)

    def all_rows(self, _parts: list[Any]) -> bool:
        return True

    def _only(self, parts: list[Any]) -> Any:
        return parts[0]

    def _all(self, parts: list[Any]) -> tuple[Any, ...]:
        return tuple(parts)

    def _keyword(self, parts: list[Token]) -> str:
        return parts[0].upper()

    where = having = else_paths = limit = offset = _only
    whens = paths = sources = withs = grouping = order_by = fors = updates = _all
    nulls = for_clause = update_kind = _keyword

    # --- SOSL ---

    def search(self, parts: list[Any]) -> Search:
        keyword, text, group, returning, withs, limit, updates = parts
        start = _start(text) + 1
        try:
            find = parse_find(text[1:-1], start)
        except FindError as error:
            raise Refusal(text, start + error.offset, str(error)) from None
        return Search(
            find, group or "ALL", returning or (), withs, limit=limit, update=updates or (), at=_start(keyword)
        )

    def returned(self, parts: list[Any]) -> Returned:
        name, fields, where, list_view, order_by, limit, offset = parts
        return Returned(str(name), fields or (), where, list_view, order_by or (), limit, offset, at=_start(name))

    def list_view(self, parts: list[Token]) -> str:
        return str(parts[0])

    returning = items = search_withs = _all
    search_group = _keyword

    # --- Values ---

    def string(self, parts: list[Token]) -> tree.String:
        token = parts[0]
        try:
            value, like = unescape(token[1:-1])
        except ValueError as error:
            raise Refusal(token, _start(token), str(error)) from None
        return tree.String(value, like, at=_start(token))

    def number(self, parts: list[Token]) -> tree.Number:
        return tree.Number(_read(parts[0], number), str(parts[0]), at=_start(parts[0]))

    def rows(self, parts: list[Token]) -> tree.Number:
        return tree.Number(_read(parts[0], rows), str(parts[0]), at=_start(parts[0]))

    def boolean(self, parts: list[Token]) -> tree.Boolean:
        return tree.Boolean(parts[0].upper() == "TRUE", at=_start(parts[0]))

    def null(self, parts: list[Token]) -> tree.Null:
        return tree.Null(at=_start(parts[0]))

    def date(self, parts: list[Token]) -> tree.Date:
        return tree.Date(_read(parts[0], date.fromisoformat), at=_start(parts[0]))

    def date_time(self, parts: list[Token]) -> tree.DateTime:
        return tree.DateTime(_read(parts[0], lambda text: datetime.fromisoformat(text.upper())), at=_start(parts[0]))

    def time(self, parts: list[Token]) -> tree.Time:
        read = _read(parts[0], lambda text: time.fromisoformat(text.upper().removesuffix("Z")))
        return tree.Time(read, at=_start(parts[0]))

    def date_literal(self, parts: list[Token]) -> tree.DateLiteral:
        name, colon, count = parts[0].partition(":")
        n = int(_read(parts[0], lambda _: number(count.strip()))) if colon else None
        return tree.DateLiteral(name.strip().upper(), n, at=_start(parts[0]))

    def currency(self, parts: list[Token]) -> tree.Currency:
        amount = _read(parts[0], lambda text: number(text[3:]))
        return tree.Currency(parts[0][:3].upper(), amount, at=_start(parts[0]))

    def bind(self, parts: list[Token]) -> tree.Bind:
        return tree.Bind(parts[0][1:].strip(), at=_start(parts[0]))


def _start(token: Token) -> int:
    return token.start_pos or 0


def _read(token: Token, read: Callable[[str], _T]) -> _T:
    try:
        return read(str(token))
    except ValueError:
        raise Refusal(token, _start(token)) from None
