"""The Metadata API's calls on single components: list, read, create, update, upsert, delete, describe.

Source: Metadata API Developer Guide, "CRUD-Based Calls", "listMetadata()", "describeMetadata()"; the WSDL that
simple-salesforce carries.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape

from salesforce_mcp.demo import versions
from salesforce_mcp.demo.http import XML_TYPE, Call, Reply
from salesforce_mcp.demo.metadata import synonyms
from salesforce_mcp.demo.metadata.synonyms import TYPE, Dictionary, Group, Refused
from salesforce_mcp.demo.oauth import sessions, tokens
from salesforce_mcp.demo.oauth.soap import SoapFault
from salesforce_mcp.demo.schema import record_id

if TYPE_CHECKING:
    from salesforce_mcp.demo.store import Store
    from salesforce_mcp.demo.users import User

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
MAX_REQUEST = 39_000_000
MAX_COMPONENTS = 10
NO_RIGHT = "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
Item = TypeVar("Item")
_TYPE_ATTRIBUTE = "{http://www.w3.org/2001/XMLSchema-instance}type"


@dataclass(frozen=True)
class _Outcome:
    """What became of one component."""

    name: str
    created: bool = False
    refused: Refused | None = None


class _RollBack(Exception):
    """Undo what was done, since part of it failed."""


@dataclass(frozen=True)
class _Request:
    """An operation with its arguments, for this user."""

    store: Store
    user: User
    name: str
    body: Element
    all_or_none: bool

    def texts(self, name: str) -> list[str]:
        """The texts of all arguments of a name."""
        return [(each.text or "").strip() for each in _children(self.body, name)]


def handle(call: Call) -> Reply:
    """POST /services/Soap/m/{number}."""
    try:
        _check_version(call.params["number"])
        headers, body = _read(call.body)
        name = _local(body)
        operation = _OPERATIONS.get(name)
        if operation is None:
            raise SoapFault("INVALID_OPERATION", f"The operation {name} is not offered by the demo org.")
        together = headers.get("allOrNone", "").lower() == "true"
        result = operation(_Request(call.store, _user(call, headers.get("sessionId")), name, body, together))
    except SoapFault as fault:
        return _fault(fault)
    return _envelope(f"<{name}Response>{result}</{name}Response>")


def _check_version(text: str) -> None:
    match = re.fullmatch(r"(\d{1,3})(\.0)?", text)
    if not match or not versions.OLDEST <= int(match[1]) <= versions.NEWEST:
        raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")


def _read(body: bytes) -> tuple[dict[str, str], Element]:
    """What the envelope's headers say, and the operation's element."""
    if len(body) > MAX_REQUEST or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SoapFault("UNKNOWN_EXCEPTION", "The request is too large, or not a SOAP envelope.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - without entities of its own
    except ElementTree.ParseError as error:
        raise SoapFault("UNKNOWN_EXCEPTION", f"Premature or malformed XML: {error}") from None
    operations = [operation for part in _children(root, "Body") for operation in part]
    if not operations:
        raise SoapFault("UNKNOWN_EXCEPTION", "No operation in the SOAP body.")
    said = [value for part in _children(root, "Header") for header in part for value in header]
    return {_local(value): (value.text or "").strip() for value in said}, operations[0]


def _user(call: Call, session_id: str | None) -> User:
    session = tokens.find(call.store, session_id or "")
    user = sessions.active_user(call.store, session.user_id) if session else None
    if user is None:
        raise SoapFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    if not user.is_admin:
        raise SoapFault("INSUFFICIENT_ACCESS", NO_RIGHT)
    return user


def _list(request: _Request) -> str:
    wanted = [_text(query, "type") for query in _children(request.body, "queries")]
    if wanted != [TYPE]:
        raise SoapFault("INVALID_TYPE", f"Unknown type: {', '.join(each or '' for each in wanted)}")
    names = dict(request.store.connection().execute("SELECT Id, FirstName || ' ' || LastName FROM \"User\"").fetchall())
    return "".join(
        "<result>"
        + _elements(
            ("createdById", each.created_by),
            ("createdByName", names.get(each.created_by)),
            ("createdDate", _moment(each.created)),
            ("fileName", f"synonymDictionaries/{name}.synonymDictionary"),
            ("fullName", name),
            ("id", record_id(synonyms.KEY_PREFIX, each.number)),
            ("lastModifiedById", each.modified_by),
            ("lastModifiedByName", names.get(each.modified_by)),
            ("lastModifiedDate", _moment(each.modified)),
            ("manageableState", "unmanaged"),
            ("type", TYPE),
        )
        + "</result>"
        for name, each in synonyms.load(request.store).items()
    )


def _read_components(request: _Request) -> str:
    _check_type(request.texts("type"))
    names = _limited(request.texts("fullNames"))
    known = synonyms.load(request.store)
    return f"<result>{''.join(_component(name, known.get(name)) for name in names)}</result>"


def _save_components(request: _Request) -> str:
    """createMetadata, updateMetadata, upsertMetadata."""
    create, update = request.name != "updateMetadata", request.name != "createMetadata"

    def save(given: Element) -> _Outcome:
        _check_type([given.get(_TYPE_ATTRIBUTE, "").rpartition(":")[2]])
        name, whole = _text(given, "fullName") or "", _dictionary(given)
        try:
            return _Outcome(name, synonyms.save(request.store, request.user, name, whole, create=create, update=update))
        except Refused as error:
            return _Outcome(name, refused=error)

    given = _limited(_children(request.body, "metadata"))
    outcomes = _together(request, lambda: [save(each) for each in given])
    return "".join(_result(each, request.name == "upsertMetadata") for each in outcomes)


def _delete_components(request: _Request) -> str:
    def delete(name: str) -> _Outcome:
        try:
            synonyms.delete(request.store, name)
        except Refused as error:
            return _Outcome(name, refused=error)
        return _Outcome(name)

    _check_type(request.texts("type"))
    names = _limited(request.texts("fullNames"))
    return "".join(_result(each, False) for each in _together(request, lambda: [delete(name) for name in names]))


def _together(request: _Request, work: Callable[[], list[_Outcome]]) -> list[_Outcome]:
    """Do what is asked for; with AllOrNoneHeader nothing of it when part of it fails."""
    outcomes: list[_Outcome] = []
    try:
        with request.store.transaction():
            outcomes = work()
            if request.all_or_none and any(each.refused for each in outcomes):
                raise _RollBack
    except _RollBack:
        undone = Refused("ALL_OR_NONE_OPERATION_ROLLED_BACK", "Rolled back because another component failed.")
        return [_Outcome(each.name, refused=each.refused or undone) for each in outcomes]
    return outcomes


def _describe(request: _Request) -> str:
    described = _elements(
        ("directoryName", "synonymDictionaries"),
        ("inFolder", "false"),
        ("metaFile", "false"),
        ("suffix", "synonymDictionary"),
        ("xmlName", TYPE),
    )
    rest = _elements(("organizationNamespace", ""), ("partialSaveAllowed", "true"), ("testRequired", "false"))
    return f"<result><metadataObjects>{described}</metadataObjects>{rest}</result>"


_OPERATIONS: Mapping[str, Callable[[_Request], str]] = {
    "createMetadata": _save_components,
    "deleteMetadata": _delete_components,
    "describeMetadata": _describe,
    "listMetadata": _list,
    "readMetadata": _read_components,
    "updateMetadata": _save_components,
    "upsertMetadata": _save_components,
}


def _limited(items: list[Item]) -> list[Item]:
    if len(items) > MAX_COMPONENTS:
        raise SoapFault("LIMIT_EXCEEDED", f"The maximum number of components in one call is {MAX_COMPONENTS}.")
    return items


def _check_type(names: list[str]) -> None:
    if names != [TYPE]:
        raise SoapFault("INVALID_TYPE", f"Unknown type: {', '.join(names)}")


def _dictionary(given: Element) -> Dictionary:
    groups = [
        Group(
            [(each.text or "").strip() for each in _children(group, "languages")],
            [(each.text or "").strip() for each in _children(group, "terms")],
        )
        for group in _children(given, "groups")
    ]
    return Dictionary(_text(given, "label") or "", groups, (_text(given, "isProtected") or "").lower() == "true")


def _component(name: str, known: Dictionary | None) -> str:
    """A component as readMetadata has it; one that isn't there is nil."""
    if known is None:
        return '<records xsi:nil="true"/>'
    groups = "".join(
        f"<groups>{_elements(*(('languages', each) for each in group.languages))}"
        f"{_elements(*(('terms', each) for each in group.terms))}</groups>"
        for group in known.groups
    )
    rest = _elements(("isProtected", str(known.is_protected).lower()), ("label", known.label))
    return f'<records xsi:type="{TYPE}">{_elements(("fullName", name))}{groups}{rest}</records>'


