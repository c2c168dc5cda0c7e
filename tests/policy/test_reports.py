"""Reports and dashboards under a policy that limits objects and fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.errors import PolicyError
from salesforce_mcp.policy import reports
from salesforce_mcp.policy.data import DataRules
from salesforce_mcp.policy.model import Policy, parse
from salesforce_mcp.policy.view import View
from tests.policy.conftest import Desk

Sit = Callable[..., Desk]

COLUMNS = {
    "AMOUNT": {"label": "Amount", "entityColumnName": "Opportunity.Amount"},
    "STAGE_NAME": {"label": "Stage", "entityColumnName": "Opportunity.StageName"},
    "PROBABILITY": {"label": "Probability (%)", "entityColumnName": "Opportunity.Probability"},
    "ACCOUNT_NAME": {"label": "Account Name", "entityColumnName": "Account.Name"},
    "FULL_NAME": {"label": "Owner", "entityColumnName": "User.Name"},
    "AGE": {"label": "Age", "entityColumnName": None},
    "Account.SLA__c": {"label": "SLA"},
    "WEIGHTED": {"label": "Amount", "entityColumnName": "Opportunity.Weighted"},
}
FILTERS = {
    "open": {"label": "Opportunity Status", "filterValues": [{"name": "all"}, {"name": "open"}]},
    "probability": {"label": "Probability", "filterValues": [{"name": ">0"}, {"name": "gt90"}]},
    "territory": {"label": "Territory", "filterValues": [{"name": "any"}, {"name": "west"}]},
}
OF_AMOUNT = 'deny_fields = ["Opportunity.Amount"]'
OF_OTHERS = 'deny_fields = ["Opportunity.NextStep"]'


@pytest.fixture(scope="session")
def refusal(demo_org: DemoOrg) -> Callable[..., str | None]:
    """The code that a policy refuses a report with which has this in its metadata, None where it may run."""
    client = Desk(demo_org).client

    def of(policy: str, objects: list[str] | None = None, **metadata: Any) -> str | None:
        import tomllib

        view = View(DataRules.of([parse(tomllib.loads(policy))]), client)
        named = ["Opportunity"] if objects is None else objects
        described = {
            "reportMetadata": {"reportType": {"type": "Opportunity"}, "detailColumns": ["STAGE_NAME"], **metadata},
            "reportTypeMetadata": {
                "categories": [{"columns": COLUMNS}],
                "objects": [{"apiName": each} for each in named],
                "standardFilterInfos": FILTERS,
            },
            "factMap": {},
        }
        try:
            reports.shown(view, described)
        except PolicyError as error:
            return error.code
        return None

    return of


@pytest.mark.parametrize(
    "metadata",
    [
        {"detailColumns": ["STAGE_NAME", "AMOUNT"]},
        {"groupingsDown": [{"name": "AMOUNT"}]},
        {"groupingsAcross": [{"name": "AMOUNT"}]},
        {"groupingsDown": [{"name": "STAGE_NAME", "sortAggregate": "s!AMOUNT"}]},
        {"aggregates": ["RowCount", "a!AMOUNT"]},
        {"reportFilters": [{"column": "AMOUNT", "operator": "greaterThan", "value": "1000"}]},
        {"reportFilters": [{"column": "PROBABILITY", "filterType": "fieldToField", "value": "AMOUNT"}]},
        {"sortBy": [{"sortColumn": "AMOUNT", "sortOrder": "Asc"}]},
        {"standardDateFilter": {"column": "AMOUNT"}},
        {"buckets": [{"developerName": "BucketField_1", "sourceColumnName": "AMOUNT"}], "detailColumns": []},
        {"customSummaryFormula": {"FORMULA1": {"label": "x", "formula": "AMOUNT:SUM / RowCount"}}},
        {"customSummaryFormula": [{"formula": "PARENTGROUPVAL(AMOUNT:SUM, GRAND_SUMMARY)"}]},
        {"customDetailFormula": {"CDF1": {"formula": "IF(AMOUNT > 1000, 1, 0)", "formulaType": "number"}}},
        {"crossFilters": [{"relatedEntity": "Opportunity", "relatedEntityJoinField": "Amount", "criteria": []}]},
    ],
)
def test_a_denied_field_stands_nowhere_in_a_report(refusal: Callable[..., str | None], metadata: Any) -> None:
    assert refusal(OF_AMOUNT, **metadata) == "FIELD_DENIED"
    assert refusal(OF_OTHERS, **metadata) is None


@pytest.mark.parametrize(
    "metadata",
    [
        {"detailColumns": ["AGE"]},
        {"detailColumns": ["NOT_TOLD"]},
        {"detailColumns": ["WEIGHTED"]},
        {"detailColumns": ["Opportunity__hd.Amount__hst"]},
        {"customSummaryFormula": {"FORMULA1": {"formula": "SOMETHING:SUM"}}},
        {"crossFilters": [{"relatedEntity": "Contact", "criteria": [{"column": "FIRST"}]}]},
        {"standardFilters": [{"name": "territory", "value": "west"}]},
        {"reportFormat": "MULTI_BLOCK"},
    ],
)
def test_what_the_org_does_not_tell_is_refused(refusal: Callable[..., str | None], metadata: Any) -> None:
    assert refusal(OF_OTHERS, **metadata) == "UNCHECKED"


def test_what_only_sounds_like_it_is_allowed(refusal: Callable[..., str | None]) -> None:
    formula = {"FORMULA1": {"formula": 'IF(STAGE_NAME = "AMOUNT", RowCount, 0)'}}
    assert refusal(OF_AMOUNT, customSummaryFormula=formula, aggregates=["FORMULA1"]) is None
    assert refusal('deny_fields = ["Account.Name"]', detailColumns=["FULL_NAME"]) is None


def test_filters_of_the_report_type_count_where_they_leave_something_out(refusal: Callable[..., str | None]) -> None:
    probability = 'deny_fields = ["Opportunity.Probability"]'
    assert refusal(probability, standardFilters=[{"name": "probability", "value": ">0"}]) is None
    assert refusal(probability, standardFilters=[{"name": "probability", "value": "gt90"}]) == "FIELD_DENIED"
    closed = 'deny_fields = ["Opportunity.IsClosed"]'
    assert refusal(closed, standardFilters=[{"name": "open", "value": "open"}]) == "FIELD_DENIED"
    assert refusal(OF_AMOUNT, standardFilters=[{"name": "open", "value": "open"}]) is None


def test_objects_are_held_to_it(refusal: Callable[..., str | None]) -> None:
    assert refusal('deny_objects = ["Opportunity"]', aggregates=["RowCount"]) == "OBJECT_DENIED"
    assert refusal('deny_objects = ["Account"]', detailColumns=["ACCOUNT_NAME"]) == "OBJECT_DENIED"
    assert refusal('deny_objects = ["Account"]') is None
    assert refusal('allow_objects = ["Opportunity"]') is None
    assert refusal('allow_objects = ["Opportunity"]', detailColumns=["FULL_NAME"]) == "OBJECT_DENIED"
    assert refusal('allow_objects = ["Opportunity"]', objects=["Opportunity", "Contact"]) == "OBJECT_DENIED"
    assert refusal('allow_objects = ["Opportunity"]', objects=[]) == "UNCHECKED"
    related = [{"relatedEntity": "Contact", "relatedEntityJoinField": "AccountId", "criteria": []}]
    assert refusal('deny_objects = ["Contact"]', crossFilters=related) == "OBJECT_DENIED"
    assert refusal('deny_fields = ["Contact.AccountId"]', crossFilters=related) == "FIELD_DENIED"


def test_only_allowed_fields(refusal: Callable[..., str | None]) -> None:
    policy = 'allow_fields = ["Opportunity.StageName", "Opportunity.OwnerId"]'
    assert refusal(policy) is None
    assert refusal(policy, detailColumns=["PROBABILITY"]) == "FIELD_DENIED"
    # It may be who created the record, which isn't allowed.
    assert refusal(policy, detailColumns=["FULL_NAME"]) == "FIELD_DENIED"


def test_a_parent_is_not_seen_past_its_reference(refusal: Callable[..., str | None]) -> None:
    assert refusal('deny_fields = ["Opportunity.AccountId"]', detailColumns=["ACCOUNT_NAME"]) == "FIELD_DENIED"


def by_name(there: Desk, tool: str) -> dict[str, str]:
    return {row[1]: row[0] for row in there.call(tool, limit=100)["rows"]}


def test_the_tools_obey(desk: Sit) -> None:
    known = by_name(desk(), "list_reports")
    cases, deals = known["Open Cases by Priority"], known["Opportunity Pipeline by Stage"]
    there = desk('deny_fields = ["Contact.Email", "Opportunity.Amount"]\ndeny_objects = ["Lead"]')
    assert there.call("run_report", report_id=cases)["totals"]["rows"]
    assert there.call("run_report", report_id=cases, method="async")["totals"]["rows"]
    assert there.call("get_report", report_id=cases)["columns"]["rows"]
    for arguments in ({}, {"method": "async"}):
        assert there.refused("run_report", report_id=deals, **arguments) == "FIELD_DENIED"
    assert there.refused("get_report", report_id=deals) == "FIELD_DENIED"
    there = desk('deny_fields = ["Case.Priority"]')
    assert there.refused("run_report", report_id=cases) == "FIELD_DENIED"
    volume = known["Case Volume by Month and Type"]
    filters = [{"column": "PRIORITY", "value": "High"}]
    assert there.call("run_report", report_id=volume)["totals"]["rows"]
    assert there.refused("run_report", report_id=volume, filters=filters) == "FIELD_DENIED"
    there = desk('allow_objects = ["Case", "Contact", "Account", "User", "RecordType"]')
    assert there.call("run_report", report_id=cases)["totals"]["rows"]
    assert there.refused("run_report", report_id=deals) == "OBJECT_DENIED"


def test_results_of_an_earlier_run_are_looked_at(desk: Sit) -> None:
    deals = by_name(desk(), "list_reports")["Opportunity Pipeline by Stage"]
    run = desk().client.post(f"analytics/reports/{deals}/instances")["id"]
    with pytest.raises(PolicyError, match="FIELD_DENIED"):
        desk(OF_AMOUNT).client.get(f"analytics/reports/{deals}/instances/{run}")


def test_dashboards_show_what_their_reports_may(desk: Sit) -> None:
    known = by_name(desk(), "list_dashboards")
    there = desk(OF_AMOUNT)
    assert len(there.call("get_dashboard", dashboard_id=known["Service Overview"])) > 0
    assert there.refused("get_dashboard", dashboard_id=known["Sales Overview"]) == "FIELD_DENIED"
    assert there.call("refresh_dashboard", dashboard_id=known["Sales Overview"])["rows"]
    with pytest.raises(PolicyError, match="UNCHECKED"):
        there.client.get(f"analytics/dashboards/{known['Service Overview']}/describe")


def test_a_tool_that_may_run_unchecked_still_shows_no_denied_field(desk: Sit) -> None:
    deals = by_name(desk(), "list_reports")["Opportunity Pipeline by Stage"]
    there = desk(f'{OF_AMOUNT}\nunchecked_tools = ["run_report"]')
    assert there.refused("run_report", report_id=deals) == "FIELD_DENIED"


def test_a_filtered_dashboard_tells_its_columns(demo_org: DemoOrg) -> None:
    view = View(DataRules.of([Policy(deny_fields=["Opportunity.Amount"])]), Desk(demo_org).client)
    result = {
        "reportMetadata": {"reportType": {"type": "Opportunity"}, "detailColumns": []},
        "reportTypeMetadata": {"categories": [{"columns": COLUMNS}], "objects": [{"apiName": "Opportunity"}]},
        "factMap": {},
    }

    def shown(properties: dict[str, Any]) -> None:
        metadata = {"components": [{"id": "1", "properties": properties}], "filters": [{"selectedOption": 0}]}
        data = [{"componentId": "1", "reportResult": result}]
        reports.shown(view, {"componentData": data, "dashboardMetadata": metadata})

    shown({"filterColumns": [{"name": "STAGE_NAME"}]})
    with pytest.raises(PolicyError, match="FIELD_DENIED"):
        shown({"filterColumns": [{"name": "AMOUNT"}]})
    with pytest.raises(PolicyError, match="UNCHECKED"):
        shown({})
