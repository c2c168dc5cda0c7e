"""Quick actions: create or change a record with the values that an administrator chose.

Source: REST API Developer Guide, "Quick Actions", "sObject Quick Actions"; SOAP API, QuickActionResult.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo import records
from salesforce_mcp.demo.actions.model import Action, Parameter, Values
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError, not_found
from salesforce_mcp.demo.http import Call


@dataclass(frozen=True)
class QuickAction:
    """A quick action. `on`: the object whose records it is offered on, None for a global one; `related`: the field
    that then holds the record it was started from."""

    name: str
    label: str
    type: str
    target: str
    fields: tuple[str, ...]
    on: str | None = None
    related: str | None = None
    defaults: dict[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`NewTask`, `Case.LogACall`."""
        return f"{self.on}.{self.name}" if self.on else self.name

    def entry(self, call: Call) -> dict[str, Any]:
        """As lists of quick actions have it."""
        root = f"{call.version_path}/{f'sobjects/{self.on}/' if self.on else ''}quickActions/{self.full_name}"
        urls = {"quickAction": root, "defaultValues": f"{root}/defaultValues", "describe": f"{root}/describe"}
        return {"label": self.label, "name": self.full_name, "type": self.type, "urls": urls}

    def describe(self, call: Call) -> dict[str, Any]:
        """What GET answers."""
        defaults = [{"field": name, "value": value} for name, value in self.defaults.items()]
        return {
            "contextSobjectType": self.on,
            "defaultValues": defaults or None,
            "label": self.label,
            "name": self.full_name,
            "targetParentField": self.related,
            "targetSobjectType": self.target,
            "type": self.type,
        }

    def default_values(self, call: Call, context_id: str | None = None) -> dict[str, Any]:
        """The record as the form begins: picklists' defaults, the user as owner, what the administrator set."""
        sobject = call.store.objects[self.target]
        values: dict[str, Any] = {"attributes": {"type": self.target}}
        for name in self.fields:
            known = sobject.field(name)
            chosen = next((each.value for each in known.picklist_values if each.default), None) if known else None
            values[name] = call.user.id if name == "OwnerId" else chosen
        values |= self.defaults
        if self.related and context_id:
            values[self.related] = context_id
        return values

    def run(self, call: Call, record: dict[str, Any], context_id: str | None) -> str:
        """Create the record, or change the one it was started from; answers its Id."""
        context = RequestContext.of(call)
        if self.type == "Update":
            if not context_id:
                raise ApiError(
                    400, "REQUIRED_FIELD_MISSING", "contextId is required for this quick action.", ["contextId"]
                )
            records.update(context, self.target, context_id, {**self.defaults, **record})
            return str(records.get(context, self.target, context_id, ["Id"])["Id"])
        given = {name: value for name, value in self.default_values(call, context_id).items() if value is not None}
        given.pop("attributes")
        return records.create(context, self.target, {**given, **record})


_TASK = ("Subject", "ActivityDate", "WhoId", "WhatId", "OwnerId", "Status")
QUICK_ACTIONS = (
    QuickAction("NewTask", "New Task", "Create", "Task", _TASK),
    QuickAction("NewCase", "New Case", "Create", "Case", ("ContactId", "Status", "Subject", "Description")),
    QuickAction("NewContact", "New Contact", "Create", "Contact", ("FirstName", "LastName", "Email", "AccountId")),
    QuickAction(
        "LogACall", "Log a Call", "LogACall", "Task", ("Subject", "Description", "WhoId"), "Case", "WhatId",
        {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"},
    ),
    QuickAction("ChangeStatus", "Change Status", "Update", "Case", ("Status", "Priority"), "Case"),
)  # fmt: skip


def offered(sobject: str | None) -> list[QuickAction]:
    """The global ones, and those of an object."""
    return [each for each in QUICK_ACTIONS if each.on is None or (sobject and each.on.lower() == sobject.lower())]


def found(name: str, sobject: str | None) -> QuickAction:
    """The one of this name (`LogACall` or `Case.LogACall`), refused with NOT_FOUND where it isn't offered."""
    for each in offered(sobject) if sobject else QUICK_ACTIONS:
        if name.lower() == each.full_name.lower() or (sobject and name.lower() == each.name.lower()):
            return each
    raise not_found()


def result(record: str, created: bool, context_id: str | None) -> dict[str, Any]:
    """What POST answers."""
    return {
        "contextId": context_id,
        "created": created,
        "errors": [],
        "feedItemIds": None,
        "id": record,
        "success": True,
    }


def as_action(quick: QuickAction) -> Action:
    """The same among the invocable actions."""

    def run(call: Call, given: Values) -> Values:
        context_id = given.pop("contextId", None)
        return {"contextId": quick.run(call, given, context_id)}

    needs_context = quick.type == "Update"
    context_id = Parameter("contextId", "Context ID", "REFERENCE", required=needs_context, sobject=quick.on)
    inputs = (context_id, *(Parameter(name, name, "STRING") for name in quick.fields))
    folder = "custom/quickAction" + (f"/{quick.on}" if quick.on else "")
    about = f"{quick.label}: {quick.target}"
    outputs = (Parameter("contextId", "Context ID", "REFERENCE"),)
    return Action(folder, quick.name, quick.label, "QUICK_ACTION", run, about, inputs, outputs, quick.target)


ACTIONS = tuple(map(as_action, QUICK_ACTIONS))
