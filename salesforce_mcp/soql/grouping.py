"""What Salesforce refuses about aggregate functions, GROUP BY and aliases, as far as no schema is needed.

Sources: SOQL and SOSL Reference ("GROUP BY", "Considerations for GROUP BY", "COUNT() and COUNT(fieldName)", "HAVING");
the wording from recorded answers and quoted messages. Where none was found, the sentence is plain and ours.
"""

from __future__ import annotations

from salesforce_mcp.soql.functions import AGGREGATES, DATES
from salesforce_mcp.soql.messages import SoqlError
from salesforce_mcp.soql.syntax import (
    ChildQuery,
    Comparison,
    FieldPath,
    FieldsGroup,
    FunctionCall,
    Operand,
    Query,
    SelectItem,
    TypeOf,
    walk,
)
from salesforce_mcp.soql.targets import Scope, is_aggregate

_MAX_TOTALS = 3


def check_grouping(query: Query, soql: str) -> None:
    """Raise SoqlError for one query; the queries inside it are not looked at."""
    _Grouping(query, soql).check()


class _Grouping:
    def __init__(self, query: Query, soql: str) -> None:
        self.query = query
        self.soql = soql
        self.scope = Scope.of(query)
        self.items = query.group_by.items if query.group_by else ()
        self.groups = {self.key(item) for item in self.items}

    def check(self) -> None:
        count = self.bare_count()
        if not (is_aggregate(self.query) or self.selects_date_function()):
            self.check_aliases()
            return
        self.check_groups()
        if not count:
            self.check_rows()
        self.check_order()
        for item in self.query.fields:
            self.check_selected(item)
        self.check_having()

    def error(self, sentence: str, at: int) -> SoqlError:
        return SoqlError(sentence, soql=self.soql, offset=at)

    def key(self, expression: Operand) -> tuple[str, ...]:
        """The same for two ways to write one expression."""
        if isinstance(expression, FieldPath):
            return tuple(name.lower() for name in self.scope.strip(expression.names))
        return (f"{expression.key}(", *(part for call in expression.arguments for part in self.key_of_argument(call)))

    def key_of_argument(self, argument: object) -> tuple[str, ...]:
        return self.key(argument) if isinstance(argument, FieldPath | FunctionCall) else (repr(argument),)

    def bare_count(self) -> bool:
        """Whether this is a SELECT COUNT(); it must be selected alone."""
        counts = [
            item
            for item in self.query.fields
            if isinstance(item, SelectItem)
            and isinstance(item.expression, FunctionCall)
            and item.expression.key == "COUNT"
            and not item.expression.arguments
        ]
        if counts and (len(self.query.fields) > 1 or counts[0].alias):
            raise self.error("COUNT() must stand alone in the SELECT list, and without an alias", counts[0].at)
        return bool(counts)

    def selects_date_function(self) -> bool:
        """A date function has to be grouped by, so one makes the query an aggregate one."""
        return any(
            isinstance(item, SelectItem) and isinstance(item.expression, FunctionCall) and item.expression.key in DATES
            for item in self.query.fields
        )

    def check_aliases(self) -> None:
        for item in self.query.fields:
            if isinstance(item, SelectItem) and item.alias and isinstance(item.expression, FieldPath):
                raise self.error("only aggregate expressions use field aliasing", item.at)

    def check_groups(self) -> None:
        group_by = self.query.group_by
        if group_by and group_by.kind and len(self.items) > _MAX_TOTALS:
            raise self.error(f"GROUP BY {group_by.kind} must contain 3 fields or less", group_by.at)
        seen = set()
        for item in self.items:
            if self.key(item) in seen:
                raise self.error(f"duplicate grouping expression: {written(item)}", item.at)
            seen.add(self.key(item))

    def check_rows(self) -> None:
        if self.query.group_by:
            return
        for clause, rows in (("LIMIT", self.query.limit), ("OFFSET", self.query.offset)):
            if rows is not None:
                raise SoqlError(
                    f"Non-grouped query that uses overall aggregate functions cannot also use {clause}",
                    soql=self.soql,
                    offset=rows.at,
                )

    def check_order(self) -> None:
        aliases = {item.alias.lower() for item in self.query.fields if isinstance(item, SelectItem) and item.alias}
        for item in self.query.order_by:
            path = item.expression
            if isinstance(path, FieldPath) and path.text.lower() in aliases:
                continue  # to Salesforce an unknown column, which is for whoever knows the columns to say
            if not self.is_grouped(path):
                raise self.error(f"Ordered field must be grouped or aggregated: {written(path)}", item.at)

    def check_selected(self, item: object) -> None:
        match item:
            case SelectItem(expression=expression):
                if not self.is_grouped(expression):
                    raise self.error(f"Field must be grouped or aggregated: {written(expression)}", item.at)
                self.check_not_both(expression)
            case FieldsGroup():
                raise self.error(f"Field must be grouped or aggregated: FIELDS({item.group})", item.at)
            case TypeOf():
                raise self.error("TYPEOF can't be used with GROUP BY or aggregate functions", item.at)
            case ChildQuery():
                raise self.error("Child queries can't be used with GROUP BY or aggregate functions", item.at)

    def check_not_both(self, expression: Operand) -> None:
        """ROLLUP and CUBE may count what they group by."""
        if self.query.group_by is None or self.query.group_by.kind:
            return
        for node in walk(expression):
            if isinstance(node, FunctionCall) and node.key in AGGREGATES:
                for argument in node.arguments:
                    if isinstance(argument, FieldPath) and self.key(argument) in self.groups:
                        raise self.error(f"Grouped field should not be aggregated: {argument.text}", argument.at)

    def check_having(self) -> None:
        if self.query.having is None:
            return
        for node in walk(self.query.having):
            if isinstance(node, Comparison) and not self.is_grouped(node.left):
                raise self.error(f"Field must be grouped or aggregated: {written(node.left)}", node.at)

    def is_grouped(self, expression: Operand) -> bool:
        """Whether each group has one value of it: an aggregate, a grouped expression, or a function of one."""
        if self.key(expression) in self.groups:
            return True
        if isinstance(expression, FieldPath):
            return False
        if expression.key in AGGREGATES or expression.key == "GROUPING":
            return True
        inner = [argument for argument in expression.arguments if isinstance(argument, FieldPath | FunctionCall)]
        return bool(inner) and all(self.is_grouped(argument) for argument in inner)


def written(expression: Operand) -> str:
    """An expression as messages name it."""
    if isinstance(expression, FieldPath):
        return expression.text
    inner = [written(part) for part in expression.arguments if isinstance(part, FieldPath | FunctionCall)]
    return f"{expression.name}({', '.join(inner)})"
