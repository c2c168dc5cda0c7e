"""The Tooling API's resources."""

from __future__ import annotations

from typing import Any

import pytest

from tests.demo.conftest import Web


def run(web: Web, code: str) -> dict[str, object]:
    answer = web.get("/v/tooling/executeAnonymous", params={"anonymousBody": code})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_records_have_tooling_urls(web: Web) -> None:
    body = {"Name": "Fresh", "Body": "class Fresh {}", "ApiVersion": 62, "LengthWithoutComments": 14}
    made = web.post("/v/tooling/sobjects/ApexClass", json=body)
    assert made.status_code == 201
    path = f"/services/data/v66.0/tooling/sobjects/ApexClass/{made.json()['id']}"
    record = web.get(path).json()
    assert record["attributes"] == {"type": "ApexClass", "url": path} and record["Body"] == "class Fresh {}"
    assert web.send("PATCH", path, json={"Status": "Inactive"}).status_code == 204
    assert web.get(path, params={"fields": "Status"}).json()["Status"] == "Inactive"
    assert web.send("DELETE", path).status_code == 204
    assert web.get(path).status_code == 404


def test_objects_and_describes(web: Web) -> None:
    listed = {each["name"]: each for each in web.get("/v/tooling/sobjects").json()["sobjects"]}
    assert "ApexClass" in listed and "Account" not in listed
    described = web.get(listed["ApexClass"]["urls"]["describe"]).json()
    assert described["name"] == "ApexClass" and "/tooling/" in described["urls"]["rowTemplate"]
    assert web.get("/v/tooling/sobjects/Account/describe").status_code == 404
    assert web.get("/v/tooling/sobjects/ApexClass/describe", token="standard").status_code == 404


@pytest.mark.parametrize(
    "code", ["", "// nothing", "System.debug('a;b');", "System . debug(1 + 2);", "System.assert(true);", "/* ; */;"]
)
def test_apex_that_runs(web: Web, code: str) -> None:
    assert run(web, code) == {
        "line": -1,
        "column": -1,
        "compiled": True,
        "success": True,
        "compileProblem": None,
        "exceptionStackTrace": None,
        "exceptionMessage": None,
    }


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("System.debug('a')", 1, 18),
        ("System.debug('a'));", 1, 18),
        ("\n  System.debug('a);", 2, 16),
        ("System.debug('x');\n  insert new Account(Name = 'x');", 2, 3),
        ("if (true) { System.debug('x'); }", 1, 33),
    ],
)
def test_apex_that_does_not_compile(web: Web, code: str, line: int, column: int) -> None:
    answer = run(web, code)
    assert (answer["compiled"], answer["success"]) == (False, False)
    assert (answer["line"], answer["column"]) == (line, column), answer


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("System.assert(false, 'no');", "System.AssertException: Assertion Failed: no"),
        ("System.assertEquals('a', 'b');", "System.AssertException: Assertion Failed: Expected: a, Actual: b"),
        ("throw new CalloutException('gone');", "System.CalloutException: gone"),
    ],
)
def test_apex_that_throws(web: Web, code: str, message: str) -> None:
    answer = run(web, f"\n{code}")
    assert (answer["compiled"], answer["success"], answer["exceptionMessage"]) == (True, False, message)
    assert answer["exceptionStackTrace"] == "AnonymousBlock: line 2, column 1"


def test_who_may_run_apex(web: Web) -> None:
    assert web.get("/v/tooling/executeAnonymous", token="standard", params={"anonymousBody": ""}).status_code == 403
    assert web.get("/v/tooling/executeAnonymous").status_code == 400


def rows(web: Web, soql: str, *, api: str = "tooling/", token: str = "admin") -> list[dict[str, Any]]:
    answer = web.get(f"/v/{api}query", params={"q": soql}, token=token)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


def refused(web: Web, soql: str, *, api: str = "tooling/", token: str = "admin") -> tuple[str, str]:
    answer = web.get(f"/v/{api}query", params={"q": soql}, token=token)
    assert answer.status_code == 400, answer.text
    return answer.json()[0]["errorCode"], answer.json()[0]["message"]


def names(found: list[dict[str, Any]]) -> set[str]:
    return {each["QualifiedApiName"] for each in found}


