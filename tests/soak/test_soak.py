"""The soak in short: a few calls of each client, so that the whole of it is known to work. `python -m tests.soak` runs
it for minutes, and then looks at memory, threads and open files too.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.soak.run import Plan, soak


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at processes in /proc")
def test_nothing_is_lost_doubled_or_misreported(tmp_path: Path) -> None:
    report = soak(Plan(minutes=None, steps=9, clients=2, workers=2, rate=0.2, seed=7), tmp_path / "soak")
    assert report.problems == [], str(report)
    assert report.figures.calls.total() > 30
    assert report.faults.total() > 10
    assert report.ledger.said["done"] > 10
