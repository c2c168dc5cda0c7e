"""Pictures of plots: SVG and PNG, by Vega-Lite.

vl-convert brings Vega-Lite, a font and what draws them, and needs neither a browser nor the network. It comes with the
extra `charts` and is imported here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from salesforce_mcp import extras
from salesforce_mcp.charts.plot import Plot
from salesforce_mcp.errors import UsageError

WIDE, NARROW = 560, 260
"""Widths of the space between the axes, in pixels: for a window, for a telephone."""
MOST_IN_PICTURE = 6
"""Plots in one PNG."""

_COLUMN_HEIGHT = 240
_SMALL, _SMALL_LABELS = 380, 12
_THICKNESS, _THINNEST, _THICKEST = 24, 9, 60
_SLANTED = 8
"""Labels below columns from which on they are slanted."""
_LARGE = 100_000
"""Numbers from which on an axis is marked in thousands and millions."""


@dataclass(frozen=True, slots=True)
class Colours:
    """Any colours of CSS."""

    text: str
    faint: str
    background: str | None
    series: tuple[str, ...]


ON_PAPER = Colours(
    "#1f2328",
    "#d5d9de",
    "#ffffff",
    ("#0b6bb8", "#c4501b", "#0e8a63", "#8a4fa8", "#9a7200", "#3c4a5c", "#c23b78", "#4f7fd9"),
)
"""For files and for pictures in a conversation: nobody knows what they are shown on."""

OF_THE_PAGE = Colours(
    "var(--text)", "var(--line)", None, tuple(f"var(--series-{number})" for number in range(len(ON_PAPER.series)))
)
"""For a page that gives these variables the colours of its theme."""


def missing() -> str | None:
    """What has to be installed before anything can be drawn; None when nothing is missing."""
    return extras.missing("charts")


def require() -> None:
    """Raise UsageError where nothing can be drawn, before any work is done."""
    command = missing()
    if command:
        raise UsageError(
            "Charts need the extra `charts` (vl-convert).", code="EXTRA_MISSING", hint=f"Install it with: {command}"
        )


def svg(plot: Plot, colours: Colours = ON_PAPER, width: int = WIDE) -> str:
    """The plot as an SVG document, with its texts as texts."""
    require()
    import vl_convert

    return vl_convert.vegalite_to_svg(_document(_chart(plot.within(), colours, width), colours))


def png(plots: Sequence[Plot]) -> bytes:
    """At most MOST_IN_PICTURE plots as one PNG, below 1,600 pixels wide and 1 MB."""
    require()
    import vl_convert

    if len(plots) == 1:
        body, scale = _chart(plots[0].within(), ON_PAPER, WIDE), 1.5
    else:
        charts = [_chart(plot.within(_SMALL_LABELS), ON_PAPER, _SMALL) for plot in plots[:MOST_IN_PICTURE]]
        body, scale = {"concat": charts, "columns": 2, "resolve": {"scale": {"color": "independent"}}}, 1.0
    return vl_convert.vegalite_to_png(_document(body, ON_PAPER), scale=scale)


def _document(body: dict[str, Any], colours: Colours) -> dict[str, Any]:
    """A Vega-Lite specification. Texts of the org are values in it, never names or expressions."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": {
            "background": colours.background,
            "padding": 12 if colours.background else 2,
            "font": "Helvetica, Arial, sans-serif",
            "view": {"stroke": None},
            "title": {"color": colours.text, "subtitleColor": colours.text, "fontSize": 14, "anchor": "start"},
            "axis": {
                "labelColor": colours.text,
                "titleColor": colours.text,
                "labelFontSize": 12,
                "titleFontSize": 12,
                "titleFontWeight": "normal",
                "gridColor": colours.faint,
                "domainColor": colours.faint,
                "tickColor": colours.faint,
            },
            "legend": {"labelColor": colours.text, "labelFontSize": 12, "labelLimit": 200},
            "text": {"color": colours.text, "fontSize": 12},
        },
        **body,
    }


def _chart(plot: Plot, colours: Colours, width: int) -> dict[str, Any]:
    series = plot.series
    along, across, offset = ("y", "x", "xOffset") if plot.over_time else ("x", "y", "yOffset")
    whole = [sum(abs(point.value) for point in plot.points if point.label == label) for label in plot.labels]
    numbers = whole if plot.parts else [abs(point.value) for point in plot.points]
    axis = {"format": "~s" if max(numbers) >= _LARGE else ",.2~f", "tickCount": 5}
    value: dict[str, Any] = {"field": "value", "type": "quantitative", "title": plot.measure, "axis": axis}
    value["stack"] = "zero" if plot.parts else None
    if plot.most is not None:
        value["scale"] = {"domain": [0, plot.most]}
    label_axis: dict[str, Any] = {"labelLimit": width // 3, "ticks": False, "grid": False}
    if plot.over_time:
        label_axis |= {"labelAngle": -40 if len(plot.labels) > _SLANTED else 0, "labelOverlap": True}
    encoding: dict[str, Any] = {
        along: value,
        across: {"field": "label", "type": "nominal", "sort": None, "title": None, "axis": label_axis},
    }
    mark: dict[str, Any] = {"type": "bar", "color": colours.series[0]}
    if series:
        encoding["color"] = {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": series, "range": list(colours.series[: len(series)])},
            "legend": {"orient": "bottom", "title": None, "columns": max(1, width // 140), "symbolType": "square"},
        }
        if not plot.parts:
            encoding[offset] = {"field": "series", "type": "nominal", "scale": {"domain": series}}
    layers: list[dict[str, Any]] = [{"mark": mark}]
    if not series and not plot.over_time:
        number = {"field": "value", "type": "quantitative", "format": ",.2~f"}
        layers.append({"mark": {"type": "text", "align": "left", "dx": 4}, "encoding": {"text": number}})
    thick = min(_THICKEST, max(_THICKNESS, _THINNEST * len(series))) if not plot.parts else _THICKNESS
    title: dict[str, Any] = {"text": plot.title} if plot.title else {"text": "", "fontSize": 1}
    if plot.left_out:
        title["subtitle"] = f"Shown: {plot.left_out}."
    return {
        "title": title,
        "data": {"values": [point._asdict() for point in plot.points]},
        "encoding": encoding,
        "layer": layers,
        "width": width,
        "height": _COLUMN_HEIGHT if plot.over_time else {"step": thick, "for": "position"},
    }
