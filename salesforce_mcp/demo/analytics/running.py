"""Run a report: its definition becomes SOQL for figures and for detail rows, and their results the fact map.

Source: Reports and Dashboards REST API Developer Guide, "Execute Sync", "Requirements and Limitations". Figures come
from an aggregate query where they can; grouping by what SOQL can't group, unique counts and row limits need every row.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from salesforce_mcp.demo.analytics import figures
from salesforce_mcp.demo.analytics.cells import ColumnWriter, Writer
from salesforce_mcp.demo.analytics.fact_map import FactMap
from salesforce_mcp.demo.analytics.figures import Figures, Numbers
from salesforce_mcp.demo.analytics.filters import Filters
from salesforce_mcp.demo.analytics.groups import Group, Grouping
from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.analytics.types import Column, ReportType
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.query import make_calendar, prepare
from salesforce_mcp.demo.soql_engine.compile import compile_query
from salesforce_mcp.demo.soql_engine.plans import AggregatePlan, RecordPlan

MOST_ROWS = 2_000
"""Detail rows that a run returns."""
MOST_COLUMNS = 100
_MOST = 2**31
"""More rows than any org has."""


class Run:
    """One run of a report for one user. `metadata` is the report's, with what the request changes for this run."""

    def __init__(self, context: RequestContext, kind: ReportType, metadata: dict[str, Any]) -> None:
        user = context.user
        self._context = context
        self._kind = kind
        self.calendar = make_calendar(context.store, user)
        self._writer = Writer(user, self.calendar)
        self.columns = [self._column(name) for name in metadata["detailColumns"]]
        self.aggregates = [figures.parse(name, kind, user) for name in metadata["aggregates"]]
        self._down = [self._grouping(each) for each in metadata["groupingsDown"]]
        self._across = [self._grouping(each) for each in metadata["groupingsAcross"]]
        if len(self.columns) + len(self.aggregates) > MOST_COLUMNS:
            raise bad_request(
                "Only a report with fewer than 100 columns can be run. The columns are fields specified as detail"
                " columns, summaries, or custom summary formulas. Remove unneeded columns from the report and try"
                " again."
            )
        filters = Filters(kind, user, self.calendar)
        self._scope = filters.scope(metadata)
        self._where = filters.where(metadata)
        self._sort = self._sorting(metadata)
        self._limit = _row_limit(metadata)

    def results(self, *, details: bool) -> dict[str, Any]:
        """`allData`, `factMap` and the groupings. Beyond MOST_ROWS detail rows are left out, though counted."""
        facts = FactMap(self._down, self._across)
        for down, across, found in self._all_figures():
            facts.add(down, across, found)
        complete = True
        if details:
            rows = self._records(_paths(self.columns), limit=min(MOST_ROWS + 1, self._limit or _MOST))
            complete = len(rows) <= MOST_ROWS
            writers = [(ColumnWriter(column, self._writer), column) for column in self.columns]
            for row in rows[:MOST_ROWS]:
                cells = [writer.cell(_values(row, column)) for writer, column in writers]
                facts.add_row(_groups(self._down, row), _groups(self._across, row), cells)
        return {"allData": complete, **facts.write(self._cells, self._rank, details=details)}

    # --- Figures ---

    def _all_figures(self) -> Iterator[tuple[list[Group], list[Group], Figures]]:
        groupings = [*self._down, *self._across]
        by_rows = self._limit or any(
            each.counts_values or (each.column and each.column.computed) for each in self.aggregates
        )
        if by_rows or not all(grouping.in_soql for grouping in groupings):
            return self._figures_of_rows()
        return self._figures_of_groups(groupings)

    def _figures_of_groups(self, groupings: list[Grouping]) -> Iterator[tuple[list[Group], list[Group], Figures]]:
        """By an aggregate query: one result for each combination of groups, or of the days that they consist of."""
        keys = list(dict.fromkeys(key for grouping in groupings for key in grouping.keys))
        summed = self._summed()
        selected = [f"{key} k{place}" for place, key in enumerate(keys)]
        for place, column in enumerate(summed):
            selected += [f"{name}({column.path}) {name.lower()}{place}" for name in ("COUNT", "SUM", "MIN", "MAX")]
        soql = self._soql([*selected, "COUNT(Id) rowcount"], f" GROUP BY {', '.join(keys)}" if keys else "")
        aliases = {key: f"k{place}" for place, key in enumerate(keys)}
        for row in self._query(soql, _MOST):
            found = Figures(row["rowcount"])
            for place, column in enumerate(summed):
                count, total, smallest, largest = (row[f"{name}{place}"] for name in ("count", "sum", "min", "max"))
                found.columns[column.name] = Numbers(count, total or 0, smallest, largest)
            down, across = (
                [grouping.of_keys([row[aliases[key]] for key in grouping.keys]) for grouping in side]
                for side in (self._down, self._across)
            )
            if found.rows:
                yield down, across, found

    def _figures_of_rows(self) -> Iterator[tuple[list[Group], list[Group], Figures]]:
        counted = [each.column for each in self.aggregates if each.column and each.counts_values]
        summed = self._summed()
        for row in self._records(_paths([*summed, *counted]), limit=self._limit or _MOST):
            found = Figures(1, {column.name: figures.of_value(self._number(row, column)) for column in summed})
            for column in counted:
                value = _at(row, column.id_path or column.path)
                found.uniques[column.name] = {value} if value is not None else set()
            yield _groups(self._down, row), _groups(self._across, row), found

    def _number(self, row: dict[str, Any], column: Column) -> Any:
        """What a row adds to the figures of a column."""
        values = _values(row, column)
        return ColumnWriter(column, self._writer).cell(values)["value"] if column.computed else values[0]

    def _summed(self) -> list[Column]:
        """The columns whose numbers are asked for."""
        columns = {each.column.name: each.column for each in self.aggregates if each.column and not each.counts_values}
        return list(columns.values())

    def _cells(self, found: Figures) -> list[dict[str, Any]]:
        return [self._writer.number(each.data_type, each.of(found), each.scale) for each in self.aggregates]

    def _rank(self, name: str, found: Figures) -> float:
        value = figures.parse(name, self._kind, self._context.user).of(found)
        return float("-inf") if value is None else value

    # --- SOQL ---

    def _records(self, paths: Sequence[str], limit: int) -> list[dict[str, Any]]:
        """Records with these paths and those of the groupings, sorted as the report is."""
        groupings = [*self._down, *self._across]
        order = [each.column.path + _way(each.descending) for each in groupings if each.column.field.sortable]
        wanted = {"id": "Id"}
        for path in [*paths, *_paths([grouping.column for grouping in groupings])]:
            wanted.setdefault(path.lower(), path)
        sort = list(dict.fromkeys([*order, *self._sort]))
        soql = self._soql(list(wanted.values()), f" ORDER BY {', '.join(sort)}" if sort else "")
        return self._query(soql, limit)

    def _soql(self, selected: list[str], rest: str) -> str:
        where = f" WHERE {self._where}" if self._where else ""
        return f"SELECT {', '.join(selected)} FROM {self._kind.sobject.name}{self._scope}{where}{rest}"  # noqa: S608 - SOQL

    def _query(self, soql: str, limit: int) -> list[dict[str, Any]]:
        """All results of a statement, without the limits that the query resource has."""
        store, user = self._context.store, self._context.user
        request, query = prepare(store, user, soql, version=self._context.version)
        with store.acting_as(user.id):
            plan = compile_query(request, query)
            connection = store.connection()
            if isinstance(plan, AggregatePlan):
                return plan.rows(connection)
            assert isinstance(plan, RecordPlan)  # noqa: S101 - no report selects COUNT() alone
            return plan.records(connection, plan.rows(connection, limit), 0)

    # --- What the metadata names ---

    def _column(self, name: str) -> Column:
        column = self._kind.column(name, self._context.user)
        if column is None:
            raise bad_request(f"The column {name} is invalid.")
        return column

    def _grouping(self, given: dict[str, Any]) -> Grouping:
        return Grouping(self._column(given.get("name", "")), given, self._writer, self.calendar)

    def _sorting(self, metadata: dict[str, Any]) -> list[str]:
        """ORDER BY of the detail rows."""
        given = metadata.get("sortBy") or []
        if not given:
            return []
        if len(given) > 1:
            raise bad_request("A report can only be sorted by one column.")
        if self._across:
            raise bad_request("Column sorting isn't supported for matrix reports.")
        name = given[0].get("sortColumn")
        if not name:
            raise bad_request("The sort column name can't be null.")
        if name not in metadata["detailColumns"]:
            raise bad_request("The sort column name must be from a selected column.")
        column = self._column(name)
        way = _way(str(given[0].get("sortOrder", "Asc")).lower() == "desc")
        return [column.path + way] if column.field.sortable and not column.computed else []


def _row_limit(metadata: dict[str, Any]) -> int | None:
    """`topRows`: how many rows the report is limited to."""
    given = (metadata.get("topRows") or {}).get("rowLimit")
    if given is None:
        return None
    if not isinstance(given, int) or given < 1:
        raise bad_request("The row limit must be a positive number.")
    return given


def _paths(columns: Sequence[Column]) -> list[str]:
    return [path for column in columns for path in column.paths]


def _values(row: dict[str, Any], column: Column) -> list[Any]:
    """What a column's paths lead to in a row."""
    return [_at(row, path) for path in column.paths]


def _way(descending: bool) -> str:
    """Missing values are the smallest: first upwards, last downwards."""
    return " DESC NULLS LAST" if descending else ""


def _groups(groupings: list[Grouping], row: dict[str, Any]) -> list[Group]:
    return [grouping.of_record(_values(row, grouping.column)) for grouping in groupings]


def _at(row: dict[str, Any], path: str) -> Any:
    """The value at the end of a path; None where a record on the way is missing."""
    value: Any = row
    for name in path.split("."):
        value = value[name] if value is not None else None
    return value
