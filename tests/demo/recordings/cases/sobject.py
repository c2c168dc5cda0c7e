"""Single records and what belongs to them."""

from datetime import UTC, datetime, timedelta

from tests.demo.recordings.replay import NEWER_KEYS, OWN_FIELDS, Org, Replay

OTHER_FIELDS = "the demo org's Merchandise__c has other fields; see sobject-get-record-by-external-id"
NO_RESOURCE = "the demo org has no {}"


def account(org: Org) -> dict[str, str]:
    return {"account": org.create("Account", Name="Edge")}


def contact(org: Org) -> dict[str, str]:
    parent = org.create("Account", Name="Edge")
    return {"account": parent, "contact": org.create("Contact", LastName="Rand", AccountId=parent)}


def merchandise(org: Org) -> dict[str, str]:
    distributor = org.create("Distributor__c", Name="Distributor1")
    made = org.create("Merchandise__c", Name="Example", Price__c=10, Distributor__c=distributor)
    return {"merchandise": made}


def gone(org: Org) -> dict[str, str]:
    org.delete("Merchandise__c", org.create("Merchandise__c", Name="Gone", Price__c=1))
    return span(org)


def changed(org: Org) -> dict[str, str]:
    org.create("Merchandise__c", Name="New", Price__c=1)
    return span(org)


def span(org: Org) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "start": (now - timedelta(days=1)).isoformat(timespec="seconds"),
        "end": (now + timedelta(minutes=2)).isoformat(timespec="seconds"),
    }


def custom_object(org: Org) -> dict[str, str]:
    return {"custom": org.create("CustomObject__c", Name="One")}


def synchronised(org: Org) -> dict[str, str]:
    org.send(
        "PATCH",
        "/services/data/v60.0/sobjects/CustomObject__c/SynchronizationId__c/CustomObject::2",
        headers={},
        json={"Name": "There"},
    )
    return {}


SPAN = {"start": "{start}", "end": "{end}"}
VIEWED = "which records were looked at is the org's own affair"

