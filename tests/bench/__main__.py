"""All benchmarks, one after the other, into docs/benchmarks.md and, with matplotlib, docs/benchmarks.png.

    python -m tests.bench [--quick]

Needs the development tools; tests/bench/requirements.txt for the chart; peers as in tests/bench/peers.py. Takes a
quarter of an hour; `--quick` a few minutes, with fewer runs.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from salesforce_mcp import __version__
from tests.bench import bench_answers, bench_bulk, bench_calls, bench_export, bench_import, bench_shell, bench_start
from tests.bench.measure import ROOT, Table

PAGE = ROOT / "docs" / "benchmarks.md"
CHART = ROOT / "docs" / "benchmarks.png"

ABOUT = """\
# Benchmarks

Written by `python -m tests.bench`. Medians of runs in turns (A B C A B C ...) on one machine; in brackets how many
times the figure of the row that the others are measured against. Absolute times depend on the machine and on what else
it does; ratios hold. What the tools cost in tokens is in [tokens.md](tokens.md).
"""


def tables(quick: bool) -> Iterator[Table]:
    runs, rows = (3, 200_000) if quick else (9, 1_000_000)
    yield bench_start.table(runs, None)
    yield bench_start.table(runs, "all")
    yield bench_shell.query(runs)
    yield bench_shell.help_text(runs)
    yield bench_answers.table(15, 3)
    yield bench_calls.one(200, 3)
    yield bench_calls.many(3)
    yield bench_calls.resident()
    yield bench_export.table(3, rows)
    yield bench_bulk.table(3, 5 * rows)
    yield bench_import.table(3, rows)


def chart(measured: list[Table], path: Path) -> None:
    """The first figure of each benchmark that has something to be compared with."""
    from matplotlib import pyplot

    compared = [table for table in measured if table.base]
    figure, places = pyplot.subplots(len(compared), 1, figsize=(9, 1.7 * len(compared)), layout="constrained")
    for axes, table in zip(places, compared, strict=True):
        names = list(table.rows)
        figures = [table.rows[name][0] or 0 for name in names]
        colours = ["#1b6fc2" if name.startswith(("sfmcp", "query over")) else "#b8bec6" for name in names]
        axes.bar_label(axes.barh(names, figures, color=colours), fmt="{:,.0f}", padding=3, fontsize=8)
        axes.set_title(f"{table.title}: {table.columns[0]}", loc="left", fontsize=9)
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.tick_params(labelsize=8)
        axes.xaxis.set_visible(False)
        axes.spines[["top", "right", "bottom"]].set_visible(False)
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    measured = []
    for table in tables(options.quick):
        measured.append(table)
        print(table.markdown(), flush=True)
    drawn = importlib.util.find_spec("matplotlib") is not None
    if drawn:
        chart(measured, CHART)
    else:
        print("No chart: matplotlib is not installed (pip install -r tests/bench/requirements.txt).", file=sys.stderr)
    machine = f"sfmcp {__version__}, Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores.\n"
    picture = [f"![The first figure of each benchmark]({CHART.name})\n"] if drawn else []
    PAGE.write_text("\n".join([ABOUT, machine, *picture, *(table.markdown() for table in measured)]), encoding="utf-8")


if __name__ == "__main__":
    main()
