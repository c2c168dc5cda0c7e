"""`sfmcp audit`: what was called, by whom and how it ended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import typer

from salesforce_mcp.cli.commands import add_command
from salesforce_mcp.cli.environment import environment
from salesforce_mcp.cli.output import Format, write_json, write_rows
from salesforce_mcp.errors import UsageError

COLUMNS = ["time", "org", "user", "tool", "access", "outcome", "ms", "api_calls"]
_SPAN = re.compile(r"(\d{1,5})([mhd])")


class By(StrEnum):
    """What calls are counted by."""

    TOOL = "tool"
    USER = "user"
    ORG = "org"
    OUTCOME = "outcome"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    add_command(
        app,
        audit,
        "sfmcp audit --since 1d --outcome refused",
        "sfmcp audit --by tool --json",
    )


def audit(
    tool: Annotated[str | None, typer.Option(metavar="NAME", help="Only calls of this tool.")] = None,
    user: Annotated[str | None, typer.Option(metavar="NAME", help="Only calls of this user.")] = None,
    org: Annotated[str | None, typer.Option("--org", "-o", metavar="ALIAS", help="Only calls to this org.")] = None,
    outcome: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only calls that ended so: ok, an error's code, or refused.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="SPAN | TIME", help="Only later ones: 30m, 12h, 7d, or a date and time.")
    ] = None,
    by: Annotated[By | None, typer.Option(help="Count the calls, their failures, API calls and time.")] = None,
    last: Annotated[int, typer.Option(metavar="N", min=1, help="At most the latest N.")] = 1000,
    json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.", show_default=False)] = False,
) -> None:
    """Show the trail of tool calls: the latest last, or counted. It holds no values, no statements and no tokens.

    `--outcome refused` means all that policy or a person refused.
    """
    from salesforce_mcp.policy.audit import Trail

    here = environment()
    begin = _begin(since) if since else ""
    wanted = {"tool": tool, "user": user}
    found = [
        line
        for line in Trail().read()
        if str(line.get("time")) >= begin
        and all(value is None or line.get(key) == value for key, value in wanted.items())
        and (org is None or org in (line.get("org"), line.get("org_id")))
        and (outcome is None or _ended(line, outcome))
    ]
    rows = _counted(found, by) if by else [{key: line.get(key) for key in COLUMNS} for line in found[-last:]]
    if json:
        write_json(here, None, rows)
        return
    columns = list(rows[0]) if rows else COLUMNS
    write_rows(here, Format.TABLE, None, columns, [list(row.values()) for row in rows])


def _counted(lines: Iterable[dict[str, Any]], by: By) -> list[dict[str, Any]]:
    """A row for each value, the most frequent first."""
    calls: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    spent: Counter[str] = Counter()
    took: Counter[str] = Counter()
    for line in lines:
        key = str(line.get(by.value) or "")
        calls[key] += 1
        refused[key] += _ended(line, "refused")
        failed[key] += line.get("outcome") != "ok" and not _ended(line, "refused")
        spent[key] += int(line.get("api_calls") or 0)
        took[key] += int(line.get("ms") or 0)
    return [
        {
            by.value: key,
            "calls": count,
            "failed": failed[key],
            "refused": refused[key],
            "api_calls": spent[key],
            "ms_mean": round(took[key] / count),
        }
        for key, count in calls.most_common()
    ]


def _ended(line: dict[str, Any], outcome: str) -> bool:
    if outcome != "refused":
        return bool(line.get("outcome") == outcome)
    from salesforce_mcp.policy.confirmation import REFUSED

    return line.get("outcome") in REFUSED


def _begin(since: str) -> str:
    """The moment as the trail writes it. Raises UsageError."""
    span = _SPAN.fullmatch(since)
    if span:
        unit = {"m": "minutes", "h": "hours", "d": "days"}[span[2]]
        moment = datetime.now(UTC) - timedelta(**{unit: int(span[1])})
    else:
        try:
            moment = datetime.fromisoformat(since).astimezone(UTC)
        except (ValueError, OverflowError):
            raise UsageError(f"{since!r} is neither a span nor a time.", hint="As in 12h, 7d or 2026-01-31.") from None
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
