"""explain_query."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.salesforce.scripted import ScriptedOrg, ok

NOTE = {
    "description": "Not considering filter for optimization because unindexed",
    "fields": ["IsDeleted"],
    "tableEnumOrId": "Merchandise__c",
}


def plan(operation: str, cost: float, *fields: str) -> dict[str, Any]:
    return {
        "cardinality": 1,
        "fields": list(fields),
        "leadingOperationType": operation,
        "notes": [NOTE],
        "relativeCost": cost,
        "sobjectCardinality": 3,
        "sobjectType": "Merchandise__c",
    }


def test_plans(org: ScriptedOrg, call: Callable[..., Any]) -> None:
    org.on("GET query", ok({"plans": [plan("Index", 0.0, "CreatedDate"), plan("TableScan", 0.65)]}))
    table = call("explain_query", soql="SELECT Name FROM Merchandise__c WHERE CreatedDate = TODAY")
    assert table.columns == ["operation", "fields", "cost", "records", "of", "object"]
    assert table.rows[0] == ["Index", "CreatedDate", 0.0, 1, 3, "Merchandise__c"]
    assert table.notes == [
        "Selective: an index finds the records.",
        "Not considering filter for optimization because unindexed: IsDeleted of Merchandise__c.",
    ]
    assert org.seen[0].query == {"explain": "SELECT Name FROM Merchandise__c WHERE CreatedDate = TODAY"}


@pytest.mark.parametrize(
    ("operation", "cost", "word"), [("TableScan", 0.5, "All records"), ("TableScan", 2.8, "Not selective")]
)
def test_a_plain_word(org: ScriptedOrg, call: Callable[..., Any], operation: str, cost: float, word: str) -> None:
    org.on("GET query", ok({"plans": [plan(operation, cost)]}))
    assert word in call("explain_query", soql="SELECT Id FROM Account").notes[0]
