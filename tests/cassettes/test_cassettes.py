"""What an org answered over HTTP, replayed through simple-salesforce, a client that isn't ours.

Record again: `pytest tests/cassettes --record-mode rewrite --record-org ALIAS`. The org named must be one where the
records made here may be made (and are deleted again). Of the org's own records only Ids are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
import simple_salesforce
import yaml
from simple_salesforce.exceptions import SalesforceMalformedRequest, SalesforceResourceNotFound

from tests.cassettes.recorder import FOLDER, HOST, cassette

Connect = Callable[[str], "contextmanager[simple_salesforce.Salesforce]"]


@pytest.fixture(scope="session")
def connect(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connect]:
    """`with connect(name) as sf`: simple-salesforce on that cassette, or recording it."""
    mode = request.config.getoption("--record-mode")
    alias = request.config.getoption("--record-org")
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"
    instance, token, against, org = f"https://{HOST}", "REPLAYED", "nothing", None
    if mode != "none":
        if alias == "demo":
            from salesforce_mcp.demo.local import DemoOrg

            org = DemoOrg(tmp_path_factory.mktemp("demo"), tls=True)
            org.start()
            session.verify = str(org.certificate)
            instance, token, against = org.instance_url, org.users[0].access_token, "the demo org of sfmcp"
        else:
            from salesforce_mcp.auth.resolve import open_session

            login = open_session(alias)
            instance, token, against = login.instance_url, login.access_token(), f"a {login.environment} org"

    @contextmanager
    def use(name: str) -> Iterator[simple_salesforce.Salesforce]:
        record = mode == "rewrite" or (mode == "once" and not (FOLDER / f"{name}.yaml").exists())
        with cassette(name, record=record, host=instance.removeprefix("https://"), against=against):
            yield simple_salesforce.Salesforce(instance_url=instance, session_id=token, version="66.0", session=session)

    yield use
    session.close()
    if org:
        org.stop()


def test_query_follows_pages(connect: Connect) -> None:
    with connect("query_pages") as sf:
        sf.headers["Sforce-Query-Options"] = "batchSize=200"
        first = sf.query("SELECT Id, Account.Id FROM Contact ORDER BY Id LIMIT 250")
        rest = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (len(first["records"]), len(rest["records"]), rest["done"]) == (200, 50, True)
    ids = [record["Id"] for record in first["records"] + rest["records"]]
    assert len(set(ids)) == 250
    assert ids == sorted(ids)


def test_a_record_is_created_read_changed_and_deleted(connect: Connect) -> None:
    with connect("record_life") as sf:
        made = sf.Account.create({"Name": "Cassette & Co.", "Industry": "Media"})
        assert made["success"] is True
        assert sf.Account.update(made["id"], {"Phone": "+1 555 0100"}) == 204
        read = sf.Account.get(made["id"])
        assert (read["Name"], read["Industry"], read["Phone"]) == ("Cassette & Co.", "Media", "+1 555 0100")
        assert sf.Account.delete(made["id"]) == 204
        with pytest.raises(SalesforceResourceNotFound) as gone:
            sf.Account.delete(made["id"])
    assert gone.value.content[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_an_unknown_field_is_refused_with_its_place(connect: Connect) -> None:
    with connect("unknown_field") as sf, pytest.raises(SalesforceMalformedRequest) as refused:
        sf.query("SELECT Annual_Revenue__c FROM Account")
    error = refused.value.content[0]
    assert error["errorCode"] == "INVALID_FIELD"
    assert "ERROR at Row:1:Column:8" in error["message"]


def test_describe_names_fields_and_relationships(connect: Connect) -> None:
    with connect("describe") as sf:
        described = sf.Note.describe()
    assert {"Id", "Title", "Body", "ParentId"} <= {field["name"] for field in described["fields"]}


def test_composite_refers_to_what_came_before(connect: Connect) -> None:
    with connect("composite") as sf:
        base = "/services/data/v66.0/sobjects"
        parts = [
            {"method": "POST", "url": f"{base}/Account", "referenceId": "org", "body": {"Name": "Cassette"}},
            {"method": "GET", "url": f"{base}/Account/@{{org.id}}?fields=Name", "referenceId": "read"},
            {"method": "DELETE", "url": f"{base}/Account/@{{org.id}}", "referenceId": "end"},
        ]
        answer = sf.restful("composite", method="POST", json={"allOrNone": True, "compositeRequest": parts})
    assert [part["httpStatusCode"] for part in answer["compositeResponse"]] == [201, 200, 204]
    assert answer["compositeResponse"][1]["body"]["Name"] == "Cassette"


def test_search_and_limits(connect: Connect) -> None:
    with connect("search_limits") as sf:
        found = sf.search("FIND {A*} IN NAME FIELDS RETURNING Account(Id LIMIT 3)")
        limits = sf.limits()
    assert 0 < len(found["searchRecords"]) <= 3
    assert limits["DailyApiRequests"]["Max"] > 0


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_cassettes_say_their_org_and_hold_nothing_private(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    assert content["recorded_against"].strip()
    assert not re.search(r"authorization|set-cookie|bearer|!AQ", text, re.IGNORECASE)
    for made in content["interactions"]:
        assert made["request"]["uri"].startswith(f"https://{HOST}/")
