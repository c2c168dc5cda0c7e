"""What holds for one org and user: all policies put together, the strictest of each.

Inside one file a profile that fits is more specific than the file, and so its confirmations take the place of the
file's; everything else only adds up. Between files nothing is taken back: each can only make the others tighter.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from salesforce_mcp.policy.data import DataRules

if TYPE_CHECKING:
    from salesforce_mcp.policy.admission import Known
    from salesforce_mcp.policy.files import Layer
    from salesforce_mcp.policy.model import Answer, Profile, Settings

KINDS = ("delete", "bulk_delete", "update_many", "email", "publish", "apex", "action", "any_change")
_DEFAULTS: dict[str, Answer] = {"any_change": "never"}
_STRICTNESS: tuple[Answer, ...] = ("never", "ask", "deny")


@dataclass(frozen=True)
class Target:
    """The org and user that a call is for. None: not known, and not yet asked for."""

    alias: str | None = None
    environment: str | None = None
    username: str | None = None


@dataclass(frozen=True)
class Choice:
    """Which tools one table of a policy lets run. `origin` is what refusals call it."""

    origin: str
    settings: Settings

    def refuses(self, tool: Known) -> str | None:
        """Why this tool may not run; None when it may."""
        settings = self.settings
        if settings.read_only and tool.access != "read":
            return f"{self.origin} lets only tools run that change nothing"
        if _in_toolsets(tool, settings.deny_toolsets):
            return f"{self.origin} denies the toolset {tool.toolset}"
        if _named(tool, settings.deny_tools):
            return f"{self.origin} denies it"
        limited = settings.allow_toolsets is not None or settings.allow_tools is not None
        allowed = _in_toolsets(tool, settings.allow_toolsets or ()) or _named(tool, settings.allow_tools or ())
        return f"{self.origin} doesn't allow it" if limited and not allowed else None


@dataclass(frozen=True)
class Rules:
    """The strictest of all policies for one target. Without a policy: everything runs, and what destroys asks."""

    choices: tuple[Choice, ...] = ()
    data: DataRules = field(default_factory=DataRules)
    confirm: dict[str, Answer] = field(default_factory=dict)
    rows: int | None = None
    updates: int = 200
    per_second: int = 25
    per_minute: int | None = None
    concurrent: int = 64
    daily_warning: int = 80
    daily_stop: int = 95

    def refusal(self, tool: Known) -> str | None:
        """Why this tool may not run; None when it may."""
        return next((reason for choice in self.choices if (reason := choice.refuses(tool))), None)

    @property
    def read_only(self) -> str | None:
        """Which policy lets nothing change; None when none does."""
        return next((choice.origin for choice in self.choices if choice.settings.read_only), None)

    def answer(self, kind: str) -> Answer:
        """What to do about an action of this kind."""
        return self.confirm.get(kind) or _DEFAULTS.get(kind, "ask")


def combine(layers: Sequence[Layer], target: Target) -> Rules:
    """The rules for this target."""
    choices: list[Choice] = []
    confirm: dict[str, Answer] = {}
    for layer in layers:
        fitting = [profile for profile in layer.policy.profiles if fits(profile, target)]
        choices.append(Choice(f"the policy {layer.path}", layer.policy))
        choices += [Choice(f"the profile {profile.name} of {layer.path}", profile) for profile in fitting]
        own = _confirmations([layer.policy]) | _confirmations(fitting)
        for kind, answer in own.items():
            confirm[kind] = _stricter(confirm.get(kind, "never"), answer)
    everything = [choice.settings for choice in choices]
    limits = [settings.limits for settings in everything]
    defaults = Rules()
    return Rules(
        choices=tuple(choices),
        data=DataRules.of(everything),
        confirm=confirm,
        rows=_least(limit.rows for limit in limits),
        updates=defaults.updates if (updates := _least(limit.updates for limit in limits)) is None else updates,
        per_second=_least(limit.requests_per_second for limit in limits) or defaults.per_second,
        per_minute=_least(limit.requests_per_minute for limit in limits),
        concurrent=_least(limit.concurrent_calls for limit in limits) or defaults.concurrent,
        daily_warning=_least(limit.daily_warning for limit in limits) or defaults.daily_warning,
        daily_stop=_least(limit.daily_stop for limit in limits) or defaults.daily_stop,
    )


def imaginable(layers: Sequence[Layer]) -> list[Rules]:
    """What each profile says of confirmations, as if it were the only one: for what has to be said before it is known.

    Its other settings are left out.
    """
    return [Rules(confirm=_confirmations([profile])) for layer in layers for profile in layer.policy.profiles]


def fits(profile: Profile, target: Target) -> bool:
    """Whether all that the profile asks for is known and so."""
    return (
        (profile.orgs is None or _like(target.alias, profile.orgs))
        and (profile.environments is None or target.environment in profile.environments)
        and (profile.users is None or _like(target.username, profile.users))
    )


def needs_target(layers: Sequence[Layer]) -> bool:
    """Whether the rules depend on the org or user at all."""
    return any(layer.policy.profiles for layer in layers)


def needs_username(layers: Sequence[Layer]) -> bool:
    """Whether the rules depend on who the user is."""
    return any(profile.users is not None for layer in layers for profile in layer.policy.profiles)


def _like(name: str | None, patterns: Iterable[str]) -> bool:
    return name is not None and any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)


def _in_toolsets(tool: Known, names: Iterable[str]) -> bool:
    from salesforce_mcp.tools.registry import GROUPS

    return any(tool.toolset in GROUPS.get(name, (name,)) for name in names)


def _named(tool: Known, patterns: Iterable[str]) -> bool:
    return any(fnmatch.fnmatchcase(tool.name, pattern) for pattern in patterns)


def _confirmations(settings: Iterable[Settings]) -> dict[str, Answer]:
    """What these say of each kind, the strictest where several do."""
    found: dict[str, Answer] = {}
    for each in settings:
        for kind in KINDS:
            answer: Answer | None = getattr(each.confirm, kind)
            if answer is not None:
                found[kind] = _stricter(found.get(kind, "never"), answer)
    return found


def _stricter(one: Answer, other: Answer) -> Answer:
    return max(one, other, key=_STRICTNESS.index)


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
