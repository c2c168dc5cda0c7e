"""What a process uses, as Linux tells it."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Usage:
    """Resident memory in MB, threads, open files."""

    memory: float
    threads: int
    files: int

    def __str__(self) -> str:
        return f"{self.memory:6.1f} MB {self.threads:3d} threads {self.files:3d} files"


def usage(pid: int) -> Usage:
    """What a process uses now."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    status = dict(line.split(":", 1) for line in lines if ":" in line)
    files = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    return Usage(int(status["VmRSS"].split()[0]) / 1024, int(status["Threads"]), files)


@dataclass
class Watched:
    """A process and what it used at each look."""

    name: str
    pid: int
    caches: bool = False
    """Its memory fills with what it keeps at hand, up to a bound that takes longer to reach."""
    seen: list[Usage] = field(default_factory=list)

    def look(self) -> None:
        self.seen.append(usage(self.pid))

    def growth(self) -> str | None:
        """What grew from the middle third to the last one by more than noise; the first third is for warming up."""
        third = len(self.seen) // 3
        if not third:
            return None
        for what, get, slack in _MEASURES[self.caches :]:
            middle = statistics.median(map(get, self.seen[third : 2 * third]))
            end = statistics.median(map(get, self.seen[2 * third :]))
            if end > middle * 1.05 + slack:
                return f"{self.name}: {what} grew from {middle:g} to {end:g}"
        return None

    def __str__(self) -> str:
        start, middle, end = self.seen[0], self.seen[len(self.seen) // 2], self.seen[-1]
        return f"{self.name:12} start {start} | middle {middle} | end {end}"


_MEASURES: tuple[tuple[str, Callable[[Usage], float], float], ...] = (
    ("memory (MB)", lambda seen: seen.memory, 4),
    ("threads", lambda seen: seen.threads, 3),
    ("open files", lambda seen: seen.files, 3),
)
