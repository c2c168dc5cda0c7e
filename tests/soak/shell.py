"""The command line beside the clients: queries, exports and imports, some of them killed halfway."""

from __future__ import annotations

import csv
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import anyio.to_thread

from tests.soak.ledger import Ledger, Said, Write
from tests.soak.talk import UNANSWERED, Figures

PATIENCE = 300.0
ENDS = {0, 1, 3, 5, 6}
"""Exit codes that an org with faults may cause."""


class Shell:
    """Runs `sfmcp`, one command at a time."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], ledger: Ledger, figures: Figures, seed: int
    ) -> None:
        self._folder = folder
        self._environment = environment
        self._ledger = ledger
        self._figures = figures
        self._chance = random.Random(seed)
        self._number = 0

    async def step(self) -> None:
        """Run one of the commands."""
        work = self._chance.choice([self.query, self.export, self.load_by_collections, self.load_by_bulk])
        await anyio.to_thread.run_sync(work)

    def query(self) -> None:
        code, out, _ = self._run("query", "SELECT Id, Field FROM CaseHistory")
        if code == 0:
            self._whole([row["Id"] for row in csv.DictReader(out.splitlines())], "query")

    def export(self) -> None:
        """Run again after a failure, it goes on; until it is whole there is no file."""
        self._number += 1
        file = self._folder / f"export-{self._number}.csv"
        method = self._chance.choice(["--bulk", "--no-bulk"])
        for _ in range(6):
            code, _, said = self._run("export", "SELECT Id, Field FROM CaseHistory", "--output", str(file), method)
            if code == 0:
                with file.open(encoding="utf-8", newline="") as rows:
                    self._whole([row["Id"] for row in csv.DictReader(rows)], f"export {method}")
                left = [each.name for each in self._folder.glob(f"{file.name}.*")]
                if left:
                    self._ledger.wrong(f"left beside the export: {left}")
                return
            if file.exists():
                self._ledger.wrong(f"an export that failed left a file: {said}")

    def load_by_collections(self) -> None:
        names = self._names(230)
        file = self._file(names)
        code, _, said = self._run("import", str(file), "--object", "Contact", "--operation", "insert", "--no-bulk")
        outcomes = self._outcomes(file, said) or dict.fromkeys(names, (Said.of(said, failed=code != 0), said))
        self._check(names, outcomes, code)

    def load_by_bulk(self) -> None:
        """Killed now and then, it goes on with its jobs when it is run again."""
        names = self._names(120)
        file = self._file(names)
        arguments = ["import", str(file), "--object", "Contact", "--operation", "insert", "--bulk"]
        if self._chance.random() < 0.5:
            # Not at its very end: what is done and reported is imported anew by the next run, as it should be.
            self._run(*arguments, kill_after=self._chance.uniform(0.3, 2.5))
            if self._outcomes(file):
                return
        code, said = 1, ""
        for _ in range(8):
            code, _, said = self._run(*arguments)
            if code in (0, 6):
                break
        self._check(names, self._outcomes(file) or dict.fromkeys(names, (Said.of(said, failed=True), said)), code)

    def _check(self, names: list[str], outcomes: Mapping[str, tuple[Said, str]], code: int) -> None:
        if set(outcomes) != set(names):
            self._ledger.wrong(f"result files name {len(outcomes)} of {len(names)} rows")
        for name in names:
            said, words = outcomes.get(name, (Said.FAILED, "in none of the result files"))
            self._ledger.check(Write("Contact", "LastName", name, said, {}, None, words))
        if (code == 0) is not all(said is Said.DONE for said, _ in outcomes.values()):
            self._ledger.wrong(f"an import ended with {code}: {outcomes}")

    def _outcomes(self, file: Path, note: str = "") -> dict[str, tuple[Said, str]]:
        """What the result files say of each row, and `note` of those without an answer; none when there are none."""
        found: dict[str, tuple[Said, str]] = {}
        for kind in ("successful", "failed", "unprocessed"):
            for path in self._folder.glob(f"{file.stem}*.{kind}.csv"):
                with path.open(encoding="utf-8", newline="") as rows:
                    for row in csv.DictReader(rows):
                        words = row.get("sf__Error", "")
                        words += note if UNANSWERED in words else ""
                        found[row["LastName"]] = (Said.of(words, failed=kind != "successful"), words)
        return found

    def _whole(self, ids: list[str], what: str) -> None:
        wanted = self._ledger.count("CaseHistory")
        if len(ids) != wanted or len(set(ids)) != wanted:
            self._ledger.wrong(f"{what}: {len(ids)} rows, {len(set(ids))} different, of {wanted}")

    def _names(self, count: int) -> list[str]:
        self._number += 1
        return [f"shell-{self._number}-{place}" for place in range(count)]

    def _file(self, names: list[str]) -> Path:
        file = self._folder / f"import-{self._number}.csv"
        file.write_text("\n".join(["LastName", *names, ""]), encoding="utf-8")
        return file

    def _run(self, *arguments: str, kill_after: float | None = None) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        what = f"sfmcp {arguments[0]}"
        began = time.monotonic()
        command = subprocess.Popen(
            [sys.executable, "-m", "salesforce_mcp", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            env=dict(self._environment),
        )
        try:
            out, said = command.communicate(timeout=kill_after or PATIENCE)
        except subprocess.TimeoutExpired:
            command.kill()
            out, said = command.communicate()
            if kill_after is None:
                self._figures.unanswered.append(f"{what} {arguments}")
            return command.returncode, out, said
        self._figures.note(what, time.monotonic() - began)
        code = command.returncode
        if code:
            self._figures.refused[said.split(":", 1)[0][:60]] += 1
        if "Traceback" in said or "UNEXPECTED:" in said or code not in ENDS:
            self._ledger.wrong(f"{what} ended with {code}: {said[-600:]}")
        return code, out, said
