"""The types that tools' arguments share. Each refuses what is wrong with a sentence that says what would be right.

Ids, names and cursors are strings in the schema: a pattern would cost every client tokens, and its error text helps
nobody.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from salesforce_mcp.charts import drawing
from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.tools.pages import check_cursor

CHECKSUM_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
MAX_NAME = 120
"""Longer than any API name: 40 characters, a namespace of 15, two underscores twice and a suffix."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_DOTTED = re.compile(r"\w+(\.\w+)+", re.ASCII)
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?", re.ASCII)


def checksum(record_id: str) -> str:
    """The three characters that make a 15-character Id safe where upper and lower case are the same.

    One character for each five of the Id: bit n is set when the nth of them is a capital.
    """
    groups = (record_id[start : start + 5] for start in (0, 5, 10))
    return "".join(
        CHECKSUM_ALPHABET[sum(1 << bit for bit, character in enumerate(group) if "A" <= character <= "Z")]
        for group in groups
    )


def quoted(value: str) -> str:
    """A value for an error's text: quoted, and shortened when it is long."""
    return repr(value if len(value) <= 40 else f"{value[:37]}...")


def check_id(value: str) -> str:
    """Return the Id; raise ValueError when it has the wrong form or a wrong checksum."""
    if not _ID.fullmatch(value):
        raise ValueError(
            f"{quoted(value)} is not a record Id; an Id has 15 or 18 letters and digits, as in 001000000000001AAA: "
            "a query finds it by name or number"
        )
    if len(value) == 18 and value[15:].upper() != checksum(value[:15]):
        raise ValueError(
            f"{quoted(value)} is not a record Id: its last three characters do not match the others; copy the Id "
            "again, upper and lower case included"
        )
    return value


def check_name(value: str) -> str:
    """Return the API name; raise ValueError when it cannot be one."""
    if len(value) > MAX_NAME or not _NAME.fullmatch(value):
        raise ValueError(
            f"{quoted(value)} is not an API name; letters, digits and underscores only, beginning with a letter, "
            f"as in Account or Order_Item__c{'; fields of a parent need query' if _DOTTED.fullmatch(value) else ''}"
        )
    return value


def check_path(value: str) -> str:
    """Return a field name or a dotted path of at most five relationships and a field; raise ValueError otherwise."""
    steps = value.split(".")
    if len(steps) > 6 or not all(len(step) <= MAX_NAME and _NAME.fullmatch(step) for step in steps):
        raise ValueError(f"{quoted(value)} is not a field; give its API name, as in Name, Status__c or Owner.Name")
    return value


def split_names(value: Any) -> Any:
    """Take `A, B` for ["A", "B"]."""
    if isinstance(value, str):
        return [name.strip() for name in value.split(",") if name.strip()]
    return value


def _check_cursor(value: str) -> str:
    try:
        return check_cursor(value)
    except ArgumentError as error:
        raise ValueError(f"{error.message} {error.hint}".rstrip(".")) from None


def _check_data(value: dict[str, Any]) -> dict[str, Any]:
    if not value:
        raise ValueError('name at least one field, as in {"Name": "Acme"}')
    for name in value:
        check_name(name)
    return value


def _as_text(value: Any) -> Any:
    """Take a number for its digits: an external Id may look like one."""
    return str(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def _check_filled(value: str) -> str:
    if not value.strip():
        raise ValueError("it cannot be empty")
    return value


def _check_drawable(value: str) -> str:
    missing = drawing.missing()
    if missing:
        raise ValueError(f"pictures need the extra `charts`; install it with: {missing}")
    return value


def parse_moment(value: str) -> str:
    """A date or moment (ISO 8601; UTC where it names no zone) as `2026-01-31T09:00:00+00:00`; ValueError otherwise."""
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError(f"{quoted(value)} is not a date and time; write it as 2026-01-31T09:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).isoformat()


ObjectName = Annotated[str, AfterValidator(check_name)]
"""API name of an object."""

FieldName = Annotated[str, AfterValidator(check_name)]
"""API name of a field."""

FieldPath = Annotated[str, AfterValidator(check_path)]
"""API name of a field, or a dotted path through relationships."""

FieldNames = Annotated[list[FieldName], BeforeValidator(split_names), Field(min_length=1)]
"""API names of fields; also taken as one comma-separated string."""

FieldPaths = Annotated[list[FieldPath], BeforeValidator(split_names), Field(min_length=1)]
"""Fields or dotted paths; also taken as one comma-separated string."""

RecordId = Annotated[str, AfterValidator(check_id)]
"""Id of a record: 15 characters, or 18 with their checksum."""

RecordData = Annotated[dict[str, Any], AfterValidator(_check_data)]
"""Field names and values of one record."""

Limit = Annotated[int, Field(ge=1, le=2000)]
"""Rows wanted at a time."""

Cursor = Annotated[str, AfterValidator(_check_cursor)]
"""Cursor of an earlier answer."""

ExternalId = Annotated[str, BeforeValidator(_as_text), AfterValidator(_check_filled)]
"""Value of an external Id field."""

Moment = Annotated[str, AfterValidator(parse_moment)]
"""A date and time, in UTC where it names no zone."""

Picture = Annotated[Literal["png"], AfterValidator(_check_drawable)]
"""A chart as a picture, beside the text."""
