"""A record being saved, as the steps of the platform see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import SObject


class Writer(Protocol):
    """How functions here write other records: past the user's rights, as the platform does."""

    def insert(self, sobject: str, values: dict[str, Any]) -> str:
        """Insert a record and answer its Id."""

    def modify(self, sobject: str, record_id: str, values: dict[str, Any]) -> None:
        """Change a record."""


@dataclass
class Save:
    """One record being saved. `values` are its columns as they will be, `old` as they were (None when it is new),
    `given` the names that the request sets, `extra` what it sets that isn't stored."""

    context: RequestContext
    sobject: SObject
    values: dict[str, Any]
    old: Mapping[str, Any] | None
    given: frozenset[str]
    extra: Mapping[str, Any]
    writer: Writer

    def changed(self, name: str) -> bool:
        """True if the column is new or has another value than before."""
        return self.old is None or self.old.get(name) != self.values.get(name)

    def look_up(self, statement: str, *parameters: Any) -> Any:
        """The first row of a query, or None."""
        return self.context.store.connection().execute(statement, parameters).fetchone()

    def default(self, name: str, value: Any) -> None:
        """Set a column that has no value yet."""
        if self.values.get(name) is None:
            self.values[name] = value


def missing(name: str) -> ApiError:
    """A field that is required in this situation."""
    return ApiError(400, "REQUIRED_FIELD_MISSING", f"Required fields are missing: [{name}]", [name])


def shifted(stamp: str, minutes: int) -> str:
    """A stored moment, some minutes later."""
    moment = datetime.fromisoformat(stamp[:19]) + timedelta(minutes=minutes)
    return f"{moment:%Y-%m-%dT%H:%M:%S}{stamp[19:]}"


def minutes_between(start: str, end: str) -> int:
    """Whole minutes from one stored moment to another."""
    return int((datetime.fromisoformat(end[:19]) - datetime.fromisoformat(start[:19])).total_seconds() // 60)
