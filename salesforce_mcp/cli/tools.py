"""`sfmcp tools` lists the tools, and reviews them: approve, deny, hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from salesforce_mcp.cli.commands import Group, add_command, unwrapped
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.output import Format, write_json, write_rows
from salesforce_mcp.errors import UsageError
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from salesforce_mcp.policy.approval import Book, State
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.tools.registry import Tool

Names = Annotated[list[str], typer.Argument(metavar="NAME...", help="Tools; * stands for anything.")]
Machine = Annotated[
    bool, typer.Option("--machine", help="For everybody on this machine; needs its rights.", show_default=False)
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group,
        invoke_without_command=True,
        help=unwrapped(list_tools.__doc__ or ""),
        epilog="Examples:\n\nsfmcp tools --toolsets records\n\nsfmcp tools review\n\nsfmcp tools deny 'delete_*'",
    )
    group.callback()(list_tools)
    add_command(group, approve, "sfmcp tools approve create_case update_case")
    add_command(group, deny, "sfmcp tools deny execute_apex 'bulk_*'")
    add_command(group, pending, "sfmcp tools pending composite")
    add_command(group, review, "sfmcp tools review")
    app.add_typer(group, name="tools")


def list_tools(
    context: typer.Context,
    toolsets: Annotated[
        str | None, typer.Option(metavar="A,B", help="Only the tools of these toolsets.", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """List the tools: toolset, what each may do in the org, whether it is approved, and what it costs a conversation.

    Those marked as default are offered to clients without asking for a toolset. Tokens are counted roughly. Before any
    review all tools are approved, unless the policy says otherwise; after the first, a tool that is new or has changed
    is pending: it isn't offered to clients until somebody approves it. States are shown unless all are approved.
    """
    if context.invoked_subcommand:
        return
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.tools import registry

    here = environment()
    known = registry.load(map(str.strip, toolsets.split(",")) if toolsets else registry.TOOLSETS)
    policies = Policies.load()
    if json:
        write_json(here, None, [_entry(tool, policies) for tool in known.values()])
        return
    states = [_state(tool, policies) for tool in known.values()]
    reviewed = set(states) != {"approved"}
    columns = ["tool", "toolset", "access", "default", *(["state"] if reviewed else []), "tokens", "does"]
    lines = [
        [
            tool.name,
            tool.toolset,
            tool.access,
            "yes" if tool.default else "",
            *([state] if reviewed else []),
            _tokens(tool),
            _first_sentence(tool),
        ]
        for tool, state in zip(known.values(), states, strict=True)
    ]
    write_rows(here, Format.TABLE, None, columns, lines)


def approve(names: Names, machine: Machine = False) -> None:
    """Let tools run, as they are now: once their arguments or access change, they are pending again."""
    _record(names, "approved", machine)


def deny(names: Names, machine: Machine = False) -> None:
    """Keep tools from running and from being offered."""
    _record(names, "denied", machine)


def pending(names: Names, machine: Machine = False) -> None:
    """Hold tools until they are approved."""
    _record(names, "pending", machine)


def review(machine: Machine = False) -> None:
    """Walk through the tools that are pending, and approve or deny each.

    The first review asks once what holds for all others: approve all, or approve those that only read and hold those
    that write.
    """
    from salesforce_mcp.policy.approval import record
    from salesforce_mcp.tools import registry

    here = environment()
    book = _book(machine)
    known = list(registry.load().values())
    if not book.answers:
        answer = here.ask(
            "Nothing was reviewed yet. Approve (a)ll tools, or approve those that only (r)ead and go through the "
            "others now? [a/r]",
            alternative="Use `sfmcp tools approve` and `sfmcp tools deny`.",
        )
        if answer.lower() not in ("a", "r"):
            raise UsageError("Nothing was changed: answer a or r.")
        chosen: dict[Tool, State] = {
            tool: "approved" if answer.lower() == "a" or tool.access == "read" else "pending" for tool in known
        }
        record(book.path, [], "approved", before=chosen)
        book = _book(machine)
    waiting = [tool for tool in known if book.state(tool) == "pending"]
    for number, tool in enumerate(waiting, 1):
        here.say(f"\n{number} of {len(waiting)}: {tool.name} ({tool.toolset}, {tool.access}): {tool.title}")
        here.say(tool.description)
        here.say(f"Arguments: {', '.join(tool.input_schema['properties']) or 'none'}")
        answer = here.ask("(a)pprove, (d)eny, or leave it pending? [a/d/-]", alternative="").lower()
        states: dict[str, State] = {"a": "approved", "d": "denied"}
        if answer in states:
            record(book.path, [tool], states[answer], before={})
    here.say(f"Asked about {counted(len(waiting), 'tool')}." if waiting else "No tool is pending.")


def _record(names: Sequence[str], state: State, machine: bool) -> None:
    import fnmatch

    from salesforce_mcp.policy.approval import record
    from salesforce_mcp.policy.selection import find
    from salesforce_mcp.tools import registry

    known = registry.load()
    chosen = dict.fromkeys(each for name in names for each in fnmatch.filter(known, name) or [find(name, known).name])
    book = _book(machine)
    before = {tool: book.state(tool) for tool in known.values()}
    record(book.path, [known[name] for name in chosen], state, before=before)
    environment().say(f"{state}: {', '.join(chosen)}")
    held = _book(machine=True)
    waiting = [name for name in chosen if not machine and state == "approved" and held.state(known[name]) != "approved"]
    if waiting:
        environment().say(
            f"Still held by this machine's review, which an administrator can give with --machine: {', '.join(waiting)}"
        )


def _book(machine: bool) -> Book:
    from salesforce_mcp.policy.policies import Policies

    return Policies.load().approvals.of(machine=machine)


def _state(tool: Tool, policies: Policies) -> str:
    """Approved, pending or denied; what the policy refuses in every org is denied too."""
    return "denied" if policies.before_login().refusal(tool) else policies.approvals.state(tool)


def _entry(tool: Tool, policies: Policies) -> dict[str, Any]:
    return {
        "name": tool.name,
        "toolset": tool.toolset,
        "access": tool.access,
        "default": tool.default,
        "state": _state(tool, policies),
        "tokens": _tokens(tool),
        "title": tool.title,
        "description": tool.description,
        "arguments": tool.input_schema,
    }


def _tokens(tool: Tool) -> int:
    import json

    from salesforce_mcp.server.tokens import estimate

    return estimate(json.dumps([tool.name, tool.description, tool.input_schema], separators=(",", ":")))


def _first_sentence(tool: Tool) -> str:
    return tool.description.partition("\n\n")[0].split(". ")[0].rstrip(".") or tool.title
