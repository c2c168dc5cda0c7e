"""The operators that filters may use, by the data type of their column.

Source: Reports and Dashboards REST API Developer Guide, "Filter Operator List".
"""

from __future__ import annotations

_LABELS = {
    "equals": "equals",
    "notEqual": "not equal to",
    "lessThan": "less than",
    "greaterThan": "greater than",
    "lessOrEqual": "less or equal",
    "greaterOrEqual": "greater or equal",
    "contains": "contains",
    "notContain": "does not contain",
    "startsWith": "starts with",
    "includes": "includes",
    "excludes": "excludes",
    "between": "between",
}
_EQUALITY = ("equals", "notEqual")
_ORDER = (*_EQUALITY, "lessThan", "greaterThan", "lessOrEqual", "greaterOrEqual")
_TEXT = (*_ORDER, "contains", "notContain", "startsWith")
_BY_TYPE = {
    **dict.fromkeys(("date", "datetime", "double", "percent", "int", "currency"), _ORDER),
    **dict.fromkeys(("string", "picklist", "textarea", "url", "phone", "html", "email"), _TEXT),
    **dict.fromkeys(("boolean", "reference"), _EQUALITY),
    "multipicklist": (*_EQUALITY, "includes", "excludes"),
    "id": (*_EQUALITY, "startsWith"),
}
_RANGED = frozenset({"date", "datetime", "double", "percent", "int", "currency"})


def names(data_type: str) -> tuple[str, ...]:
    """The operators for columns of a type."""
    return _BY_TYPE.get(data_type, _EQUALITY)


def by_type(*, for_dashboards: bool = False) -> dict[str, list[dict[str, str]]]:
    """Name and label of the operators of each type; dashboards can filter by a range too."""
    return {
        kind: [
            {"label": _LABELS[name], "name": name}
            for name in (*known, *(("between",) if for_dashboards and kind in _RANGED else ()))
        ]
        for kind, known in _BY_TYPE.items()
    }
