"""Pages of a query read straight into columns.

As soon as it is known how the org spells all columns, msgspec reads those alone: two thirds of a page are `attributes`,
which then never become objects, and reading and turning a page takes half the time. What doesn't fit is left to `rows`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from types import GenericAlias
from typing import TYPE_CHECKING, Any

from salesforce_mcp.salesforce import pages
from salesforce_mcp.salesforce.pages import Page
from salesforce_mcp.salesforce.response import Response, exact_number
from salesforce_mcp.salesforce.rows import Block, Shaper, nested

if TYPE_CHECKING:
    import msgspec

Path = tuple[str, ...]
"""`("Owner", "Name")` for `Owner.Name`, as the org spells it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """A page by its columns."""

    block: Block
    rows: int
    total_size: int
    next_url: str | None


class Reader:
    """Reads the pages of one query for the columns of its shaper."""

    def __init__(self, shaper: Shaper) -> None:
        self._shaper = shaper
        self._records: _Records | None = None

    def read(self, answer: Response) -> Page | Columns:
        """The page in an answer. Raises NetworkError when there is none in it."""
        if self._records is None and (paths := self._shaper.paths()):
            self._records = _Records(*paths)
        if self._records:
            try:
                return self._records.read(answer.content)
            except ValueError:  # a parent that was null so far, a broken text: not what was known of the records
                self._records = None
        return pages.read(answer)


class _Records:
    """Reads the values at `paths`, by column. At each of `nulls` there must be null, or nothing."""

    def __init__(self, paths: Sequence[Path], nulls: Collection[Path]) -> None:
        import msgspec

        self._paths = paths
        self._names: dict[Path, str] = {}
        records = GenericAlias(list, self._struct((), paths, nulls))
        page = msgspec.defstruct(
            "Page", [("records", records), ("totalSize", int), ("done", bool), ("nextRecordsUrl", str | None, None)]
        )
        self._decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(page, float_hook=exact_number)

    def read(self, content: bytes) -> Columns:
        """Raises ValueError when the content is no such page."""
        page = self._decoder.decode(content)
        known: dict[Path, Sequence[Any]] = {(): page.records}
        block: Block = [self._values(path, known) for path in self._paths]
        return Columns(block, len(page.records), page.totalSize, None if page.done else page.nextRecordsUrl)

    def _struct(self, prefix: Path, paths: Iterable[Path], nulls: Collection[Path]) -> Any:
        """A type for the record, or the parent, at `prefix`. Names are replaced: not every one would do in Python."""
        import msgspec

        depth = len(prefix)
        below: dict[str, list[Path]] = {}
        for path in paths:
            below.setdefault(path[depth], []).append(path)
        fields: list[tuple[str, Any, Any]] = []
        for number, (name, its) in enumerate(below.items()):
            here = (*prefix, name)
            self._names[here] = f"f{number}"
            kind: Any = Any
            if here in nulls:
                kind = None
            elif here not in its:
                kind = self._struct(here, its, nulls) | None
            fields.append((f"f{number}", kind, None))
        return msgspec.defstruct("Record", fields, rename={f"f{i}": name for i, name in enumerate(below)}, gc=False)

    def _values(self, path: Path, known: dict[Path, Sequence[Any]]) -> Sequence[Any]:
        """The values at a path in all records; `known` has those of the paths before it."""
        if path not in known:
            get = attrgetter(self._names[path])
            records = self._values(path[:-1], known)
            if len(path) == 1:
                values = list(map(get, records))
            else:
                values = [None if record is None else get(record) for record in records]
            known[path] = [nested(value) for value in values] if dict in set(map(type, values)) else values
        return known[path]
