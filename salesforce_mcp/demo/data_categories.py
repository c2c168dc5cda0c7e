"""The org's data category groups: what articles are filed under, and what WITH DATA CATEGORY filters by.

Source: SOQL and SOSL Reference, "WITH DATA CATEGORY"; REST API Developer Guide, "Support Data Category Groups".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Category:
    """One category; `parent` is None for those at the top of their group."""

    name: str
    label: str
    parent: str | None = None


GROUPS: Mapping[str, tuple[Category, ...]] = {
    "Geography": (
        Category("Worldwide", "Worldwide"),
        Category("North_America", "North America", "Worldwide"),
        Category("USA", "USA", "North_America"),
        Category("Canada", "Canada", "North_America"),
        Category("Mexico", "Mexico", "North_America"),
        Category("Europe", "Europe", "Worldwide"),
        Category("France", "France", "Europe"),
        Category("Germany", "Germany", "Europe"),
        Category("UK", "United Kingdom", "Europe"),
        Category("Asia", "Asia", "Worldwide"),
    ),
    "Product": (
        Category("Generators", "Generators"),
        Category("Diesel_Generators", "Diesel Generators", "Generators"),
        Category("Gas_Generators", "Gas Generators", "Generators"),
        Category("Portable_Generators", "Portable Generators", "Generators"),
        Category("Pumps", "Pumps"),
        Category("Spare_Parts", "Spare Parts"),
        Category("Installation", "Installation"),
        Category("Service", "Service"),
        Category("Software", "Software"),
    ),
}
"""Categories by group, each after its parent."""


def find(group: str, name: str) -> tuple[str, Category] | None:
    """A group's own name and one of its categories, whatever their case and with or without `__c`; None if unknown."""
    group_name = group.removesuffix("__c").lower()
    for known, categories in GROUPS.items():
        if known.lower() == group_name:
            wanted = name.removesuffix("__c").lower()
            return next(((known, each) for each in categories if each.name.lower() == wanted), None)
    return None


def above(group: str, category: Category) -> Iterator[Category]:
    """The parents of a category, the nearest first."""
    by_name = {each.name: each for each in GROUPS[group]}
    while category.parent is not None:
        category = by_name[category.parent]
        yield category


def below(group: str, category: Category) -> Iterator[Category]:
    """The categories under a category, at every level."""
    return (each for each in GROUPS[group] if any(parent.name == category.name for parent in above(group, each)))
