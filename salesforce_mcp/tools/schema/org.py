"""The org and its user: limits (`limits`), who am I (`/services/oauth2/userinfo`), what was viewed last (`recent`)."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError
from salesforce_mcp.soql.suggest import nearest
from salesforce_mcp.tools.arguments import ObjectName, split_names
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table

MAX_RECENT = 200
"""Entries that Salesforce keeps in RecentlyViewed."""


_ORGANIZATION = ("Id", "Name", "IsSandbox", "OrganizationType", "InstanceName")


@tool(title="API limits")
def get_limits(context: Context, names: Annotated[list[str], BeforeValidator(split_names)] | None = None) -> Table:
    """The org's limits and what is left of each, those nearest to exhaustion first. `names` as in DailyApiRequests."""
    limits = _flat(context.client.get("limits"))
    if names:
        wanted = {name.lower() for name in names}
        known = {name.lower() for name in limits}
        unknown = [name for name in names if name.lower() not in known]
        if unknown:
            near = nearest(unknown[0], limits)
            raise ArgumentError(
                f"There is no limit {', '.join(unknown)}.",
                fields=["names"],
                hint=f"Did you mean {' or '.join(near)}?" if near else "Leave out `names` to see them all.",
            )
        limits = {name: limit for name, limit in limits.items() if name.lower() in wanted}
    by_use = sorted(limits.items(), key=lambda item: _used(item[1]), reverse=True)
    rows = [
        [name, limit["Remaining"], limit["Max"], round(100 * _used(limit), 1) if limit["Max"] else None]
        for name, limit in by_use
    ]
    return Table(["limit", "remaining", "max", "used_percent"], rows, total=len(rows))


@tool(title="Who am I", default=True, calls="2")
def get_user_info(context: Context) -> Record:
    """The user whose rights all calls have, and the org: name, edition, sandbox or production, API version."""
    client = context.client
    notes = []
    try:
        user = client.get("/services/oauth2/userinfo")
    except SalesforceError as error:
        user = {}
        notes.append(f"The user's details were refused: {error.code}.")
    try:
        names = ", ".join(client.readable("Organization", _ORGANIZATION))
        org = client.query(f"SELECT {names} FROM Organization LIMIT 1").records[0]  # noqa: S608 - names of ours
    except (SalesforceError, PolicyError, IndexError):
        org = {}
        notes.append("The org's details are not visible to this user.")
    session = client.session
    session.username = session.username or user.get("preferred_username")
    return Record(
        {
            "user_id": user.get("user_id"),
            "username": user.get("preferred_username") if user else session.username,
            "name": user.get("name"),
            "email": user.get("email"),
            "time_zone": user.get("zoneinfo"),
            "locale": user.get("locale"),
            "org_id": org.get("Id") or user.get("organization_id") or session.org_id,
            "org_name": org.get("Name"),
            "environment": _environment(session.environment, org),
            "edition": org.get("OrganizationType"),
            "instance": org.get("InstanceName"),
            "instance_url": session.instance_url,
            "api_version": client.api_version,
            "login": session.alias,
        },
        notes=notes,
    )


@tool(title="Recently viewed records")
def list_recent_records(
    context: Context, object: ObjectName | None = None, limit: Annotated[int, Field(ge=1, le=MAX_RECENT)] = 20
) -> Table:
    """The records that this user viewed last, newest first; `object` keeps those of one object."""
    wanted = MAX_RECENT if object else limit
    entries = context.client.get("recent", params={"limit": wanted})
    rows = [
        [entry["attributes"]["type"], entry.get("Id"), _name(entry)]
        for entry in entries
        if object is None or entry["attributes"]["type"].lower() == object.lower()
    ]
    return Table(["object", "Id", "Name"], rows[:limit], total=len(rows) if object else None)


def _flat(limits: dict[str, Any], prefix: str = "") -> dict[str, dict[str, int]]:
    """Limits by name; those of a connected app or a part of a limit as `Limit.Part`."""
    found: dict[str, dict[str, int]] = {}
    for name, limit in limits.items():
        if isinstance(limit, dict):
            if "Max" in limit and "Remaining" in limit:
                found[prefix + name] = {"Max": limit["Max"], "Remaining": limit["Remaining"]}
            found.update(_flat(limit, f"{prefix}{name}."))
    return found


def _used(limit: dict[str, int]) -> float:
    """The part that is used up; less than nothing for a limit of 0, which the org doesn't have."""
    return 1 - limit["Remaining"] / limit["Max"] if limit["Max"] else -1.0


def _name(entry: dict[str, Any]) -> Any:
    """An entry's name, whatever its object calls it (Name, CaseNumber, SolutionName)."""
    return next((value for key, value in entry.items() if key not in ("attributes", "Id")), None)


def _environment(known: str, org: dict[str, Any]) -> str:
    """A loopback address or a custom domain doesn't tell; the org itself does."""
    if known != "unknown" or "IsSandbox" not in org:
        return known
    return "sandbox" if org["IsSandbox"] else "production"
