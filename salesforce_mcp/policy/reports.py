"""Reports and dashboards against the objects and fields that are allowed.

A report's columns have names of their own (`SALES`, `FULL_NAME`). Which field each one shows, the report type says
(`entityColumnName`, "User.Name"), and which objects it joins (`objects`); a custom field's column says it by its own
name as well (`Account.Segment__c`). A report runs when every column that it shows, groups, sums, sorts or filters by is
known so and allowed; a column that the org tells nothing of is refused.

Source: Reports and Dashboards REST API Developer Guide, "Describe", "Report Type", "Dashboard Results".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.view import unchecked

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View

_CUSTOM = re.compile(r"(\w+)\.(\w+__c)", re.ASCII)
_ENTITY = re.compile(r"\w+(?:\.\w+)+", re.ASCII)
_OWN = re.compile(r"(?:FORMULA|CDF)\d+", re.ASCII)
"""What a report calls its own formulas; the formulas themselves are looked into."""

_STANDARD_FILTERS: Mapping[str, tuple[str, ...]] = {"open": ("IsClosed", "IsWon"), "units": ()}
"""Fields that a report type's own filters look at, where it tells no column; `units` are those in which ages are told.
"""

_TEXT = re.compile(r'"[^"]*"|\'[^\']*\'')
_TOKEN = re.compile(r"(:?)\b([A-Za-z_][\w.$]*)(\s*\()?", re.ASCII)
_FORMULA_WORDS = frozenset(
    {"ROWCOUNT", "TRUE", "FALSE", "NULL", "GRAND_SUMMARY", "ROW_GRAND_SUMMARY", "COLUMN_GRAND_SUMMARY"}
)


def before_run(view: View, report_id: str, changes: Mapping[str, Any]) -> None:
    """Raise PolicyError unless a report may run, with these `changes` to its `reportMetadata`."""
    described = view.look(f"analytics/reports/{report_id}/describe")
    _Report(view, described, {**described["reportMetadata"], **changes}).check()


def shown(view: View, answer: Any) -> Any:
    """A describe, a run's results or a dashboard's, where all of it may be seen. Raises PolicyError."""
    if not isinstance(answer, Mapping):
        raise unchecked("the answer is no report")
    if "componentData" in answer:
        _check_dashboard(view, answer)
    elif "reportMetadata" in answer:
        _Report(view, _typed(view, answer), answer["reportMetadata"]).check()
    elif "factMap" in answer:
        raise unchecked("the results don't say which report they are of")
    return answer


def _check_dashboard(view: View, answer: Mapping[str, Any]) -> None:
    """Each component's report, and the columns that the dashboard's filters look at."""
    metadata = answer["dashboardMetadata"]
    filtered = any(each.get("selectedOption") is not None for each in metadata.get("filters") or ())
    properties = {each["id"]: each.get("properties") or {} for each in metadata["components"]}
    for component in answer["componentData"]:
        result = component.get("reportResult")
        if not result:
            continue
        if "reportMetadata" not in result:
            raise unchecked("a component doesn't say which report it shows")
        report = _Report(view, _typed(view, result), result["reportMetadata"])
        report.check()
        if filtered:
            columns = (properties.get(component["componentId"]) or {}).get("filterColumns")
            if columns is None:
                raise unchecked("the dashboard is filtered, and doesn't say by which columns")
            for each in columns:
                report.column(str(each.get("name")))


def _typed(view: View, answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer with its report type's columns, which results leave out."""
    if answer.get("reportTypeMetadata"):
        return answer
    kind = str(answer["reportMetadata"]["reportType"]["type"])
    if kind not in view.report_types:
        view.report_types[kind] = view.look(f"analytics/reportTypes/{quote(kind, safe='')}")["reportTypeMetadata"]
    return {**answer, "reportTypeMetadata": view.report_types[kind]}


