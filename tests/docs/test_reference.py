"""The reference of tools and commands is what the code says."""

from __future__ import annotations

import pytest

from salesforce_mcp.tools import registry
from tests.docs import reference
from tests.docs.blocks import DOCS, check


@pytest.mark.parametrize("toolset", registry.TOOLSETS)
def test_the_toolsets_reference_is_the_registry(toolset: str, update_snapshots: bool) -> None:
    check(DOCS / "tools" / f"{toolset}.md", "reference", reference.tools(toolset), update=update_snapshots)


def test_the_table_of_toolsets_is_the_registry(update_snapshots: bool) -> None:
    check(DOCS / "tools" / "index.md", "toolsets", reference.toolsets(), update=update_snapshots)


def test_the_command_reference_is_what_help_says(update_snapshots: bool) -> None:
    check(DOCS / "commands.md", "commands", reference.commands(), update=update_snapshots)
