"""SOQL and SOSL against the objects and fields that are allowed: by the syntax tree, wherever a field may stand.

A statement that our grammar doesn't take is refused: what isn't understood can't be checked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from salesforce_mcp.policy.view import unchecked
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.parser import parse
from salesforce_mcp.soql.search_syntax import Returned, Search
from salesforce_mcp.soql.sosl import parse_sosl
from salesforce_mcp.soql.syntax import (
    ChildQuery,
    FieldPath,
    FunctionCall,
    Number,
    Query,
    SelectItem,
    SemiJoin,
    Source,
    WithSetting,
    walk,
)
from salesforce_mcp.soql.targets import Scope, fields, objects

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View

_NOT_SEARCHED = frozenset(
    {"boolean", "int", "long", "double", "currency", "percent", "date", "datetime", "time", "reference", "id"}
)
"""Types of fields that full text never looks at."""

_GROUP_OF_TYPE = {"EMAIL": "email", "PHONE": "phone"}


def check_soql(view: View, soql: str) -> Query:
    """Raise PolicyError when the statement names what isn't allowed, or can't be read. Returns its tree."""
    try:
        query = parse(soql)
    except SoqlError as error:
        raise unchecked(f"the statement isn't understood ({error.message.strip().splitlines()[-1]})") from None
    check_query(view, query)
    return query


def check_query(view: View, query: Query) -> None:
    """Raise PolicyError when a query names what isn't allowed."""
    for name in objects(query):
        view.object(name)
    _check_aliases(view, query, query.source.text)
    scope = Scope.of(query)
    for related in query.related:
        way = scope.strip(related.names)
        view.path(query.source.text, (*way, "Id"))
    for use in fields(query):
        if use.path[-1].startswith("FIELDS("):
            of = use.object
            for relationship in use.children:
                of = view.child(of, relationship)
            view.whole(of, use.path[-1])
        else:
            view.path(use.object, use.path, children=use.children, kind=use.type)


def _check_aliases(view: View, query: Query, of: str) -> None:
    """Raise PolicyError for an alias that is a relationship too: `Account.Name FROM Contact Account` means which?"""
    for alias in filter(None, (query.source.alias, *(each.alias for each in query.related))):
        if view.has_relationship(of, alias):
            raise unchecked(f"{alias} is a relationship of {of} and can't be an alias")
    for item in query.fields:
        if isinstance(item, ChildQuery):
            _check_aliases(view, item.query, view.child(of, item.query.source.names[-1]))
    for node in walk(query.where) if query.where else ():
        if isinstance(node, SemiJoin):
            _check_aliases(view, node.query, node.query.source.text)


def check_sosl(view: View, sosl: str) -> None:
    """Raise PolicyError when the search returns, filters by, or looks into what isn't allowed."""
    try:
        search: Search = parse_sosl(sosl)
    except SoqlError as error:
        raise unchecked(f"the search isn't understood ({error.message.strip().splitlines()[-1]})") from None
    if not search.returning:
        raise unchecked("without RETURNING a search looks into every object")
    snippet = any(isinstance(each, WithSetting) for each in search.with_)
    for returned in search.returning:
        check_returned(view, returned)
        check_group(view, returned.object, "ALL" if snippet else search.group)


def check_returned(view: View, returned: Returned) -> None:
    """Raise PolicyError when an object of RETURNING, or what is said of it, isn't allowed."""
    for node in walk(returned):
        if isinstance(node, FunctionCall) and node.key == "FIELDS":
            view.whole(returned.object, "FIELDS()")
    if returned.list_view and view.rules.touches(returned.object):
        raise unchecked(f"the list view {returned.list_view} may filter by any field")
    shown = returned.fields or (SelectItem(FieldPath(("Id",))),)
    check_query(view, Query(shown, Source((returned.object,)), where=returned.where, order_by=returned.order_by))


def check_group(view: View, of: str, group: str) -> None:
    """Raise PolicyError when full text in this group of fields (ALL, NAME, EMAIL, ...) looks into a refused one.

    Whoever may search in a field finds out what it holds.
    """
    view.object(of)
    hidden = view.hidden(of)
    if not hidden:
        return
    types = view.types(of)
    for name in hidden:
        field = types[name]
        if field["type"] in _NOT_SEARCHED or (group in _GROUP_OF_TYPE and field["type"] != _GROUP_OF_TYPE[group]):
            continue
        if view.rules.shows_another(of, name):
            continue
        if group == "NAME" and field.get("custom") and not field.get("nameField"):
            continue
        raise unchecked(
            f"a search in {group} FIELDS of {of} looks into {field['name']}, which is not allowed; "
            "IN NAME FIELDS, EMAIL or PHONE may do, or a query"
        )


def too_many(most: int, query: Query) -> str | None:
    """Why this query may bring more rows than are allowed, as far as its text tells; None when it can't."""
    if isinstance(query.limit, Number) and query.limit.value <= most:
        return None
    return f"At most {most:,} rows may be read: end the query with LIMIT {most}."


def condition_of(name: str, shown: list[str], where: str | None, order_by: str | None) -> str:
    """The query that an object of a parameterized search stands for."""
    text = f"SELECT {', '.join(shown) or 'Id'} FROM {name}"  # noqa: S608 - it is parsed, never sent
    text += f" WHERE {where}" if where else ""
    return text + (f" ORDER BY {order_by}" if order_by else "")


def without_references(value: Any) -> None:
    """Raise PolicyError for `@{ref.Name}` inside a statement: what it will hold then can't be checked. Ids are safe."""
    for reference in re.findall(r"@\{([^}]*)\}?", str(value)):
        if not re.fullmatch(r"[\w.\[\]]+\.id", reference, re.IGNORECASE | re.ASCII):
            raise unchecked(f"@{{{reference}}} in a statement")
