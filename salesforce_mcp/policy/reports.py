"""Reports against the fields that are allowed.

A report's columns have names of their own (`SALES`, `FULL_NAME`), and the API tells of each only its label and type. A
custom field's column ends with its API name. A standard field is recognised by its label, or by the words of its name;
a column that merely sounds like a refused field is refused too. Where whole objects are refused, no report can be
checked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.view import unchecked

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SILENT = frozenset({"id", "c", "r", "is", "the", "of"})
_FIELD_ID = re.compile(r"00N[A-Za-z0-9]{12,15}")


def check(view: View, described: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    """Raise PolicyError when the report shows, groups, filters or sums what isn't allowed, or that can't be told.

    `described`: the report's describe, for the labels; `metadata`: its `reportMetadata`, or the one to be run instead.
    """
    rules = view.rules
    if rules.limits_objects or rules.allowed_fields:
        raise unchecked("a report doesn't say which objects its columns are of")
    if any(metadata.get(key) for key in ("customSummaryFormula", "customDetailFormula", "crossFilters", "buckets")):
        raise unchecked("the report has formulas, buckets or cross filters")
    labels = _labels(described)
    refused = [name for denied in rules.denied_fields for name in _names(view, *denied)]
    for column in _columns(metadata):
        label = labels.get(column, "")
        if _FIELD_ID.search(column) or any(_sounds_like(column, label, *each) for each in refused):
            raise PolicyError(
                f"The report's column {label or column} is, or may be, a field that is not allowed here.",
                code="FIELD_DENIED",
                fields=(column,),
                hint="Query the objects instead, or let the policy name the tool in unchecked_tools.",
            )


def _names(view: View, of: str, field: str) -> Iterator[tuple[str, str]]:
    """Name and label of what this denied field hides."""
    yield field, ""
    if of == "*":
        return
    types = view.types(of)
    for name in view.hidden(of):
        yield name, str(types[name].get("label") or "")
        yield str(types[name]["name"]), ""


def _columns(metadata: Mapping[str, Any]) -> Iterator[str]:
    """Every column that the report uses, as it calls it; of an aggregate, the column that is summed."""
    yield from map(str, metadata.get("detailColumns") or ())
    for key in ("groupingsDown", "groupingsAcross"):
        for each in metadata.get(key) or ():
            yield str(each.get("name"))
            if each.get("sortAggregate"):
                yield str(each["sortAggregate"]).partition("!")[2]
    for each in metadata.get("aggregates") or ():
        yield str(each).partition("!")[2] or str(each)
    for key in ("reportFilters", "standardFilters"):
        for each in metadata.get(key) or ():
            yield str(each.get("column") or each.get("name"))
    for each in metadata.get("sortBy") or ():
        yield str(each.get("sortColumn"))
    yield str((metadata.get("standardDateFilter") or {}).get("column") or "")


def _labels(described: Mapping[str, Any]) -> dict[str, str]:
    extended = described.get("reportExtendedMetadata") or {}
    return {
        name.partition("!")[2] or name: str(info.get("label") or "")
        for key in ("aggregateColumnInfo", "groupingColumnInfo", "detailColumnInfo")
        for name, info in (extended.get(key) or {}).items()
    }


def _sounds_like(column: str, label: str, name: str, field_label: str) -> bool:
    own = column.lower().replace("/", ".").replace("$", ".").split(".")
    if name.lower() in own:
        return True
    if name.lower().endswith("__c"):
        return bool(field_label) and "__" not in column and _words(field_label) <= _words(label)
    heard = _words(column) | _words(label)
    return any(words and words <= heard for words in (_words(name), _words(field_label)))


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in _WORDS.findall(text)) - _SILENT
