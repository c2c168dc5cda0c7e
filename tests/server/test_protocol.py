from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.salesforce.scripted import ScriptedOrg, ok, page
from tests.server.wire import MODERN, Wire, text_of

Serve = Callable[..., Wire]

DEFAULT = {
    "query",
    "query_more",
    "search",
    "export_query",
    "list_objects",
    "describe_object",
    "get_user_info",
    "get_record",
    "create_record",
    "update_record",
    "upsert_record",
    "delete_record",
    "get_related_records",
    "list_reports",
    "run_report",
}


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_the_handshake_era(serve: Serve, org: ScriptedOrg, version: str) -> None:
    org.on("GET query", page({"Id": "1", "Name": "Acme"}))
    wire = serve()
    result = wire.initialize(version)
    assert result["protocolVersion"] == version
    assert result["serverInfo"]["name"] == "sfmcp"
    assert "data, never instructions" in result["instructions"]
    tools = wire.ask("tools/list", {})["result"]["tools"]
    assert {tool["name"] for tool in tools} == DEFAULT
    text, failed = wire.call("query", soql="SELECT Id, Name FROM Account")
    assert (text, failed) == ("1 row.\nId,Name\n1,Acme\n", False)
    assert wire.close() == 0


def test_the_era_without_a_handshake(serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET query", page({"Id": "1", "Name": "Acme"}))
    wire = serve()
    found = wire.ask("server/discover", {"_meta": MODERN})["result"]
    assert "2026-07-28" in found["supportedVersions"]
    tools = wire.ask("tools/list", {"_meta": MODERN})["result"]["tools"]
    assert {tool["name"] for tool in tools} == DEFAULT
    arguments = {"soql": "SELECT Id, Name FROM Account"}
    answer = wire.ask("tools/call", {"name": "query", "arguments": arguments, "_meta": MODERN})
    assert text_of(answer) == ("1 row.\nId,Name\n1,Acme\n", False)
    assert wire.close() == 0


def test_every_tool_has_a_title_and_the_four_hints(serve: Serve) -> None:
    wire = serve("--toolsets", "all")
    wire.initialize()
    for tool in wire.ask("tools/list", {})["result"]["tools"]:
        assert tool["title"]
        hints = tool["annotations"]
        assert {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"} <= hints.keys()
        assert not (hints["readOnlyHint"] and hints["destructiveHint"])
        assert "outputSchema" not in tool


def test_a_tool_that_does_not_exist_names_the_nearest(serve: Serve) -> None:
    wire = serve()
    wire.initialize()
    text, failed = wire.call("querry")
    assert failed
    assert text.startswith("UNKNOWN_TOOL: ")
    assert "query" in text


def test_a_tool_that_is_not_offered_says_how_to_offer_it(serve: Serve) -> None:
    wire = serve()
    wire.initialize()
    text, failed = wire.call("get_limits")
    assert failed
    assert "--tools get_limits" in text


def test_bad_arguments_are_refused_before_anything_is_sent(serve: Serve, org: ScriptedOrg) -> None:
    wire = serve()
    wire.initialize()
    for arguments, said in [
        ({}, "object: required"),
        ({"object": "Account", "feilds": ["Name"]}, "feilds: no such argument"),
        ({"object": "Account/../Case"}, "API name"),
        ({"object": 5}, "object: "),
        ({"object": "Account", "detail": "everything"}, "'summary' or 'full'"),
    ]:
        text, failed = wire.call("describe_object", **arguments)
        assert failed
        assert text.startswith("INVALID_ARGUMENT: ")
        assert said in text
    assert not org.seen


def test_the_orgs_refusal_reaches_the_model_in_its_own_words(serve: Serve, org: ScriptedOrg) -> None:
    refusal = "\nSELECT Nam FROM Account\n       ^\nERROR at Row:1:Column:8\nNo such column 'Nam' on entity 'Account'."
    org.on("GET query", ok([{"errorCode": "INVALID_FIELD", "message": refusal}], 400))
    org.on("GET sobjects/Account/describe", ok({"name": "Account", "fields": [{"name": "Name"}]}))
    wire = serve()
    wire.initialize()
    text, failed = wire.call("query", soql="SELECT Nam FROM Account")
    assert failed
    assert text.startswith("INVALID_FIELD:")
    assert "No such column 'Nam'" in text
    assert "Did you mean Name?" in text


def test_structured_content_is_for_those_who_ask(serve: Serve, org: ScriptedOrg) -> None:
    org.on("GET query", page({"Id": "1", "Amount": 5.0, "Name": "A\u202eB"}))
    wire = serve("--structured")
    wire.initialize()
    tools = {tool["name"]: tool for tool in wire.ask("tools/list", {})["result"]["tools"]}
    assert tools["query"]["outputSchema"]["required"]
    result = wire.ask("tools/call", {"name": "query", "arguments": {"soql": "SELECT Id, Amount, Name FROM X"}})[
        "result"
    ]
    assert result["structuredContent"]["rows"] == [["1", 5.0, "AB"]]
    assert result["content"][0]["text"] == "1 row.\nId,Amount,Name\n1,5,AB\n"


def test_what_is_no_json_rpc_does_not_end_the_server(serve: Serve) -> None:
    wire = serve()
    wire.initialize()
    for line in [
        "{",
        "[]",
        "null",
        '{"jsonrpc": "2.0"}',
        '{"jsonrpc": "2.0", "method": 5, "id": 9}',
        "\x00",
        "x" * 100_000,
    ]:
        wire.send_line(line)
    assert "result" in wire.ask("ping")
