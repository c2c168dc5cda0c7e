"""All benchmarks, one after the other, into docs/benchmarks.md and docs/benchmarks.png.

    python -m tests.bench [--quick]

Needs the development tools and the extra `charts`; peers as in tests/bench/peers.py. Takes a quarter of an hour;
`--quick` a few minutes, with fewer runs.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from salesforce_mcp import __version__
from tests.bench import bench_answers, bench_bulk, bench_calls, bench_export, bench_import, bench_shell, bench_start
from tests.bench.measure import ROOT, Table, shown

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
    """The first figure of each benchmark that has something to be compared with, as a PNG."""
    import vl_convert

    document = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "#1d232c",  # a dark card, as terminals are: it can be read on a page of any colour
        "padding": 20,
        "spacing": 26,
        "config": {
            "font": "Helvetica, Arial, sans-serif",
            "view": {"stroke": None},
            "title": {"color": "#fff", "anchor": "start", "fontSize": 13, "offset": 8},
            "axis": {"labelColor": "#d5dce6", "labelFontSize": 12, "domain": False, "ticks": False},
            "text": {"color": "#fff", "fontSize": 12},
        },
        "vconcat": [bars(table) for table in measured if table.base],
    }
    path.write_bytes(vl_convert.vegalite_to_png(document, scale=1.5))


def bars(table: Table) -> dict[str, Any]:
    """The first figures of a benchmark as a part of a Vega-Lite specification; a peer without a figure is left out."""
    better = "more" if table.columns[0].endswith("/s") else "less"
    ours = ("sfmcp", "query over")
    values = [
        {"name": name, "figure": figures[0], "label": shown(figures[0]), "ours": name.startswith(ours)}
        for name, figures in table.rows.items()
        if figures[0] is not None
    ]
    name = {"field": "name", "type": "nominal", "sort": None, "title": None}
    return {
        "title": f"{table.title}: {table.columns[0]}, {better} is better",
        "width": 480,
        "height": {"step": 22},
        "data": {"values": values},
        "encoding": {
            "y": {**name, "axis": {"minExtent": 230, "maxExtent": 230, "labelLimit": 225}},
            "x": {"field": "figure", "type": "quantitative", "axis": None, "scale": {"nice": False}},
        },
        "layer": [
            {
                "mark": "bar",
                "encoding": {"color": {"condition": {"test": "datum.ours", "value": "#3d97f7"}, "value": "#66707f"}},
            },
            {"mark": {"type": "text", "align": "left", "dx": 5}, "encoding": {"text": {"field": "label"}}},
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    measured = []
    for table in tables(options.quick):
        measured.append(table)
        print(table.markdown(), flush=True)
    chart(measured, CHART)
    machine = f"sfmcp {__version__}, Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores.\n"
    picture = f"![The first figure of each benchmark]({CHART.name})\n"
    PAGE.write_text("\n".join([ABOUT, machine, picture, *(table.markdown() for table in measured)]), encoding="utf-8")


if __name__ == "__main__":
    main()
