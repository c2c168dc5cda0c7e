"""One row from the shell: `sfmcp query` beside a three-line simple-salesforce script and `sf data query`.

    python -m tests.bench.bench_shell [--runs 9] [--keyring]

All ask the same demo org. `--keyring` takes the token from the machine's keyring instead of the environment, and needs
one that is unlocked. Also: `sfmcp --help` beside a typer program with one command.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from salesforce_mcp.demo.local import DemoOrg
from tests.bench import peers
from tests.bench.bench_export import OVER_HTTP
from tests.bench.measure import Table, in_turns, run, surroundings

SOQL = "SELECT Id, Name FROM Account LIMIT 1"
SCRIPT = OVER_HTTP + "print(sf.query(sys.argv[1])['records'])"
BARE_TYPER = """
import typer
app = typer.Typer()
@app.command()
def hello(name: str = "you") -> None:
    "Say hello."
@app.command()
def bye(name: str = "you") -> None:
    "Say goodbye."
app()
"""


def query(runs: int) -> Table:
    """One row, with the token in the environment."""
    missing = []
    with tempfile.TemporaryDirectory() as folder, DemoOrg(Path(folder)) as org, surroundings(org.instance_url) as env:
        env["SFMCP_ACCESS_TOKEN"] = org.users[0].access_token
        commands = {
            "simple-salesforce script": [sys.executable, "-c", SCRIPT, SOQL],
            "sfmcp query": [sys.executable, "-m", "salesforce_mcp", "query", SOQL],
        }
        sf = peers.sf()
        if sf:
            env |= peers.sf_login(sf, org.instance_url, env["SFMCP_ACCESS_TOKEN"], env)
            commands["sf data query"] = [*sf, "data", "query", "--target-org", "demo", "--query", SOQL]
        else:
            missing.append(peers.SF)
        figures = in_turns({name: lambda c=command: run(c, env) for name, command in commands.items()}, runs)
    return Table(
        "One row from the shell",
        f"python -m tests.bench.bench_shell --runs {runs}",
        ("ms", "processor s", "MiB"),
        figures,
        base="simple-salesforce script",
        missing=missing,
    )


def help_text(runs: int) -> Table:
    """`--help`."""
    with surroundings() as env:
        commands = {
            "a typer program": [sys.executable, "-c", BARE_TYPER, "--help"],
            "sfmcp --help": [sys.executable, "-m", "salesforce_mcp", "--help"],
        }
        figures = in_turns({name: lambda c=command: run(c, env) for name, command in commands.items()}, runs)
    return Table(
        "Help",
        f"python -m tests.bench.bench_shell --runs {runs}",
        ("ms", "processor s", "MiB"),
        figures,
        base="a typer program",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    for table in (query(options.runs), help_text(options.runs)):
        print(table.markdown())


if __name__ == "__main__":
    main()
