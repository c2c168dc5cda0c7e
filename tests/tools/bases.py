"""Arguments that each tool can be called with, for tests that walk all tools. A new tool gets a line here.

Ids are those of the demo org's own records. What is inside a list or object, and every text that may be there, is
given, so that each can be replaced; optional arguments of text at the top may be left out.
"""

from __future__ import annotations

from typing import Any

ACCOUNT, CONTACT, CASE = "0015g0000000001AAA", "0035g0000000001AAA", "5005g0000000001AAA"
USER, GROUP, POST = "0055g0000000002AAA", "0F95g0000000001CAA", "0D55g0000000001CAA"
REPORT, DASHBOARD, DOCUMENT = "00O5g0000000001EAA", "01Z5g0000000001EAA", "0695g0000000001AAA"
ARTICLE, DRAFT = "kA05g0000000001CAA", "kA05g0000000004CAA"
ABSENT = "001000000000001AAA"
"""For what would be gone after the first call."""

_PART = {"method": "GET", "url": "limits", "reference_id": "a"}
_POST = {"method": "POST", "url": "sobjects/Account", "reference_id": "b", "body": {"Name": "x"}}
_BIND = {"soql": "SELECT Id FROM Account WHERE Name = :name", "bind": {"name": "x"}}

BASES: dict[str, dict[str, Any]] = {
    # query
    "query": _BIND,
    "query_more": {"cursor": "query/01g5g0000000001AAA-200"},
    "search": {"sosl": "FIND {Meridian}"},
    "search_records": {"text": "Meridian", "objects": ["Account"], "fields": ["Name"]},
    "explain_query": {"soql": "SELECT Id FROM Account"},
    "export_query": {**_BIND, "method": "rest"},
    # schema
    "list_objects": {"filter": "case"},
    "describe_object": {"object": "Account", "fields": ["Name"]},
    "get_object_schema": {"object": "Account", "for": "create", "fields": ["Name"]},
    "get_limits": {"names": ["DailyApiRequests"]},
    "get_user_info": {},
    "list_recent_records": {"object": "Account"},
    "get_related_records": {"object": "Account", "id": ACCOUNT, "relationship": "Contacts", "fields": ["Id"]},
    # records
    "get_record": {
        "object": "Copilot_Interaction__c",
        "id": "K",
        "external_id_field": "Conversation_Id__c",
        "fields": ["Topic__c"],
    },
    "create_record": {"object": "Account", "data": {"Name": "x"}},
    "update_record": {"object": "Account", "id": ACCOUNT, "data": {"Description": "x"}},
    "upsert_record": {
        "object": "Copilot_Interaction__c",
        "external_id_field": "Conversation_Id__c",
        "external_id": "K",
        "data": {"Topic__c": "x"},
    },
    "delete_record": {"object": "Account", "id": ABSENT},
    "create_records": {"object": "Account", "records": [{"Name": "x"}]},
    "update_records": {"object": "Account", "records": [{"Id": ACCOUNT, "Description": "x"}]},
    "upsert_records": {
        "object": "Copilot_Interaction__c",
        "external_id_field": "Conversation_Id__c",
        "records": [{"Conversation_Id__c": "1", "Topic__c": "x"}],
    },
    "delete_records": {"object": "Account", "ids": [ABSENT]},
    "get_changed_records": {"object": "Account", "start": "2026-01-01", "end": "2026-01-02"},
    # composite
    "composite": {"requests": [_PART, _POST]},
    "composite_batch": {
        "requests": [{key: value for key, value in part.items() if key != "reference_id"} for part in (_PART, _POST)]
    },
    "composite_graph": {"graphs": [{"graph_id": "g", "requests": [_PART, _POST]}]},
    "composite_tree": {"object": "Account", "records": [{"Name": "x", "Contacts": [{"LastName": "y"}]}]},
    # bulk
    "bulk_ingest": {"object": "Account", "operation": "insert", "file": "absent.csv"},
    "bulk_job_status": {"job_id": "7505g0000000001AAA"},
    "bulk_job_results": {"job_id": "7505g0000000001AAA"},
    "bulk_abort_job": {"job_id": "7505g0000000001AAA"},
    # reports
    "list_reports": {"filter": "x", "folder": "y"},
    "list_dashboards": {"filter": "x", "folder": "y"},
    "get_report": {"report_id": REPORT},
    "run_report": {"report_id": REPORT, "filters": [{"column": "STATUS", "operator": "equals", "value": "New"}]},
    "get_dashboard": {"dashboard_id": DASHBOARD, "filters": ["0IC5g0000000001GAA"]},
    "refresh_dashboard": {"dashboard_id": DASHBOARD, "filters": ["0IC5g0000000001GAA"]},
    # crm
    "crm_list": {"resource": "contact", "where": {"lastName": "Smith"}, "fields": ["lastName"], "order_by": "lastName"},
    "crm_get": {"resource": "contact", "id": CONTACT, "fields": ["lastName"]},
    "crm_create": {"resource": "contact", "data": {"lastName": "x"}},
    "crm_update": {"resource": "contact", "id": CONTACT, "data": {"title": "x"}},
    "crm_delete": {"resource": "company", "id": ABSENT},
    # chatter
    "get_chatter_feed": {"feed_type": "record", "subject_id": ACCOUNT},
    "get_feed_element": {"id": POST},
    "get_chatter_user": {"id": USER},
    "list_chatter_users": {"q": "ada"},
    "list_chatter_groups": {"q": "all", "member": USER},
    "get_chatter_group": {"id": GROUP},
    "join_chatter_group": {"id": GROUP},
    "list_topics": {"q": "pump"},
    "post_to_chatter": {"subject_id": ACCOUNT, "message": "Hello"},
    "post_comment": {"id": POST, "message": "Hello"},
    "like_feed_element": {"id": POST},
    # knowledge
    "list_knowledge_articles": {"q": "pump", "language": "en_US"},
    "get_knowledge_article": {"article_id": ARTICLE, "language": "en_US"},
    "create_knowledge_article": {"title": "x", "url_name": "x", "fields": {"Summary": "x"}},
    "update_knowledge_article": {"article_id": DRAFT, "title": "x", "fields": {"Summary": "x"}},
    "delete_knowledge_article": {"article_id": ABSENT},
    "publish_knowledge_article": {"article_id": ABSENT},
    "archive_knowledge_article": {"article_id": ABSENT},
    "restore_knowledge_article": {"article_id": ABSENT},
    "create_article_draft": {"article_id": ABSENT},
    "search_suggestions": {"q": "pump", "language": "en_US"},
    "suggest_article_titles": {"q": "pump", "language": "en_US", "publish_status": "Online"},
    # cases
    "create_case": {
        "subject": "x",
        "description": "y",
        "priority": "High",
        "contact_email": "nobody@example.com",
        "type": "Problem",
        "origin": "Web",
        "account_id": ACCOUNT,
        "fields": {"Reason": "Other"},
    },
    "get_case": {"case_id": CASE, "fields": ["Subject"]},
    "update_case": {"case_id": CASE, "fields": {"Subject": "x"}},
    "add_case_comment": {"case_id": CASE, "body": "x"},
    "categorize_case": {
        "case_id": CASE,
        "type": "Problem",
        "reason": "Other",
        "subject": "x",
        "internal_comments": "y",
    },
    "draft_kb_article": {"case_id": CASE, "title": "x", "url_name": "x", "content": "y", "summary": "z"},
    "send_case_email": {"case_id": CASE, "to_address": "a@example.com", "subject": "x", "body": "y", "status": "Draft"},
    "log_interaction": {
        "outcome": "Deflected",
        "summary": "x",
        "topic": "y",
        "kb_articles_shown": "z",
        "conversation_id": "c-1",
        "user_email": "a@example.com",
    },
    "suggest_kb_for_case": {"case_id": CASE, "search_terms": "pump"},
    "get_case_timeline": {"case_id": CASE},
    # files
    "list_files": {"record_id": ACCOUNT, "filter": "x"},
    "download_file": {"file_id": DOCUMENT},
    "upload_file": {"file": "absent.txt", "record_id": ACCOUNT, "title": "x"},
    # service_metrics
    "get_case_trends": {"group_by": ["Status"]},
    "get_deflection_metrics": {"group_by": "topic"},
    "get_sla_compliance": {"priority": ["High"], "hours": {"High": 4}},
    # actions
    "list_actions": {"filter": "case"},
    "describe_action": {"action": "standard/chatterPost"},
    "run_action": {"action": "standard/chatterPost", "inputs": [{"text": "x", "subjectNameOrId": ACCOUNT}]},
    # tooling
    "tooling_query": {"soql": "SELECT Id FROM ApexClass WHERE Name = :name", "bind": {"name": "x"}},
    "get_apex_source": {"name": "OpenCaseCounter"},
    "execute_apex": {"code": "Integer x = 1;"},
    "list_synonym_groups": {},
    "get_synonym_group": {"id": "_Default:a8811fe965a3"},
    "create_synonym_group": {"group_name": "Terms", "synonyms": ["a", "b"], "languages": ["en_US"]},
    "update_synonym_group": {"id": "_Default:a8811fe965a3", "synonyms": ["a", "b"], "languages": ["en_US"]},
    "delete_synonym_group": {"id": "Terms:000000000000"},
}
