"""Some inputs for each target, always the same ones; and those that once broke something."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.fuzz.conversation import STDIN
from tests.fuzz.targets import TARGETS as WITHOUT_A_SERVER

TARGETS = {**WITHOUT_A_SERVER, "stdin": STDIN}
FOUND = Path(__file__).with_name("found")


@pytest.mark.parametrize("name", TARGETS)
def test_is_taken_or_clearly_refused(name: str) -> None:
    target = TARGETS[name]

    @settings(
        max_examples=target.examples,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(target.inputs)
    def attempt(value: object) -> None:
        target.check(value)

    attempt()


@pytest.mark.parametrize("path", sorted(FOUND.glob("*/*")), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_once_broke_something(path: Path) -> None:
    target = TARGETS[path.parent.name]
    target.check(target.load(path.read_bytes()))
