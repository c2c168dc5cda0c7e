"""Which describe type each column of a query has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.salesforce import selection

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

UNKNOWN = "string"


def column_types(client: Client, soql: str, columns: Sequence[str]) -> list[str]:
    """The types of the columns of a query's answer (`Account.CreatedDate`: datetime), by way of the parents.

    What the describes don't tell (a parent of several types, an alias) is a string.
    """
    source = selection.read(soql).source
    return [_type(client, source, column.split(".")) if source else UNKNOWN for column in columns]


def _type(client: Client, source: str, path: list[str]) -> str:
    *parents, name = path
    try:
        for parent in parents:
            field = _field(client, source, "relationshipName", parent)
            targets: Sequence[str] = field.get("referenceTo", ()) if field else ()
            if len(targets) != 1:
                return UNKNOWN
            source = targets[0]
        field = _field(client, source, "name", name)
    except SfmcpError:
        return UNKNOWN  # an object that this user may not describe
    return str(field["type"]) if field else UNKNOWN


def _field(client: Client, source: str, key: str, value: str) -> dict[str, Any] | None:
    fields = client.describe(source)["fields"]
    return next((field for field in fields if str(field.get(key)).lower() == value.lower()), None)
