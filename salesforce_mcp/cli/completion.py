"""What the shell offers when Tab is pressed: aliases, tools, objects and fields, from files on this machine alone.

Objects and fields are those of describes that earlier commands fetched (the demo org's come with the program); no org
is ever asked. What a policy hides isn't offered either. Whatever is missing or can't be read offers nothing: a shell
has no place for an error. typer keeps what begins as the word does.
"""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from salesforce_mcp.cli.environment import environment
from salesforce_mcp.errors import SfmcpError, UsageError

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.response import Response

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
    return _names(context, "", "sobjects")


def fields(context: typer.Context, incomplete: str) -> list[str]:
    """The fields of the object that the line names, the last of several names separated by commas."""
    before, comma, _ = incomplete.rpartition(",")
    # The arguments of a line that ends in an option without its value aren't in the context: any word may be it.
    return [before + comma + name for word in words() for name in _names(context, word, "fields")]


def statement(context: typer.Context, incomplete: str) -> list[str]:
    """SOQL with its last word completed: objects behind FROM, later on the fields of that object."""
    before = _WORD.sub("", incomplete)
    named = _OBJECT.search(before)
    names = _names(context, named[1], "fields") if named else []
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


def _names(context: typer.Context, described: str, key: str) -> list[str]:
    """The names in an object's describe (`fields`), or in the list of all objects (`sobjects`, described is empty)."""
    try:
        org = _Demo() if _alias(context) == DEMO else _Known(_alias(context))
        return [str(each.get("name", "")) for each in _shown(org, described).get(key, [])]
    except (SfmcpError, LookupError, TypeError):  # a describe of another shape among them
        return []


def _shown(org: _Known, described: str) -> dict[str, Any]:
    """A describe as policies let it be seen. Raises SfmcpError where it isn't kept, or that can't be told."""
    from salesforce_mcp.policy.policies import Policies
    from salesforce_mcp.policy.rules import Target

    whole = org.whole_describe(described)
    rules = Policies.load().known(Target(org.alias, org.environment, org.username)).data
    if not rules.active:
        return whole
    from salesforce_mcp.policy import answers
    from salesforce_mcp.policy.view import View

    return answers.shown(View(rules, org), whole)


def _alias(context: typer.Context) -> str | None:
    """The org that the line or the environment names."""
    return context.params.get("org") or os.environ.get("SFMCP_ORG")


class _Known:
    """A login, found without its token, and what commands fetched of its org. Raises SfmcpError for none."""

    def __init__(self, alias: str | None) -> None:
        from salesforce_mcp.auth import orgs

        known = orgs.load()
        org = known.by_alias.get(alias or known.default or "")
        if org is None:
            raise UsageError("There is no such login.")
        self.alias, self.environment, self.username = org.alias, str(org.environment), org.username
        self._where = org.instance_url, org.org_id

    def whole_describe(self, name: str) -> dict[str, Any]:
        """What is kept under this name."""
        from salesforce_mcp.salesforce.describes import kept_cache

        kept = kept_cache(*self._where, self.username).kept(name) if self.username else None
        if kept is None:
            raise UsageError(f"{name} isn't kept.")
        return kept

    def whole_list(self) -> dict[str, Any]:
        """The list of all objects."""
        return self.whole_describe("")

    def look(self, path: str) -> Response:
        """Nobody is asked."""
        raise UsageError(f"{path} isn't kept.")


class _Demo(_Known):
    """The demo org, whose objects are in the program."""

    def __init__(self) -> None:
        from salesforce_mcp.demo.users import ADMIN_USERNAME

        self.alias, self.environment, self.username = DEMO, DEMO, ADMIN_USERNAME

    def whole_describe(self, name: str) -> dict[str, Any]:
        """As much of the describe as tells what is hidden."""
        from salesforce_mcp.demo.objects import standard_objects

        known = standard_objects()
        if not name:
            return {"sobjects": [{"name": each.name} for each in known]}
        found = known.get(name)
        if found is None:
            raise UsageError(f"There is no {name}.")
        fields = [
            {"name": each.name, "compoundFieldName": each.compound, "calculatedFormula": each.formula}
            for each in found.fields
        ]
        return {"name": found.name, "fields": fields}
