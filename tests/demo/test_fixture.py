"""The pytest plugin, in a project that isn't this one, and what the documentation says of it."""

from __future__ import annotations

import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from salesforce_mcp.demo.faults import DISTURBANCES, REFUSALS
from salesforce_mcp.demo.settings import Settings

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parents[2] / "docs" / "demo-org.md").read_text(encoding="utf-8")
CONFTEST = 'pytest_plugins = ["salesforce_mcp.demo.fixture"]\n'


@pytest.fixture
def project(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makeconftest(CONFTEST)
    return pytester


def test_each_test_has_an_org_with_data_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest, requests

        def accounts(org):
            return f"{org.instance_url}/services/data/v66.0/sobjects/Account", {
                "Authorization": f"Bearer {org.users[0].access_token}"
            }

        @pytest.mark.parametrize("time", [1, 2])
        def test_first_record_of_its_kind(demo_org, time):
            url, headers = accounts(demo_org)
            found = requests.get(url, headers=headers, timeout=20).json()
            assert "Fixture" not in [each["Name"] for each in found["recentItems"]]
            made = requests.post(url, headers=headers, json={"Name": "Fixture"}, timeout=20)
            assert made.status_code == 201
            assert demo_org.journal.describe(method="POST")["count"] == 1

        def test_refusals_on_demand(demo_org):
            from salesforce_mcp.demo.faults import Fault
            url, headers = accounts(demo_org)
            demo_org.faults.add(Fault("429", path="*/Account"))
            assert [requests.get(url, headers=headers, timeout=20).status_code for _ in range(2)] == [429, 200]
    """)
    project.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_orgs_with_options(project: pytest.Pytester, tmp_path: Path) -> None:
    project.makefile(
        ".txt",
        objects="""
            object Ship__c a0S Ship / Ships
              kind  record
              OwnerId   reference(Group,User)   Owner ID   required up=Owner default=user
              IsDeleted
              Name      string(80)              Ship Name  name idlookup
              audit
        """,
    )
    project.makepyfile("""
        from pathlib import Path
        import requests

        def test_two_orgs(make_demo_org):
            secure = make_demo_org(tls=True)
            own = make_demo_org(definitions=[Path(__file__).parent / "objects.txt"])
            assert requests.get(f"{secure.instance_url}/services/data", timeout=20, verify=str(secure.certificate)).ok
            headers = {"Authorization": f"Bearer {own.users[0].access_token}"}
            url = f"{own.instance_url}/services/data/v66.0/sobjects/Ship__c"
            assert requests.post(url, headers=headers, json={"Name": "Argo"}, timeout=20).status_code == 201
            assert secure.store.path != own.store.path
    """)
    project.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_the_example_of_the_documentation(pytester: pytest.Pytester) -> None:
    for name, program in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL):
        pytester.makepyfile(**{name: program})
    pytester.runpytest_subprocess("-q", "-p", "no:cacheprovider").assert_outcomes(passed=3)


def test_the_documentation_tells_all_faults_and_settings() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE)
    assert {name for name, _ in rows} >= {*REFUSALS, *DISTURBANCES}
    defaults = {each.name: json.dumps(each.default) for each in fields(Settings)}
    assert {name: default for name, default in rows if name in defaults} == defaults
