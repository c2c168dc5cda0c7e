"""What policy.toml may say. Every key is optional; one that doesn't exist is a mistake."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from salesforce_mcp.tools.registry import GROUPS, TOOLSETS

Answer = Literal["never", "ask", "deny"]
"""`never`: goes ahead without a question; `ask`: is confirmed first; `deny`: is refused."""

Approved = Literal["all", "reads", "none"]
Environment = Literal["production", "sandbox", "developer", "demo", "unknown"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_PATTERN = re.compile(r"[a-z*?][a-z0-9_*?]*", re.ASCII)


def _check_object(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not an object; give its API name, as in Account or Salary__c")
    return name


def _check_field(name: str) -> str:
    of, _, field = name.partition(".")
    if not _NAME.fullmatch(field) or not (of == "*" or _NAME.fullmatch(of)):
        raise ValueError(f"{name!r} is not Object.Field, as in Contact.SSN__c; *.SSN__c means that field of any object")
    return name


def _check_toolset(name: str) -> str:
    if name not in TOOLSETS and name not in GROUPS:
        raise ValueError(f"there is no toolset {name!r}; toolsets are {', '.join([*TOOLSETS, *GROUPS])}")
    return name


def _check_tool(name: str) -> str:
    if not _PATTERN.fullmatch(name):
        raise ValueError(f"{name!r} is not a tool; `sfmcp tools` lists them, and * stands for anything")
    return name


ObjectName = Annotated[str, AfterValidator(_check_object)]
QualifiedField = Annotated[str, AfterValidator(_check_field)]
ToolsetName = Annotated[str, AfterValidator(_check_toolset)]
ToolName = Annotated[str, AfterValidator(_check_tool)]


class Part(BaseModel):
    """A table of policy.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)


class Confirm(Part):
    """What is confirmed before it is done. What isn't named asks, except for `any_change`, which doesn't."""

    delete: Answer | None = Field(default=None, description="Deleting records.")
    bulk_delete: Answer | None = Field(default=None, description="Deleting by a bulk job, hard deletes too.")
    update_many: Answer | None = Field(default=None, description="Changing more records at once than limits.updates.")
    email: Answer | None = Field(default=None, description="Sending email.")
    publish: Answer | None = Field(default=None, description="Publishing or archiving articles.")
    apex: Answer | None = Field(default=None, description="Running Apex.")
    action: Answer | None = Field(default=None, description="Running flows and other actions of the org.")
    any_change: Answer | None = Field(default=None, description="Whatever changes data: for production, say.")


class Limits(Part):
    """How much, and how fast."""

    rows: int | None = Field(default=None, ge=1, description="Rows that one query, search, report or export may bring.")
    updates: int | None = Field(
        default=None, ge=0, description="Records that one call may change without being confirmed (200)."
    )
    requests_per_second: int | None = Field(
        default=None, ge=1, le=1000, description="Requests to one org, all processes of this machine together (25)."
    )
    requests_per_minute: int | None = Field(
        default=None, ge=1, le=60_000, description="The same for a minute (no limit)."
    )
    concurrent_calls: int | None = Field(
        default=None, ge=1, le=64, description="Calls that run at once in a server (64)."
    )
    daily_warning: int | None = Field(
        default=None, ge=1, le=100, description="Percent of the org's daily API calls from which answers warn (80)."
    )
    daily_stop: int | None = Field(
        default=None, ge=1, le=100, description="Percent from which bulk work is held back (95)."
    )


class Settings(Part):
    """What may be said for all orgs, and in a profile for some."""

    read_only: bool = Field(default=False, description="Run only tools that change nothing.")
    allow_toolsets: list[ToolsetName] | None = Field(
        default=None,
        description="Only these toolsets, and allow_tools.",
    )
    allow_tools: list[ToolName] | None = Field(default=None, description="Only these tools, and allow_toolsets.")
    deny_toolsets: list[ToolsetName] = Field(default=[], description="Not these toolsets.")
    deny_tools: list[ToolName] = Field(default=[], description="Not these tools.")
    allow_objects: list[ObjectName] | None = Field(default=None, description="Only these objects.")
    deny_objects: list[ObjectName] = Field(default=[], description="Not these objects.")
    allow_fields: list[QualifiedField] | None = Field(
        default=None, description="Of the objects named here only these fields, and Id."
    )
    deny_fields: list[QualifiedField] = Field(
        default=[], description="Not these fields, as Contact.SSN__c or *.SSN__c."
    )
    unchecked_tools: list[ToolName] = Field(
        default=[],
        description="Tools that may run although objects or fields are limited and their answers can't be checked.",
    )
    confirm: Confirm = Field(default=Confirm(), description="What is confirmed.")
    limits: Limits = Field(default=Limits(), description="How much, and how fast.")


class Profile(Settings):
    """Settings for some orgs or users: where all of `orgs`, `environments` and `users` that are given fit."""

    name: str = Field(min_length=1, description="What refusals call it.")
    orgs: list[str] | None = Field(default=None, min_length=1, description="Aliases of orgs; * stands for anything.")
    environments: list[Environment] | None = Field(default=None, min_length=1, description="Kinds of org.")
    users: list[str] | None = Field(default=None, min_length=1, description="User names; * stands for anything.")


class Policy(Settings):
    """The whole of policy.toml."""

    approve: Approved | None = Field(
        default=None, description="Tools that run without having been reviewed: all, those that only read, or none."
    )
    profiles: list[Profile] = Field(default=[], description="Settings for some orgs or users.")


def schema() -> dict[str, object]:
    """The JSON Schema of policy.toml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Policy.model_json_schema()}
