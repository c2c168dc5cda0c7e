from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.tools.conftest import Call


def test_a_form_for_a_new_record(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded("GET sobjects/Contact/describe", "describe-get-sobjects-contact-describe")
    schema = call("get_object_schema", object="Contact", **{"for": "create"}).as_dict()
    properties = schema["properties"]
    assert schema["required"] == ["LastName"]
    assert schema["additionalProperties"] is False
    assert "CreatedDate" not in properties
    assert properties["LastName"] == {"type": "string", "maxLength": 80, "title": "Last Name"}
    assert properties["Email"]["format"] == "email"
    assert properties["Birthdate"]["format"] == "date"
    assert properties["LeadSource"]["enum"]
    assert properties["AccountId"]["$comment"] == "Id of Account"


def test_on_update_nothing_is_required_and_null_empties(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded("GET sobjects/Contact/describe", "describe-get-sobjects-contact-describe")
    schema = call("get_object_schema", object="Contact", fields=["Email", "LeadSource"], **{"for": "update"}).as_dict()
    assert schema["required"] == []
    assert schema["properties"]["Email"]["type"] == ["string", "null"]
    assert schema["properties"]["LeadSource"]["enum"][-1] is None
    assert set(schema["properties"]) == {"Email", "LeadSource"}
