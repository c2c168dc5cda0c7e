"""Refusals."""

from tests.demo.recordings.cases.bulk2 import queried
from tests.demo.recordings.replay import Org, Replay

MOVIE = {"Name": "Star Wars Episode VIII: The Last Jedi", "Rating__c": "Terrible"}
ANONYMISED = "its authors changed names in the answer, so that it no longer belongs to the request"


def deleted_account(org: Org) -> dict[str, str]:
    account = org.create("Account", Name="To be deleted")
    org.delete("Account", account)
    return {"account": account}


def account(org: Org) -> dict[str, str]:
    return {"account": org.create("Account", Name="Edge")}


def movie(org: Org) -> dict[str, str]:
    return {"movie": org.create("Movie__c", Name="Star Wars")}


def locked(org: Org) -> dict[str, str]:
    org.fault("lock", "*/sobjects/ContentVersion")
    return {}


CASES: dict[str, Replay | str] = {
    "errors-create-invalid-api-version": Replay(),
    "errors-create-invalid-field": Replay(),
    "errors-create-invalid-picklist-value": Replay(),
    "errors-create-invalid-token": Replay(token=False, headers={"Authorization": "Bearer EXAMPLE-TOKEN"}),
    "errors-create-required-field-missing": Replay(),
    "errors-create-unknown-object": Replay(),
    "errors-delete-already-deleted": Replay(
        path="/services/data/v53.0/sobjects/Account/{account}", setup=deleted_account
    ),
    "errors-describe-sobjects-error-response": Replay(
        path="/services/data/v31.0/sobjects",
        token=False,
        headers={"Authorization": "Bearer EXAMPLE-TOKEN"},
    ),
    "errors-doc-abort-a-query-job-2": Replay(
        path="/services/data/v66.0/jobs/query/{job}", setup=queried("SELECT Id FROM Account")
    ),
    "errors-doc-delete-a-query-job": "a query of the demo org is complete before it can be deleted too soon",
    "errors-doc-get-information-about-an-ingest-job": Replay(),
    "errors-doc-insert-or-update-blob-data-2": "the demo org has no Document; the guide's answer isn't a list",
    "errors-doc-insert-or-update-upsert-a-record-using-an-external-id-2": Replay(
        explained={"/: recorded object, answered list": "the guide prints the one error without its list"},
        path="/services/data/v66.0/sobjects/Account/customExtIdField__c/11999",
    ),
    "errors-doc-status-codes-and-error-responses": Replay(),
    "errors-err-bad-request": Replay(),
    "errors-invalid-field-upsert": Replay(
        path="/services/data/v60.0/sobjects/Account/{account}",
        body={"MasterRecordId": "{account}"},
        setup=account,
    ),
    "errors-issue-force.com-javascript-rest-toolkit-68": Replay(
        body={"Title": "Locked"},
        setup=locked,
        explained={r"\[\]/fields: recorded": "faults are told without the list of fields, which is empty here"},
    ),
    "errors-issue-restforce-599": "the demo org has no Apex REST",
    "errors-query-error-response": ANONYMISED,
    "errors-query-malformed-soql": Replay(),
    "errors-query-unknown-column": Replay(),
    "errors-records-get-id-error-response": Replay(path="/services/data/v53.0/chatter/records/fid"),
    "errors-search-error-response": Replay(path="/services/data/v53.0/search", query={"q": "FIND bar"}),
    "errors-sobject-describe-error-response": Replay(path="/services/data/v53.0/sobjects/Whizbang/describe"),
    "errors-success-with-errors": "its authors put one result of a collection under another request",
    "errors-unknown-field": Replay(path="/services/data/v60.0/sobjects/Account/{account}", setup=account),
    "errors-update-invalid-field": Replay(path="/services/data/v53.0/sobjects/Movie__c/{movie}", setup=movie),
    "errors-update-malformed-id": Replay(path="/services/data/v53.0/sobjects/Movie__c/a0M000000000000000"),
}