CASES: dict[str, Replay | str] = {
    "sobject-account": Replay(
        path="/services/data/v37.0/sobjects/Account",
        explained={
            r"/objectDescribe/\S+: answered, not recorded": NEWER_KEYS[r"\S+: answered, not recorded"],
            "/recentItems: recorded 0 items": VIEWED,
        },
    ),
    "sobject-apiato-account-get": Replay(
        path="/services/data/v43.0/sobjects/Account/{account}",
        query={"fields": "Id"},
        setup=account,
        explained={
            "/id: recorded": "its author wrote the key by hand",
            "/Id: answered": "its author wrote the key by hand",
        },
    ),
    "sobject-apiato-account-patch": Replay(path="/services/data/v43.0/sobjects/Account/{account}", setup=account),
    "sobject-apiato-account-post": Replay(),
    "sobject-apiato-emailservicesaddress-delete": NO_RESOURCE.format("email services"),
    "sobject-apiato-emailservicesfunction-delete": NO_RESOURCE.format("email services"),
    "sobject-apiato-emailservicesfunction-get": NO_RESOURCE.format("email services"),
    "sobject-apiato-emailservicesfunction-patch": NO_RESOURCE.format("email services"),
    "sobject-apiato-emailservicesfunction-post": NO_RESOURCE.format("email services"),
    "sobject-contact": Replay(
        path="/services/data/v41.0/sobjects/Contact/{contact}", setup=contact, explained=OWN_FIELDS
    ),
    "sobject-delete": Replay(path="/services/data/v53.0/sobjects/Account/{account}", setup=account),
    "sobject-doc-approve-a-record": NO_RESOURCE.format("approval processes"),
    "sobject-doc-composite-subrequest-2": "the guide shows how a path is made, not an answer",
    "sobject-doc-create-product-schedules": NO_RESOURCE.format("product schedules"),
    "sobject-doc-folder-collections-2": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-folder-collections": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-folder-operations": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-folder-share-by-id": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-folder-shares-2": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-folder-shares": NO_RESOURCE.format("folders as a resource"),
    "sobject-doc-get-a-list-of-all-approval-processes": NO_RESOURCE.format("approval processes"),
    "sobject-doc-get-a-list-of-deleted-records-within-a-given-timeframe": Replay(query=SPAN, setup=gone),
    "sobject-doc-get-a-list-of-process-rules": NO_RESOURCE.format("workflow rules"),
    "sobject-doc-get-a-list-of-updated-records-within-a-given-timeframe": Replay(query=SPAN, setup=changed),
    "sobject-doc-get-a-particular-process-rule": NO_RESOURCE.format("workflow rules"),
    "sobject-doc-get-a-record-using-an-external-id": OTHER_FIELDS,
    "sobject-doc-get-appointment-candidates-3": NO_RESOURCE.format("Salesforce Scheduler"),
    "sobject-doc-get-appointment-candidates": NO_RESOURCE.format("Salesforce Scheduler"),
    "sobject-doc-get-field-values-from-an-external-object-record-by-using-the-2": NO_RESOURCE.format(
        "external objects"
    ),
    "sobject-doc-get-field-values-from-an-external-object-record-by-using-the": NO_RESOURCE.format("external objects"),
    "sobject-doc-get-records-using-sobject-relationships": Replay(
        path="/services/data/v66.0/sobjects/Merchandise__c/{merchandise}/Distributor__r",
        setup=merchandise,
        explained={"/Last(Viewed|Referenced)Date: answered": "only objects with a tab have them"},
    ),
    "sobject-doc-get-the-status-of-your-portability-request": NO_RESOURCE.format("consent requests"),
    "sobject-doc-insert-or-update-upsert-a-record-using-an-external-id": Replay(
        path="/services/data/v66.0/sobjects/CustomObject__c/SynchronizationId__c/CustomObject::2",
        body={"Name": "One"},
        setup=synchronised,
    ),
    "sobject-doc-list-view-basic-information": NO_RESOURCE.format("list views as a resource"),
    "sobject-doc-list-view-results": NO_RESOURCE.format("list views as a resource"),
    "sobject-doc-manage-user-passwords": NO_RESOURCE.format("password expiry"),
    "sobject-doc-platform-event-schema-by-event-name-2": NO_RESOURCE.format("platform events"),
    "sobject-doc-recent-list-views": NO_RESOURCE.format("list views as a resource"),
    "sobject-doc-recently-created-reports": "the guide's request is cut short; reports: see the area analytics",
    "sobject-doc-reject-a-record": NO_RESOURCE.format("approval processes"),
    "sobject-doc-report": "the guide's request is cut short; reports: see the area analytics",
    "sobject-doc-scheduling": NO_RESOURCE.format("Salesforce Scheduler"),
    "sobject-doc-submit-a-record-for-approval": NO_RESOURCE.format("approval processes"),
    "sobject-doc-traverse-relationships-with-friendly-urls": Replay(
        path="/services/data/v66.0/sobjects/Contact/{contact}/Account",
        setup=contact,
        explained={r"/\w+: answered, not recorded": "the guide prints some of the fields"},
    ),
    "sobject-doc-trigger-a-process-rule-for-an-sobject": NO_RESOURCE.format("workflow rules"),
    "sobject-doc-trigger-process-rules": NO_RESOURCE.format("workflow rules"),
    "sobject-doc-upsert-records": "a POST where the guide's text says PATCH; see sobject-upsert-record",
    "sobject-doc-using-composite-graphs": "the guide shows how a path is made, not an answer",
    "sobject-get-deleted-success-response": Replay(
        path="/services/data/v31.0/sobjects/Merchandise__c/deleted/", query=SPAN, setup=gone
    ),
    "sobject-get-record-by-external-id": Replay(
        path="/services/data/v60.0/sobjects/User/Id/{user}",
        setup=lambda org: {"user": org.get("query", q="SELECT Id FROM User LIMIT 1")["records"][0]["Id"]},
        explained=OWN_FIELDS,
    ),
    "sobject-get-updated-success-response": Replay(
        path="/services/data/v31.0/sobjects/Merchandise__c/updated/", query=SPAN, setup=changed
    ),
    "sobject-list-recent-items": Replay(
        query={"limit": "200"}, setup=contact, explained={r"\[\]/(CaseNumber|Title): answered": VIEWED}
    ),
    "sobject-mockaccount": Replay(
        path="/services/data/v48.0/sobjects/Account/{account}", setup=account, explained=OWN_FIELDS
    ),
    "sobject-recent": Replay(
        setup=contact,
        explained={r"\[\]/Title: answered": VIEWED},
        lacking={r"\[\]/SolutionName: recorded": "the demo org has no Solution"},
    ),
    "sobject-update-record-by-external-id": Replay(
        path="/services/data/v59.0/sobjects/Account/Id/{account}", setup=account
    ),
    "sobject-update": Replay(
        path="/services/data/v53.0/sobjects/Movie__c/{movie}",
        setup=lambda org: {"movie": org.create("Movie__c", Name="Star Wars")},
    ),
    "sobject-upsert-record": Replay(),
    "sobject-vcr-change-salesforce-contact-manually-can-be-set-if-the-contact-exists-in-1": Replay(),
    "sobject-vcr-pushleadtosalesforcejob-pushes-a-lead-0": Replay(
        body={"LastName": "Upton", "Company": "Eastern Ferry"}
    ),
    "sobject-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-1": Replay(
        path="/services/data/v31.0/sobjects/Contact"
    ),
    "sobject-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-2": Replay(
        path="/services/data/v31.0/sobjects/CustomObject__c", body={"Friend__c": "{contact}"}, setup=contact
    ),
    "sobject-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-7": Replay(
        path="/services/data/v31.0/sobjects/Contact/{contact}", setup=contact
    ),
    "sobject-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-8": Replay(
        path="/services/data/v31.0/sobjects/CustomObject__c/{custom}", setup=custom_object
    ),
    "sobject-vcr-restforce-db-associations-hasmany-with-an-inverse-mapping-build-builds-2": Replay(
        path="/services/data/v31.0/sobjects/CustomObjectDetail__c",
        body={"Name": "First Detail", "CustomObject__c": "{custom}"},
        setup=custom_object,
    ),
    "sobject-vcr-restforce-db-associator-run-given-a-belongsto-association-given-anothe-6": Replay(
        explained=NEWER_KEYS,
        lacking={
            "/(commerce|wave|flexiPage): recorded": "the demo org has no Commerce, CRM Analytics and Lightning pages"
        },
    ),
    "sobject-vcr-restforce-db-initializer-run-given-an-existing-database-record-for-an--3": Replay(
        path="/services/data/v31.0/sobjects/CustomObject__c/SynchronizationId__c/CustomObject::1"
    ),
    "sobject-vcr-restforce-db-recordtypes-salesforce-create-when-a-salesforce-record-al-3": Replay(
        path="/services/data/v31.0/sobjects/CustomObject__c/SynchronizationId__c/CustomObject::2", setup=synchronised
    ),
}