def _result(outcome: _Outcome, says_created: bool) -> str:
    """The outcome of one component."""
    refused, errors = outcome.refused, ""
    if refused:
        errors = f"<errors>{_elements(('message', refused.message), ('statusCode', refused.code))}</errors>"
    made = _elements(("created", str(outcome.created).lower())) if says_created else ""
    done = _elements(("fullName", outcome.name), ("success", str(refused is None).lower()))
    return f"<result>{made}{errors}{done}</result>"


def _children(element: Element, name: str) -> list[Element]:
    return [each for each in element if _local(each) == name]


def _text(element: Element, name: str) -> str | None:
    return next(((each.text or "").strip() for each in _children(element, name)), None)


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _elements(*values: tuple[str, str | None]) -> str:
    return "".join(f"<{name}>{escape(text or '')}</{name}>" for name, text in values)


def _moment(stamp: str) -> str:
    return stamp.replace("+0000", "Z")


def _fault(fault: SoapFault) -> Reply:
    message = escape(fault.message)
    return _envelope(
        f"<soapenv:Fault><faultcode>sf:{fault.code}</faultcode>"
        f"<faultstring>{fault.code}: {message}</faultstring></soapenv:Fault>",
        status=500,
    )


def _envelope(body: str, status: int = 200) -> Reply:
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{NAMESPACE}"'
        f' xmlns:sf="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    if status != 200:
        # The parts of a fault are in no namespace.
        text = text.replace(f' xmlns="{NAMESPACE}"', "", 1)
    return Reply(status, text.encode("utf-8"), {"Content-Type": XML_TYPE})
