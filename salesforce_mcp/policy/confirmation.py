"""What a call is about to do that people may want to confirm first, and the words to ask them with.

A token that a preview hands out is bound to exactly these arguments and this org, works once, and for five minutes. It
makes a model state what it is about to do; it is no person's consent.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy.calls import Call
from salesforce_mcp.policy.doings import Doing, doings, kind_of_action
from salesforce_mcp.tools.context import Cancelled

if TYPE_CHECKING:
    from salesforce_mcp.policy.rules import Rules
    from salesforce_mcp.salesforce.client import Client
    from salesforce_mcp.tools.registry import Tool

CONFIRM = "confirm"
"""The argument that carries the token of a preview; front ends take it out before the tool sees the others."""

LIFETIME = 300.0
"""Seconds for which a token is good."""

NAMED = 20
"""Records that a question calls by name."""

_LONGEST = 600
"""Characters of the arguments in a question."""

_WORDS = {
    "delete": "deletes records",
    "bulk_delete": "deletes records by a bulk job",
    "update_many": "changes many records",
    "email": "sends email",
    "publish": "changes what is published",
    "apex": "runs Apex",
    "action": "runs an action",
    "any_change": "changes data",
}
REFUSED = frozenset(
    {
        "NOT_ALLOWED",
        "NOT_OFFERED",
        "DENIED",
        "OBJECT_DENIED",
        "FIELD_DENIED",
        "UNCHECKED",
        "ROW_LIMIT",
        "RATE_LIMITED",
        "DAILY_LIMIT",
        "BUSY",
        "CONFIRMATION_REQUIRED",
        "CONFIRMATION_VOID",
        "NOT_CONFIRMED",
    }
)
"""Outcomes in the trail that mean: a policy, or a person, refused."""


@dataclass(frozen=True)
class Question:
    """A call that is to be confirmed. `kinds`: what it does; `ids`: the records that it names."""

    tool: Tool
    arguments: Mapping[str, Any]
    kinds: tuple[str, ...]
    count: int
    ids: tuple[str, ...]
    connect: Callable[[], Client]

    @cached_property
    def client(self) -> Client:
        """The org. Raises SessionError when there is no login."""
        return self.connect()

    @cached_property
    def text(self) -> str:
        """What is about to happen, to which records and in which org. What it quotes is data."""
        session = self.client.session
        org = " ".join(filter(None, [session.alias, f"({session.environment})", session.instance_url]))
        lines = [f"{self.tool.title} in {org}: {self.tool.name} {' and '.join(_WORDS[kind] for kind in self.kinds)}."]
        lines += [f"- {name}" for name in named(self.client, self.ids[:NAMED])]
        if self.count > len(self.ids[:NAMED]):
            lines.append(f"{self.count:,} records in all." if self.ids else f"{self.count:,} record(s) or request(s).")
        given = json.dumps(self.arguments, ensure_ascii=False, default=str)
        lines.append(f"Arguments: {given if len(given) <= _LONGEST else f'{given[:_LONGEST]}...'}")
        return "\n".join(lines)

    @property
    def digest(self) -> str:
        """What a token is bound to: the tool, these arguments, this org."""
        about = [self.tool.name, self.arguments, self.client.session.instance_url]
        return hashlib.sha256(json.dumps(about, sort_keys=True, default=str).encode()).hexdigest()


Confirm = Callable[[Question], None]
"""Asks whether the call may go ahead; raises PolicyError when it may not."""


class Tokens:
    """One-time tokens of this process. Safe for threads. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def issue(self, digest: str) -> str:
        """A token that is good for what has this digest."""
        token = secrets.token_urlsafe(9)
        now = self._clock()
        with self._lock:
            self._known = {name: kept for name, kept in self._known.items() if kept[1] > now}
            self._known[token] = digest, now + LIFETIME
        return token

    def take(self, token: str, digest: str) -> bool:
        """Use a token up. Whether it was good for this: a wrong use spends it too."""
        with self._lock:
            kept = self._known.pop(token, None)
        return kept is not None and kept[0] == digest and kept[1] > self._clock()


def may_ask(tool: Tool, rules: Rules) -> bool:
    """Whether calls of this tool may come to a question, so that it takes `confirm`."""
    if tool.access != "read" and rules.answer("any_change") == "ask":
        return True
    several = {"bulk": ("bulk_delete", "update_many"), "parts": tuple(_WORDS), "action": ("action", "email", "apex")}
    kinds = several.get(tool.asks or "", (tool.asks,))
    return bool(tool.asks) and any(rules.answer(str(kind)) == "ask" for kind in kinds)


