"""`sfmcp doctor`: finds what keeps sfmcp from working, and says what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from salesforce_mcp.cli.environment import Environment, environment
from salesforce_mcp.cli.options import Org

if TYPE_CHECKING:
    from salesforce_mcp.auth.checks import Finding

INDENT = 16
"""Columns before what is said of a check."""

SIGNS = {"ok": ("✓", "32"), "warning": ("!", "33"), "failed": ("✗", "31"), "skipped": ("-", "2")}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("doctor", epilog="Examples:\n\nsfmcp doctor\n\nsfmcp doctor --org dev --json")(doctor)


def doctor(
    org: Org = None, json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False
) -> None:
    """Check everything between an AI client and an org: keyring, login, network, clock, API version, API access, and
    whether the sfmcp in the clients' configuration starts.

    Each problem comes with its remedy. The exit code is 0 when nothing failed (a warning is no failure), else that of
    the first failure: 3 for keyring and login, 5 for the network, 1 for what the org refuses or a client can't start.
    """
    here = environment()
    findings = []
    for finding in _findings(org):
        findings.append(finding)
        if not json:
            _show(finding, here)
    if json:
        _print_json(findings, here)
    failed = next((finding for finding in findings if finding.state == "failed"), None)
    if failed:
        raise typer.Exit(failed.exit_code)


def _findings(org: str | None) -> Iterator[Finding]:
    from salesforce_mcp.auth import checks
    from salesforce_mcp.cli.client_check import check_clients

    yield from checks.run(org)
    yield from check_clients()


def _show(finding: Finding, here: Environment) -> None:
    sign, colour = SIGNS[finding.state]
    if here.colour(here.stdout):
        sign = f"\x1b[{colour}m{sign}\x1b[0m"
    lines = [part for text in (finding.detail, finding.remedy) if text for part in _wrapped(here, text)]
    here.write(f"{sign} {finding.check + ':':<{INDENT - 2}}{lines[0]}")
    for line in lines[1:]:
        here.write(" " * INDENT + line)


def _wrapped(here: Environment, text: str) -> list[str]:
    """The text in lines that fit beside the checks' names; on a terminal alone, paths and commands kept whole."""
    if not here.stdout.isatty():
        return [text]
    import textwrap

    return textwrap.wrap(text, max(here.width - INDENT, 30), break_long_words=False, break_on_hyphens=False)


def _print_json(findings: list[Finding], here: Environment) -> None:
    import json
    from dataclasses import asdict

    here.write(json.dumps([asdict(finding) for finding in findings], indent=2, ensure_ascii=False))
