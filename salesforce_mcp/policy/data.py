"""Which objects and fields may be touched, by name alone; what else a describe tells of them is in `view`."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from salesforce_mcp.policy.model import Settings

ANY = "*"
_ARTICLES = "knowledgearticleversion"
_ALL_ARTICLES = frozenset({_ARTICLES, "knowledgearticle"})
_SHOWN: dict[str, dict[str, tuple[tuple[str, str], ...]]] = {
    "case": {
        "contactemail": (("contact", "email"),),
        "contactphone": (("contact", "phone"),),
        "contactmobile": (("contact", "mobilephone"),),
        "contactfax": (("contact", "fax"),),
    },
    "campaignmember": {
        **{
            name: (("contact", name), ("lead", name))
            for name in (
                *("description", "donotcall", "email", "fax", "firstname", "hasoptedoutofemail", "hasoptedoutoffax"),
                *("lastname", "leadsource", "mobilephone", "name", "phone", "salutation", "title"),
            )
        },
        **{
            name: (("contact", f"mailing{name}"), ("lead", name))
            for name in ("street", "city", "state", "postalcode", "country")
        },
        "companyoraccount": (("account", "name"), ("lead", "company")),
    },
    "opportunity": {"expectedrevenue": (("opportunity", "amount"),)},
}
"""Standard fields that show a field of another record, and which (Object Reference, "Case", "CampaignMember")."""

_PERSON = frozenset({"firstname", "lastname", "middlename", "salutation", "suffix"})
"""Fields of an Account that are its person's; the others of a person begin with Person or end in __pc."""

_SAME: dict[str, tuple[str, ...]] = {
    "activityhistory": ("task", "event"),
    "openactivity": ("task", "event"),
    "noteandattachment": ("note", "attachment"),
    "attachedcontentdocument": ("contentdocument",),
    "combinedattachment": ("contentdocument", "note", "attachment"),
    "ownedcontentdocument": ("contentdocument",),
}
"""Objects that are lists of other objects' records, under the same names of fields."""

CATALOGUE = frozenset(
    {
        *("entitydefinition", "entityparticle", "fielddefinition", "fieldpermissions", "objectpermissions"),
        *("picklistvalueinfo", "relationshipdomain", "relationshipinfo"),
    }
)
"""Objects that describe all objects and fields, those that are hidden too."""

_OF_ANY_RECORD = {"recentlyviewed": frozenset({"id", "type", "lastvieweddate", "lastreferenceddate"})}
"""Objects whose fields, but these, are of records of any object (Object Reference, "RecentlyViewed")."""

_VALUES = frozenset({"oldvalue", "newvalue"})
_FEED = re.compile(r"(\w+?)(__)?feed")
_HISTORY = re.compile(r"(\w+?)(?:(__)|field)?history")
"""CaseHistory, OpportunityFieldHistory, Invoice__History. Their OldValue and NewValue are of any field."""


