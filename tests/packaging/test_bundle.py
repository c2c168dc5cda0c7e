"""The bundle for Claude Desktop: built as documented, judged by the official tool, started as the client starts it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from salesforce_mcp import __version__
from tests.conftest import Node
from tests.packaging.conftest import ROOT, install, run
from tests.server.wire import Wire

TOOL = "node_modules/@anthropic-ai/mcpb/dist"
CONFIG = Path(__file__).parent / "bundle_config.mjs"


@pytest.fixture(scope="module")
def bundle(uv: str, node: Node, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked bundle. Its environment is made beforehand, so that nothing has to be fetched."""
    folder = tmp_path_factory.mktemp("bundle")
    mcpb = [node.program, str(node.folder / TOOL / "cli/cli.js")]
    build = [sys.executable, str(ROOT / ".mcpb/build.py"), "--output", str(folder / "sfmcp.mcpb")]
    run([*build, "--mcpb", " ".join(mcpb)], folder)
    run([*mcpb, "unpack", "sfmcp.mcpb", "unpacked"], folder)
    unpacked = folder / "unpacked"
    install(uv, next(unpacked.glob("*.whl")), unpacked / ".venv")
    return unpacked


def test_the_manifest_is_of_this_version(bundle: Path) -> None:
    manifest = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["version"] == __version__
    assert "query" in [tool["name"] for tool in manifest["tools"]]
    assert set(manifest["user_config"]) == {"org", "toolsets", "read_only"}


@pytest.mark.parametrize(
    ("choices", "offered", "absent"),
    [
        ({}, {"query", "create_record"}, {"create_case"}),
        ({"org": "demo", "toolsets": "query,cases", "read_only": True}, {"query", "get_case"}, {"create_case"}),
    ],
    ids=["defaults", "chosen"],
)
def test_it_starts_as_the_client_starts_it(
    bundle: Path, uv: str, node: Node, choices: dict[str, Any], offered: set[str], absent: set[str]
) -> None:
    resolving = [node.program, str(CONFIG), str(node.folder / TOOL / "index.js"), str(bundle), json.dumps(choices)]
    config = json.loads(run(resolving, bundle))
    assert config["command"] == "uv"
    with Wire(command=[uv, *config["args"]], **config["env"], UV_NO_SYNC="1", UV_OFFLINE="1") as wire:
        wire.initialize()
        names = {tool["name"] for tool in wire.ask("tools/list", {})["result"]["tools"]}
        text, failed = wire.call("query", soql="SELECT COUNT() FROM Account")
    assert offered <= names
    assert not absent & names
    assert not failed, text
