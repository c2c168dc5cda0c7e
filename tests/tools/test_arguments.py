from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from salesforce_mcp.tools import arguments


def take(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refusal(kind: Any, value: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        take(kind, value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("fifteen", "suffix"),
    [("001D000000IRFma", "IAH"), ("00158000002dk2N", "AAQ"), ("500000000000001", "AAA"), ("a01D000000INjVe", "IAL")],
)
def test_checksum(fifteen: str, suffix: str) -> None:
    assert arguments.checksum(fifteen) == suffix


@pytest.mark.parametrize("record_id", ["001D000000IRFma", "001D000000IRFmaIAH"])
def test_ids_of_both_lengths_are_taken(record_id: str) -> None:
    assert take(arguments.RecordId, record_id) == record_id


@pytest.mark.parametrize(
    ("record_id", "said"),
    [
        ("001D000000IRFm", "15 or 18"),
        ("001D000000IRFmaIA", "15 or 18"),
        ("001D000000IRFma'--", "15 or 18"),
        ("../limits/aaaaa", "15 or 18"),
        ("００１D000000IRFma", "15 or 18"),
        ("001D000000IRFmaIAX", "last three characters"),
        ("001d000000irfmaIAH", "last three characters"),
        ("001D000000IRFma\n", "15 or 18"),
        ("", "15 or 18"),
    ],
)
def test_what_is_no_id_is_refused(record_id: str, said: str) -> None:
    assert said in refusal(arguments.RecordId, record_id)


def test_a_parents_field_is_asked_for_elsewhere() -> None:
    assert "fields of a parent need query" in refusal(arguments.FieldNames, "CaseNumber, Account.Name")
    assert "parent" not in refusal(arguments.FieldNames, "Case Number")


@pytest.mark.parametrize("name", ["Account", "Order_Item__c", "ns__Thing__c", "A"])
def test_api_names(name: str) -> None:
    assert take(arguments.ObjectName, name) == name


@pytest.mark.parametrize(
    "name", ["", "1Account", "_x", "Account ", "Account/describe", "..", "Ac'count", "Ünicode", "Account\n", "A" * 121]
)
def test_what_is_no_api_name_is_refused(name: str) -> None:
    assert "API name" in refusal(arguments.ObjectName, name)


def test_fields_are_a_list_or_separated_by_commas() -> None:
    assert take(arguments.FieldNames, "Name, Industry ,Phone") == ["Name", "Industry", "Phone"]
    assert take(arguments.FieldNames, ["Name"]) == ["Name"]
    refusal(arguments.FieldNames, "")
    refusal(arguments.FieldNames, "Name; DROP")
    refusal(arguments.FieldNames, ["Owner.Name"])


def test_paths_reach_five_parents() -> None:
    assert take(arguments.FieldPaths, "a.b.c.d.e.Name") == ["a.b.c.d.e.Name"]
    assert "not a field" in refusal(arguments.FieldPath, "a.b.c.d.e.f.Name")
    assert "not a field" in refusal(arguments.FieldPath, "Owner..Name")


def test_data_needs_field_names() -> None:
    assert take(arguments.RecordData, {"Name": "x"}) == {"Name": "x"}
    assert "at least one field" in refusal(arguments.RecordData, {})
    assert "API name" in refusal(arguments.RecordData, {"a b": 1})


def test_an_external_id_may_be_a_number() -> None:
    assert take(arguments.ExternalId, 42) == "42"
    assert take(arguments.ExternalId, "a/b") == "a/b"
    assert "empty" in refusal(arguments.ExternalId, " ")
    refusal(arguments.ExternalId, True)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-31", "2026-01-31T00:00:00+00:00"),
        ("2026-01-31T09:00:00Z", "2026-01-31T09:00:00+00:00"),
        ("2026-01-31T09:00:00.000+0000", "2026-01-31T09:00:00+00:00"),
        ("2026-01-31T10:00:00+01:00", "2026-01-31T09:00:00+00:00"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    assert take(arguments.Moment, text) == moment


def test_what_is_no_moment_is_refused() -> None:
    assert "2026-01-31T09:00:00Z" in refusal(arguments.Moment, "yesterday")


def test_limits_have_a_range() -> None:
    assert take(arguments.Limit, 2000) == 2000
    refusal(arguments.Limit, 0)
    refusal(arguments.Limit, 2001)
