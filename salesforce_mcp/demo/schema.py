"""What the demo org knows of its objects and fields, and how their values lie in SQLite.

Storage, for everyone who writes SQL against the org's file:

- A table (or a view, where `SObject.view` is set) per object, named as the object; quote the names, `Case` and `Group`
  are SQL keywords. A column per stored field, named as the field.
- `Id` TEXT PRIMARY KEY, 18 characters. `IsDeleted` INTEGER on every object with that field: 1 is in the recycle bin.
- boolean INTEGER 0/1; int INTEGER; double, currency and percent REAL; base64 BLOB.
- date `YYYY-MM-DD`; datetime `YYYY-MM-DDTHH:MM:SS.000+0000`, always UTC, so that text order is time order; time
  `HH:MM:SS.000Z`. These are also the forms of the REST API.
- All other types TEXT COLLATE NOCASE, since Salesforce compares text without regard to case; ids, references and case
  sensitive fields are BINARY. A multi-select picklist is `A;B`, in the order of its values.
- What isn't stored: compound address and location fields (`Field.components` names the parts; `compound_value` puts
  them together), and fields with an `expression`, which is SQL over one row: replace `{t}` by the row's alias.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal

FieldType = Literal[
    "id", "string", "textarea", "picklist", "multipicklist", "combobox", "reference", "boolean", "int", "double",
    "currency", "percent", "date", "datetime", "time", "phone", "email", "url", "address", "location", "base64",
    "encryptedstring", "anyType", "complexvalue",
]  # fmt: skip

COMPOUND_TYPES = frozenset({"address", "location"})
NUMBER_TYPES = frozenset({"int", "double", "currency", "percent"})
ID_TYPES = frozenset({"id", "reference"})


@dataclass(frozen=True, slots=True)
class PicklistValue:
    """One value of a picklist. `valid_for` names the controlling field's values that allow it; empty: all."""

    value: str
    label: str
    active: bool = True
    default: bool = False
    valid_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field, with the attributes of a describe under Python's names.

    Attributes that follow from the type (soapType, byteLength, ...) are worked out in demo/describe.py.
    """

    name: str
    label: str
    type: FieldType
    length: int = 0
    digits: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    filterable: bool = True
    sortable: bool = True
    groupable: bool = True
    aggregatable: bool = True
    defaulted_on_create: bool = False
    default_value: Any = None
    """What a new record gets when nothing is given: a literal, or `now`, `today`, `user`."""
    custom: bool = False
    name_field: bool = False
    auto_number: str | None = None
    """Display format of an auto-number field: `INV-{00000}`."""
    unique: bool = False
    external_id: bool = False
    id_lookup: bool = False
    case_sensitive: bool = False
    html_formatted: bool = False
    restricted_picklist: bool = False
    picklist_values: tuple[PicklistValue, ...] = ()
    controller_name: str | None = None
    """The controlling field of a dependent picklist."""
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    """Of the relationship upwards, from the child: `Account` for `Contact.AccountId`."""
    child_relationship_name: str | None = None
    """Of the relationship downwards, from each object in `reference_to`: `Contacts`."""
    relationship_order: int | None = None
    """0 or 1 for the first and second master of a master-detail relationship, else None."""
    on_delete: Literal["clear", "cascade", "restrict"] = "clear"
    """What becomes of this record when the one it refers to is deleted."""
    formula: str | None = None
    """The formula as Salesforce writes it, shown in describes."""
    expression: str | None = None
    """SQL over one row (`{t}` is its alias) for what isn't stored: formulas, roll-ups, compound names."""
    compound: str | None = None
    """The compound field that this one is a part of: `BillingAddress`, `Name`."""
    components: tuple[str, ...] = ()
    """Names of the parts, for a compound field."""
    help_text: str | None = None

    @property
    def calculated(self) -> bool:
        """True for formulas and roll-ups (a compound name is worked out too, but isn't `calculated` in a describe)."""
        return self.formula is not None

    @property
    def stored(self) -> bool:
        """True if the field is a column of its table."""
        return self.expression is None and self.type not in COMPOUND_TYPES

    @property
    def polymorphic(self) -> bool:
        """True for a reference to records of several objects."""
        return len(self.reference_to) > 1

    @property
    def sql_type(self) -> str:
        """The column's type and collation in SQLite."""
        if self.type in ("boolean", "int"):
            return "INTEGER"
        if self.type in NUMBER_TYPES:
            return "REAL"
        if self.type == "base64":
            return "BLOB"
        if self.type in ID_TYPES or self.case_sensitive or self.type in ("date", "datetime", "time"):
            return "TEXT"
        return "TEXT COLLATE NOCASE"


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    """Records of `child_object` refer to their parent with `field`; `name` is None where SOQL can't follow it down."""

    child_object: str
    field: str
    name: str | None
    on_delete: Literal["clear", "cascade", "restrict"]


