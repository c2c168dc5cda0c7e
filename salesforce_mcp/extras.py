"""What is installed on request alone, and how to have it in this installation."""

from __future__ import annotations

import json
import os
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

MODULES = {"charts": "vl_convert", "parquet": "pyarrow"}
"""Extras, and the module that each brings."""


def missing(extra: str) -> str | None:
    """The command that installs an extra; None where it is here.

    pipx and uv install a tool anew, and so with the extras that are here already.
    """
    if find_spec(MODULES[extra]):
        return None
    home = Path(sys.prefix)
    if (home / "pipx_metadata.json").is_file():
        return f"pipx install --force {_anew(extra)}"
    if (home / "uv-receipt.toml").is_file():
        return f"uv tool install --force {_anew(extra)}"
    if is_passing():
        return f"uvx --from {_anew(extra)} sfmcp"
    pip = "pip install" if find_spec("pip") else f"uv pip install --python {shlex.quote(os.fspath(home))}"
    return f"{pip} 'sfmcp[{extra}]'"


def _anew(extra: str) -> str:
    names = sorted(name for name, module in MODULES.items() if name == extra or find_spec(module))
    wanted, origin = f"sfmcp[{','.join(names)}]", source()
    return shlex.quote(f"{wanted} @ {origin}" if origin else wanted)


def is_passing() -> bool:
    """This is an environment that uvx made, which is gone when uv cleans its cache."""
    return Path(sys.prefix).parent.name.startswith("archive-v")


def source() -> str | None:
    """Where this package was installed from, as uv and pip take it; None for an index."""
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        text = distribution("sfmcp").read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    origin = json.loads(text) if text else {}
    kind = origin.get("vcs_info", {}).get("vcs")
    return f"{kind}+{origin['url']}" if kind else origin.get("url")
