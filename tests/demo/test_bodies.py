"""Bodies whose values are of the wrong type are refused, as a client's mistakes are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.demo.conftest import Web

REPORT = "00O5g0000000001EAA"
DASHBOARD = "01Z5g0000000001EAA"
QUERY = "/v/analytics/reports/query"
LOOK = {"method": "GET", "url": "/services/data/v66.0/limits", "referenceId": "a"}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (QUERY, {"reportMetadata": {"reportType": {"type": []}}}),
        *(
            (f"/v/analytics/reports/{REPORT}", {"reportMetadata": changes})
            for changes in (
                {"aggregates": [None]},
                {"detailColumns": [["PRIORITY"]]},
                {"groupingsDown": [None]},
                {"groupingsDown": ["PRIORITY"]},
                {"groupingsDown": [{"name": "PRIORITY", "dateGranularity": []}]},
                {"reportBooleanFilter": [1]},
                {"reportFilters": 5},
                {"reportFilters": ["PRIORITY"]},
                {"reportFilters": [{"column": [], "operator": "equals", "value": "High"}]},
                {"scope": []},
                {"sortBy": ["PRIORITY"]},
                {"standardDateFilter": "LAST_N_DAYS:30"},
                {"standardDateFilter": {"column": "CREATED_DATEONLY", "durationValue": [1]}},
                {"standardFilters": {"name": "units"}},
                {"topRows": 5},
            )
        ),
        (f"/v/analytics/dashboards/{DASHBOARD}", {"componentIds": True}),
        (f"/v/analytics/dashboards?cloneId={DASHBOARD}", {"folderId": "00l5g0000000005AAA", "name": [[]]}),
        (f"/v/analytics/dashboards/{DASHBOARD}/filteroptionsanalysis", {"filterColumns": [5], "options": []}),
        ("/v/composite", {"compositeRequest": [{**LOOK, "httpHeaders": 5}]}),
        ("/v/composite/sobjects/Account", {"ids": ["0015g0000000001AAA"], "fields": 5}),
        ("/v/jobs/ingest", {"object": "Account", "operation": []}),
        ("/v/jobs/ingest", {"object": "Account", "operation": "insert", "lineEnding": [{}]}),
        ("/v/jobs/query", {"query": "SELECT Id FROM Lead", "operation": "query", "columnDelimiter": [5]}),
        ("/v/parameterizedSearch", {"q": "generator", "sobjects": [5]}),
        ("/v/parameterizedSearch", {"q": "generator", "fields": 5}),
        ("/v/parameterizedSearch", {"q": "generator", "dataCategories": [{}]}),
        ("/v/chatter/groups/0F95g0000000002CAA/members", {"userId": [[]]}),
        ("/v/quickActions/Case.ChangeStatus", {"contextId": 5, "record": {"Status": "Working"}}),
        ("/v/sobjects/Attachment", {"ParentId": "0015g0000000001AAA", "Name": "a.txt", "Body": "é"}),
    ],
)
def test_values_of_the_wrong_type_are_refused(web: Web, path: str, body: dict[str, Any]) -> None:
    response = web.post(path, json=body)
    assert response.status_code == 400, response.text


def test_headers_of_a_subrequest_may_be_of_any_type(web: Web) -> None:
    asked = {**LOOK, "url": "/services/data/v66.0/sobjects/Account/describe", "httpHeaders": {"If-Modified-Since": 5}}
    answer = web.post("/v/composite", json={"compositeRequest": [asked]}).json()
    assert answer["compositeResponse"][0]["httpStatusCode"] == 200


def test_records_are_counted_in_an_org_that_nobody_has_used(tmp_path: Path) -> None:
    with DemoOrg(tmp_path) as org:
        counts = Web(org).get("/v/limits/recordCount").json()["sObjects"]
    assert {"count": 120, "name": "Account"} in counts
    assert "EntityDefinition" in [each["name"] for each in counts]
