"""Plain names for contacts, deals and the like."""

from __future__ import annotations

from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.crm.vocabulary import ALL, VOCABULARY
from salesforce_mcp.tools.results import Table
from tests.salesforce.scripted import ScriptedOrg, error, ok, page
from tests.tools.conftest import Call
from tests.tools.demo import Demo

LIVES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "contact": ({"lastName": "Lovelace", "firstName": "Ada", "email": "ada@crm.example"}, {"phone": "+1 555 0100"}),
    "lead": ({"lastName": "Hopper", "company": "Navy"}, {"status": "Working - Contacted"}),
    "deal": ({"name": "Engines", "stage": "Prospecting", "closeDate": "2026-12-31"}, {"amount": 1200.5}),
    "meeting": ({"title": "Review", "start": "2026-12-01T12:00:00Z", "durationMinutes": 30}, {"location": "Room 1"}),
    "company": ({"name": "Crm & Sons"}, {"industry": "Media"}),
    "task": ({"title": "Call back"}, {"dueDate": "2026-12-01"}),
}


@pytest.mark.parametrize("resource", LIVES)
def test_created_found_changed_and_deleted(demo: Demo, resource: str) -> None:
    data, change = LIVES[resource]
    made = demo.structure("crm_create", resource=resource, data=data)["id"]
    demo.call("crm_update", resource=resource, id=made, data=change)
    read = demo.structure("crm_get", resource=resource, id=made)
    for name, value in {**data, **change}.items():
        assert read[name] == (value if name != "start" else "2026-12-01T12:00:00.000+0000")
    demo.call("crm_delete", resource=resource, id=made)
    with pytest.raises(SalesforceError, match="NOT_FOUND"):
        demo.call("crm_get", resource=resource, id=made)


def test_every_resource_that_can_be_written_is_tried() -> None:
    writable = {resource for resource, entry in VOCABULARY.items() if entry.operations == ALL}
    assert writable == {*LIVES, "note"}


def test_a_note_belongs_to_one_parent(demo: Demo) -> None:
    company = demo.structure("crm_create", resource="company", data={"name": "Notes Inc."})["id"]
    note = demo.structure("crm_create", resource="note", data={"title": "Gate", "companyId": company})["id"]
    assert demo.structure("crm_get", resource="note", id=note)["parent"] == "Notes Inc."
    with pytest.raises(ArgumentError, match="contactId or companyId or dealId or parentId"):
        demo.call("crm_create", resource="note", data={"title": "Gate"})
    with pytest.raises(ArgumentError, match="give one of companyId, dealId"):
        demo.call("crm_create", resource="note", data={"title": "Gate", "companyId": company, "dealId": company})


def test_a_list_can_be_narrowed_ordered_and_gone_on_with(demo: Demo) -> None:
    where = {"stage": ["Prospecting", "Qualification"], "name": "*generators*"}
    first = demo.structure(
        "crm_list", resource="deal", where=where, fields="name,amount,stage", order_by="-amount", limit=3
    )
    rows = list(first["rows"])
    cursor = first["cursor"]
    while cursor:
        page = demo.structure("crm_list", resource="deal", cursor=cursor)
        rows, cursor = rows + page["rows"], page["cursor"]
    amounts = [row[2] for row in rows if row[2] is not None]
    assert first["columns"] == ["id", "name", "amount", "stage"]
    assert len(rows) == first["total"] == len({row[0] for row in rows})
    assert amounts == sorted(amounts, reverse=True)
    assert all("generators" in row[1].lower() and row[3] in where["stage"] for row in rows)


def test_a_star_is_the_only_wildcard(demo: Demo) -> None:
    demo.call("crm_create", resource="company", data={"name": "100% \\ O'Neil_"})
    found = demo.structure("crm_list", resource="company", where={"name": "*% \\ O'Neil_*"}, fields="name")
    assert [row[1] for row in found["rows"]] == ["100% \\ O'Neil_"]
    assert demo.structure("crm_list", resource="company", where={"name": "1%"})["total"] == 0


def test_activities_are_tasks_and_events(demo: Demo) -> None:
    answer = demo.structure("crm_list", resource="activity", limit=200)
    tasks, events = (demo.client.query(f"SELECT COUNT() FROM {kind}").total_size for kind in ("Task", "Event"))
    assert answer["total"] == tasks + events
    kinds = {row[0] for row in answer["rows"]}
    cursor = answer["cursor"]
    while cursor:
        page = demo.structure("crm_list", resource="activity", cursor=cursor)
        kinds, cursor = kinds | {row[0] for row in page["rows"]}, page["cursor"]
    assert kinds == {"task", "event"}


