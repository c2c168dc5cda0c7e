"""`python -m tests.soak --minutes 5`: run the soak and print its report; exit code 1 when anything was wrong."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.soak.run import Plan, soak


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--clients", type=int, default=3, help="MCP clients, each with a server")
    parser.add_argument("--workers", type=int, default=3, help="calls that each client has under way")
    parser.add_argument("--rate", type=float, default=0.1, help="part of the org's replies that are spoilt")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    plan = Plan(chosen.minutes, None, chosen.clients, chosen.workers, chosen.rate, chosen.seed)
    with tempfile.TemporaryDirectory(prefix="sfmcp-soak-") as folder:
        report = soak(plan, Path(folder) / "soak")
    sys.stdout.write(f"{report}\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
