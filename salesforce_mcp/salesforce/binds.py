"""Values into a statement, with what the org's describes tell about the fields they are compared with."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.soql.binding import bind

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.soql.targets import FieldUse

_LIKE_A_DATE_OR_TIME = re.compile(r"\d{4}-\d\d|\d\d:\d\d")


def bound(client: Client, soql: str, values: Mapping[str, Any]) -> str:
    """The statement with its binds replaced by `values` (soql.binding.bind, which says what it refuses).

    An ISO date compared with a date field is written without quotes, as Salesforce wants it. Only for a text that looks
    like one is the statement parsed and the object described.
    """
    doubtful = {name for name, value in values.items() if _looks_temporal(value)}
    return bind(soql, values, _types(client, soql, doubtful) if doubtful else None)


def _looks_temporal(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return any(map(_looks_temporal, value))
    return isinstance(value, str) and _LIKE_A_DATE_OR_TIME.match(value) is not None


def _types(client: Client, soql: str, names: set[str]) -> dict[str, str]:
    """The describe types of the fields that these binds are compared with, where they can be found out."""
    from salesforce_mcp.soql.parser import parse
    from salesforce_mcp.soql.targets import bound_fields

    try:
        uses = bound_fields(parse(soql))
        return {name: kind for name in names for use in uses.get(name, ()) if (kind := _type(client, use))}
    except SfmcpError:
        return {}  # what is wrong with the statement, the org will say best when it gets it


def _type(client: Client, use: FieldUse) -> str | None:
    """The type of a field, looked up by way of its child relationships and parents; None where the way is unclear."""
    if use.function is not None:
        return "date" if use.function == "DAY_ONLY" else None
    describe = client.describe(use.object)
    for child in use.children:
        target = _found(describe["childRelationships"], "relationshipName", child)
        if target is None:
            return None
        describe = client.describe(target["childSObject"])
    *parents, name = use.path
    for parent in parents:
        reference = _found(describe["fields"], "relationshipName", parent)
        if reference is None or not reference["referenceTo"]:
            return None
        describe = client.describe(reference["referenceTo"][0])
    field = _found(describe["fields"], "name", name)
    return field["type"] if field else None


def _found(entries: list[dict[str, Any]], key: str, name: str) -> dict[str, Any] | None:
    return next((entry for entry in entries if str(entry[key]).lower() == name.lower()), None)
