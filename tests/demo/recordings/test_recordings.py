"""The demo org against what real orgs answered: the same request must give the same shape, status and error codes.

Each recorded case of an area stands in `cases/<area>.py`: either how it is replayed, or why it isn't.
`pytest tests/demo/recordings -k table -s` prints how many there are, and how they come out.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp.demo.local import DemoOrg
from tests.demo.recordings import cases
from tests.demo.recordings.replay import Org, Outcome, Replay, replay
from tests.demo.recordings.table import alike, summary

HERE = Path(__file__).parent
AREAS = [entry.name for entry in pkgutil.iter_modules(cases.__path__)]
CASES: dict[str, dict[str, Replay | str]] = {
    area: importlib.import_module(f"{cases.__name__}.{area}").CASES for area in AREAS
}
REPLAYED = {name: case for listed in CASES.values() for name, case in listed.items() if isinstance(case, Replay)}
AGREEMENT = 0.95
"""The share of replayed cases in which the demo org does nothing else than the recorded one."""


@pytest.fixture(scope="module")
def org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    with DemoOrg(tmp_path_factory.mktemp("demo"), definitions=[HERE / "definitions.txt"]) as demo:
        admin = demo.users[0]
        app = {
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "username": admin.username,
            "password": admin.password,
        }
        yield Org(demo.instance_url, admin.access_token, app)


@pytest.fixture(scope="module")
def outcome(org: Org, sample: Callable[[str], dict[str, Any]]) -> Callable[[str], Outcome]:
    """The outcome of a case, which is replayed once."""
    known: dict[str, Outcome] = {}

    def find(name: str) -> Outcome:
        if name not in known:
            known[name] = replay(org, REPLAYED[name], sample(name))
        return known[name]

    return find


@pytest.mark.parametrize("area", AREAS)
def test_every_case_is_listed(area: str, samples: Path) -> None:
    assert set(CASES[area]) == {path.stem for path in (samples / area).glob("*.json")}


@pytest.mark.parametrize("name", REPLAYED)
def test_replay(name: str, outcome: Callable[[str], Outcome]) -> None:
    came = outcome(name)
    assert not came.unexplained, "\n".join(came.unexplained)
    idle = {*REPLAYED[name].explained, *REPLAYED[name].lacking} - {*came.explained, *came.lacking}
    assert not idle, f"explains nothing: {idle}"


def test_table(samples: Path, outcome: Callable[[str], Outcome]) -> None:
    """Prints the counts; fails when the demo org itself is the cause of too many differences."""
    outcomes = {name: outcome(name) for name in REPLAYED}
    recorded = {area.name: len(list(area.glob("*.json"))) for area in samples.iterdir() if area.is_dir()}
    sys.stdout.write(summary(recorded, CASES, outcomes))
    assert sum(alike(each) for each in outcomes.values()) / len(outcomes) >= AGREEMENT
