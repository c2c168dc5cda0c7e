"""How fast the demo org answers a query of 2,000 rows by 10 fields, beside what SQLite and orjson alone need for them.

    python tests/bench/bench_demo_query.py [--scale 20000] [--repeat 30]

Prints the best times and the ratios; the goal is 3 at most for the answer itself. The runs alternate and the best of
each counts, so that whatever else the machine does disturbs the ratio least.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import orjson
import requests

from salesforce_mcp.demo import users
from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.query import run_query

FIELDS = [
    "Id",
    "FirstName",
    "LastName",
    "Email",
    "Phone",
    "Title",
    "AccountId",
    "MailingCity",
    "CreatedDate",
    "DoNotCall",
]
SOQL = f"SELECT {', '.join(FIELDS)} FROM Contact LIMIT 2000"
WITH_PARENT = SOQL.replace("DoNotCall", "Account.Name")


def best(runs: Sequence[Callable[[], object]], repeat: int) -> list[float]:
    """The best time of each, in milliseconds, taken in turns."""
    times = [float("inf")] * len(runs)
    for _ in range(repeat + 1):
        for place, run in enumerate(runs):
            start = time.perf_counter()
            run()
            times[place] = min(times[place], time.perf_counter() - start)
    return [each * 1_000 for each in times]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=int, default=20_000)
    parser.add_argument("--repeat", type=int, default=40)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, DemoOrg(Path(folder), scale=options.scale) as org:
        store = org.store
        ada = users.by_username(store, users.ADMIN_USERNAME)
        assert ada is not None
        connection = store.connection()
        columns = ", ".join(FIELDS)
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {org.users[0].access_token}"
        session.headers["Accept-Encoding"] = "identity"
        url = f"{org.instance_url}/services/data/v66.0/query"

        def bare() -> bytes:
            rows = connection.execute(f"SELECT {columns} FROM Contact WHERE IsDeleted = 0 LIMIT 2000").fetchall()
            return orjson.dumps([dict(zip(FIELDS, row, strict=True)) for row in rows])

        def over_http(soql: str) -> bytes:
            response = session.get(url, params={"q": soql})
            assert response.status_code == 200, response.text
            return response.content

        runs = {
            "SQLite and orjson alone": bare,
            "run_query and orjson": lambda: orjson.dumps(run_query(store, ada, SOQL)),
            "the same with a parent": lambda: orjson.dumps(run_query(store, ada, WITH_PARENT)),
            "over HTTP": lambda: over_http(SOQL),
        }
        times = best(list(runs.values()), options.repeat)
        for name, taken in zip(runs, times, strict=True):
            print(f"{name:<26} {taken:8.2f} ms  {taken / times[0]:6.2f} times")


if __name__ == "__main__":
    main()
