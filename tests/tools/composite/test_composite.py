"""Several requests in one call."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from tests.tools.demo import Demo


def part(method: str, url: str, reference: str, **body: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"method": method, "url": url, "reference_id": reference}
    return {**made, "body": body} if body else made


def count(demo: Demo, name: str) -> int:
    return demo.client.query(f"SELECT COUNT() FROM Account WHERE Name = '{name}'").total_size


def test_a_part_uses_what_came_before(demo: Demo) -> None:
    answer = demo.structure(
        "composite",
        requests=[
            part("POST", "sobjects/Account", "a", Name="Composite One"),
            part("POST", "sobjects/Contact", "c", LastName="Doe", AccountId="@{a.id}"),
            part("GET", "query?q=SELECT Account.Name FROM Contact WHERE Id = '@{c.id}'", "q"),
        ],
    )
    assert [row[:3] for row in answer["rows"]] == [["a", 201, True], ["c", 201, True], ["q", 200, True]]
    assert answer["rows"][2][5]["records"] == [{"Account": {"Name": "Composite One"}}]
    assert answer["notes"] == ["3 parts done."]


def test_all_or_none_changes_nothing_and_names_the_one_that_failed(demo: Demo) -> None:
    result = demo.call(
        "composite",
        requests=[
            part("POST", "sobjects/Account", "a", Name="Composite Two"),
            part("POST", "sobjects/Contact", "c", FirstName="No last name"),
        ],
        all_or_none=True,
    )
    rows = result.as_dict()["rows"]
    assert result.failed
    assert [row[3] for row in rows] == ["PROCESSING_HALTED", "REQUIRED_FIELD_MISSING"]
    assert "LastName" in rows[1][4]
    assert result.as_dict()["notes"] == ["2 of 2 parts failed; nothing was changed."]
    assert count(demo, "Composite Two") == 0


def test_a_batch_goes_on_after_a_failure_unless_told_to_halt(demo: Demo) -> None:
    requests = [{"method": "GET", "url": "nowhere"}, {"method": "GET", "url": "sobjects/Account"}]
    going_on = demo.structure("composite_batch", requests=requests)
    halting = demo.structure("composite_batch", requests=requests, halt_on_error=True)
    assert [row[1] for row in going_on["rows"]] == [404, 200]
    assert halting["rows"][1][1] == 412
    assert "failed" in going_on["notes"][0]


def test_a_tree_creates_children_and_says_which_record_was_refused(demo: Demo) -> None:
    tree = {"Name": "Composite Three", "Contacts": [{"LastName": "Doe"}, {"LastName": "Roe"}]}
    made = demo.structure("composite_tree", object="Account", records=[tree])
    assert [row[0] for row in made["rows"]] == ["Account", "Contact", "Contact"]
    contacts = demo.rows("SELECT LastName FROM Contact WHERE Account.Name = 'Composite Three' ORDER BY LastName")
    assert [contact["LastName"] for contact in contacts] == ["Doe", "Roe"]
    tree = {"Name": "Composite Four", "Contacts": [{"LastName": "Doe"}, {"FirstName": "Roe"}]}
    with pytest.raises(SalesforceError, match="r3") as refused:
        demo.call("composite_tree", object="Account", records=[tree])
    assert refused.value.code == "REQUIRED_FIELD_MISSING"
    assert count(demo, "Composite Four") == 0


def test_a_graph_fails_alone(demo: Demo) -> None:
    result = demo.call(
        "composite_graph",
        graphs=[
            {"graph_id": "good", "requests": [part("POST", "sobjects/Account", "a", Name="Composite Five")]},
            {"graph_id": "bad", "requests": [part("POST", "sobjects/Account", "a", Industry="No name")]},
        ],
    )
    assert result.failed
    assert result.as_dict()["notes"] == ["Graph good: done.", "Graph bad: failed; nothing of it was changed."]
    assert count(demo, "Composite Five") == 1


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("composite", {"requests": []}, "at least 1"),
        ("composite", {"requests": [part("GET", f"limits?{n}", f"r{n}") for n in range(26)]}, "at most 25"),
        ("composite", {"requests": [part("GET", "limits", "a"), part("GET", "limits", "a")]}, "used twice: a"),
        ("composite", {"requests": [part("GET", "limits", "_a")]}, "reference_id"),
        ("composite", {"requests": [part("MERGE", "limits", "a")]}, "GET"),
        ("composite_batch", {"requests": [{"method": "GET", "url": "sobjects/../../../setup"}]}, "not a resource"),
        ("composite_batch", {"requests": [{"method": "GET", "url": "sobjects/%2e%2e/x"}]}, "not a resource"),
        ("composite_batch", {"requests": [{"method": "GET", "url": "https://example.com/x"}]}, "not a resource"),
        ("composite_batch", {"requests": [{"method": "GET", "url": "/services/oauth2/revoke"}]}, "not a resource"),
        ("composite_batch", {"requests": [{"method": "GET", "url": "a\r\nHost: x"}]}, "not a resource"),
        ("composite_tree", {"object": "Account", "records": [{"Name": "A"}] * 201}, "200 are the most"),
        (
            "composite_tree",
            {"object": "Account", "records": [{"Contact": [{"LastName": "A"}]}]},
            "Did you mean Contacts",
        ),
        ("composite_graph", {"graphs": [{"graph_id": "a", "requests": []}]}, "at least 1"),
    ],
)
def test_bad_arguments_are_refused_here(demo: Demo, tool: str, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        demo.call(tool, **arguments)
    assert said in str(refused.value)


def test_what_a_user_may_not_do_fails_in_its_part(standard: Demo) -> None:
    result = standard.call("composite", requests=[part("GET", "sobjects/ApexClass/describe", "a")])
    assert result.failed


def test_recorded_answers_are_understood(recorded: Any, call: Any, org: Any) -> None:
    recorded("POST /services/data/v66.0/composite", "composite-query-response-all-error")
    result = call("composite", requests=[part("GET", "limits", "a")], all_or_none=True)
    assert [row[3] for row in result.rows] == ["PROCESSING_HALTED"] * 3
    assert result.failed
