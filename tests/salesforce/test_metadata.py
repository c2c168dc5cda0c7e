"""SOAP over our transport: renewal, retries, errors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

import pytest

from salesforce_mcp.errors import NetworkError, SalesforceError, SessionError
from salesforce_mcp.salesforce import metadata
from salesforce_mcp.salesforce.client import Client
from tests.salesforce.scripted import DROP, Reply, ScriptedOrg, ScriptedSession

PATH = "POST /services/Soap/m/66.0"
TYPE = "SynonymDictionary"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
    "<e:Body>{}</e:Body></e:Envelope>"
)


def xml(body: str, status: int = 200) -> Reply:
    return Reply(status, ENVELOPE.format(body).encode(), {"Content-Type": "text/xml; charset=utf-8"})


def fault(code: str, words: str) -> Reply:
    said = f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {words}</faultstring>"
    return xml(f"<e:Fault>{said}</e:Fault>", 500)


LISTED = xml("<listMetadataResponse><result><fullName>A</fullName></result></listMetadataResponse>")


@pytest.fixture
def org() -> Iterator[ScriptedOrg]:
    with ScriptedOrg() as running:
        yield running


def client(org: ScriptedOrg, last: int = 1) -> Client:
    return Client(ScriptedSession(org.url, last), pause=lambda seconds: None)


def test_names_are_listed(org: ScriptedOrg) -> None:
    org.on(PATH, LISTED)
    assert metadata.list_components(client(org), TYPE) == ["A"]
    sent = org.seen[-1]
    assert sent.headers["SOAPAction"] == '""'
    assert b"sessionId>token-1<" in sent.body


def test_a_session_that_is_over_is_renewed(org: ScriptedOrg) -> None:
    org.tokens.add("token-2")

    def answer(seen: Any) -> Reply:
        return LISTED if b"token-2" in seen.body else fault("INVALID_SESSION_ID", "Invalid Session ID found")

    org.on(PATH, answer)
    assert metadata.list_components(client(org, last=2), TYPE) == ["A"]


def test_a_session_that_stays_over_says_how_to_log_in(org: ScriptedOrg) -> None:
    org.on(PATH, fault("INVALID_SESSION_ID", "Invalid Session ID found"))
    with pytest.raises(SessionError):
        metadata.list_components(client(org), TYPE)


def test_a_fault_has_its_code_and_words_and_is_not_repeated(org: ScriptedOrg) -> None:
    org.on(PATH, fault("INSUFFICIENT_ACCESS", "a &lt;user&gt; lacks a right"))
    with pytest.raises(SalesforceError) as refused:
        metadata.list_components(client(org), TYPE)
    assert (refused.value.code, refused.value.message) == ("INSUFFICIENT_ACCESS", "a <user> lacks a right")
    assert len(org.seen) == 1


@pytest.mark.parametrize("passing", [DROP, Reply(503), fault("SERVER_UNAVAILABLE", "try later")])
def test_what_passes_is_tried_again(org: ScriptedOrg, passing: Any) -> None:
    org.on(PATH, passing, LISTED)
    assert metadata.list_components(client(org), TYPE) == ["A"]


def test_ten_components_are_read_at_a_time(org: ScriptedOrg) -> None:
    def answer(seen: Any) -> Reply:
        names = [part.split("<")[0] for part in seen.body.decode().split("fullNames>")[1::2]]
        records = "".join(f"<records><fullName>{name}</fullName></records>" for name in names if name != "N3")
        missing = '<records xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:nil="true"/>'
        return xml(f"<readMetadataResponse><result>{records}{missing}</result></readMetadataResponse>")

    org.on(PATH, answer)
    names = [f"N{number}" for number in range(12)]
    found = metadata.read_components(client(org), TYPE, names)
    assert [metadata.text(each, "fullName") for each in found] == [name for name in names if name != "N3"]
    assert len(org.seen) == 2


def test_the_refusal_that_made_the_others_fail_is_told(org: ScriptedOrg) -> None:
    def result(name: str, code: str) -> str:
        errors = f"<errors><message>{code.lower()}</message><statusCode>{code}</statusCode></errors>"
        return f"<result>{errors}<fullName>{name}</fullName><success>false</success></result>"

    results = result("A", "ALL_OR_NONE_OPERATION_ROLLED_BACK") + result("B", "STRING_TOO_LONG")
    org.on(PATH, xml(f"<upsertMetadataResponse>{results}</upsertMetadataResponse>"))
    with pytest.raises(SalesforceError) as refused:
        metadata.save_components(client(org), TYPE, [Element("a"), Element("b")])
    assert (refused.value.code, refused.value.message) == ("STRING_TOO_LONG", "B: string_too_long")
    assert b"allOrNone>true<" in org.seen[-1].body


@pytest.mark.parametrize("body", [b"<html>", b"", b"<a><b/></a>"])
def test_an_answer_that_is_none(org: ScriptedOrg, body: bytes) -> None:
    org.on(PATH, Reply(200, body, {"Content-Type": "text/xml"}))
    with pytest.raises(NetworkError):
        metadata.list_components(client(org), TYPE)
