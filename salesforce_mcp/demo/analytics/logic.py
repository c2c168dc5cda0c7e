"""Filter logic such as `1 AND (2 OR NOT 3)`, made a SOQL condition. AND binds stronger than OR."""

from __future__ import annotations

import re
from collections.abc import Sequence

from salesforce_mcp.demo.analytics.refusals import bad_request

_TOKEN = re.compile(r"\s*(?:(\d+)|(AND|OR|NOT)\b|([()]))", re.IGNORECASE)


def combine(logic: str | None, conditions: Sequence[str]) -> str | None:
    """The condition of filters put together by their numbers, or all of them where there is no logic."""
    if not logic:
        return " AND ".join(f"({each})" for each in conditions) or None
    return _Parser(logic, conditions).whole()


class _Parser:
    def __init__(self, logic: str, conditions: Sequence[str]) -> None:
        self._conditions = conditions
        self._tokens: list[str] = []
        at = 0
        text = logic.rstrip()
        while at < len(text):
            match = _TOKEN.match(text, at)
            if match is None:
                raise _broken()
            self._tokens.append(match[match.lastindex or 0].upper())
            at = match.end()
        self._used: set[int] = set()

    def whole(self) -> str:
        condition = self._either()
        if self._tokens or len(self._used) != len(self._conditions):
            raise _broken()
        return condition

    def _either(self) -> str:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return f"({' OR '.join(parts)})"

    def _both(self) -> str:
        parts = [self._one()]
        while self._take("AND"):
            parts.append(self._one())
        return f"({' AND '.join(parts)})"

    def _one(self) -> str:
        if self._take("NOT"):
            return f"(NOT {self._one()})"
        if self._take("("):
            inner = self._either()
            if not self._take(")"):
                raise _broken()
            return inner
        number = int(self._tokens.pop(0)) if self._tokens and self._tokens[0].isdigit() else 0
        if not 1 <= number <= len(self._conditions):
            raise _broken()
        self._used.add(number)
        return f"({self._conditions[number - 1]})"

    def _take(self, token: str) -> bool:
        if self._tokens and self._tokens[0] == token:
            self._tokens.pop(0)
            return True
        return False


def _broken() -> Exception:
    return bad_request("The filter logic is invalid: it must name each filter by its number.")
