"""The client on the demo org: real pages, real locators, faults on demand."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.auth.session import GivenSession
from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import NetworkError, SalesforceError, SfmcpError
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.export import export
from salesforce_mcp.salesforce.rows import Shaper
from salesforce_mcp.salesforce.stream import shaped, slices

PASSING = [
    "drop", "drop_after", "cut", "truncated_gzip", "badjson", "concurrent", "429", "500", "503", "lock", "timeout",
    "html",
]  # fmt: skip


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoOrg]:
    with DemoOrg(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture
def client(demo: DemoOrg) -> Iterator[Client]:
    token = demo.users[0].access_token
    session = GivenSession(demo.instance_url, token, environment="demo", remedy="Start again.")
    with Client(session, pause=lambda seconds: None) as made:
        yield made
    demo.faults.clear()


def count(client: Client, condition: str) -> int:
    return client.query(f"SELECT COUNT() FROM {condition}").total_size


def test_all_rows_over_many_pages(client: Client) -> None:
    pages = list(client.pages("SELECT Id, CaseNumber FROM Case", batch_size=200))
    ids = {record["Id"] for page in pages for record in page.records}
    assert len(pages) > 4
    assert len(ids) == sum(len(page.records) for page in pages) == pages[0].total_size == count(client, "Case")


def test_child_rows_are_all_there(client: Client) -> None:
    soql = "SELECT Name, (SELECT Id FROM Contacts) FROM Account"
    children = [row for part in slices(client, soql) for cell in part.block[1] for row in cell or ()]
    assert len({row["Id"] for row in children}) == count(client, "Contact WHERE AccountId != null")


def test_an_export_has_every_row(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "contacts.csv"
    done = export(client, "SELECT Id, Name, Account.Owner.Name, CreatedDate FROM Contact", path, method="rest")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == done.rows == count(client, "Contact")
    assert list(rows[0]) == ["Id", "Name", "Account.Owner.Name", "CreatedDate"]


@pytest.mark.parametrize("kind", PASSING)
def test_reads_survive_passing_trouble(demo: DemoOrg, client: Client, kind: str) -> None:
    demo.faults.add(Fault(kind, method="GET", times=2))
    assert client.query("SELECT Id FROM Account LIMIT 3").total_size == 3


@pytest.mark.parametrize("kind", PASSING)
def test_later_pages_survive_passing_trouble(demo: DemoOrg, client: Client, kind: str) -> None:
    demo.faults.add(Fault(kind, method="GET", path="*/query/*", times=1))
    assert sum(len(page.records) for page in client.pages("SELECT Id FROM Case", batch_size=200)) == count(
        client, "Case"
    )


@pytest.mark.parametrize("kind", PASSING)
def test_no_create_is_lost_or_doubled(demo: DemoOrg, client: Client, kind: str) -> None:
    name = f"Created under {kind}"
    demo.faults.add(Fault(kind, method="POST", path="*/sobjects/Account*"))
    said = ""
    try:
        client.post("sobjects/Account", {"Name": name})
    except SfmcpError as error:
        said = str(error)
    there = count(client, f"Account WHERE Name = '{name}'")
    assert there == 1 or (there == 0 and "not known" in said)
    assert not said or "not known" in said or "accepted" in said


@pytest.mark.parametrize("kind", PASSING)
def test_updates_arrive(demo: DemoOrg, client: Client, kind: str) -> None:
    record = client.query("SELECT Id FROM Account LIMIT 1").records[0]["Id"]
    demo.faults.add(Fault(kind, method="PATCH", times=2))
    client.patch(f"sobjects/Account/{record}", {"Site": kind})
    assert client.get(f"sobjects/Account/{record}", params={"fields": "Site"})["Site"] == kind


def test_a_delete_whose_answer_was_lost_has_happened(demo: DemoOrg, client: Client) -> None:
    record = client.post("sobjects/Account", {"Name": "Short-lived"})["id"]
    demo.faults.add(Fault("drop_after", method="DELETE"))
    client.delete(f"sobjects/Account/{record}")
    assert count(client, "Account WHERE Name = 'Short-lived'") == 0


def test_an_expired_locator_says_what_is_safe(demo: DemoOrg, client: Client) -> None:
    demo.faults.add(Fault("locator", path="*/query/*"))
    first = client.query("SELECT Id FROM Case", batch_size=200)
    with pytest.raises(SalesforceError, match="The first 200 rows"):
        list(shaped(client, first, Shaper("SELECT Id FROM Case")))


def test_trouble_without_end_is_told(demo: DemoOrg, client: Client) -> None:
    demo.faults.add(Fault("503", times=None))
    with pytest.raises(NetworkError, match="SERVER_UNAVAILABLE"):
        client.get("limits")


def test_too_many_requests_at_once_are_waited_for(demo: DemoOrg) -> None:
    demo.faults.add(Fault("concurrent", method="POST", times=2))
    session = GivenSession(demo.instance_url, demo.users[0].access_token, environment="demo", remedy="Start again.")
    pauses: list[float] = []
    with Client(session, pause=pauses.append) as client:
        client.post("sobjects/Account", {"Name": "Patient"})
        assert count(client, "Account WHERE Name = 'Patient'") == 1
    assert len(pauses) == 2


@pytest.mark.parametrize(("kind", "said"), [("concurrent", "at this moment"), ("limit", "last 24 hours")])
def test_what_is_said_of_a_request_limit(demo: DemoOrg, client: Client, kind: str, said: str) -> None:
    demo.faults.add(Fault(kind, times=None))
    with pytest.raises(SalesforceError, match="REQUEST_LIMIT_EXCEEDED") as caught:
        client.get("limits")
    assert said in str(caught.value)
    assert caught.value.retryable == (kind == "concurrent")


def test_names_that_are_wrong(client: Client) -> None:
    for soql, meant in (
        ("SELECT Id, Annual_Revenue__c FROM Account", "AnnualRevenue"),
        ("SELECT Id FROM Acount", "Account"),
        ("SELECT Ownr.Name FROM Account", "Owner"),
        ("SELECT (SELECT Id FROM Contact) FROM Account", "Contacts"),
    ):
        with pytest.raises(SalesforceError, match=f"Did you mean [^?]*{meant}"):
            client.query(soql)


def test_simple_salesforce(client: Client) -> None:
    simple: Any = client.simple
    made = simple.Account.create({"Name": "Made by simple-salesforce"})
    assert simple.Account.get(made["id"])["Name"] == "Made by simple-salesforce"
    assert simple.Account.update(made["id"], {"Site": "x"}) == 204
    assert simple.Account.delete(made["id"]) == 204
    assert simple.query("SELECT COUNT() FROM Account")["totalSize"] == count(client, "Account")
    assert simple.Account.describe()["name"] == "Account"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_by_bulk_has_the_rows_of_one_by_rest(client: Client, tmp_path: Path, form: Any) -> None:
    soql = "SELECT Id, LastName, Account.Owner.Name, MailingLatitude, IsDeleted FROM Contact ORDER BY Id"
    paths = {method: tmp_path / f"{method}.{form}" for method in ("rest", "bulk")}
    done = [export(client, soql, path, method=method, form=form) for method, path in paths.items()]  # type: ignore[arg-type]
    assert [each.method for each in done] == ["rest", "bulk"]
    assert done[0].columns == done[1].columns
    contents = [path.read_text(encoding="utf-8") for path in paths.values()]
    if form == "csv":
        assert list(csv.reader(contents[0].splitlines())) == list(csv.reader(contents[1].splitlines()))
    else:
        assert contents[0] == contents[1]
