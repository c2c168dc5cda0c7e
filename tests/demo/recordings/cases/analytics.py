"""Reports, their types and runs, dashboards."""

from collections.abc import Callable
from typing import Any

from tests.demo.recordings.replay import NEWER_KEYS, Org, Replay

NO_NOTIFICATIONS = "the demo org has no analytics notifications, only their limits"
FRAGMENT = "the guide prints a part of an answer under a resource that it isn't the answer of"
OTHER_COLUMNS = {
    r"/reportExtendedMetadata/(detail|grouping|aggregate)ColumnInfo/\S+: (recorded|answered), not": "another report"
}
FEWER_COLUMNS = {
    r"/reportTypeMetadata/categories\[\]/columns/\S+: (recorded|answered), not": "the type has other columns",
}
EMPTIED = {
    r"/report(Type)?Metadata/\S+: recorded 0 items, answered": "the author emptied the lists of the fixture",
    r"/reportMetadata/standardFilters\[\]/": "the author put a filter on a column in the place of a standard filter",
}
OTHER_DASHBOARD = {
    r"/componentData\[\]/reportResult/(reportMetadata|reportExtendedMetadata|factMap)/": "another report is shown",
    r"/dashboardMetadata/components\[\]/properties/\S+: ": "the demo org's dashboards are plain ones",
}
RENAMED = {r"/report\w+Metadata/\S+": "the author renamed columns and values of the fixture"}
OTHER_GROUPS = {r"/factMap/\S+: ": "there are other groups in the demo org"}


DEAL_COLUMNS = ["OPPORTUNITY_NAME", "AMOUNT", "LEAD_SOURCE", "NEXT_STEP", "PROBABILITY", "FISCAL_QUARTER", "AGE"]
BY_ACCOUNT = {
    "reportType": {"type": "Opportunity"},
    "detailColumns": [*DEAL_COLUMNS, "CREATED_DATE", "FULL_NAME", "ROLLUP_DESCRIPTION"],
    "groupingsDown": [{"name": "ACCOUNT_NAME"}],
    "groupingsAcross": [{"name": "CLOSE_DATE", "dateGranularity": "Month"}, {"name": "TYPE"}],
    "aggregates": ["s!AMOUNT", "a!AMOUNT", "RowCount"],
    "reportFilters": [{"column": "STAGE_NAME", "operator": "notEqual", "value": "Closed Lost"}],
}
BY_PHASE = {
    **BY_ACCOUNT,
    "buckets": [
        {
            "bucketType": "picklist",
            "developerName": "BucketField_36625466",
            "label": "Stage",
            "sourceColumnName": "STAGE_NAME",
            "values": [
                {"label": "Early", "sourceDimensionValues": ["Prospecting", "Qualification", "Needs Analysis"]},
                {"label": "Late", "sourceDimensionValues": ["Value Proposition", "Negotiation/Review"]},
            ],
        }
    ],
    "reportFilters": [
        {"column": "BucketField_36625466", "operator": "equals", "value": "Early,Late"},
        {"column": "TYPE", "operator": "equals", "value": "Existing Customer - Upgrade,New Customer"},
    ],
}
BY_TYPE = {
    "reportType": {"type": "Opportunity"},
    "detailColumns": ["OPPORTUNITY_NAME", "AMOUNT", "STAGE_NAME", "FISCAL_QUARTER", "FULL_NAME"],
    "groupingsDown": [{"name": "TYPE"}, {"name": "ACCOUNT_NAME"}],
    "groupingsAcross": [{"name": "CLOSE_DATE", "dateGranularity": "Month"}],
    "aggregates": ["s!AMOUNT"],
    "reportFilters": [],
}


def made(**definition: Any) -> Callable[[Org], dict[str, str]]:
    """Create a report such as the recorded one."""

    def setup(org: Org) -> dict[str, str]:
        body = {"reportMetadata": {"name": "Recorded", **definition}}
        answer = org.send("POST", "/services/data/v66.0/analytics/reports", headers={}, json=body)
        assert answer.status_code == 200, answer.text
        return {"report": answer.json()["reportMetadata"]["id"]}

    return setup


def dashboard(org: Org) -> str:
    """The Id of a dashboard with one component, a summary report."""
    found = org.get("query", q="SELECT Id FROM Dashboard WHERE DeveloperName = 'Sales_Overview'")
    return str(found["records"][0]["Id"])


def shown(org: Org) -> dict[str, str]:
    return {"dashboard": dashboard(org)}


def viewed_dashboard(org: Org) -> dict[str, str]:
    org.get(f"analytics/dashboards/{dashboard(org)}")
    return {}


def folder(org: Org) -> dict[str, str]:
    found = org.get("query", q="SELECT Id FROM Folder WHERE Type = 'Dashboard'")
    return {**shown(org), "folder": found["records"][0]["Id"]}


