"""A CSV file into parts that bulk jobs take: rows a second, and memory.

    python -m tests.bench.bench_import [--rows 1000000] [--runs 3]

Reads the file twice, as an import does: once to know what is in it, once to cut it. Nothing is sent.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import Table, in_turns, run, surroundings

CUT = """
import sys
from pathlib import Path
from salesforce_mcp.salesforce.loading import source
file = source.scan(Path(sys.argv[1]))
assert sum(part.rows for part in source.parts(file)) == int(sys.argv[2])
"""


def write(path: Path, rows: int) -> None:
    """Contacts with quotes, and a line end within a cell of each tenth."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["LastName", "Email", "Phone", "Description", "MailingCity"])
        for number in range(rows):
            text = 'He said "yes",\nand left' if number % 10 == 0 else "some words, and some more"
            writer.writerow([f"Doe {number}", f"doe{number}@example.com", "+49 731 1234567", text, "Ulm"])


def table(runs: int, rows: int) -> Table:
    """Rows a second, processor seconds and memory."""
    with tempfile.TemporaryDirectory() as folder, surroundings() as env:
        plain = Path(folder, "contacts.csv")
        packed = Path(folder, "contacts.csv.gz")
        write(plain, rows)
        with plain.open("rb") as source, gzip.open(packed, "wb", 1) as target:
            shutil.copyfileobj(source, target)

        def once(path: Path) -> list[float]:
            taken, processor, memory = run([sys.executable, "-c", CUT, str(path), str(rows)], env)
            return [rows / taken * 1000, processor, memory]

        figures = in_turns({path.name: lambda p=path: once(p) for path in (plain, packed)}, runs)
    return Table(
        f"{rows:,} rows of CSV into parts for bulk jobs",
        f"python -m tests.bench.bench_import --rows {rows} --runs {runs}",
        ("rows/s", "processor s", "MiB"),
        figures,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(table(options.runs, options.rows).markdown())


if __name__ == "__main__":
    main()
