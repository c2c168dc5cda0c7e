"""Which tools are offered, and which may run: toolsets, single tools, read-only.

Excluding wins over including, and read-only wins over everything. A tool that isn't offered is also refused when it is
called, so that hiding is never the only guard.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from salesforce_mcp.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.policy.admission import Known
    from salesforce_mcp.tools.registry import Tool

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(frozen=True)
class Selection:
    """What was asked for. With neither `toolsets` nor `tools`, the default tools are offered and any may be called."""

    toolsets: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    read_only: bool = False

    @classmethod
    def of(
        cls,
        *,
        toolsets: str | None = None,
        tools: str | None = None,
        exclude: str | None = None,
        read_only: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Selection:
        """From comma-separated flags and, where a flag is absent, SFMCP_TOOLSETS and SFMCP_READ_ONLY.

        Raises UsageError for a variable that is neither true nor false.
        """
        environ = os.environ if environ is None else environ
        return cls(
            toolsets=_names(environ.get("SFMCP_TOOLSETS") if toolsets is None else toolsets),
            tools=_names(tools),
            exclude=_names(exclude),
            read_only=read_only or _switch("SFMCP_READ_ONLY", environ.get("SFMCP_READ_ONLY", "")),
        )

    def offered(self) -> dict[str, Tool]:
        """The tools a client is shown, by name. Raises UsageError for names that don't exist."""
        from salesforce_mcp.tools import registry

        known = registry.load() if self.tools or self.exclude else registry.load(self.toolsets or registry.HOME)
        for name in (*self.tools, *self.exclude):
            find(name, known)
        wanted = set(registry.load(self.toolsets)) if self.toolsets else set()
        wanted.update(self.tools)
        if not wanted:
            wanted = {name for name, tool in known.items() if tool.default}
        return {name: tool for name, tool in known.items() if name in wanted and self._refusal(tool) is None}

    def check(self, tool: Known) -> None:
        """Raise PolicyError when this tool may not run."""
        reason = self._refusal(tool)
        if reason is None and (self.toolsets or self.tools) and tool.name not in self.offered():
            reason = f"only these are offered: {', '.join((*self.toolsets, *self.tools))}"
        if reason:
            raise PolicyError(f"{tool.name} is not allowed here: {reason}.", code="NOT_ALLOWED")

    def _refusal(self, tool: Known) -> str | None:
        if self.read_only and tool.access != "read":
            return "read-only mode is on, and this tool changes data"
        if tool.name in self.exclude:
            return "it was excluded at start"
        return None


def find(name: str, known: Mapping[str, Tool]) -> Tool:
    """The tool of this name. Raises UsageError that names those most like it."""
    if name in known:
        return known[name]
    from salesforce_mcp.soql.suggest import nearest

    like = nearest(name, known)
    raise UsageError(
        f"There is no tool {name!r}.",
        code="UNKNOWN_TOOL",
        hint=f"Did you mean {' or '.join(like)}?" if like else "`sfmcp tools` lists them all.",
    )


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in (text or "").split(",") if name.strip()))


def _switch(variable: str, value: str) -> bool:
    word = value.strip().lower()
    if word not in _TRUE | _FALSE:
        raise UsageError(f"{variable} is {value!r}.", hint=f"Set {variable} to true or false.")
    return word in _TRUE
