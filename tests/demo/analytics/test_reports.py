"""Reports over HTTP: lists, descriptions, runs, saving, and who may do what."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.demo.conftest import Web

REPORTS = "/v/analytics/reports"


def report_id(web: Web, name: str) -> str:
    rows = web.get("/v/query", params={"q": f"SELECT Id FROM Report WHERE Name = '{name}'"}).json()["records"]
    return str(rows[0]["Id"])


def query(web: Web, soql: str) -> list[dict[str, Any]]:
    return list(web.get("/v/query", params={"q": soql}).json()["records"])


def create(web: Web, token: str = "admin", **metadata: Any) -> dict[str, Any]:
    body = {"reportMetadata": {"name": "Mine", "reportType": {"type": "AccountList"}, **metadata}}
    answer = web.post(REPORTS, json=body, token=token)
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()["reportMetadata"]
    return made


def refusal(answer: Any) -> tuple[int, str, str]:
    (error,) = answer.json()
    return answer.status_code, error["errorCode"], error["message"]


def test_a_report_that_was_run_is_listed(web: Web) -> None:
    cases = report_id(web, "Cases by Status and Origin")
    started = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    assert web.get(f"{REPORTS}/{cases}").status_code == 200
    (listed,) = [each for each in web.get(REPORTS).json() if each["id"] == cases]
    url = f"/services/data/v66.0/analytics/reports/{cases}"
    assert listed == {
        "describeUrl": f"{url}/describe",
        "id": cases,
        "instancesUrl": f"{url}/instances",
        "name": "Cases by Status and Origin",
        "url": url,
    }
    assert query(web, f"SELECT LastRunDate FROM Report WHERE Id = '{cases}'")[0]["LastRunDate"] >= started


def test_the_totals_are_those_of_soql(web: Web) -> None:
    run = web.get(f"{REPORTS}/{report_id(web, 'Opportunity Pipeline by Stage')}").json()
    soql = "SELECT StageName, SUM(Amount) s, COUNT(Id) n FROM Opportunity WHERE IsClosed = FALSE GROUP BY StageName"
    expected = {row["StageName"]: (row["s"], row["n"]) for row in query(web, soql)}
    for group in run["groupingsDown"]["groupings"]:
        cells = [cell["value"] for cell in run["factMap"][f"{group['key']}!T"]["aggregates"]]
        assert cells == list(expected.pop(group["value"]))
    assert not expected


def test_details_come_with_the_rows_of_their_group(web: Web) -> None:
    report = report_id(web, "Cases by Status and Origin")
    run = web.get(f"{REPORTS}/{report}", params={"includeDetails": "true"}).json()
    for fact in (run["factMap"]["1!2"], run["factMap"]["3!0"]):
        assert len(fact["rows"]) == fact["aggregates"][0]["value"]
    assert run["factMap"]["1!T"]["rows"] == []


def test_a_run_with_filters_of_its_own(web: Web) -> None:
    report = report_id(web, "Opportunity Pipeline by Stage")
    filters = [{"column": "STAGE_NAME", "operator": "equals", "value": "Prospecting"}]
    run = web.post(f"{REPORTS}/{report}", json={"reportMetadata": {"reportFilters": filters}}).json()
    assert [group["label"] for group in run["groupingsDown"]["groupings"]] == ["Prospecting"]
    (kept,) = run["reportMetadata"]["reportFilters"]
    assert kept == {**filters[0], "filterType": "fieldValue", "isRunPageEditable": True}
    described = web.get(f"{REPORTS}/{report}/describe").json()["reportMetadata"]
    assert [each["column"] for each in described["reportFilters"]] == ["CLOSED"]


def test_the_described_metadata_can_be_sent_back(web: Web) -> None:
    report = report_id(web, "Won Deals by Owner and Quarter")
    described = web.get(f"{REPORTS}/{report}/describe").json()
    again = web.post(f"{REPORTS}/{report}", json={"reportMetadata": described["reportMetadata"]})
    assert again.status_code == 200
    assert again.json()["factMap"] == web.get(f"{REPORTS}/{report}").json()["factMap"]


def test_what_a_report_could_show(web: Web) -> None:
    described = web.get(f"{REPORTS}/{report_id(web, 'Open Cases by Priority')}/describe").json()
    columns = {
        name: column
        for category in described["reportTypeMetadata"]["categories"]
        for name, column in category["columns"].items()
    }
    assert columns["PRIORITY"]["dataType"] == "picklist"
    assert [value["name"] for value in columns["PRIORITY"]["filterValues"]] == ["Critical", "High", "Medium", "Low"]
    assert columns["OWNER"]["isLookup"] is True
    assert columns["DESCRIPTION"]["filterable"] is False
    assert "CREATED_DATEONLY" in described["reportExtendedMetadata"]["detailColumnInfo"]


@pytest.mark.parametrize("report", ["00O000000000000AAA", "nonsense", "0015g000000001AAAA"])
@pytest.mark.parametrize("resource", ["", "/describe", "/instances"])
def test_a_report_that_is_not_there(web: Web, report: str, resource: str) -> None:
    unavailable = (404, "NOT_FOUND", "The data you’re trying to access is unavailable.")
    assert refusal(web.get(f"{REPORTS}/{report}{resource}")) == unavailable


def test_a_run_needs_metadata_in_its_body(web: Web) -> None:
    report = report_id(web, "All Customers")
    status, code, message = refusal(web.post(f"{REPORTS}/{report}", json={"filters": []}))
    assert (status, code) == (400, "BAD_REQUEST")
    assert "no metadata" in message
    answer = web.post(f"{REPORTS}/{report}", json={"reportMetadata": {"reportFilters": None}})
    assert "no filters" in refusal(answer)[2]
    assert web.post(f"{REPORTS}/{report}").status_code == 200


# --- Rights ---


def test_hidden_folders_and_the_folders_of_others_are_not_seen(web: Web) -> None:
    board, private = report_id(web, "Board Forecast"), report_id(web, "Stan's Deals".replace("'", "\\'"))
    assert web.get(f"{REPORTS}/{board}").status_code == 200
    assert web.get(f"{REPORTS}/{board}", token="standard").status_code == 404
    assert web.get(f"{REPORTS}/{private}", token="standard").status_code == 200


def test_columns_that_a_user_may_not_see_are_left_out(web: Web) -> None:
    made = create(
        web,
        folderId=query(web, "SELECT Id FROM Folder WHERE Name = 'Sales Reports'")[0]["Id"],
        detailColumns=["ACCOUNT.NAME", "SALES"],
        aggregates=["s!SALES", "RowCount"],
    )
    theirs = web.get(f"{REPORTS}/{made['id']}", token="standard").json()
    assert theirs["reportMetadata"]["detailColumns"] == ["ACCOUNT.NAME"]
    assert theirs["reportMetadata"]["aggregates"] == ["RowCount"]
    assert "SALES" not in theirs["reportExtendedMetadata"]["detailColumnInfo"]
    filters = [{"column": "SALES", "operator": "greaterThan", "value": "1"}]
    answer = web.post(f"{REPORTS}/{made['id']}", json={"reportMetadata": {"reportFilters": filters}}, token="standard")
    assert refusal(answer)[:2] == (403, "FORBIDDEN")


def test_a_report_shows_only_records_that_the_user_may_see(web: Web) -> None:
    web.post("/v/sobjects/Expense_Report__c", json={})
    body = {
        "reportMetadata": {"reportType": {"type": "CustomEntity$Expense_Report__c"}, "detailColumns": ["CUST_NAME"]}
    }
    counts = [
        web.post(f"{REPORTS}/query", json=body, token=token).json()["factMap"]["T!T"]["aggregates"][0]["value"]
        for token in ("admin", "standard")
    ]
    for token, count in zip(("admin", "standard"), counts, strict=True):
        soql = {"q": "SELECT COUNT() FROM Expense_Report__c"}
        assert web.get("/v/query", params=soql, token=token).json()["totalSize"] == count


def test_the_standard_user_keeps_reports_to_themselves(web: Web) -> None:
    made = create(web, "standard", name="Stan only")
    assert made["folderId"].startswith("005")
    assert query(web, f"SELECT FolderName FROM Report WHERE Id = '{made['id']}'")[0]["FolderName"] == "Private Reports"
    sales = query(web, "SELECT Id FROM Folder WHERE Name = 'Sales Reports'")[0]["Id"]
    moved = web.send("PATCH", f"{REPORTS}/{made['id']}", json={"reportMetadata": {"folderId": sales}}, token="standard")
    assert refusal(moved) == (403, "FORBIDDEN", "You don't have permission to edit reports in the given folder.")
    customers = report_id(web, "All Customers")
    assert web.send("DELETE", f"{REPORTS}/{customers}", token="standard").status_code == 403
    assert web.send("DELETE", f"{REPORTS}/{made['id']}", token="standard").status_code == 204


# --- Saving ---


def test_a_new_report_starts_with_the_columns_of_its_type(web: Web) -> None:
    made = create(web, name="Plain")
    assert made["detailColumns"] == ["USERS.NAME", "ACCOUNT.NAME", "TYPE", "DUE_DATE", "LAST_UPDATE", "ADDRESS1_STATE"]
    assert (made["reportFormat"], made["developerName"]) == ("TABULAR", "Plain")
    assert create(web, name="Plain")["developerName"] == "Plain_2"
    (row,) = query(web, f"SELECT Name, Format FROM Report WHERE Id = '{made['id']}'")
    assert (row["Name"], row["Format"]) == ("Plain", "Tabular")


def test_a_copy_is_a_report_of_its_own(web: Web) -> None:
    source = report_id(web, "Open Cases by Priority")
    copy = web.post(REPORTS, params={"cloneId": source}, json={"reportMetadata": {"name": "A copy"}}).json()
    assert copy["reportMetadata"]["groupingsDown"][0]["name"] == "PRIORITY"
    made = copy["reportMetadata"]["id"]
    assert made != source
    assert web.get(f"{REPORTS}/{made}").json()["factMap"] == web.get(f"{REPORTS}/{source}").json()["factMap"]


def test_changes_are_saved(web: Web) -> None:
    made = create(web, name="To change")["id"]
    changes = {"name": "Changed", "description": "by rating", "groupingsDown": [{"name": "RATING"}]}
    saved = web.send("PATCH", f"{REPORTS}/{made}", json={"reportMetadata": changes}).json()["reportMetadata"]
    assert (saved["name"], saved["reportFormat"]) == ("Changed", "SUMMARY")
    assert web.get(f"{REPORTS}/{made}/describe").json()["reportMetadata"] == saved
    (row,) = query(web, f"SELECT Name, Format, Description FROM Report WHERE Id = '{made}'")
    assert (row["Name"], row["Format"], row["Description"]) == ("Changed", "Summary", "by rating")


def test_a_deleted_report_lies_in_the_recycle_bin(web: Web) -> None:
    made = create(web, name="To delete")["id"]
    assert web.send("DELETE", f"{REPORTS}/{made}").status_code == 204
    assert web.get(f"{REPORTS}/{made}").status_code == 404
    soql = {"q": f"SELECT IsDeleted FROM Report WHERE Id = '{made}'"}
    assert web.get("/v/queryAll", params=soql).json()["records"][0]["IsDeleted"] is True


def test_a_report_on_a_dashboard_stays(web: Web) -> None:
    status, code, message = refusal(web.send("DELETE", f"{REPORTS}/{report_id(web, 'Open Cases by Priority')}"))
    assert (status, code) == (403, "FORBIDDEN")
    assert "dashboards" in message


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({"name": ""}, "The report name can't be null."),
        ({"name": "x" * 41}, "40 characters"),
        ({"folderId": "00l000000000000AAA"}, "The report folder ID must be a valid folder ID."),
        ({"reportType": {}}, "The report type None is invalid."),
        ({"detailColumns": ["NOPE"]}, "The column NOPE is invalid."),
    ],
)
def test_a_report_that_cannot_be_saved(web: Web, metadata: dict[str, Any], message: str) -> None:
    body = {"reportMetadata": {"name": "Mine", "reportType": {"type": "AccountList"}, **metadata}}
    status, _, said = refusal(web.post(REPORTS, json=body))
    assert status == 400
    assert message in said


def test_a_copy_needs_a_source(web: Web) -> None:
    assert "cloneId" in refusal(web.post(f"{REPORTS}?cloneId=", json={}))[2]


# --- Types and operators ---


def test_report_types(web: Web) -> None:
    listed = {
        each["type"]: each for group in web.get("/v/analytics/reportTypes").json() for each in group["reportTypes"]
    }
    assert {"AccountList", "ContactList", "Opportunity", "CaseList", "LeadList"} <= listed.keys()
    for each in listed.values():
        described = web.get(each["describeUrl"])
        assert described.status_code == 200
        body = {"reportMetadata": {**described.json()["reportMetadata"], "hasDetailRows": True}}
        run = web.post(f"{REPORTS}/query", json=body)
        assert run.status_code == 200, run.text
        columns = [
            name for category in described.json()["reportTypeMetadata"]["categories"] for name in category["columns"]
        ]
        for some in (columns[::2], columns[1::2]):
            body["reportMetadata"]["detailColumns"] = some
            assert web.post(f"{REPORTS}/query", json=body).status_code == 200
    assert web.get("/v/analytics/reportTypes/Wishes").status_code == 404


def test_filter_operators(web: Web) -> None:
    operators = web.get("/v/analytics/filteroperators").json()
    assert [each["name"] for each in operators["id"]] == ["equals", "notEqual", "startsWith"]
    assert "between" not in str(operators)
    assert "between" in str(web.get("/v/analytics/filteroperators?forDashboards=true").json()["date"])
