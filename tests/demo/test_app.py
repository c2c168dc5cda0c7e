"""What every answer of the demo org has in common: sessions, versions, refusals, headers, compression."""

from __future__ import annotations

import gzip
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.demo.conftest import Web


def test_versions_need_no_session_and_use_up_no_request(web: Web) -> None:
    response = web.get("/services/data", token=None)
    assert response.status_code == 200
    assert "Sforce-Limit-Info" not in response.headers
    versions = response.json()
    assert versions[0] == {"label": "Summer '14", "url": "/services/data/v31.0", "version": "31.0"}
    assert versions[-1] == {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"}


@pytest.mark.parametrize("path", ["/services/data/v66.0", "/services/data/v66.0/"])
def test_a_version_lists_its_resources(web: Web, path: str) -> None:
    resources = web.get(path).json()
    assert resources["query"] == "/services/data/v66.0/query"
    assert resources["identity"].startswith(f"{web.url}/id/00D")


@pytest.mark.parametrize("header", [None, "Bearer nonsense", "Bearer ", "Basic YTpi", "nonsense"])
def test_a_request_without_a_valid_session_is_refused(web: Web, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response = web.get("/v/limits", token=None, headers=headers)
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Token"
    assert "Sforce-Limit-Info" not in response.headers
    assert response.json() == [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


def test_the_older_scheme_of_the_header_is_taken(web: Web) -> None:
    response = web.get("/v/limits", token=None, headers={"Authorization": f"OAuth {web.admin}"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/services/data/v66.0/nothing", 404),
        ("/services/data/v67.0/limits", 404),
        ("/services/data/v66.1/limits", 404),
        ("/services/data/viAmABadVersion/limits", 404),
        ("/services/data/v29.0/limits", 410),
        ("/nothing/at/all", 404),
    ],
)
def test_what_does_not_exist(web: Web, path: str, status: int) -> None:
    response = web.get(path)
    assert response.status_code == status
    (error,) = response.json()
    assert error["errorCode"] == ("NOT_FOUND" if status == 404 else "GONE")


def test_a_wrong_method_names_the_right_ones(web: Web) -> None:
    response = web.post("/v/limits", json={})
    assert response.status_code == 405
    assert response.json() == [
        {"message": "HTTP Method 'POST' not allowed. Allowed are GET,HEAD", "errorCode": "METHOD_NOT_ALLOWED"}
    ]


def test_head_is_answered_without_a_body(web: Web) -> None:
    response = web.send("HEAD", "/v/limits")
    assert response.status_code == 200
    assert response.content == b""
    assert int(response.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("body", [b"{", b'{"a": }', b"nonsense", b"[1, 2]", b""])
def test_a_body_that_is_no_json_object_is_refused(web: Web, body: bytes) -> None:
    response = web.post("/v/composite", data=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert response.json()[0]["errorCode"] == "JSON_PARSER_ERROR"


def test_a_parser_error_says_where(web: Web) -> None:
    response = web.post("/v/composite", data=b'{\n "a": x}', headers={"Content-Type": "application/json"})
    message = response.json()[0]["message"]
    assert message.startswith("Unexpected character ('x' (code 120))")
    assert message.endswith("at [line:2, column:7]")


def test_requests_are_counted(web: Web) -> None:
    def used() -> int:
        header = web.get("/v/limits").headers["Sforce-Limit-Info"]
        assert header.startswith("api-usage=")
        return int(header.removeprefix("api-usage=").split("/")[0])

    first = used()
    assert used() == first + 1
    limits = web.get("/v/limits").json()["DailyApiRequests"]
    assert limits["Max"] - limits["Remaining"] == first + 2


def test_limits_have_the_recorded_names(web: Web, sample: Any) -> None:
    recorded = sample("limits-get-limits")["response"]["body"]
    answered = web.get("/v/limits").json()
    assert set(answered) == set(recorded)
    assert all(set(answered[name]) == set(entry) for name, entry in recorded.items())


def test_record_counts(web: Web) -> None:
    counts = web.get("/v/limits/recordCount", params={"sObjects": "User,Nothing,Account"}).json()["sObjects"]
    assert [entry["name"] for entry in counts] == ["Account", "User"]
    assert all(entry["count"] > 0 for entry in counts)


def test_long_answers_are_compressed_for_who_takes_it(web: Web) -> None:
    plain = web.get("/v/limits", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    packed = web.get("/v/limits", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) < len(plain.content)
    assert packed.json().keys() == plain.json().keys()


def test_compressed_requests_are_read(web: Web) -> None:
    entry = {"method": "GET", "url": "/services/data/v66.0/limits", "referenceId": "limits"}
    body = gzip.compress(json.dumps({"compositeRequest": [entry]}).encode())
    response = web.post("/v/composite", data=body, headers={"Content-Encoding": "gzip"})
    assert response.json()["compositeResponse"][0]["httpStatusCode"] == 200
    broken = web.post("/v/composite", data=b"nonsense", headers={"Content-Encoding": "gzip"})
    assert broken.status_code == 400


def test_a_post_can_stand_for_another_method(web: Web) -> None:
    assert web.post("/v/limits?_HttpMethod=GET").status_code == 200


@pytest.mark.parametrize(
    "host", ["attacker.example", "127.0.0.1.attacker.example:80", "", "localhost.attacker.example"]
)
def test_a_foreign_host_name_is_turned_away(web: Web, host: str) -> None:
    assert web.get("/services/data", token=None, headers={"Host": host}).status_code == 421


def test_what_is_too_long_is_refused(web: Web) -> None:
    assert web.get("/v/limits?x=" + "y" * 17_000).status_code == 414
    assert web.get("/v/limits", headers={"X-Long": "y" * 17_000}).status_code == 431


def test_it_listens_on_loopback_alone(web: Web) -> None:
    address = socket.gethostbyname(urlsplit(web.url).hostname or "")
    assert address == "127.0.0.1"


def test_a_user_without_api_access_is_refused(web: Web) -> None:
    web.settings(api_disabled_users=["stan.standard@demo.example"])
    response = web.get("/v/limits", token="standard")
    assert response.status_code == 403
    assert response.json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    assert web.get("/v/limits").status_code == 200


def test_a_deactivated_user_has_no_session(web: Web) -> None:
    web.settings(inactive_users=["stan.standard@demo.example"])
    assert web.get("/v/limits", token="standard").status_code == 401
    web.settings(inactive_users=[])
    assert web.get("/v/limits", token="standard").status_code == 200


def test_the_control_resource_is_not_for_web_pages(web: Web) -> None:
    for header in ({"Origin": "http://attacker.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert web.post("/demo/settings", token=None, json={}, headers=header).status_code == 403


@pytest.mark.parametrize("changes", [{"nothing": 1}, {"soap_login": "no"}, {"access_token_lifetime": True}])
def test_settings_that_make_no_sense_are_refused(web: Web, changes: dict[str, Any]) -> None:
    assert web.post("/demo/settings", token=None, json=changes).status_code == 400


def test_the_journal_names_requests_and_nothing_secret(web: Web) -> None:
    web.get("/v/limits?q=secret")
    web.token(grant_type="refresh_token", refresh_token="secret")
    journal = web.get("/demo/requests", token=None).json()
    assert journal["requests"] == [
        {"method": "GET", "path": "/services/data/v66.0/limits", "status": 200},
        {"method": "POST", "path": "/services/oauth2/token", "status": 400, "grant_type": "refresh_token"},
    ]
    assert web.get("/demo/requests?path=*/limits", token=None).json()["count"] == 1
    assert web.get("/demo/requests?grant_type=refresh_token", token=None).json()["count"] == 1
    assert "secret" not in json.dumps(journal)
    web.send("DELETE", "/demo/requests", token=None)
    assert web.get("/demo/requests", token=None).json()["total"] == 0
