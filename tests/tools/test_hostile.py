"""Hostile text in every string argument: refused before anything is sent, or sent as the value that it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.tools import registry
from tests.salesforce.scripted import ScriptedOrg, ok
from tests.tools.conftest import Call

ID = "001000000000001AAA"

GOOD: dict[str, dict[str, Any]] = {
    "list_objects": {"filter": "case"},
    "describe_object": {"object": "Account"},
    "get_object_schema": {"object": "Account"},
    "get_limits": {},
    "list_recent_records": {"object": "Account"},
    "get_related_records": {"object": "Account", "id": ID, "relationship": "Contacts"},
    "get_record": {"object": "Account", "id": "K-1", "external_id_field": "Key__c"},
    "create_record": {"object": "Account", "data": {"Name": "x"}},
    "update_record": {"object": "Account", "id": ID, "data": {"Name": "x"}},
    "upsert_record": {"object": "Account", "external_id_field": "Key__c", "external_id": "K", "data": {"Name": "x"}},
    "delete_record": {"object": "Account", "id": ID},
    "create_records": {"object": "Account", "records": [{"Name": "x"}]},
    "update_records": {"object": "Account", "records": [{"Id": ID, "Name": "x"}]},
    "upsert_records": {"object": "Account", "external_id_field": "Key__c", "records": [{"Key__c": "1"}]},
    "delete_records": {"object": "Account", "ids": [ID]},
    "get_changed_records": {"object": "Account", "start": "2026-01-01", "end": "2026-01-02"},
    "list_reports": {"filter": "x", "folder": "y"},
    "list_dashboards": {"filter": "x", "folder": "y"},
    "get_report": {"report_id": "00O000000000001"},
    "run_report": {"report_id": "00O000000000001"},
    "get_dashboard": {"dashboard_id": "01Z000000000001"},
    "refresh_dashboard": {"dashboard_id": "01Z000000000001"},
}

HOSTILE = [
    "",
    "..",
    "../../limits",
    "a/b",
    "a%2fb",
    "a?b=c",
    "a#b",
    "' OR Name != '",
    "x\\",
    "x' ",
    "%",
    "a\r\nX-Header: 1",
    "\x00",
    "Ａccount",
    "\u202etnuoccA",
    "🙂",
    "0" * 20_000,
]

CASES = [
    (tool, argument)
    for tool, good in GOOD.items()
    for argument, schema in registry.load()[tool].input_schema["properties"].items()
    if schema.get("type") == "string" and "enum" not in schema and (argument in good or argument == "cursor")
]


@pytest.mark.parametrize(("tool", "argument"), CASES)
def test_hostile_text_stays_a_value(org: ScriptedOrg, call: Call, tool: str, argument: str) -> None:
    org.on("GET sobjects", ok({"sobjects": []}))
    describe = {"name": "Account", "label": "Account", "keyPrefix": "001", "fields": []}
    org.on("GET sobjects/Account/describe", ok({**describe, "childRelationships": [], "recordTypeInfos": []}))

    def sent(arguments: dict[str, Any]) -> list[tuple[str, int]]:
        org.seen.clear()
        # The scripted org answers most of these with 404; what counts is what it was asked first.
        with suppress(SfmcpError):
            call(tool, **arguments)
        return [(seen.method, seen.path.count("/")) for seen in org.seen[:1]]

    usual = sent(GOOD[tool])
    for text in HOSTILE:
        asked = sent({**GOOD[tool], argument: text})
        assert not asked or asked == usual
        for seen in org.seen:
            assert seen.path.startswith("/services/data")
            assert ".." not in seen.path.split("/")
            assert "X-Header" not in seen.headers
            soql = seen.query.get("q", "")
            outside = soql.replace("\\\\", "").replace("\\'", "").split("'")[::2]
            assert not any(word in piece for piece in outside for word in (" OR ", "!= '", "%"))


def test_every_tool_with_text_is_tried() -> None:
    toolsets = registry.load(["schema", "records", "reports"])
    assert {name for name, tool in toolsets.items() if tool.input_schema["properties"]} == set(GOOD)
