"""The org's objects, read from demo/definitions/*.txt: one line a field, so that adding one is one line.

    object Invoice__c a01 Invoice / Invoices           name, key prefix (- for none), label / plural label
      kind  record +feedEnabled -undeletable           a set of traits (_KINDS), and what differs from it
      scopes  everything mine                          SOQL's USING SCOPE
      feed                                             also makes Invoice__Feed, a view over FeedItem
      history  Status__c Account__c                    also makes Invoice__History, written when these change
      sharing  private                                 organization-wide default, else public
      recordtypes  Sales=Sales Invoice*; Rent=Rent     developer name=label, * marks the default
      view                                             the object shows rows of others: SQL on the next lines
        = SELECT ...
      derived                                          its rows are made of the definitions (demo/tooling/catalogue.py);
                                                       behind it the SQL of Id, where that isn't what tells rows apart
      reified  EntityDefinitionId                      a query may only compare with `=`, and must with one of these
      audit                                            CreatedDate ... SystemModstamp; `viewed` and `IsDeleted` likewise
      rule  Not_Below_Zero  Total__c  A reason.        validation rule: name, field or -, message; off without SQL
        ~ Total__c < 0
        = {t}.Total__c < 0
      Status__c    picklist    Status    restricted    name, type, label, attributes: columns parted by two spaces
        | Draft*; Sent=Sent to customer                values: value=label, * marks the default, Value@Controlling
        ~ Total__c - Paid__c                           the formula, as a describe shows it
        = {t}.Total__c - {t}.Paid__c                   what it is worked out with: SQL (Field.expression)

Types take a length `string(255)`, digits `int(8)`, precision and scale `currency(18,2)`, or objects `reference(A,B)`,
where `@what` stands for a group of objects defined by a `set` line. An address field brings its parts with it.

Attributes: required, readonly, createonly, updateonly, name, unique, external, idlookup, casesensitive, restricted,
html, master (master-detail), cascade or restrict (when the parent is deleted), part=Compound, controller=Field,
to=Object (of a string that is such a record's Id), up=Relationship, down=ChildRelationship, auto=INV-{000},
default=value (or now, today, user), and filter, sort, group, aggregate, nofilter, nosort, nogroup, noaggregate where
they differ from what the type implies.

Names, types, lengths and labels of standard fields are those of Salesforce's Object Reference and Field Reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from salesforce_mcp.demo.fieldlines import make_field, picklist_values, with_parts
from salesforce_mcp.demo.schema import Field, RecordType, SObject, SObjects, ValidationRule, record_id

DEFINITIONS = Path(__file__).with_name("definitions")

_READ = {"queryable", "retrieveable", "replicateable"}
_WRITE = _READ | {"createable", "updateable", "deletable"}
_DETAIL = _WRITE | {"layoutable", "triggerable"}
_KINDS = {
    "record": frozenset(_DETAIL | {"searchable", "undeletable", "mruEnabled"}),
    "detail": frozenset(_DETAIL),
    "setup": frozenset(_WRITE),
    "readonly": frozenset(_READ),
    "metadata": frozenset({"queryable", "retrieveable"}),
    "none": frozenset[str](),
}
_TOOLING_FIELDS = frozenset({"FullName", "Metadata"})
"""Fields that only the Tooling API has."""

_MACROS = {
    "audit": ("CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp"),
    "viewed": ("LastViewedDate", "LastReferencedDate"),
}
_VIEWED = "(SELECT {} FROM recently_viewed WHERE RecordId = {{t}}.Id AND UserId = current_user_id())"
_STANDARD = {
    "IsDeleted": "boolean  Deleted  readonly",
    "CreatedDate": "datetime  Created Date  required readonly default=now",
    "CreatedById": "reference(User)  Created By ID  required readonly up=CreatedBy default=user",
    "LastModifiedDate": "datetime  Last Modified Date  required readonly default=now",
    "LastModifiedById": "reference(User)  Last Modified By ID  required readonly up=LastModifiedBy default=user",
    "SystemModstamp": "datetime  System Modstamp  required readonly default=now",
    "LastViewedDate": "datetime  Last Viewed Date  readonly",
    "LastReferencedDate": "datetime  Last Referenced Date  readonly",
}
_FEED_FIELDS = (
    "Id", "ParentId", "Type", "CreatedById", "CreatedDate", "IsDeleted", "LastModifiedDate", "SystemModstamp",
    "CommentCount", "LikeCount", "Title", "Body", "LinkUrl", "IsRichText", "RelatedRecordId", "InsertedById",
    "BestCommentId",
)  # fmt: skip


@cache
def standard_objects(*more: Path) -> SObjects:
    """All objects that every demo org has, and those that these files define."""
    return load(*sorted(DEFINITIONS.glob("*.txt")), *more)


def load(*paths: Path) -> SObjects:
    """The objects defined in these files; `set` lines must come before they are used."""
    sets: dict[str, list[str]] = {}
    definitions: list[_Definition] = []
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            text = line.strip()
            if not text or text.startswith("#"):
                continue
            if text.startswith("set "):
                _, name, *members = text.split()
                sets[name] = members
            elif text.startswith("object "):
                definitions.append(_Definition(text, sets))
            else:
                definitions[-1].read(text)
    feed_item = next((each for each in definitions if each.name == "FeedItem"), None)
    made = [each for definition in definitions for each in definition.build(feed_item)]
    return SObjects(
        (_for_data(each) for each in made if not each.can("toolingonly")),
        tooling=[each for each in made if each.can("tooling") or each.can("toolingonly")],
    )


def _for_data(sobject: SObject) -> SObject:
    """The object as the data API has it."""
    if not sobject.derived:
        return sobject
    return replace(sobject, fields=tuple(each for each in sobject.fields if each.name not in _TOOLING_FIELDS))


class _Definition:
    """One object while its lines are read."""

    def __init__(self, header: str, sets: dict[str, list[str]]) -> None:
        _, self.name, prefix, labels = header.split(maxsplit=3)
        self.prefix = None if prefix == "-" else prefix
        self.label, self.plural = labels.split(" / ")
        self.sets = sets
        self.traits: set[str] = set()
        self.options: dict[str, str] = {}
        label = "Record ID" if self.name.endswith("__c") else f"{self.label} ID"
        self.fields = [make_field("Id", "id", label, ["required", "readonly", "idlookup", "default="], sets)]
        self.view: list[str] | None = None
        self.rules: list[ValidationRule] = []

    def read(self, text: str) -> None:
        """Take one line of the definition."""
        word = text.split(maxsplit=1)[0]
        if word in "|~=":
            self._continue(word, text[1:].strip())
        elif word in _MACROS:
            self.fields += [self._standard(name) for name in _MACROS[word]]
        elif word == text and word in _STANDARD:
            self.fields.append(self._standard(word))
        elif word == "rule":
            _, name, field, message = re.split(r"\s{2,}", text)
            self.rules.append(ValidationRule(name, None if field == "-" else field, message))
        elif word[0].isupper():
            name, kind, label, *rest = re.split(r"\s{2,}", text)
            self.fields += with_parts(make_field(name, kind, label, rest[0].split() if rest else [], self.sets))
        elif word == "kind":
            self._set_traits(*text.split()[1:])
        elif word == "view":
            self.view = []
        else:
            self.options[word] = text.removeprefix(word).strip()

    def _continue(self, mark: str, text: str) -> None:
        """A line that says more about the field (or the view) before it."""
        if self.view is not None and len(self.fields) == 1:
            self.view.append(text)
            return
        if self.rules:
            part = {"formula": text} if mark == "~" else {"violated": f"({text})"}
            self.rules[-1] = replace(self.rules[-1], **part)
            return
        last = self.fields[-1]
        if mark == "|":
            values = picklist_values(text)
            default = next((value.value for value in values if value.default), last.default_value)
            given = default is not None
            last = replace(last, picklist_values=values, default_value=default, defaulted_on_create=given)
        elif mark == "~":
            last = replace(last, formula=text)
        else:
            last = replace(last, expression=f"({text})")
        self.fields[-1] = last

    def _set_traits(self, kind: str, *changes: str) -> None:
        self.traits = set(_KINDS[kind])
        for change in changes:
            if change.startswith("-"):
                self.traits.discard(change[1:])
            else:
                self.traits.add(change.removeprefix("+"))

    def _standard(self, name: str) -> Field:
        kind, label, *rest = _STANDARD[name].split("  ")
        made = make_field(name, kind, label, rest[0].split(), self.sets)
        if name in _MACROS["viewed"]:
            made = replace(made, expression=_VIEWED.format(name))
        return made

    def build(self, feed_item: _Definition | None) -> Iterator[SObject]:
        """The object, and the History and Feed objects that belong to it."""
        history = tuple(self.options.get("history", "").split())
        if "feed" in self.options:
            self.traits.add("feedEnabled")
        if "derived" in self.options:
            self._derive()
        yield SObject(
            name=self.name,
            key_prefix=self.prefix,
            label=self.label,
            label_plural=self.plural,
            fields=tuple(self.fields),
            traits=frozenset(self.traits),
            scopes=tuple(self.options.get("scopes", "everything mine").split()),
            record_types=_record_types(self.prefix, self.options.get("recordtypes", "")),
            sharing=self.options.get("sharing", "public"),  # type: ignore[arg-type]
            view=" ".join(self.view) if self.view is not None else None,
            derived="derived" in self.options,
            reified=tuple(self.options["reified"].split()) if "reified" in self.options else None,
            tracked=history,
            rules=tuple(self.rules),
        )
        if history:
            yield self._history()
        if "feed" in self.options and feed_item is not None:
            yield self._feed(feed_item)

    def _derive(self) -> None:
        """Nobody sets the fields of a row that is made of the definitions; its Id may be worked out."""
        readonly = {"createable": False, "updateable": False, "defaulted_on_create": False}
        self.fields = [replace(each, **readonly) for each in self.fields]  # type: ignore[arg-type]
        self.fields[0] = replace(self.fields[0], expression=self.options["derived"] or None)

    def _associate(self, kind: str) -> str:
        """Name of the History or Feed object: AccountFeed, Invoice__Feed."""
        if kind == "History" and self.name == "Opportunity":
            return "OpportunityFieldHistory"  # OpportunityHistory is the history of stages
        return self.name[:-1] + kind if self.name.endswith("__c") else self.name + kind

    def _history(self) -> SObject:
        custom = self.name.endswith("__c")
        parent, relationship = ("ParentId", "Parent") if custom else (f"{self.name}Id", self.name)
        lines = (
            "IsDeleted",
            f"{parent}  reference({self.name})  {self.label} ID"
            f"  required readonly up={relationship} down=Histories cascade",
            "CreatedById",
            "CreatedDate",
            "Field  picklist  Changed Field  required readonly restricted",
            "DataType  picklist  Datatype  required readonly restricted",
            "OldValue  anyType  Old Value  readonly nofilter nosort nogroup",
            "NewValue  anyType  New Value  readonly nofilter nosort nogroup",
        )
        return self._associated("History", lines)

    def _feed(self, feed_item: _Definition) -> SObject:
        made = self._associated("Feed", ())
        fields = []
        for each in feed_item.fields:
            if each.name == "ParentId":
                name = "Feeds"
                each = replace(each, reference_to=(self.name,), child_relationship_name=name, on_delete="cascade")
            if each.name in _FEED_FIELDS:
                fields.append(each)
        view = f"SELECT * FROM FeedItem WHERE ParentId >= '{self.prefix}' AND ParentId < '{self.prefix}~'"  # noqa: S608 - a key prefix
        return replace(made, fields=tuple(fields), view=view, traits=_KINDS["readonly"] | {"deletable"})

    def _associated(self, kind: str, lines: tuple[str, ...]) -> SObject:
        label = f"{self.label} {kind}"
        other = _Definition(f"object {self._associate(kind)} - {label} / {label}", self.sets)
        other.read("kind readonly")
        for line in lines:
            other.read(line)
        return replace(next(other.build(None)), associate_of=(kind, self.name))


def _record_types(prefix: str | None, text: str) -> tuple[RecordType, ...]:
    """Record types of a `recordtypes` line; their Ids follow from the object's key prefix and their place."""
    made = []
    for place, each in enumerate(text.split("; ") if text else ()):
        name, _, label = each.partition("=")
        number = int.from_bytes((prefix or "").encode()) * 10 + place
        made.append(RecordType(record_id("012", number), name, label.removesuffix("*"), label.endswith("*")))
    return tuple(made)
