"""Report types: what a report can show, read from report_types.txt, and one for each custom object.

Source: Reports and Dashboards REST API Developer Guide, "Report Types", "Describe"; names and labels of standard types
are those of its examples and of recorded answers. A custom object's type is called `CustomEntity$Invoice__c`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from salesforce_mcp.demo.schema import Field, SObject, SObjects

if TYPE_CHECKING:
    from salesforce_mcp.demo.analytics.buckets import Bucket
    from salesforce_mcp.demo.users import User

_FILE = Path(__file__).with_name("report_types.txt")
_CUSTOM = "CustomEntity$"
_CUSTOM_COLUMNS = (
    ("CUST_NAME", "Name", None),
    ("CUST_OWNER_NAME", "Owner.Name", "Owner Name"),
    ("CUST_CREATED_NAME", "CreatedBy.Name", "Created By"),
    ("CUST_CREATED_DATE", "CreatedDate", None),
    ("CUST_LAST_UPDATE_NAME", "LastModifiedBy.Name", "Last Modified By"),
    ("CUST_LAST_UPDATE", "LastModifiedDate", None),
)
_DATA_TYPES = {"combobox": "picklist", "encryptedstring": "string", "time": "string", "reference": "id"}
_UNSHOWN = frozenset({"address", "location", "base64", "complexvalue", "anyType"})
_NO_UNIQUE_COUNT = frozenset({"boolean"})


@dataclass(frozen=True)
class Column:
    """A column of a report type.

    `path` leads to the field from the type's object, as SOQL writes it; `steps` are the object and field of each of its
    names. `id_path` leads to the Id of the record that the column names, for columns that link to one. `shape` is how a
    value is shown other than its field says: the `day` of a moment, a fiscal `quarter`, the `age` of a deal in days.
    """

    name: str
    label: str
    path: str
    steps: tuple[tuple[str, Field], ...]
    id_path: str | None
    shape: str = ""
    bucket: Bucket | None = None
    """Of a bucket field: how it groups the values of the column that the rest tells of."""

    @property
    def field(self) -> Field:
        return self.steps[-1][1]

    @property
    def paths(self) -> list[str]:
        """All that has to be fetched to show the column, its own field first."""
        if self.shape == "age":
            return [self.path, "IsClosed", "CloseDate"]
        return [self.path, self.id_path] if self.id_path else [self.path]

    @property
    def computed(self) -> bool:
        """True if values are worked out here, so that SOQL can't filter, sort or sum them up."""
        return self.shape == "age" or self.bucket is not None

    @property
    def filterable(self) -> bool:
        return self.field.filterable and self.shape != "age"

    @property
    def data_type(self) -> str:
        """The type as the Analytics API calls it: a lookup is the `string` that it shows."""
        if self.bucket is not None:
            return "string"
        if self.computed:
            return "int"
        return _DATA_TYPES.get(self.field.type, self.field.type)

    @property
    def entity_column_name(self) -> str | None:
        """Object and field that it shows; an owner is told as a user."""
        entity, found = self.steps[-1]
        return None if self.computed else f"{'User' if entity == 'Name' else entity}.{found.name}"

    @property
    def unique_countable(self) -> bool:
        return self.data_type not in _NO_UNIQUE_COUNT

    def shown_to(self, user: User) -> bool:
        """True if the user may see the field, and all on the way to it."""
        return all(user.can_read(entity) and user.can_read_field(entity, each.name) for entity, each in self.steps)


@dataclass(frozen=True)
class Choice:
    """A value of a standard filter or a scope; `condition` is SOQL, None where it leaves nothing out."""

    value: str
    label: str
    condition: str | None = None


@dataclass(frozen=True)
class Choices:
    """A standard filter, or the scopes: what can be chosen, and what is unless another is."""

    label: str
    default: str
    values: tuple[Choice, ...]

    def find(self, value: str) -> Choice | None:
        return next((each for each in self.values if each.value == value), None)


@dataclass
class ReportType:
    """One report type. `sections` are lists of column names by their label, in the order of the describe."""

    name: str
    sobject: SObject
    label: str
    category: str
    date_column: str = ""
    shown: list[str] = field(default_factory=list)
    scopes: Choices = Choices("Scope", "", ())
    filters: dict[str, Choices] = field(default_factory=dict)
    columns: dict[str, Column] = field(default_factory=dict)
    sections: dict[str, list[str]] = field(default_factory=dict)

    def add(self, section: str, column: Column) -> None:
        self.columns[column.name] = column
        self.sections.setdefault(section, []).append(column.name)

    def objects(self, known: SObjects) -> list[SObject]:
        """The objects that it joins: its own, and those that sections are of."""
        names = dict.fromkeys(each.steps[-1][0] for each in self.columns.values())
        sections = {label.partition(":")[0] for label in self.sections}
        joined = [known[name] for name in names if name != self.sobject.name and known[name].label in sections]
        return [self.sobject, *joined]

    def column(self, name: str, user: User) -> Column | None:
        """The column of this name, unless the user may not see it."""
        found = self.columns.get(name)
        return found if found and found.shown_to(user) else None


