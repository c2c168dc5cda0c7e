"""What all tests share: options, the samples of real orgs, private folders, and the rule about skips."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SAMPLES_VARIABLE = "SFMCP_TEST_SAMPLES"
NODE_VARIABLE = "SFMCP_TEST_NODE"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-snapshots", action="store_true", help="Rewrite snapshots and generated documentation from the code."
    )
    parser.addoption(
        "--record-mode",
        choices=("none", "once", "rewrite"),
        default="none",
        help="none: replay cassettes (default); once: record missing ones; rewrite: record all again.",
    )
    parser.addoption(
        "--record-org", default="demo", metavar="ALIAS", help="The org to record cassettes against (a login's alias)."
    )


@pytest.fixture(autouse=True)
def private_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep every test away from the user's own configuration, state, keyring and environment."""
    for name in list(os.environ):
        if name.startswith("SFMCP_") and not name.startswith("SFMCP_TEST_"):
            monkeypatch.delenv(name)
    for kind in ("CONFIG", "STATE", "EXPORT"):
        monkeypatch.setenv(f"SFMCP_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    return tmp_path


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of recorded answers of real orgs."""
    named = os.environ.get(SAMPLES_VARIABLE)
    if not named or not Path(named).is_dir():
        pytest.skip(f"no recorded samples: {SAMPLES_VARIABLE} names no folder")
    return Path(named)


@pytest.fixture(scope="session")
def sample(samples: Path) -> Callable[[str], dict[str, Any]]:
    """Load one recorded case by its id, which begins with its area."""

    def load(case: str) -> dict[str, Any]:
        area = case.split("-")[0]
        content: dict[str, Any] = json.loads((samples / area / f"{case}.json").read_text(encoding="utf-8"))
        return content

    return load


@dataclass(frozen=True)
class Node:
    """Node.js, and the folder in whose node_modules the programs lie."""

    program: str
    folder: Path


@pytest.fixture(scope="session")
def node() -> Node:
    """With the clients and checks that others wrote; .ci/node/package.json lists what has to be installed."""
    named = os.environ.get(NODE_VARIABLE)
    if not named or not (Path(named) / "node_modules").is_dir():
        pytest.skip(f"no programs for Node.js: {NODE_VARIABLE} names no folder with node_modules")
    program = shutil.which("node", path=f"{named}/node_modules/.bin{os.pathsep}{os.environ['PATH']}")
    if program is None:
        pytest.skip("Node.js isn't installed")
    return Node(program, Path(named))


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))


_skips: list[tuple[str, str]] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and not hasattr(report, "wasxfail") and isinstance(report.longrepr, tuple):
        _skips.append((report.nodeid, str(report.longrepr[2])))


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _skips.append((report.nodeid, str(report.longrepr[2])))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With SFMCP_TEST_ALL=1, as CI sets it, a test that skips for anything but missing samples is a failure."""
    if os.environ.get("SFMCP_TEST_ALL") != "1":
        return
    forbidden = [(node, why) for node, why in _skips if SAMPLES_VARIABLE not in why]
    if forbidden and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if os.environ.get("SFMCP_TEST_ALL") != "1":
        return
    for node, why in _skips:
        if SAMPLES_VARIABLE not in why:
            terminalreporter.write_line(f"skipped where nothing may skip: {node}: {why}", red=True)
