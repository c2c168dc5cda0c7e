"""Synonym dictionaries through the Metadata API, as simple-salesforce calls it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from tests.demo.conftest import Web

URL = "/services/Soap/m/66.0"
ENVELOPE = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="http://soap.sforce.com/2006/04/metadata">'
    "<e:Header><SessionHeader><sessionId>{}</sessionId></SessionHeader></e:Header><e:Body>{}</e:Body></e:Envelope>"
)


def send(web: Web, operation: str, token: str | None = None, url: str = URL) -> requests.Response:
    body = ENVELOPE.format(web.admin if token is None else token, operation)
    return web.post(url, token=None, data=body.encode(), headers={"Content-Type": "text/xml", "SOAPAction": '""'})


@pytest.fixture(scope="module")
def dictionaries(_web: Web) -> Any:
    """The type as simple-salesforce gives it, over zeep and its WSDL."""
    from simple_salesforce.metadata import SfdcMetadataApi

    api = SfdcMetadataApi(
        session=requests.Session(),
        session_id=_web.admin,
        instance=_web.url,
        metadata_url=f"{_web.url}{URL}/",
        headers={},
        api_version="66.0",
    )
    listed = api.list_metadata([{"type": "SynonymDictionary"}])
    assert [each.fullName for each in listed] == ["_Default", "Kestrel_Terms"]
    assert listed[0].fileName == "synonymDictionaries/_Default.synonymDictionary"
    return api.SynonymDictionary


def test_simple_salesforce_reads_and_changes_them(dictionaries: Any) -> None:
    before = dictionaries.read(["Kestrel_Terms"])
    terms = [list(group.terms) for group in before.groups]
    assert ["ATS", "automatic transfer switch", "transfer switch"] in terms
    before.groups.append({"languages": ["en_US"], "terms": ["<UPS> & co", "battery backup"]})
    dictionaries.update([before])
    after = dictionaries.read(["Kestrel_Terms"])
    assert [list(group.terms) for group in after.groups] == [*terms, ["<UPS> & co", "battery backup"]]


def test_simple_salesforce_creates_upserts_and_deletes_them(dictionaries: Any) -> None:
    made = dictionaries(fullName="Own_Terms", label="Own", groups=[{"languages": ["de"], "terms": ["a", "b"]}])
    dictionaries.create([made])
    with pytest.raises(Exception, match="DUPLICATE_DEVELOPER_NAME"):
        dictionaries.create([made])
    dictionaries.upsert([made])
    dictionaries.delete(["Own_Terms"])
    assert dictionaries.read(["Own_Terms"]).fullName is None
    with pytest.raises(Exception, match="INVALID_CROSS_REFERENCE_KEY"):
        dictionaries.update([made])


@pytest.mark.parametrize(
    ("group", "code"),
    [
        ({"languages": ["en_US"], "terms": ["alone"]}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"languages": ["en_US"], "terms": ["x" * 51, "y"]}, "STRING_TOO_LONG"),
        ({"languages": [], "terms": ["x", "y"]}, "REQUIRED_FIELD_MISSING"),
    ],
)
def test_what_a_group_needs(dictionaries: Any, group: dict[str, list[str]], code: str) -> None:
    with pytest.raises(Exception, match=code):
        dictionaries.upsert([dictionaries(fullName="Wrong_Terms", label="Wrong", groups=[group])])


def test_all_or_none(web: Web) -> None:
    good = '<metadata x:type="SynonymDictionary"><fullName>Good_Terms</fullName><label>Good</label></metadata>'
    bad = good.replace("Good_Terms", "bad name")
    upsert = f'<upsertMetadata xmlns:x="http://www.w3.org/2001/XMLSchema-instance">{good}{bad}</upsertMetadata>'
    together = ENVELOPE.replace(
        "</SessionHeader>", "</SessionHeader><AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>"
    )
    answer = web.post(URL, token=None, data=together.format(web.admin, upsert).encode()).text
    assert "ALL_OR_NONE_OPERATION_ROLLED_BACK" in answer
    read = "<readMetadata><type>SynonymDictionary</type><fullNames>Good_Terms</fullNames></readMetadata>"
    assert 'xsi:nil="true"' in send(web, read).text
    assert "<created>true</created>" in send(web, upsert).text
    assert "<label>Good</label>" in send(web, read).text


LIST = "<listMetadata><queries><type>SynonymDictionary</type></queries></listMetadata>"


def test_the_metadata_api_takes_a_right(web: Web) -> None:
    answer = send(web, LIST, token=web.standard)
    assert answer.status_code == 500
    assert "<faultcode>sf:INSUFFICIENT_ACCESS</faultcode>" in answer.text


@pytest.mark.parametrize(
    ("operation", "token", "url", "code"),
    [
        (LIST, "nonsense", URL, "INVALID_SESSION_ID"),
        (LIST, None, "/services/Soap/m/1.0", "UNSUPPORTED_API_VERSION"),
        ("<deploy/>", None, URL, "INVALID_OPERATION"),
        ("<readMetadata><type>Profile</type></readMetadata>", None, URL, "INVALID_TYPE"),
        ("", None, URL, "UNKNOWN_EXCEPTION"),
    ],
)
def test_faults(web: Web, operation: str, token: str | None, url: str, code: str) -> None:
    answer = send(web, operation, token, url)
    assert answer.status_code == 500
    assert f"<faultcode>sf:{code}</faultcode>" in answer.text


def test_entities_are_refused(web: Web) -> None:
    body = '<!DOCTYPE x [<!ENTITY a "b">]>' + ENVELOPE.format(web.admin, LIST)
    answer = web.post(URL, token=None, data=body.encode())
    assert (answer.status_code, "UNKNOWN_EXCEPTION" in answer.text) == (500, True)