class _Report:
    """A report that may be shown, or not. `described`: what tells of its type; `metadata`: what it consists of."""

    def __init__(self, view: View, described: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
        self._view = view
        self._metadata = metadata
        self._type = described.get("reportTypeMetadata") or {}
        extended = described.get("reportExtendedMetadata") or {}
        self._known: dict[str, Mapping[str, Any]] = {
            name: info
            for columns in (
                extended.get("detailColumnInfo"),
                extended.get("groupingColumnInfo"),
                *(category.get("columns") for category in self._type.get("categories") or ()),
            )
            for name, info in (columns or {}).items()
        }
        self._buckets = {str(each.get("developerName")) for each in metadata.get("buckets") or ()}
        self._objects = [str(each["apiName"]) for each in self._type.get("objects") or () if each.get("apiName")]

    def check(self) -> None:
        """Raise PolicyError for what isn't allowed, or can't be told."""
        metadata = self._metadata
        if metadata.get("reportFormat") == "MULTI_BLOCK":
            raise unchecked("a joined report doesn't tell all of its columns")
        if self._view.rules.limits_objects and not self._objects:
            raise unchecked("the org doesn't say which objects the report is of")
        for name in self._objects:
            if self._view.rules.refuses_object(name):
                raise PolicyError(f"The report joins {name}, which is not allowed here.", code="OBJECT_DENIED")
        for column in filter(None, _columns(metadata)):
            self.column(column)
        for formula in _formulas([metadata.get("customSummaryFormula"), metadata.get("customDetailFormula")]):
            for column in _named_in(formula):
                self.column(column)
        for each in metadata.get("standardFilters") or ():
            self._standard_filter(each)
        for each in metadata.get("crossFilters") or ():
            self._cross_filter(each)

    def column(self, name: str) -> None:
        """Raise PolicyError unless the column is known to show a field that may be seen."""
        if name == "RowCount" or name in self._buckets or _OWN.fullmatch(name):
            return
        info = self._known.get(name) or {}
        told = str(info.get("entityColumnName") or "")
        own = _CUSTOM.fullmatch(name)
        if not _ENTITY.fullmatch(told) and not own:
            raise unchecked(f"the org doesn't say which field the report's column {info.get('label') or name} shows")
        of, *path = (told if _ENTITY.fullmatch(told) else name).split(".")
        try:
            self._field(of, path)
        except PolicyError as error:
            if error.code == "UNCHECKED":
                raise
            raise PolicyError(
                f"The report's column {info.get('label') or name} shows {'.'.join([of, *path])}, "
                "which is not allowed here.",
                code=error.code,
                fields=(name,),
                hint="Query the objects instead, or let the policy name the tool in unchecked_tools.",
            ) from None

    def _field(self, of: str, path: list[str]) -> None:
        view = self._view
        view.path(of, path)
        if len(path) == 1 and view.rules.touches(of) and path[0].lower() not in view.types(of):
            raise unchecked(f"{of} has no field {path[0]}")
        # Which reference leads to the object isn't told: it may be any of the report's objects' that do.
        for each in self._objects:
            for hidden in view.hidden(each):
                if of.lower() in map(str.lower, view.types(each)[hidden].get("referenceTo") or ()):
                    view.field(each, hidden)

    def _standard_filter(self, given: Mapping[str, Any]) -> None:
        """A filter of the report type, of which only the label is told; the first of its values leaves nothing out."""
        name, value = str(given.get("name")), given.get("value")
        info = (self._type.get("standardFilterInfos") or {}).get(name) or {}
        if [each.get("name") for each in info.get("filterValues") or ()][:1] == [value]:
            return
        if column := next((each for each in self._known if each.lower() == name.lower()), None):
            self.column(column)
            return
        limited = [each for each in self._objects if self._view.rules.touches(each)]
        if limited and name not in _STANDARD_FILTERS:
            raise unchecked(f"the org doesn't say which field the report's filter {info.get('label') or name} looks at")
        for of in limited:
            for field in _STANDARD_FILTERS[name]:
                if field.lower() in self._view.types(of):
                    self._view.field(of, field)

    def _cross_filter(self, given: Mapping[str, Any]) -> None:
        """With or without records of another object."""
        related = str(given.get("relatedEntity"))
        self._view.object(related)
        names = [given.get("relatedEntityJoinField"), *(each.get("column") for each in given.get("criteria") or ())]
        types = self._view.types(related)
        for each in names:
            prefix, _, field = str(each).rpartition(".")
            if prefix.lower() not in ("", related.lower()) or field.lower() not in types:
                raise unchecked(f"the cross filter's column {each} is no field of {related}")
            self._view.field(related, field)


def _columns(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Every column that the report uses, as it calls it; of an aggregate, the column that is summed."""
    yield from map(str, metadata.get("detailColumns") or ())
    for key in ("groupingsDown", "groupingsAcross"):
        for each in metadata.get(key) or ():
            yield str(each.get("name"))
            if each.get("sortAggregate"):
                yield _summed(each["sortAggregate"])
    yield from map(_summed, metadata.get("aggregates") or ())
    for each in metadata.get("reportFilters") or ():
        yield str(each.get("column"))
        if each.get("filterType") == "fieldToField":
            yield str(each.get("value"))
    for each in metadata.get("sortBy") or ():
        yield _summed(each.get("sortColumn"))
    for each in metadata.get("buckets") or ():
        yield str(each.get("sourceColumnName"))
    yield str((metadata.get("standardDateFilter") or {}).get("column") or "")


def _summed(name: Any) -> str:
    """`AMOUNT` for `s!AMOUNT`."""
    return str(name).partition("!")[2] or str(name)


def _formulas(node: Any) -> Iterator[str]:
    """The text of every formula in a part of the metadata, however it is put together."""
    if isinstance(node, list):
        for each in node:
            yield from _formulas(each)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            if name == "formula":
                yield str(value)
            else:
                yield from _formulas(value)


def _named_in(formula: str) -> Iterator[str]:
    """The columns that a formula names: `AMOUNT` for `AMOUNT:SUM / RowCount`. Function names and texts are left out."""
    for found in _TOKEN.finditer(_TEXT.sub(" ", formula)):
        if not found[1] and not found[3] and found[2].upper() not in _FORMULA_WORDS:
            yield found[2]
