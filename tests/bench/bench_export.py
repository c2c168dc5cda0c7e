"""A query's rows into a CSV file: how fast, and with how much processor time, beside simple-salesforce.

    python -m tests.bench.bench_export [--rows 1000000] [--runs 3]

All read the same prepared pages from another process.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.bench.measure import Table, in_turns, page_server, run, surroundings

SOQL = "SELECT Id, Name, Industry, AnnualRevenue, CreatedDate, Owner.Name FROM Account"

# simple-salesforce speaks https alone; the adapter takes it to the page server as it is.
OVER_HTTP = """
import os, sys, requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce
class Plain(HTTPAdapter):
    def send(self, request, **options):
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **options)
session = requests.Session()
session.mount("https://", Plain())
sf = Salesforce(instance=os.environ["SFMCP_INSTANCE_URL"].removeprefix("http://"), version="66.0",
                session_id=os.environ["SFMCP_ACCESS_TOKEN"], session=session)
"""

SIMPLE_SALESFORCE = (
    OVER_HTTP
    + """
import csv
columns = ["Id", "Name", "Industry", "AnnualRevenue", "CreatedDate", "Owner.Name"]
with open(sys.argv[2], "w", newline="", encoding="utf-8") as file:
    writer = csv.DictWriter(file, columns, extrasaction="ignore")
    writer.writeheader()
    for record in sf.query_all_iter(sys.argv[1]):
        record["Owner.Name"] = (record["Owner"] or {}).get("Name")
        writer.writerow(record)
"""
)

PLAIN_LOOP = """
import csv, gzip, http.client, os, sys, orjson
from urllib.parse import quote_plus, urlsplit
connection = http.client.HTTPConnection(urlsplit(os.environ["SFMCP_INSTANCE_URL"]).netloc)
headers = {"Authorization": "Bearer " + os.environ["SFMCP_ACCESS_TOKEN"], "Accept-Encoding": "gzip"}
url = "/services/data/v66.0/query?q=" + quote_plus(sys.argv[1])
with open(sys.argv[2], "w", newline="", encoding="utf-8") as file:
    writer = csv.writer(file)
    writer.writerow(["Id", "Name", "Industry", "AnnualRevenue", "CreatedDate", "Owner.Name"])
    while url:
        connection.request("GET", url, headers=headers)
        page = orjson.loads(gzip.decompress(connection.getresponse().read()))
        writer.writerows((r["Id"], r["Name"], r["Industry"], r["AnnualRevenue"], r["CreatedDate"],
                          r["Owner"] and r["Owner"]["Name"]) for r in page["records"])
        url = page.get("nextRecordsUrl")
"""


def table(runs: int, rows: int) -> Table:
    """Rows a second (best first), processor seconds and memory."""
    with tempfile.TemporaryDirectory() as folder, page_server("--rows", str(rows)) as url, surroundings(url) as env:
        file = str(Path(folder, "rows.csv"))
        sfmcp = [sys.executable, "-m", "salesforce_mcp"]
        commands = {
            "simple-salesforce, csv.DictWriter": [sys.executable, "-c", SIMPLE_SALESFORCE, SOQL, file],
            "http.client, orjson, csv.writer": [sys.executable, "-c", PLAIN_LOOP, SOQL, file],
            "sfmcp export": [*sfmcp, "export", SOQL, "--output", file, "--no-bulk", "--quiet"],
            "sfmcp query": [*sfmcp, "query", SOQL, "--output", file, "--quiet"],
        }

        def once(command: list[str]) -> list[float]:
            Path(file).unlink(missing_ok=True)
            taken, processor, memory = run(command, env)
            with Path(file).open("rb") as written:
                lines = sum(1 for _ in written)
            assert lines == rows + 1, f"{lines} lines of {command}"
            return [rows / taken * 1000, processor, memory]

        figures = in_turns({name: lambda c=command: once(c) for name, command in commands.items()}, runs)
    return Table(
        f"{rows:,} rows into a CSV file",
        f"python -m tests.bench.bench_export --rows {rows} --runs {runs}",
        ("rows/s", "processor s", "MiB"),
        figures,
        base="simple-salesforce, csv.DictWriter",
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(table(options.runs, options.rows).markdown())


if __name__ == "__main__":
    main()
