"""What the documentation tells people to type works, as it stands, against the demo org."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SECTIONS = [
    ("README.md", "Ask from a shell"),
    ("README.md", "SOQL in scripts"),
    ("docs/start.md", None),
    ("docs/scripts.md", None),
    ("docs/moving-data.md", None),
    ("docs/charts.md", None),
    ("docs/skill/SKILL.md", None),
]
"""Files whose shell examples are run, and the section of each; None is all of it."""
PROGRAMS = ("jq", "duckdb", "xargs")
"""What the examples use beside the shell and sfmcp."""


def examples() -> Iterator[tuple[str, str]]:
    """A name and the text of each ```sh block."""
    for file, section in SECTIONS:
        text = (ROOT / file).read_text(encoding="utf-8")
        if section:
            text = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
        for number, block in enumerate(re.findall(r"^```sh\n(.*?)^```", text, re.DOTALL | re.MULTILINE), 1):
            yield f"{file}-{section or 'all'}-{number}".replace(" ", "-"), block


EXAMPLES = dict(examples())


@pytest.fixture(scope="session")
def demo_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State of one demo org for all examples: making it costs a second."""
    return tmp_path_factory.mktemp("state")


def run(script: str, folder: Path, state: Path) -> subprocess.CompletedProcess[str]:
    """Run a script in `folder` as a user's shell would, with this sfmcp on its PATH; it ends at the first failure."""
    programs = folder / "bin"
    programs.mkdir()
    program = programs / "sfmcp"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m salesforce_mcp "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    path = [str(programs), str(Path(sys.executable).parent), os.environ["PATH"]]
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script, "bash", "Acme"],
        cwd=folder,
        env={**os.environ, "PATH": os.pathsep.join(path), "SFMCP_STATE_DIR": str(state)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
@pytest.mark.parametrize("name", EXAMPLES)
def test_the_example_works(name: str, tmp_path: Path, demo_state: Path) -> None:
    script = EXAMPLES[name]
    for program in PROGRAMS:
        found = shutil.which(program) or shutil.which(program, path=str(Path(sys.executable).parent))
        if re.search(rf"^\s*(\|\s*)?{program}\b|\| {program}\b", script, re.MULTILINE) and not found:
            pytest.skip(f"{program} is not installed")
    # What the README takes as given.
    (tmp_path / "open-cases.soql").write_text("SELECT Id FROM Case WHERE IsClosed = false", encoding="utf-8")
    (tmp_path / "contacts.csv").write_text("LastName,Email\nDoe,jo.doe@example.com\n", encoding="utf-8")
    done = run(script, tmp_path, demo_state)
    assert done.returncode == 0, done.stderr
    written = [file for pattern in ("*.csv", "*.jsonl") for file in tmp_path.glob(pattern)]
    assert done.stdout.strip() or any(file.stat().st_size for file in written)


@pytest.mark.parametrize("page", sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]), ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    links = re.findall(r"\]\((?!https?://|#)([^)#\s]+)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []
