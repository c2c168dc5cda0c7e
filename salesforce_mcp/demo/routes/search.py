"""`/search`, `/parameterizedSearch` and `/search/scopeOrder`; `/tooling/search`.

Source: REST API Developer Guide, "Search", "Search with Parameters in the URI", "Search with Parameters in the Request
Body", "Get the Default Search Scope and Order". A parameterized search is put into SOSL and run as such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo import bodies
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource
from salesforce_mcp.demo.search import run_search

_GROUPS = frozenset({"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"})
_NULLS = re.compile(r"\bnulls_(first|last)\b", re.IGNORECASE)
_SCOPE = ("Account", "Contact", "Opportunity", "Case", "Lead", "User")
"""The objects that a new user's searches look at first."""


@dataclass
class _Wanted:
    """One object of a parameterized search."""

    name: str
    fields: list[str] = field(default_factory=list)
    where: str = ""
    order_by: str = ""
    limit: str = ""


_SHAPE: dict[str, bodies.Shape] = {
    "dataCategories": [{"categories": [str]}],
    "fields": [str],
    "sobjects": [{"fields": [str]}],
}
"""What the body of a parameterized search holds."""


def search(call: Call) -> Reply:
    """Run a SOSL statement."""
    return _search(call, tooling=False)


def tooling_search(call: Call) -> Reply:
    """Run a SOSL statement over the objects of the Tooling API."""
    return _search(call, tooling=True)


def _search(call: Call, *, tooling: bool) -> Reply:
    sosl = call.query.get("q")
    if not sosl:
        raise ApiError(400, "MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    return Reply(body=run_search(call.store, call.user, sosl, version=call.version, tooling=tooling))


def search_by_parameters(call: Call) -> Reply:
    """GET: one `sobject=` per object, and `Account.fields=` and its like for what is particular to one."""
    given = call.query
    objects = []
    for name in [value for key, value in call.query_pairs if key == "sobject"]:
        own = {key.partition(".")[2]: value for key, value in given.items() if key.startswith(f"{name}.")}
        fields = own.get("fields", given.get("fields", ""))
        limit = own.get("limit", given.get("defaultLimit", ""))
        objects.append(_Wanted(name, _split(fields), own.get("where", ""), own.get("orderBy", ""), limit))
    categories = [given["dataCategory"]] if "dataCategory" in given else []
    return _run(call, given, objects, categories)


def search_by_body(call: Call) -> Reply:
    """POST: the same in JSON."""
    given = call.json_object()
    bodies.check(given, _SHAPE)
    shared = [str(each) for each in given.get("fields") or ()]
    objects = [
        _Wanted(
            str(each.get("name", "")),
            [str(name) for name in each.get("fields") or shared],
            str(each.get("where") or ""),
            str(each.get("orderBy") or ""),
            str(each.get("limit") or given.get("defaultLimit") or ""),
        )
        for each in given.get("sobjects") or ()
    ]
    categories = [
        f"{each.get('groupName')} {each.get('operator')} ({', '.join(each.get('categories') or ())})"
        for each in given.get("dataCategories") or ()
    ]
    return _run(call, given, objects, categories)


def scope_order(call: Call) -> Reply:
    """The objects that global search looks at, in their order."""
    visible = [name for name in _SCOPE if call.user.can_read(name)]
    return Reply(body=[{"type": name, "url": f"{call.version_path}/sobjects/{name}/describe"} for name in visible])


def _run(call: Call, given: Mapping[str, Any], objects: list[_Wanted], categories: list[str]) -> Reply:
    text = given.get("q")
    if not isinstance(text, str) or not text.strip():
        raise ApiError(400, "MISSING_ARGUMENT", "q")
    if given.get("offset") and len(objects) != 1:
        raise ApiError(400, "INVALID_SEARCH", "Only one sobject can be specified when using the offset parameter")
    group = str(given.get("in") or "ALL").upper()
    if group not in _GROUPS:
        raise ApiError(400, "INVALID_SEARCH", f"Invalid search group: {group}")
    escaped = text.replace("{", "\\{").replace("}", "\\}")
    parts = [f"FIND {{{escaped}}} IN {group} FIELDS"]
    if objects:
        offset = str(given.get("offset") or "")
        parts.append("RETURNING " + ", ".join(_returned(each, offset) for each in objects))
    if categories:
        parts.append("WITH DATA CATEGORY " + " AND ".join(categories))
    if given.get("pricebookId"):
        parts.append(f"WITH PricebookId = '{given['pricebookId']}'")
    if given.get("snippet"):
        parts.append(f"WITH SNIPPET (target_length={given['snippet']})")
    if given.get("metadata"):
        parts.append(f"WITH METADATA = '{given['metadata']}'")
    if given.get("overallLimit"):
        parts.append(f"LIMIT {_whole(given['overallLimit'])}")
    return Reply(body=run_search(call.store, call.user, " ".join(parts), version=call.version))


def _returned(wanted: _Wanted, offset: str) -> str:
    clauses = [", ".join(wanted.fields) or "Id"]
    if wanted.where:
        clauses.append(f"WHERE {wanted.where}")
    if wanted.order_by:
        clauses.append("ORDER BY " + _NULLS.sub(r"NULLS \1", wanted.order_by))
    if wanted.limit:
        clauses.append(f"LIMIT {_whole(wanted.limit)}")
    if offset:
        clauses.append(f"OFFSET {_whole(offset)}")
    return f"{wanted.name}({' '.join(clauses)})"


def _split(fields: str) -> list[str]:
    return [each.strip() for each in fields.split(",") if each.strip()]


def _whole(value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiError(400, "INVALID_SEARCH", f"Not a whole number: {value}") from None


routes = [
    resource("GET", "/search", search),
    resource("GET", "/search/scopeOrder", scope_order),
    resource("GET", "/tooling/search", tooling_search),
    resource("GET", "/parameterizedSearch", search_by_parameters),
    resource("POST", "/parameterizedSearch", search_by_body),
]
