"""Records: Salesforce's checks and words, what the platform does by itself, permissions, and the recycle bin."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from salesforce_mcp.demo import records, users
from salesforce_mcp.demo.context import RequestContext
from salesforce_mcp.demo.errors import ApiError
from salesforce_mcp.demo.schema import record_id


def refused(function: Any, *arguments: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        function(*arguments)
    return caught.value


def rows(context: RequestContext, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    return context.store.connection().execute(statement, parameters).fetchall()


def account(context: RequestContext, **fields: Any) -> str:
    return records.create(context, "Account", {"Name": "Whizbang", **fields})


# Creating: what is refused, and how


@pytest.mark.parametrize(
    ("sobject", "data", "code", "message", "fields"),
    [
        ("Account", {}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        ("Account", {"Name": ""}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        ("Account", {"Name": "   "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
        (
            "Opportunity",
            {"Amount": 3},
            "REQUIRED_FIELD_MISSING",
            "Required fields are missing: [Name, StageName, CloseDate]",
            ["Name", "StageName", "CloseDate"],
        ),
        ("Account", {"Nmae": "x"}, "INVALID_FIELD", "No such column 'Nmae' on sobject of type Account", None),
        (
            "Account",
            {"Name": "x", "TickerSymbol": "y" * 21},
            "STRING_TOO_LONG",
            f"Ticker Symbol: data value too large: {'y' * 21} (max length=20)",
            ["TickerSymbol"],
        ),
        (
            "Copilot_Interaction__c",
            {"Outcome__c": "Solved"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Outcome: bad value for restricted picklist field: Solved",
            ["Outcome__c"],
        ),
        (
            "Warehouse__c",
            {"Name": "x", "Services__c": "Express;Spa"},
            "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
            "Services: bad value for restricted picklist field: Spa",
            ["Services__c"],
        ),
        (
            "Account",
            {"Name": "x", "CreatedById": "005000000000001AAA"},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedById. Please check the security settings of this field and verify"
            " that it is read/write for your profile or permission set.",
            ["CreatedById"],
        ),
        (
            "Contact",
            {"LastName": "x", "Email": "nobody"},
            "INVALID_EMAIL_ADDRESS",
            "Email: invalid email address: nobody",
            ["Email"],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": "here"},
            "MALFORMED_ID",
            "Account ID: id value of incorrect type: here",
            ["AccountId"],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": record_id("001", 999_999)},
            "INVALID_CROSS_REFERENCE_KEY",
            "invalid cross reference id",
            [],
        ),
        (
            "Contact",
            {"LastName": "x", "AccountId": record_id("003", 1)},
            "FIELD_INTEGRITY_EXCEPTION",
            f"Account ID: id value of incorrect type: {record_id('003', 1)}",
            ["AccountId"],
        ),
        (
            "Opportunity",
            {"Name": "x", "StageName": "y", "CloseDate": "2030-01-01", "Amount": 1e17},
            "NUMBER_OUTSIDE_VALID_RANGE",
            "Amount: value outside of valid range on numeric field: 1e+17",
            ["Amount"],
        ),
    ],
)
def test_a_create_is_refused(
    admin: RequestContext, sobject: str, data: dict[str, Any], code: str, message: str, fields: list[str] | None
) -> None:
    error = refused(records.create, admin, sobject, data)
    assert (error.status, error.code, error.message, error.fields) == (400, code, message, fields)


@pytest.mark.parametrize(
    ("sobject", "field", "value", "type_", "token"),
    [
        ("Account", "NumberOfEmployees", "many", "int", "VALUE_STRING"),
        ("Account", "NumberOfEmployees", 1.5, "int", "VALUE_NUMBER_FLOAT"),
        ("Account", "AnnualRevenue", True, "currency", "VALUE_TRUE"),
        ("Contact", "Birthdate", "01/02/1990", "date", "VALUE_STRING"),
        ("Contact", "Birthdate", "1990-02-30", "date", "VALUE_STRING"),
        ("Case", "IsEscalated", "perhaps", "boolean", "VALUE_STRING"),
        ("Task", "ReminderDateTime", "2017-10-17 00:00:00", "datetime", "VALUE_STRING"),
        ("Warehouse__c", "Services__c", ["Express"], "multipicklist", "START_ARRAY"),
        ("Warehouse__c", "Opens__c", "25:00", "time", "VALUE_STRING"),
    ],
)
def test_json_of_the_wrong_type_is_refused(
    admin: RequestContext, sobject: str, field: str, value: Any, type_: str, token: str
) -> None:
    error = refused(records.create, admin, sobject, {field: value})
    assert (error.status, error.code, error.fields) == (400, "JSON_PARSER_ERROR", None)
    assert error.message.startswith(f"Cannot deserialize instance of {type_} from {token} value")


def test_what_is_unknown_is_not_found(admin: RequestContext) -> None:
    for function, arguments in (
        (records.create, ("PlayingCard__c", {"Name": "x"})),
        (records.get, ("PlayingCard__c", record_id("001", 1))),
        (records.get, ("Account", record_id("001", 999_999))),
    ):
        error = refused(function, admin, *arguments)
        assert (error.status, error.code, error.message) == (404, "NOT_FOUND", "The requested resource does not exist")


def test_ids_that_are_none(admin: RequestContext) -> None:
    error = refused(records.update, admin, "Merchandise__c", "a00B000000FSjVUIB1", {"Price__c": 1})
    assert (error.status, error.code, error.fields) == (400, "MALFORMED_ID", ["Id"])
    assert error.message == "Record ID: id value of incorrect type: a00B000000FSjVUIB1"
    error = refused(records.delete, admin, "Account", record_id("001", 999_999))
    assert (error.status, error.code) == (404, "INVALID_CROSS_REFERENCE_KEY")
    error = refused(records.create, admin, "Account", {"Name": "x", "Id": record_id("001", 1)})
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Id"])
    error = refused(records.update, admin, "Account", record_id("001", 1), {"Id": record_id("001", 1)})
    assert (error.code, error.message) == ("INVALID_FIELD", "The Id field should not be specified in the sobject data.")


# Creating: what is stored


def test_names_match_whatever_their_case_and_values_take_the_fields_form(admin: RequestContext) -> None:
    made = records.create(
        admin,
        "Warehouse__c",
        {
            "attributes": {"type": "Warehouse__c"},
            "name": "  Depot  ",
            "services__c": "repair;Express;express",
            "OPENS__C": "07:30",
            "Utilization__c": "12.345",
            "Location__Latitude__s": 10,
        },
    )
    record = records.get(admin, "Warehouse__c", made)
    assert record["Name"] == "Depot"
    assert record["Services__c"] == "Express;Repair"
    assert record["Opens__c"] == "07:30:00.000Z"
    assert record["Utilization__c"] == 12.35
    assert record["Location__c"] == {"latitude": 10.0, "longitude": None}
    assert record["OwnerId"] == admin.user.id


def test_moments_are_kept_in_utc(admin: RequestContext) -> None:
    made = records.create(admin, "Task", {"Subject": "x", "ReminderDateTime": "2030-01-31T23:30:00.5-02:00"})
    assert records.get(admin, "Task", made, ["ReminderDateTime"])["ReminderDateTime"] == "2030-02-01T01:30:00.500+0000"


def test_a_record_begins_with_attributes_and_has_every_field(admin: RequestContext) -> None:
    made = account(admin, BillingCity="Bonn", BillingCountry="Germany")
    record = records.get(admin, "account", made[:15])
    assert record["attributes"] == {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{made}"}
    assert list(record)[1] == "Id"
    assert set(record) - {"attributes"} == {each.name for each in admin.store.objects["Account"].fields}
    assert record["IsDeleted"] is False
    assert record["BillingAddress"]["city"] == "Bonn"
    assert record["ShippingAddress"] is None
    assert record["CreatedDate"] == record["SystemModstamp"]
    assert record["PhotoUrl"] == f"/services/images/photo/{made}"


def test_chosen_fields(admin: RequestContext) -> None:
    made = account(admin)
    assert set(records.get(admin, "Account", made, ["name", "Owner" + "Id"])) == {"attributes", "Id", "Name", "OwnerId"}
    error = refused(records.get, admin, "Account", made, ["Name", "Bacon__c"])
    assert (error.status, error.code) == (400, "INVALID_FIELD")
    assert "Bacon__c" in error.message


def test_auto_numbers_go_on(admin: RequestContext) -> None:
    first, second = (records.create(admin, "Invoice__c", {}) for _ in range(2))
    numbers = [records.get(admin, "Invoice__c", each, ["Name"])["Name"] for each in (first, second)]
    assert int(numbers[1].removeprefix("INV-")) == int(numbers[0].removeprefix("INV-")) + 1
    assert len(numbers[0]) == len("INV-00000")


def test_formulas_and_roll_ups_follow(admin: RequestContext) -> None:
    invoice = records.create(admin, "Invoice__c", {"Paid__c": 5, "Invoice_Date__c": "2024-02-01"})
    line = records.create(
        admin, "Line_Item__c", {"Name": "1", "Invoice__c": invoice, "Quantity__c": 3, "Unit_Price__c": 4}
    )
    shown = records.get(admin, "Invoice__c", invoice, ["Total__c", "Balance__c", "Due_Date__c"])
    assert (shown["Total__c"], shown["Balance__c"], shown["Due_Date__c"]) == (12.0, 7.0, "2024-03-02")
    records.delete(admin, "Line_Item__c", line)
    assert records.get(admin, "Invoice__c", invoice, ["Total__c"])["Total__c"] == 0.0


# Parents by external Id, upserts, uniqueness


def test_a_parent_named_by_external_id(admin: RequestContext) -> None:
    records.create(admin, "Merchandise__c", {"Name": "m", "Price__c": 1, "MerchandiseExtID__c": 4711})
    invoice = records.create(admin, "Invoice__c", {"External_Id__c": "X-1"})
    line = records.create(
        admin,
        "Line_Item__c",
        {"Invoice__r": {"External_Id__c": "X-1"}, "Merchandise__r": {"MerchandiseExtID__c": 4711}, "Unit_Price__c": 1},
    )
    assert records.get(admin, "Line_Item__c", line, ["Invoice__c"])["Invoice__c"] == invoice
    error = refused(
        records.create, admin, "Line_Item__c", {"Invoice__r": {"External_Id__c": "X-2"}, "Unit_Price__c": 1}
    )
    assert error.code == "INVALID_FIELD"
    assert error.message == "Foreign key external ID: X-2 not found for field External_Id__c in entity Invoice__c"


def test_a_polymorphic_parent_needs_its_type(admin: RequestContext) -> None:
    records.create(admin, "Invoice__c", {"External_Id__c": "X-1"})
    error = refused(records.create, admin, "Task", {"Subject": "x", "What": {"External_Id__c": "X-1"}})
    assert error.code == "JSON_PARSER_ERROR"
    named = {"attributes": {"type": "Invoice__c"}, "External_Id__c": "X-1"}
    task = records.create(admin, "Task", {"Subject": "x", "What": named})
    assert records.get(admin, "Task", task, ["WhatId"])["WhatId"].startswith("a01")


def test_an_upsert_creates_then_updates(admin: RequestContext) -> None:
    data = {"Outcome__c": "Abandoned"}
    first, created = records.upsert(admin, "Copilot_Interaction__c", "conversation_id__c", "new one", data)
    assert created
    second, again = records.upsert(admin, "Copilot_Interaction__c", "Conversation_Id__c", "new one", {"Topic__c": "t"})
    assert (first, False) == (second, again)
    shown = records.get(admin, "Copilot_Interaction__c", first)
    assert (shown["Conversation_Id__c"], shown["Outcome__c"], shown["Topic__c"]) == ("new one", "Abandoned", "t")


def test_an_external_id_that_is_case_sensitive(admin: RequestContext) -> None:
    first, _ = records.upsert(admin, "Invoice__c", "External_Id__c", "ab", {})
    second, created = records.upsert(admin, "Invoice__c", "External_Id__c", "AB", {})
    assert created and first != second


def test_several_records_with_one_external_id(admin: RequestContext) -> None:
    error = refused(
        records.upsert, admin, "Contact", "Email", "facilities@meridianhospitals.example", {"LastName": "x"}
    )
    assert error.status == 300
    assert [each.startswith("/services/data/v66.0/sobjects/Contact/003") for each in error.body()] == [True, True]
    assert error.record_error()["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_an_upsert_on_a_field_that_is_no_external_id(admin: RequestContext) -> None:
    error = refused(records.upsert, admin, "Account", "Industry", "Banking", {"Name": "x"})
    assert (error.status, error.code) == (404, "NOT_FOUND")
    assert error.message == "Provided external ID field does not exist or is not accessible: Industry"


def test_unique_values(admin: RequestContext) -> None:
    first = records.create(admin, "Invoice__c", {"External_Id__c": "once"})
    error = refused(records.create, admin, "Invoice__c", {"External_Id__c": "once"})
    assert error.code == "DUPLICATE_VALUE"
    assert error.message == f"duplicate value found: External_Id__c duplicates value on record with id: {first}"
    records.update(admin, "Invoice__c", first, {"External_Id__c": "once"})
    records.delete(admin, "Invoice__c", first)
    records.create(admin, "Invoice__c", {"External_Id__c": "once"})


# Updating


def test_an_update_changes_what_it_names(admin: RequestContext) -> None:
    made = account(admin, Industry="Banking", Phone="1")
    records.update(admin, "Account", made, {"Phone": None, "Website": "example.com"})
    shown = records.get(admin, "Account", made)
    assert (shown["Industry"], shown["Phone"], shown["Website"]) == ("Banking", None, "example.com")
    error = refused(records.update, admin, "Account", made, {"Name": None})
    assert (error.code, error.message) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]")
    error = refused(records.update, admin, "Account", made, {"MasterRecordId": made})
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["MasterRecordId"])


def test_a_master_record_cannot_be_exchanged(admin: RequestContext) -> None:
    first, second = (records.create(admin, "Invoice__c", {}) for _ in range(2))
    line = records.create(admin, "Line_Item__c", {"Invoice__c": first, "Unit_Price__c": 1})
    error = refused(records.update, admin, "Line_Item__c", line, {"Invoice__c": second})
    assert error.code == "INVALID_FIELD_FOR_INSERT_UPDATE"


# What the platform does by itself


def test_a_case_closes_and_opens_again(admin: RequestContext) -> None:
    contact = records.create(admin, "Contact", {"LastName": "x", "AccountId": account(admin), "Email": "x@example.com"})
    case = records.create(admin, "Case", {"Subject": "s", "ContactId": contact, "Comments": "seen"})
    fields = ["Status", "Priority", "IsClosed", "ClosedDate", "AccountId", "ContactEmail", "CaseNumber"]
    new = records.get(admin, "Case", case, fields)
    assert (new["Status"], new["Priority"], new["IsClosed"], new["ClosedDate"]) == ("New", "Medium", False, None)
    assert new["AccountId"].startswith("001") and new["ContactEmail"] == "x@example.com"
    assert len(new["CaseNumber"]) == 8
    assert rows(admin, "SELECT CommentBody, IsPublished FROM CaseComment WHERE ParentId = ?", case) == [("seen", 0)]
    records.update(admin, "Case", case, {"Status": "closed"})
    closed = records.get(admin, "Case", case, fields)
    assert (closed["Status"], closed["IsClosed"]) == ("Closed", True) and closed["ClosedDate"]
    records.update(admin, "Case", case, {"Status": "Working"})
    assert records.get(admin, "Case", case, fields)["ClosedDate"] is None


def test_history_tells_each_change(admin: RequestContext) -> None:
    case = records.create(admin, "Case", {"Subject": "s"})
    stan = users.by_username(admin.store, users.STANDARD_USERNAME)
    records.update(admin, "Case", case, {"Priority": "High", "OwnerId": stan.id, "Subject": "not tracked"})
    history = rows(
        admin, "SELECT Field, DataType, OldValue, NewValue FROM CaseHistory WHERE CaseId = ? ORDER BY Id", case
    )
    assert history == [
        ("created", "Text", None, None),
        ("Priority", "DynamicEnum", "Medium", "High"),
        ("Owner", "Text", "Ada Admin", "Stan Standard"),
        ("Owner", "EntityId", admin.user.id, stan.id),
    ]


def test_an_entitlement_starts_milestones_that_closing_completes(admin: RequestContext) -> None:
    entitlement = rows(admin, "SELECT Id FROM Entitlement")[0][0]
    case = records.create(admin, "Case", {"Subject": "s", "EntitlementId": entitlement, "Priority": "High"})
    milestones = "SELECT TargetResponseInMins, CompletionDate IS NULL FROM CaseMilestone WHERE CaseId = ? ORDER BY 1"
    assert rows(admin, milestones, case) == [(240, 1), (2400, 1)]
    records.update(admin, "Case", case, {"Status": "Closed"})
    assert rows(admin, milestones, case) == [(240, 0), (2400, 0)]


def test_a_stage_decides_what_a_deal_is(admin: RequestContext) -> None:
    deal = {"Name": "d", "CloseDate": "2030-01-01", "StageName": "Prospecting", "Amount": 1000}
    made = records.create(admin, "Opportunity", deal)
    fields = ["Probability", "IsClosed", "IsWon", "ForecastCategory", "ExpectedRevenue", "FiscalQuarter", "PushCount"]
    shown = records.get(admin, "Opportunity", made, fields)
    assert [shown[each] for each in fields] == [10.0, False, False, "Pipeline", 100.0, 1, 0]
    records.update(admin, "Opportunity", made, {"StageName": "Closed Won", "CloseDate": "2030-05-01"})
    shown = records.get(admin, "Opportunity", made, fields)
    assert [shown[each] for each in fields] == [100.0, True, True, "Closed", 1000.0, 2, 1]
    stages = rows(admin, "SELECT StageName FROM OpportunityHistory WHERE OpportunityId = ? ORDER BY Id", made)
    assert stages == [("Prospecting",), ("Closed Won",)]


def test_products_make_the_amount(admin: RequestContext) -> None:
    deal = records.create(admin, "Opportunity", {"Name": "d", "CloseDate": "2030-01-01", "StageName": "Prospecting"})
    entry, price = rows(admin, "SELECT Id, UnitPrice FROM PricebookEntry ORDER BY Id")[0]
    line = records.create(
        admin, "OpportunityLineItem", {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 2, "Discount": 50}
    )
    assert records.get(admin, "OpportunityLineItem", line, ["TotalPrice"])["TotalPrice"] == price
    shown = records.get(admin, "Opportunity", deal, ["Amount", "HasOpportunityLineItem"])
    assert (shown["Amount"], shown["HasOpportunityLineItem"]) == (price, True)
    error = refused(records.create, admin, "OpportunityLineItem", {"OpportunityId": deal, "Quantity": 1})
    assert error.code == "FIELD_INTEGRITY_EXCEPTION"


def test_tasks_and_events(admin: RequestContext) -> None:
    parent = account(admin)
    task = records.create(admin, "Task", {"Subject": "Call", "WhatId": parent})
    shown = records.get(admin, "Task", task)
    assert (shown["Status"], shown["Priority"], shown["IsClosed"], shown["AccountId"]) == (
        "Not Started", "Normal", False, parent,
    )  # fmt: skip
    records.update(admin, "Task", task, {"Status": "Completed"})
    shown = records.get(admin, "Task", task)
    assert shown["IsClosed"] and shown["CompletedDateTime"]
    event = records.create(
        admin, "Event", {"Subject": "Meet", "StartDateTime": "2030-01-01T23:30:00Z", "DurationInMinutes": 60}
    )
    shown = records.get(admin, "Event", event)
    assert shown["EndDateTime"] == "2030-01-02T00:30:00.000+0000" and shown["ActivityDate"] == "2030-01-01"
    records.update(admin, "Event", event, {"EndDateTime": "2030-01-01T23:45:00Z"})
    assert records.get(admin, "Event", event)["DurationInMinutes"] == 15
    error = refused(records.create, admin, "Event", {"Subject": "Meet"})
    assert error.code == "REQUIRED_FIELD_MISSING"


def test_a_file_gets_a_document_and_links(admin: RequestContext) -> None:
    parent = account(admin)
    body = base64.b64encode(b"hello").decode()
    version = records.create(
        admin, "ContentVersion", {"PathOnClient": "a/notes.txt", "VersionData": body, "FirstPublishLocationId": parent}
    )
    shown = records.get(admin, "ContentVersion", version)
    assert (shown["Title"], shown["FileExtension"], shown["ContentSize"], shown["VersionNumber"]) == (
        "notes", "txt", 5, "1",
    )  # fmt: skip
    assert shown["VersionData"] == f"/services/data/v66.0/sobjects/ContentVersion/{version}/VersionData"
    document = shown["ContentDocumentId"]
    links = rows(admin, "SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = ?", document)
    assert set(links) == {(parent,), (admin.user.id,)}
    newer = records.create(
        admin, "ContentVersion", {"PathOnClient": "b.txt", "VersionData": body, "ContentDocumentId": document}
    )
    assert records.get(admin, "ContentVersion", version)["IsLatest"] is False
    assert records.get(admin, "ContentDocument", document)["LatestPublishedVersionId"] == newer
    records.delete(admin, "ContentDocument", document)
    assert refused(records.get, admin, "ContentVersion", newer).status == 404


def test_an_article_begins_as_a_draft(admin: RequestContext) -> None:
    made = records.create(admin, "Knowledge__kav", {"Title": "t", "UrlName": "brand-new"})
    shown = records.get(admin, "Knowledge__kav", made)
    assert (shown["PublishStatus"], shown["VersionNumber"], shown["Language"]) == ("Draft", 1, "en_US")
    assert shown["ArticleNumber"] and shown["KnowledgeArticleId"].startswith("kA0")
    records.update(admin, "Knowledge__kav", made, {"Title": "better"})
    error = refused(records.create, admin, "Knowledge__kav", {"Title": "t", "UrlName": "brand-new"})
    assert error.code == "DUPLICATE_VALUE"
    online = rows(admin, "SELECT Id FROM Knowledge__kav WHERE PublishStatus = 'Online'")[0][0]
    assert refused(records.update, admin, "Knowledge__kav", online, {"Title": "x"}).status == 400
    assert refused(records.delete, admin, "Knowledge__kav", online).status == 400
    records.delete(admin, "Knowledge__kav", made)


# Deleting


def test_deleting_takes_along_what_belongs_to_a_record_and_undeleting_brings_it_back(admin: RequestContext) -> None:
    top = account(admin)
    contact = records.create(admin, "Contact", {"LastName": "x", "AccountId": top})
    task = records.create(admin, "Task", {"Subject": "x", "WhatId": top})
    below = account(admin, ParentId=top)
    records.delete(admin, "Account", top)
    for sobject, record in (("Account", top), ("Contact", contact), ("Task", task)):
        assert refused(records.get, admin, sobject, record).status == 404
        error = refused(records.update, admin, sobject, record, {})
        assert (error.status, error.code, error.message, error.fields) == (
            404, "ENTITY_IS_DELETED", "entity is deleted", [],
        )  # fmt: skip
    assert records.get(admin, "Account", below)["ParentId"] is None
    assert refused(records.create, admin, "Contact", {"LastName": "x", "AccountId": top}).code == "ENTITY_IS_DELETED"
    records.undelete(admin, top)
    assert records.get(admin, "Contact", contact)["AccountId"] == top
    assert records.get(admin, "Account", below)["ParentId"] == top
    assert refused(records.undelete, admin, top).code == "UNDELETE_FAILED"


def test_a_record_that_others_depend_on_stays(admin: RequestContext) -> None:
    parent = account(admin, Name="Busy")
    case = records.create(admin, "Case", {"Subject": "s", "AccountId": parent})
    number = records.get(admin, "Case", case, ["CaseNumber"])["CaseNumber"]
    error = refused(records.delete, admin, "Account", parent)
    assert (error.status, error.code) == (400, "DELETE_FAILED")
    assert error.message == (
        "Your attempt to delete Busy could not be completed because it is associated with the following cases.:"
        f" {number}\n"
    )
    records.delete(admin, "Case", case)
    records.delete(admin, "Account", parent)


def test_a_write_that_fails_halfway_leaves_nothing(admin: RequestContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise ApiError(400, "FAILED", "after the row was written")

    monkeypatch.setattr("salesforce_mcp.demo.history.write", fail)
    before = rows(admin, "SELECT count(*) FROM Account")
    assert refused(records.create, admin, "Account", {"Name": "x"}).code == "FAILED"
    assert rows(admin, "SELECT count(*) FROM Account") == before


# What a user may do


def test_hidden_fields_are_unknown_and_locked_ones_stay(standard: RequestContext, admin: RequestContext) -> None:
    made = account(admin, AnnualRevenue=5)
    assert "AnnualRevenue" not in records.get(standard, "Account", made)
    assert refused(records.get, standard, "Account", made, ["AnnualRevenue"]).code == "INVALID_FIELD"
    assert refused(records.update, standard, "Account", made, {"AnnualRevenue": 6}).code == "INVALID_FIELD"
    error = refused(records.update, standard, "Account", made, {"AccountNumber": "6"})
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["AccountNumber"])
    records.update(standard, "Account", made, {"Phone": "6"})


def test_objects_out_of_reach(standard: RequestContext, admin: RequestContext) -> None:
    apex = rows(admin, "SELECT Id FROM ApexClass")[0][0]
    assert records.get(admin, "ApexClass", apex)["Name"]
    assert refused(records.get, standard, "ApexClass", apex).status == 404
    error = refused(records.create, standard, "Product2", {"Name": "x"})
    assert (error.status, error.code) == (400, "INVALID_TYPE_FOR_OPERATION")
    product = rows(admin, "SELECT Id FROM Product2")[0][0]
    error = refused(records.update, standard, "Product2", product, {"Name": "x"})
    assert (error.status, error.code) == (403, "INSUFFICIENT_ACCESS_OR_READONLY")
    assert error.message == "insufficient access rights on object id"


def test_deleting_takes_ownership(standard: RequestContext, admin: RequestContext) -> None:
    mine, theirs = account(standard), account(admin)
    records.delete(standard, "Account", mine)
    assert refused(records.delete, standard, "Account", theirs).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    case = records.create(standard, "Case", {"Subject": "s"})
    assert refused(records.delete, standard, "Case", case).code == "INSUFFICIENT_ACCESS_OR_READONLY"


def test_private_records_are_for_their_owner(standard: RequestContext, admin: RequestContext) -> None:
    theirs = records.create(admin, "Expense_Report__c", {"Purpose__c": "Dinner"})
    mine = records.create(standard, "Expense_Report__c", {"Purpose__c": "Taxi"})
    assert records.get(admin, "Expense_Report__c", mine)["Purpose__c"] == "Taxi"
    assert refused(records.get, standard, "Expense_Report__c", theirs).status == 404
    assert refused(records.update, standard, "Expense_Report__c", theirs, {"Amount__c": 1}).status == 404
    records.update(standard, "Expense_Report__c", mine, {"Amount__c": 1})
