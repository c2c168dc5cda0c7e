"""Composite requests, trees and graphs."""

from typing import Any

from tests.demo.recordings.replay import Org, Replay

DUPLICATE_RULES = "the demo org has no duplicate rules"
CUT = "described, not recorded whole: keys were left out or added by hand"


def movie(org: Org) -> dict[str, str]:
    return {"movie": org.create("Movie__c", Name="Star Wars")}


def account(org: Org) -> dict[str, str]:
    return {"account": org.create("Account", Name="Edge")}


def taken(org: Org) -> dict[str, str]:
    org.create("CustomObject__c", Name="First", SynchronizationId__c="taken")
    return {}


def part(method: str, path: str, reference: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "url": f"/services/data/v60.0/{path}", "referenceId": reference}
    return made if body is None else {**made, "body": body}


CASES: dict[str, Replay | str] = {
    "composite-composite-graph-create": Replay(),
    "composite-composite-graph-single-create-error": Replay(),
    "composite-composite-graph-single-create-error-2": Replay(),
    "composite-composite-graph-single-delete": Replay(
        body={
            "graphs": [
                {
                    "graphId": "graph0",
                    "compositeRequest": [part("DELETE", "sobjects/Movie__c/{movie}", "referenceId0")],
                }
            ]
        },
        setup=movie,
    ),
    "composite-composite-request": Replay(),
    "composite-doc-allornone-parameters-in-composite-and-collections-requests": DUPLICATE_RULES,
    "composite-doc-create-nested-records": Replay(
        explained={"status: 201": "the guide prints no status here; records that were created are answered with 201"}
    ),
    "composite-doc-get-a-list-of-composite-resources": Replay(),
    "composite-doc-update-an-account-create-a-contact-and-link-them-with-a-junc": Replay(
        body={
            "allOrNone": True,
            "compositeRequest": [
                part("PATCH", "sobjects/Account/{account}", "UpdatedAccount", {"Name": "Salesforce"}),
                part("POST", "sobjects/Contact/", "NewContact", {"lastname": "John Doe", "Phone": "1234567890"}),
                part("POST", "sobjects/CustomObject__c", "JunctionRecord", {"Friend__c": "@{NewContact.id}"}),
            ],
        },
        setup=account,
    ),
    "composite-doc-upsert-an-account-and-create-a-contact": Replay(
        body={
            "allOrNone": True,
            "compositeRequest": [
                part("PATCH", "sobjects/CustomObject__c/SynchronizationId__c/ID12345", "NewAccount", {"Name": "Acme"}),
                part("POST", "sobjects/Contact", "newContact", {"LastName": "Harrison"}),
            ],
        }
    ),
    "composite-graph-response-error": Replay(
        body={
            "graphs": [
                {
                    "graphId": "1",
                    "compositeRequest": [
                        part("POST", "sobjects/Account", "account", {"Name": "Edge"}),
                        part(
                            "POST",
                            "sobjects/CustomObject__c",
                            "attributeDefinition",
                            {"Name": "Second", "SynchronizationId__c": "taken"},
                        ),
                        part("POST", "sobjects/Contact", "contact", {"LastName": "Rand"}),
                    ],
                }
            ]
        },
        setup=taken,
    ),
    "composite-manualedittestcompositeparallelsalesforce-test-http-headers": Replay(
        body={
            "compositeRequest": [
                {
                    **part("GET", "sobjects", f"CCI__RefId__{number}__"),
                    "httpHeaders": {"If-Modified-Since": "Thu, 03 Sep 2099 21:35:07 GMT"},
                }
                for number in range(3)
            ]
        }
    ),
    "composite-manualedittestdescribeorg-test-minimal-schema-1": CUT,
    "composite-postman-composite-graph": Replay(),
    "composite-query-response-all-error": Replay(
        body={
            "allOrNone": True,
            "compositeRequest": [
                part("GET", "query?q=SELECT Id FROM Account WHERE Name = 'None'", "billingScheduleForOrderId"),
                part(
                    "POST",
                    "sobjects/Contact",
                    "billingMilestonePlan",
                    {"LastName": "@{billingScheduleForOrderId.records[0].Id}"},
                ),
                part("GET", "query?q=SELECT Id FROM Contact LIMIT 1", "billingMilestonePlanItems"),
            ],
        }
    ),
    "composite-query-response-all-success": "queries of objects that the demo org lacks; see "
    "composite-testcompositeparallelsalesforce-test-reference-ids-0",
    "composite-testcompositeparallelsalesforce-test-composite-parallel-salesforce-1": Replay(),
    "composite-testcompositeparallelsalesforce-test-reference-ids-0": Replay(
        body={
            "compositeRequest": [
                part("GET", "query?q=SELECT Id FROM Account WHERE Name = 'None'", name) for name in ("one", "two")
            ]
        }
    ),
    "composite-testcompositeparallelsalesforce-test-reference-ids-1": Replay(
        body={"compositeRequest": [part("GET", "query?q=SELECT Name FROM Account WHERE Name = 'None'", "three")]}
    ),
    "composite-testcountsobjects-test-count-sobjects-simple": Replay(),
}