CASES: dict[str, Replay | str] = {
    "analytics-doc-check-limits-for-analytics-notifications": Replay(),
    "analytics-doc-clone-a-dashboard": Replay(
        query={"cloneId": "{dashboard}"}, body={"folderId": "{folder}"}, setup=folder, explained=NEWER_KEYS
    ),
    "analytics-doc-clone-reports": Replay(
        query={"cloneId": "{report}"}, setup=made(reportType={"type": "AccountList"}), explained=NEWER_KEYS
    ),
    "analytics-doc-create-a-new-report": Replay(explained={**NEWER_KEYS, **FEWER_COLUMNS, **OTHER_COLUMNS}),
    "analytics-doc-create-an-analytics-notification": NO_NOTIFICATIONS,
    "analytics-doc-dashboard-describe": FRAGMENT,
    "analytics-doc-filter-operator-list": Replay(explained=NEWER_KEYS),
    "analytics-doc-get-a-list-of-report-types": Replay(explained=NEWER_KEYS),
    "analytics-doc-get-dashboard-results": Replay(
        path="/services/data/v66.0/analytics/dashboards/{dashboard}",
        setup=shown,
        explained={**NEWER_KEYS, **OTHER_DASHBOARD},
    ),
    "analytics-doc-get-list-of-recently-used-dashboards": Replay(setup=viewed_dashboard),
    "analytics-doc-report-type": FRAGMENT,
    "analytics-doc-report-type-2": FRAGMENT,
    "analytics-doc-run-reports-synchronously-or-asynchronously": Replay(
        path="/services/data/v35.0/analytics/reports/{report}",
        query={"includeDetails": "true"},
        setup=made(**BY_PHASE),
        explained={**NEWER_KEYS, **OTHER_GROUPS},
    ),
    "analytics-doc-run-reports-synchronously-or-asynchronously-2": (
        "stored for a GET, but what the guide prints for the POST that starts a run: see tests/demo/analytics"
    ),
    "analytics-doc-save-a-dashboard": Replay(
        path="/services/data/v66.0/analytics/dashboards/{dashboard}",
        setup=shown,
        explained={**NEWER_KEYS, **OTHER_DASHBOARD},
    ),
    "analytics-doc-save-changes-to-an-analytics-notification": NO_NOTIFICATIONS,
    "analytics-doc-save-changes-to-an-analytics-notification-2": NO_NOTIFICATIONS,
    "analytics-matrix-basic": Replay(
        path="/services/data/v29.0/analytics/reports/{report}",
        setup=made(**BY_TYPE),
        explained={**NEWER_KEYS, **OTHER_GROUPS},
    ),
    "analytics-matrix-complex": Replay(
        path="/services/data/v29.0/analytics/reports/{report}",
        setup=made(
            reportType={"type": "Opportunity"},
            detailColumns=["SALES", "OPPORTUNITY_NAME", "AMOUNT", "STAGE_NAME", "FULL_NAME"],
            groupingsDown=[{"name": "TYPE"}, {"name": "ACCOUNT_NAME"}],
            groupingsAcross=[{"name": "FISCAL_QUARTER"}, {"name": "CLOSE_DATE", "dateGranularity": "Month"}],
            aggregates=["s!SALES", "s!AMOUNT", "RowCount"],
        ),
        explained={**NEWER_KEYS, **OTHER_GROUPS},
    ),
    "analytics-matrix-metadata": Replay(
        path="/services/data/v47.0/analytics/reports/{report}/describe",
        setup=made(**BY_ACCOUNT),
        explained={**NEWER_KEYS, **EMPTIED},
    ),
    "analytics-sample-metadata": Replay(
        path="/services/data/v47.0/analytics/reports/{report}/describe",
        setup=made(reportType={"type": "Opportunity"}),
        explained={**NEWER_KEYS, **FEWER_COLUMNS, **OTHER_COLUMNS},
    ),
    "analytics-summary-basic-single-group": Replay(
        path="/services/data/v29.0/analytics/reports/{report}",
        setup=made(
            reportType={"type": "AccountList"},
            detailColumns=[
                "USERS.NAME",
                "ACCOUNT.NAME",
                "ADDRESS1_STATE",
                "RATING",
                "INDUSTRY",
                "CREATED_DATE",
                "SALES",
            ],
            groupingsDown=[{"name": "TYPE"}],
            aggregates=["s!SALES", "RowCount"],
        ),
        explained={**NEWER_KEYS, **OTHER_GROUPS},
    ),
    "analytics-summary-metadata": Replay(
        path="/services/data/v47.0/analytics/reports/{report}/describe",
        setup=made(**{**BY_TYPE, "groupingsAcross": [], "reportFilters": BY_ACCOUNT["reportFilters"]}),
        explained={**NEWER_KEYS, **RENAMED},
    ),
    "analytics-tabular-metadata": Replay(
        path="/services/data/v35.0/analytics/reports/{report}/describe",
        setup=made(**BY_ACCOUNT),
        explained={**NEWER_KEYS, **EMPTIED},
    ),
}
