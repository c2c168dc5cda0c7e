"""Charts in the shell: a picture in a file, or bars in the terminal."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

from salesforce_mcp.charts import drawing
from salesforce_mcp.charts.plot import Plot
from salesforce_mcp.cli.environment import Environment
from salesforce_mcp.cli.localized import kind, shown, users_locale
from salesforce_mcp.cli.output import whole_file
from salesforce_mcp.cli.table import cell
from salesforce_mcp.errors import UsageError

TERMINAL = Path("-")
PIPE_WIDTH = 80
"""Columns of a chart that goes anywhere but to a terminal."""


def check(target: Path) -> None:
    """Raise UsageError where no chart can go to `target`, before any work is done."""
    if target == TERMINAL:
        return
    if target.suffix.lower() not in (".png", ".svg"):
        raise UsageError(
            f"A chart can be written as .png or .svg, not as {target.name}.", hint="Or use - to see it in the terminal."
        )
    drawing.require()


def write(here: Environment, target: Path, plot: Plot) -> None:
    """Draw the plot into a file, which appears once it is whole, or on stdout."""
    plot = plot.with_texts(cell)
    if target == TERMINAL:
        _show(here, plot.within())
        return
    png = target.suffix.lower() == ".png"
    picture = drawing.png([plot]) if png else drawing.svg(plot).encode()
    with whole_file(target) as file:
        file.write(picture)


def _show(here: Environment, plot: Plot) -> None:
    from rich.bar import Bar
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    terminal = here.stdout.isatty()
    colour = here.colour(here.stdout)
    console = Console(
        file=here.stdout,
        width=here.width if terminal else PIPE_WIDTH,
        color_system="standard" if colour else None,
        force_terminal=colour,
        legacy_windows=False,
    )
    numbers = _numbers([point.value for point in plot.points], terminal)
    least = min(0.0, *(point.value for point in plot.points))
    most = max(plot.most or 0.0, *(point.value for point in plot.points), least + 1e-9)
    bars = Table(box=None, show_header=False, pad_edge=False, expand=True)
    side = console.width // 4
    bars.add_column(no_wrap=True, overflow="ellipsis", max_width=side)
    if plot.series:
        bars.add_column(no_wrap=True, overflow="ellipsis", max_width=side)
    bars.add_column(ratio=1)
    bars.add_column(no_wrap=True, justify="right")
    rows = sorted(zip(plot.points, numbers, strict=True), key=lambda row: plot.labels.index(row[0].label))
    before = None
    for point, number in rows:
        names = [point.label if point.label != before else "", *([point.series or ""] if plot.series else [])]
        begin, end = sorted((0.0, point.value))
        bar = Bar(most - least, begin - least, end - least, color="blue" if colour else "default")
        bars.add_row(*map(Text, names), bar, Text(number))
        before = point.label
    console.print(Text(plot.title, style="bold" if colour else ""))
    console.print(Text(plot.measure if not plot.left_out else f"{plot.measure}; shown: {plot.left_out}"))
    console.print(bars)


def _numbers(values: list[float], terminal: bool) -> list[str]:
    """As the user writes numbers, on a terminal; anywhere else as they are."""
    rounded = [round(value, 2) for value in values]
    plain = [cell(value) for value in rounded]
    with users_locale() if terminal else nullcontext():
        numbers = kind(rounded) if terminal else None
        return [shown(numbers, value, text) if numbers else text for value, text in zip(rounded, plain, strict=True)]
