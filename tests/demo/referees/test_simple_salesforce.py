"""simple-salesforce, as it is published, on the demo org.

It builds its login addresses from `https://{domain}.salesforce.com` and takes a `requests.Session` of the caller's: the
one here sends what is meant for such a host to the demo org, as an entry in a company's DNS would.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, SalesforceLogin, SFType
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceExpiredSession,
    SalesforceMalformedRequest,
    SalesforceMoreThanOneRecord,
    SalesforceRefusedRequest,
    SalesforceResourceNotFound,
)

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg, DemoUser
from tests.demo.referees.conftest import KeyPair


class LoginHosts(HTTPAdapter):
    """Sends what is meant for a host of Salesforce to the demo org."""

    def __init__(self, org: DemoOrg) -> None:
        super().__init__()
        self._org = org

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = f"{self._org.instance_url}{parts.path}{'?' if parts.query else ''}{parts.query}"
        return super().send(request, *arguments, **options)


@pytest.fixture
def session(demo: DemoOrg) -> Iterator[requests.Session]:
    with requests.Session() as opened:
        opened.verify = str(demo.certificate)
        opened.trust_env = False
        for domain in ("login", "test", "acme.my"):
            opened.mount(f"https://{domain}.salesforce.com", LoginHosts(demo))
        yield opened


@pytest.fixture
def ada(demo: DemoOrg) -> DemoUser:
    return demo.users[0]


@pytest.fixture(params=["59.0", "66.0"])
def sf(demo: DemoOrg, session: requests.Session, ada: DemoUser, request: pytest.FixtureRequest) -> Salesforce:
    """Logged in by SOAP, or for versions that no longer have that, as an app."""
    if request.param == "66.0":
        app = {"consumer_key": demo.client_id, "consumer_secret": demo.client_secret, "domain": "acme.my"}
        return Salesforce(**app, session=session, version=request.param)
    person = {"username": ada.username, "password": ada.password, "security_token": ada.security_token}
    return Salesforce(**person, session=session, version=request.param)


def whoami(sf: Salesforce) -> str:
    return str(sf.oauth2("userinfo")["preferred_username"])


def test_soap_login_at_a_given_address(demo: DemoOrg, session: requests.Session, ada: DemoUser) -> None:
    token, instance = SalesforceLogin(
        username=ada.username,
        password=ada.password,
        security_token=ada.security_token,
        scratch_url=demo.instance_url,
        session=session,
    )
    assert f"https://{instance}" == demo.instance_url
    assert whoami(Salesforce(session_id=token, instance=instance, session=session)) == ada.username


def test_soap_login_of_an_organization_without_a_security_token(session: requests.Session, ada: DemoUser) -> None:
    sf = Salesforce(username=ada.username, password=ada.password, organizationId="00D5g0000000001EAA", session=session)
    assert sf.auth_type == "ipfilter"
    assert whoami(sf) == ada.username


def test_a_wrong_password_is_refused(session: requests.Session, ada: DemoUser) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(username=ada.username, password="wrong", security_token=ada.security_token, session=session)
    assert caught.value.code == "INVALID_LOGIN"


def test_oauth_password(demo: DemoOrg, session: requests.Session, ada: DemoUser) -> None:
    sf = Salesforce(
        username=ada.username,
        password=ada.password + ada.security_token,
        consumer_key=demo.client_id,
        consumer_secret=demo.client_secret,
        domain="acme.my",
        session=session,
    )
    assert whoami(sf) == ada.username


def test_oauth_client_credentials(demo: DemoOrg, session: requests.Session, ada: DemoUser) -> None:
    sf = Salesforce(consumer_key=demo.client_id, consumer_secret=demo.client_secret, domain="acme.my", session=session)
    assert sf.auth_type == "client-credentials"
    assert whoami(sf) == ada.username


def test_oauth_client_credentials_with_a_wrong_secret(demo: DemoOrg, session: requests.Session) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as caught:
        Salesforce(consumer_key=demo.client_id, consumer_secret="wrong", domain="acme.my", session=session)
    assert caught.value.code == "invalid_client"


@pytest.mark.parametrize("instance", [None, "acme.my"])
def test_oauth_jwt(
    demo: DemoOrg, session: requests.Session, ada: DemoUser, keys: KeyPair, instance: str | None
) -> None:
    sf = Salesforce(
        username=ada.username,
        consumer_key=demo.client_id,
        privatekey_file=str(keys.private),
        instance_url=instance,
        session=session,
    )
    assert sf.auth_type == "jwt-bearer"
    assert whoami(sf) == ada.username


def test_an_expired_session_is_renewed(demo: DemoOrg, sf: Salesforce) -> None:
    before = sf.session_id
    demo.faults.add(Fault("401", path="*/query*"))
    assert sf.query("SELECT Id FROM Account LIMIT 1")["totalSize"] == 1
    assert sf.session_id != before


def test_describes(sf: Salesforce) -> None:
    names = [each["name"] for each in sf.describe()["sobjects"]]
    assert {"Account", "Case", "Copilot_Interaction__c"} <= set(names)
    described = sf.Account.describe()
    assert next(each for each in described["fields"] if each["name"] == "Industry")["type"] == "picklist"
    assert sf.Account.metadata()["objectDescribe"]["keyPrefix"] == "001"
    assert sf.Case.describe_layout("012000000000000AAA")["detailLayoutSections"]


def test_queries(sf: Salesforce) -> None:
    answer = sf.query("SELECT Id, Name, Owner.Name, (SELECT LastName FROM Contacts) FROM Account LIMIT 5")
    assert answer["done"]
    assert answer["records"][0]["Owner"]["Name"]
    assert sf.query("SELECT COUNT() FROM Contact")["totalSize"] >= 500
    grouped = sf.query("SELECT Status, COUNT(Id) FROM Case GROUP BY Status")["records"]
    assert sum(each["expr0"] for each in grouped) == sf.query("SELECT COUNT() FROM Case")["totalSize"]


def test_queries_through_pages(sf: Salesforce) -> None:
    small = {"Sforce-Query-Options": "batchSize=200"}
    first = sf.query("SELECT Id, CaseNumber FROM Case ORDER BY CaseNumber", headers=small)
    assert (len(first["records"]), first["done"]) == (200, False)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True, headers=small)
    assert second["records"][0]["CaseNumber"] > first["records"][-1]["CaseNumber"]
    everything = sf.query_all("SELECT Id, CaseNumber FROM Case ORDER BY CaseNumber", headers=small)
    assert len(everything["records"]) == everything["totalSize"] > 900
    one_by_one = [each["Id"] for each in sf.query_all_iter("SELECT Id FROM Case ORDER BY CaseNumber", headers=small)]
    assert one_by_one == [each["Id"] for each in everything["records"]]


def test_a_record_from_creation_to_recycle_bin(sf: Salesforce) -> None:
    start = datetime.now(UTC) - timedelta(days=1)
    made = sf.Contact.create({"LastName": "Referee", "Email": "referee@example.com"})
    assert made["success"] and made["errors"] == []
    assert sf.Contact.update(made["id"], {"FirstName": "Rita"}) == 204
    assert sf.Contact.get(made["id"])["Name"] == "Rita Referee"
    end = datetime.now(UTC) + timedelta(minutes=2)
    assert made["id"] in sf.Contact.updated(start, end)["ids"]
    assert sf.Contact.delete(made["id"]) == 204
    assert made["id"] in [each["id"] for each in sf.Contact.deleted(start, end)["deletedRecords"]]
    soql = f"SELECT Id, IsDeleted FROM Contact WHERE Id = '{made['id']}'"
    assert sf.query(soql)["totalSize"] == 0
    assert sf.query(soql, include_deleted=True)["records"][0]["IsDeleted"] is True
    with pytest.raises(SalesforceResourceNotFound) as caught:
        sf.Contact.delete(made["id"])
    assert caught.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_upsert_by_external_id(sf: Salesforce) -> None:
    interactions: SFType = sf.Copilot_Interaction__c
    name, value = "Conversation_Id__c", f"referee-{sf.sf_version}"
    assert interactions.upsert(f"{name}/{value}", {"Outcome__c": "Deflected"}) == 201
    assert interactions.upsert(f"{name}/{value}", {"Outcome__c": "Escalated"}) == 200
    assert interactions.get_by_custom_id(name, value)["Outcome__c"] == "Escalated"


def test_searches(sf: Salesforce) -> None:
    name = sf.query("SELECT LastName FROM Contact LIMIT 1")["records"][0]["LastName"]
    found = sf.search(f"FIND {{{name}}} IN NAME FIELDS RETURNING Contact(Id, LastName)")["searchRecords"]
    assert found and all(name in each["LastName"] for each in found)
    assert sf.quick_search(name)["searchRecords"]


def test_limits(sf: Salesforce) -> None:
    daily = sf.limits()["DailyApiRequests"]
    assert 0 < daily["Remaining"] < daily["Max"]
    assert sf.api_usage["api-usage"].total == daily["Max"]


def test_composite(sf: Salesforce) -> None:
    base = f"/services/data/v{sf.sf_version}"
    parts = [
        {"method": "POST", "url": f"{base}/sobjects/Account", "referenceId": "account", "body": {"Name": "Referees"}},
        {
            "method": "POST",
            "url": f"{base}/sobjects/Contact",
            "referenceId": "contact",
            "body": {"LastName": "Second", "AccountId": "@{account.id}"},
        },
        {"method": "GET", "url": f"{base}/sobjects/Contact/@{{contact.id}}?fields=AccountId", "referenceId": "read"},
    ]
    answer = sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": parts})[
        "compositeResponse"
    ]
    assert [part["httpStatusCode"] for part in answer] == [201, 201, 200]
    assert answer[2]["body"]["AccountId"] == answer[0]["body"]["id"]
    body = {"allOrNone": True, "compositeRequest": [parts[0], {**parts[1], "body": {}}]}
    refused = sf.restful("composite", method="POST", json=body)["compositeResponse"]
    assert [part["body"][0]["errorCode"] for part in refused] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]


def test_collections(sf: Salesforce) -> None:
    records = [{"attributes": {"type": "Lead"}, "LastName": name, "Company": "Referees"} for name in ("One", "Two")]
    records.append({"attributes": {"type": "Lead"}, "LastName": "Three"})
    made = sf.restful("composite/sobjects", method="POST", json={"allOrNone": False, "records": records})
    assert [each["success"] for each in made] == [True, True, False]
    assert made[2]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    ids = ",".join(each["id"] for each in made[:2])
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": ids, "allOrNone": "true"})
    assert all(each["success"] for each in gone)


def refused(kind: type[SalesforceError], code: str, action: Any) -> SalesforceError:
    with pytest.raises(kind) as caught:
        action()
    assert caught.value.content[0]["errorCode"] == code
    return caught.value


def test_refusals_are_its_exceptions(demo: DemoOrg, sf: Salesforce, session: requests.Session) -> None:
    refused(SalesforceMalformedRequest, "MALFORMED_QUERY", lambda: sf.query("SELECT FROM Account"))
    refused(SalesforceMalformedRequest, "INVALID_FIELD", lambda: sf.query("SELECT Nmae FROM Account"))
    refused(SalesforceMalformedRequest, "REQUIRED_FIELD_MISSING", lambda: sf.Contact.create({"FirstName": "No"}))
    refused(SalesforceResourceNotFound, "NOT_FOUND", lambda: sf.Account.get("001000000000000AAA"))
    refused(SalesforceResourceNotFound, "NOT_FOUND", lambda: sf.Nothing.describe())
    stan = Salesforce(session_id=demo.users[1].access_token, instance_url=demo.instance_url, session=session)
    user = stan.query("SELECT Id FROM User WHERE Username LIKE 'ada%'")["records"][0]["Id"]
    refused(SalesforceRefusedRequest, "INSUFFICIENT_ACCESS_OR_READONLY", lambda: stan.User.update(user, {"Title": "x"}))


def test_an_ambiguous_external_id(sf: Salesforce) -> None:
    for _ in range(2):
        sf.Contact.create({"LastName": "Twin", "Email": "twin@example.com"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        sf.Contact.upsert("Email/twin@example.com", {"LastName": "Twin"})


def test_the_tooling_api(sf: Salesforce) -> None:
    soql = "SELECT Id, FullName, Metadata FROM ValidationRule WHERE ValidationName = 'Quantity_Above_Zero'"
    (rule,) = sf.toolingexecute("query/", params={"q": soql})["records"]
    assert rule["FullName"] == "Line_Item__c.Quantity_Above_Zero"
    assert rule["Metadata"]["errorConditionFormula"] == "Quantity__c <= 0"


def test_a_session_that_ended(demo: DemoOrg, session: requests.Session) -> None:
    sf = Salesforce(session_id="00D5g0000000001!ended", instance_url=demo.instance_url, session=session)
    refused(SalesforceExpiredSession, "INVALID_SESSION_ID", lambda: sf.limits())


def test_bulk_query_in_pages(sf: Salesforce) -> None:
    pages = list(sf.bulk2.Contact.query("SELECT Id, LastName FROM Contact", max_records=1000, wait=0))
    assert len(pages) > 2
    rows = [row for page in pages for row in csv.DictReader(io.StringIO(page))]
    assert len({row["Id"] for row in rows}) == len(rows) == sf.query("SELECT COUNT() FROM Contact")["totalSize"]


def test_bulk_ingest(sf: Salesforce) -> None:
    leads = sf.bulk2.Lead
    records = [
        {"LastName": name, "Company": company}
        for name, company in (("One", "Bulk"), ('Two, "2"', "Bulk"), ("Three", ""))
    ]
    (job,) = leads.insert(records=records, wait=0)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 1)
    found = leads.get_all_ingest_records(job["job_id"])
    made = found["successfulRecords"]
    assert [row["LastName"] for row in made] == ["One", 'Two, "2"']
    assert found["failedRecords"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
    changed = [{"Id": row["sf__Id"], "Title": "Referee"} for row in made]
    assert leads.update(records=changed, wait=0)[0]["numberRecordsFailed"] == 0
    gone = [{"Id": row["sf__Id"]} for row in made]
    assert leads.delete(records=gone, wait=0)[0]["numberRecordsProcessed"] == 2


def test_bulk_upsert(sf: Salesforce) -> None:
    records = [{"Conversation_Id__c": f"bulk-{number}", "Outcome__c": "Deflected"} for number in range(3)]
    for _ in range(2):
        (job,) = sf.bulk2.Copilot_Interaction__c.upsert(records=records, external_id_field="Conversation_Id__c", wait=0)
        assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (3, 0)
    soql = "SELECT COUNT() FROM Copilot_Interaction__c WHERE Conversation_Id__c LIKE 'bulk-%'"
    assert sf.query(soql)["totalSize"] == 3
