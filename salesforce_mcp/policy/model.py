"""What policy.toml may say. Every key is optional; one that doesn't exist is a mistake.

By msgspec: a command in the shell reads the policy each time, and pydantic takes a tenth of a second to import.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from salesforce_mcp.tools.registry import GROUPS, TOOLSETS

Answer = Literal["never", "ask", "deny"]
"""`never`: goes ahead without a question; `ask`: is confirmed first; `deny`: is refused."""

Approved = Literal["all", "reads", "none"]
Environment = Literal["production", "sandbox", "developer", "demo", "unknown"]

_WORDS = {
    " | null": "",
    "`array`": "a list",
    "`object`": "a table",
    "`str`": "a text",
    "Object missing required field": "it lacks the key",
}
"""What TOML calls what msgspec calls as JSON does."""
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`")
_PLACE = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_PATTERN = re.compile(r"[a-z*?][a-z0-9_*?]*", re.ASCII)


class Mistake(ValueError):
    """What is wrong in a policy. `where`: keys and numbers of entries, from the top."""

    def __init__(self, where: tuple[str | int, ...], words: str) -> None:
        super().__init__(words)
        self.where = where


class Part(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A table of policy.toml."""


class Confirm(Part, frozen=True, kw_only=True):
    """What is confirmed before it is done. What isn't named asks, except for `any_change`, which doesn't."""

    delete: Annotated[Answer | None, Meta(description="Deleting records.")] = None
    bulk_delete: Annotated[Answer | None, Meta(description="Deleting by a bulk job, hard deletes too.")] = None
    update_many: Annotated[Answer | None, Meta(description="Changing more records at once than limits.updates.")] = None
    email: Annotated[Answer | None, Meta(description="Sending email.")] = None
    publish: Annotated[Answer | None, Meta(description="Publishing or archiving articles.")] = None
    apex: Annotated[Answer | None, Meta(description="Running Apex.")] = None
    action: Annotated[Answer | None, Meta(description="Running flows and other actions of the org.")] = None
    any_change: Annotated[Answer | None, Meta(description="Whatever changes data: for production, say.")] = None


class Limits(Part, frozen=True, kw_only=True):
    """How much, and how fast."""

    rows: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="Rows that one query, search, report or export may bring.")
    ] = None
    updates: Annotated[
        Annotated[int, Meta(ge=0)] | None,
        Meta(description="Records that one call may change without being confirmed (200)."),
    ] = None
    requests_per_second: Annotated[
        Annotated[int, Meta(ge=1, le=1000)] | None,
        Meta(description="Requests to one org, all processes of this machine together (25)."),
    ] = None
    requests_per_minute: Annotated[
        Annotated[int, Meta(ge=1, le=60_000)] | None, Meta(description="The same for a minute (no limit).")
    ] = None
    concurrent_calls: Annotated[
        Annotated[int, Meta(ge=1, le=64)] | None, Meta(description="Calls that run at once in a server (64).")
    ] = None
    daily_warning: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None,
        Meta(description="Percent of the org's daily API calls from which answers warn (80)."),
    ] = None
    daily_stop: Annotated[
        Annotated[int, Meta(ge=1, le=100)] | None, Meta(description="Percent from which bulk work is held back (95).")
    ] = None


class Settings(Part, frozen=True, kw_only=True):
    """What may be said for all orgs, and in a profile for some."""

    read_only: Annotated[bool, Meta(description="Run only tools that change nothing.")] = False
    allow_toolsets: Annotated[list[str] | None, Meta(description="Only these toolsets, and allow_tools.")] = None
    allow_tools: Annotated[list[str] | None, Meta(description="Only these tools, and allow_toolsets.")] = None
    deny_toolsets: Annotated[list[str], Meta(description="Not these toolsets.")] = []
    deny_tools: Annotated[list[str], Meta(description="Not these tools.")] = []
    allow_objects: Annotated[list[str] | None, Meta(description="Only these objects.")] = None
    deny_objects: Annotated[list[str], Meta(description="Not these objects.")] = []
    allow_fields: Annotated[
        list[str] | None, Meta(description="Of the objects named here only these fields, and Id.")
    ] = None
    deny_fields: Annotated[list[str], Meta(description="Not these fields, as Contact.SSN__c or *.SSN__c.")] = []
    unchecked_tools: Annotated[
        list[str],
        Meta(
            description="Tools that may run although objects or fields are limited and their answers can't be checked."
        ),
    ] = []
    confirm: Annotated[Confirm, Meta(description="What is confirmed.")] = Confirm()
    limits: Annotated[Limits, Meta(description="How much, and how fast.")] = Limits()


