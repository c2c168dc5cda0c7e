"""Each toolset by itself over stdio: what it lists, in both protocol eras."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesforce_mcp.tools import registry
from tests.server.wire import MODERN, Wire

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("toolset", registry.TOOLSETS)
@pytest.mark.parametrize("modern", [False, True], ids=["handshake", "modern"])
def test_a_toolset_lists_its_tools(toolset: str, modern: bool) -> None:
    known = registry.load([toolset])
    with Wire("--toolsets", toolset) as wire:
        if not modern:
            wire.initialize()
        tools = wire.ask("tools/list", {"_meta": MODERN} if modern else {})["result"]["tools"]
        assert wire.close() == 0
    assert [tool["name"] for tool in tools] == list(known)
    for tool in tools:
        declared = known[tool["name"]]
        assert tool["title"] == declared.title
        assert tool["annotations"] == {
            "title": declared.title,
            "readOnlyHint": declared.access == "read",
            "destructiveHint": declared.access == "destructive",
            "idempotentHint": declared.idempotent,
            "openWorldHint": True,
        }
        assert tool["inputSchema"]["type"] == "object"
        assert (SNAPSHOTS / f"{tool['name']}.json").exists()
