"""The results of a bulk query job into a file, beside curl fetching the same bytes.

    python -m tests.bench.bench_bulk [--rows 5000000] [--runs 3]

All read the same prepared sets from another process, compressed. Needs curl.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.bench_export import SOQL
from tests.bench.measure import TOKEN, Table, in_turns, page_server, run, surroundings
from tests.bench.page_server import JOB, SET

BASE = "curl, one set after the other"


def table(runs: int, rows: int) -> Table:
    """Seconds, processor seconds and memory."""
    curl = shutil.which("curl")
    with (
        tempfile.TemporaryDirectory() as folder,
        page_server("--bulk", "--rows", str(rows)) as url,
        surroundings(url) as env,
    ):
        file = str(Path(folder, "rows.csv"))
        sfmcp = [sys.executable, "-m", "salesforce_mcp", "export", SOQL, "--bulk", "--quiet", "--output", file]
        sets = [f"{url}{JOB}/results?locator=set-{start}" for start in range(0, rows, SET)]
        # In curl's own configuration: one process, one connection.
        config = Path(folder, "curl.config")
        config.write_text(
            "".join(f'url = "{each}"\noutput = "{folder}/set-{number}"\n' for number, each in enumerate(sets)),
            encoding="utf-8",
        )
        fetch = [curl or "curl", "--silent", "--fail", "--compressed", "-H", f"Authorization: Bearer {TOKEN}"]
        commands = {BASE: [*fetch, "--config", str(config)]} if curl else {}
        commands["sfmcp export --bulk"] = sfmcp

        def once(name: str) -> list[float]:
            Path(file).unlink(missing_ok=True)
            taken, processor, memory = run(commands[name], env)
            written = [Path(file)] if name != BASE else sorted(Path(folder).glob("set-*"))
            lines = sum(each.read_bytes().count(b"\n") for each in written[:1])
            assert lines == (rows if name != BASE else SET) + 1, f"{lines} lines of {name}"
            return [taken / 1000, processor, memory]

        figures = in_turns({name: lambda n=name: once(n) for name in commands}, runs)
    return Table(
        f"{rows:,} rows of a bulk job into a CSV file",
        f"python -m tests.bench.bench_bulk --rows {rows} --runs {runs}",
        ("s", "processor s", "MiB"),
        figures,
        base=BASE if curl else None,
        missing=[] if curl else ["curl"],
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(table(options.runs, options.rows).markdown())


if __name__ == "__main__":
    main()
