"""SObject collections."""

from typing import Any

from tests.demo.recordings.replay import Org, Replay

DUPLICATE_RULES = "the demo org has no duplicate rules; the rollback itself: collections-partial-but-allornone"
FAILED = {"Name": "Nobody", "attributes": {"type": "Contact"}}


def two(org: Org) -> dict[str, str]:
    return {
        "account": org.create("Account", Name="Edge"),
        "other": org.create("Account", Name="Rim"),
        "contact": org.create("Contact", LastName="Rand"),
    }


def update(all_or_none: bool, contact: str) -> dict[str, Any]:
    return {
        "allOrNone": all_or_none,
        "records": [
            {"attributes": {"type": "Account"}, "id": "{account}", "NumberOfEmployees": 27000},
            {"attributes": {"type": "Contact"}, "id": contact, "Title": "Lead Engineer"},
        ],
    }


def known_emails(org: Org) -> dict[str, str]:
    for name in ("Michael.Bluth", "GOB.Bluth", "lindsay.bluth"):
        found = org.get("query", q=f"SELECT Id FROM Contact WHERE Email = '{name}@example.com'")["totalSize"]
        if not found:
            org.create("Contact", LastName="Bluth", Email=f"{name}@example.com")
    return {}


def synchronised(org: Org) -> dict[str, str]:
    org.create("CustomObject__c", Name="Company Two", SynchronizationId__c="BBB")
    return {}


UPSERT = {
    "allOrNone": False,
    "records": [
        {"attributes": {"type": "CustomObject__c"}, "Name": "Company One", "SynchronizationId__c": "AAA"},
        {"attributes": {"type": "CustomObject__c"}, "Name": "Company Two", "SynchronizationId__c": "BBB"},
    ],
}

CASES: dict[str, Replay | str] = {
    "collections-delete-sobject-collection": Replay(
        query={"allOrNone": "false", "ids": "{account},{other}", "sObjectName": "Account"}, setup=two
    ),
    "collections-doc-create-records-using-sobject-collections-2": DUPLICATE_RULES,
    "collections-doc-create-records-using-sobject-collections-3": DUPLICATE_RULES,
    "collections-doc-delete-records-using-sobject-collections-2": Replay(
        query={"ids": "{account},001RM000003oLrB000", "allOrNone": "false"}, setup=two
    ),
    "collections-doc-update-records-using-sobject-collections": Replay(body=update(False, "{contact}"), setup=two),
    "collections-doc-update-records-using-sobject-collections-2": Replay(
        body=update(False, "001xx000003DGb2999"), setup=two
    ),
    "collections-doc-update-records-using-sobject-collections-3": Replay(
        body=update(True, "001xx000003DGb2999"), setup=two
    ),
    "collections-doc-upsert-records-using-sobject-collections": Replay(
        path="/services/data/v66.0/composite/sobjects/CustomObject__c/SynchronizationId__c",
        body=UPSERT,
        setup=synchronised,
    ),
    "collections-doc-upsert-records-using-sobject-collections-2": "the guide's answer belongs to another request",
    "collections-err-each-no-ids": Replay(
        body={"allOrNone": False, "records": [{"attributes": {"type": "Account"}, "Name": n} for n in ("A", "B")]}
    ),
    "collections-partial-but-allornone": Replay(
        body={
            "allOrNone": True,
            "records": [
                {"attributes": {"type": "Contact"}, "FirstName": "No"},
                {"attributes": {"type": "Contact"}, "LastName": "Yes"},
            ],
        },
    ),
    "collections-partial-but-allornone-2": Replay(
        body={
            "allOrNone": True,
            "records": [
                {"attributes": {"type": "Contact"}, "id": "{contact}", "LastName": "Rand"},
                {"attributes": {"type": "Contact"}, "id": "{contact}", "unknownField_LastName": "Rand"},
            ],
        },
        setup=two,
        explained={r"\[\]/id": "the record's Id stands with its rollback in the guide's own example of an update"},
    ),
    "collections-testselect-test-select-random-strategy-21": Replay(
        body={
            "allOrNone": False,
            "records": [{"LastName": "Contact of SRK", "AccountId": "{account}", "attributes": {"type": "Contact"}}],
        },
        setup=two,
    ),
    "collections-testupsert-test-simple-upsert-rest-21": Replay(setup=known_emails),
    "collections-testupsert-test-simple-upsert-rest-9": Replay(),
    "collections-testupsert-test-upsert-complex-external-id-field-rest-40": Replay(),
    "collections-testupsert-test-upsert-complex-external-id-field-rest-9": Replay(),
    "collections-upsert-sobject-collection": Replay(),
}
