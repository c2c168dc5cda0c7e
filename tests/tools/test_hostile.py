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
POST = "0D5000000000001"
ARTICLE = "kA0000000000001"

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
    "get_chatter_feed": {"feed_type": "record", "subject_id": ID},
    "get_feed_element": {"id": POST},
    "post_to_chatter": {"subject_id": ID, "message": "x"},
    "post_comment": {"id": POST, "message": "x"},
    "like_feed_element": {"id": POST},
    "get_chatter_user": {"id": "me"},
    "list_chatter_users": {"q": "x"},
    "list_chatter_groups": {"q": "x", "member": "me"},
    "get_chatter_group": {"id": "0F9000000000001"},
    "join_chatter_group": {"id": "0F9000000000001"},
    "list_topics": {"q": "x"},
    "list_knowledge_articles": {"q": "x", "language": "de"},
    "get_knowledge_article": {"article_id": ARTICLE, "language": "de"},
    "create_knowledge_article": {"title": "x", "url_name": "y", "fields": {"Summary": "x"}, "article_type": "A__kav"},
    "update_knowledge_article": {"article_id": ARTICLE, "title": "x", "fields": {"Summary": "x"}},
    "delete_knowledge_article": {"article_id": ARTICLE},
    "publish_knowledge_article": {"article_id": ARTICLE},
    "archive_knowledge_article": {"article_id": ARTICLE},
    "restore_knowledge_article": {"article_id": ARTICLE},
    "create_article_draft": {"article_id": ARTICLE},
    "search_suggestions": {"q": "abc", "language": "de"},
    "suggest_article_titles": {"q": "abc", "language": "de", "publish_status": "Online", "article_type": "A__kav"},
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
            assert seen.path.startswith("/services/")
            assert ".." not in seen.path.split("/")
            assert "X-Header" not in seen.headers
            soql = seen.query.get("q", "") if seen.path.endswith("/query") else ""
            outside = soql.replace("\\\\", "").replace("\\'", "").split("'")[::2]
            assert not any(word in piece for piece in outside for word in (" OR ", "!= '", "%"))


def test_every_tool_with_text_is_tried() -> None:
    toolsets = registry.load(["schema", "records", "reports", "chatter", "knowledge"])
    assert {name for name, tool in toolsets.items() if tool.input_schema["properties"]} == set(GOOD)
