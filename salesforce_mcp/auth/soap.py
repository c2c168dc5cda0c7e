"""SOAP login() of the partner API. It exists up to API 64.0 and ends in 2027."""

from __future__ import annotations

from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from salesforce_mcp.auth import hosts, oauth_errors, tokens, web
from salesforce_mcp.auth.grant import Grant, Secrets
from salesforce_mcp.auth.orgs import Org
from salesforce_mcp.auth.password import full_password, required_username

VERSION = "64.0"
"""The last API version that has login(), whatever version is used afterwards."""

_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="urn:partner.soap.sforce.com">'
    "<env:Body><p:login><p:username>{username}</p:username><p:password>{password}</p:password></p:login></env:Body>"
    "</env:Envelope>"
)


def obtain(org: Org, secrets: Secrets) -> Grant:
    """Log in. Raises UsageError for a missing setting; SessionError when refused; NetworkError."""
    document = _ENVELOPE.format(
        username=escape(required_username(org)),
        password=escape(full_password(secrets)),
    )
    answer = web.post_xml(f"{tokens.login_origin(org)}/services/Soap/u/{VERSION}", document)
    found = _texts(answer.text)
    if found.get("passwordExpired") == "true":
        raise oauth_errors.explain("PASSWORD_EXPIRED", "", org)
    session, server = found.get("sessionId"), found.get("serverUrl")
    if answer.status == 200 and session and server:
        parts = urlsplit(server)
        return Grant(
            instance_url=hosts.origin(f"{parts.scheme}://{parts.netloc}", allowed=org.allowed_hosts),
            access_token=session,
            username=found.get("userName"),
            org_id=found.get("organizationId"),
        )
    fault = found.get("faultstring")
    if fault:
        code, _, words = fault.partition(":")
        code = found.get("exceptionCode") or code
        raise oauth_errors.explain(
            code.rpartition(":")[2], found.get("exceptionMessage") or words, org, skew=answer.skew
        )
    raise tokens.unusable(org.login_url, answer)


def _texts(document: str) -> dict[str, str]:
    """The texts of all elements by local name; empty for what is no XML."""
    if "<!DOCTYPE" in document:  # SOAP forbids it, and entities could blow up the parser
        return {}
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - bounded, without DTD
    except ElementTree.ParseError:
        return {}
    return {element.tag.rpartition("}")[2]: element.text.strip() for element in root.iter() if element.text}
