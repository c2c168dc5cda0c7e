"""A server that only sends: pages of a query's records, made and compressed before the first request.

    python -m tests.bench.page_server --rows 1000000

Prints its port. It answers every query with the same records, in pages of 2,000, on kept-alive connections. Requests
for one row (`LIMIT 1` in the statement) get one; `--delay` holds every answer back. With `--bulk` it has a query
job of Bulk API 2.0 instead, which is complete and lists its results in sets of 50,000 rows.
"""

from __future__ import annotations

import argparse
import gzip
import json
import socketserver
import sys
import time
from urllib.parse import unquote_plus

PAGE = 2_000
SET = 50_000
JOB = "/services/data/v66.0/jobs/query/750xx0000000001AAA"
INDUSTRIES = ("Agriculture", "Banking", "Biotechnology", "Chemicals", "Communications", "Construction", "Energy")
DESCRIBE = {
    "fields": [
        {"name": "Id", "type": "id"},
        {"name": "Name", "type": "string"},
        {"name": "Industry", "type": "picklist"},
        {"name": "AnnualRevenue", "type": "currency"},
        {"name": "CreatedDate", "type": "datetime"},
        {"name": "OwnerId", "type": "reference", "relationshipName": "Owner", "referenceTo": ["User"]},
    ]
}
OWNERS = ("Ada Lovelace", "Grace Hopper", "Alan Turing")


def record(number: int) -> dict[str, object]:
    """An account as Salesforce sends it."""
    identity = f"001xx{number:010d}AAA"
    return {
        "attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{identity}"},
        "Id": identity,
        "Name": f"Acme Holdings {number} Inc.",
        "Industry": INDUSTRIES[number % len(INDUSTRIES)],
        "AnnualRevenue": 1_000_000.0 + number * 137,
        "CreatedDate": f"2026-{number % 12 + 1:02d}-{number % 28 + 1:02d}T09:{number % 60:02d}:00.000+0000",
        "Owner": {
            "attributes": {"type": "User", "url": f"/services/data/v66.0/sobjects/User/005xx{number % 9:010d}AAA"},
            "Name": OWNERS[number % len(OWNERS)],
        },
    }


def answer(body: bytes, kind: str = "application/json", headers: str = "") -> bytes:
    """An HTTP answer, compressed. `headers`: further ones, each with its line end."""
    packed = gzip.compress(body, 1)
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{headers}Content-Encoding: gzip\r\nContent-Length: {len(packed)}"
    )
    return f"{head}\r\n\r\n".encode() + packed


def page(records: bytes, total: int, following: int | None) -> bytes:
    more = f',"nextRecordsUrl":"/services/data/v66.0/query/01gxx-{following}"' if following else ""
    done = "false" if following else "true"
    return answer(f'{{"totalSize":{total},"done":{done}{more},"records":'.encode() + records + b"}")


def prepared(rows: int) -> dict[str, bytes]:
    """All answers by what is asked for: "one", and the offset of each page."""
    templates = [
        json.dumps([record(start + number) for number in range(PAGE)], separators=(",", ":")).encode()
        for start in range(0, 5 * PAGE, PAGE)
    ]
    answers = {
        "one": page(json.dumps([record(1)]).encode(), 1, None),
        "describe": answer(json.dumps(DESCRIBE).encode()),
    }
    for start in range(0, rows, PAGE):
        following = start + PAGE if start + PAGE < rows else None
        answers[str(start)] = page(templates[start // PAGE % len(templates)], rows, following)
    return answers


def prepared_job(rows: int) -> dict[str, bytes]:
    """What a query job answers: the job itself, the list of its sets from each fifth on, and each set."""
    job = {"id": JOB.rpartition("/")[2], "state": "JobComplete", "numberRecordsProcessed": rows, "apiVersion": 66.0}
    answers = {"": answer(json.dumps(job).encode())}
    sets = range(0, rows, SET)
    for first in range(0, len(sets), 5):
        links = [{"resultUrl": f"{JOB}/results?locator=set-{start}"} for start in sets[first : first + 5]]
        listed = {"resultPages": links, "done": first + 5 >= len(sets)}
        if not listed["done"]:
            listed["nextRecordsUrl"] = f"{JOB}/resultPages?locator=list-{first + 5}"
        answers[f"list-{first}"] = answer(json.dumps(listed).encode())
    lines = [_line(record(number)) for number in range(SET)]
    head = '"Id","Name","Industry","AnnualRevenue","CreatedDate","Owner.Name"\n'
    one = answer((head + "".join(lines)).encode(), "text/csv", f"Sforce-NumberOfRecords: {SET}\r\n")
    return answers | {f"set-{start}": one for start in sets}


def _line(row: dict[str, object]) -> str:
    owner = row["Owner"]
    assert isinstance(owner, dict)
    cells = [row["Id"], row["Name"], row["Industry"], row["AnnualRevenue"], row["CreatedDate"], owner["Name"]]
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


def wanted(target: str) -> str:
    """The name of the answer to a request for this path and query."""
    if "/jobs/query" in target:
        return target.partition("locator=")[2] or ("list-0" if target.endswith("/resultPages") else "")
    if target.endswith("/describe"):
        return "describe"
    return "one" if target.endswith("LIMIT 1") else target.partition("01gxx-")[2] or "0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="a multiple of 2,000")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before every answer")
    parser.add_argument("--bulk", action="store_true", help="query jobs alone; --rows is a multiple of 50,000")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    answers = prepared_job(options.rows) if options.bulk else prepared(options.rows)

    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while line := self.rfile.readline():
                body = 0
                while (header := self.rfile.readline()) not in (b"\r\n", b""):
                    if header.lower().startswith(b"content-length:"):
                        body = int(header.split(b":")[1])
                self.rfile.read(body)
                time.sleep(options.delay)
                self.wfile.write(answers[wanted(unquote_plus(line.split()[1].decode()))])

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", options.port), Handler) as server:
        print(server.server_address[1], flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            sys.exit()


if __name__ == "__main__":
    main()
