"""Records as rows: parents become dotted columns, children and compound fields one value each.

A page is turned column by column, which takes a third of the time of going record by record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from operator import itemgetter
from typing import Any

from salesforce_mcp.salesforce import selection
from salesforce_mcp.salesforce.pages import Page, locator

Records = Sequence[dict[str, Any]]
Block = list[Sequence[Any]]
"""A page's values: one sequence for each column, as long as the page has records."""

Columns = dict[str, tuple[str, Sequence[Any]]]
"""Column names in lower case, each with the name as spelled and the values."""


class Shaper:
    """Turns the pages of one query into blocks with the same columns.

    The columns are those of the SELECT in its order, spelled as the org spells them, those that are null everywhere
    included; what else comes in the first page follows. `columns` is empty until the first page was shaped.
    """

    def __init__(self, soql: str = "", columns: Sequence[str] | None = None) -> None:
        self.selection = selection.read(soql)
        self.columns: list[str] = list(columns or ())
        self._keys = [name.lower() for name in self.columns]
        self._settled = columns is not None
        self._spelled: dict[str, str] = {}

    def page(self, page: Page) -> Block:
        """The values of a page; of a `SELECT COUNT()` the number."""
        if not self.selection.counts:
            return self.block(page.records)
        self.columns = ["count"]
        return [[page.total_size]]

    def block(self, records: Records) -> Block:
        """The values of a page's records, for each of `columns`."""
        found: Columns = {}
        _expand(records, "", found)
        if not self._settled:
            self._settle(found)
        self._spelled.update({key: name for key, (name, _) in found.items()})
        empty = (None,) * len(records)
        return [found[key][1] if key in found else empty for key in self._keys]

    def rows(self, records: Records) -> list[list[Any]]:
        """The same, as rows."""
        return [list(row) for row in zip(*self.block(records), strict=True)]

    def paths(self) -> tuple[list[tuple[str, ...]], set[tuple[str, ...]]] | None:
        """Where the columns are in a record, as the org spells it, and the parents that were null in all records.

        A column below such a parent has the parent's path. None as long as some column was not in the records at all,
        and for queries with children or a count, whose records are more than columns.
        """
        if self.selection.children or self.selection.counts:
            return None
        paths: list[tuple[str, ...]] = []
        nulls: set[tuple[str, ...]] = set()
        for key in self._keys:
            name = next((self._spelled[each] for each in (key, *_ancestors(key)) if each in self._spelled), None)
            if name is None:
                return None
            paths.append(tuple(name.split(".")))
            if name.lower() != key:
                nulls.add(paths[-1])
        leaves = set(paths)
        if not paths or any(path[:end] in leaves for path in leaves for end in range(1, len(path))):
            return None
        return paths, nulls

    def _settle(self, found: Columns) -> None:
        self._settled = True
        asked = {name.lower(): name for name in self.selection.columns}
        parents = {ancestor for key in found for ancestor in _ancestors(key)}
        # A parent that is null in all records came as one column; its fields take its place.
        hidden = {ancestor for key in asked for ancestor in _ancestors(key)}
        # A name that the records neither have nor hide was understood wrongly.
        keys = [
            key
            for key in asked
            if not found or key in found or any(a in found or a in parents for a in _ancestors(key))
        ]
        keys += [key for key in found if key not in asked and key not in hidden]
        self._keys = keys
        self.columns = [found[key][0] if key in found else asked[key] for key in keys]


def _ancestors(key: str) -> list[str]:
    """`account.owner` and `account` for `account.owner.name`."""
    ancestors = []
    while "." in key:
        key = key.rpartition(".")[0]
        ancestors.append(key)
    return ancestors


def _expand(records: Records, prefix: str, found: Columns) -> None:
    """Add the columns of these records under their lower-case names, parents expanded."""
    for key, values in _by_key(records):
        name = prefix + key
        if key == "attributes":
            continue
        if dict not in set(map(type, values)):
            found[name.lower()] = (name, values)
        elif any(map(_is_parent, values)):
            blank = dict.fromkeys(next(filter(_is_parent, values)))
            _expand([value if isinstance(value, dict) else blank for value in values], f"{name}.", found)
        else:
            found[name.lower()] = (name, [nested(value) for value in values])


def _by_key(records: Records) -> Iterable[tuple[str, Sequence[Any]]]:
    """Each key with its values in all records (null where it isn't there)."""
    keys = tuple(records[0]) if records else ()
    # Nearly always all records have the same keys: then they have as many, and none of the first's is missing.
    if len(keys) > 1 and sum(map(len, records)) == len(keys) * len(records):
        with suppress(KeyError):
            return zip(keys, zip(*map(itemgetter(*keys), records), strict=True), strict=True)
    keys = tuple(dict.fromkeys(key for record in records for key in record))
    return [(key, [record.get(key) for record in records]) for key in keys]


def _is_parent(value: Any) -> bool:
    return isinstance(value, dict) and "attributes" in value


def nested(value: Any) -> Any:
    """A child result as a list of flat records, a compound field without what is null; all else as it is."""
    if not isinstance(value, dict):
        return value
    if "records" not in value:
        return {key: part for key, part in value.items() if part is not None and key != "attributes"} or None
    page = Page.parse(value)
    rows = flat(page.records)
    if page.next_url:
        return {"records": rows, "total": page.total_size, "cursor": locator(page.next_url)}
    return rows


def flat(records: Records) -> list[dict[str, Any]]:
    """Each record as one flat dict with dotted names, without `attributes`; null parents keep one null."""
    found: Columns = {}
    _expand(records, "", found)
    names = [name for name, _ in found.values()]
    return [dict(zip(names, row, strict=True)) for row in zip(*(values for _, values in found.values()), strict=True)]
