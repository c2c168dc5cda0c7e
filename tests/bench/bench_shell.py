"""One row from the shell: `sfmcp query` beside a three-line simple-salesforce script and `sf data query`.

    python -m tests.bench.bench_shell [--runs 9] [--keyring]

All ask the same demo org: sfmcp once with the token from the environment, and once with a login kept in a gnome-keyring
of the benchmark's own (left out where there is none). Also: `sfmcp --help` beside a typer program with one command.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from salesforce_mcp.demo.local import DemoOrg
from tests.auth.desktop import gnome_keyring
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
    """One row."""
    missing = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        org = stack.enter_context(DemoOrg(folder / "org"))
        env = stack.enter_context(surroundings(org.instance_url))
        env["SFMCP_ACCESS_TOKEN"] = org.users[0].access_token
        sfmcp = [sys.executable, "-m", "salesforce_mcp"]
        commands = {
            "simple-salesforce script": ([sys.executable, "-c", SCRIPT, SOQL], env),
            "sfmcp query": ([*sfmcp, "query", SOQL], env),
        }
        if shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session"):
            kept = env | stack.enter_context(gnome_keyring(folder)) | {"SFMCP_CONFIG_DIR": str(folder / "config")}
            for name in ("SFMCP_INSTANCE_URL", "SFMCP_ACCESS_TOKEN"):
                del kept[name]
            login = ["--org", "bench", "--flow", "client-credentials", "--client-id", org.client_id]
            subprocess.run(
                [*sfmcp, "login", *login, "--login-url", org.instance_url],
                env=kept | {"SFMCP_CLIENT_SECRET": org.client_secret},
                check=True,
                capture_output=True,
            )
            commands["sfmcp query, login in the keyring"] = ([*sfmcp, "query", SOQL], kept)
        else:
            missing.append("gnome-keyring")
        if sf := peers.sf():
            with_login = env | peers.sf_login(sf, org.instance_url, env["SFMCP_ACCESS_TOKEN"], env)
            commands["sf data query"] = ([*sf, "data", "query", "--target-org", "demo", "--query", SOQL], with_login)
        else:
            missing.append(peers.SF)
        ways = {name: lambda c=command, e=variables: run(c, e) for name, (command, variables) in commands.items()}
        figures = in_turns(ways, runs)
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
