"""What of an org may be seen: names followed through its describes, to the objects and fields that they reach.

A field is refused by its name, and also where it shows a refused one: as the compound field that has it as a part (an
address, a person's name), as a part of a refused compound field, as a formula that reads it, and on the way of a
relationship whose reference is refused. What can't be followed is refused too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from salesforce_mcp.errors import PolicyError, SalesforceError

if TYPE_CHECKING:
    from salesforce_mcp.policy.data import DataRules
    from salesforce_mcp.salesforce.response import Response

_WORD = re.compile(r"[A-Za-z]\w*", re.ASCII)
_PARENTS = re.compile(r"\w\s*\.\s*([A-Za-z]\w*)", re.ASCII)


class Org(Protocol):
    """What describes an org, with what is hidden: `Client`."""

    def whole_describe(self, name: str) -> dict[str, Any]: ...

    def whole_list(self) -> dict[str, Any]: ...

    def look(self, path: str) -> Response: ...


class View:
    """The rules of one call, on one org."""

    def __init__(self, rules: DataRules, client: Org) -> None:
        self.rules = rules
        self.report_types: dict[str, Mapping[str, Any]] = {}
        """What the org told of report types (`reportTypeMetadata`), by name."""
        self._client = client
        self._hidden: dict[str, tuple[dict[str, Any], frozenset[str]]] = {}

    def object(self, name: str) -> None:
        """Raise PolicyError OBJECT_DENIED when this object may not be touched."""
        _plain(name)
        if self.rules.refuses_object(name):
            raise PolicyError(f"The object {name} is not allowed here.", code="OBJECT_DENIED")
        if self.rules.tells_of_others(name):
            raise unchecked(
                f"{name} describes hidden objects and fields as well; list_objects and describe_object don't"
            )

    def field(self, of: str, name: str) -> None:
        """Raise PolicyError when this field, or its object, may not be touched."""
        self.object(of)
        _plain(name)
        if name.lower() in self.hidden(of, name):
            raise PolicyError(
                f"The field {of}.{name} is not allowed here, in conditions and sorting neither.",
                code="FIELD_DENIED",
                fields=(name,),
            )

    def whole(self, of: str, what: str) -> None:
        """Raise PolicyError when `what` would bring all fields of an object of which some are refused."""
        self.object(of)
        if self.hidden(of):
            raise PolicyError(
                f"{what} would bring fields of {of} that are not allowed here.",
                code="FIELD_DENIED",
                hint="Name the fields that you need.",
            )

    def path(self, of: str, names: Sequence[str], *, children: Sequence[str] = (), kind: str | None = None) -> None:
        """Raise PolicyError unless the field at the end of `names` may be read, and all on the way to it.

        The way begins at the object `of`, goes down the child relationships `children`, and up the relationships that
        `names` begins with. `kind`: the object at its end, where a TYPEOF tells it.
        """
        self.object(of)
        for relationship in children:
            of = self.child(of, relationship)
        found = [of]
        for relationship in names[:-1]:
            found = [target for each in found for target in self.parents(each, relationship)]
        for each in [kind] if kind else dict.fromkeys(found):
            self.field(each, names[-1])

    def sees(self, of: str, name: str) -> bool:
        """Whether a field of this object, or a path to a parent's, may be read."""
        try:
            self.path(of, name.split("."))
        except PolicyError:
            return False
        return True

    def child(self, of: str, relationship: str) -> str:
        """The object of a child relationship. Raises PolicyError when it may not be touched or isn't known."""
        _plain(relationship)
        for each in self._describe(of)["childRelationships"]:
            if str(each["relationshipName"]).lower() == relationship.lower():
                target = str(each["childSObject"])
                self.field(target, str(each["field"]))
                return target
        raise unchecked(f"{of} has no child relationship {relationship}")

    def parents(self, of: str, relationship: str) -> list[str]:
        """The objects that a relationship may lead to. Raises PolicyError as `child`."""
        _plain(relationship)
        for each in self._describe(of)["fields"]:
            if str(each.get("relationshipName")).lower() == relationship.lower():
                self.field(of, each["name"])
                targets = [str(name) for name in each.get("referenceTo") or ()]
                for target in targets:
                    self.object(target)
                return targets
        raise unchecked(f"{of} has no relationship {relationship}")

    def related(self, of: str, relationship: str) -> list[str]:
        """The objects of a relationship, whichever way it goes. Raises as `child`."""
        names = {str(each["relationshipName"]).lower() for each in self._describe(of)["childRelationships"]}
        return [self.child(of, relationship)] if relationship.lower() in names else self.parents(of, relationship)

    def has_relationship(self, of: str, name: str) -> bool:
        """Whether a path from this object can begin with a relationship of this name."""
        names = (str(each.get("relationshipName")).lower() for each in self._describe(of)["fields"])
        return name.lower() in names

    def hidden(self, of: str, name: str = "", *, formulas: bool = True) -> frozenset[str]:
        """The fields of an object that may not be seen, in lower case; `name` among them when its name is refused.

        `formulas`: custom fields are asked about, which may be formulas that read another object's refused field.
        """
        key = of.lower()
        if name and self.rules.refuses_field(of, name):
            return frozenset({name.lower()})
        formulas = formulas and bool(self.rules.denied_fields) and (not name or name.lower().endswith("__c"))
        if not self.rules.touches(of) and not formulas:
            return frozenset()
        describe = self._describe(of)
        kept = self._hidden.get(key)
        if kept is None or kept[0] is not describe:  # the org's describe has changed since
            kept = self._hidden[key] = describe, _hidden(self.rules, describe)
        return kept[1]

    def object_of(self, record_id: str) -> str:
        """The object that an Id is of. Raises PolicyError when that isn't known."""
        for entry in self._client.whole_list()["sobjects"]:
            if entry.get("keyPrefix") and record_id.startswith(entry["keyPrefix"]):
                return str(entry["name"])
        raise unchecked(f"no object is known for the Id {record_id[:18]}")

    def types(self, of: str) -> dict[str, dict[str, Any]]:
        """The fields of an object by name in lower case, with all that the describe tells of them."""
        return {str(each["name"]).lower(): each for each in self._describe(of)["fields"]}

    def look(self, path: str) -> Any:
        """The answer of a GET that this check needs itself."""
        return self._client.look(path).json()

    def _describe(self, of: str) -> dict[str, Any]:
        try:
            return self._client.whole_describe(of)
        except SalesforceError as error:
            if error.status != 404:
                raise
            raise unchecked(f"{of} is no object of this org") from None


