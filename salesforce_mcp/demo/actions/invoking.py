"""Finding and running invocable actions: each input has its own outcome, and is done or undone by itself."""

from __future__ import annotations

from typing import Any

from salesforce_mcp.demo.actions import custom, quick, standard
from salesforce_mcp.demo.actions.model import Action, check
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call

ACTIONS = (*standard.ACTIONS, *custom.ACTIONS, *quick.ACTIONS)
CUSTOM = ("quickAction", "apex", "emailAlert", "flow", "sendNotification", "generatePromptResponse")
"""Kinds of custom actions; the org has none of some."""
_MORE_KEYS_SINCE = 60.0
_MOST_INPUTS = 200


def listed(call: Call, folder: str) -> list[Action]:
    """The actions of a list, such as `custom/flow`, that the user may run."""
    context = RequestContext.of(call)
    return [
        each
        for each in ACTIONS
        if (each.folder == folder or each.folder.startswith(f"{folder}/")) and each.allowed(context)
    ]


def found(call: Call, folder: str, name: str) -> Action:
    """The action of this name; NOT_FOUND where there is none, or none that the user may run."""
    for each in listed(call, folder):
        if each.folder == folder and each.name.lower() == name.lower():
            return each
    raise not_found()


def invoke(call: Call, action: Action) -> list[dict[str, Any]]:
    """Run an action for each of the call's inputs."""
    inputs = call.json_object().get("inputs")
    if not isinstance(inputs, list) or not inputs or not all(isinstance(each, dict) for each in inputs):
        raise ApiError(400, "INVALID_API_INPUT", "Specify at least one object in inputs.")
    if len(inputs) > _MOST_INPUTS:
        raise ApiError(400, "LIMIT_EXCEEDED", f"You can specify up to {_MOST_INPUTS} inputs.")
    return [_one(call, action, given) for given in inputs]


def _one(call: Call, action: Action, given: dict[str, Any]) -> dict[str, Any]:
    errors, outputs = None, None
    try:
        with call.store.transaction():
            outputs = action.run(call, check(action.offered_inputs(call), given))
    except ApiError as error:
        errors = [error.record_error()]
    outcome = {"actionName": action.name, "errors": errors, "isSuccess": errors is None, "outputValues": outputs}
    if call.version_number < _MORE_KEYS_SINCE:
        return outcome
    return {**outcome, "invocationId": None, "outcome": None, "sortOrder": -1, "version": 1}
