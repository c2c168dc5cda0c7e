"""Synonym dictionaries: what the Metadata API's calls read and write.

Source: Metadata API Developer Guide, "SynonymDictionary".
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from salesforce_mcp.demo import state
from salesforce_mcp.demo.values import now

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

TYPE = "SynonymDictionary"
KEY_PREFIX = "0ML"
MAX_TERM = 50
_LANGUAGES = frozenset(
    "da de en_US es es_MX fi fr it ja ko nl_NL no pt_BR ru sv th zh_CN zh_TW".split()  # noqa: SIM905 - a list of words
)
_NAME = re.compile(r"_?[A-Za-z](?:_?[A-Za-z0-9])*")
_KIND, _KEY = "metadata", TYPE


class Refused(Exception):
    """A component that can't be saved: a status code of the Metadata API, and words."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Group:
    """Terms that mean the same, in these languages."""

    languages: list[str]
    terms: list[str]


@dataclass
class Dictionary:
    """A named set of groups. `number` makes its Id; moments are as stored, users are Ids."""

    label: str
    groups: list[Group] = field(default_factory=list)
    is_protected: bool = False
    number: int = 0
    created: str = ""
    created_by: str = ""
    modified: str = ""
    modified_by: str = ""


_SEEDED = {
    "_Default": Dictionary("_Default", [Group(["en_US"], ["genset", "generator", "generating set"])]),
    "Kestrel_Terms": Dictionary(
        "Kestrel terms",
        [
            Group(["en_US"], ["ATS", "automatic transfer switch", "transfer switch"]),
            Group(["en_US", "de"], ["E-17", "E17", "starter fault"]),
            Group(["de"], ["Notstromaggregat", "Stromerzeuger"]),
        ],
    ),
}
_SEEDED_ON = "2025-01-06T09:00:00.000+0000"


def load(store: Store) -> dict[str, Dictionary]:
    """All dictionaries by full name."""
    saved = state.get(store, _KIND, _KEY)
    if saved is None:
        admin = store.connection().execute('SELECT Id FROM "User" ORDER BY Id LIMIT 1').fetchone()[0]
        stamps = {"created": _SEEDED_ON, "created_by": admin, "modified": _SEEDED_ON, "modified_by": admin}
        return {
            name: Dictionary(each.label, list(each.groups), number=number, **stamps)
            for number, (name, each) in enumerate(_SEEDED.items(), 1)
        }
    return {name: _from_json(each) for name, each in saved.items()}


def save(store: Store, user: User, name: str, given: Dictionary, *, create: bool, update: bool) -> bool:
    """Write a whole dictionary, its groups replacing those before; answers whether it is new. Refused otherwise."""
    _check(name, given)
    with store.transaction():
        known = load(store)
        # Full names don't differ by case alone.
        same = next((each for each in known if each.lower() == name.lower()), None)
        if same and not update:
            raise Refused("DUPLICATE_DEVELOPER_NAME", f"This {TYPE} name already exists: {name}")
        if not same and not create:
            raise Refused("INVALID_CROSS_REFERENCE_KEY", f"no {TYPE} named {name} found")
        before = known[same] if same else None
        given.number = before.number if before else max((each.number for each in known.values()), default=0) + 1
        given.created = before.created if before else now()
        given.created_by = before.created_by if before else user.id
        given.modified, given.modified_by = now(), user.id
        known[same or name] = given
        _store(store, known)
    return before is None


def delete(store: Store, name: str) -> None:
    """Remove a dictionary."""
    with store.transaction():
        known = load(store)
        if name not in known:
            raise Refused("INVALID_CROSS_REFERENCE_KEY", f"no {TYPE} named {name} found")
        del known[name]
        _store(store, known)


def _store(store: Store, known: dict[str, Dictionary]) -> None:
    state.put(store, _KIND, _KEY, {name: asdict(each) for name, each in known.items()})


def _from_json(saved: dict[str, Any]) -> Dictionary:
    return Dictionary(**{**saved, "groups": [Group(**each) for each in saved["groups"]]})


def _check(name: str, given: Dictionary) -> None:
    if not _NAME.fullmatch(name) or len(name) > 80:
        raise Refused("INVALID_FULL_NAME", f"The full name is not valid: {name}")
    if not given.label:
        raise Refused("REQUIRED_FIELD_MISSING", "Required field is missing: label")
    for group in given.groups:
        if not group.languages:
            raise Refused("REQUIRED_FIELD_MISSING", "Required field is missing: languages")
        for language in group.languages:
            if language not in _LANGUAGES:
                raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", f"Invalid language: {language}")
        if len(set(group.terms)) < 2:
            raise Refused("FIELD_INTEGRITY_EXCEPTION", "A synonym group needs at least two terms.")
        for term in group.terms:
            if len(term) > MAX_TERM:
                raise Refused("STRING_TOO_LONG", f"Term: data value too large: {term} (max length={MAX_TERM})")
