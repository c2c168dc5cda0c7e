"""Invocable actions (resource `actions`): list, describe, run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from salesforce_mcp.salesforce import composite, faults
from salesforce_mcp.salesforce.composite import Part
from salesforce_mcp.tools.actions import inputs as given_inputs
from salesforce_mcp.tools.actions import naming
from salesforce_mcp.tools.actions.naming import Action
from salesforce_mcp.tools.arguments import Cursor, Limit
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Sections, Table
from salesforce_mcp.wording import counted

_NOT_THERE = "NOT_FOUND"
"""The code of a kind of action that the org, or its version of the API, doesn't have."""


@tool(title="List actions")
def list_actions(
    context: Context,
    kind: Literal["standard", "flow", "apex", "quickAction", "emailAlert"] | None = None,
    filter: str | None = None,
    limit: Limit = 100,
    cursor: Cursor | None = None,
) -> Table:
    """Actions that the org can run: standard ones, flows, Apex, quick actions, email alerts, notifications, prompts.
    `filter` is part of a name or label.
    """
    if cursor:
        return context.pages.read(cursor)
    kinds = [kind] if kind else naming.KINDS
    parts = [Part(each, "actions/standard" if each == naming.STANDARD else f"actions/custom/{each}") for each in kinds]
    wanted = (filter or "").lower()
    rows, notes, failed = [], [], False
    for each, answer in composite.batch(context.client, parts).items():
        if answer.error is None:
            rows += [[naming.of_url(entry["url"]), entry["label"]] for entry in answer.body["actions"]]
        elif kind or answer.error.code != _NOT_THERE:
            failed = True
            notes.append(f"{each} left out: {answer.error.code}: {answer.error.message}")
    rows = [row for row in rows if wanted in row[0].lower() or wanted in str(row[1]).lower()]
    table = Table(["action", "label"], rows, total=len(rows), notes=notes, failed=failed)
    return context.pages.first(table, limit)


@tool(title="Describe action")
def describe_action(context: Context, action: Action) -> Sections:
    """An action's inputs and outputs, as run_action needs them."""
    described = context.client.get(naming.path(action))
    kept = ("name", "label", "type", "description", "targetEntityName")
    parts: list[tuple[str, Table | Record]] = [
        ("action", Record({name: described[name] for name in kept if described.get(name)})),
        ("inputs", _parameters(described.get("inputs") or [], ["required"])),
        ("outputs", _parameters(described.get("outputs") or [], [])),
    ]
    return Sections(parts)


def _parameters(entries: list[dict[str, Any]], more: list[str]) -> Table:
    columns = ["name", "label", "type", *more, "many", "object", "values", "description"]
    rows = [
        [
            entry["name"],
            entry.get("label"),
            entry.get("type"),
            *(entry.get(name) for name in more),
            (entry.get("maxOccurs") or 1) > 1,
            entry.get("sobjectType"),
            "; ".join(str(each["value"]) for each in entry.get("picklistValues") or () if each.get("active", True)),
            entry.get("description"),
        ]
        for entry in entries
    ]
    return Table(columns, rows, total=len(rows))


def _fits(context: Context, values: Mapping[str, Any]) -> None:
    """Raise ArgumentError for inputs that the action doesn't take."""
    described = context.client.get(naming.path(values["action"]))
    given_inputs.check(described.get("inputs") or [], values["inputs"])


@tool(title="Run action", access="destructive", calls="2", asks="action", fits=_fits)
def run_action(
    context: Context,
    action: Action,
    inputs: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=200)],
) -> Table:
    """Run an action once for each input, as in {"action": "flow/Escalate_Case", "inputs": [{"caseId": "500..."}]};
    describe_action tells what it takes. Each input succeeds or fails by itself.
    """
    outcomes = context.client.post(naming.path(action), {"inputs": inputs})
    outcomes = outcomes if isinstance(outcomes, list) else [outcomes]
    rows = [_row(place, outcome) for place, outcome in enumerate(outcomes)]
    failed = sum(not row[1] for row in rows)
    many = counted(len(inputs), "input")
    words = f"{failed} of {many} failed." if failed else f"Ran {action} for {many}."
    notes = [words]
    if len(rows) < len(inputs):
        notes.append(f"Salesforce answered for {len(rows)} of {many}.")
    return Table(["input", "ok", "error", "message", "outputs"], rows, len(rows), notes=notes, failed=bool(failed))


def _row(place: int, outcome: dict[str, Any]) -> list[Any]:
    """What became of one input. A few actions answer with their outputs alone."""
    if "isSuccess" not in outcome:
        return [place, True, None, None, outcome]
    if outcome["isSuccess"]:
        return [place, True, None, None, outcome.get("outputValues")]
    error = faults.of_record(outcome.get("errors"))
    return [place, False, error.code, error.message, outcome.get("outputValues")]
