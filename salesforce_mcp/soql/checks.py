"""What Salesforce refuses in a statement that is SOQL, without knowing the org: `check` does it all.

Sources: SOQL and SOSL Reference (the page of each clause); the wording from recorded answers and quoted messages. Where
the Reference forbids something and no message was found, the sentence is plain and ours.
"""

from __future__ import annotations

from salesforce_mcp.soql.grouping import check_grouping
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.semijoins import check_semi_joins
from salesforce_mcp.soql.syntax import (
    AccessMode,
    Bind,
    ChildQuery,
    Comparison,
    Condition,
    DataCategories,
    FieldPath,
    FieldsGroup,
    Number,
    Or,
    Query,
    SelectItem,
    String,
    TypeOf,
    ValueList,
    walk,
)
from salesforce_mcp.soql.targets import is_aggregate

MAX_OFFSET = 2_000
MAX_FIELDS_ROWS = 200
MAX_CHILD_QUERIES = 20
MAX_LEVELS = 5
MAX_DATA_CATEGORIES = 3


def check(query: Query, soql: str) -> None:
    """Raise SoqlError for the first thing that the REST API would refuse in this statement, whatever the org has."""
    check_context(query, soql)
    for node in walk(query):
        if isinstance(node, Query):
            check_grouping(node, soql)
            check_semi_joins(node, soql)
            check_clauses(node, soql)
            check_typeof(node, soql)
            check_children(node, soql)
    check_child_limits(query, soql)


def check_context(query: Query, soql: str) -> None:
    """What only Apex may use."""
    for node in walk(query):
        match node:
            case Bind():
                raise SoqlError("Bind variables only allowed in Apex code", soql=soql, offset=node.at)
            case AccessMode(mode="SECURITY_ENFORCED"):
                raise SoqlError("SECURITY_ENFORCED not allowed in this context", soql=soql, offset=node.at)
            case Query(all_rows=True):
                raise SoqlError("ALL ROWS not allowed in this context")


def check_clauses(query: Query, soql: str) -> None:
    """The limits and forbidden pairs of one query's own clauses."""
    offset = query.offset
    if isinstance(offset, Number) and offset.value > MAX_OFFSET:
        raise SoqlError(f"Maximum SOQL offset allowed is {MAX_OFFSET}", code="NUMBER_OUTSIDE_VALID_RANGE")
    if "UPDATE" in query.for_ and query.order_by:
        raise SoqlError("ORDER BY can't be used with FOR UPDATE", soql=soql, offset=query.order_by[0].at)
    for clause in query.with_:
        if isinstance(clause, DataCategories) and len(clause.filters) > MAX_DATA_CATEGORIES:
            sentence = f"WITH DATA CATEGORY takes at most {MAX_DATA_CATEGORIES} conditions"
            raise SoqlError(sentence, soql=soql, offset=clause.at)
    for item in query.fields:
        if isinstance(item, FieldsGroup) and item.group != "STANDARD" and not _few_rows(query):
            sentence = f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_ROWS}"
            raise SoqlError(sentence, soql=soql, offset=item.at)


def check_typeof(query: Query, soql: str) -> None:
    """TYPEOF shares its SELECT list with no function."""
    if any(isinstance(item, TypeOf) for item in query.fields):
        for item in query.fields:
            if isinstance(item, SelectItem) and not isinstance(item.expression, FieldPath):
                raise SoqlError("TYPEOF can't be used with functions in the SELECT list", soql=soql, offset=item.at)


def check_children(query: Query, soql: str) -> None:
    """What a child query of this one may not have."""
    for item in query.fields:
        if not isinstance(item, ChildQuery):
            continue
        child = item.query
        if is_aggregate(child):
            raise SoqlError("only root queries support aggregate expressions", soql=soql, offset=child.at)
        if child.scope:
            raise SoqlError("USING SCOPE is not allowed in a child query", soql=soql, offset=child.scope.at)
        if child.offset and not (isinstance(query.limit, Number) and query.limit.value == 1):
            sentence = "OFFSET is allowed in a child query only where the parent query has LIMIT 1"
            raise SoqlError(sentence, soql=soql, offset=child.offset.at)


def check_child_limits(query: Query, soql: str) -> None:
    """How many child queries there are, and how deep they go; the statement itself is the first level."""
    count = 0
    level = [query]
    for depth in range(1, MAX_LEVELS + 1):
        level = [item.query for one in level for item in one.fields if isinstance(item, ChildQuery)]
        count += len(level)
        if level and depth == MAX_LEVELS:
            sentence = f"A query can have at most {MAX_LEVELS} levels from parent to child"
            raise SoqlError(sentence, soql=soql, offset=level[0].at)
    if count > MAX_CHILD_QUERIES:
        raise SoqlError(f"A query can have at most {MAX_CHILD_QUERIES} child queries")


def _few_rows(query: Query) -> bool:
    """Whether LIMIT or a list of Ids bounds the rows, as FIELDS(ALL) and FIELDS(CUSTOM) need."""
    if isinstance(query.limit, Number):
        return query.limit.value <= MAX_FIELDS_ROWS
    ids = _ids(query.where)
    return ids is not None and ids <= MAX_FIELDS_ROWS


def _ids(where: Condition | None) -> int | None:
    """How many Ids the condition allows, if it is a list of Ids or tests of Id joined by OR."""
    match where:
        case Comparison(left=FieldPath(names=(*_, name)), operator="=", right=String()) if name.lower() == "id":
            return 1
        case Comparison(left=FieldPath(names=(*_, name)), operator="IN", right=ValueList(values=values)) if (
            name.lower() == "id"
        ):
            return len(values)
        case Or(conditions=conditions):
            counts = [_ids(each) for each in conditions]
            return None if None in counts else sum(count or 0 for count in counts)
    return None