class Profile(Settings, frozen=True, kw_only=True):
    """Settings for some orgs or users: where all of `orgs`, `environments` and `users` that are given fit."""

    name: Annotated[Annotated[str, Meta(min_length=1)], Meta(description="What refusals call it.")]
    orgs: Annotated[
        Annotated[list[str], Meta(min_length=1)] | None, Meta(description="Aliases of orgs; * stands for anything.")
    ] = None
    environments: Annotated[
        Annotated[list[Environment], Meta(min_length=1)] | None, Meta(description="Kinds of org.")
    ] = None
    users: Annotated[
        Annotated[list[str], Meta(min_length=1)] | None, Meta(description="User names; * stands for anything.")
    ] = None


class Policy(Settings, frozen=True, kw_only=True):
    """The whole of policy.toml."""

    approve: Annotated[
        Approved | None,
        Meta(description="Tools that run without having been reviewed: all, those that only read, or none."),
    ] = None
    profiles: Annotated[list[Profile], Meta(description="Settings for some orgs or users.")] = []


def parse(data: Mapping[str, Any]) -> Policy:
    """The policy that TOML holds. Raises Mistake, which says where."""
    try:
        policy = msgspec.convert(data, Policy)
    except msgspec.ValidationError as error:
        raise _placed(str(error)) from None
    for where, settings in tables(policy):
        for key, right in _RIGHT.items():
            for number, name in enumerate(getattr(settings, key) or ()):
                if words := right(name):
                    raise Mistake((*where, key, number), words)
    return policy


def tables(policy: Policy) -> Iterator[tuple[tuple[str | int, ...], Settings]]:
    """The policy and its profiles, and where each stands."""
    yield (), policy
    for number, profile in enumerate(policy.profiles):
        yield ("profiles", number), profile


def _placed(message: str) -> Mistake:
    """What msgspec says, as in "Expected `bool`, got `str` - at `$.profiles[1].read_only`"."""
    words, _, path = message.partition(" - at `$")
    where = tuple(name or int(number) for name, number in _PLACE.findall(path.rstrip("`")))
    if unknown := _UNKNOWN.fullmatch(words):
        return Mistake((*where, unknown[1]), "there is no such key")
    for theirs, ours in _WORDS.items():
        words = words.replace(theirs, ours)
    return Mistake(where, words)


def _object(name: str) -> str | None:
    return (
        None if _NAME.fullmatch(name) else f"{name!r} is not an object; give its API name, as in Account or Salary__c"
    )


def _field(name: str) -> str | None:
    of, _, field = name.partition(".")
    if _NAME.fullmatch(field) and (of == "*" or _NAME.fullmatch(of)):
        return None
    return f"{name!r} is not Object.Field, as in Contact.SSN__c; *.SSN__c means that field of any object"


def _toolset(name: str) -> str | None:
    known = [*TOOLSETS, *GROUPS]
    return None if name in known else f"there is no toolset {name!r}; toolsets are {', '.join(known)}"


def _tool(name: str) -> str | None:
    if _PATTERN.fullmatch(name):
        return None
    return f"{name!r} is not a tool; `sfmcp tools` lists them, and * stands for anything"


_RIGHT: Mapping[str, Callable[[str], str | None]] = {
    "allow_toolsets": _toolset,
    "deny_toolsets": _toolset,
    "allow_tools": _tool,
    "deny_tools": _tool,
    "unchecked_tools": _tool,
    "allow_objects": _object,
    "deny_objects": _object,
    "allow_fields": _field,
    "deny_fields": _field,
}
"""What is wrong with a name under these keys; None: nothing."""


def schema() -> dict[str, object]:
    """The JSON Schema of policy.toml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Policy)}
