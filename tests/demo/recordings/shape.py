"""Whether two JSON answers have the same shape: keys, types, error codes; not the values, which belong to an org."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = "number"
_FORMATS = (
    ("id", re.compile(r"[0-9A-Za-z]{15}([0-9A-Z]{3}|[0-9A-Za-z]{3})?")),
    ("datetime", re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(\+0000|Z)")),
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("data url", re.compile(r"/services/data/.*")),
)


def differences(recorded: Any, answered: Any) -> list[str]:
    """What is not alike, a line each, with the place as a path. Null is alike to anything.

    Of a list, the recorded items together and the answered items together are compared, so that lists may differ in
    length; but a list with items isn't alike to one without. Error codes must be the same ones.
    """
    found: list[str] = []
    _compare(recorded, answered, "", found)
    theirs, mine = _codes(recorded), _codes(answered)
    if mine != theirs:
        found.append(f"codes: recorded {sorted(theirs)}, answered {sorted(mine)}")
    return found


def _codes(node: Any) -> set[str]:
    if isinstance(node, list):
        return {code for item in node for code in _codes(item)}
    if isinstance(node, dict):
        own = {str(value) for key, value in node.items() if key in ("errorCode", "statusCode", "error") and value}
        return own | {code for value in node.values() for code in _codes(value)}
    return set()


def _compare(recorded: Any, answered: Any, where: str, found: list[str]) -> None:
    if recorded is None or answered is None:
        return
    mine, theirs = _kind(answered), _kind(recorded)
    if mine != theirs:
        found.append(f"{where or '/'}: recorded {theirs}, answered {mine}")
    elif isinstance(recorded, dict):
        for key in recorded.keys() - answered.keys():
            found.append(f"{where}/{key}: recorded, not answered")
        for key in answered.keys() - recorded.keys():
            found.append(f"{where}/{key}: answered, not recorded")
        for key in recorded.keys() & answered.keys():
            _compare(recorded[key], answered[key], f"{where}/{key}", found)
    elif isinstance(recorded, list):
        if bool(recorded) != bool(answered):
            found.append(f"{where}: recorded {len(recorded)} items, answered {len(answered)}")
        elif recorded:
            _compare(_together(recorded), _together(answered), f"{where}[]", found)
    else:
        for name, pattern in _FORMATS:
            if isinstance(recorded, str) and pattern.fullmatch(recorded) and not pattern.fullmatch(answered):
                found.append(f"{where}: recorded a {name}, answered {answered!r}")
                return


def _together(items: list[Any]) -> Any:
    """One item that has everything that any of the items has."""
    whole: Any = None
    for item in items:
        whole = _merge(whole, item)
    return whole


def _merge(one: Any, other: Any) -> Any:
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: _merge(one.get(key), other.get(key)) for key in {**one, **other}}
    if isinstance(one, list) and isinstance(other, list):
        return one + other
    return one


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return _NUMBER
    return {dict: "object", list: "list", str: "text"}[type(value)]
