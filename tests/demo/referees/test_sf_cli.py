"""The sf CLI, as it is published, on the demo org: a command a test, each a process of its own, all with one login."""

from __future__ import annotations

import csv
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.conftest import Node
from tests.demo.referees.conftest import KeyPair

OLDEST_NODE = (22, 19)
"""What the packages of the CLI need, whatever its own package.json says."""


class Sf:
    """Runs the CLI with folders of its own, quiet towards the outside."""

    def __init__(self, node: Node, home: Path, org: DemoOrg) -> None:
        self.home = home
        self._command = [node.program, str(node.folder / "node_modules" / "@salesforce" / "cli" / "bin" / "run.js")]
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            **{f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "DATA", "CACHE", "STATE")},
            **{f"SF_{kind}_DIR": str(home / f"sf-{kind.lower()}") for kind in ("CONFIG", "DATA", "CACHE")},
            "SF_ACCESS_TOKEN": org.users[0].access_token,
            "SF_AUTOUPDATE_DISABLE": "true",
            "SF_DISABLE_LOG_FILE": "true",
            "SF_DISABLE_TELEMETRY": "true",
            "SF_SKIP_NEW_VERSION_CHECK": "true",
            "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
            "NODE_EXTRA_CA_CERTS": str(org.certificate),
        }

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*self._command, *arguments],
            env=self._environment,
            cwd=self.home,
            capture_output=True,
            encoding="utf-8",
            timeout=100,
            check=False,
        )

    def json(self, *arguments: str) -> Any:
        """What a command answers with --json."""
        run = self.run(*arguments, "--json")
        assert run.returncode == 0, run.stdout + run.stderr
        return json.loads(run.stdout)["result"]


@pytest.fixture(scope="module")
def sf(demo: DemoOrg, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Sf:
    """Logged in with an access token."""
    asked = subprocess.run([node.program, "--version"], capture_output=True, encoding="utf-8", check=True)
    version = asked.stdout.strip()
    if tuple(int(part) for part in version.lstrip("v").split(".")[:2]) < OLDEST_NODE:
        pytest.skip(f"the sf CLI needs Node.js 22.19, and there is {version}")
    opened = Sf(node, tmp_path_factory.mktemp("home"), demo)
    url = ["--instance-url", demo.instance_url]
    told = opened.json("org", "login", "access-token", *url, "--no-prompt", "--alias", "demo", "--set-default")
    assert told["username"] == demo.users[0].username
    assert (told["orgId"], told["instanceApiVersion"]) == ("00D5g0000000001EAA", "66.0")
    return opened


def test_the_org_is_connected(sf: Sf) -> None:
    told = sf.json("org", "display")
    assert (told["alias"], told["connectedStatus"]) == ("demo", "Connected")


def test_login_with_a_jwt(sf: Sf, demo: DemoOrg, keys: KeyPair) -> None:
    app = ["--client-id", demo.client_id, "--jwt-key-file", str(keys.private)]
    user = ["--username", demo.users[1].username, "--instance-url", demo.instance_url, "--alias", "stan"]
    assert sf.json("org", "login", "jwt", *app, *user)["username"] == demo.users[1].username
    found = sf.json("data", "query", "--target-org", "stan", "--query", "SELECT Id FROM Account LIMIT 1")
    assert found["totalSize"] == 1


def test_describes(sf: Sf) -> None:
    assert sf.json("sobject", "describe", "--sobject", "Case")["keyPrefix"] == "500"
    assert "Copilot_Interaction__c" in sf.json("sobject", "list", "--sobject", "custom")


def test_the_tooling_api(sf: Sf) -> None:
    where = "EntityDefinition.QualifiedApiName = 'Invoice__c'"
    soql = f"SELECT QualifiedApiName, DataType FROM FieldDefinition WHERE {where}"
    found = sf.json("data", "query", "--use-tooling-api", "--query", soql)["records"]
    assert {each["QualifiedApiName"]: each["DataType"] for each in found}["Status__c"] == "Picklist"
    described = sf.json("sobject", "describe", "--sobject", "ValidationRule", "--use-tooling-api")
    assert "Metadata" in {each["name"] for each in described["fields"]}


def test_a_query_through_pages(sf: Sf) -> None:
    told = sf.json("data", "query", "--query", "SELECT Id, CaseNumber, Account.Name FROM Case ORDER BY CaseNumber")
    assert len(told["records"]) == told["totalSize"] > 2000
    numbers = [each["CaseNumber"] for each in told["records"]]
    assert numbers == sorted(set(numbers))


def test_a_query_as_csv(sf: Sf) -> None:
    soql = "SELECT Name, Owner.Name FROM Account ORDER BY Name LIMIT 5"
    rows = list(csv.reader(sf.run("data", "query", "--query", soql, "--result-format", "csv").stdout.splitlines()))
    assert rows[0] == ["Name", "Owner.Name"]
    assert len(rows) == 6


def test_a_search(sf: Sf) -> None:
    told = sf.json("data", "search", "--query", "FIND {Acme} RETURNING Account(Id, Name)")
    assert all("Acme" in each["Name"] for each in told["searchRecords"])


def test_records(sf: Sf) -> None:
    made = sf.json("data", "create", "record", "--sobject", "Contact", "--values", "LastName=Referee")["id"]
    row = ["--sobject", "Contact", "--record-id", made]
    assert sf.json("data", "update", "record", *row, "--values", "FirstName=Rita")["success"]
    assert sf.json("data", "get", "record", *row)["Name"] == "Rita Referee"
    assert sf.json("data", "delete", "record", *row)["success"]


def test_a_composite_request(sf: Sf) -> None:
    part = {
        "method": "POST",
        "url": "/services/data/v66.0/sobjects/Account",
        "referenceId": "a",
        "body": {"Name": "Sf"},
    }
    body = json.dumps({"allOrNone": True, "compositeRequest": [part]})
    run = sf.run("api", "request", "rest", "/services/data/v66.0/composite", "--method", "POST", "--body", body)
    assert json.loads(run.stdout)["compositeResponse"][0]["httpStatusCode"] == 201


def test_a_bulk_export(sf: Sf) -> None:
    soql = "SELECT Id, LastName FROM Contact"
    told = sf.json("data", "export", "bulk", "--query", soql, "--output-file", "contacts.csv", "--wait", "1")
    with (sf.home / "contacts.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) == told["totalSize"] > 2000


def test_a_bulk_import(sf: Sf) -> None:
    (sf.home / "leads.csv").write_text("LastName,Company\nOne,Referees\nTwo,Referees\n", encoding="utf-8")
    told = sf.json("data", "import", "bulk", "--sobject", "Lead", "--file", "leads.csv", "--wait", "1")
    assert (told["processedRecords"], told["successfulRecords"]) == (2, 2)


def test_limits(sf: Sf) -> None:
    limits = {each["name"]: each for each in sf.json("org", "list", "limits")}
    assert limits["DailyApiRequests"]["remaining"] < limits["DailyApiRequests"]["max"]


def test_a_refusal(sf: Sf) -> None:
    run = sf.run("data", "query", "--query", "SELECT Nmae FROM Account", "--json")
    assert run.returncode == 1
    told = json.loads(run.stdout)
    assert told["name"] == "INVALID_FIELD"
    assert "ERROR at Row:1:Column:8" in told["message"]
