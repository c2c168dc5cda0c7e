"""What became of each row: three CSV files, and how many rows are in each.

They appear under their names when the work has ended, whichever way it ended; until then they lie beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Literal

from salesforce_mcp import folders
from salesforce_mcp.salesforce.download import split_head
from salesforce_mcp.salesforce.ingest import KINDS, Kind
from salesforce_mcp.salesforce.packing import private, unwritable


@dataclass(slots=True)
class Outcome:
    """What an import did. `jobs`: the Ids of its bulk jobs; `resumed`: it went on with jobs of an interrupted run."""

    files: dict[Kind, Path]
    method: Literal["bulk", "rest"]
    rows: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    jobs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    resumed: bool = False

    @property
    def complete(self) -> bool:
        """Every row was written."""
        return not (self.rows["failed"] or self.rows["unprocessed"])


class ResultFiles:
    """The three files in the making."""

    def __init__(self, paths: dict[Kind, Path]) -> None:
        self.paths = paths
        self._out: dict[Kind, BinaryIO] = {}

    @contextmanager
    def opened(self) -> Iterator[ResultFiles]:
        """Open them for writing. Raises SfmcpError when they can't be written."""
        beside = {kind: path.with_name(f"{path.name}.part") for kind, path in self.paths.items()}
        try:
            with ExitStack() as stack:
                for kind, path in beside.items():
                    self._out[kind] = stack.enter_context(private(path))
                yield self
        except OSError as error:
            hint = "What was sent before stays done: look what is in the org before the file is imported again."
            raise unwritable("The result files", error, hint) from error
        finally:
            self._place(beside)

    def _place(self, beside: dict[Kind, Path]) -> None:
        """Give the files their names; when nothing was done at all, none is left."""
        made = {kind: path for kind, path in beside.items() if path.exists()}
        filled = any(path.stat().st_size for path in made.values())
        for kind, path in made.items():
            if filled:
                path.replace(self.paths[kind])
            else:
                path.unlink()

    def write(self, kind: Kind, content: bytes) -> None:
        """Add bytes."""
        self._out[kind].write(content)

    def append(self, kind: Kind, chunks: Iterable[bytes]) -> None:
        """Add a CSV, its header only where the file has none yet. When it breaks off, nothing of it stays."""
        out = self._out[kind]
        start = out.tell()
        try:
            head, rest = split_head(iter(chunks))
            if not start:
                out.write(head)
            last = head
            for chunk in rest:
                out.write(chunk)
                last = chunk or last
            if last and not last.endswith(b"\n"):
                out.write(b"\n")
        except BaseException:
            out.seek(start)
            out.truncate()
            raise


def free_paths(folder: Path, stem: str) -> dict[Kind, Path]:
    """Names of three files that aren't there: `accounts.successful.csv`, or `accounts-2.successful.csv` and so on."""
    stem, number = folders.file_name(stem), 1
    while True:
        name = stem if number == 1 else f"{stem}-{number}"
        paths = {kind: folder / f"{name}.{kind}.csv" for kind in KINDS}
        if not any(path.exists() for path in paths.values()):
            return paths
        number += 1
