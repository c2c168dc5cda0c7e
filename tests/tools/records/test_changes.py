from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError
from tests.salesforce.scripted import ScriptedOrg
from tests.tools.conftest import Call

SPAN = {"start": "2026-01-01T00:00:00Z", "end": "2026-01-02T00:00:00Z"}


def test_updated(recorded: Callable[[str, str], Any], org: ScriptedOrg, call: Call) -> None:
    raw = recorded("GET sobjects/Contact/updated", "sobject-get-updated-success-response")
    table = call("get_changed_records", object="Contact", **SPAN, limit=3).as_dict()
    assert org.seen[-1].query == {"start": "2026-01-01T00:00:00+00:00", "end": "2026-01-02T00:00:00+00:00"}
    assert raw["latestDateCovered"] in table["notes"][0]
    assert (table["returned"], table["total"]) == (3, len(raw["ids"]))
    rest = call("get_changed_records", object="Contact", **SPAN, cursor=table["cursor"]).as_dict()
    assert [row[0] for row in table["rows"] + rest["rows"]][: len(raw["ids"])] == raw["ids"][:6]


def test_deleted(recorded: Callable[[str, str], Any], call: Call) -> None:
    raw = recorded("GET sobjects/Contact/deleted", "sobject-get-deleted-success-response")
    table = call("get_changed_records", object="Contact", **SPAN, kind="deleted").as_dict()
    assert table["columns"] == ["id", "deletedDate"]
    assert table["rows"] == [[each["id"], each["deletedDate"]] for each in raw["deletedRecords"]]


def test_the_span_must_run_forwards(org: ScriptedOrg, call: Call) -> None:
    with pytest.raises(ArgumentError, match="before"):
        call("get_changed_records", object="Contact", start=SPAN["end"], end=SPAN["start"])
    assert not org.seen
