"""Deciding about a call, and its line in the trail: the same for tools and for the commands of the shell.

Where there is no policy and nothing was ever reviewed, nothing of pydantic is imported: a query from the shell doesn't
pay for it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from salesforce_mcp.errors import PolicyError, SfmcpError
from salesforce_mcp.policy import usage
from salesforce_mcp.policy.audit import Trail
from salesforce_mcp.salesforce.caller import calling
from salesforce_mcp.salesforce.unexpected import understood

if TYPE_CHECKING:
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.policy.rules import Rules
    from salesforce_mcp.policy.selection import Selection
    from salesforce_mcp.tools.context import Context


class Known(Protocol):
    """What decisions need of a tool where no policy is about its arguments."""

    @property
    def name(self) -> str: ...

    @property
    def toolset(self) -> str: ...

    @property
    def access(self) -> str: ...


@dataclass
class Admission:
    """A call that may run."""

    context: Context
    rules: Rules
    outcome: str = "ok"
    """What the trail says of a call that ends without an error."""

    def warning(self) -> str | None:
        """That the org's API calls of the day run low, once the call has learned so."""
        used = usage.percent(self.context.client) if self.context.session else None
        if used is None or used < self.rules.daily_warning:
            return None
        return f"{used:.0f}% of the org's API calls of 24 hours are used."


@contextmanager
def admitted(
    tool: Known, context: Context, *, selection: Selection, policies: Policies, trail: Trail | None = None
) -> Iterator[Admission]:
    """Decide whether a call may run, and write its line whatever becomes of it.

    Raises PolicyError before anything is sent, SessionError where the decision depends on a session and there is none.
    """
    began = time.monotonic()
    outcome = "INTERNAL_ERROR"
    with calling(context.check_cancelled) as caller:
        context.caller = caller
        try:
            selection.check(tool)
            rules = _rules(tool, context, policies)
            caller.unchecked = rules.data.active and rules.data.may_run_unchecked(tool.name)
            admission = Admission(context, rules)
            with understood(caller, writes=tool.access != "read"):
                yield admission
            outcome = admission.outcome
        except SfmcpError as error:
            outcome = error.code
            raise
        except BrokenPipeError:
            outcome = "ok"  # whoever reads has what it wanted
            raise
        except OSError:
            outcome = "SYSTEM"
            raise
        except KeyboardInterrupt:
            outcome = "INTERRUPTED"
            raise
        finally:
            seconds = time.monotonic() - began
            session = context.session
            (trail or Trail()).write(tool, session, outcome=outcome, seconds=seconds, requests=caller.requests)
            if session and caller.requests:
                usage.remember(context.client)


def refuse(tool: Known, reason: str) -> PolicyError:
    """The error for a tool that may not run."""
    return PolicyError(f"{tool.name} is not allowed here: {reason}.", code="NOT_ALLOWED")


def _rules(tool: Known, context: Context, policies: Policies) -> Rules:
    """The rules for this call. What is refused for every org needs no session. Raises PolicyError."""
    reason = policies.refusal(tool, policies.before_login())
    if reason:
        raise refuse(tool, reason)
    rules = policies.rules(context.client) if policies.needs_org else policies.before_login()
    reason = rules.refusal(tool)
    if reason:
        raise refuse(tool, reason)
    return rules
