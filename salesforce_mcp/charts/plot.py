"""What a chart shows. A tool says it with its result; how it is drawn is up to whoever shows the result."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

MOST_LABELS = 30
"""Bars of a chart; over time twice as many, which are narrower."""
MOST_SERIES = 8
"""Colours that people can tell apart."""
LONGEST_TEXT = 80
OTHERS = "Others"


class Point(NamedTuple):
    """One bar, or one part of a bar."""

    label: str
    value: float
    series: str | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A bar for each label, in the order given.

    `measure` says what the numbers are. `over_time`: the labels are dates, the earliest first. `parts`: the series of a
    label add up to a whole; otherwise they stand side by side. `most` is the end of the scale, as 100 of percentages.
    `left_out` says what there is no room for.
    """

    title: str
    measure: str
    points: tuple[Point, ...]
    over_time: bool = False
    parts: bool = True
    most: float | None = None
    left_out: str | None = None

    @property
    def labels(self) -> list[str]:
        """The labels, each once."""
        return list(dict.fromkeys(point.label for point in self.points))

    @property
    def series(self) -> list[str]:
        """The series, each once; none where the bars have no parts."""
        return list(dict.fromkeys(point.series for point in self.points if point.series is not None))

    def with_texts(self, change: Callable[[str], str]) -> Plot:
        """The same with all its texts changed, and no text too long to be shown."""

        def short(text: str) -> str:
            text = change(text)
            return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 1]}…"

        points = tuple(
            Point(short(label), value, None if series is None else short(series))
            for label, value, series in self.points
        )
        return replace(self, title=short(self.title), measure=short(self.measure), points=points)

    def within(self, most_labels: int = MOST_LABELS) -> Plot:
        """As much of it as can be read. Small parts are added up; what is left out is said."""
        plot = self._with_fewer_series()
        labels, most = plot.labels, most_labels * 2 if self.over_time else most_labels
        if len(labels) <= most:
            return plot
        kept = set(labels[-most:] if self.over_time else labels[:most])
        said = f"{'the last' if self.over_time else 'the first'} {most} of {len(labels)}"
        left_out = f"{plot.left_out}; {said}" if plot.left_out else said
        points = tuple(point for point in plot.points if point.label in kept)
        return replace(plot, points=points, left_out=left_out)

    def _with_fewer_series(self) -> Plot:
        series = self.series
        if len(series) <= MOST_SERIES:
            return self
        sizes = dict.fromkeys(series, 0.0)
        for point in self.points:
            if point.series is not None:
                sizes[point.series] += abs(point.value)
        by_size = sorted(series, key=lambda name: -sizes[name])
        if not self.parts:
            kept = set(by_size[:MOST_SERIES])
            points = tuple(point for point in self.points if point.series in kept)
            return replace(self, points=points, left_out=f"{MOST_SERIES} of {len(series)} kinds")
        kept = set(by_size[: MOST_SERIES - 1])
        others: dict[str, float] = {}
        for point in self.points:
            if point.series not in kept:
                others[point.label] = others.get(point.label, 0) + point.value
        name = f"{OTHERS} ({len(series) - len(kept)})"
        points = tuple(point for point in self.points if point.series in kept)
        return replace(self, points=points + tuple(Point(label, value, name) for label, value in others.items()))


def plot(
    title: str,
    measure: str,
    points: Iterable[tuple[str, float | None, str | None]],
    *,
    over_time: bool = False,
    parts: bool = True,
    most: float | None = None,
) -> Plot | None:
    """A plot of the points that have a value; None when there is none."""
    known = tuple(Point(label, value, series) for label, value, series in points if value is not None)
    return Plot(title, measure, known, over_time, parts, most) if known else None