def unchecked(why: str) -> PolicyError:
    """What can't be checked is refused."""
    return PolicyError(
        f"This can't be checked against the objects and fields that are allowed here: {why}.",
        code="UNCHECKED",
        hint="The policy decides: it can name tools that may run unchecked (unchecked_tools).",
    )


def _plain(name: str) -> None:
    """Raise PolicyError for what is no name: nothing at all, which stands for everything, and letters that others take
    for the same without regard to case, as a dotless i for an i.
    """
    if not _WORD.fullmatch(name):
        raise unchecked(f"{name!r} is no name in ASCII")


def _hidden(rules: DataRules, describe: dict[str, Any]) -> frozenset[str]:
    """The names in lower case of what is refused, and of what shows a part of it."""
    of = describe["name"]
    fields = {str(each["name"]).lower(): each for each in describe["fields"]}
    # What is merely not listed as allowed doesn't spread: LastName may be allowed where Name isn't.
    denied = {name for name in fields if rules.denies_field(of, name)}
    compound = {name: str(each.get("compoundFieldName") or "").lower() for name, each in fields.items()}
    parts = {name for name, whole in compound.items() if whole in denied}
    denied |= {compound[name] for name in denied if compound[name]} | parts
    elsewhere = {name for _, name in rules.denied_fields}
    denied |= {name for name, each in fields.items() if _reads_parents(each, elsewhere)}
    named = rules.denied_names(of)  # the user may not see them, and yet a formula that reads them
    while more := {name for name, each in fields.items() if name not in denied and _reads(each, denied | named)}:
        denied |= more
    return frozenset(denied | {name for name in fields if rules.refuses_field(of, name)})


def _reads_parents(field: dict[str, Any], names: Iterable[str]) -> bool:
    """Whether a field's formula names one of these as a parent's: `Account.AnnualRevenue`, whichever object that is."""
    return any(last.lower() in names for last in _PARENTS.findall(str(field.get("calculatedFormula") or "")))


def _reads(field: dict[str, Any], names: Iterable[str]) -> bool:
    """Whether a field's formula names one of these."""
    formula = field.get("calculatedFormula")
    return bool(formula) and not {word.lower() for word in _WORD.findall(str(formula))}.isdisjoint(names)
