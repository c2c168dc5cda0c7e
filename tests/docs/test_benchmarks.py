"""The chart of the benchmarks shows the figures that stand on its page."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from tests.bench.__main__ import CHART, bars, chart
from tests.bench.measure import Table

pytest.importorskip("vl_convert", reason="vl-convert is not installed: it is in the extra charts")

CALLS = Table(
    "One call",
    "python -m tests.bench.bench_calls",
    ["ms", "MiB"],
    {"GET by requests": [0.684, 1], "query over stdio": [4.1, 2], "a peer": [None, 3]},
    base="GET by requests",
)
ROWS = Table("Rows", "bench", ["rows/s"], {"a script": [77_466.2], "sfmcp export": [277_877.0]}, base="a script")
ALONE = Table("Memory", "bench", ["MiB"], {"sfmcp serve": [73.3]})


def test_figures_are_labelled_as_in_the_table() -> None:
    drawn = bars(CALLS)
    assert drawn["title"] == "One call: ms, less is better"
    assert [(each["name"], each["label"], each["ours"]) for each in drawn["data"]["values"]] == [
        ("GET by requests", "0.68", False),
        ("query over stdio", "4.10", True),
    ]
    assert all(f" {each['label']} " in CALLS.markdown() for each in drawn["data"]["values"])
    assert bars(ROWS)["title"].endswith("rows/s, more is better")


def size(file: Path) -> tuple[int, int]:
    head = file.read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n")
    return struct.unpack(">II", head[16:])  # type: ignore[return-value]


def test_what_can_be_compared_is_drawn(tmp_path: Path) -> None:
    chart([CALLS, ROWS, ALONE], tmp_path / "both.png")
    chart([CALLS], tmp_path / "one.png")
    width, height = size(tmp_path / "both.png")
    assert 1000 < width < 1300
    assert height > 1.5 * size(tmp_path / "one.png")[1]
    assert 1000 < size(CHART)[0] < 1300
