"""search and search_records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, NetworkError, SalesforceError
from salesforce_mcp.tools.results import Sections, Table
from tests.salesforce.scripted import ScriptedOrg, error, ok

Call = Callable[..., Any]


def found(*records: tuple[str, dict[str, Any]]) -> Any:
    return ok(
        {
            "searchRecords": [
                {"attributes": {"type": kind, "url": f"/services/data/v66.0/sobjects/{kind}/1"}, **fields}
                for kind, fields in records
            ]
        }
    )


def test_a_table_for_each_object(org: ScriptedOrg, call: Call) -> None:
    org.on(
        "GET search",
        found(
            ("Contact", {"Name": "Ann"}), ("Account", {"Name": "Acme", "Industry": None}), ("Contact", {"Name": "Bo"})
        ),
    )
    result = call("search", sosl="FIND {a*} RETURNING Contact(Name), Account(Name, Industry)")
    assert isinstance(result, Sections)
    assert [(name, part.rows) for name, part in result.parts] == [
        ("Contact", [["Ann"], ["Bo"]]),
        ("Account", [["Acme", None]]),
    ]
    assert org.seen[0].query == {"q": "FIND {a*} RETURNING Contact(Name), Account(Name, Industry)"}


def test_one_object_is_one_table(org: ScriptedOrg, call: Call) -> None:
    org.on("GET search", found(("Case", {"CaseNumber": "00001"})))
    table = call("search", sosl="FIND {x} RETURNING Case(CaseNumber)")
    assert isinstance(table, Table)
    assert (table.title, table.columns, table.rows, table.total) == ("Case", ["CaseNumber"], [["00001"]], 1)


def test_nothing_found(recorded: Call, shown: Callable[..., str]) -> None:
    recorded("GET search", "sosl-search-records")
    assert shown("search", sosl="FIND {Acme}") == "0 rows."


def test_older_orgs_answer_with_a_bare_list(recorded: Call, call: Call) -> None:
    recorded("GET search", "sosl-search-success-response")
    table = call("search", sosl="FIND {bar}")
    assert (table.title, table.rows) == ("Whizbang", [["foo"], ["bar"]])


def test_recorded_search(recorded: Call, call: Call) -> None:
    body = recorded("GET search", "sosl-mocksearchresults")
    result = call("search", sosl="FIND {A*} IN ALL FIELDS RETURNING ...")
    assert sum(len(part.rows) for _, part in result.parts) == len(body["searchRecords"])


def test_salesforces_words_on_a_wrong_search(org: ScriptedOrg, call: Call) -> None:
    words = "No search term found. The search term must be enclosed in braces."
    org.on("GET search", error(400, "MALFORMED_SEARCH", words))
    with pytest.raises(SalesforceError, match="enclosed in braces"):
        call("search", sosl="FIND x")


@pytest.mark.parametrize("body", [None, {}, {"searchRecords": 5}, "x"])
def test_an_answer_without_records(org: ScriptedOrg, call: Call, body: Any) -> None:
    org.on("GET search", ok(body))
    with pytest.raises(NetworkError, match="no records"):
        call("search", sosl="FIND {x}")


def test_search_records_in_the_usual_objects(org: ScriptedOrg, call: Call) -> None:
    names = [{"name": "Account", "searchable": True}, {"name": "Case", "searchable": True}]
    org.on("GET sobjects", ok({"sobjects": [*names, {"name": "Lead", "searchable": False}]}))
    org.on("POST parameterizedSearch", found(("Account", {"Id": "1", "Name": "Acme", "Industry": None})))
    table = call("search_records", text="acme")
    assert table.rows == [["1", "Acme", None]]
    assert org.seen[-1].json() == {
        "q": "acme",
        "in": "ALL",
        "sobjects": [
            {"name": "Account", "fields": ["Id", "Name", "Industry"]},
            {"name": "Case", "fields": ["Id", "CaseNumber", "Subject", "Status"]},
        ],
        "overallLimit": 21,
        "defaultLimit": 21,
    }


def test_search_records_shows_the_name_of_any_object(org: ScriptedOrg, call: Call) -> None:
    fields = [{"name": "Id"}, {"name": "LogNumber", "nameField": True}, {"name": "Other"}]
    org.on("GET sobjects/Log__c/describe", ok({"fields": fields}))
    org.on("POST parameterizedSearch", found())
    call("search_records", text="x", objects=["Log__c"])
    call("search_records", text="x", objects=["Log__c"], fields=["Other", "Owner.Name"])
    bodies = [seen.json()["sobjects"] for seen in org.seen if seen.method == "POST"]
    assert bodies == [
        [{"name": "Log__c", "fields": ["Id", "LogNumber"]}],
        [{"name": "Log__c", "fields": ["Other", "Owner.Name"]}],
    ]


def test_search_records_says_when_there_are_more(org: ScriptedOrg, call: Call) -> None:
    org.on("POST parameterizedSearch", found(*(("Account", {"Id": str(number)}) for number in range(4))))
    table = call("search_records", text="x", objects=["Account"], limit=3)
    assert [row[0] for row in table.rows] == ["0", "1", "2"]
    assert "More were found" in table.notes[0]


def test_search_records_refuses_what_is_no_object(org: ScriptedOrg, call: Call) -> None:
    with pytest.raises(ArgumentError):
        call("search_records", text="x", objects=["Account; DROP"])
    assert org.seen == []
