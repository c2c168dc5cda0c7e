"""jsforce, as it is published, on the demo org: `jsforce.cjs` runs once, and the tests look at what each step met."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.conftest import Node
from tests.demo.referees.conftest import KeyPair

SCRIPT = Path(__file__).parent / "jsforce.cjs"
JSON = dict[str, Any]


@pytest.fixture(scope="module")
def steps(demo: DemoOrg, keys: KeyPair, node: Node) -> dict[str, JSON]:
    claims = {"iss": demo.client_id, "sub": demo.users[0].username, "aud": "https://login.salesforce.com"}
    assertion = jwt.encode({**claims, "exp": int(time.time()) + 180}, keys.private.read_bytes(), algorithm="RS256")
    environment = {
        **os.environ,
        "SFMCP_TEST_NODE": str(node.folder),
        "NODE_EXTRA_CA_CERTS": str(demo.certificate),
        "ORG": json.dumps({**demo.describe(), "assertion": assertion}),
    }
    run = subprocess.run(
        [node.program, str(SCRIPT)], env=environment, capture_output=True, encoding="utf-8", timeout=100, check=False
    )
    assert run.returncode == 0, run.stderr
    return {told["step"]: told for told in map(json.loads, run.stdout.splitlines())}


def result(steps: dict[str, JSON], step: str) -> Any:
    assert "error" not in steps[step], steps[step]["error"]
    return steps[step]["result"]


@pytest.mark.parametrize("step", ["oauthPassword", "oauthClientCredentials", "oauthJwt"])
def test_oauth(steps: dict[str, JSON], demo: DemoOrg, step: str) -> None:
    assert result(steps, step) == demo.users[0].username


def test_soap_login(steps: dict[str, JSON], demo: DemoOrg) -> None:
    told = result(steps, "soapLogin")
    assert told["username"] == demo.users[0].username
    assert told["user"]["organizationId"] == "00D5g0000000001EAA"
    assert "INVALID_LOGIN" in steps["wrongPassword"]["error"]["message"]


def test_the_tooling_api(steps: dict[str, JSON]) -> None:
    told = result(steps, "tooling")
    assert "FieldDefinition" in told["objects"] and "Account" not in told["objects"]
    assert told["fields"] > 20 and told["rule"]["Active"] is True
    assert told["formula"] == "Quantity__c <= 0"


def test_versions_and_describes(steps: dict[str, JSON]) -> None:
    assert result(steps, "versions") == "66.0"
    told = result(steps, "describe")
    assert {"Account", "Case", "Copilot_Interaction__c"} <= set(told["objects"])
    assert told["label"] == "Case" and told["fields"] > 20


def test_queries(steps: dict[str, JSON]) -> None:
    told = result(steps, "query")
    assert (told["totalSize"], told["done"]) == (3, True)
    assert told["records"][0]["Owner"]["attributes"]["type"] == "User"
    found = result(steps, "find")
    assert len(found) == 5
    assert all(each["LastName"].startswith("S") and each["Account"]["Name"] for each in found)


def test_queries_through_pages(steps: dict[str, JSON]) -> None:
    told = result(steps, "pages")
    assert (told["first"], told["done"], told["second"]) == (200, False, 200)
    assert told["all"] == told["total"] > 900


def test_search(steps: dict[str, JSON]) -> None:
    assert {"Account", "Case"} == set(result(steps, "search"))


def test_a_record_from_creation_to_recycle_bin(steps: dict[str, JSON]) -> None:
    told = result(steps, "records")
    assert told["made"]["success"] and told["gone"]["success"]
    assert told["name"] == "Rita Referee"
    assert told["made"]["id"] in told["deleted"]


def test_upsert_by_external_id(steps: dict[str, JSON]) -> None:
    told = result(steps, "upsert")
    assert told["first"]["created"] is True and told["second"]["created"] is False
    assert told["first"]["id"] == told["second"]["id"]


def test_collections(steps: dict[str, JSON]) -> None:
    told = result(steps, "collections")
    assert told["made"] == told["gone"] == 250
    assert [each["success"] for each in told["mixed"]] == [True, False]
    assert told["mixed"][1]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


def test_composite(steps: dict[str, JSON]) -> None:
    assert [part["httpStatusCode"] for part in result(steps, "composite")["compositeResponse"]] == [201, 201]


def test_bulk_query(steps: dict[str, JSON]) -> None:
    told = result(steps, "bulkQuery")
    assert told["count"] >= 500
    assert set(told["first"]) == {"Id", "LastName"}


def test_bulk_ingest(steps: dict[str, JSON]) -> None:
    told = result(steps, "bulkIngest")
    assert [each["LastName"] for each in told["done"]] == ["Bulk one", 'Bulk, "two"\nlines']
    assert all(each["sf__Id"].startswith("00Q") and each["sf__Created"] == "true" for each in told["done"])
    assert told["failed"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
    assert told["rest"] == []


def test_limits(steps: dict[str, JSON]) -> None:
    told = result(steps, "userInfoAndLimits")
    assert told["usage"]["apiUsage"]["limit"] == told["limit"]["Max"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("malformed", "MALFORMED_QUERY"),
        ("unknownField", "INVALID_FIELD"),
        ("missingField", "REQUIRED_FIELD_MISSING"),
        ("unknownRecord", "NOT_FOUND"),
        ("expired", "INVALID_SESSION_ID"),
    ],
)
def test_refusals(steps: dict[str, JSON], step: str, code: str) -> None:
    assert steps[step]["error"]["errorCode"] == code
