"""Build the bundle for Claude Desktop.

    .venv/bin/python .mcpb/build.py [--output sfmcp.mcpb] [--mcpb COMMAND]

It holds the wheel of this checkout; Claude Desktop's uv installs what that depends on. Needs uv, and the official tool
that validates and packs: npm install -g @anthropic-ai/mcpb.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from salesforce_mcp import __version__
from salesforce_mcp.policy.selection import Selection

HERE = Path(__file__).parent
ROOT = HERE.parent


def main() -> None:
    """Build, validate and pack."""
    flags = argparse.ArgumentParser(description="Build the bundle for Claude Desktop.")
    flags.add_argument("--output", type=Path, default=Path("dist/sfmcp.mcpb"), help="default dist/sfmcp.mcpb")
    flags.add_argument("--mcpb", default="mcpb", metavar="COMMAND", help="how to run the official tool; default mcpb")
    options = flags.parse_args()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made, tempfile.TemporaryDirectory() as bundle:
        run("uv", "build", "--quiet", "--wheel", "--out-dir", made, str(ROOT))
        fill(Path(bundle), next(Path(made).glob("*.whl")))
        mcpb = shlex.split(options.mcpb)
        run(*mcpb, "pack", bundle, str(options.output))


def fill(bundle: Path, wheel: Path) -> None:
    """Put everything into the folder of the bundle."""
    shutil.copy(wheel, bundle)
    shutil.copy(HERE / "server.py", bundle)
    manifest = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))
    manifest["version"] = __version__
    manifest["tools"] = [
        {"name": tool.name, "description": tool.description} for tool in Selection().offered().values()
    ]
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=2), encoding="utf-8")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = [
        "[project]",
        'name = "sfmcp-bundle"',
        f'version = "{__version__}"',
        f'requires-python = "{project["requires-python"]}"',
        'dependencies = ["sfmcp"]',
        "",
        "[tool.uv]",
        "package = false",
        "",
        "[tool.uv.sources]",
        f'sfmcp = {{ path = "{wheel.name}" }}',
    ]
    (bundle / "pyproject.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def run(*command: str) -> None:
    """Run a program; end with what it says when it fails. Programs of this environment come first."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    program = shutil.which(command[0], path=path)
    if program is None:
        sys.exit(f"{command[0]} isn't installed; see the head of {Path(__file__).name}.")
    done = subprocess.run([program, *command[1:]], stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main()
