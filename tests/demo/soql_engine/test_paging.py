"""Pages of results: nothing skipped, nothing repeated, whatever is written meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.query import next_page
from salesforce_mcp.demo.soql_engine import locators
from salesforce_mcp.demo.store import Store
from salesforce_mcp.demo.users import User
from tests.demo.soql_engine.conftest import Org

TOTAL = 1_050


@pytest.fixture
def many(org: Org) -> Org:
    with org.store.transaction():
        for number in range(TOTAL):
            org.add("Account", Name=f"account {number:04d}", NumberOfEmployees=number % 3)
    return org


def follow(org: Org, answer: dict[str, Any], user: User | None = None) -> list[dict[str, Any]]:
    """All pages, from the first one on."""
    pages = [answer]
    while not pages[-1]["done"]:
        pages.append(next_page(org.store, user or org.ada, pages[-1]["nextRecordsUrl"].rpartition("/")[2]))
    return pages


def names(pages: list[dict[str, Any]]) -> list[str]:
    return [record["Name"] for page in pages for record in page["records"]]


def test_pages_follow_each_other(many: Org) -> None:
    pages = follow(many, many.answer("SELECT Name FROM Account ORDER BY NumberOfEmployees, Name DESC", batch_size=500))
    assert [len(page["records"]) for page in pages] == [500, 500, 50]
    assert [(page["totalSize"], page["done"]) for page in pages] == [(TOTAL, False), (TOTAL, False), (TOTAL, True)]
    wanted = sorted((number % 3, -number) for number in range(TOTAL))
    assert names(pages) == [f"account {-negative:04d}" for _, negative in wanted]
    first = pages[0]["nextRecordsUrl"]
    assert first.startswith("/services/data/v66.0/query/01g") and first.endswith("-500")
    assert pages[1]["nextRecordsUrl"] == first.removesuffix("-500") + "-1000"
    assert "nextRecordsUrl" not in pages[-1]
    assert list(pages[0]) == ["totalSize", "done", "nextRecordsUrl", "records"]


def test_a_page_can_be_asked_for_again(many: Org) -> None:
    answer = many.answer("SELECT Name FROM Account", batch_size=1_000)
    locator = answer["nextRecordsUrl"].rpartition("/")[2]
    first, second = (next_page(many.store, many.ada, locator) for _ in range(2))
    assert first == second
    assert len(first["records"]) == 50


@pytest.mark.parametrize("order", ["", "ORDER BY Name", "ORDER BY NumberOfEmployees DESC"])
def test_writes_meanwhile_neither_skip_nor_repeat_rows(many: Org, order: str) -> None:
    answer = many.answer(f"SELECT Name FROM Account WHERE NumberOfEmployees < 5 {order}", batch_size=300)
    with many.store.transaction():
        many.add("Account", Name="account 0000a", NumberOfEmployees=1)
        many.change("Account", "Name = 'account 0700'", NumberOfEmployees=-7)
        many.change("Account", "Name = 'account 0800'", NumberOfEmployees=99)
    found = names(follow(many, answer))
    assert sorted(found) == [f"account {number:04d}" for number in range(TOTAL)]


def test_rows_that_are_gone_leave_the_others_in_place(many: Org) -> None:
    answer = many.answer("SELECT Name FROM Account ORDER BY Name", batch_size=500)
    many.store.connection().execute("DELETE FROM Account WHERE Name BETWEEN 'account 0450' AND 'account 0549'")
    found = names(follow(many, answer))
    assert found == [f"account {number:04d}" for number in range(TOTAL) if not 500 <= number <= 549]


def test_values_are_those_of_the_moment_of_the_page(many: Org) -> None:
    answer = many.answer("SELECT Name, Industry FROM Account ORDER BY Name", batch_size=1_000)
    many.change("Account", "1", Industry="Media")
    assert {record["Industry"] for record in answer["records"]} == {None}
    assert {record["Industry"] for record in follow(many, answer)[1]["records"]} == {"Media"}


def test_deleted_rows_of_query_all_come_on_every_page(many: Org) -> None:
    many.change("Account", "NumberOfEmployees = 2", IsDeleted=1)
    soql = "SELECT Name, IsDeleted FROM Account ORDER BY Name"
    assert many.answer(soql, batch_size=200)["totalSize"] == 700
    pages = follow(many, many.answer(soql, batch_size=500, include_deleted=True))
    deleted = [record["IsDeleted"] for page in pages for record in page["records"]]
    assert deleted == [number % 3 == 2 for number in range(TOTAL)]


def test_the_query_s_own_limit_counts(many: Org) -> None:
    pages = follow(many, many.answer("SELECT Name FROM Account LIMIT 450", batch_size=200))
    assert [len(page["records"]) for page in pages] == [200, 200, 50]
    assert pages[0]["totalSize"] == 450
    assert many.answer("SELECT Name FROM Account LIMIT 200", batch_size=200)["done"] is True


def test_with_offset_there_is_one_page_only(many: Org) -> None:
    answer = many.answer("SELECT Name FROM Account ORDER BY Name OFFSET 10", batch_size=200)
    assert (answer["totalSize"], answer["done"]) == (200, True)
    assert "nextRecordsUrl" not in answer


def test_another_process_can_go_on(many: Org) -> None:
    answer = many.answer("SELECT Name FROM Account ORDER BY Name", batch_size=1_000)
    other = Store(many.store.path)
    page = next_page(other, many.ada, answer["nextRecordsUrl"].rpartition("/")[2])
    other.close()
    assert page["records"][0]["Name"] == "account 1000"


class TestChildren:
    @pytest.fixture
    def parents(self, org: Org) -> Org:
        with org.store.transaction():
            for account in range(10):
                parent = org.add("Account", Name=f"account {account}")
                for contact in range(60):
                    org.add("Contact", LastName=f"{account}-{contact:02d}", AccountId=parent)
        return org

    SOQL = "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Name"

    def test_children_count_towards_the_page(self, parents: Org) -> None:
        """Three parents with sixty children each are 183 records; a fourth would make 244."""
        pages = follow(parents, parents.answer(self.SOQL, batch_size=200))
        assert [len(page["records"]) for page in pages] == [3, 3, 3, 1]
        assert pages[0]["nextRecordsUrl"].endswith("-3")
        assert names(pages) == [f"account {number}" for number in range(10)]
        children = [
            child["LastName"] for page in pages for record in page["records"] for child in record["Contacts"]["records"]
        ]
        assert children == [f"{account}-{contact:02d}" for account in range(10) for contact in range(60)]

    def test_many_children_have_pages_of_their_own(self, org: Org) -> None:
        parent = org.add("Account", Name="big")
        with org.store.transaction():
            for number in range(450):
                org.add("Contact", LastName=f"{number:03d}", AccountId=parent)
        answer = org.answer(self.SOQL, batch_size=200)
        assert answer["done"] is True
        first = answer["records"][0]["Contacts"]
        assert (first["totalSize"], first["done"], len(first["records"])) == (450, False, 200)
        assert first["nextRecordsUrl"].endswith("-200")
        pages = follow(org, first)
        found = [record["LastName"] for page in pages for record in page["records"]]
        assert found == [f"{number:03d}" for number in range(450)]
        assert pages[1]["records"][0]["attributes"]["type"] == "Contact"

    def test_grandchildren_have_too(self, org: Org) -> None:
        top = org.add("Account", Name="top")
        child = org.add("Account", Name="child", ParentId=top)
        with org.store.transaction():
            for number in range(250):
                org.add("Contact", LastName=f"{number:03d}", AccountId=child)
        soql = "SELECT (SELECT (SELECT LastName FROM Contacts ORDER BY LastName) FROM ChildAccounts) FROM Account"
        answer = org.answer(f"{soql} WHERE Name = 'top'", batch_size=200)
        contacts = answer["records"][0]["ChildAccounts"]["records"][0]["Contacts"]
        found = [record["LastName"] for page in follow(org, contacts) for record in page["records"]]
        assert found == [f"{number:03d}" for number in range(250)]


@pytest.mark.parametrize("locator", ["", "x", "01g000000000001AAA-0", "01g000000000001AAA", "0Q8000000000001-2000"])
def test_no_such_locator(org: Org, locator: str) -> None:
    with pytest.raises(ApiError) as caught:
        next_page(org.store, org.ada, locator)
    assert (caught.value.status, caught.value.code) == (400, "INVALID_QUERY_LOCATOR")


def test_a_locator_is_its_user_s_and_ends(many: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    soql = "SELECT Name FROM Account"
    locator = many.answer(soql, batch_size=1_000)["nextRecordsUrl"].rpartition("/")[2]
    with pytest.raises(ApiError):
        next_page(many.store, many.stan, locator)
    with pytest.raises(ApiError):
        next_page(many.store, many.ada, locator.replace("-1000", "-1050"))
    monkeypatch.setattr(locators, "LIFETIME", -1.0)
    expired = many.answer(soql, batch_size=1_000)["nextRecordsUrl"].rpartition("/")[2]
    with pytest.raises(ApiError) as caught:
        next_page(many.store, many.ada, expired)
    assert caught.value.code == "INVALID_QUERY_LOCATOR"


def test_the_oldest_locators_of_a_user_go(many: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locators, "MOST_PER_USER", 3)
    soql = "SELECT Name FROM Account"
    made = [many.answer(soql, batch_size=1_000)["nextRecordsUrl"].rpartition("/")[2] for _ in range(4)]
    with pytest.raises(ApiError):
        next_page(many.store, many.ada, made[0])
    assert all(next_page(many.store, many.ada, each)["done"] for each in made[1:])
    kept = many.store.connection().execute("SELECT count(*) FROM server_state WHERE kind LIKE 'locator%'").fetchone()
    assert kept == (6,)
