from __future__ import annotations

import re
import struct
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import salesforce_mcp.server
from salesforce_mcp.charts import drawing
from salesforce_mcp.charts.plot import LONGEST_TEXT, MOST_SERIES, Plot, plot
from salesforce_mcp.errors import UsageError

HOSTILE = '<script>alert(1)</script> & "quotes" \u202eredro'
LEAST_CONTRAST = 3.0
"""Of shapes that mean something (WCAG 2.2, 1.4.11)."""


def many(labels: int, series: int, **options: bool) -> Plot:
    points = [(f"L{label}", 1.0 + label, f"S{kind}") for label in range(labels) for kind in range(series)]
    made = plot("Title", "measure", points, **options)
    assert made
    return made


def total(of: Plot) -> float:
    return sum(point.value for point in of.points)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_what_has_no_value_is_no_bar() -> None:
    made = plot("Title", "measure", [("a", None, None), ("b", 0, None)])
    assert made and made.labels == ["b"]
    assert plot("Title", "measure", [("a", None, None)]) is None


def test_small_parts_are_added_up() -> None:
    whole = many(3, 20)
    shown = whole.within()
    assert len(shown.series) == MOST_SERIES
    assert shown.series[-1] == "Others (13)"
    assert total(shown) == total(whole)


def test_series_that_do_not_add_up_are_left_out() -> None:
    shown = many(3, 20, parts=False).within()
    assert len(shown.series) == MOST_SERIES
    assert shown.left_out == "8 of 20 kinds"


def test_what_there_is_no_room_for_is_said() -> None:
    assert many(100, 1).within().labels == [f"L{number}" for number in range(30)]
    assert many(100, 1).within().left_out == "the first 30 of 100"
    assert many(100, 1, over_time=True).within().labels[-1] == "L99"
    assert "the first 30 of 100" in drawing.svg(many(100, 1))


def test_texts_stay_texts() -> None:
    made = plot(HOSTILE, HOSTILE, [(HOSTILE, 3, HOSTILE), ("x" * 500, 4, "b")])
    assert made
    made = made.with_texts(lambda text: text.replace("\u202e", ""))
    picture = ElementTree.fromstring(drawing.svg(made))
    assert not [node for node in picture.iter() if node.tag.endswith("script")]
    texts = [node.text or "" for node in picture.iter() if node.tag.endswith("}text")]
    assert any(text.startswith("<script>alert(1)</script>") for text in texts)
    assert max(map(len, texts)) <= LONGEST_TEXT


@pytest.mark.parametrize(
    "plots",
    [[many(500, 20)], [many(500, 8, parts=False)], [many(500, 20, over_time=True)], [many(500, 20)] * 20],
    ids=["parts", "side by side", "over time", "twenty"],
)
def test_a_picture_is_never_large(plots: list[Plot]) -> None:
    png = drawing.png(plots)
    assert len(png) < 1_000_000
    assert size(png)[0] < 1600


def test_negative_numbers_are_shown() -> None:
    made = plot("Change", "cases", [("a", -5, None), ("b", 7, None)])
    assert made
    assert re.search(r">[-−]5<", drawing.svg(made))


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_bars_stand_out_from_what_they_are_on() -> None:
    style = Path(salesforce_mcp.server.__file__).with_name("page") / "page.css"
    light, dark = re.split(r':root\[data-theme="dark"\]', style.read_text(encoding="utf-8"))
    themes = [(drawing.ON_PAPER.background or "", drawing.ON_PAPER.series)]
    for block in (light, dark.split("}")[0]):
        back = re.search(r"--back: .*(#\w{6})", block)
        assert back
        themes.append((back[1], tuple(re.findall(r"--series-\d: (#\w{6})", block))))
    for background, colours in themes:
        assert len(colours) == MOST_SERIES
        assert min(contrast(colour, background) for colour in colours) >= LEAST_CONTRAST


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    with pytest.raises(UsageError, match=re.escape("pip install ")):
        drawing.svg(many(1, 1))
