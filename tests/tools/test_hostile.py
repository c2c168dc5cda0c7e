"""Hostile text in every string argument: refused before anything is sent, or sent as the value that it is."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from salesforce_mcp.errors import SfmcpError
from salesforce_mcp.tools import registry
from tests.salesforce.scripted import ScriptedOrg, Seen, ok
from tests.tools.conftest import Call

ID = "001000000000001AAA"
CASE = "500000000000001AAA"
SAID = {"subject": "x", "description": "y"}
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
    "create_case": {**SAID, "priority": "Low", "contact_email": "a@b.example", "type": "x", "origin": "Web"},
    "get_case": {"case_id": CASE},
    "update_case": {"case_id": CASE, "fields": {"Subject": "x"}},
    "add_case_comment": {"case_id": CASE, "body": "x"},
    "get_case_timeline": {"case_id": CASE},
    "send_case_email": {"case_id": CASE, "to_address": "a@b.example", "subject": "x", "body": "y"},
    "suggest_kb_for_case": {"case_id": CASE, "search_terms": "x", "language": "de"},
    "draft_kb_article": {"case_id": CASE, "title": "x", "url_name": "y", "article_type": "A__kav", "summary": "z"},
    "categorize_case": {"case_id": CASE, "type": "x", "reason": "y", "subject": "z", "internal_comments": "x"},
    "log_interaction": {
        "outcome": "Deflected",
        "summary": "x",
        "topic": "y",
        "kb_articles_shown": "z",
        "case_id": CASE,
        "conversation_id": "c",
        "user_email": "a@b.example",
    },
    "get_case_trends": {"group_by": "Type"},
    "get_deflection_metrics": {},
    "get_sla_compliance": {"priority": "High"},
    "list_actions": {"filter": "x"},
    "describe_action": {"action": "flow/x"},
    "run_action": {"action": "flow/x", "inputs": [{"x": "y"}]},
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
            for soql in statements(seen):
                outside = soql.replace("\\\\", "").replace("\\'", "").split("'")[::2]
                assert not any(word in piece for piece in outside for word in (" OR ", "!= '", "%"))


def statements(seen: Seen) -> list[str]:
    """The SOQL of a request, and of the parts of a composite one."""
    if seen.path.endswith("/query"):
        return [seen.query.get("q", "")]
    if not seen.path.endswith("/composite"):
        return []
    urls = [urlsplit(part["url"]) for part in seen.json()["compositeRequest"]]
    assert all(url.path.startswith("/services/data/") and ".." not in url.path.split("/") for url in urls)
    return [soql for url in urls for soql in parse_qs(url.query).get("q", ())]


def test_every_tool_with_text_is_tried() -> None:
    tried = ["schema", "records", "reports", "chatter", "knowledge", "cases", "service_metrics", "actions"]
    toolsets = registry.load(tried)
    assert {name for name, tool in toolsets.items() if tool.input_schema["properties"]} == set(GOOD)
