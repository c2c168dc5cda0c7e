"""Inputs checked against an action's describe, before anything is run."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.arguments import check_id

_FORMS = {
    "DATE": (re.compile(r"\d{4}-\d\d-\d\d"), "a date, as in 2026-01-31"),
    "DATETIME": (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*"), "a date and time, as in 2026-01-31T09:00:00Z"),
    "TIME": (re.compile(r"\d\d:\d\d.*"), "a time, as in 09:00:00Z"),
}
_WHOLE = frozenset({"INTEGER", "INT", "LONG"})
_NUMBERS = frozenset({"DOUBLE", "DECIMAL", "NUMBER", "CURRENCY", "PERCENT"})
_TEXTS = frozenset(
    {"STRING", "TEXT", "TEXTAREA", "PICKLIST", "MULTIPICKLIST", "EMAIL", "PHONE", "URL", "ID", "REFERENCE", *_FORMS}
)
_IDS = frozenset({"ID", "REFERENCE"})


def check(described: list[dict[str, Any]], inputs: list[dict[str, Any]]) -> None:
    """Raise ArgumentError that names all that is wrong: unknown and missing inputs, values of another type."""
    known = {each["name"]: each for each in described}
    wrong = [f"inputs.{place}.{text}" for place, given in enumerate(inputs) for text in _problems(known, given)]
    if wrong:
        raise ArgumentError("; ".join(wrong[:20]) + ".", fields=("inputs",))


def _problems(known: dict[str, dict[str, Any]], given: dict[str, Any]) -> list[str]:
    from salesforce_mcp.soql.suggest import nearest

    wrong = []
    for name, value in given.items():
        if name in known:
            reason = None if value is None else _problem(known[name], value)
            wrong += [f"{name}: {reason}"] if reason else []
        else:
            near = ", ".join(nearest(name, known)) or ", ".join(known) or "none"
            wrong.append(f"{name}: no such input; it takes {near}")
    missing = [name for name, each in known.items() if each.get("required") and given.get(name) in (None, "", [])]
    return [*wrong, *(f"{name}: required" for name in missing)]


def _problem(each: dict[str, Any], value: Any) -> str | None:
    """What is wrong with a value, None when it is right."""
    if isinstance(value, list):
        if (each.get("maxOccurs") or 1) == 1:
            return "takes one value, not a list"
        return next((reason for item in value if (reason := _problem({**each, "maxOccurs": 1}, item))), None)
    kind = str(each.get("type") or "").upper()
    if kind == "BOOLEAN":
        return None if isinstance(value, bool) else "must be true or false"
    if kind in _WHOLE:
        return None if isinstance(value, int) and not isinstance(value, bool) else "must be a whole number"
    if kind in _NUMBERS:
        return None if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else "must be a number"
    if kind in _TEXTS:
        return _problem_of_text(each, kind, value)
    return None  # records and Apex-defined types are the org's own to check


def _problem_of_text(each: dict[str, Any], kind: str, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if kind in _IDS and not value.startswith("@{"):
        try:
            check_id(value)
        except ValueError as error:
            return str(error)
    if kind in _FORMS and not _FORMS[kind][0].fullmatch(value):
        return f"must be {_FORMS[kind][1]}"
    allowed = [entry["value"] for entry in each.get("picklistValues") or () if entry.get("active", True)]
    if kind == "PICKLIST" and allowed and value.lower() not in {str(entry).lower() for entry in allowed}:
        return f"must be one of {', '.join(map(str, allowed))}"
    size = each.get("byteLength") or 0
    if size and len(value.encode()) > size:
        return f"has more than {size} bytes"
    return None
