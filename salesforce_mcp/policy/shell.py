"""What commands of the shell may do that are no tools: the same rules, asked for by the command itself.

Objects and fields need no asking: the gate of every client sees each request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy.selection import Selection

if TYPE_CHECKING:
    from salesforce_mcp.policy.rules import Rules


def must_ask(rules: Rules, command: str, kind: str, count: int) -> bool:
    """Whether a command that changes `count` records has to be confirmed first; `kind` as of `Confirm` in the model.

    Raises PolicyError when it may not run at all.
    """
    origin = "read-only mode" if Selection.of().read_only else rules.read_only
    if origin:
        raise PolicyError(f"{command} is not allowed here: {origin} lets nothing change.", code="NOT_ALLOWED")
    kinds = ["any_change"] if kind == "update_many" and count <= rules.updates else [kind, "any_change"]
    answers = {each: rules.answer(each) for each in kinds}
    if "deny" in answers.values():
        raise PolicyError(f"{command} is not allowed here: the policy denies it.", code="DENIED")
    return "ask" in answers.values()
