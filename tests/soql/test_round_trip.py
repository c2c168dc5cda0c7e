"""Trees made up at random, written as SOQL here, are read as the same trees."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.syntax import (
    And,
    Bind,
    Boolean,
    ChildQuery,
    Comparison,
    Currency,
    Date,
    DateLiteral,
    DateTime,
    FieldPath,
    FunctionCall,
    Not,
    Null,
    Number,
    Or,
    OrderItem,
    Query,
    SelectItem,
    SemiJoin,
    Source,
    String,
    ValueList,
)

names = st.from_regex(r"[A-Z][a-z0-9]{3,8}(__c)?", fullmatch=True).filter(
    lambda name: name.upper() not in {"FROM", "NULL", "NULLS", "TRUE", "FALSE", "WITH", "WHERE", "LIMIT", "TYPEOF"}
)
paths = st.lists(names, min_size=1, max_size=3).map(lambda parts: FieldPath(tuple(parts)))
calls = st.builds(FunctionCall, st.sampled_from(["COUNT", "toLabel", "CALENDAR_YEAR"]), st.tuples(paths))
operands = paths | calls
plain = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\\%_'"), max_size=12)
values: st.SearchStrategy[Any] = st.one_of(
    plain.map(lambda text: String(text, text)),
    st.integers(-(10**12), 10**12).map(lambda number: Number(number, str(number))),
    st.booleans().map(Boolean),
    st.just(Null()),
    st.dates(date(1700, 1, 1), date(4000, 12, 31)).map(Date),
    st.datetimes(datetime(1700, 1, 1), datetime(3999, 1, 1), timezones=st.just(UTC)).map(DateTime),
    st.builds(DateLiteral, st.sampled_from(["LAST_N_DAYS", "N_YEARS_AGO"]), st.integers(0, 999)),
    st.builds(Currency, st.sampled_from(["USD", "EUR"]), st.integers(-999, 999)),
    names.map(Bind),
)
comparisons = st.one_of(
    st.builds(Comparison, operands, st.sampled_from(["=", "!=", "<", "<=", ">", ">=", "LIKE"]), values),
    st.builds(
        Comparison,
        operands,
        st.sampled_from(["IN", "NOT IN", "INCLUDES", "EXCLUDES"]),
        st.lists(values, min_size=1, max_size=3).map(lambda each: ValueList(tuple(each))),
    ),
)


def joined(conditions: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(conditions, min_size=2, max_size=3).map(tuple)
    return st.one_of(several.map(And), several.map(Or), conditions.map(Not))


conditions = st.recursive(comparisons, joined, max_leaves=6)
items = st.builds(SelectItem, operands, st.none() | names)
flat_queries = st.builds(
    Query,
    fields=st.lists(items, min_size=1, max_size=3).map(tuple),
    source=st.builds(Source, st.lists(names, min_size=1, max_size=2).map(tuple), st.none() | names),
    where=st.none() | conditions,
    order_by=st.lists(
        st.builds(OrderItem, operands, st.booleans(), st.sampled_from([None, "FIRST", "LAST"])), max_size=2
    ).map(tuple),
    limit=st.none() | st.integers(0, 10**6).map(lambda number: Number(number, str(number))),
    for_=st.sampled_from([(), ("VIEW",), ("VIEW", "REFERENCE")]),
)


@st.composite
def queries(draw: st.DrawFn) -> Query:
    inner = draw(flat_queries)
    outer = draw(flat_queries)
    semi_join = Comparison(draw(paths), draw(st.sampled_from(["IN", "NOT IN"])), SemiJoin(draw(flat_queries)))
    return Query((*outer.fields, ChildQuery(inner)), outer.source, where=semi_join, order_by=outer.order_by)


def write(node: Any) -> str:
    match node:
        case Query():
            parts = ["SELECT", ", ".join(map(write, node.fields)), "FROM", ".".join(node.source.names)]
            parts += [node.source.alias] if node.source.alias else []
            parts += ["WHERE", write(node.where)] if node.where else []
            parts += ["ORDER BY", ", ".join(map(write, node.order_by))] if node.order_by else []
            parts += ["LIMIT", write(node.limit)] if node.limit else []
            return " ".join([*parts, *(f"FOR {purpose}" for purpose in node.for_)])
        case SelectItem():
            return f"{write(node.expression)} {node.alias or ''}"
        case OrderItem():
            return f"{write(node.expression)}{' desc' * node.descending}{f' nulls {node.nulls}' if node.nulls else ''}"
        case ChildQuery() | SemiJoin():
            return f"({write(node.query)})"
        case FieldPath():
            return node.text
        case FunctionCall():
            return f"{node.name}({', '.join(map(write, node.arguments))})"
        case And() | Or():
            return f" {type(node).__name__} ".join(f"({write(each)})" for each in node.conditions)
        case Not():
            return f"NOT ({write(node.condition)})"
        case Comparison():
            return f"{write(node.left)} {node.operator} {write(node.right)}"
        case ValueList():
            return f"({','.join(map(write, node.values))})"
        case String():
            return f"'{node.value}'"
        case Number():
            return node.text
        case Boolean():
            return str(node.value)
        case Null():
            return "null"
        case Date() | DateTime():
            return node.value.isoformat()
        case DateLiteral():
            return f"{node.name}:{node.n}"
        case Currency():
            return f"{node.code}{node.amount}"
        case Bind():
            return f":{node.name}"
    raise AssertionError(node)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.one_of(flat_queries, queries()))
def test_what_is_written_is_read(query: Query) -> None:
    assert parse(write(query)) == query
