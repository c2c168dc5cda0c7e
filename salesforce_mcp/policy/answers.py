"""What is taken out of an org's answers: fields and objects that a profile hides."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from salesforce_mcp.errors import PolicyError

if TYPE_CHECKING:
    from salesforce_mcp.policy.view import View

_IDS = frozenset({"sub", "user_id", "organization_id"})
_USER_FIELDS: Mapping[str, tuple[str, ...]] = {
    "preferred_username": ("Username",),
    "nickname": ("CommunityNickname",),
    "name": ("Name", "FirstName", "LastName"),
    "given_name": ("FirstName",),
    "family_name": ("LastName",),
    "email": ("Email",),
    "email_verified": ("Email",),
    "zoneinfo": ("TimeZoneSidKey",),
    "utcOffset": ("TimeZoneSidKey",),
    "locale": ("LocaleSidKey",),
    "language": ("LanguageLocaleKey",),
    "phone_number": ("Phone", "MobilePhone"),
    "phone_number_verified": ("Phone", "MobilePhone"),
    "mobile_phone": ("MobilePhone",),
    "address": ("Address", "Street", "City", "State", "PostalCode", "Country"),
    "picture": ("FullPhotoUrl", "SmallPhotoUrl"),
    "photos": ("FullPhotoUrl", "SmallPhotoUrl"),
    "user_type": ("UserType",),
    "active": ("IsActive",),
    "updated_at": ("LastModifiedDate",),
}
"""Fields of a user that each part of the answer of userinfo shows (OpenID Connect's names, "UserInfo Endpoint")."""


def clean(view: View, node: Any, of: str | None = None) -> Any:
    """The answer without refused fields, and without records of refused objects.

    A record says its object in `attributes.type`; `of` is the object of one that doesn't.
    """
    if isinstance(node, list):
        return [clean(view, item) for item in node if not _refused(view, item)]
    if not isinstance(node, dict):
        return node
    kind = _kind(node) or of
    hidden = view.hidden(kind, formulas=any(name.endswith("__c") for name in node)) if kind else frozenset()
    return {
        name: None if _refused(view, value) else clean(view, value)
        for name, value in node.items()
        if name.lower() not in hidden and not (kind and view.rules.refuses_field(kind, name) and name != "attributes")
    }


def page(view: View, answer: Any) -> Any:
    """A later page of a query, unless it has what isn't allowed: the query may have begun before the policy was so.

    Records with the same fields and parents are looked at once. Raises PolicyError.
    """
    records = answer.get("records") if isinstance(answer, dict) else None
    for record in {str(_shape(each)): each for each in records or ()}.values():
        if clean(view, record) != record:
            raise PolicyError("The query has fields that are not allowed here.", code="FIELD_DENIED")
    return answer


def _shape(node: Any) -> Any:
    """What is seen where in an answer, without its values: the same for records that nothing tells apart here."""
    if isinstance(node, list):
        return list({str(shape): shape for shape in map(_shape, node)}.values())
    if isinstance(node, dict):
        return _kind(node), [(name, _shape(value)) for name, value in node.items() if name != "attributes"]
    return None


def userinfo(view: View, told: Any) -> Any:
    """Who the user is, without what a profile hides of users: nothing but Ids where they are hidden altogether."""
    if view.rules.refuses_object("User"):
        return {name: value for name, value in told.items() if name in _IDS}
    hidden = view.hidden("User")
    return (
        {
            name: value
            for name, value in told.items()
            if name in _IDS or (name in _USER_FIELDS and hidden.isdisjoint(map(str.lower, _USER_FIELDS[name])))
        }
        if hidden
        else told
    )


def columns(view: View, of: str, delimiter: str, chunks: Iterator[bytes], *, drop: bool) -> Iterator[bytes]:
    """CSV of an object's records as it arrives, without the columns that may not be seen.

    With `drop` false, raises PolicyError where there are such columns.
    """
    head = b""
    while b"\n" not in head and (chunk := next(chunks, None)) is not None:
        head += chunk
    names = next(
        csv.reader([head.partition(b"\n")[0].decode("utf-8-sig", "replace").rstrip("\r")], delimiter=delimiter), []
    )
    kept = [place for place, name in enumerate(names) if name.startswith("sf__") or view.sees(of, name)]
    if len(kept) == len(names):
        yield head
        yield from chunks
        return
    if not drop:
        raise PolicyError("The results have columns that are not allowed here.", code="FIELD_DENIED")
    for row in csv.reader(_lines(chain([head], chunks)), delimiter=delimiter):
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow([row[place] for place in kept if place < len(row)])
        yield out.getvalue().encode()


def shown(view: View, whole: dict[str, Any]) -> dict[str, Any]:
    """A describe, or the list of all objects, as it may be seen. Raises PolicyError OBJECT_DENIED."""
    return listing(view, whole) if "sobjects" in whole else describe(view, whole)


def describe(view: View, whole: dict[str, Any]) -> dict[str, Any]:
    """An object's describe without its refused fields, and without relationships to refused objects."""
    view.object(whole["name"])
    hidden = view.hidden(whole["name"])
    if not hidden and not view.rules.limits_objects:
        return whole
    fields = [_reference(view, field) for field in whole["fields"] if field["name"].lower() not in hidden]
    children = [
        child for child in whole.get("childRelationships") or () if not view.rules.refuses_object(child["childSObject"])
    ]
    return {**whole, "fields": fields, "childRelationships": children}


def listing(view: View, whole: dict[str, Any]) -> dict[str, Any]:
    """The list of all objects without the refused ones."""
    if not view.rules.limits_objects:
        return whole
    kept = [entry for entry in whole["sobjects"] if not view.rules.refuses_object(entry["name"])]
    return {**whole, "sobjects": kept}


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """The lines of what arrives, each with its end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + decoder.decode(chunk)).split("\n")
        yield from (f"{line}\n" for line in whole)
    if rest:
        yield rest


def _reference(view: View, field: dict[str, Any]) -> dict[str, Any]:
    targets = field.get("referenceTo")
    if not targets:
        return field
    return {**field, "referenceTo": [name for name in targets if not view.rules.refuses_object(name)]}


def _kind(node: dict[str, Any]) -> str | None:
    attributes = node.get("attributes")
    kind = attributes.get("type") if isinstance(attributes, dict) else None
    return kind if isinstance(kind, str) else None


def _refused(view: View, node: Any) -> bool:
    kind = _kind(node) if isinstance(node, dict) else None
    return kind is not None and view.rules.refuses_object(kind)
