"""The Tooling API: what an org is made of, the source of its Apex, and Apex to run."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from salesforce_mcp.errors import ArgumentError, PolicyError
from salesforce_mcp.salesforce.binds import bound
from salesforce_mcp.soql.binding import quote
from salesforce_mcp.tools.arguments import FieldName, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table
from salesforce_mcp.tools.rows import first

ALLOW = "SFMCP_ALLOW_APEX"
LONGEST_CODE = 10_000
"""Characters: the code goes into the URL, which Salesforce takes up to 16,384 bytes of, escapes included."""

_OBJECTS = {"class": "ApexClass", "trigger": "ApexTrigger"}


def _check_code(value: str) -> str:
    if not value.strip():
        raise ValueError("it cannot be empty")
    return value


def require() -> None:
    """Raise PolicyError unless the user has allowed that Apex is run."""
    if os.environ.get(ALLOW) != "1":
        raise PolicyError(
            "Running Apex is off.", code="APEX_NOT_ALLOWED", hint=f"The user can allow it with {ALLOW}=1."
        )


@tool(title="Tooling query", calls="1")
def tooling_query(context: Context, soql: str, bind: dict[str, Any] | None = None, limit: Limit | None = None) -> Table:
    """SOQL over the Tooling API's objects: ApexClass, ApexTrigger, EntityDefinition, FieldDefinition, CustomField,
    Flow, ValidationRule, ... `bind` and `limit` as in query.
    """
    return first(context, bound(context.client, soql, bind or {}), limit, tooling=True)


@tool(title="Read Apex source", calls="1 or 2")
def get_apex_source(context: Context, name: FieldName, kind: Literal["class", "trigger"] | None = None) -> Record:
    """The source of an Apex class or trigger, by name."""
    for each in [kind] if kind else list(_OBJECTS):
        fields = "Id, Name, NamespacePrefix, ApiVersion, Status, IsValid, LastModifiedDate, Body"
        soql = f"SELECT {fields} FROM {_OBJECTS[each]} WHERE Name = {quote(name)}"  # noqa: S608 - a name that was checked
        found = context.client.query(soql, tooling=True).records
        if found:
            record = {field: value for field, value in found[0].items() if field != "attributes"}
            hidden = record.get("Body") == "(hidden)"
            notes = ["The source belongs to a managed package, which hides it."] if hidden else []
            return Record({"kind": each, **record}, notes=notes)
    raise ArgumentError(f"There is no Apex {kind or 'class or trigger'} {name} that you may see.", fields=("name",))


@tool(title="Run Apex", access="destructive", asks="apex", check=lambda _: require())
def execute_apex(
    context: Context, code: Annotated[str, Field(max_length=LONGEST_CODE), AfterValidator(_check_code)]
) -> Record:
    """Run anonymous Apex; says where it doesn't compile or which exception it throws. Off unless the user has set
    SFMCP_ALLOW_APEX=1.
    """
    # It may change anything: never sent twice.
    answer = context.client.get("tooling/executeAnonymous", params={"anonymousBody": code}, repeatable=False)
    fields = {name: value for name, value in answer.items() if value not in (None, -1)}
    if not answer["compiled"]:
        summary = "It doesn't compile: nothing was run."
    elif not answer["success"]:
        summary = "It ended with an exception: what it changed was rolled back."
    else:
        summary = "Done."
    return Record(fields, summary=summary, failed=not answer["success"])
