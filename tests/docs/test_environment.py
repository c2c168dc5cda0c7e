"""The page on environment variables knows every one of them."""

from __future__ import annotations

import re

from tests.docs.blocks import DOCS, ROOT

NOT_FOR_PEOPLE = {"SFMCP_COMPLETE"}
"""What the shell's completion sets."""


def test_every_variable_is_explained_and_none_is_made_up() -> None:
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "salesforce_mcp").rglob("*.py"))
    page = (DOCS / "environment.md").read_text(encoding="utf-8")
    named = r"SFMCP_[A-Z]+(?:_[A-Z]+)*"
    assert set(re.findall(named, page)) == set(re.findall(named, source)) - NOT_FOR_PEOPLE
