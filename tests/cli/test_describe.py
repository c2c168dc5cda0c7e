from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.conftest import Org, Record, Shell


def field(name: str, kind: str, **more: Any) -> dict[str, Any]:
    usual = {"label": name, "length": 0, "nillable": True, "createable": True, "defaultedOnCreate": False}
    return {"name": name, "type": kind, **usual, "referenceTo": [], "picklistValues": [], **more}


@pytest.fixture
def case(org: Org) -> dict[str, Any]:
    values = [{"value": "New", "active": True}, {"value": "Old", "active": False}, {"value": "Closed", "active": True}]
    org.describes["Case"] = {
        "name": "Case",
        "label": "Case",
        "fields": [
            field("Subject", "string", length=255, nillable=False),
            field("Status", "picklist", picklistValues=values),
            field("OwnerId", "reference", referenceTo=["Group", "User"]),
        ],
        "childRelationships": [{"relationshipName": "CaseComments", "childSObject": "CaseComment"}],
    }
    return org.describes["Case"]


def test_fields_of_an_object(sfmcp: Shell, case: dict[str, Any]) -> None:
    done = sfmcp("describe", "Case")
    assert done.returncode == 0
    assert done.stdout == (
        "name,label,type,length,required,references,values\n"
        "Subject,Subject,string,255,true,,\n"
        "Status,Status,picklist,,false,,New; Closed\n"
        'OwnerId,OwnerId,reference,,false,"Group, User",\n'
    )


def test_some_fields(sfmcp: Shell, case: dict[str, Any]) -> None:
    rows = list(csv.reader(io.StringIO(sfmcp("describe", "Case", "--fields", "ownerid, Status").stdout)))
    assert [row[0] for row in rows] == ["name", "OwnerId", "Status"]


def test_json_is_salesforces_own_describe(sfmcp: Shell, case: dict[str, Any]) -> None:
    assert json.loads(sfmcp("describe", "Case", "--format", "json").stdout) == case


def test_a_wrong_field_names_the_nearest(sfmcp: Shell, case: dict[str, Any]) -> None:
    done = sfmcp("describe", "Case", "--fields", "Subjet")
    assert done.returncode == 1
    assert "Subject" in done.stderr


def test_fields_without_an_object(sfmcp: Shell, org: Org) -> None:
    assert sfmcp("describe", "--fields", "Name").returncode == 2


def test_all_objects(sfmcp: Shell, org: Org) -> None:
    rights = dict.fromkeys(("custom", "queryable", "createable", "updateable", "deletable"), True)
    org.objects = [{"name": "Acme__c", "label": "Acme", "keyPrefix": "a00", **rights}]
    assert sfmcp("describe").stdout.splitlines()[1] == "Acme__c,Acme,a00,true,true,true,true,true"


def test_search_says_of_which_object_each_record_is(sfmcp: Shell, org: Org, record: Record) -> None:
    org.records = [record("Account", Name="Pump & Co"), record("Case", CaseNumber="00001001", Subject="Pump, broken")]
    done = sfmcp("search", "FIND {pump} RETURNING Account(Name), Case(CaseNumber, Subject)")
    assert done.stdout == ('object,Name,CaseNumber,Subject\nAccount,Pump & Co,,\nCase,,00001001,"Pump, broken"\n')


def test_a_search_that_finds_nothing(sfmcp: Shell, org: Org) -> None:
    done = sfmcp("search", "FIND {nothing}", "--format", "json", "--fail-empty")
    assert (done.returncode, done.stdout) == (7, "[]\n")
