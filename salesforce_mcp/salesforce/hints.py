"""What helps after a refusal: the nearest name, the picklist's values, the permission that is missing.

A hint may cost one describe, which is mostly kept already. It is added to Salesforce's own code and words, never put in
their place, and when it can't be made the error stands without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol

from salesforce_mcp.errors import SalesforceError, SfmcpError

MAX_VALUES = 40
"""Picklist values that are listed; country lists are longer."""


class Schema(Protocol):
    """Where describes come from."""

    def describe(self, name: str) -> dict[str, Any]: ...

    def describe_global(self) -> dict[str, Any]: ...


_BY_CODE = {
    "API_CURRENTLY_DISABLED": "The user lacks the permission API Enabled: an administrator grants it.",
    "API_DISABLED_FOR_ORG": "The org's edition or the user's profile has no API access: an administrator can tell.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger or flow of the org refused it: see the message.",
    "ENTITY_IS_DELETED": "The record is in the recycle bin; a query with include_deleted still finds it.",
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (
        "A validation rule of the org refused it: tooling_query on ValidationRule tells administrators its formula."
    ),
    "FIELD_INTEGRITY_EXCEPTION": "A value doesn't fit its field: see the message.",
    "INSUFFICIENT_ACCESS": "The user lacks a permission or the record isn't shared with them.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        "The user may not use a record that this one refers to: its owner or an administrator must share it."
    ),
    "INSUFFICIENT_ACCESS_OR_READONLY": (
        "The user may not change this record: its owner or an administrator must share it, or grant edit access to the "
        "object."
    ),
    "INVALID_CROSS_REFERENCE_KEY": "The Id, or one in the data, is of no record that this user can see.",
    "INVALID_QUERY_LOCATOR": "The rest of this query's rows is no longer kept: run the query again.",
    "MALFORMED_ID": (
        "Give the Id as Salesforce returned it, upper and lower case included; a query finds it by name or number."
    ),
    "PRECONDITION_FAILED": "Somebody has changed the record since: read it again before you decide.",
    "QUERY_TIMEOUT": "Filter by an indexed field, or ask for fewer records; explain_query shows what makes it slow.",
    "STRING_TOO_LONG": "Shorten the value; describe_object shows each field's length.",
}


_NO_ACTION = "list_actions names the actions that this user can run."


def add_hint(error: SalesforceError, schema: Schema, *, path: str = "", object_name: str | None = None) -> None:
    """Give the error a hint if it has none. `path` is the request's, below the version; `object_name` the object that
    it was about, as it was named.
    """
    if error.hint:
        return
    try:
        error.hint = _from_schema(error, schema, object_name)
    except (SfmcpError, LookupError, TypeError, AttributeError):
        error.hint = None  # the describe failed too, or is none: the first error is what counts
    if error.code == "NOT_FOUND" and path.startswith("actions/"):
        error.hint = _NO_ACTION
    error.hint = error.hint or _request_limit(error) or _BY_CODE.get(error.code)


def _from_schema(error: SalesforceError, schema: Schema, object_name: str | None) -> str | None:
    for pattern, make in _PATTERNS:
        match = pattern.search(error.message)
        if match:
            return make(schema, match, object_name)
    if error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" and object_name and error.fields:
        return _picklist(schema, object_name, error.fields[0])
    if error.code == "NOT_FOUND" and object_name:
        return _object(schema, object_name)
    return None


def _field(schema: Schema, match: re.Match[str], _: str | None) -> str | None:
    wanted, entity = match["name"], match["object"]
    names = [field["name"] for field in schema.describe(entity).get("fields", ())]
    if wanted.lower() in map(str.lower, names):
        return f"{entity} has this field, but not for this use."
    return _sentence(_nearest(wanted, names), "Or the user has no access to the field.", f"{entity} has no such field")


def _parent(schema: Schema, match: re.Match[str], object_name: str | None) -> str | None:
    entity = match.groupdict().get("object") or object_name
    if not entity:
        return None
    fields = schema.describe(entity).get("fields", ())
    names = [field["relationshipName"] for field in fields if field.get("relationshipName")]
    return _sentence(_nearest(match["name"], names), "", f"{entity} has no such parent relationship")


def _child(schema: Schema, match: re.Match[str], object_name: str | None) -> str | None:
    if not object_name:
        return None
    relations = schema.describe(object_name).get("childRelationships", ())
    by_name = {each["relationshipName"]: each.get("childSObject") for each in relations if each.get("relationshipName")}
    wanted = match["name"]
    # Most wrong guesses name the child object instead of the relationship: Case for Cases, Log__c for Logs__r.
    same = [name for name, child in by_name.items() if str(child).lower() == wanted.lower()]
    return _sentence(same[:3] or _nearest(wanted, by_name), "", f"{object_name} has no such child relationship")


def _type(schema: Schema, match: re.Match[str], _: str | None) -> str | None:
    return _object(schema, match["name"])


def _object(schema: Schema, wanted: str) -> str | None:
    if wanted in _TOOLING:
        return f"{wanted} is an object of the Tooling API: tooling_query asks it, with the permission View Setup."
    names = [entry["name"] for entry in schema.describe_global().get("sobjects", ())]
    if wanted.lower() in (name.lower() for name in names):
        return None
    return _sentence(
        _nearest(wanted, [*names, *_TOOLING]),
        "Or the user has no access to the object.",
        f"There is no object {wanted}",
    )


def _other_object(schema: Schema, match: re.Match[str], object_name: str | None) -> str | None:
    prefix = match["id"][:3]
    names = [each["name"] for each in schema.describe_global().get("sobjects", ()) if each.get("keyPrefix") == prefix]
    if not object_name or not names or object_name.lower() in (name.lower() for name in names):
        return None
    return f"This is the Id of {' or '.join(names)}, not of {object_name}."


def _no_id(schema: Schema, match: re.Match[str], _: str | None) -> str:
    return "Compare with an Id, or a name with a field of the parent, as in Owner.Name; get_user_info has your own Id."


def _bare(schema: Schema, match: re.Match[str], _: str | None) -> str:
    kind = match["type"].lower()
    if kind not in ("date", "datetime"):
        return "Write the value alone, as in 1234.5 or true."
    form = "2026-01-31" if kind == "date" else "2026-01-31T09:00:00Z"
    return f"Write {form}, or a literal such as TODAY or LAST_N_DAYS:30, without quotes."


def _value_in_data(schema: Schema, match: re.Match[str], _: str | None) -> str:
    if match["type"].lower() in ("date", "datetime"):
        return "In data a date is written 2026-01-31, a date and time 2026-01-31T09:00:00Z."
    return "In data a number is written 1234.5, a checkbox true or false, both without quotes."


def _external(schema: Schema, match: re.Match[str], object_name: str | None) -> str | None:
    if not object_name:
        return None
    names = [field["name"] for field in schema.describe(object_name).get("fields", ()) if field.get("externalId")]
    return f"External Ids of {object_name}: {', '.join(names)}." if names else f"{object_name} has no external Ids."


def _catalogue(schema: Schema, match: re.Match[str], _: str | None) -> str:
    return f"{match['object']} tells of one object at a time: WHERE EntityDefinition.QualifiedApiName = 'Account'."


def _one_row(schema: Schema, match: re.Match[str], _: str | None) -> str:
    return "Leave Metadata and FullName out to find the Ids; then ask for them with WHERE Id = '...', one at a time."


def _all_fields(schema: Schema, match: re.Match[str], _: str | None) -> str:
    return "SOQL has no SELECT *: name the fields, or take FIELDS(STANDARD), or FIELDS(ALL) with LIMIT 200 at most."


def _picklist(schema: Schema, object_name: str, field_name: str) -> str | None:
    for field in schema.describe(object_name).get("fields", ()):
        if field["name"].lower() == field_name.lower():
            values = [entry["value"] for entry in field.get("picklistValues", ()) if entry.get("active")]
            more = f", and {len(values) - MAX_VALUES} more" if len(values) > MAX_VALUES else ""
            return f"{field['name']} takes: {', '.join(values[:MAX_VALUES])}{more}." if values else None
    return None


def _request_limit(error: SalesforceError) -> str | None:
    if error.code != "REQUEST_LIMIT_EXCEEDED":
        return None
    if not error.message.lstrip().startswith("TotalRequests"):
        return "Too many requests at this moment: wait a little, then try again, fewer at a time."
    return "The org has used up its API calls of the last 24 hours; an administrator can see by whom in Setup."


def _nearest(wanted: str, names: Iterable[str]) -> list[str]:
    from salesforce_mcp.soql.suggest import nearest

    return nearest(wanted, list(names))


def _sentence(near: list[str], otherwise: str, none: str) -> str:
    said = f"Did you mean {' or '.join(near)}?" if near else f"{none}, nor one that is named like it."
    return f"{said} {otherwise}".rstrip()


_TOOLING = frozenset({
    "ApexCodeCoverage", "CustomField", "CustomObject", "Flow", "FlowDefinition", "Layout", "LookupFilter", "TraceFlag",
    "ValidationRule", "WorkflowAlert", "WorkflowFieldUpdate", "WorkflowRule",
})  # fmt: skip
"""Objects that only the Tooling API has, of those that people ask for."""

_NAME = r"'(?P<name>[^']+)'"

_PATTERNS: tuple[tuple[re.Pattern[str], Callable[[Schema, re.Match[str], str | None], str | None]], ...] = (
    (re.compile(rf"No such column {_NAME} on (?:entity|sobject of type) '?(?P<object>\w+)'?"), _field),
    (re.compile(rf"No such relation {_NAME} on entity '(?P<object>\w+)'"), _parent),
    (re.compile(rf"Didn't understand relationship {_NAME} in field path"), _parent),
    (re.compile(rf"Didn't understand relationship {_NAME} in FROM part"), _child),
    (re.compile(rf"sObject type {_NAME} is not supported"), _type),
    (
        re.compile(r"Provided external ID field does not exist or is not accessible: (?P<id>[A-Za-z0-9]{15,18})$"),
        _other_object,
    ),
    (re.compile(r"Provided external ID field does not exist or is not accessible: (?P<name>\w+)$"), _external),
    (re.compile(r"unexpected token: '\*'"), _all_fields),
    (re.compile(r"invalid ID field: "), _no_id),
    (re.compile(r"must be of type (?P<type>\w+) and should not be enclosed in quotes"), _bare),
    (re.compile(r"Cannot deserialize instance of (?P<type>\w+) from VALUE_STRING"), _value_in_data),
    (re.compile(r"(?P<object>FieldDefinition|EntityParticle): a filter on a reified column is required"), _catalogue),
    (re.compile(r"Metadata or FullName fields, the query qualifications must specify no more than one row"), _one_row),
)
