"""Options that several commands share, and how a client is opened for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.completion import aliases
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.output import Format

if TYPE_CHECKING:
    from salesforce_mcp.policy.admission import Admission
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.salesforce.client import Client

Org = Annotated[
    str | None,
    typer.Option(
        "--org",
        "-o",
        metavar="ALIAS",
        help="The org to use: an alias of `sfmcp login`, or demo. Without it: SFMCP_ORG, SFMCP_* or the default org.",
        show_default=False,
        autocompletion=aliases,
    ),
]

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing on stderr but errors.", show_default=False)]

StatementFile = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="Read the statement from a file.", show_default=False)
]

Form = Annotated[
    Format | None,
    typer.Option(
        "--format",
        "-f",
        help="By default what the name of --output says, else a table on a terminal and CSV in a pipe.",
        show_default=False,
    ),
]

OutputFile = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE",
        help="Write to this file. It appears, or replaces an older one, once all rows are in it.",
        show_default=False,
        callback=lambda given: None if given == Path("-") else given,
    ),
]

Binds = Annotated[
    list[str] | None,
    typer.Option(
        "--bind",
        metavar="NAME=TEXT",
        help="The value for :NAME in the statement, quoted safely; NAME:=JSON for numbers, true, null and lists.",
        show_default=False,
    ),
]

Bulk = Annotated[
    bool | None,
    typer.Option(
        "--bulk/--no-bulk",
        help="Through a Bulk API 2.0 job, which costs few API calls, or never.",
        show_default=False,
    ),
]

IncludeDeleted = Annotated[
    bool, typer.Option("--include-deleted", help="Also what is in the recycle bin or archived.", show_default=False)
]

FailEmpty = Annotated[bool, typer.Option("--fail-empty", help="Exit with 7 when nothing is found.", show_default=False)]


@contextmanager
def counting_as(
    tool: str, org: str | None, *, quiet: bool = False, within: Admission | None = None
) -> Iterator[Admission]:
    """Let a command do inside what this tool does: policy decides before anything is sent, and the trail gets a line.

    The client of the org that was named, or of the one that the environment and the logins give, is
    `admission.context.client`. `quiet`: don't say that API calls run low. `within`: it is a part of what another tool
    does, on the same client. Raises UsageError for a mistake in a policy,
    PolicyError for what it refuses.
    """
    from salesforce_mcp.policy import shell
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.tools.context import Context

    policies = Policies.load()
    context = Context(lambda: within.context.client if within else connect(org, policies))
    with shell.counting_as(tool, context, policies) as admission:
        yield admission
    if (warning := admission.warning()) and not quiet:
        environment().say(warning)


def connect(org: str | None, policies: Policies) -> Client:
    """The client of an org, behind the guard of the policies."""
    from salesforce_mcp.auth.resolve import open_session
    from salesforce_mcp.policy.gate import Gate
    from salesforce_mcp.salesforce.client import Client

    return Client(open_session(org), guard=Gate(policies))
