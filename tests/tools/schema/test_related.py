from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError, SalesforceError
from salesforce_mcp.tools.results import Record
from tests.salesforce.scripted import ScriptedOrg, page
from tests.tools.conftest import Call

ACCOUNT = "001000000000001AAA"


def test_children_are_rows(org: ScriptedOrg, call: Call) -> None:
    org.on(f"GET sobjects/Account/{ACCOUNT}/Contacts", page({"Id": "1", "Name": "A"}, {"Id": "2", "Name": "B"}))
    table = call("get_related_records", object="Account", id=ACCOUNT, relationship="Contacts", fields="Id,Name")
    assert table.as_dict()["rows"] == [["1", "A"], ["2", "B"]]
    assert org.seen[-1].query == {"fields": "Id,Name"}


def test_children_beyond_the_limit_have_a_cursor(org: ScriptedOrg, call: Call) -> None:
    org.on(f"GET sobjects/Account/{ACCOUNT}/Contacts", page(*({"Id": str(n)} for n in range(5))))
    first = call("get_related_records", object="Account", id=ACCOUNT, relationship="Contacts", limit=3).as_dict()
    assert (first["returned"], first["total"]) == (3, 5)
    second = call("query_more", cursor=first["cursor"]).as_dict()
    assert second["rows"] == [["3"], ["4"]]


def test_a_parent_is_a_record(recorded: Callable[[str, str], Any], call: Call) -> None:
    recorded("GET sobjects/Contact/0035e00000PiemmAAB/Account", "sobject-doc-traverse-relationships-with-friendly-urls")
    parent = call("get_related_records", object="Contact", id="0035e00000PiemmAAB", relationship="Account")
    assert isinstance(parent, Record)
    assert parent.fields["Name"] == "relationshipAccountName"
    assert "attributes" not in parent.fields


@pytest.mark.parametrize(
    ("wrong", "right"), [("Contact", "Contacts"), ("Case", "Cases"), ("Opportunitys", "Opportunities")]
)
def test_an_unknown_relationship_names_the_nearest(
    recorded: Callable[[str, str], Any], call: Call, wrong: str, right: str
) -> None:
    recorded("GET sobjects/Account/describe", "describe-get-sobjects-account-describe")
    with pytest.raises(SalesforceError) as caught:
        call("get_related_records", object="Account", id=ACCOUNT, relationship=wrong)
    assert caught.value.code == "NOT_FOUND"
    assert right in (caught.value.hint or "")


def test_a_wrong_id_never_leaves(org: ScriptedOrg, call: Call) -> None:
    with pytest.raises(ArgumentError, match="15 or 18"):
        call("get_related_records", object="Account", id="../../limits", relationship="Contacts")
    assert not org.seen
