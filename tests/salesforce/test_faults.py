"""Salesforce's refusals in every shape that was recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from salesforce_mcp.errors import NetworkError, SalesforceError, SessionError
from salesforce_mcp.salesforce import faults
from salesforce_mcp.salesforce.client import Client
from salesforce_mcp.salesforce.response import Response
from tests.salesforce.scripted import Reply, ScriptedOrg, ok


def refusal(status: int, body: Any, content_type: str = "application/json;charset=UTF-8") -> Exception:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return faults.of_response(Response(status, CaseInsensitiveDict({"Content-Type": content_type}), content))


def test_every_recorded_error_keeps_its_code_and_words(samples: Path) -> None:
    seen = 0
    for path in sorted(samples.glob("*/*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        status, body = case["response"]["status"], case["response"]["body"]
        if not status or status < 400 or not body:
            continue
        first = body[0] if isinstance(body, list) else body
        if not isinstance(first, dict) or "attributes" in first:
            continue
        error = refusal(status, body)
        assert error.code == (first.get("errorCode") or first.get("error")), path.name
        words = first.get("message") or first.get("error_description")
        assert (words or "") in error.message, path.name
        assert error.fields == tuple(first.get("fields") or ()), path.name
        seen += 1
    assert seen > 20


def test_several_errors_are_all_told() -> None:
    error = refusal(
        400,
        [
            {"errorCode": "A", "message": "first", "fields": ["X"]},
            {"errorCode": "B", "message": "second", "fields": ["Y", "X"]},
        ],
    )
    assert error.code == "A"
    assert error.message == "first\nB: second"
    assert error.fields == ("X", "Y")


def test_an_ambiguous_external_id_names_the_records() -> None:
    urls = ["/services/data/v66.0/sobjects/Account/001000000000001AAA", "/x/001000000000002AAA"]
    error = refusal(300, urls)
    assert error.code == "DUPLICATE_EXTERNAL_ID"
    assert "001000000000001AAA, 001000000000002AAA" in error.message


def test_a_web_page_is_not_repeated_to_anybody() -> None:
    error = refusal(500, b"<html><script>alert('secret')</script></html>", "text/html")
    assert error.code == "HTTP_500"
    assert "secret" not in str(error)


def test_an_empty_refusal() -> None:
    assert "without saying why (HTTP 406)" in str(refusal(406, b""))


def test_a_gateway_that_fails_is_a_network_error() -> None:
    error = refusal(503, b"<html>maintenance</html>", "text/html")
    assert isinstance(error, NetworkError)


@pytest.mark.parametrize("body", [{"error": "invalid_session"}, "no", [], [3], None, b"not json"])
def test_a_401_is_a_session_error_whatever_its_body(body: Any) -> None:
    error = refusal(401, body)
    assert isinstance(error, SessionError)
    assert error.hint


@pytest.mark.parametrize(
    "body",
    [[{"errorCode": 7, "message": {"x": 1}, "fields": [1, None]}], [{"message": None, "errorCode": None}], {}, [[]], 5],
)
def test_wrong_types_do_no_harm(body: Any) -> None:
    error = refusal(400, body)
    assert isinstance(error, SalesforceError)
    assert str(error)


def test_endless_words_are_cut_in_the_middle() -> None:
    words = f"Description: data value too large: {'a' * 1_000_000} (max length=32000)"
    told = refusal(400, [{"errorCode": "STRING_TOO_LONG", "message": words}]).message
    assert len(told) < 3_000
    assert told.startswith("Description: data value too large: aaa") and told.endswith("aaa (max length=32000)")


def test_one_records_refusal_under_200(org: ScriptedOrg, client: Client, sample: Callable[[str], Any]) -> None:
    org.on("POST sobjects/Account", ok(sample("errors-success-with-errors")["response"]["body"]))
    with pytest.raises(SalesforceError, match="malformed id") as caught:
        client.post("sobjects/Account", {"Name": "Acme"})
    assert caught.value.code == "MALFORMED_ID"
    assert caught.value.status is None


def test_a_web_page_where_data_was_expected(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", Reply(200, b"<html>log in</html>", {"Content-Type": "text/html"}))
    with pytest.raises(NetworkError, match="web page") as caught:
        client.get("limits")
    assert "org's address" in str(caught.value)


def test_half_an_emoji_does_not_stop_an_answer(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", Reply(200, b'{"a": ["cut \\ud83d", "whole \\ud83d\\ude00"]}'))
    assert client.get("limits") == {"a": ["cut \ufffd", "whole \U0001f600"]}


def test_deep_nesting_is_refused(org: ScriptedOrg, client: Client) -> None:
    org.on("GET limits", Reply(200, b"[" * 100_000))
    with pytest.raises(NetworkError, match="not JSON"):
        client.get("limits")
