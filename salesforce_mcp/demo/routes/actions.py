"""`/actions`: invocable actions, standard ones and those that somebody built.

Source: REST API Developer Guide, "Invocable Actions", "Invocable Actions Standard", "Invocable Actions Custom".
"""

from __future__ import annotations

from salesforce_mcp.demo.actions import invoking
from salesforce_mcp.demo.actions.model import Action
from salesforce_mcp.demo.errors import not_found
from salesforce_mcp.demo.http import Call, Reply, resource


def kinds(call: Call) -> Reply:
    """GET /actions."""
    return Reply(body={kind: f"{call.version_path}/actions/{kind}" for kind in ("standard", "custom")})


def custom_kinds(call: Call) -> Reply:
    """GET /actions/custom."""
    return Reply(body={kind: f"{call.version_path}/actions/custom/{kind}" for kind in invoking.CUSTOM})


def standard_actions(call: Call) -> Reply:
    """GET /actions/standard."""
    return Reply(body={"actions": [each.entry(call) for each in invoking.listed(call, "standard")]})


def custom_actions(call: Call) -> Reply:
    """GET /actions/custom/{kind}."""
    kind = call.params["kind"]
    if kind not in invoking.CUSTOM:
        raise not_found()
    return Reply(body={"actions": [each.entry(call) for each in invoking.listed(call, f"custom/{kind}")]})


def describe(call: Call) -> Reply:
    """GET of one action."""
    return Reply(body=_action(call).describe(call))


def invoke(call: Call) -> Reply:
    """POST `{"inputs": [...]}`: one outcome for each."""
    return Reply(body=invoking.invoke(call, _action(call)))


def _action(call: Call) -> Action:
    names = call.params
    folder = "/".join(filter(None, ("custom" if "kind" in names else "standard", names.get("kind"), names.get("on"))))
    return invoking.found(call, folder, names["name"])


_PATHS = ("/actions/standard/{name}", "/actions/custom/{kind}/{name}", "/actions/custom/{kind}/{on}/{name}")

routes = [
    resource("GET", "/actions", kinds),
    resource("GET", "/actions/standard", standard_actions),
    resource("GET", "/actions/custom", custom_kinds),
    resource("GET", "/actions/custom/{kind}", custom_actions),
    *(resource("GET", path, describe) for path in _PATHS),
    *(resource("POST", path, invoke) for path in _PATHS),
]