@dataclass(frozen=True)
class DataRules:
    """Names are in lower case: Salesforce's API names are ASCII, and the same in any case.

    `allowed_objects` and `allowed_fields` have one entry for each table of a policy that limits them; each must allow.
    """

    allowed_objects: tuple[frozenset[str], ...] = ()
    denied_objects: frozenset[str] = frozenset()
    allowed_fields: tuple[dict[str, frozenset[str]], ...] = ()
    denied_fields: frozenset[tuple[str, str]] = frozenset()
    unchecked: tuple[frozenset[str], ...] = ()
    """Tools that each table which limits something lets run unchecked."""

    @classmethod
    def of(cls, settings: Iterable[Settings]) -> DataRules:
        """All that these say, added up."""
        limiting = [each for each in settings if _limits(each)]
        return cls(
            allowed_objects=tuple(_lower(each.allow_objects) for each in limiting if each.allow_objects is not None),
            denied_objects=frozenset().union(*(_lower(each.deny_objects) for each in limiting)),
            allowed_fields=tuple(_by_object(each.allow_fields) for each in limiting if each.allow_fields is not None),
            denied_fields=frozenset(_split(name) for each in limiting for name in each.deny_fields),
            unchecked=tuple(frozenset(each.unchecked_tools) for each in limiting),
        )

    @property
    def active(self) -> bool:
        """Something is limited, so that what can't be checked is refused."""
        return bool(self.unchecked)

    @property
    def limits_objects(self) -> bool:
        """Whole objects are refused."""
        return bool(self.allowed_objects or self.denied_objects)

    def may_run_unchecked(self, tool: str) -> bool:
        """Whether every table that limits something names this tool."""
        return all(any(fnmatch.fnmatchcase(tool, pattern) for pattern in named) for named in self.unchecked)

    def refuses_object(self, name: str) -> bool:
        """Whether the object may not be touched at all. With an object go its history, its posts, its other names."""
        key = name.lower()
        if not self.denied_objects.isdisjoint((key, *_tracked(key), *_followed(key), *_SAME.get(key, ()))):
            return True
        if any(_same_article(key, each) for each in self.denied_objects):
            return True
        return any(key not in allowed for allowed in self.allowed_objects)

    def tells_of_others(self, name: str) -> bool:
        """Whether the object describes others, which may be hidden, and isn't allowed by its name."""
        key = name.lower()
        return key in CATALOGUE and not any(key in allowed for allowed in self.allowed_objects)

    def touches(self, name: str) -> bool:
        """Whether some field of this object may be refused."""
        key = name.lower()
        if key in _OF_ANY_RECORD or any(map(self._names, (key, *_tracked(key), *_SAME.get(key, ())))):
            return True
        if _is_article(key):
            return self.touches_articles()
        if key == "account" and (self.refuses_object("contact") or self._names("contact")):
            return True  # the fields of a person account's contact are the account's too
        if key == "contact" and self._names("account"):
            return True
        return any(self.refuses_field(key, field) for field in _SHOWN.get(key, ()))

    def _names(self, key: str) -> bool:
        """Whether some field of this object is refused by its own name."""
        return any(of in (key, ANY) for of, _ in self.denied_fields) or any(key in each for each in self.allowed_fields)

    def touches_articles(self) -> bool:
        """Whether articles, or some field of theirs, may be refused: their objects are called by several names.

        KnowledgeArticleVersion stands for all of them.
        """
        named = {of for of, _ in self.denied_fields}.union(*self.allowed_fields, self.denied_objects)
        return any(_ARTICLES not in allowed for allowed in self.allowed_objects) or any(
            of == ANY or _is_article(of) for of in named
        )

    def refuses_field(self, of: str, field: str) -> bool:
        """Whether this field of the object is refused by its name."""
        key, name = of.lower(), field.lower()
        if self.denies_field(of, field):
            return True
        allowed = (fields for each in self.allowed_fields for named, fields in each.items() if _same(key, named))
        if name != "id" and any(name not in fields for fields in allowed):
            return True
        return any(self.refuses_field(*shown) for shown in _shown(key, name) if shown != (key, name))

    def denied_names(self, of: str) -> set[str]:
        """The fields of this object that are named as denied."""
        return {field for owner, field in self.denied_fields if owner in (of.lower(), ANY)}

    def shows_another(self, of: str, field: str) -> bool:
        """Whether this field is refused only for what it shows of another record: it holds nothing itself."""
        key, name = of.lower(), field.lower()
        return name in _SHOWN.get(key, {}) and not {(key, name), (ANY, name)} & self.denied_fields

    def denies_field(self, of: str, field: str) -> bool:
        """Whether this field is named as denied, and not merely absent from what is allowed."""
        key, name = of.lower(), field.lower()
        if (key, name) in self.denied_fields or (ANY, name) in self.denied_fields:
            return True
        if key in _OF_ANY_RECORD and name not in _OF_ANY_RECORD[key]:
            return True
        if any(self.refuses_object(shown[0]) or self.denies_field(*shown) for shown in _shown(key, name)):
            return True
        if not self.denied_fields.isdisjoint(_of_person(key, name)):
            return True
        if any(denied == name and _same_article(key, named) for named, denied in self.denied_fields):
            return True
        if name in _VALUES and key == "feedtrackedchange":
            return self.active
        if name in _VALUES and key.endswith("versionhistory"):
            return self.touches_articles()
        return any(
            self._names(parent) if name in _VALUES else self.denies_field(parent, name.removeprefix("prev"))
            for parent in _tracked(key)
        )


def _shown(of: str, field: str) -> Iterable[tuple[str, str]]:
    """Other objects' fields that this one shows."""
    if of in _SAME:
        return [(each, field) for each in _SAME[of]]
    if of == "account" and field in _PERSON:
        return [("contact", field)]
    if of == "account" and field.startswith("person"):
        return [("contact", field.removeprefix("person"))]
    if of == "account" and field.endswith("__pc"):
        return [("contact", f"{field.removesuffix('__pc')}__c")]
    return _SHOWN.get(of, {}).get(field, ())


def _of_person(of: str, field: str) -> list[tuple[str, str]]:
    """The names that a contact's field has on the account of a person."""
    if of != "contact":
        return []
    return [("account", f"person{field}"), ("account", f"{field.removesuffix('__c')}__pc")]


def _is_article(of: str) -> bool:
    """Whether this is one of the names of articles."""
    return of in _ALL_ARTICLES or of.endswith("__kav")


def _same_article(one: str, other: str) -> bool:
    """Whether both are names of articles, one of them of those of all types."""
    return _is_article(one) and _is_article(other) and not _ALL_ARTICLES.isdisjoint((one, other))


def _same(one: str, other: str) -> bool:
    return one == other or _same_article(one, other)


def _tracked(of: str) -> list[str]:
    """The objects, as far as there are such, whose fields' former values this one holds: Case for CaseHistory."""
    found = _HISTORY.fullmatch(of)
    return [] if not found else [f"{found[1]}__c"] if found[2] else [found[1]]


def _followed(of: str) -> list[str]:
    """The object, if there is one, about whose records the posts of this one are: Case for CaseFeed."""
    found = _FEED.fullmatch(of)
    return [] if not found else [f"{found[1]}__c"] if found[2] else [found[1]]


def _limits(settings: Settings) -> bool:
    return bool(
        settings.deny_objects
        or settings.deny_fields
        or settings.allow_objects is not None
        or settings.allow_fields is not None
    )


def _lower(names: Iterable[str] | None) -> frozenset[str]:
    return frozenset(name.lower() for name in names or ())


def _split(name: str) -> tuple[str, str]:
    of, _, field = name.lower().partition(".")
    return of, field


def _by_object(names: Iterable[str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for of, field in map(_split, names):
        found.setdefault(of, set()).add(field)
    return {of: frozenset(fields) for of, fields in found.items()}
