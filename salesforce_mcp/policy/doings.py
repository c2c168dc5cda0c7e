"""What a request does to an org, as confirmations call it: so that the parts of composite requests count too."""

from __future__ import annotations

from salesforce_mcp.policy.calls import Call, inside, records_of, runs_apex

Doing = tuple[str, int, tuple[str, ...]]
"""A kind of action, how many records it is done to, and their Ids where they are known."""


def doings(call: Call) -> list[Doing]:
    """What a request does that may need a confirmation: kind, number of records, and their Ids where it names them.

    Raises PolicyError UNCHECKED where that can't be told.
    """
    parts = list(inside(call))
    if parts:
        return [found for part in parts for found in _of_one(part)]
    return _of_one(call)


def _of_one(call: Call) -> list[Doing]:
    if runs_apex(call):
        return [("apex", 1, ())]
    if call.method == "DELETE":
        ids = str(call.params["ids"]).split(",") if "ids" in call.params else [call.path[-1]]
        return [("delete", len(ids), tuple(ids))]
    match tuple(each.lower() for each in call.path):
        case ("composite", "sobjects", *_) if call.method == "PATCH":
            return [("update_many", len(records_of(call.body)), ())]
        case ("actions", *name) if call.method == "POST":
            return [(kind_of_action("/".join(name)), 1, ())]
        case path if call.method == "POST" and ("quickactions" in path or path[0] in ("process", "services")):
            return [("action", 1, ())]
        case ("knowledgemanagement", *_) if call.method != "GET":
            return [("publish", 1, ())]
        case _ if call.method in ("PATCH", "PUT"):
            return [("update_many", 1, ())]
        case _:
            return [("any_change", 1, ())] if call.method == "POST" else []


def kind_of_action(name: str) -> str:
    """What policies call an invocable action (`standard/emailSimple`, `custom/apex/MyClass`, `flow/My_Flow`)."""
    lower = name.lower()
    return "email" if "email" in lower else "apex" if "apex/" in lower else "action"
