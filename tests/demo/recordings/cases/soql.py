"""Queries and their further pages."""

from tests.demo.recordings.replay import Org, Replay

ALL_CONTACTS = "SELECT Id, Name, Description, LastModifiedDate, CreatedDate FROM Contact ORDER BY LastModifiedDate"
NO_OBJECT = "the demo org has no {}"
OTHER_FIELDS = "asks for custom fields of its author's org; soql-contacts has the same shape"


def contacts_page(number: int) -> Replay:
    return Replay(path="{page}", setup=lambda org: {"page": org.page(ALL_CONTACTS, number)})


def randoms(org: Org) -> dict[str, str]:
    for number in range(6):
        records = [{"attributes": {"type": "Random__c"}, "RANDOM_1__c": f"R{i}"} for i in range(200)]
        answer = org.send(
            "POST", "/services/data/v60.0/composite/sobjects", headers={}, json={"allOrNone": True, "records": records}
        )
        assert answer.status_code == 200, (number, answer.text)
    return {"page": org.page("SELECT RANDOM_1__c, RANDOM_2__c FROM Random__c", 1, "v53.0")}


def deleted_merchandise(org: Org) -> dict[str, str]:
    org.delete("Merchandise__c", org.create("Merchandise__c", Name="Gone", Price__c=1))
    return {}


def custom_object(org: Org) -> dict[str, str]:
    return {"id": org.create("CustomObject__c")}


ONE_CUSTOM_OBJECT = Replay(
    path="/services/data/v31.0/query",
    query={
        "q": "select Id, SynchronizationId__c, SystemModstamp, LastModifiedById, Name, Example_Field__c, Friend__c "
        "from CustomObject__c where Id = '{id}'"
    },
    setup=custom_object,
)

CASES: dict[str, Replay | str] = {
    "soql-apiato-appmenuitem-query": NO_OBJECT.format("AppMenuItem"),
    "soql-apiato-emailservicesaddress-query": NO_OBJECT.format("EmailServicesAddress"),
    "soql-articles": Replay(query={"q": ALL_CONTACTS}, headers={"Sforce-Query-Options": "batchSize=200"}),
    "soql-articles-2": contacts_page(1),
    "soql-articles-3": contacts_page(2),
    "soql-contacts": Replay(),
    "soql-count-query": Replay(),
    "soql-doc-execute-a-soql-query": Replay(query={"q": "SELECT Name FROM Account LIMIT 14"}),
    "soql-doc-execute-a-soql-query-that-includes-deleted-items": Replay(setup=deleted_merchandise),
    "soql-doc-execute-a-soql-query-that-includes-deleted-items-2": "the guide's example leaves the records out",
    "soql-doc-mark-records-as-recently-viewed": Replay(),
    "soql-doc-named-query-api": "the demo org has no named queries",
    "soql-opportunities": Replay(),
    "soql-org-query-response": Replay(path="/services/data/v31.0/query"),
    "soql-permission-set": Replay(query={"q": "SELECT Id, Name FROM PermissionSet LIMIT 1"}),
    "soql-query": Replay(),
    "soql-query-all-records": Replay(),
    "soql-query-binary-data": Replay(),
    "soql-query-binary-field": Replay(),
    "soql-query-child2parent": Replay(
        query={"q": "SELECT FirstName, Account.Name FROM Contact LIMIT 100"},
        explained={"/debug: recorded": "added by the client library that stored the answer"},
    ),
    "soql-query-groupby": Replay(explained={"/debug: recorded": "added by the client library that stored the answer"}),
    "soql-query-with-associated-data": Replay(),
    "soql-query-with-next-records-url": Replay(setup=randoms, headers={"Sforce-Query-Options": "batchSize=200"}),
    "soql-query-with-next-records-url-2": Replay(
        path="{page}", setup=randoms, headers={"Sforce-Query-Options": "batchSize=200"}
    ),
    "soql-retrieve-query-more": Replay(
        path="{page}", setup=lambda org: {"page": org.page("SELECT Id, Name FROM Contact LIMIT 300", 1, "v60.0")}
    ),
    "soql-testdatasetse2e-test-datasets-e2e-0": Replay(),
    "soql-testdatasetse2e-test-datasets-e2e-4": Replay(
        query={"q": "SELECT Id, DeveloperName FROM RecordType WHERE SObjectType='Case'"}
    ),
    "soql-testdatasetse2e-test-datasets-e2e-5": Replay(),
    "soql-testdatasetse2e-test-datasets-extract-standard-objects-13": Replay(
        query={
            "q": "SELECT Id, Amount, CloseDate, Description, ForecastCategoryName, IsPrivate, LeadSource, Name, "
            "NextStep, Probability, StageName, TotalOpportunityQuantity, Type, AccountId, ContactId FROM Opportunity "
            "WHERE Name = 'None'"
        }
    ),
    "soql-testselect-test-select-random-strategy-20": Replay(),
    "soql-testselect-test-select-similarity-select-and-insert-strategy-32": Replay(
        query={
            "q": "SELECT Id, TYPEOF Who WHEN Contact THEN LastName, Email WHEN Lead THEN LastName, Company ELSE Id "
            "END, TYPEOF What WHEN Account THEN Name, Description, Phone, AccountNumber ELSE Id END, Subject, "
            "DurationInMinutes, ActivityDateTime FROM Event WHERE What.Type = 'Account'"
        }
    ),
    "soql-testsnowfakery-test-run-until-records-in-org-multiple-needed-0": Replay(),
    "soql-testsnowfakery-test-snowfakery-query-salesforce-2": Replay(),
    "soql-testupdatesintegrationtests-test-updates-task-2": Replay(),
    "soql-users": Replay(),
    "soql-vcr-change-salesforce-contact-manually-can-be-set-if-the-contact-exists-in-3": OTHER_FIELDS,
    "soql-vcr-change-salesforce-contact-manually-cannot-be-set-if-the-contact-does-n-0": OTHER_FIELDS,
    "soql-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-retu-4": ONE_CUSTOM_OBJECT,
    "soql-vcr-restforce-db-associations-belongsto-with-an-inverse-mapping-build-when-3": ONE_CUSTOM_OBJECT,
    "soql-vcr-syncsalesforcecontactsjob-syncs-contacts-0": OTHER_FIELDS,
    "soql-vcr-syncsalesforcecontactsjob-syncs-contacts-1": OTHER_FIELDS,
    "soql-vcr-syncsalesforceopportunitiesjob-testing-worker-actionitemworker-jobs-ar-0": Replay(
        query={
            "q": "SELECT Id, Name, SobjectType FROM RecordType WHERE (IsActive = true) AND "
            "(SobjectType = 'Case') LIMIT 1"
        }
    ),
}
