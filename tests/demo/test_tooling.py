"""The Tooling API's resources."""

from __future__ import annotations

import pytest

from tests.demo.conftest import Web


def run(web: Web, code: str) -> dict[str, object]:
    answer = web.get("/v/tooling/executeAnonymous", params={"anonymousBody": code})
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_records_have_tooling_urls(web: Web) -> None:
    body = {"Name": "Fresh", "Body": "class Fresh {}", "ApiVersion": 62, "LengthWithoutComments": 14}
    made = web.post("/v/tooling/sobjects/ApexClass", json=body)
    assert made.status_code == 201
    path = f"/services/data/v66.0/tooling/sobjects/ApexClass/{made.json()['id']}"
    record = web.get(path).json()
    assert record["attributes"] == {"type": "ApexClass", "url": path} and record["Body"] == "class Fresh {}"
    assert web.send("PATCH", path, json={"Status": "Inactive"}).status_code == 204
    assert web.get(path, params={"fields": "Status"}).json()["Status"] == "Inactive"
    assert web.send("DELETE", path).status_code == 204
    assert web.get(path).status_code == 404


def test_objects_and_describes(web: Web) -> None:
    listed = {each["name"]: each for each in web.get("/v/tooling/sobjects").json()["sobjects"]}
    assert "ApexClass" in listed and "Account" not in listed
    described = web.get(listed["ApexClass"]["urls"]["describe"]).json()
    assert described["name"] == "ApexClass" and "/tooling/" in described["urls"]["rowTemplate"]
    assert web.get("/v/tooling/sobjects/Account/describe").status_code == 404
    assert web.get("/v/tooling/sobjects/ApexClass/describe", token="standard").status_code == 404


@pytest.mark.parametrize(
    "code", ["", "// nothing", "System.debug('a;b');", "System . debug(1 + 2);", "System.assert(true);", "/* ; */;"]
)
def test_apex_that_runs(web: Web, code: str) -> None:
    assert run(web, code) == {
        "line": -1,
        "column": -1,
        "compiled": True,
        "success": True,
        "compileProblem": None,
        "exceptionStackTrace": None,
        "exceptionMessage": None,
    }


@pytest.mark.parametrize(
    ("code", "line", "column"),
    [
        ("System.debug('a')", 1, 18),
        ("System.debug('a'));", 1, 18),
        ("\n  System.debug('a);", 2, 16),
        ("System.debug('x');\n  insert new Account(Name = 'x');", 2, 3),
        ("if (true) { System.debug('x'); }", 1, 33),
    ],
)
def test_apex_that_does_not_compile(web: Web, code: str, line: int, column: int) -> None:
    answer = run(web, code)
    assert (answer["compiled"], answer["success"]) == (False, False)
    assert (answer["line"], answer["column"]) == (line, column), answer


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("System.assert(false, 'no');", "System.AssertException: Assertion Failed: no"),
        ("System.assertEquals('a', 'b');", "System.AssertException: Assertion Failed: Expected: a, Actual: b"),
        ("throw new CalloutException('gone');", "System.CalloutException: gone"),
    ],
)
def test_apex_that_throws(web: Web, code: str, message: str) -> None:
    answer = run(web, f"\n{code}")
    assert (answer["compiled"], answer["success"], answer["exceptionMessage"]) == (True, False, message)
    assert answer["exceptionStackTrace"] == "AnonymousBlock: line 2, column 1"


def test_who_may_run_apex(web: Web) -> None:
    assert web.get("/v/tooling/executeAnonymous", token="standard", params={"anonymousBody": ""}).status_code == 403
    assert web.get("/v/tooling/executeAnonymous").status_code == 400