@pytest.mark.parametrize("api", ["", "tooling/"])
def test_objects_are_rows(web: Web, api: str) -> None:
    described = {each["name"]: each for each in web.get("/v/sobjects").json()["sobjects"]}
    soql = "SELECT Id, DurableId, QualifiedApiName, Label, PluralLabel, KeyPrefix, IsQueryable FROM EntityDefinition"
    found = {each["QualifiedApiName"]: each for each in rows(web, soql, api=api)}
    assert set(found) == set(described)
    for name, each in found.items():
        told = described[name]
        assert (each["Label"], each["PluralLabel"]) == (told["label"], told["labelPlural"])
        assert (each["KeyPrefix"], each["IsQueryable"]) == (told["keyPrefix"], told["queryable"])
        assert each["Id"] == "000000000000000AAA"
        assert each["attributes"]["url"] == f"/services/data/v66.0/{api}sobjects/EntityDefinition/{each['DurableId']}"
    assert found["Case"]["DurableId"] == "Case" and found["Invoice__c"]["DurableId"].startswith("01I")


@pytest.mark.parametrize("api", ["", "tooling/"])
@pytest.mark.parametrize("sobject", ["Account", "Contact", "Invoice__c"])
def test_fields_are_rows(web: Web, api: str, sobject: str) -> None:
    described = web.get(f"/v/sobjects/{sobject}/describe").json()["fields"]
    parts = {each["name"] for each in described if each["compoundFieldName"]}
    soql = (
        "SELECT QualifiedApiName, Label, Length, IsNillable, IsCalculated, RelationshipName, ReferenceTo"
        f" FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = '{sobject}'"
    )
    found = {each["QualifiedApiName"]: each for each in rows(web, soql, api=api)}
    assert list(found) == [each["name"] for each in described if each["name"] not in parts]
    for told in described:
        if told["name"] not in parts:
            each = found[told["name"]]
            assert (each["Label"], each["Length"]) == (told["label"], told["length"])
            assert (each["IsNillable"], each["IsCalculated"]) == (told["nillable"], told["calculated"])
            assert each["RelationshipName"] == told["relationshipName"]
            assert (each["ReferenceTo"]["referenceTo"] or []) == told["referenceTo"]
    particles = (
        f"SELECT QualifiedApiName FROM EntityParticle WHERE EntityDefinitionId = '{sobject}' AND IsComponent = true"
    )
    assert names(rows(web, particles, api=api)) == parts


@pytest.mark.parametrize(
    ("field", "durable_id", "data_type"),
    [
        ("Contact.AccountId", "Contact.Account", "Lookup(Account)"),
        ("Lead.Id", "Lead.Id", "Lookup()"),
        ("Lead.IsDeleted", "Lead.IsDeleted", "Checkbox"),
        ("Case.OwnerId", "Case.Owner", "Lookup(User,Group)"),
        ("Case.CaseNumber", "Case.CaseNumber", "Auto Number"),
        ("Account.Name", "Account.Name", "Name"),
        ("Account.BillingAddress", "Account.BillingAddress", "Address"),
        ("Opportunity.Amount", "Opportunity.Amount", "Currency(16, 2)"),
        ("Case.CreatedDate", "Case.CreatedDate", "Date/Time"),
        ("Line_Item__c.Invoice__c", None, "Master-Detail(Invoice)"),
        ("Invoice__c.External_Id__c", None, "Text(36) (External ID) (Unique Case Sensitive)"),
        ("Invoice__c.Balance__c", None, "Formula (Currency)"),
        ("Invoice__c.Total__c", None, "Roll-Up Summary (SUM Line Item)"),
        ("Merchandise__c.Colors__c", None, "Picklist (Multi-Select)"),
        ("Warehouse__c.Notes__c", None, "Rich Text Area(32768)"),
    ],
)
def test_how_fields_are_called(web: Web, field: str, durable_id: str | None, data_type: str) -> None:
    sobject, _, name = field.partition(".")
    soql = f"SELECT DurableId, DataType FROM FieldDefinition WHERE EntityDefinitionId = '{sobject}'"
    (found,) = rows(web, f"{soql} AND QualifiedApiName = '{name}'")
    assert found["DataType"] == data_type
    if durable_id:
        assert found["DurableId"] == durable_id
    else:
        assert found["DurableId"].split(".")[0].startswith("01I") and "." in found["DurableId"]
        assert rows(web, f"SELECT Id FROM FieldDefinition WHERE DurableId = '{found['DurableId']}'")


