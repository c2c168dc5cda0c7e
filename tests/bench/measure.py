"""What all benchmarks share: commands run in turns, medians, and tables of them."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOKEN = "00Dxx0000000001!benchmark"


@dataclass
class Table:
    """One benchmark's figures. `rows`: name, then a figure for each column; `missing`: peers that aren't installed.

    The row called `base` is what the others are measured against; a ratio stands beside each of their figures.
    """

    title: str
    command: str
    columns: Sequence[str]
    rows: dict[str, Sequence[float | None]]
    base: str | None = None
    notes: Sequence[str] = ()
    missing: list[str] = field(default_factory=list)

    def markdown(self) -> str:
        """Title, table, notes and the command."""
        lines = [f"## {self.title}", "", f"`{self.command}`", ""]
        lines.append(f"| | {' | '.join(self.columns)} |")
        lines.append(f"| --- |{' ---: |' * len(self.columns)}")
        for name, figures in self.rows.items():
            cells = [self._cell(name, place, figure) for place, figure in enumerate(figures)]
            lines.append(f"| {name} | {' | '.join(cells)} |")
        lines += ["", *(f"{note}\n" for note in self.notes)]
        if self.missing:
            lines += [f"Not installed here, so not measured: {', '.join(self.missing)}.", ""]
        return "\n".join(lines)

    def _cell(self, name: str, place: int, figure: float | None) -> str:
        if figure is None:
            return ""
        base = self.rows[self.base][place] if self.base else None
        ratio = f" ({figure / base:.2f} x)" if base and name != self.base else ""
        return f"{shown(figure)}{ratio}"


def shown(figure: float) -> str:
    """A figure with three digits or more, as many as are worth reading."""
    return f"{figure:,.{0 if figure >= 100 else 1 if figure >= 10 else 2}f}"


def in_turns(ways: Mapping[str, Callable[[], Sequence[float]]], runs: int) -> dict[str, list[float]]:
    """The median of each figure of each way. A B C A B C ..., after one round that warms the file cache."""
    seen: dict[str, list[Sequence[float]]] = {name: [] for name in ways}
    for turn in range(runs + 1):
        for name, way in ways.items():
            figures = way()
            if turn:
                seen[name].append(figures)
    return {name: [statistics.median(each) for each in zip(*all_, strict=True)] for name, all_ in seen.items()}


_WATCH = """
import os, sys, time
began = time.perf_counter()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                       file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
_, status, usage = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), (time.perf_counter() - began) * 1000, usage.ru_utime + usage.ru_stime,
      usage.ru_maxrss / 1024)
"""
"""Runs a command. A process of its own, since a child's memory counts from what its parent has."""


def run(command: Sequence[str], environment: Mapping[str, str]) -> list[float]:
    """Milliseconds, seconds of processor time and MiB at the most of a command that must succeed (Linux)."""
    watch = [sys.executable, "-S", "-c", _WATCH, *command]
    done = subprocess.run(
        watch, stdin=subprocess.DEVNULL, capture_output=True, env=environment, encoding="utf-8", check=True
    )
    code, *figures = done.stdout.split()
    if code != "0":
        raise RuntimeError(f"{' '.join(command)}: {done.stderr[-2000:]}")
    return [float(each) for each in figures]


@contextmanager
def page_server(*flags: str) -> Iterator[str]:
    """A running page server's address."""
    command = [sys.executable, "-m", "tests.bench.page_server", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


@contextmanager
def surroundings(url: str | None = None) -> Iterator[dict[str, str]]:
    """An environment with folders of its own, logged in to the server at `url`."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SFMCP_")}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as installed: compiled once
        environment |= {f"SFMCP_{kind}_DIR": f"{folder}/{kind.lower()}" for kind in ("CONFIG", "STATE", "EXPORT")}
        environment |= {"HOME": folder, "PYTHONPATH": str(ROOT)}
        if url:
            environment |= {"SFMCP_INSTANCE_URL": url, "SFMCP_ACCESS_TOKEN": TOKEN, "SFMCP_API_VERSION": "66.0"}
        yield environment
