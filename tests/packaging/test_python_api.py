"""The public Python API, as it is documented and as it is installed."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

import salesforce_mcp
from salesforce_mcp import connect
from salesforce_mcp.errors import ArgumentError, PartialFailure, PolicyError, SessionError, UsageError
from tests.packaging.conftest import ROOT, run

PAGE = ROOT / "docs" / "python.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)


def test_the_documented_examples_work(installed: Path, tmp_path: Path) -> None:
    program = tmp_path / "examples.py"
    program.write_text("\n".join(EXAMPLES), encoding="utf-8")
    said = run([str(installed / "python"), str(program)], tmp_path)
    assert "520 of 520 contacts" in said
    assert "INVALID_FIELD Did you mean Name?" in said
    assert "INVALID_EMAIL_ADDRESS" in said
    assert "delete_record deletes records" in said


def test_the_documented_examples_are_typed(installed: Path, tmp_path: Path) -> None:
    for number, example in enumerate(EXAMPLES):
        (tmp_path / f"example{number}.py").write_text(example, encoding="utf-8")
    checking = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(installed / "python")]
    run([*checking, "--cache-dir", str(tmp_path / "cache"), *map(str, tmp_path.glob("*.py"))], tmp_path)


def test_importing_the_package_loads_nothing(tmp_path: Path) -> None:
    code = "import sys; before = set(sys.modules); import salesforce_mcp; print(sorted(set(sys.modules) - before))"
    loaded = run([sys.executable, "-c", code], tmp_path)
    assert set(re.findall(r"'(\w+)", loaded)) <= {"salesforce_mcp", "__future__"}


def test_what_the_package_offers() -> None:
    for name in salesforce_mcp.__all__:
        assert getattr(salesforce_mcp, name)
    with pytest.raises(AttributeError, match="no attribute 'conect'"):
        salesforce_mcp.conect  # noqa: B018


def test_mistakes_are_exceptions() -> None:
    with connect("demo") as org:
        with pytest.raises(UsageError, match="describe_object"):
            org.call("describe_objekt")
        with pytest.raises(ArgumentError, match="id: required"):
            org.call("get_record", object="Account")
    with connect("nobody") as org, pytest.raises(SessionError, match="nobody"):
        org.call("get_user_info")


def test_a_partial_failure_keeps_every_outcome() -> None:
    records = [{"LastName": "Doe"}, {"LastName": "Poe", "Email": "no address"}]
    with connect("demo") as org:
        with pytest.raises(PartialFailure) as caught:
            org.call("create_records", object="Contact", records=records, all_or_none=False)
        assert len(caught.value.result["rows"]) == 2
        assert org.call("query", soql="SELECT COUNT() FROM Contact WHERE LastName = 'Doe'")["total"] == 1


def test_what_policy_refuses(private_folders: Path) -> None:
    said: list[str] = []
    with connect("demo") as org:
        made = org.call("create_record", object="Contact", data={"LastName": "Doe"})["id"]
        with pytest.raises(PolicyError) as refused:
            org.call("delete_record", object="Contact", id=made)
        assert refused.value.code == "CONFIRMATION_REQUIRED"
    with connect("demo", confirm=lambda text: bool(said.append(text))) as org, pytest.raises(PolicyError) as refused:
        org.call("delete_record", object="Contact", id=made)
    assert refused.value.code == "NOT_CONFIRMED"
    assert f'Contact "Doe" {made}' in said[0]
    with connect("demo", read_only=True) as org:
        with pytest.raises(PolicyError, match="read-only"):
            org.call("create_record", object="Contact", data={"LastName": "Doe"})
        assert org.call("get_record", object="Contact", id=made)
    trail = (private_folders / "state" / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    outcomes = [json.loads(line)["outcome"] for line in trail]
    assert outcomes == ["ok", "CONFIRMATION_REQUIRED", "NOT_CONFIRMED", "NOT_ALLOWED", "ok"]
