"""Synonyms of search: groups of terms in the dictionaries of the Metadata API (type SynonymDictionary).

A group there has no Id: it is its languages and its terms. Its Id here is its dictionary and a hash of these, so that a
group that was changed meanwhile isn't found any more, and is not overwritten. A dictionary can only be saved whole:
each change reads it, changes one group and saves it, with the other groups as they were read.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from salesforce_mcp.errors import SalesforceError
from salesforce_mcp.tools import language as languages_of
from salesforce_mcp.tools.arguments import quoted, split_names
from salesforce_mcp.tools.context import Context
from salesforce_mcp.tools.language import Language
from salesforce_mcp.tools.registry import tool
from salesforce_mcp.tools.results import Record, Table
from salesforce_mcp.wording import counted

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TYPE = "SynonymDictionary"
MAX_TERM = 50
_NAME = re.compile(r"_?[A-Za-z][A-Za-z0-9_]*", re.ASCII)
_ID = re.compile(rf"({_NAME.pattern}):([0-9a-f]{{12}})", re.ASCII)


def _check_name(value: str) -> str:
    if len(value) > 80 or not _NAME.fullmatch(value):
        raise ValueError(
            f"{quoted(value)} is no name of a synonym dictionary; letters, digits and underscores only, as in My_Terms"
        )
    return value


def _check_id(value: str) -> str:
    if not _ID.fullmatch(value):
        raise ValueError(f"{quoted(value)} is no Id of a synonym group; list_synonym_groups gives them")
    return value


def _check_terms(value: list[str]) -> list[str]:
    terms = list(dict.fromkeys(term.strip() for term in value if term.strip()))
    if len({term.casefold() for term in terms}) < 2:
        raise ValueError("a group has two different terms at least")
    for term in terms:
        if len(term) > MAX_TERM:
            raise ValueError(f"{quoted(term)} is longer than {MAX_TERM} characters")
        if not term.isprintable():
            raise ValueError(f"{quoted(term)} has characters that cannot be printed")
    return terms


GroupName = Annotated[str, AfterValidator(_check_name)]
"""Name of a synonym dictionary."""

GroupId = Annotated[str, AfterValidator(_check_id)]
"""Id of a synonym group, as the tools here give it."""

Synonyms = Annotated[list[str], BeforeValidator(split_names), AfterValidator(_check_terms)]
"""Terms that mean the same; also taken as one comma-separated string."""

Languages = Annotated[list[Language], BeforeValidator(split_names), Field(min_length=1)]
"""Languages that a group is for."""


@dataclass(frozen=True)
class Group:
    """Terms that mean the same, in the dictionary `name`."""

    name: str
    languages: tuple[str, ...]
    terms: tuple[str, ...]

    @property
    def id(self) -> str:
        """The dictionary and a hash of languages and sorted terms."""
        content = json.dumps([sorted(self.languages), sorted(self.terms)])
        return f"{self.name}:{hashlib.sha256(content.encode()).hexdigest()[:12]}"


@dataclass
class _Dictionary:
    name: str
    label: str
    protected: str | None
    groups: list[Group]


@tool(title="Synonym groups", calls="2 or more")
def list_synonym_groups(context: Context) -> Table:
    """All groups of search synonyms. `group_name` is the dictionary that a group is in."""
    found = _read(context, None)
    rows = [[group.id, group.name, list(group.languages), list(group.terms)] for each in found for group in each.groups]
    table = Table(["id", "group_name", "languages", "synonyms"], rows, total=len(rows))
    empty = [each.name for each in found if not each.groups]
    if empty:
        table.notes.append(f"Without groups: {', '.join(empty)}.")
    return table


@tool(title="Synonym group")
def get_synonym_group(context: Context, id: GroupId) -> Record:
    """One group of search synonyms."""
    _, group = _find(context, id)
    return _shown(group)


@tool(title="Create synonym group", access="write", calls="2 or 3")
def create_synonym_group(
    context: Context, group_name: GroupName, synonyms: Synonyms, languages: Languages | None = None
) -> Record:
    """Add a group of search synonyms to the dictionary `group_name`, which is made if it isn't there. Languages: by
    default those of the dictionary's first group, else your own.
    """
    found = _read(context, [group_name])
    dictionary = found[0] if found else _Dictionary(group_name, group_name.replace("_", " ").strip(), None, [])
    chosen = languages or (dictionary.groups[0].languages if dictionary.groups else [languages_of.of_user(context)])
    group = Group(dictionary.name, tuple(chosen), tuple(synonyms))
    if group.id in (each.id for each in dictionary.groups):
        raise SalesforceError(
            f"{dictionary.name} has this group already.", code="DUPLICATE_VALUE", hint=f"It is {group.id}."
        )
    dictionary.groups.append(group)
    _save(context, dictionary)
    return _shown(group, f"Added a group to {dictionary.name}.")


@tool(title="Change synonym group", access="write", calls="2 or 3")
def update_synonym_group(
    context: Context,
    id: GroupId,
    group_name: GroupName | None = None,
    synonyms: Synonyms | None = None,
    languages: Languages | None = None,
) -> Record:
    """Replace a group's terms or languages, or move it to the dictionary `group_name`. Returns its new id. Refused if
    the group was changed since it was read.
    """
    dictionary, group = _find(context, id)
    target = dictionary
    if group_name and group_name.lower() != dictionary.name.lower():
        there = _read(context, [group_name])
        target = there[0] if there else _Dictionary(group_name, group_name.replace("_", " ").strip(), None, [])
    changed = Group(target.name, tuple(languages or group.languages), tuple(synonyms or group.terms))
    place = dictionary.groups.index(group)
    if target is dictionary:
        dictionary.groups[place] = changed
        _save(context, dictionary)
    else:
        del dictionary.groups[place]
        target.groups.append(changed)
        _save(context, target, dictionary)
    return _shown(changed, f"Changed; it was {id}.")


@tool(title="Delete synonym group", access="destructive", calls="2")
def delete_synonym_group(context: Context, id: GroupId) -> Record:
    """Remove a group of search synonyms; the other groups of its dictionary stay. Refused if the group was changed
    since it was read.
    """
    dictionary, group = _find(context, id)
    dictionary.groups.remove(group)
    _save(context, dictionary)
    left = len(dictionary.groups)
    return Record(
        {"id": id, "deleted": True, "group_name": group.name, "synonyms": list(group.terms)},
        summary=f"Deleted; {dictionary.name} has {counted(left, 'more group')}.",
    )


def _find(context: Context, group_id: str) -> tuple[_Dictionary, Group]:
    """The group as it is now, with its dictionary. Raises SalesforceError when there is no such group any more."""
    name = group_id.partition(":")[0]
    for dictionary in _read(context, [name]):
        for group in dictionary.groups:
            if group.id == group_id:
                return dictionary, group
    raise SalesforceError(
        f"There is no synonym group {group_id}: it was changed or deleted meanwhile, or never was.",
        code="NOT_FOUND",
        hint="list_synonym_groups shows the groups as they are now.",
    )


def _read(context: Context, names: list[str] | None) -> list[_Dictionary]:
    """These dictionaries, or all."""
    from salesforce_mcp.salesforce import metadata

    client = context.client
    wanted = metadata.list_components(client, TYPE) if names is None else names
    return [_parsed(component) for component in metadata.read_components(client, TYPE, wanted)]


def _save(context: Context, *dictionaries: _Dictionary) -> None:
    from salesforce_mcp.salesforce import metadata

    metadata.save_components(context.client, TYPE, [_component(each) for each in dictionaries])


def _parsed(component: Element) -> _Dictionary:
    from salesforce_mcp.salesforce.metadata import tag, text

    name = text(component, "fullName") or ""
    groups = [
        Group(
            name,
            tuple(each.text or "" for each in group.findall(tag("languages"))),
            tuple(each.text or "" for each in group.findall(tag("terms"))),
        )
        for group in component.findall(tag("groups"))
    ]
    return _Dictionary(name, text(component, "label") or name, text(component, "isProtected"), groups)


def _component(dictionary: _Dictionary) -> Element:
    """The dictionary as the Metadata API takes it; its schema fixes the order."""
    from xml.etree.ElementTree import Element, SubElement

    from salesforce_mcp.salesforce.metadata import tag

    component = Element(tag("metadata"))
    SubElement(component, tag("fullName")).text = dictionary.name
    for group in dictionary.groups:
        part = SubElement(component, tag("groups"))
        for language in group.languages:
            SubElement(part, tag("languages")).text = language
        for term in group.terms:
            SubElement(part, tag("terms")).text = term
    if dictionary.protected is not None:
        SubElement(component, tag("isProtected")).text = dictionary.protected
    SubElement(component, tag("label")).text = dictionary.label
    return component


def _shown(group: Group, summary: str | None = None) -> Record:
    fields: dict[str, Any] = {
        "id": group.id,
        "group_name": group.name,
        "languages": list(group.languages),
        "synonyms": list(group.terms),
    }
    return Record(fields, summary=summary)