@dataclass(frozen=True, slots=True)
class RecordType:
    """A record type. Its Id is fixed, so that it is the same in every seeded file."""

    id: str
    developer_name: str
    name: str
    default: bool = False


@dataclass(frozen=True, slots=True)
class ValidationRule:
    """What a record of the object must not be.

    `formula` is how Setup shows it, `violated` the same in SQL over one row, as `Field.expression`; None: it is off.
    """

    name: str
    field: str | None
    """The field that the message is shown at; None: at the top of the page."""
    message: str
    formula: str = ""
    violated: str | None = None

    @property
    def active(self) -> bool:
        return self.violated is not None


@dataclass(frozen=True)
class SObject:
    """One object. `traits` are the capabilities that its definition lists, such as `createable` and `searchable`."""

    name: str
    key_prefix: str | None
    label: str
    label_plural: str
    fields: tuple[Field, ...]
    traits: frozenset[str]
    scopes: tuple[str, ...] = ("everything",)
    record_types: tuple[RecordType, ...] = ()
    sharing: Literal["public", "private", "parent"] = "public"
    """Organization-wide default: `private` records are seen by their owner and administrators alone; `parent` ones
    by whoever sees the master record."""
    view: str | None = None
    """The SELECT of an object that only shows records of others (AccountFeed, KnowledgeArticleVersion)."""
    derived: bool = False
    """Its rows aren't stored but made of the definitions, by demo/tooling/catalogue.py."""
    reified: tuple[str, ...] | None = None
    """For objects of Salesforce's metadata catalogue, which take simple filters only: the fields of which one has to be
    filtered by, if any."""
    rules: tuple[ValidationRule, ...] = ()
    tracked: tuple[str, ...] = ()
    """The fields whose changes are written to the object's History."""
    associate_of: tuple[str, str] | None = None
    """(entity type, parent object) of a History or Feed object: ("History", "Case")."""
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False)
    _by_relationship: dict[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {each.name.lower(): each for each in self.fields})
        parents = {each.relationship_name.lower(): each for each in self.fields if each.relationship_name}
        object.__setattr__(self, "_by_relationship", parents)

    def can(self, trait: str) -> bool:
        """True if the object has this capability at all, whoever asks: `createable`, `queryable`, `undeletable`..."""
        return trait in self.traits

    @property
    def id_prefix(self) -> str:
        """What the Ids of its records begin with; the History objects share one and show none in describes."""
        return self.key_prefix or "017"

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def durable_id(self) -> str:
        """What the Tooling API tells the object by: its name, or the Id (15 characters) of a custom one."""
        return f"01I5g0000{self.key_prefix}O01" if self.custom else self.name

    def field(self, name: str) -> Field | None:
        """The field of this name, whatever its case."""
        return self._by_name.get(name.lower())

    def parent(self, relationship: str) -> Field | None:
        """The reference field behind a relationship name (`Account`, `Owner`, `Parent__r`), whatever its case."""
        return self._by_relationship.get(relationship.lower())

    @cached_property
    def name_field(self) -> Field | None:
        """The field that a person calls the record by: Name, CaseNumber, Subject, Title..."""
        return next((each for each in self.fields if each.name_field), None)

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """The fields that are columns of the table."""
        return tuple(each for each in self.fields if each.stored)

    @cached_property
    def master_field(self) -> Field | None:
        """The first master-detail field, if this is a detail object."""
        return next((each for each in self.fields if each.relationship_order == 0), None)


