"""The MCP Inspector, which people look at servers with, over stdio as clients start ours."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Node

INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"
TOOL_FAILED = 5
"""The inspector's exit code for a tool that answers with an error."""


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """State of one demo org for all: making it costs a second."""
    return tmp_path_factory.mktemp("state")


class Inspector:
    def __init__(self, node: Node, home: Path, state: Path) -> None:
        self._node = node
        self._environment = {**os.environ, "HOME": str(home), "SFMCP_STATE_DIR": str(state)}

    def run(self, method: str, *options: str, era: str = "legacy") -> subprocess.CompletedProcess[str]:
        command = [self._node.program, str(self._node.folder / INSPECTOR), "--cli", "--format", "json"]
        server = [sys.executable, "-m", "salesforce_mcp", "serve", "--org", "demo"]
        if method == "tools/list":
            server += ["--toolsets", "all"]
        return subprocess.run(
            [*command, "--method", method, "--protocol-era", era, *options, "--", *server],
            env=self._environment,
            capture_output=True,
            encoding="utf-8",
            timeout=100,
        )

    def ask(self, method: str, *options: str, era: str = "legacy") -> Any:
        """The result."""
        run = self.run(method, *options, era=era)
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)["result"]


@pytest.fixture
def inspector(node: Node, tmp_path: Path, state: Path) -> Inspector:
    return Inspector(node, tmp_path, state)


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_all_schemas_are_portable(inspector: Inspector, era: str) -> None:
    tools = inspector.ask("tools/list", "--strict", era=era)["tools"]
    assert {"query", "run_action", "get_case_timeline"} <= {tool["name"] for tool in tools}


@pytest.mark.parametrize("era", ["legacy", "modern"])
def test_a_tool_is_called(inspector: Inspector, era: str) -> None:
    arguments = json.dumps({"soql": "SELECT Name FROM Account WHERE Name LIKE 'Acme%' ORDER BY Name LIMIT 1"})
    result = inspector.ask("tools/call", "--tool-name", "query", "--tool-args-json", arguments, era=era)
    assert result["content"][0]["text"].startswith("1 row.\nName\nAcme")


def test_a_tool_that_fails_says_why(inspector: Inspector) -> None:
    arguments = json.dumps({"soql": "SELECT Nam FROM Account"})
    run = inspector.run("tools/call", "--tool-name", "query", "--tool-args-json", arguments)
    assert run.returncode == TOOL_FAILED, run.stderr
    assert json.loads(run.stdout)["result"]["content"][0]["text"].startswith("INVALID_FIELD:")


def test_resources_and_prompts_are_listed(inspector: Inspector) -> None:
    resources = inspector.ask("resources/list")["resources"]
    assert "salesforce://reference/soql" in [resource["uri"] for resource in resources]
    prompts = inspector.ask("prompts/list")["prompts"]
    assert "case_triage" in [prompt["name"] for prompt in prompts]
