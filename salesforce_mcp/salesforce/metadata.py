"""Single components of the Metadata API, over SOAP: list, read, save, delete.

simple-salesforce has these calls too, through zeep; but zeep needs seconds to read the WSDL, and sends by itself, past
the time limits, retries and renewal of our transport. Source: Metadata API Developer Guide, "CRUD-Based Calls".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from salesforce_mcp.errors import NetworkError, SalesforceError
from salesforce_mcp.salesforce.faults import FreshTokenRefused

if TYPE_CHECKING:
    from salesforce_mcp.salesforce.client import Client

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_TYPE_ATTRIBUTE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_UNDONE = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
MAX_COMPONENTS = 10
"""Components in one call."""


def tag(name: str) -> str:
    """The name of an element of the Metadata API."""
    return f"{{{NAMESPACE}}}{name}"


def text(element: Element, name: str) -> str | None:
    """The text of a child element, None if there is none."""
    return element.findtext(tag(name))


def list_components(client: Client, kind: str) -> list[str]:
    """Full names of all components of a type (listMetadata). Raises as `Client.request`."""
    operation = Element(tag("listMetadata"))
    SubElement(SubElement(operation, tag("queries")), tag("type")).text = kind
    SubElement(operation, tag("asOfVersion")).text = client.api_version
    return [name for result in _results(_call(client, operation)) if (name := text(result, "fullName"))]


def read_components(client: Client, kind: str, names: Sequence[str]) -> list[Element]:
    """The components of these names, without those that aren't there (readMetadata). Raises as `Client.request`."""
    found: list[Element] = []
    for start in range(0, len(names), MAX_COMPONENTS):
        operation = Element(tag("readMetadata"))
        SubElement(operation, tag("type")).text = kind
        for name in names[start : start + MAX_COMPONENTS]:
            SubElement(operation, tag("fullNames")).text = name
        for result in _results(_call(client, operation)):
            found += [record for record in result.findall(tag("records")) if text(record, "fullName")]
    return found


def save_components(client: Client, kind: str, components: Iterable[Element]) -> None:
    """Create or replace components, all of them or none (upsertMetadata). Their elements get the right name here.

    Raises as `Client.request`, and SalesforceError with the first component's refusal.
    """
    operation = Element(tag("upsertMetadata"))
    for component in components:
        component.tag = tag("metadata")
        component.set(_TYPE_ATTRIBUTE, f"met:{kind}")
        operation.append(component)
    _check(_call(client, operation, all_or_none=True))


def _call(client: Client, operation: Element, *, all_or_none: bool = False) -> Element:
    """Call an operation; its response element."""
    session = client.session
    path = f"/services/Soap/m/{client.api_version}"
    headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Accept": "text/xml"}
    token = session.access_token()
    try:
        answer = client.request(
            "POST", path, data=_envelope(operation, token, all_or_none), headers=headers, repeatable=True
        )
    except FreshTokenRefused:
        # The token stands in the body, so the transport renewed it in vain: what it sent again was the old one.
        renewed = session.access_token()
        if renewed == token:
            raise
        answer = client.request(
            "POST", path, data=_envelope(operation, renewed, all_or_none), headers=headers, repeatable=True
        )
    try:
        root = ElementTree.fromstring(answer.content)  # noqa: S314 - the org's own answer; expat bounds entities
    except ElementTree.ParseError:
        raise NetworkError("The org's answer broke off or is not XML.", code="NOT_XML", retryable=True) from None
    response = root.find(f"{{{_ENVELOPE}}}Body/*")
    if response is None:
        raise NetworkError("The org's answer has no body.", code="UNEXPECTED_ANSWER")
    return response


def _envelope(operation: Element, token: str, all_or_none: bool) -> bytes:
    envelope = Element(f"{{{_ENVELOPE}}}Envelope", {"xmlns:met": NAMESPACE})
    header = SubElement(envelope, f"{{{_ENVELOPE}}}Header")
    SubElement(SubElement(header, tag("SessionHeader")), tag("sessionId")).text = token
    if all_or_none:
        SubElement(SubElement(header, tag("AllOrNoneHeader")), tag("allOrNone")).text = "true"
    SubElement(envelope, f"{{{_ENVELOPE}}}Body").append(operation)
    sent: bytes = ElementTree.tostring(envelope, encoding="utf-8", xml_declaration=True)
    return sent


def _results(response: Element) -> list[Element]:
    return response.findall(tag("result"))


def _check(response: Element) -> None:
    """Raise the refusal of a component that was not saved; the one that made the others fail counts."""
    refusals = [
        (text(error, "statusCode") or SalesforceError.default_code, text(result, "fullName"), text(error, "message"))
        for result in _results(response)
        for error in result.findall(tag("errors"))
    ]
    refusals.sort(key=lambda refusal: refusal[0] == _UNDONE)
    for code, name, message in refusals:
        raise SalesforceError(f"{name}: {message}", code=code)
