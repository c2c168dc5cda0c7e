"""The SOAP API as far as logins go: login, logout, getUserInfo and getServerTimestamp, partner and enterprise.

Source: SOAP API Developer Guide, "login()"; answers and faults as quoted in public code. Salesforce ends login() with
API version 64.0 and leaves it off in new orgs.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from salesforce_mcp.demo import settings, versions
from salesforce_mcp.demo.http import XML_TYPE, Call, Reply
from salesforce_mcp.demo.oauth import passwords, sessions, tokens

if TYPE_CHECKING:
    from salesforce_mcp.demo.users import User

NAMESPACES = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}
FAULTS = {"u": "urn:fault.partner.soap.sforce.com", "c": "urn:fault.enterprise.soap.sforce.com"}
MAX_REQUEST = 10_240
"""Bytes; Salesforce's own limit for login requests."""
WRONG_LOGIN = "Invalid username, password, security token; or user locked out."
LOGIN_IS_OFF = "SOAP API login() is disabled by default in this org."


class SoapFault(Exception):
    """A fault: its exception code, its words, and the type of its detail element."""

    def __init__(self, code: str, message: str, kind: str = "UnexpectedErrorFault") -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.kind = kind


def handle(call: Call) -> Reply:
    """POST /services/Soap/u/{number} (partner) or /c/{number} (enterprise)."""
    dialect = call.path.split("/")[3]
    try:
        number = _version(call.params["number"])
        name, values, session_id = _read(call.body)
        if name == "login":
            result = _login(call, values, dialect, number)
        elif name in _OPERATIONS:
            result = _OPERATIONS[name](call, session_id)
        else:
            raise SoapFault("INVALID_OPERATION", f"The operation {name} is not offered by the demo org.")
    except SoapFault as fault:
        return _fault(fault, dialect)
    return _envelope(
        f"<{name}Response>{f'<result>{result}</result>' if result else ''}</{name}Response>",
        NAMESPACES[dialect],
    )


def _version(text: str) -> int:
    match = re.fullmatch(r"(\d{1,3})(\.0)?", text)
    number = int(match[1]) if match else 0
    if not versions.OLDEST <= number <= versions.NEWEST:
        raise SoapFault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL")
    return number


def _read(body: bytes) -> tuple[str, dict[str, str], str | None]:
    """The operation's name, its arguments, and the session id of the header."""
    if len(body) > MAX_REQUEST or b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SoapFault("INVALID_SOAP_HEADER", "The request is too large, or not a SOAP envelope.")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314 - small, and without entities of its own
    except ElementTree.ParseError as error:
        raise SoapFault("UNKNOWN_EXCEPTION", f"Premature or malformed XML: {error}") from None
    parts = {_local(child): child for child in root}
    operations = list(parts.get("Body", ()))
    if not operations:
        raise SoapFault("UNKNOWN_EXCEPTION", "No operation in the SOAP body.")
    header = [element for element in parts.get("Header", ()) if _local(element) == "SessionHeader"]
    session_id = next((child.text for element in header for child in element if _local(child) == "sessionId"), None)
    return _local(operations[0]), {_local(child): child.text or "" for child in operations[0]}, session_id


def _local(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _login(call: Call, values: dict[str, str], dialect: str, number: int) -> str:
    rules = settings.load(call.store)
    if number > versions.SOAP_LOGIN_NEWEST:
        message = f"login() is not available in API version {number}.0. Use version 64.0 or earlier, or OAuth."
        raise SoapFault("UNSUPPORTED_API_VERSION", message)
    if not rules.soap_login:
        raise SoapFault("INVALID_OPERATION", LOGIN_IS_OFF)
    if rules.login_rate_exceeded:
        raise SoapFault("INVALID_LOGIN", "Login Rate Exceeded", "LoginFault")
    user = passwords.check(call.store, values.get("username", ""), values.get("password", ""))
    if user is None or not sessions.is_active(call.store, user):
        raise SoapFault("INVALID_LOGIN", WRONG_LOGIN, "LoginFault")
    if user.username in rules.api_disabled_users:
        raise SoapFault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner", "ApiFault")
    token = tokens.issue(call.store, user, None, ())
    org = user.organization_id[:15]
    return (
        _elements(
            {
                "metadataServerUrl": f"{call.base_url}/services/Soap/m/{number}.0/{org}",
                "passwordExpired": False,
                "sandbox": False,
                "serverUrl": f"{call.base_url}/services/Soap/{dialect}/{number}.0/{org}",
                "sessionId": token,
                "userId": user.id,
            }
        )
        + f"<userInfo>{_user_info(call, user)}</userInfo>"
    )


def _session_user(call: Call, session_id: str | None) -> User:
    session = tokens.find(call.store, session_id or "")
    user = sessions.active_user(call.store, session.user_id) if session else None
    if user is None:
        raise SoapFault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    return user


def _logout(call: Call, session_id: str | None) -> str:
    _session_user(call, session_id)
    tokens.revoke(call.store, session_id or "")
    return ""


def _get_user_info(call: Call, session_id: str | None) -> str:
    return _user_info(call, _session_user(call, session_id))


def _get_server_timestamp(call: Call, session_id: str | None) -> str:
    _session_user(call, session_id)
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return _elements({"timestamp": now})


_OPERATIONS = {"logout": _logout, "getUserInfo": _get_user_info, "getServerTimestamp": _get_server_timestamp}


def _user_info(call: Call, user: User) -> str:
    statement = 'SELECT u.UserType, o.Name FROM "User" u, "Organization" o WHERE u.Id = ?'
    kind, organization = call.store.connection().execute(statement, (user.id,)).fetchone()
    return _elements(
        {
            "accessibilityMode": False,
            "chatterExternal": False,
            "currencySymbol": "$",
            "orgAttachmentFileSizeLimit": 5_242_880,
            "orgDefaultCurrencyIsoCode": "USD",
            "orgDefaultCurrencyLocale": "en_US",
            "orgDisallowHtmlAttachments": False,
            "orgHasPersonAccounts": False,
            "organizationId": user.organization_id,
            "organizationMultiCurrency": False,
            "organizationName": organization,
            "profileId": user.profile_id,
            "roleId": user.role_id,
            "sessionSecondsValid": settings.load(call.store).access_token_lifetime,
            "userDefaultCurrencyIsoCode": None,
            "userEmail": user.email,
            "userFullName": user.name,
            "userId": user.id,
            "userLanguage": user.language,
            "userLocale": user.locale,
            "userName": user.username,
            "userTimeZone": user.time_zone,
            "userType": kind,
            "userUiSkin": "Theme3",
        }
    )


def _elements(values: dict[str, Any]) -> str:
    return "".join(
        f'<{name} xsi:nil="true"/>' if value is None else f"<{name}>{escape(_text(value))}</{name}>"
        for name, value in values.items()
    )


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fault(fault: SoapFault, dialect: str) -> Reply:
    code, message, kind = fault.code, escape(fault.message), fault.kind
    return _envelope(
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {message}</faultstring>"
        f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{kind}></detail></soapenv:Fault>",
        NAMESPACES[dialect],
        faults=FAULTS[dialect],
        status=500,
    )


def _envelope(body: str, namespace: str, *, faults: str = "", status: int = 200) -> Reply:
    prefix = f' xmlns:sf="{faults}"' if faults else ""
    text = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="{namespace}"{prefix}'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
    )
    return Reply(status, text.encode("utf-8"), {"Content-Type": XML_TYPE})
