"""How actions are called: `standard/emailSimple`, `flow/Escalate_Case`, `quickAction/Case/LogACall`."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from salesforce_mcp.tools.arguments import quoted

STANDARD = "standard"
CUSTOM = ("flow", "apex", "quickAction", "emailAlert", "sendNotification", "generatePromptResponse")
"""Kinds of what somebody built, as `actions/custom` has them."""
KINDS = (STANDARD, *CUSTOM)

_NAME = re.compile(r"[A-Za-z]\w{0,119}", re.ASCII)


def _check(value: str) -> str:
    kind, *names = value.removeprefix("custom/").split("/")
    if kind not in KINDS:
        kind, names = STANDARD, [kind, *names]
    if not 1 <= len(names) <= 2 or not all(map(_NAME.fullmatch, names)):
        raise ValueError(f"{quoted(value)} is no action; as in standard/emailSimple or flow/Escalate_Case")
    return "/".join((kind, *names))


Action = Annotated[str, AfterValidator(_check)]
"""Name of an action as list_actions gives it; a bare name is a standard action's."""


def path(action: str) -> str:
    """The resource of an action."""
    return f"actions/{action}" if action.startswith(f"{STANDARD}/") else f"actions/custom/{action}"


def of_url(url: str) -> str:
    """The name of the action with this address."""
    return url.partition("/actions/")[2].removeprefix("custom/")
