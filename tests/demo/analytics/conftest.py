"""A few deals whose figures can be worked out by hand, and reports on them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.demo import records
from salesforce_mcp.demo.analytics import editing, reports
from salesforce_mcp.demo.context import RequestContext

Run = Callable[..., dict[str, Any]]

DEALS = (
    # name, stage, amount, close date, type, next step
    ("A", "Prospecting", 100, "2024-01-15", "New Customer", "Call"),
    ("B", "Prospecting", 250.5, "2024-01-31", "Existing Customer - Upgrade", "call"),
    ("C", "Qualification", None, "2024-02-01", None, None),
    ("D", "Closed Won", 1000, "2024-02-29", "New Customer", "Sign, then celebrate"),
    ("E", "Closed Won", 3000, "2024-04-01", "New Customer", None),
)
"""Deals of an account of their own; their names begin with `deal `."""


@pytest.fixture
def deals(admin: RequestContext) -> dict[str, str]:
    """The Ids of the deals, by letter, and of their account."""
    account = records.create(admin, "Account", {"Name": "Fact Map Ltd"})
    made = {"account": account}
    for name, stage, amount, closes, kind, step in DEALS:
        made[name] = records.create(
            admin,
            "Opportunity",
            {
                "Name": f"deal {name}",
                "StageName": stage,
                "Amount": amount,
                "CloseDate": closes,
                "Type": kind,
                "NextStep": step,
                "AccountId": account,
            },
        )
    return made


@pytest.fixture
def run(admin: RequestContext, deals: dict[str, str]) -> Run:
    """Run a report on the deals that isn't saved; keywords are its metadata."""

    def run_report(*, user: RequestContext | None = None, details: bool = True, **metadata: Any) -> dict[str, Any]:
        filters = [{"column": "OPPORTUNITY_NAME", "operator": "startsWith", "value": "deal "}]
        given = {
            "reportType": {"type": "Opportunity"},
            "detailColumns": ["OPPORTUNITY_NAME", "AMOUNT"],
            **metadata,
            "reportFilters": [*filters, *metadata.get("reportFilters", [])],
        }
        context = user or admin
        return reports.run(context, editing.unsaved(context, given), details=details)

    return run_report


def figures(result: dict[str, Any]) -> dict[str, list[Any]]:
    """The values of the aggregates, by the keys of the fact map."""
    return {key: [cell["value"] for cell in fact["aggregates"]] for key, fact in result["factMap"].items()}


def rows(result: dict[str, Any], key: str = "T!T", column: int = 0) -> list[str]:
    """The labels of one column in the detail rows at a key."""
    return [row["dataCells"][column]["label"] for row in result["factMap"][key]["rows"]]


def labels(result: dict[str, Any], side: str = "groupingsDown") -> list[str]:
    return [each["label"] for each in result[side]["groupings"]]
