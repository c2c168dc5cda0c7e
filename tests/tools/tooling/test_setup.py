"""What admins ask of an org's setup: its objects, fields, validation rules and flows, by tooling_query."""

from __future__ import annotations

import pytest

from salesforce_mcp.errors import SalesforceError
from tests.tools.demo import Demo


def test_fields_of_an_object(demo: Demo) -> None:
    fields = "QualifiedApiName, DataType, ReferenceTo"
    soql = f"SELECT {fields} FROM FieldDefinition WHERE EntityDefinition.QualifiedApiName = :o"
    table = demo.structure("tooling_query", soql=soql, bind={"o": "Invoice__c"})
    found = {name: (kind, target) for name, kind, target in table["rows"]}
    assert found["Status__c"][0] == "Picklist"
    assert found["Account__c"] == ("Lookup(Account)", {"referenceTo": ["Account"]})


def test_what_a_validation_rule_says(demo: Demo) -> None:
    soql = "SELECT Id, Active, ErrorMessage FROM ValidationRule WHERE ValidationName = :name"
    ((record, active, message),) = demo.structure("tooling_query", soql=soql, bind={"name": "Quantity_Above_Zero"})[
        "rows"
    ]
    assert active and message == "Quantity must be greater than zero."
    soql = "SELECT Metadata FROM ValidationRule WHERE Id = :id"
    ((metadata,),) = demo.structure("tooling_query", soql=soql, bind={"id": record})["rows"]
    assert metadata["errorConditionFormula"] == "Quantity__c <= 0"


def test_flows_by_an_ordinary_query(demo: Demo) -> None:
    table = demo.structure("query", soql="SELECT ApiName, IsActive FROM FlowDefinitionView ORDER BY ApiName")
    assert table["rows"] == [["Escalate_Case", True], ["Reopen_Case", True]]


@pytest.mark.parametrize(
    ("tool", "soql", "hint"),
    [
        ("query", "SELECT Id FROM ValidationRule", "tooling_query"),
        (
            "tooling_query",
            "SELECT QualifiedApiName FROM FieldDefinition",
            "EntityDefinition.QualifiedApiName = 'Account'",
        ),
        ("tooling_query", "SELECT Metadata FROM CustomField", "one at a time"),
        ("tooling_query", "SELECT DeveloperNam FROM FlowDefinition", "Did you mean DeveloperName"),
        ("tooling_query", "SELECT Id FROM ValidationRules", "Did you mean ValidationRule"),
    ],
)
def test_what_helps_when_it_is_refused(demo: Demo, tool: str, soql: str, hint: str) -> None:
    with pytest.raises(SalesforceError) as caught:
        demo.structure(tool, soql=soql)
    assert hint in str(caught.value.hint)


def test_without_view_setup(standard: Demo) -> None:
    with pytest.raises(SalesforceError, match="INVALID_TYPE") as caught:
        standard.structure("tooling_query", soql="SELECT Id FROM ValidationRule")
    assert "View Setup" in str(caught.value.hint)


def test_a_record_that_breaks_a_rule(demo: Demo) -> None:
    with pytest.raises(SalesforceError, match="The amount can't be less than zero") as caught:
        demo.call(
            "create_record",
            object="Opportunity",
            data={"Name": "x", "StageName": "Prospecting", "CloseDate": "2030-01-01", "Amount": -1},
        )
    assert caught.value.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION" and caught.value.fields == ("Amount",)
    assert "ValidationRule" in str(caught.value.hint)
