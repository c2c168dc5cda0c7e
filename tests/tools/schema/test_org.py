from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from salesforce_mcp.errors import ArgumentError
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import ScriptedOrg, error, ok, page
from tests.tools.conftest import Call


def test_limits_nearest_to_exhaustion_come_first(org: ScriptedOrg, call: Call) -> None:
    org.on(
        "GET limits",
        ok(
            {
                "Roomy": {"Max": 100, "Remaining": 90},
                "Absent": {"Max": 0, "Remaining": 0},
                "Tight": {"Max": 100, "Remaining": 5, "Some App": {"Max": 10, "Remaining": 0}},
            }
        ),
    )
    rows = call("get_limits").as_dict()["rows"]
    assert rows == [
        ["Tight.Some App", 0, 10, 100.0],
        ["Tight", 5, 100, 95.0],
        ["Roomy", 90, 100, 10.0],
        ["Absent", 0, 0, None],
    ]
    assert call("get_limits", names="roomy").as_dict()["returned"] == 1
    with pytest.raises(ArgumentError) as caught:
        call("get_limits", names=["Roomi"])
    assert "Roomy" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "case", ["limits-get-limits", "limits-limits", "limits-mocklimits", "limits-doc-list-org-limits"]
)
def test_limits_of_real_orgs(recorded: Callable[[str, str], Any], call: Call, case: str) -> None:
    raw = recorded("GET limits", case)
    table = call("get_limits").as_dict()
    assert table["total"] >= len(raw)
    used = [row[3] for row in table["rows"] if row[3] is not None]
    assert used == sorted(used, reverse=True)


def test_who_am_i(org: ScriptedOrg, call: Call, sample: Callable[[str], Any]) -> None:
    org.on("GET /services/oauth2/userinfo", ok(sample("oauth-userdetails")["response"]["body"]))
    org.on("GET query", page({"Id": "00D1", "Name": "Acme", "IsSandbox": True, "OrganizationType": "Team Edition"}))
    user = call("get_user_info").as_dict()
    assert user["username"] == "johnny"
    assert user["time_zone"] == "America/Los_Angeles"
    assert (user["org_name"], user["edition"], user["environment"]) == ("Acme", "Team Edition", "sandbox")
    assert user["api_version"] == "66.0"


def test_who_am_i_makes_the_user_known(org: ScriptedOrg, client: Client, call: Call) -> None:
    client.session.username = None
    org.on("GET /services/oauth2/userinfo", ok({"preferred_username": "stan@example.com"}))
    org.on("GET query", page({"Id": "00D1"}))
    call("get_user_info")
    assert client.session.username == "stan@example.com"


def test_who_am_i_without_the_right_to_ask(org: ScriptedOrg, call: Call) -> None:
    org.on("GET /services/oauth2/userinfo", error(403, "Bad_OAuth_Token", "no"))
    org.on("GET query", error(400, "INVALID_TYPE", "sObject type 'Organization' is not supported"))
    user = call("get_user_info").as_dict()
    assert user["username"] == "ada@example.com"
    assert len(user["notes"]) == 2


@pytest.mark.parametrize("case", ["sobject-recent", "sobject-list-recent-items"])
def test_recent_records(recorded: Callable[[str, str], Any], call: Call, case: str) -> None:
    raw = recorded("GET recent", case)
    rows = call("list_recent_records").as_dict()["rows"]
    assert [row[1] for row in rows] == [entry["Id"] for entry in raw]
    assert all(row[2] for row in rows)
    users = call("list_recent_records", object="user").as_dict()["rows"]
    assert {row[0] for row in users} == {"User"}
