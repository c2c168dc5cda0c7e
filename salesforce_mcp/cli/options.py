"""Options that several commands share, and how a client is opened for them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.completion import aliases
from salesforce_mcp.cli.output import Format

if TYPE_CHECKING:
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


def connect(org: str | None, policies: Policies | None = None) -> Client:
    """The client of the org that was named, or of the one that the environment and the logins give; policy guards it.

    Raises UsageError for a mistake in a policy, before anything is sent.
    """
    from salesforce_mcp.auth.resolve import open_session
    from salesforce_mcp.policy.gate import Gate
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.salesforce.client import Client

    guard = Gate(policies or Policies.load())
    return Client(open_session(org), guard=guard)
