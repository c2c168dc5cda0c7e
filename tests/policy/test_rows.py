"""`limits.rows` on queries with child queries: their rows count too, on whichever page they come."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from salesforce_mcp.errors import PolicyError
from salesforce_mcp.salesforce.export import export
from salesforce_mcp.salesforce.stream import slices
from tests.policy.conftest import Desk

Sit = Callable[..., Desk]

FAMILIES = "SELECT Id, (SELECT Id FROM Contacts) FROM Account"


@pytest.fixture
def families(desk: Sit) -> int:
    """How many rows `FAMILIES` brings: accounts, and the contacts that they have."""
    client = desk().client
    found = [
        client.query(f"SELECT COUNT() FROM {each}").total_size
        for each in ("Account", "Contact WHERE AccountId != null")
    ]
    return sum(found)


def limit(rows: int) -> str:
    return f"[limits]\nrows = {rows}\n"


@pytest.mark.parametrize(
    "soql",
    [
        FAMILIES.replace("SELECT Id,", "SELECT Name,"),
        "SELECT Id, (\n select Id from Contacts) FROM Account",
        "SELECT Id, (SELECT Id, (SELECT Id FROM CaseComments) FROM Cases LIMIT 1) FROM Account",
    ],
)
def test_child_rows_count(desk: Sit, soql: str) -> None:
    there = desk(limit(3))
    assert there.refused("query", soql=f"{soql} WHERE Id IN (SELECT AccountId FROM Case) LIMIT 3") == "ROW_LIMIT"
    assert there.refused("export_query", soql=f"{soql} LIMIT 3") == "ROW_LIMIT"
    assert (
        there.call("query", soql="SELECT Id, (SELECT Id FROM Contacts LIMIT 1) FROM Account LIMIT 1")["returned"] == 1
    )


def test_the_pages_of_a_query_count_together(desk: Sit, families: int) -> None:
    there = desk(limit(families))
    pages = list(there.client.pages(FAMILIES, batch_size=200))
    assert len(pages) > 2
    again = there.client.query(FAMILIES, batch_size=200).next_url
    for _ in range(5):  # a page that is read again brings nothing new
        assert again
        there.client.next_page(again)
    few = desk(limit(families - 1)).client
    with pytest.raises(PolicyError, match=r"ROW_LIMIT.*child rows so far"):
        list(few.pages(FAMILIES, batch_size=200))
    assert len(list(islice(few.pages(FAMILIES, batch_size=200), 2))) == 2


def test_child_rows_on_pages_of_their_own_count(desk: Sit) -> None:
    account = desk().client.post("sobjects/Account", {"Name": "Large family"})["id"]
    for _ in range(3):
        records = [{"LastName": "Child", "AccountId": account}] * 200
        desk().call("create_records", object="Contact", records=records)
    soql = f"SELECT Id, (SELECT Id FROM Contacts) FROM Account WHERE Id = '{account}'"
    try:
        with pytest.raises(PolicyError, match="601 rows"):
            desk(limit(600)).client.query(soql, batch_size=200)
        client = desk(limit(601)).client
        (family,) = client.query(soql, batch_size=200).records
        following = family["Contacts"]["nextRecordsUrl"]
        assert len(client.next_page(following).records) + len(family["Contacts"]["records"]) <= 600
        assert sum(part.rows for part in slices(client, soql)) == 1
    finally:
        desk().client.delete(f"sobjects/Account/{account}")


def test_a_query_that_another_process_began_is_begun_again(desk: Sit) -> None:
    for soql, fine in ((FAMILIES, False), ("SELECT Id FROM Case", True)):
        url = desk().client.query(soql, batch_size=200).next_url
        assert url
        other = desk(limit(2000)).client
        if fine:
            assert other.next_page(url).records
        else:
            with pytest.raises(PolicyError, match="another process"):
                other.next_page(url)
    url = desk().client.query("SELECT Id FROM Case", batch_size=200).next_url
    assert url
    with pytest.raises(PolicyError, match="ROW_LIMIT"):
        desk(limit(500)).client.next_page(url)


def test_an_interrupted_export_brings_no_more_by_going_on(desk: Sit, tmp_path: Path) -> None:
    class Interrupted(Exception):
        pass

    def interrupt(done: float, total: float | None, words: str) -> None:
        raise Interrupted

    soql = "SELECT Id, (SELECT Id FROM CaseComments) FROM Case"  # more than fit on one page
    client = desk().client
    all_rows = sum(client.query(f"SELECT COUNT() FROM {each}").total_size for each in ("Case", "CaseComment"))
    path = tmp_path / "cases.jsonl"
    for rows in (all_rows - 1, all_rows):
        with pytest.raises(Interrupted):
            export(desk(limit(rows)).client, soql, path, form="jsonl", method="rest", progress=interrupt)
        if rows < all_rows:
            for _ in range(2):
                with pytest.raises(PolicyError, match="ROW_LIMIT"):
                    export(desk(limit(rows)).client, soql, path, form="jsonl", method="rest")
            assert not path.exists()
        else:
            done = export(desk(limit(rows)).client, soql, path, form="jsonl", method="rest")
            assert len(path.read_text(encoding="utf-8").splitlines()) == done.rows
            assert any("began anew" in note for note in done.notes)


def test_the_other_parts_of_a_composite_request_are_told(desk: Sit) -> None:
    there = desk(limit(3))
    family = "query?q=SELECT+Id,(SELECT+Id+FROM+Contacts)+FROM+Account+LIMIT+3"
    comment = {"method": "POST", "url": "sobjects/Task", "body": {"Subject": "Done"}, "reference_id": "made"}
    requests = [comment, {"method": "GET", "url": family, "reference_id": "many"}]
    made, many = there.call("composite", requests=requests)["rows"]
    assert made[2] is True
    assert many[2] is False
    assert "ROW_LIMIT" in str(many)
    url = desk().client.query("SELECT Id FROM Case", batch_size=200).next_url
    assert url
    page = {"method": "GET", "url": url}
    assert there.refused("composite_batch", requests=[page]) == "ROW_LIMIT"
    assert there.refused("composite", requests=[{**page, "reference_id": "a"}]) == "ROW_LIMIT"