@cache
def all_types(objects: SObjects) -> Mapping[str, ReportType]:
    """The report types of an org by name."""
    found = {each.name: each for each in _read(objects)}
    for sobject in objects:
        if sobject.custom and sobject.can("queryable") and sobject.can("createable"):
            made = _of_custom_object(objects, sobject)
            found[made.name] = made
    return found


def visible_types(objects: SObjects, user: User) -> Iterator[ReportType]:
    """The report types whose object the user may read."""
    return (each for each in all_types(objects).values() if user.can_read(each.sobject.name))


def _read(objects: SObjects) -> Iterator[ReportType]:
    """The types of report_types.txt."""
    made: ReportType | None = None
    section = ""
    choices: list[tuple[str, ...]] = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        parts = re.split(r" {2,}", line.strip())
        keyword, _, rest = parts[0].partition(" ")
        if not line.strip() or keyword == "#":
            continue
        if not line.startswith(" "):
            if made:
                yield _with_custom_fields(objects, made)
            made = ReportType(rest, objects[parts[1]], parts[2], parts[3])
            continue
        assert made is not None  # noqa: S101 - the file begins with a type
        if keyword == "date":
            made.date_column = rest
        elif keyword == "show":
            made.shown = rest.split()
        elif keyword == "scopes":
            made.scopes = _choices("Scope", [tuple(each.strip().split("=")) for each in line.strip()[7:].split(";")])
        elif keyword == "filter":
            section, choices = "", []
            filter_name, filter_label = rest, parts[1]
        elif keyword == "section":
            section = rest
        elif section:
            label, shape = (*parts[2:], "", "")[:2]
            made.add(section, make_column(objects, made.sobject, parts[0], parts[1], label or None, shape))
        else:
            choices.append(tuple(parts))
            made.filters[filter_name] = _choices(filter_label, choices)
    if made:
        yield _with_custom_fields(objects, made)


def _choices(label: str, given: list[tuple[str, ...]]) -> Choices:
    default = next((each[0] for each in given if each[0].endswith("*")), given[0][0]).removesuffix("*")
    return Choices(label, default, tuple(Choice(each[0].removesuffix("*"), *each[1:]) for each in given))


def _with_custom_fields(objects: SObjects, made: ReportType) -> ReportType:
    """The type with its object's custom fields, which are called by their API name: `Case.Severity__c`."""
    first = next(iter(made.sections))
    for each in made.sobject.fields:
        if each.custom and each.type not in _UNSHOWN:
            parent = objects[each.reference_to[0]].name_field if len(each.reference_to) == 1 else None
            path = f"{each.relationship_name}.{parent.name}" if parent else each.name
            made.add(first, make_column(objects, made.sobject, f"{made.sobject.name}.{each.name}", path, each.label))
    return made


def _of_custom_object(objects: SObjects, sobject: SObject) -> ReportType:
    made = ReportType(f"{_CUSTOM}{sobject.name}", sobject, sobject.label_plural, "Other Reports")
    section = f"{sobject.label}: Info"
    for name, path, label in _CUSTOM_COLUMNS:
        if sobject.field(path) or sobject.parent(path.partition(".")[0]):
            made.add(section, make_column(objects, sobject, name, path, label))
    made.date_column = "CUST_CREATED_DATE"
    made.shown = ["CUST_NAME"]
    owned = [("user", f"My {sobject.label_plural.lower()}")] if sobject.field("OwnerId") else []
    made.scopes = _choices("Scope", [*owned, ("organization*", f"All {sobject.label_plural.lower()}")])
    return _with_custom_fields(objects, made)


def make_column(
    objects: SObjects, sobject: SObject, name: str, path: str, label: str | None = None, shape: str = ""
) -> Column:
    """A column that shows the field at a path; ValueError for a path that leads nowhere."""
    *relationships, last = path.split(".")
    steps: list[tuple[str, Field]] = []
    entity = sobject
    for relationship in relationships:
        reference = entity.parent(relationship)
        if reference is None:
            raise ValueError(f"{sobject.name} has no {path}")
        steps.append((entity.name, reference))
        # What a polymorphic reference leads to is seen as the object Name, as in SOQL.
        entity = objects[reference.reference_to[0] if len(reference.reference_to) == 1 else "Name"]
    found = entity.field(last)
    if found is None:
        raise ValueError(f"{sobject.name} has no {path}")
    steps.append((entity.name, found))
    id_path = None
    if found.name_field and len(relationships) <= 1:
        id_path = steps[0][1].name if relationships else "Id"
    return Column(name, label or found.label, path, tuple(steps), id_path, shape)