def decide(tool: Tool, values: Mapping[str, Any], rules: Rules) -> tuple[tuple[str, ...], int, tuple[str, ...]] | None:
    """The kinds of action to be confirmed, how many records they are done to, and their Ids; None: it may go ahead.

    `values` are the checked arguments. Raises PolicyError DENIED for what the policy denies.
    """
    return judge(tool, _doing(tool, values), rules)


def judge(tool: Tool, doing: Sequence[Doing], rules: Rules) -> tuple[tuple[str, ...], int, tuple[str, ...]] | None:
    """As `decide`, for what is known of a call to be done."""
    changed = sum(count for kind, count, _ in doing if kind == "update_many")
    asked: dict[str, None] = {}
    for kind in dict.fromkeys([*(kind for kind, _, _ in doing), *(["any_change"] if _changes(tool, doing) else [])]):
        if kind == "update_many" and changed <= rules.updates:
            continue
        answer = rules.answer(kind)
        if answer == "deny":
            raise PolicyError(f"{tool.name} {_WORDS[kind]}, which the policy denies.", code="DENIED")
        if answer == "ask":
            asked[kind] = None
    if not asked:
        return None
    ids = tuple(dict.fromkeys(each for _, _, ids in doing for each in ids))
    return tuple(asked), max(sum(count for _, count, _ in doing), len(ids)), ids


def of_load(operation: str, rows: int, *, bulk: bool) -> list[Doing]:
    """What writing the rows of a file does: by a bulk job, or by collections."""
    if operation.lower() in ("delete", "harddelete"):
        return [("bulk_delete" if bulk else "delete", rows, ())]
    return [] if operation == "insert" else [("update_many", rows, ())]


def named(client: Client, ids: Sequence[str]) -> list[str]:
    """Each record by object, name and Id; by its Id alone where its name can't be read."""
    by_object: dict[str, list[str]] = {}
    words = dict.fromkeys(ids, "")
    try:
        prefixes = {each["keyPrefix"]: each["name"] for each in client.describe_global()["sobjects"]}
        for each in ids:
            by_object.setdefault(prefixes.get(each[:3], ""), []).append(each)
        for of, own in by_object.items():
            if of:
                words |= _names(client, of, own)
    except Cancelled:
        raise
    except SfmcpError:
        return list(ids)
    return [f"{words[each]} {each}".strip() for each in ids]


def _names(client: Client, of: str, ids: Sequence[str]) -> dict[str, str]:
    from salesforce_mcp.soql.binding import bind

    field = next((each["name"] for each in client.describe(of)["fields"] if each.get("nameField")), None)
    if field is None:
        return dict.fromkeys(ids, of)
    page = client.query(bind(f"SELECT Id, {field} FROM {of} WHERE Id IN :ids", {"ids": list(ids)}))  # noqa: S608
    found = {record["Id"][:15]: record.get(field) for record in page.records}
    return {each: f"{of} {json.dumps(found.get(each[:15]), ensure_ascii=False)}" for each in ids}


def _changes(tool: Tool, doing: Sequence[Doing]) -> bool:
    return bool(doing) if tool.asks == "parts" else tool.access != "read"


def _doing(tool: Tool, values: Mapping[str, Any]) -> list[Doing]:
    match tool.asks:
        case None:
            return []
        case "parts":
            return _of_parts(values)
        case "update_many":
            return [("update_many", len(values["records"]), ())]
        case "bulk":
            return of_load(str(values["operation"]), _rows(values["file"]), bulk=True)
        case "action":
            return [(kind_of_action(str(values["action"])), len(values["inputs"]), ())]
        case "email" if values.get("status") == "Draft":
            return []
        case kind:
            ids = _ids(values)
            return [(kind, max(1, len(ids)), ids)]


def _of_parts(values: Mapping[str, Any]) -> list[Doing]:
    parts = [
        *(values.get("requests") or ()),
        *(part for graph in values.get("graphs") or () for part in graph.requests),
    ]
    return [doing for part in parts for doing in doings(Call.of(part.method, part.url, None, part.body, part=True))]


def _ids(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The Ids among the arguments: `id`, `ids`, `article_id` and their like."""
    found = [
        each
        for name, value in values.items()
        if name == "ids" or name == "id" or name.endswith("_id")
        for each in (value if isinstance(value, list) else [value])
        if isinstance(each, str) and len(each) in (15, 18)
    ]
    return tuple(found)


def _rows(file: str) -> int:
    """How many rows a CSV file has below its header. Raises UsageError when it can't be read."""
    from salesforce_mcp import folders
    from salesforce_mcp.salesforce.loading import source
    from salesforce_mcp.tools.localfiles import readable

    with source.opened(readable(file), folders.open_resolved) as content:
        return max(0, sum(1 for _ in source.raw_rows(content)) - 1)
