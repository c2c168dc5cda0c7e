"""An invocable action: what it takes and gives, and how it describes itself.

Source: REST API Developer Guide, "Invocable Actions"; Actions Developer Guide, "Invoking Actions".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.http import Call
from salesforce_mcp.demo.ids import full_id

Values = dict[str, Any]
Run = Callable[[Call, Values], Values | None]
"""Does the work for one input and answers its output values. Raises ApiError for what becomes that input's error."""

ALL_VERSIONS = (0.0, 999.0)


@dataclass(frozen=True)
class Parameter:
    """One input or output. `versions`: the first API version that has it, and the first that no longer has."""

    name: str
    label: str
    type: str
    required: bool = False
    many: bool = False
    length: int = 0
    values: tuple[str, ...] = ()
    sobject: str | None = None
    about: str | None = None
    versions: tuple[float, float] = ALL_VERSIONS

    def offered(self, version: float) -> bool:
        """True if this version of the API has it."""
        return self.versions[0] <= version < self.versions[1]

    def output(self) -> dict[str, Any]:
        """As the describe of an action lists it among the outputs."""
        picklist = [{"active": True, "defaultValue": False, "label": each, "value": each} for each in self.values]
        return {
            "description": self.about,
            "label": self.label,
            "maxOccurs": 2000 if self.many else 1,
            "name": self.name,
            "picklistValues": picklist or None,
            "sobjectType": self.sobject,
            "type": self.type,
        }

    def input(self) -> dict[str, Any]:
        """As the describe of an action lists it among the inputs."""
        return {**self.output(), "byteLength": self.length, "required": self.required}


@dataclass(frozen=True)
class Action:
    """An action. `type`: EMAILSIMPLE, FLOW, APEX, ...; `folder`: its list below `/actions`, as in `custom/flow`."""

    folder: str
    name: str
    label: str
    type: str
    run: Run
    about: str
    inputs: tuple[Parameter, ...]
    outputs: tuple[Parameter, ...] = ()
    target: str | None = None
    allowed: Callable[[RequestContext], bool] = lambda context: True

    def url(self, call: Call) -> str:
        """Where it is described and run."""
        return f"{call.version_path}/actions/{self.folder}/{self.name}"

    def entry(self, call: Call) -> dict[str, str]:
        """As the list of its kind has it."""
        return {"label": self.label, "name": self.name, "type": self.type, "url": self.url(call)}

    def offered_inputs(self, call: Call) -> list[Parameter]:
        """The inputs in the call's version."""
        return [each for each in self.inputs if each.offered(call.version_number)]

    def describe(self, call: Call) -> dict[str, Any]:
        """What GET answers."""
        return {
            "description": self.about,
            "inputs": [each.input() for each in self.offered_inputs(call)],
            "label": self.label,
            "name": self.name,
            "outputs": [each.output() for each in self.outputs],
            "standard": self.folder == "standard",
            "targetEntityName": self.target,
            "type": self.type,
        }


def check(parameters: list[Parameter], given: Mapping[str, Any]) -> Values:
    """The values of one input, by name, without nulls. Refuses unknown names, missing and wrong values."""
    known = {each.name: each for each in parameters}
    for name in given:
        if name not in known:
            raise invalid(f"The input parameter {name} isn't valid.", name)
    values = {name: value for name, value in given.items() if value is not None}
    for parameter in parameters:
        if parameter.required and values.get(parameter.name) in (None, "", []):
            message = f"Missing required input parameter: {parameter.name}"
            raise ApiError(400, "REQUIRED_FIELD_MISSING", message, [parameter.name])
    for name, value in values.items():
        for each in value if known[name].many and isinstance(value, list) else [value]:
            _check_value(known[name], each)
    return values


def _check_value(parameter: Parameter, value: Any) -> None:
    right = isinstance(value, bool) if parameter.type == "BOOLEAN" else isinstance(value, str)
    if not right or (parameter.type == "REFERENCE" and full_id(value) is None):
        raise invalid(f"Invalid value for {parameter.name}: {value}", parameter.name)
    if parameter.values and value not in parameter.values:
        raise invalid(f"{parameter.name}: bad value for restricted picklist field: {value}", parameter.name)
    if parameter.length and len(str(value).encode()) > parameter.length:
        message = f"{parameter.label}: data value too large (max length={parameter.length})"
        raise ApiError(400, "STRING_TOO_LONG", message, [parameter.name])


def invalid(message: str, name: str) -> ApiError:
    """An input with a value that it can't have."""
    return ApiError(400, "INVALID_API_INPUT", message, [name])
