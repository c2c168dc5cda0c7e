"""The site builds without a warning, leads nowhere that isn't there, and needs nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.blocks import DOCS, ROOT
from tests.docs.pictures import COMMANDS, PICTURES

pytest.importorskip("sphinx", reason="sphinx is not installed: it is in the dependency group docs")


def build(source: Path, target: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Build a site; the first warning ends it with an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", *options]
    return subprocess.run(
        [*command, str(source), str(target)], cwd=ROOT, capture_output=True, encoding="utf-8", timeout=100
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = build(DOCS, folder)
    assert done.returncode == 0, done.stderr
    return folder


class Page(HTMLParser):
    """What a page links to, what it loads, and where one can link into it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loaded: list[str] = []
        self.anchors: set[str] = set()
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.anchors.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag in ("link", "script", "img", "iframe", "source"):
            self.loaded += filter(None, (given.get("href"), given.get("src")))


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {file: Page(file) for file in site.rglob("*.html")}


def dead(pages: dict[Path, Page]) -> Iterator[str]:
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            known = pages[target].anchors if target in pages else {parts.fragment}
            if not target.is_file() or (parts.fragment and unquote(parts.fragment) not in known):
                yield f"{file.name}: {link}"


def test_every_link_leads_somewhere(pages: dict[Path, Page]) -> None:
    assert sum(len(page.links) for page in pages.values()) > 500
    assert list(dead(pages)) == []


def test_every_page_of_the_documentation_is_there(site: Path) -> None:
    for source in DOCS.rglob("*.md"):
        assert (site / source.relative_to(DOCS)).with_suffix(".html").is_file()


def test_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {each for page in pages.values() for each in page.loaded}
    assert "_static/styles/furo.css" in " ".join(loaded)
    assert [each for each in loaded if urlsplit(each).netloc] == []
    for sheet in site.rglob("*.css"):
        assert re.findall(r"(?:@import|url\()\s*['\"]?(?:https?:)?//", sheet.read_text(encoding="utf-8")) == []


def test_a_broken_link_and_an_unlisted_page_break_the_build(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# Home\n\n[Away](nowhere.md)\n", encoding="utf-8")
    (tmp_path / "lost.md").write_text("# Lost\n", encoding="utf-8")
    done = build(tmp_path, tmp_path / "site", "-c", str(DOCS))
    assert done.returncode != 0
    assert "nowhere.md" in done.stderr
    assert "lost.md" in done.stderr


def test_pictures_are_used_small_and_complete() -> None:
    used = {
        (page.parent / name).resolve()
        for page in DOCS.rglob("*.md")
        for name in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", page.read_text(encoding="utf-8"))
    }
    kept = set(PICTURES.iterdir())
    assert {file.stem for file in kept if file.suffix == ".svg"} == set(COMMANDS)
    assert kept - used == set()
    assert [file.name for file in used if not file.is_file()] == []
    for file in kept:
        assert file.stat().st_size < 150_000
        if file.suffix == ".svg":
            assert re.findall(r"https?://(?!www\.w3\.org)", file.read_text(encoding="utf-8").split("-->", 1)[1]) == []
