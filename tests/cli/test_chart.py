"""`sfmcp report run --chart` on the demo org."""

from __future__ import annotations

import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.conftest import Shell

REPORT = ("report", "run", "--org", "demo", "Open Cases by Priority")


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(autouse=True)
def one_demo_org_for_all(seeded: Path, private_folders: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SFMCP_STATE_DIR", str(seeded))


def bars(shown: str) -> dict[str, tuple[int, int]]:
    """Of each line that has a number at its end: how long its bar is, and the number."""
    found = re.findall(r"^(\w+) +(█+)\S? +(\d+)$", shown, re.MULTILINE)
    return {label: (len(bar), int(number)) for label, bar, number in found}


def test_bars_are_as_long_as_their_numbers(sfmcp: Shell) -> None:
    done = sfmcp(*REPORT, "--chart", "-")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[:2] == ["Open Cases by Priority", "Record Count"]
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout
    shown = bars(done.stdout)
    assert list(shown) == ["Critical", "High", "Medium", "Low"]
    for length, number in shown.values():
        assert abs(length - number * shown["Medium"][0] / shown["Medium"][1]) <= 1


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_a_picture_in_a_file(sfmcp: Shell, tmp_path: Path, kind: str) -> None:
    file = tmp_path / f"cases.{kind}"
    done = sfmcp(*REPORT, "--chart", str(file), "--quiet")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    content = file.read_bytes()
    if kind == "png":
        assert content.startswith(b"\x89PNG")
    else:
        texts = [node.text for node in ElementTree.fromstring(content).iter()]
        assert {"Open Cases by Priority", "Critical", "Medium"} <= set(texts)


def test_rows_come_too_where_they_are_asked_for(sfmcp: Shell, tmp_path: Path) -> None:
    done = sfmcp(*REPORT, "--chart", str(tmp_path / "a.svg"), "--totals", "--format", "csv")
    assert done.stdout.startswith("Priority,Record Count\nCritical,")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((*REPORT, "--chart", "cases.gif"), 2, ".png or .svg, not as cases.gif"),
        ((*REPORT, "--chart", "nowhere/cases.svg"), 2, "cannot be written"),
        (("report", "run", "--org", "demo", "All Customers", "--chart", "-"), 1, "no groups to compare"),
    ],
)
def test_what_cannot_be_drawn(sfmcp: Shell, arguments: tuple[str, ...], code: int, said: str) -> None:
    done = sfmcp(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="POSIX: pseudo-terminals")
@pytest.mark.parametrize("no_colour", [False, True])
def test_on_a_terminal_it_fits_and_has_colour(sfmcp: Shell, no_colour: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.cli.test_terminal import Terminal

    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_colour:
        monkeypatch.setenv("NO_COLOR", "1")
    code, shown = Terminal(sfmcp).run(
        "report", "run", "--org", "demo", "Won Deals by Owner and Quarter", "--chart", "-"
    )
    assert code == 0
    assert ("\x1b[" in shown) is not no_colour
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    assert max(map(len, plain.splitlines())) <= 60
    assert re.search(r"^Q\d CY\d{4} +\w.* [▏▎▍▌▋▊▉█]+ ", plain, re.MULTILINE)
