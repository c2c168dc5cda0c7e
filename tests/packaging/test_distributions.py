"""The wheel and the source distribution: what is in them, and that the wheel works away from the sources."""

from __future__ import annotations

import email
import tarfile
import tomllib
import zipfile
from itertools import chain
from pathlib import Path

from packaging.metadata import Metadata
from packaging.requirements import Requirement

from salesforce_mcp import __version__
from tests.packaging.conftest import ROOT, run


def sources() -> set[str]:
    """The files of the package."""
    return {
        str(path.relative_to(ROOT).as_posix())
        for path in (ROOT / "salesforce_mcp").rglob("*")
        if path.is_file() and not any(part == "__pycache__" or part.startswith(".") for part in path.parts)
    }


def test_the_wheel_has_the_package_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        inside = {name for name in content.namelist() if ".dist-info/" not in name}
    assert inside == sources()
    assert {
        "salesforce_mcp/py.typed",
        "salesforce_mcp/policy/policy.schema.json",
        "salesforce_mcp/soql/soql.lark",
        "salesforce_mcp/server/soql_reference.md",
    } <= inside


def test_the_source_distribution_is_complete(dist: Path) -> None:
    with tarfile.open(next(dist.glob("*.tar.gz"))) as content:
        inside = {name.partition("/")[2] for name in content.getnames()}
    assert sources() <= inside
    assert {
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "pyproject.toml",
        "tests/conftest.py",
        "docs/python.md",
        ".mcpb/build.py",
    } <= inside


def test_the_metadata_is_valid(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as content:
        text = content.read(f"sfmcp-{__version__}.dist-info/METADATA")
    metadata = Metadata.from_email(text, validate=True)
    assert (metadata.name, str(metadata.version)) == ("sfmcp", __version__)
    assert email.message_from_bytes(text)["Description-Content-Type"] == "text/markdown"
    assert metadata.license_expression == "MIT"


def test_every_dependency_has_both_bounds() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [each for each in chain(*project["optional-dependencies"].values()) if not each.startswith("sfmcp[")]
    for each in [*project["dependencies"], *extras]:
        operators = {specifier.operator for specifier in Requirement(each).specifier}
        assert ">=" in operators, each
        assert "<" in operators or each.startswith("tzdata"), each


def test_the_command_works(installed: Path, tmp_path: Path) -> None:
    assert run([str(installed / "sfmcp"), "--version"], tmp_path) == f"sfmcp {__version__}\n"
    query = [str(installed / "sfmcp"), "query", "--org", "demo", "SELECT COUNT(Id) n FROM Case"]
    assert run(query, tmp_path).startswith("n\n")
    assert run([str(installed / "sfmcp"), "call", "list_actions", "--org", "demo"], tmp_path)
