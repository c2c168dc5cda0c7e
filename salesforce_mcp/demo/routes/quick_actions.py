"""`/quickActions` and `/sobjects/{object}/quickActions`.

Source: REST API Developer Guide, "Quick Actions", "sObject Quick Actions", "sObject Quick Action Default Values".
What runs them is imported when first asked for: requests of records load this module too.
"""

from __future__ import annotations

from salesforce_mcp.demo import bodies, records
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call, Reply, resource


def listed(call: Call) -> Reply:
    """GET of a list."""
    from salesforce_mcp.demo.actions import quick

    return Reply(body=[each.entry(call) for each in quick.offered(_object(call))])


def describe(call: Call) -> Reply:
    """GET of one quick action, or of its describe."""
    from salesforce_mcp.demo.actions import quick

    return Reply(body=quick.found(call.params["name"], _object(call)).describe(call))


def default_values(call: Call) -> Reply:
    """GET of the values that its form begins with."""
    from salesforce_mcp.demo.actions import quick

    action = quick.found(call.params["name"], _object(call))
    return Reply(body=action.default_values(call, call.params.get("context")))


def run(call: Call) -> Reply:
    """POST `{"record": {...}, "contextId": "..."}`."""
    from salesforce_mcp.demo.actions import quick

    given, action = call.json_object(), quick.found(call.params["name"], _object(call))
    bodies.check(given, {"contextId": str})
    record = given.get("record")
    if not isinstance(record, dict):
        raise ApiError(400, "REQUIRED_FIELD_MISSING", "Required fields are missing: [record]", ["record"])
    context_id = given.get("contextId") or None
    made = action.run(call, record, context_id)
    return Reply(201, quick.result(made, action.type != "Update", context_id))


def _object(call: Call) -> str | None:
    name = call.params.get("object")
    return records.object_named(RequestContext.of(call), name).name if name else None


routes = [
    route
    for root in ("/quickActions", "/sobjects/{object}/quickActions")
    for route in (
        resource("GET", root, listed),
        resource("GET", f"{root}/{{name}}", describe),
        resource("POST", f"{root}/{{name}}", run),
        resource("GET", f"{root}/{{name}}/describe", describe),
        resource("GET", f"{root}/{{name}}/defaultValues", default_values),
        resource("GET", f"{root}/{{name}}/defaultValues/{{context}}", default_values),
    )
]