@pytest.mark.parametrize("order", ["date", "-date"])
def test_activities_without_a_date_come_last(demo: Demo, order: str) -> None:
    owner = demo.rows("SELECT OwnerId FROM Task WHERE ActivityDate = null LIMIT 1")[0]["OwnerId"]
    found = demo.structure("crm_list", resource="activity", where={"ownerId": owner}, order_by=order, limit=2000)
    dates = [row[found["columns"].index("date")] for row in found["rows"]]
    known = [each for each in dates if each]
    assert known == sorted(known, reverse=order.startswith("-"))
    assert dates == [*known, *[None] * (len(dates) - len(known))] and None in dates


def test_stages_come_in_their_order(demo: Demo) -> None:
    stages = demo.structure("crm_list", resource="pipeline", fields="name,position")
    assert [row[2] for row in stages["rows"]] == sorted(row[2] for row in stages["rows"])


def test_the_pipeline_has_the_deals_in_each_stage(demo: Demo) -> None:
    listed = demo.call("crm_list", resource="pipeline")
    assert isinstance(listed, Table)
    stages = {row["stage"]: row for row in (dict(zip(listed.columns, row, strict=True)) for row in listed.rows)}
    deals = demo.rows("SELECT StageName, Amount FROM Opportunity")
    assert sum(stage["deals"] for stage in stages.values()) == len(deals)
    worth = sum(deal["Amount"] or 0 for deal in deals if deal["StageName"] == "Prospecting")
    assert stages["Prospecting"]["amount"] == pytest.approx(worth)
    assert listed.plot
    assert listed.plot.labels == [name for name, stage in stages.items() if not stage["closed"] and stage["deals"]]


def test_the_pipeline_without_access_to_deals(org: ScriptedOrg, call: Call) -> None:
    fields = [{"name": name} for name in ("Id", "MasterLabel", "ApiName", "IsClosed")]
    org.on("GET sobjects/OpportunityStage/describe", ok({"name": "OpportunityStage", "fields": fields}))
    stage = {"Id": "01J000000000001", "MasterLabel": "Won", "ApiName": "Won", "IsClosed": True}
    org.on("GET query", page(stage), error(400, "INVALID_TYPE", "sObject type 'Opportunity' is not supported."))
    listed = call("crm_list", resource="pipeline", chart="png")
    assert isinstance(listed, Table)
    assert listed.columns == ["id", "name", "stage", "closed"]
    assert "INVALID_TYPE" in listed.notes[-1]
    assert not listed.picture


def test_fields_that_a_user_may_not_read_are_left_out_and_named(demo: Demo, standard: Demo) -> None:
    hidden = {"revenue"} & {
        plain
        for plain, name in VOCABULARY["company"].fields.items()
        if name not in {each["name"] for each in standard.client.describe("Account")["fields"]}
    }
    answer = standard.structure("crm_list", resource="company", limit=1)
    assert set(answer["columns"]).isdisjoint(hidden)
    assert bool(hidden) == any("may not read" in note for note in answer["notes"])
    assert not demo.structure("crm_list", resource="company", limit=1)["notes"]


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("crm_list", {"resource": "invoice"}, "contact"),
        ("crm_list", {"resource": "deal", "chart": "png"}, "only the whole pipeline"),
        ("crm_list", {"resource": "deal", "where": {"stagee": "x"}}, "Did you mean stage"),
        ("crm_list", {"resource": "deal", "where": {"stage": []}}, "empty"),
        ("crm_list", {"resource": "deal", "where": {"stage": {"a": 1}}}, "takes a value"),
        ("crm_list", {"resource": "deal", "order_by": "Amount; DELETE"}, "order_by"),
        ("crm_list", {"resource": "deal", "fields": ["Amount"]}, "Did you mean amount"),
        ("crm_create", {"resource": "pipeline", "data": {"name": "x"}}, "can be used with list, get"),
        ("crm_update", {"resource": "owner", "id": "005000000000001", "data": {"name": "x"}}, "has no update"),
        ("crm_delete", {"resource": "activity", "id": "00T000000000001"}, "has no delete"),
        ("crm_create", {"resource": "deal", "data": {"name": "x"}}, "deal needs stage, closeDate"),
        ("crm_create", {"resource": "deal", "data": {"won": True}}, "won can only be read"),
        ("crm_get", {"resource": "deal", "id": "006' OR Name != '"}, "not a record Id"),
    ],
)
def test_bad_arguments_are_refused_here(demo: Demo, tool: str, arguments: dict[str, Any], said: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        demo.call(tool, **arguments)
    assert said in str(refused.value)


def test_a_refusal_of_salesforce_says_the_plain_name(demo: Demo) -> None:
    with pytest.raises(SalesforceError) as refused:
        demo.call("crm_create", resource="lead", data={"lastName": "Poe"})
    assert refused.value.code == "REQUIRED_FIELD_MISSING"
    assert "Company is company here" in str(refused.value)


def test_a_refused_value_is_called_by_its_plain_name(demo: Demo) -> None:
    with pytest.raises(ArgumentError, match="The date and time for :start has no time zone") as caught:
        demo.call("crm_list", resource="meeting", where={"title": "Demo*", "start": "2026-11-22"})
    assert caught.value.fields == ("start",)