class SObjects:
    """The org's objects, looked up by name (whatever its case) or by the first three characters of an Id.

    `tooling` are those that the Tooling API has; `described` those that its objects tell of.
    """

    def __init__(
        self, objects: Iterable[SObject], *, tooling: Iterable[SObject] = (), described: SObjects | None = None
    ) -> None:
        self.described: SObjects = described or self
        self._tooling = tuple(tooling)
        self._by_name = {each.name.lower(): each for each in objects}
        self._by_prefix: dict[str, SObject] = {}
        for each in self._by_name.values():
            if each.key_prefix and each.view is None:
                self._by_prefix[each.key_prefix] = each
        self._children: dict[str, list[ChildRelationship]] = {}
        for child in self._by_name.values():
            for reference in child.fields:
                for parent in reference.reference_to:
                    name = reference.child_relationship_name
                    link = ChildRelationship(child.name, reference.name, name, reference.on_delete)
                    self._children.setdefault(parent.lower(), []).append(link)

    @cached_property
    def tooling(self) -> SObjects:
        return SObjects(self._tooling, described=self)

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def get(self, name: str) -> SObject | None:
        """The object of this name, or None."""
        return self._by_name.get(name.lower())

    def __getitem__(self, name: str) -> SObject:
        """The object of this name, for code that knows that it exists."""
        return self._by_name[name.lower()]

    def by_id(self, record_id: str) -> SObject | None:
        """The object that a record Id belongs to, by its key prefix, or None."""
        return self._by_prefix.get(record_id[:3])

    def children(self, parent: str) -> list[ChildRelationship]:
        """All relationships down from an object, also those without a name."""
        return self._children.get(parent.lower(), [])

    def child(self, parent: str, relationship: str) -> ChildRelationship | None:
        """The relationship of this name down from an object (`Contacts`, `Line_Items__r`), whatever its case."""
        wanted = relationship.lower()
        return next((each for each in self.children(parent) if each.name and each.name.lower() == wanted), None)


_ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")


def address_components(prefix: str) -> tuple[str, ...]:
    """Names of the parts of an address field: `Billing` gives BillingStreet, BillingCity and so on."""
    return tuple(prefix + part for part in _ADDRESS_PARTS)


def compound_value(compound: Field, value_of: Callable[[str], Any]) -> dict[str, Any] | None:
    """The JSON of an address or location field; `value_of` gives the value of a part by its field name.

    None when every part is null, as the REST API has it.
    """
    values = [value_of(part) for part in compound.components]
    if all(value is None for value in values):
        return None
    if compound.type == "location":
        return {"latitude": values[0], "longitude": values[1]}
    street, city, state, postal_code, country, latitude, longitude, accuracy = values
    return {
        "city": city,
        "country": country,
        "geocodeAccuracy": accuracy,
        "latitude": latitude,
        "longitude": longitude,
        "postalCode": postal_code,
        "state": state,
        "street": street,
    }


_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_POD = "5g0"
"""What every Id of the org has behind its key prefix: the instance that made it."""


def long_id(short: str) -> str:
    """The 18-character form of a 15-character Id: each suffix letter tells the case of five characters."""
    suffix = "".join(
        _CHECKSUM[sum(1 << place for place, character in enumerate(short[at : at + 5]) if character.isupper())]
        for at in (0, 5, 10)
    )
    return short + suffix


def record_id(key_prefix: str, number: int) -> str:
    """The Id of the object's record of this number; Ids sort (byte by byte) as their numbers do."""
    digits = []
    for _ in range(9):
        number, digit = divmod(number, 62)
        digits.append(_BASE62[digit])
    return long_id(key_prefix + _POD + "".join(reversed(digits)))


def record_ids(key_prefix: str, first: int, count: int) -> Iterator[str]:
    """`record_id` for many numbers in a row, at a fraction of the cost: all but two characters rarely change."""
    pairs = _pairs()
    stem, suffix, capitals, done = "", "", 0, -1
    for number in range(first, first + count):
        rest, place = divmod(number, len(pairs))
        if rest != done:
            whole = record_id(key_prefix, rest * len(pairs))
            stem, suffix, done = whole[:13], whole[15:17], rest
            capitals = _CHECKSUM.index(whole[17])
        pair, its_capitals = pairs[place]
        yield f"{stem}{pair}{suffix}{_CHECKSUM[capitals | its_capitals]}"


@cache
def _pairs() -> list[tuple[str, int]]:
    """All pairs of digits, with what their capitals add to the third suffix character of an Id."""
    return [(high + low, high.isupper() << 3 | low.isupper() << 4) for high in _BASE62 for low in _BASE62]


def record_number(record: str) -> int:
    """The number that `record_id` was given."""
    number = 0
    for character in record[6:15]:
        number = number * 62 + _BASE62.index(character)
    return number
