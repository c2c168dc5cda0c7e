"""Faults on demand: what a client meets when a rule strikes, and that rules strike when they should."""

from __future__ import annotations

import threading
import time
import zlib
from typing import Any

import pytest
import requests
import urllib3

from tests.demo.conftest import Web


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("401", 401, "INVALID_SESSION_ID"),
        ("limit", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("concurrent", 403, "REQUEST_LIMIT_EXCEEDED"),
        ("429", 429, "REQUEST_LIMIT_EXCEEDED"),
        ("500", 500, "UNKNOWN_EXCEPTION"),
        ("503", 503, "SERVER_UNAVAILABLE"),
        ("lock", 400, "UNABLE_TO_LOCK_ROW"),
        ("timeout", 400, "QUERY_TIMEOUT"),
        ("locator", 400, "INVALID_QUERY_LOCATOR"),
    ],
)
def test_refusals(web: Web, fault: str, status: int, code: str) -> None:
    web.fault(fault, "*/limits")
    response = web.get("/v/limits")
    assert response.status_code == status
    assert response.json()[0]["errorCode"] == code
    assert web.get("/v/limits").status_code == 200


@pytest.mark.parametrize("fault", ["429", "503"])
def test_when_to_try_again(web: Web, fault: str) -> None:
    web.fault(fault)
    assert web.get("/v/limits").headers["Retry-After"] == "1"


def test_a_page_of_the_edge(web: Web) -> None:
    web.fault("html")
    response = web.get("/v/limits")
    assert response.status_code == 502
    assert response.headers["Content-Type"].startswith("text/html")


def change(web: Web) -> requests.Response:
    return web.post("/demo-marker", json={})


def test_dropped_before_anything_was_done(web: Web) -> None:
    web.fault("drop", "*/token")
    with pytest.raises(requests.ConnectionError):
        web.token(grant_type="client_credentials")
    assert web.org.journal.describe()["requests"][0]["status"] == 0
    assert web.token(grant_type="client_credentials").status_code == 200


def test_dropped_after_it_was_done(web: Web) -> None:
    form = {"client_id": web.org.client_id, "client_secret": web.org.client_secret}
    token = web.token(grant_type="client_credentials").json()["access_token"]
    web.fault("drop_after", "*/revoke")
    with pytest.raises(requests.ConnectionError):
        web.post("/services/oauth2/revoke", token=None, data={"token": token, **form})
    assert web.get("/v/limits", token=token).status_code == 401


def test_half_of_the_body(web: Web) -> None:
    web.fault("cut")
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        web.get("/v/limits", headers={"Accept-Encoding": "identity"})


def test_a_body_that_is_no_json(web: Web) -> None:
    web.fault("badjson")
    response = web.get("/v/limits")
    assert response.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_a_compressed_body_that_ends_early(web: Web) -> None:
    web.fault("truncated_gzip")
    raw = urllib3.PoolManager().request(
        "GET",
        f"{web.url}/services/data/v66.0/limits",
        headers={"Authorization": f"Bearer {web.admin}", "Accept-Encoding": "gzip"},
        decode_content=False,
    )
    assert raw.headers["Content-Encoding"] == "gzip"
    assert len(raw.data) == int(raw.headers["Content-Length"])
    unpacker = zlib.decompressobj(wbits=31)
    unpacker.decompress(raw.data)
    assert not unpacker.eof


def test_a_slow_answer_does_not_hold_up_others(web: Web) -> None:
    web.fault("slow", "*/limits", delay=30)
    slow = threading.Thread(target=lambda: _ignored(web), daemon=True)
    slow.start()
    while not web.org.faults.describe()[0]["done"]:
        time.sleep(0.01)
    assert web.get("/v/limits").status_code == 200
    assert slow.is_alive()


def _ignored(web: Web) -> None:
    with pytest.raises(requests.RequestException):
        web.get("/v/limits", timeout=2)


def test_a_delay_passes(web: Web) -> None:
    web.fault("slow", delay=0.05)
    before = time.monotonic()
    assert web.get("/v/limits").status_code == 200
    assert time.monotonic() - before >= 0.05


def statuses(web: Web, count: int, path: str = "/v/limits") -> list[int]:
    return [web.get(path).status_code for _ in range(count)]


def test_how_often(web: Web) -> None:
    web.fault("500", times=2, skip=1)
    assert statuses(web, 5) == [200, 500, 500, 200, 200]


def test_always(web: Web) -> None:
    web.fault("500", times=None)
    assert statuses(web, 4) == [500] * 4
    assert web.send("DELETE", "/demo/faults", token=None).status_code == 204
    assert statuses(web, 1) == [200]


def test_by_chance_and_repeatably(web: Web) -> None:
    runs = []
    for _ in range(2):
        web.send("DELETE", "/demo/faults", token=None)
        web.fault("500", times=None, rate=0.5, seed=7)
        runs.append(statuses(web, 12))
    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])


def test_which_requests(web: Web) -> None:
    web.fault("500", "*/recordCount", method="GET", times=None)
    assert statuses(web, 1) == [200]
    assert statuses(web, 1, "/v/limits/recordCount?sObjects=User") == [500]
    assert web.post("/v/limits/recordCount").status_code == 405


def test_rules_are_listed_with_what_they_did(web: Web) -> None:
    web.fault("500", "*/limits", skip=1, times=3)
    statuses(web, 2)
    (rule,) = web.get("/demo/faults", token=None).json()
    assert rule["match"] == {"method": "*", "path": "*/limits"}
    assert (rule["seen"], rule["done"]) == (2, 1)


@pytest.mark.parametrize(
    "rule", [{"fault": "nonsense"}, {}, {"fault": "500", "tines": 2}, {"fault": "500", "match": {"x": 1}}]
)
def test_rules_that_make_no_sense(web: Web, rule: dict[str, Any]) -> None:
    assert web.post("/demo/faults", token=None, json=rule).status_code == 400


def test_the_control_resource_meets_no_fault(web: Web) -> None:
    web.fault("500", times=None)
    assert web.get("/demo/faults", token=None).status_code == 200
