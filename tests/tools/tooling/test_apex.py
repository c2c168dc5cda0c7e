"""Tooling queries, the source of Apex, and running some, on the demo org."""

from __future__ import annotations

import pytest

from salesforce_mcp.demo.faults import Fault
from salesforce_mcp.errors import ArgumentError, PolicyError, SalesforceError, SfmcpError
from tests.tools.demo import Demo


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_ALLOW_APEX", "1")


def test_tooling_query(demo: Demo) -> None:
    table = demo.structure("tooling_query", soql="SELECT Id, Name FROM ApexClass WHERE Name != :n", bind={"n": "x'"})
    assert table["columns"] == ["Id", "Name"] and table["total"] == len(table["rows"]) > 1


def test_tooling_query_goes_on_with_a_cursor(demo: Demo) -> None:
    whole = demo.structure("tooling_query", soql="SELECT Name FROM ApexClass")
    found, cursor = [], None
    while True:
        part = (
            demo.structure("query_more", cursor=cursor)
            if cursor
            else demo.structure("tooling_query", soql="SELECT Name FROM ApexClass", limit=2)
        )
        assert 0 < len(part["rows"]) <= 2
        found += part["rows"]
        cursor = part["cursor"]
        if cursor is None:
            break
    assert found == whole["rows"] and len(found) > 2


def test_a_wrong_tooling_query(demo: Demo, standard: Demo) -> None:
    with pytest.raises(SalesforceError) as caught:
        demo.call("tooling_query", soql="SELECT Nmae FROM ApexClass")
    assert caught.value.code == "INVALID_FIELD"
    with pytest.raises(SalesforceError) as caught:
        standard.call("tooling_query", soql="SELECT Name FROM ApexClass")
    assert caught.value.code == "INVALID_TYPE"


def test_source(demo: Demo) -> None:
    (name,) = demo.structure("tooling_query", soql="SELECT Name FROM ApexClass", limit=1)["rows"][0]
    found = demo.structure("get_apex_source", name=name)
    assert found["kind"] == "class" and f"class {name}" in found["Body"]
    assert demo.structure("get_apex_source", name="CaseTrigger")["kind"] == "trigger"
    with pytest.raises(ArgumentError, match="no Apex class Nothing"):
        demo.call("get_apex_source", name="Nothing", kind="class")


@pytest.mark.parametrize("name", ["", "a'b", "../x", "x" * 200, "ünder", "a b", "%"])
def test_names_that_no_class_can_have(demo: Demo, name: str) -> None:
    with pytest.raises(ArgumentError):
        demo.call("get_apex_source", name=name)


def test_apex_is_off_unless_allowed(demo: Demo) -> None:
    demo.org.journal.clear()
    with pytest.raises(PolicyError) as caught:
        demo.call("execute_apex", code="System.debug('x');")
    assert "SFMCP_ALLOW_APEX=1" in str(caught.value)
    assert demo.org.journal.describe()["total"] == 0


@pytest.mark.usefixtures("allowed")
def test_apex_that_runs_fails_or_does_not_compile(demo: Demo) -> None:
    done = demo.structure("execute_apex", code="// hello\nSystem.debug('It''s' + \"\");".replace("''s' + \"\"", "s'"))
    assert done["success"] is True
    wrong = demo.call("execute_apex", code="System.debug('a');\nSystem.debug('b')")
    assert wrong.failed
    assert wrong.as_dict()["line"] == 2 and "Unexpected token" in wrong.as_dict()["compileProblem"]
    thrown = demo.structure("execute_apex", code="System.assertEquals(1, 2);")
    assert thrown["compiled"] is True and thrown["success"] is False
    assert "AssertException" in thrown["exceptionMessage"]
    assert "no compiler" in demo.structure("execute_apex", code="delete [SELECT Id FROM Account];")["compileProblem"]


@pytest.mark.usefixtures("allowed")
def test_apex_is_never_sent_twice(demo: Demo, standard: Demo) -> None:
    demo.client.pause = lambda seconds: None
    for kind in ("drop_after", "500", "503"):
        demo.org.journal.clear()
        demo.org.faults.add(Fault(kind, path="*/executeAnonymous"))
        with pytest.raises(SfmcpError):
            demo.call("execute_apex", code="System.debug('x');")
        demo.org.faults.clear()
        assert demo.org.journal.describe(path="*/executeAnonymous")["count"] == 1
    with pytest.raises(SalesforceError):
        standard.call("execute_apex", code="System.debug('x');")


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("code", ["", "  ", "x" * 20_000])
def test_code_that_is_refused(demo: Demo, code: str) -> None:
    with pytest.raises(ArgumentError):
        demo.call("execute_apex", code=code)
