"""What the shell offers when Tab is pressed: aliases, tools, objects and fields, from files on this machine alone.

Objects and fields are those of describes that earlier commands fetched (the demo org's come with the program); no org
is ever asked. Whatever is missing or can't be read offers nothing: a shell has no place for an error. typer keeps what
begins as the word does.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from salesforce_mcp.cli.environment import environment
from salesforce_mcp.errors import SfmcpError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.describes import DescribeCache

VARIABLE = "_SFMCP_COMPLETE"
"""Set by the shell when it asks, as typer has it."""

DEMO = "demo"
"""The demo org's alias: its objects are in the program."""

_WORD = re.compile(r"[\w.]*$")
_OBJECT = re.compile(r"\bFROM\s+(\w+)\s", re.IGNORECASE)
_BEFORE_OBJECT = re.compile(r"\bFROM\s+$", re.IGNORECASE)


def words() -> list[str]:
    """The words of the line that the shell asks about, without the program's name."""
    line = os.environ.get("COMP_WORDS") or os.environ.get("_TYPER_COMPLETE_ARGS") or ""
    return line.split()[1:]


def finish_zsh() -> None:
    """Let zsh complete at the first Tab: what typer installs for it only defines the function then, without a call."""
    script = Path.home() / ".zfunc" / "_sfmcp"
    call = '_sfmcp_completion "$@"\n'
    if script.is_file() and not script.read_text(encoding="utf-8").endswith(call):
        with script.open("a", encoding="utf-8") as file:
            file.write(f"\n{call}")


def aliases() -> list[str]:
    """The logins, and the demo org."""
    from salesforce_mcp.auth import orgs

    try:
        return [*orgs.load().by_alias, orgs.RESERVED]
    except SfmcpError:
        return []


def kept_aliases() -> list[str]:
    """The logins alone."""
    return aliases()[:-1]


def tools() -> list[str]:
    """The names of all tools."""
    from salesforce_mcp.tools import registry

    return list(registry.load())


def objects(context: typer.Context) -> list[str]:
    """The objects of the org that the line names, once they were listed."""
    if _alias(context) == DEMO:
        from salesforce_mcp.demo.objects import standard_objects

        return [each.name for each in standard_objects()]
    cache = _cache(_alias(context))
    return _names(cache.kept("") if cache else None, "sobjects")


def fields(context: typer.Context, incomplete: str) -> list[str]:
    """The fields of the object that the line names, the last of several names separated by commas."""
    before, comma, _ = incomplete.rpartition(",")
    # The arguments of a line that ends in an option without its value aren't in the context: any word may be it.
    return [before + comma + name for word in words() for name in _fields(context, word)]


def statement(context: typer.Context, incomplete: str) -> list[str]:
    """SOQL with its last word completed: objects behind FROM, later on the fields of that object."""
    before = _WORD.sub("", incomplete)
    named = _OBJECT.search(before)
    names = _fields(context, named[1]) if named else []
    if _BEFORE_OBJECT.search(before):
        names = objects(context)
    offered = [before + name for name in names]
    if "'" in incomplete and os.environ.get(VARIABLE) == "complete_zsh":
        # What typer makes of it for zsh loses single quotes. zsh runs what is written here.
        environment().write(f"compadd -- {shlex.join(each for each in offered if each.startswith(incomplete))}")
        raise SystemExit(0)
    return offered


def object_or_statement(context: typer.Context, incomplete: str) -> list[str]:
    """What `sfmcp export` takes."""
    return statement(context, incomplete) if " " in incomplete else objects(context)


def _fields(context: typer.Context, object_name: str) -> list[str]:
    if _alias(context) == DEMO:
        from salesforce_mcp.demo.objects import standard_objects

        known = standard_objects().get(object_name)
        return [field.name for field in known.fields] if known else []
    cache = _cache(_alias(context))
    return _names(cache.kept(object_name) if cache else None, "fields")


def _names(described: dict[str, Any] | None, key: str) -> list[str]:
    return [str(each.get("name", "")) for each in (described or {}).get(key, [])]


def _alias(context: typer.Context) -> str | None:
    """The org that the line or the environment names."""
    return context.params.get("org") or os.environ.get("SFMCP_ORG")


def _cache(alias: str | None) -> DescribeCache | None:
    """The describes of a login, found without its token."""
    from salesforce_mcp.auth import orgs
    from salesforce_mcp.salesforce.describes import kept_cache

    try:
        known = orgs.load()
        org = known.by_alias.get(alias or known.default or "")
        return kept_cache(org.instance_url, org.org_id, org.username) if org and org.username else None
    except SfmcpError:
        return None
