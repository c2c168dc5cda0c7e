"""The reference of tools and commands is what the code says."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from salesforce_mcp.tools import registry
from tests.docs import reference
from tests.docs.blocks import DOCS, check
from tests.test_docs import run


@pytest.mark.parametrize("toolset", registry.TOOLSETS)
def test_the_toolsets_reference_is_the_registry(toolset: str, update_snapshots: bool) -> None:
    check(DOCS / "tools" / f"{toolset}.md", "reference", reference.tools(toolset), update=update_snapshots)


def test_the_table_of_toolsets_is_the_registry(update_snapshots: bool) -> None:
    check(DOCS / "tools" / "index.md", "toolsets", reference.toolsets(), update=update_snapshots)


def test_the_command_reference_is_what_help_says(update_snapshots: bool) -> None:
    check(DOCS / "commands.md", "commands", reference.commands(), update=update_snapshots)


@pytest.mark.skipif(sys.platform == "win32", reason="the examples are for a POSIX shell")
def test_the_examples_of_the_commands_work_on_the_demo_org(tmp_path: Path) -> None:
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (DOCS / "commands.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    lines = [line for block in blocks for line in block.splitlines() if "--org demo" in line]
    script = [line for line in lines if not line.startswith(("sfmcp install ", "sfmcp serve "))]
    assert len(script) > 8
    (tmp_path / "contacts.csv").write_text("LastName,Email\nDoe,jo.doe@example.com\n", encoding="utf-8")
    done = run("\n".join(script), tmp_path, tmp_path / "state")
    assert done.returncode == 0, done.stderr
