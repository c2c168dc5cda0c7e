"""Completion of arguments: object names and field names from describes, names and Ids of recent records, owners.

The values come from tools, through policy, so that a profile that hides an object hides it here too. They are kept for
a moment, since clients ask again with every letter.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import mcp_types as types
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS

from salesforce_mcp.errors import PolicyError, SalesforceError, SfmcpError
from salesforce_mcp.server.calls import Calls, RequestContext
from salesforce_mcp.server.prompts import Prompts
from salesforce_mcp.server.resources import Resources
from salesforce_mcp.server.text import visible
from salesforce_mcp.tools.arguments import check_name
from salesforce_mcp.tools.results import Result, Sections, Table

MAX_VALUES = 100
"""Values that the protocol allows in an answer."""

FRESH = 30.0
"""Seconds for which values are offered again without asking the org."""

MAX_RECENT = 200
"""Records that Salesforce remembers as viewed."""

NEWEST = 20
"""Records offered as changed last."""

_OBJECT_OF = {"case_id": "Case", "account_id": "Account", "group_by": "Opportunity"}
"""The object that an argument of a prompt is about."""

_FOUND_BY = {"Case": ("CaseNumber", "Subject"), "Account": ("Name",)}
"""Fields by which a person knows a record that a prompt is about; the first is offered as its name."""

_PERIODS = (
    "THIS_QUARTER",
    "NEXT_QUARTER",
    "THIS_MONTH",
    "NEXT_MONTH",
    "THIS_YEAR",
    "THIS_FISCAL_QUARTER",
    "NEXT_90_DAYS",
)
_OWNERS = "SELECT Name FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY Name LIMIT 1000"

Choice = tuple[str, str]
"""A value, and words by which it is found too."""


class Completions:
    """Completes the arguments of one server's prompts and resources."""

    def __init__(self, calls: Calls, resources: Resources, prompts: Prompts) -> None:
        self._calls = calls
        self._resources = resources
        self._prompts = prompts
        self._kept: dict[tuple[Any, ...], tuple[float, list[Choice]]] = {}

    async def complete(self, context: RequestContext, params: types.CompleteRequestParams) -> types.CompleteResult:
        """Values that begin with, or whose name holds, what was typed; none where the org can't be asked.

        Raises MCPError for a prompt or resource that isn't offered.
        """
        self._check(params.ref)
        others = (params.context.arguments if params.context else None) or {}
        try:
            choices = await self._calls.in_thread(lambda _: self._choices(params.argument.name, others))
        except SfmcpError:
            choices = []  # whoever types is not the one to be told; what is then called says it
        # Of several fields, separated by commas, the last is completed.
        before, comma, typed = params.argument.value.rpartition("," if params.argument.name == "fields" else "\0")
        found = [before + comma + value for value in _matching(typed, choices)]
        completion = types.Completion(values=found[:MAX_VALUES], total=len(found), has_more=len(found) > MAX_VALUES)
        return types.CompleteResult(completion=completion)

    def _check(self, ref: types.PromptReference | types.ResourceTemplateReference) -> None:
        if isinstance(ref, types.PromptReference):
            known, name = list(self._prompts.jobs), ref.name
        else:
            known, name = [address.template for address in self._resources.addresses], ref.uri
        if name not in known:
            raise MCPError(INVALID_PARAMS, f"There is no {visible(name[:200])}.")

    def _choices(self, argument: str, others: dict[str, str]) -> list[Choice]:
        """All values of an argument. Raises SfmcpError."""
        about = others.get("object") or _OBJECT_OF.get(argument, "")
        if argument == "object":
            return self._recently("object", fetch=self._objects)
        if argument in ("fields", "group_by") and about:
            return self._recently("fields", about, argument, fetch=lambda: self._fields(about, argument == "group_by"))
        if argument == "id" and about:
            return self._recently("records", about, fetch=lambda: self._records(about))
        if argument in ("case_id", "account_id"):
            known = self._recently("records", about, fetch=lambda: self._records(about))
            return [(words.split("\n")[0], words) for _, words in known if words] + [(value, "") for value, _ in known]
        if argument == "owner":
            return self._recently("owner", fetch=self._owners)
        return [(value, "") for value in _PERIODS] if argument == "period" else []

    def _recently(self, *key: str, fetch: Callable[[], list[Choice]]) -> list[Choice]:
        moment, choices = self._kept.get(key, (-FRESH, []))
        if time.monotonic() - moment > FRESH:
            choices = fetch()
            self._kept = {kept: value for kept, value in self._kept.items() if time.monotonic() - value[0] <= FRESH} | {
                key: (time.monotonic(), choices)
            }
        return choices

    def _objects(self) -> list[Choice]:
        return [(str(row[0]), str(row[1])) for row in _rows(self._calls.look_up("list_objects", {"limit": 2000}))]

    def _fields(self, about: str, groupable: bool) -> list[Choice]:
        result = self._calls.look_up("describe_object", {"object": about, "detail": "full"})
        if not isinstance(result, Sections):
            return []
        fields = dict(result.parts)["fields"]
        place = fields.columns.index("in_soql") if isinstance(fields, Table) else 0
        return [(str(row[0]), str(row[1])) for row in _rows(fields) if not groupable or "g" in str(row[place])]

    def _owners(self) -> list[Choice]:
        return [(str(row[0]), "") for row in _rows(self._calls.look_up("query", {"soql": _OWNERS}))]

    def _records(self, about: str) -> list[Choice]:
        """Ids of those viewed last, and those changed last (what a program did is not viewed), each with its words."""
        viewed = _rows(self._calls.look_up("list_recent_records", {"object": about, "limit": MAX_RECENT}))
        fields = ", ".join(["Id", *_FOUND_BY.get(about, ())])
        soql = f"SELECT {fields} FROM {check_name(about)} ORDER BY LastModifiedDate DESC LIMIT {NEWEST}"  # noqa: S608 - names
        changed: Sequence[Sequence[Any]] = []
        with suppress(SalesforceError, PolicyError):  # an object without that field, or one that can't be queried
            changed = _rows(self._calls.look_up("query", {"soql": soql}))
        return [
            *((str(row[1]), str(row[2] or "")) for row in viewed),
            *((str(row[0]), "\n".join(str(value) for value in row[1:] if value)) for row in changed),
        ]


def _rows(result: Result) -> Sequence[Sequence[Any]]:
    return result.rows if isinstance(result, Table) else []


def _matching(typed: str, choices: list[Choice]) -> list[str]:
    """Values that begin with what was typed, then those whose words hold it."""
    wanted = typed.strip().lower()
    first = [value for value, _ in choices if value.lower().startswith(wanted)]
    others = [value for value, words in choices if wanted in f"{value} {words}".lower()]
    return list(dict.fromkeys([*first, *others]))
