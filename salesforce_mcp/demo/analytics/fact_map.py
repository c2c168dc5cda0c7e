"""The fact map of a run: figures and rows for every combination of row and column groups, with the trees of both.

Source: Reports and Dashboards REST API Developer Guide, "Decode the Fact Map". A key is `DOWN!ACROSS`, each side the
numbers of a group on every level (`0_1`) or T for all rows. A matrix has a cell for every combination, also where it
has no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesforce_mcp.demo.analytics.figures import Figures
from salesforce_mcp.demo.analytics.groups import Group, Grouping

TOTAL = "T"
Path = tuple[Hashable, ...]


@dataclass(slots=True)
class _Node:
    """A group with those below it. `key` is its name in the fact map, given when all groups are known."""

    path: Path = ()
    group: Group | None = None
    children: dict[Hashable, _Node] = field(default_factory=dict)
    key: str = TOTAL


class _Side:
    """The groups down, or those across."""

    def __init__(self, groupings: Sequence[Grouping]) -> None:
        self._groupings = groupings
        self._root = _Node()

    def add(self, groups: Sequence[Group]) -> Path:
        """Note that there are rows in these groups, one of each level."""
        node = self._root
        for group in groups:
            below = node.children.get(group.key)
            if below is None:
                below = node.children[group.key] = _Node((*node.path, group.key), group)
            node = below
        return node.path

    def number(self, rank: Callable[[str, Path], float]) -> list[_Node]:
        """All nodes with their keys, the total first. `rank` gives an aggregate of a path, for groups sorted by one."""
        found = [self._root]
        self._number(self._root, 0, rank, found)
        return found

    def _number(self, node: _Node, level: int, rank: Callable[[str, Path], float], found: list[_Node]) -> None:
        if not node.children:
            return
        grouping = self._groupings[level]
        children = sorted(node.children.values(), key=_place)
        if grouping.aggregate:
            name = grouping.aggregate
            children.sort(key=lambda child: rank(name, child.path), reverse=grouping.descending)
        elif grouping.descending:
            children.reverse()
        node.children = {child.path[-1]: child for child in children}
        for number, child in enumerate(children):
            child.key = str(number) if node is self._root else f"{node.key}_{number}"
            found.append(child)
            self._number(child, level + 1, rank, found)

    def tree(self) -> dict[str, Any]:
        return {"groupings": [_shown(child) for child in self._root.children.values()]}


class FactMap:
    """Collects figures and detail rows, then writes them."""

    def __init__(self, down: Sequence[Grouping], across: Sequence[Grouping]) -> None:
        self._down, self._across = _Side(down), _Side(across)
        self._figures: dict[tuple[Path, Path], Figures] = {}
        self._rows: dict[tuple[Path, Path], list[dict[str, Any]]] = {}

    def add(self, down: Sequence[Group], across: Sequence[Group], figures: Figures) -> None:
        """Count figures for their groups, and for all that contain these."""
        below, beside = self._down.add(down), self._across.add(across)
        for depth in range(len(below) + 1):
            for width in range(len(beside) + 1):
                self._figures.setdefault((below[:depth], beside[:width]), Figures()).add(figures)

    def add_row(self, down: Sequence[Group], across: Sequence[Group], cells: list[dict[str, Any]]) -> None:
        """Put a detail row where its groups are."""
        place = (tuple(group.key for group in down), tuple(group.key for group in across))
        self._rows.setdefault(place, []).append({"dataCells": cells})

    def write(
        self,
        aggregates: Callable[[Figures], list[dict[str, Any]]],
        rank: Callable[[str, Figures], float],
        *,
        details: bool,
    ) -> dict[str, Any]:
        """`factMap`, `groupingsDown` and `groupingsAcross`. `aggregates` makes the cells of some figures, `rank` gives
        one of their aggregates by its name.
        """
        nothing = Figures()
        downs = self._down.number(lambda name, path: rank(name, self._figures.get((path, ()), nothing)))
        acrosses = self._across.number(lambda name, path: rank(name, self._figures.get(((), path), nothing)))
        facts: dict[str, Any] = {}
        for down in downs:
            for across in acrosses:
                place = (down.path, across.path)
                fact: dict[str, Any] = {"aggregates": aggregates(self._figures.get(place, nothing))}
                if details:
                    fact["rows"] = self._rows.get(place, [])
                facts[f"{down.key}!{across.key}"] = fact
        return {"factMap": facts, "groupingsDown": self._down.tree(), "groupingsAcross": self._across.tree()}


def _place(node: _Node) -> tuple[Any, ...]:
    return node.group.place if node.group else ()


def _shown(node: _Node) -> dict[str, Any]:
    group = node.group
    return {
        "groupings": [_shown(child) for child in node.children.values()],
        "key": node.key,
        "label": group.label if group else None,
        "value": group.value if group else None,
    }
