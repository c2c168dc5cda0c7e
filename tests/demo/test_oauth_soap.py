"""The SOAP API's login, logout and getUserInfo."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
import requests

from salesforce_mcp.demo.local import DemoOrg
from salesforce_mcp.demo.oauth.passwords import SECURITY_TOKEN
from tests.demo.conftest import Web

PARTNER = "{urn:partner.soap.sforce.com}"


def call(web: Web, operation: str, *, session: str = "", path: str = "u/64.0", **values: str) -> requests.Response:
    arguments = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    namespace = "urn:enterprise.soap.sforce.com" if path.startswith("c/") else "urn:partner.soap.sforce.com"
    header = f"<SessionHeader xmlns='{namespace}'><sessionId>{session}</sessionId></SessionHeader>" if session else ""
    body = (
        "<se:Envelope xmlns:se='http://schemas.xmlsoap.org/soap/envelope/'>"
        f"<se:Header>{header}</se:Header><se:Body><{operation} xmlns='{namespace}'>{arguments}</{operation}></se:Body>"
        "</se:Envelope>"
    )
    headers = {"Content-Type": "text/xml", "SOAPAction": '""'}
    return web.post(f"/services/Soap/{path}", token=None, data=body.encode(), headers=headers)


def log_in(web: Web, **options: Any) -> requests.Response:
    values = {"username": "ada.admin@demo.example", "password": f"demo-admin-1{SECURITY_TOKEN}", **options}
    return call(web, "login", **values)


def values(response: requests.Response) -> dict[str, str | None]:
    """All leaves of the answer by their local names."""
    root = ElementTree.fromstring(response.content)
    return {element.tag.rpartition("}")[2]: element.text for element in root.iter() if len(element) == 0}


@pytest.mark.parametrize("path", ["u/64.0", "c/64.0", "u/50.0", "u/31.0", "u/59.0/00D5g0000000001"])
def test_login(web: Web, path: str) -> None:
    response = log_in(web, path=path)
    assert response.status_code == 200, response.text
    assert response.headers["Content-Type"].startswith("text/xml")
    told = values(response)
    assert told["passwordExpired"] == "false"
    assert told["userName"] == "ada.admin@demo.example"
    assert told["organizationId"] == "00D5g0000000001EAA"
    assert (told["serverUrl"] or "").startswith(f"{web.url}/services/Soap/{path[:6]}/00D")
    assert web.get("/v/limits", token=told["sessionId"]).status_code == 200


def test_an_answer_is_in_the_namespace_of_its_dialect(web: Web) -> None:
    root = ElementTree.fromstring(log_in(web).content)
    assert root.find(f".//{PARTNER}sessionId") is not None


def fault(response: requests.Response) -> tuple[str | None, str | None]:
    assert response.status_code == 500
    told = values(response)
    assert told["faultcode"] == f"sf:{told['exceptionCode']}"
    return told["exceptionCode"], told["exceptionMessage"]


@pytest.mark.parametrize("change", [{"password": "wrong"}, {"username": "nobody@demo.example"}, {"password": "<&>"}])
def test_a_wrong_password(web: Web, change: dict[str, str]) -> None:
    assert fault(log_in(web, **change)) == (
        "INVALID_LOGIN",
        "Invalid username, password, security token; or user locked out.",
    )


def test_the_security_token_can_be_required(web: Web) -> None:
    assert log_in(web, password="demo-admin-1").status_code == 200
    web.settings(security_token_required=True)
    assert fault(log_in(web, password="demo-admin-1"))[0] == "INVALID_LOGIN"
    assert log_in(web).status_code == 200


def test_login_can_be_off(web: Web) -> None:
    web.settings(soap_login=False)
    assert fault(log_in(web)) == ("INVALID_OPERATION", "SOAP API login() is disabled by default in this org.")


@pytest.mark.parametrize("path", ["u/65.0", "u/66.0", "u/67.0", "u/30.0", "u/x"])
def test_login_ended_with_64(web: Web, path: str) -> None:
    assert fault(log_in(web, path=path))[0] == "UNSUPPORTED_API_VERSION"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"inactive_users": ["ada.admin@demo.example"]}, "INVALID_LOGIN"),
        ({"api_disabled_users": ["ada.admin@demo.example"]}, "API_DISABLED_FOR_ORG"),
        ({"login_rate_exceeded": True}, "INVALID_LOGIN"),
    ],
)
def test_policies(web: Web, settings: dict[str, Any], code: str) -> None:
    web.settings(**settings)
    assert fault(log_in(web))[0] == code


def test_user_info_and_logout(web: Web) -> None:
    session = values(log_in(web))["sessionId"] or ""
    assert values(call(web, "getUserInfo", session=session, path="u/66.0"))["userFullName"] == "Ada Admin"
    assert "timestamp" in values(call(web, "getServerTimestamp", session=session))
    assert call(web, "logout", session=session).status_code == 200
    assert web.get("/v/limits", token=session).status_code == 401
    assert fault(call(web, "getUserInfo", session=session))[0] == "INVALID_SESSION_ID"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"<a/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        b"<a>" + b"x" * 20_000 + b"</a>",
    ],
)
def test_what_is_no_envelope(web: Web, body: bytes) -> None:
    response = web.post("/services/Soap/u/64.0", token=None, data=body)
    assert response.status_code == 500
    assert b"faultstring" in response.content


def test_an_operation_that_is_not_offered(web: Web) -> None:
    session = values(log_in(web))["sessionId"] or ""
    assert fault(call(web, "describeGlobal", session=session))[0] == "INVALID_OPERATION"


def test_simple_salesforce_logs_in_and_works(tmp_path: Path) -> None:
    """It speaks https only; `scratch_url` is the one way to tell it the address of the login."""
    from simple_salesforce import Salesforce, SalesforceAuthenticationFailed, SalesforceLogin

    with DemoOrg(tmp_path, tls=True) as org:
        session = requests.Session()
        session.trust_env = False
        session.verify = str(org.certificate)
        admin = org.users[0]
        options = {"scratch_url": org.instance_url, "session": session, "sf_version": "59.0"}
        token, host = SalesforceLogin(
            username=admin.username, password=admin.password, security_token=admin.security_token, **options
        )
        assert f"https://{host}" == org.instance_url
        salesforce = Salesforce(instance=host, session_id=token, session=session)
        made = salesforce.Account.create({"Name": "Made by simple-salesforce"})
        assert salesforce.Account.get(made["id"])["Name"] == "Made by simple-salesforce"
        assert salesforce.Account.delete(made["id"]) == 204
        assert salesforce.limits()["DailyApiRequests"]["Max"] == salesforce.api_usage["api-usage"].total
        with pytest.raises(SalesforceAuthenticationFailed, match="INVALID_LOGIN"):
            SalesforceLogin(username=admin.username, password="wrong", security_token="", **options)
