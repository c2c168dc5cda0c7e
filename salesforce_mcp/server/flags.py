"""The flags of `sfmcp serve`."""

from __future__ import annotations

import argparse

from salesforce_mcp.server import logs
from salesforce_mcp.tools.registry import GROUPS, TOOLSETS

DEFAULT_BUDGET = 8000
LEAST_BUDGET = 500


def parser() -> argparse.ArgumentParser:
    """What the command line may say."""
    flags = argparse.ArgumentParser(
        prog="sfmcp serve",
        description="Serve Salesforce to an MCP client over stdin and stdout.",
        epilog=f"Toolsets: {', '.join([*TOOLSETS, *GROUPS])}. SFMCP_ORG, SFMCP_TOOLSETS and SFMCP_READ_ONLY in the "
        "environment stand in for --org, --toolsets and --read-only.",
        allow_abbrev=False,
    )
    add = flags.add_argument
    add("--org", metavar="ALIAS", help="the login to use; `demo` is the built-in demo org")
    add("--toolsets", metavar="A,B", help="offer the tools of these toolsets instead of the default tools; or `all`")
    add("--tools", metavar="A,B", help="offer these tools, beside the toolsets that are named")
    add("--exclude-tools", metavar="A,B", help="never offer these, whatever else is said")
    add("--read-only", action="store_true", help="offer and run only tools that change nothing")
    add("--structured", action="store_true", help="add output schemas and structured content, for programs")
    add(
        "--max-result-tokens",
        type=_budget,
        default=DEFAULT_BUDGET,
        metavar="N",
        help=f"cut results at a row, with a cursor, at about N tokens (default {DEFAULT_BUDGET})",
    )
    add("--log-level", choices=logs.LEVELS, default="warning", help="what goes to stderr (default warning)")
    return flags


def _budget(text: str) -> int:
    if not text.isdecimal() or int(text) < LEAST_BUDGET:
        raise argparse.ArgumentTypeError(f"give a number of tokens, at least {LEAST_BUDGET}")
    return int(text)
