"""The documentation as a site: `python -m sphinx -W -b html docs build/site`. Needs the dependency group `docs`."""

from __future__ import annotations

import re
from pathlib import Path

from sphinx.application import Sphinx

from salesforce_mcp import __version__

ROOT = Path(__file__).parent.parent
FROM_ROOT = {"changelog": "CHANGELOG.md", "contributing": "CONTRIBUTING.md", "threats": "SECURITY.md"}
"""Pages that are files of the repository's root, where people look for them first."""

project = "sfmcp"
author = "The sfmcp authors"
version = release = __version__
extensions = ["myst_parser"]
exclude_patterns = ["pictures"]
myst_heading_anchors = 3
nitpicky = True
smartquotes = False  # arguments in JSON are to be copied
# Blocks in languages that Pygments doesn't know (crontab), or with "..." in their JSON, are shown uncoloured.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = "sfmcp"
html_static_path = ["site.css"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_copyright = False
html_theme_options = {"navigation_with_keys": True}


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Put the root's files into their pages, and let links to them lead there."""
    if page in FROM_ROOT:
        source[0] = (ROOT / FROM_ROOT[page]).read_text(encoding="utf-8").replace("](docs/", "](")
    for name, file in FROM_ROOT.items():
        source[0] = re.sub(rf"\]\((?:\.\./)*{re.escape(file)}", f"](/{name}.md", source[0])


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", read)