@pytest.mark.parametrize(
    ("soql", "code", "words"),
    [
        (
            "SELECT QualifiedApiName FROM FieldDefinition",
            "MALFORMED_QUERY",
            "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
        (
            "SELECT QualifiedApiName FROM FieldDefinition WHERE DataType = 'Checkbox'",
            "MALFORMED_QUERY",
            "FieldDefinition: a filter on a reified column is required [EntityDefinitionId,DurableId]",
        ),
        (
            "SELECT QualifiedApiName FROM EntityParticle",
            "MALFORMED_QUERY",
            "EntityParticle: a filter on a reified column is required [EntityDefinitionId,FieldDefinitionId,DurableId]",
        ),
        (
            "SELECT QualifiedApiName FROM EntityDefinition WHERE QualifiedApiName != 'Account'",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
            "Only equals comparisons permitted",
        ),
        (
            "SELECT QualifiedApiName FROM EntityDefinition WHERE KeyPrefix = '001' OR KeyPrefix = '003'",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
            "Disjunctions not supported",
        ),
        (
            "SELECT COUNT(QualifiedApiName), IsFeedEnabled FROM EntityDefinition GROUP BY IsFeedEnabled",
            "EXTERNAL_OBJECT_UNSUPPORTED_EXCEPTION",
            "The requested operation is not yet supported by this SObject storage type",
        ),
    ],
)
@pytest.mark.parametrize("api", ["", "tooling/"])
def test_what_the_catalogue_can_not_do(web: Web, api: str, soql: str, code: str, words: str) -> None:
    assert refused(web, soql, api=api)[0] == code
    assert refused(web, soql, api=api)[1].startswith(words)


def test_from_an_object_to_what_belongs_to_it(web: Web) -> None:
    children = "(SELECT QualifiedApiName FROM Fields), (SELECT ValidationName FROM ValidationRules),"
    children += " (SELECT DeveloperName FROM CustomFields), (SELECT Name FROM Layouts)"
    soql = f"SELECT QualifiedApiName, {children} FROM EntityDefinition WHERE QualifiedApiName = 'Line_Item__c'"
    (found,) = rows(web, soql)
    assert {"Id", "Quantity__c"} <= names(found["Fields"]["records"])
    assert [each["ValidationName"] for each in found["ValidationRules"]["records"]] == ["Quantity_Above_Zero"]
    assert "Quantity" in {each["DeveloperName"] for each in found["CustomFields"]["records"]}
    assert [each["Name"] for each in found["Layouts"]["records"]] == ["Line Item Layout"]


def test_a_definition_is_told_whole_one_at_a_time(web: Web) -> None:
    code, message = refused(web, "SELECT Id, Metadata FROM ValidationRule")
    assert code == "MALFORMED_QUERY" and "no more than one row for retrieval. Result size: " in message
    where = "EntityDefinition.QualifiedApiName = 'Invoice__c' AND DeveloperName = 'Status'"
    (found,) = rows(web, f"SELECT Id, FullName, Metadata FROM CustomField WHERE {where}")
    assert found["FullName"] == "Invoice__c.Status__c" and found["Metadata"]["type"] == "Picklist"
    values = [each["valueName"] for each in found["Metadata"]["valueSet"]["valueSetDefinition"]["value"]]
    assert values == ["Draft", "Sent", "Paid", "Overdue", "Cancelled"]
    record = web.get(found["attributes"]["url"]).json()
    assert record["Metadata"] == found["Metadata"] and record["TableEnumOrId"].startswith("01I")
    assert refused(web, "SELECT Metadata FROM FieldDefinition WHERE EntityDefinitionId = 'Case'", api="")[0] == (
        "INVALID_FIELD"
    )


def test_validation_rules_that_hold(web: Web) -> None:
    soql = "SELECT Id, ValidationName, Active, ErrorMessage, ErrorDisplayField, EntityDefinition.QualifiedApiName"
    found = {each["ValidationName"]: each for each in rows(web, f"{soql} FROM ValidationRule")}
    assert not found["Close_Date_Ahead"]["Active"]
    rule = found["Amount_Not_Negative"]
    assert rule["Active"] and rule["EntityDefinition"]["QualifiedApiName"] == "Opportunity"
    whole = web.get(f"/v/tooling/sobjects/ValidationRule/{rule['Id']}").json()
    assert whole["Metadata"]["errorConditionFormula"] == "Amount < 0"
    deal = {"Name": "Negative", "StageName": "Prospecting", "CloseDate": "2001-01-01", "Amount": -1}
    answer = web.post("/v/sobjects/Opportunity", json=deal)
    assert answer.status_code == 400
    assert answer.json() == [
        {
            "message": rule["ErrorMessage"],
            "errorCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
            "fields": [rule["ErrorDisplayField"]],
        }
    ]
    made = web.post("/v/sobjects/Opportunity", json={**deal, "Amount": 1}).json()["id"]
    assert web.send("PATCH", f"/v/sobjects/Opportunity/{made}", json={"Amount": -5}).status_code == 400
    assert web.get(f"/v/sobjects/Opportunity/{made}").json()["Amount"] == 1
    body = {
        "records": [{"attributes": {"type": "Opportunity"}, **deal}, {"attributes": {"type": "Opportunity"}, **deal}]
    }
    body["records"][1]["Amount"] = 2
    first, second = web.post("/v/composite/sobjects", json=body).json()
    assert first["errors"][0]["statusCode"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION" and second["success"]


def test_flows_are_those_that_run(web: Web) -> None:
    actions = {each["name"] for each in web.get("/v/actions/custom/flow").json()["actions"]}
    fields = "Id, DurableId, ApiName, Label, ActiveVersionId, ProcessType"
    views = rows(web, f"SELECT {fields} FROM FlowDefinitionView WHERE IsActive = true", api="")
    assert {each["ApiName"] for each in views} == actions
    for each in views:
        assert each["attributes"]["url"].endswith(f"/FlowDefinitionView/{each['DurableId']}")
        (version,) = rows(
            web,
            "SELECT Id, Definition.DeveloperName, Status, VersionNumber, Metadata FROM Flow"
            f" WHERE DefinitionId = '{each['DurableId']}'",
        )
        assert version["Id"] == each["ActiveVersionId"] and version["Definition"]["DeveloperName"] == each["ApiName"]
        taken = web.get(f"/v/actions/custom/flow/{each['ApiName']}").json()["inputs"]
        inputs = [variable["name"] for variable in version["Metadata"]["variables"] if variable["isInput"]]
        assert inputs == [given["name"] for given in taken]
    assert refused(web, "SELECT Id FROM FlowDefinitionView")[0] == "INVALID_TYPE"


def test_each_api_has_its_own_objects(web: Web) -> None:
    assert refused(web, "SELECT Id FROM Account")[0] == "INVALID_TYPE"
    for name in ("ValidationRule", "CustomField", "CustomObject", "Layout", "Flow", "FlowDefinition"):
        assert refused(web, f"SELECT Id FROM {name}", api="")[0] == "INVALID_TYPE"
        assert web.get(f"/v/sobjects/{name}/describe").status_code == 404
        described = web.get(f"/v/tooling/sobjects/{name}/describe").json()
        fields = ", ".join(
            field["name"] for field in described["fields"] if field["name"] not in ("Metadata", "FullName")
        )
        (first, *_) = rows(web, f"SELECT {fields} FROM {name}")
        record = web.get(first["attributes"]["url"]).json()
        assert {name: record[name] for name in first} == first
        assert web.send("PATCH", first["attributes"]["url"], json={"FullName": "x"}).status_code >= 400


def test_who_sees_what(web: Web) -> None:
    """Most of it takes View Setup; the data API tells anyone of the objects and fields that they may know of."""
    for name in ("EntityDefinition", "ValidationRule", "Flow"):
        assert refused(web, f"SELECT Id FROM {name}", token="standard")[0] == "INVALID_TYPE"
    listed = {each["name"] for each in web.get("/v/sobjects", token="standard").json()["sobjects"]}
    assert names(rows(web, "SELECT QualifiedApiName FROM EntityDefinition", api="", token="standard")) == listed
    for sobject, field in (("Account", "AnnualRevenue"), ("Merchandise__c", "Inventory_Value__c")):
        soql = f"SELECT QualifiedApiName FROM FieldDefinition WHERE EntityDefinitionId = '{sobject}'"
        seen = [names(rows(web, soql, api="", token=token)) for token in ("admin", "standard")]
        assert seen[0] - seen[1] >= {field} and "Name" in seen[1]


def test_a_search(web: Web) -> None:
    def search(sosl: str) -> Any:
        return web.get("/v/tooling/search", params={"q": sosl}).json()

    (found,) = search("FIND {CaseTrigger} RETURNING ApexTrigger(Id, Name)")["searchRecords"]
    assert found["Name"] == "CaseTrigger" and "/tooling/sobjects/ApexTrigger/" in found["attributes"]["url"]
    assert search("FIND {Acme} RETURNING Account(Id)")[0]["errorCode"] == "INVALID_TYPE"
