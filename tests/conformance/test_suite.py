"""The official conformance suite: what each revision of the protocol requires of a server."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.conformance.server import serving
from tests.conftest import Node

SUITE = "node_modules/@modelcontextprotocol/conformance/dist/index.js"
BASELINE = Path(__file__).parent / "baseline.yml"
"""Failures that are expected, each with its reason. One that no longer fails is a failure of the suite."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with DemoOrg(tmp_path_factory.mktemp("demo")) as org, serving(org) as url:
        yield url


@pytest.mark.parametrize("revision", ["2025-11-25", "2026-07-28"])
def test_a_revision_is_met_but_for_the_baseline(revision: str, node: Node, address: str) -> None:
    run = suite(node, address, BASELINE, "--requirements", revision)
    assert run.returncode == 0, run.stdout[-8000:] + run.stderr


def test_an_entry_of_the_baseline_that_passes_is_a_failure(node: Node, address: str, tmp_path: Path) -> None:
    stale = tmp_path / "baseline.yml"
    stale.write_text("server:\n  - tools-list\n", encoding="utf-8")
    run = suite(node, address, stale, "--scenario", "tools-list")
    assert run.returncode == 1, run.stdout
    assert "Stale baseline" in run.stdout


def suite(node: Node, address: str, baseline: Path, *what: str) -> subprocess.CompletedProcess[str]:
    command = ["server", "--url", address, "--expected-failures", str(baseline), "--timeout", "20000"]
    return subprocess.run(
        [node.program, str(node.folder / SUITE), *command, *what],
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )
