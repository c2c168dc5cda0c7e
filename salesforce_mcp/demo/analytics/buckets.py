"""Bucket fields: columns of a report that put the values of another column into a few groups.

Source: Reports and Dashboards REST API Developer Guide, "Describe" (buckets), "Return Details About Dashboard
Components" (a report with two of them).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from salesforce_mcp.demo.analytics.refusals import bad_request
from salesforce_mcp.demo.analytics.types import Column, ReportType
from salesforce_mcp.soql.binding import quote

_RANGES = frozenset({"number", "percent"})


@dataclass(frozen=True)
class Bucket:
    """One bucket field. `groups` are its values: a label, with the highest number or the values that it takes."""

    source: Column
    ranges: bool
    groups: tuple[tuple[str, float | None, tuple[str, ...]], ...]
    other: str | None
    null_is_zero: bool

    @property
    def labels(self) -> list[str]:
        return [*(label for label, _, _ in self.groups), *([self.other] if self.other else [])]

    def of(self, value: Any) -> str | None:
        """The label of a value; one of text that no group takes stays as it is."""
        if value is None and self.ranges and self.null_is_zero:
            value = 0
        if value is None or value == "":
            return None
        for label, upper, values in self.groups:
            if (upper is None or value <= upper) if self.ranges else value in values:
                return label
        return self.other if self.ranges or self.other else str(value)

    def condition(self, operator: str, wanted: Sequence[str]) -> str:
        """SOQL that is true for the rows of these groups, or (`notEqual`) for all others."""
        if operator not in ("equals", "notEqual"):
            raise bad_request(f"Specify a valid condition because {operator} is invalid.")
        parts = " OR ".join(f"({self._one(label)})" for label in wanted)
        return parts if operator == "equals" else f"NOT ({parts})"

    def _one(self, wanted: str) -> str:
        path, lower = self.source.path, None
        for label, upper, values in self.groups:
            if label.lower() == wanted.lower():
                return self._within(lower, upper) if self.ranges else f"{path} IN ({_list(values)})"
            lower = upper
        if self.other and wanted.lower() == self.other.lower():
            taken = [value for _, _, values in self.groups for value in values]
            return f"{path} != null AND {path} NOT IN ({_list(taken)})"
        return f"{path} = null" if not wanted or self.ranges else f"{path} = {quote(wanted)}"

    def _within(self, lower: float | None, upper: float | None) -> str:
        path = self.source.path
        ends = [f"{path} > {lower:f}"] if lower is not None else []
        ends += [f"{path} <= {upper:f}"] if upper is not None else []
        inside = " AND ".join(ends) or f"{path} != null"
        has_zero = (lower is None or lower < 0) and (upper is None or upper >= 0)
        return f"({inside}) OR {path} = null" if self.null_is_zero and has_zero else f"{path} != null AND ({inside})"


def added_to(kind: ReportType, given: Sequence[Mapping[str, Any]]) -> ReportType:
    """The report type with the bucket fields of a report's metadata as further columns."""
    plain = {name: column for name, column in kind.columns.items() if column.bucket is None}
    made = {column.name: column for column in (_column(plain, each) for each in given)}
    return replace(kind, columns={**plain, **made})


def described(column: Column) -> dict[str, Any]:
    """A bucket field as `reportMetadata` has it."""
    bucket = column.bucket
    assert bucket is not None  # noqa: S101 - of bucket fields only
    return {
        "bucketType": "number" if bucket.ranges else "picklist",
        "developerName": column.name,
        "label": column.label,
        "nullTreatedAsZero": bucket.null_is_zero,
        "otherBucketLabel": bucket.other,
        "sourceColumnName": bucket.source.name,
        "values": [
            {
                "label": label,
                "rangeUpperBound": upper,
                "sourceDimensionValues": None if bucket.ranges else list(values),
            }
            for label, upper, values in bucket.groups
        ],
    }


def _column(columns: Mapping[str, Column], given: Mapping[str, Any]) -> Column:
    # Guides of several years spell the key without its second e.
    name = str(given.get("developerName") or given.get("devloperName") or "")
    source = columns.get(str(given.get("sourceColumnName")))
    if source is None or not name:
        raise bad_request(f"Invalid value specified: {given.get('sourceColumnName') if name else name}")
    groups = tuple(
        (str(each.get("label")), each.get("rangeUpperBound"), tuple(each.get("sourceDimensionValues") or ()))
        for each in given.get("values") or ()
    )
    ranges = given.get("bucketType") in _RANGES
    bucket = Bucket(source, ranges, groups, given.get("otherBucketLabel"), bool(given.get("nullTreatedAsZero")))
    return replace(source, name=name, label=str(given.get("label") or name), bucket=bucket)


def _list(values: Sequence[str]) -> str:
    return ", ".join(quote(each) for each in values)
